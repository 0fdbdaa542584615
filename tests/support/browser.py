"""A real browser, headless, spoken to in the WebDriver protocol; only where one is installed."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def find_browser() -> tuple[str, str] | None:
    """(driver, browser), or None where there is none."""
    driver = shutil.which("chromedriver")
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return (driver, browser) if driver and browser else None


class Browser:
    """One window."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = ""

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def start(self, browser: str, profile: Path, *options: str) -> None:
        arguments = [*_OPTIONS, f"--user-data-dir={profile}", *options]
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"}}
        wanted["goog:chromeOptions"] = {"binary": browser, "args": arguments}
        self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def of(self, method: str, path: str, body: object = None) -> Any:
        return self.call(method, f"/session/{self.session}{path}", body)

    def open(self, path: Path) -> None:
        self.of("POST", "/url", {"url": path.as_uri()})

    def run(self, script: str) -> Any:
        return self.of("POST", "/execute/sync", {"script": script, "args": []})

    def press(self, key: str) -> None:
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.of("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def find(self, selector: str) -> str:
        return str(self.of("POST", "/element", {"using": "css selector", "value": selector})[_ELEMENT])

    def label(self, selector: str) -> str:
        """The name that a screen reader says."""
        return str(self.of("GET", f"/element/{self.find(selector)}/computedlabel"))

    def role(self, selector: str) -> str:
        return str(self.of("GET", f"/element/{self.find(selector)}/computedrole"))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.of("POST", "/se/log", {"type": "browser"})]


@contextlib.contextmanager
def browsing(profile: Path, *options: str) -> Iterator[Browser]:
    """A window that is closed again."""
    found = find_browser()
    assert found is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen([found[0], f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    window = Browser(f"http://127.0.0.1:{port}")
    try:
        for _ in range(100):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                window.call("GET", "/status")
                break
            time.sleep(0.1)
        window.start(found[1], profile, *options)
        yield window
    finally:
        if window.session:
            with contextlib.suppress(urllib.error.URLError):
                window.of("DELETE", "")
        driver.terminate()
        driver.wait()

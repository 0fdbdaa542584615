"""The ways a push reaches a server: http through `git http-backend`, ssh through a stand-in for sshd."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from support.pushes import Server

_STAND_IN = """#!{python}
import os, shlex, sys
words = [one for one in sys.argv[1:] if not one.startswith("-")]
os.execvp("git", ["git", "shell", "-c", " ".join(words[1:])] if words[1:] else ["false"])
"""


@contextmanager
def served_over(transport: str, server: Server) -> Iterator[None]:
    """`file`, `http` or `ssh`."""
    if transport == "file":
        yield
        return
    with {"http": served_over_http, "ssh": stand_in_for_ssh}[transport](server):
        yield


@contextmanager
def stand_in_for_ssh(server: Server) -> Iterator[None]:
    """What sshd does with git's command, without a network: the login shell of a git account runs it."""
    program = server.client.path.parent / "ssh"
    program.write_text(_STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    server.client.environment["GIT_SSH_COMMAND"] = str(program)
    server.client.environment["GIT_SSH_VARIANT"] = "simple"
    server.url = f"ssh://git@server{server.bare.path}"
    yield


@contextmanager
def served_over_http(server: Server) -> Iterator[None]:
    """`git http-backend` under a small server on this machine."""
    folder, environment = server.bare.path.parent, server.bare.environment

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            variables = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "REMOTE_USER": "ada",
                "REMOTE_ADDR": "127.0.0.1",
            }
            if "Content-Encoding" in self.headers:
                variables["HTTP_CONTENT_ENCODING"] = self.headers["Content-Encoding"]
            if "Git-Protocol" in self.headers:
                variables["GIT_PROTOCOL"] = self.headers["Git-Protocol"]
            done = subprocess.run(
                ["git", "http-backend"],
                input=self.body(),
                env={**environment, **variables},
                capture_output=True,
                check=False,
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n") if b": " in line)
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            return b"".join(parts)

        def log_message(self, format: str, *arguments: object) -> None:
            if os.environ.get("GITMIG_TEST_HTTP"):
                super().log_message(format, *arguments)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{running.server_port}/{server.bare.path.name}"
        server.client.environment["no_proxy"] = "127.0.0.1"
        try:
            yield
        finally:
            running.shutdown()

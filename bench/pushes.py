#!/usr/bin/env python3
"""Push every scenario to a real server over file, http and ssh, in both object formats; count what is refused.

    python bench/pushes.py [--transports file,http,ssh] [--formats sha1,sha256] [--sshd PATH] [--only WORDS]
                           [--speed REPOSITORY]

With --sshd (as root) ssh is OpenSSH on this machine, with a key made for the run; without it a stand-in runs the
command that ssh would run.  --speed measures the hook on one push of the last commit of `main` of a repository such as
bench/speed.py makes.  Exit status 1 if any push ended otherwise than it should.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.push_scenarios import ACCEPTED, PAIRS  # noqa: E402
from support.push_transports import served_over  # noqa: E402
from support.pushes import Push, Server  # noqa: E402

PROGRAM = Path(sys.executable).parent / "gitmig"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transports", default="file,http,ssh")
    parser.add_argument("--formats", default="sha1,sha256")
    parser.add_argument("--sshd", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--speed", type=Path)
    options = parser.parse_args()
    if options.speed:
        return measure(options.speed)
    pushes = [(f"{name}: refused", pair[0]) for name, pair in PAIRS.items()]
    pushes += [(f"{name}: twin", pair[1]) for name, pair in PAIRS.items()] + list(ACCEPTED.items())
    pushes = [(name, push) for name, push in pushes if options.only in name]
    wrong = 0
    with sshd_at(options.sshd) as real:
        for transport in options.transports.split(","):
            for object_format in options.formats.split(","):
                refused = accepted = 0
                for name, push in pushes:
                    fault = fault_of(push, transport, object_format, real)
                    if fault:
                        wrong += 1
                        print(f"WRONG {transport} {object_format} {name}: {fault}", flush=True)
                    refused += not push.accepted and not fault
                    accepted += push.accepted and not fault
                how = f"{transport} (sshd)" if transport == "ssh" and real else transport
                print(f"{how:12} {object_format:7} refused {refused:3}  accepted {accepted:3}", flush=True)
    return int(wrong > 0)


def fault_of(push: Push, transport: str, object_format: str, real: RealSsh | None) -> str:
    """What was other than it should be, "" if nothing."""
    folder = Path(tempfile.mkdtemp(prefix="gitmig-push-"))
    try:
        server = Server(folder, push, object_format=object_format)
        before = server.refs()
        with real.serving(server) if real and transport == "ssh" else served_over(transport, server):
            done = server.push(*push.refs)
        said = done.stderr.replace("        \nremote:     ", " ")
        if (done.returncode == 0) != push.accepted:
            return f"git push ended with {done.returncode}\n{done.stderr}"
        if not push.accepted and server.refs() != before:
            return "refused, and yet a ref moved"
        missing = [words for words in push.says if words not in said]
        if missing or "Traceback" in said or "bug in gitmig" in said:
            return f"not said: {missing}\n{done.stderr}"
        return ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RealSsh:
    """OpenSSH on a port of this machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @contextlib.contextmanager
    def serving(self, server: Server) -> Iterator[None]:
        command = f"ssh -q -i {self.folder}/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        server.client.environment["GIT_SSH_COMMAND"] = command
        server.url = f"ssh://root@127.0.0.1:{self.port}{server.bare.path}"
        yield


@contextlib.contextmanager
def sshd_at(program: Path | None) -> Iterator[RealSsh | None]:
    if program is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="gitmig-sshd-"))
    folder.chmod(0o700)
    port = 20_000 + os.getpid() % 20_000
    for key in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    shutil.copy(folder / "key.pub", folder / "authorized")
    settings = {
        "Port": str(port),
        "ListenAddress": "127.0.0.1",
        "HostKey": str(folder / "host"),
        "AuthorizedKeysFile": str(folder / "authorized"),
        "PidFile": str(folder / "pid"),
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "MaxStartups": "100",
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    Path("/run/sshd").mkdir(exist_ok=True)
    running = subprocess.Popen([str(program), "-D", "-e", "-q", "-f", str(folder / "config")])
    time.sleep(1)
    try:
        yield RealSsh(folder, port)
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def measure(source: Path) -> int:
    """CPU seconds and memory of the hook for the last commit of main, the best of five."""
    with tempfile.TemporaryDirectory(prefix="gitmig-push-") as folder:
        bare = Path(folder) / "served.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", "--shared", str(source), str(bare)], check=True)
        subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=bare, check=True)
        old, new = (
            subprocess.run(["git", "rev-parse", name], cwd=bare, check=True, capture_output=True, text=True).stdout[:-1]
            for name in ("main~1", "main")
        )
        best = 1e9
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [str(PROGRAM), "serve-hook", "pre-receive"],
                cwd=bare,
                env={**os.environ, "GIT_DIR": "."},
                input=f"{old} {new} refs/heads/main\n",
                text=True,
                capture_output=True,
                check=False,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        print(f"{source.name}: exit {done.returncode}, {best:.2f} s of CPU, {after.ru_maxrss >> 10} MB")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())

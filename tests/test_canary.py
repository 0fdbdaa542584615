"""Nothing that gitmig reads is run: a canary in every kind of file, and a tripwire on what Python does.

The canaries write a file when they are run.  The tripwire is an audit hook: it sees every module that is imported or
compiled from the repository, and every process that is started, and allows git alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.histories import History

Make = Callable[..., History]

TRIPWIRE = """
import os, sys
ROOT = os.path.realpath(sys.argv[1])
tripped = []

def watch(event, arguments):
    if event == "exec":
        name = getattr(arguments[0], "co_filename", "")
        caller = sys._getframe(1).f_code.co_filename  # namedtuple and dataclass of the library run text of their own
        by_library = caller.endswith(("/collections/__init__.py", "/dataclasses.py")) and not caller.startswith(ROOT)
        made = name[:1] == "<" and name[:8] != "<frozen " and not by_library
        if made or (name[:1] != "<" and os.path.realpath(name).startswith(ROOT)):
            tripped.append(f"{event} {name} {caller}")
    elif event == "compile":
        source, name = arguments
        if isinstance(name, str) and name[:1] != "<" and os.path.realpath(name).startswith(ROOT):
            tripped.append(f"{event} {name}")
    elif event == "import" and arguments[0].partition(".")[0] in PROJECT:
        tripped.append(f"{event} {arguments[0]}")
    elif event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
        program = arguments[0] if event != "subprocess.Popen" else arguments[0] or arguments[1][0]
        if os.path.basename(os.fsdecode(program)) != "git":
            tripped.append(f"{event} {arguments}")
    elif event in ("os.system", "socket.connect", "socket.getaddrinfo", "ctypes.dlopen", "pickle.find_class"):
        tripped.append(f"{event} {arguments}")

PROJECT = {"shop", "migrations", "env", "conftest", "sitecustomize", "usercustomize", "canary"}
from gitmig.entry import main
import gitmig.cli
sys.addaudithook(watch)
try:
    status = main(sys.argv[2:])
finally:
    import json
    print("TRIPPED " + json.dumps(tripped), file=sys.stderr)
sys.exit(status)
"""


def canary(song: Path, name: str) -> str:
    """Python that leaves a trace as soon as it is run."""
    return f"open({str(song)!r}, 'a').write({name + ';'!r})\n"


def planted(song: Path) -> dict[str, str]:
    """A project in which every file that gitmig could read sings."""

    def sing(name: str) -> str:
        return canary(song, name)

    line = sing("ini").strip()
    return {
        "alembic.ini": (
            "[alembic]\nscript_location = migrations\nprepend_sys_path = .\nsqlalchemy.url = canary://x\n"
            f"[post_write_hooks]\nhooks = sing\nsing.type = exec\nsing.executable = touch {song}\n"
            "[loggers]\nkeys = root\n[handlers]\nkeys = console\n[formatters]\nkeys = generic\n"
            "[logger_root]\nlevel = WARN\nhandlers = console\nqualname =\n"
            f"[handler_console]\nclass = {line}\nargs = ({line},)\nformatter = generic\n"
            f"[formatter_generic]\nformat = {line.replace('%', '%%')}\n"
        ),
        "migrations/env.py": sing("env.py") + "from shop.models import Base\ntarget_metadata = Base.metadata\n",
        "migrations/__init__.py": sing("migrations"),
        "migrations/versions/__init__.py": sing("versions"),
        "migrations/script.py.mako": f"<%\n{sing('mako')}%>\n<%! {line} %>\n${{{line}}}\n",
        "migrations/versions/a1_first.py": (
            sing("revision")
            + 'import shop.helper\nfrom alembic import op\nrevision = "a1"\ndown_revision = None\n'
            + f'@({line})\ndef upgrade(x={line}):\n    {line}\n    op.execute(f"{{{line}}}")\n\n\n'
            + f"def downgrade() -> {line}:\n    {line}\n"
        ),
        "migrations/versions/computed.py": f"revision = str({line})\ndown_revision = 'a1'\n",
        "shop/__init__.py": sing("shop"),
        "shop/helper.py": sing("helper"),
        "shop/models.py": (
            sing("models")
            + "from sqlalchemy import Column, Enum, String\nfrom sqlalchemy.orm import DeclarativeBase, Mapped\n"
            + "from sqlalchemy.orm import mapped_column\nimport enum\n\n\nclass Base(DeclarativeBase):\n    pass\n\n\n"
            + f"class Kind(enum.Enum):\n    A = {line}\n    B = [x for x in [{line}]][0]\n\n\n"
            + "class Book(Base):\n    __tablename__ = 'books'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
            + f"    kind = Column(Enum(Kind))\n    title = Column(String(len(str({line}))), default={line})\n"
            + f"    __table_args__ = ({line},)\n\n\nclass Evil(type({line!r}, (), {{}})):\n    pass\n"
        ),
        "conftest.py": sing("conftest"),
        "setup.py": sing("setup.py"),
        "sitecustomize.py": sing("sitecustomize"),
        "usercustomize.py": sing("usercustomize"),
        "alembic.py": sing("a module that shadows alembic"),
        "sqlalchemy.py": sing("a module that shadows sqlalchemy"),
        "ast.py": sing("a module that shadows ast"),
        "canary.pth": f"import os; {line}\n",
        "pyproject.toml": (
            '[project]\nname = "shop"\n[build-system]\nrequires = []\nbuild-backend = "canary"\n'
            '[tool.alembic]\nscript_location = "migrations"\n[tool.gitmig]\npython = "./python"\n'
        ),
        "python": f"#!/bin/sh\ntouch {song}\n",
        ".gitattributes": "*.py filter=sing diff=sing merge=sing\n",
        ".pre-commit-config.yaml": f"repos: [{{repo: local, hooks: [{{id: x, entry: touch {song}}}]}}]\n",
        ".gitmig/waivers/a.waiver": f"code: GM201\nrevision: a1\nreason: {line}\n",
    }


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return tmp_path / "the-canary-sang"


@pytest.fixture
def cage(make_history: Make, song: Path) -> History:
    """The project on main and, edited, on work; git is told to run things, too."""
    files = planted(song)
    edited = {
        "migrations/versions/a1_first.py": files["migrations/versions/a1_first.py"] + canary(song, "edited"),
        "migrations/versions/b2_second.py": files["migrations/versions/a1_first.py"].replace(
            'revision = "a1"\ndown_revision = None', 'revision = "b2"\ndown_revision = "a1"'
        ),
        "shop/models.py": files["shop/models.py"] + "    x = Column(String)\n",
    }
    history = make_history([("main", files), ("work < main", edited)])
    for name in ("diff.external", "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "gpg.program"):
        history.git("config", name, f"touch {song}")
    for name in ("filter.sing.clean", "filter.sing.smudge", "diff.sing.textconv", "diff.sing.command"):
        history.git("config", name, f"touch {song}; cat")
    history.git("config", "log.showSignature", "true")
    history.git("config", "alias.diff-index", f"!touch {song}")
    return history


def staged(cage: History) -> None:
    """The change of work in the index, without asking git to run its filters."""
    cage.git("read-tree", "work")


COMMANDS = {
    "check, staged": ("check",),
    "check, the whole tree": ("check", "--all"),
    "check, a commit": ("check", "--rev", "work", "--base", "main"),
    "check, every rule of schema": ("check", "--rev", "work", "--base", "main", "--no-cache", "--select", "GM"),
    "heads": ("heads",),
    "heads of a commit": ("heads", "--rev", "work"),
    "doctor": ("doctor",),
    "explain": ("explain", "GM201"),
    "waive": ("waive", "GM001", "migrations/versions/computed.py", "--reason", "x"),
    "the hook before a commit": ("hook", "pre-commit"),
    "the hook before a merge commit": ("hook", "pre-merge-commit"),
    "the hook after a checkout": ("hook", "post-checkout", "HEAD", "HEAD", "1"),
    "the hook after a merge": ("hook", "post-merge", "0"),
}


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in COMMANDS.items()])
def test_nothing_is_run(cage: History, song: Path, words: tuple[str, ...]) -> None:
    staged(cage)
    song.unlink(missing_ok=True)
    done = run(cage, *words)
    assert not song.exists(), song.read_text()
    assert tripped(done) == []
    assert done.returncode in (0, 1, 2, 3), done.stderr
    assert "Traceback" not in done.stderr


def test_the_files_are_really_read(cage: History) -> None:
    """Else the canaries would be silent for a poor reason."""
    done = run(cage, "check", "--rev", "work", "--base", "main", "--format", "json")
    found = {one["code"] for one in json.loads(done.stdout)["findings"]}
    assert "GM201" in found


def test_modules_beside_the_project_are_not_taken_for_the_library_s(cage: History, song: Path) -> None:
    """`gitmig` as people start it: the folder it stands in is not on its path."""
    song.unlink(missing_ok=True)
    done = cage.run("gitmig", "check", "--all", status=None)
    assert not song.exists()
    assert done.returncode in (1, 3)


@pytest.mark.parametrize("trap", ["env", "sing", "spawn"])
def test_the_tripwire_itself_trips(cage: History, song: Path, tmp_path: Path, trap: str) -> None:
    """What the test above would look like if it were otherwise."""
    staged(cage)
    acts = {
        "env": f"sys.path.insert(0, {str(cage.path)!r}); import conftest",
        "sing": f"exec(compile(open({str(cage.path / 'conftest.py')!r}).read(), '<source>', 'exec'))",
        "spawn": "import subprocess; subprocess.run(['true'])",
    }
    song.unlink(missing_ok=True)
    code = TRIPWIRE.replace("status = main(sys.argv[2:])", f"{acts[trap]}; status = 0")
    done = start(cage, code, "check")
    assert tripped(done) != []
    assert song.exists() == (trap != "spawn")


def run(cage: History, *words: str) -> subprocess.CompletedProcess[str]:
    return start(cage, TRIPWIRE, *words)


def start(cage: History, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    script = cage.home / "tripwire.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, str(script), str(cage.path), *words],
        cwd=cage.path,
        env={**cage.environment, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def tripped(done: subprocess.CompletedProcess[str]) -> list[str]:
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("TRIPPED ")]
    found: list[str] = json.loads(line.removeprefix("TRIPPED "))
    return found

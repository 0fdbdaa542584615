"""The one place that starts git: argv lists, bytes in and out, an environment that cannot bend a verdict."""

from __future__ import annotations

import os

from gitmig.errors import EnvironmentProblem, UsageError
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO, Protocol

    class Process(Protocol):
        """What `Conversation` needs of a running process."""

        def wait(self) -> int: ...


OLDEST_GIT = (2, 30)

# What a repository or a user may have set and what must not reach a verdict (RELIABILITY 2.2, E30, E57).
_UNSET = frozenset(
    (
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_REPLACE_REF_BASE",
        "GIT_CURL_VERBOSE",
        "GIT_PAGER_IN_USE",
    )
)
_SET = {
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,  # unset would read info/grafts
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.39.4 does not know GIT_NO_LAZY_FETCH
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
}
_CONFIG = (
    b"-c", b"core.fsmonitor=false",  # may name a program to run
    b"-c", b"core.quotePath=false",
    b"-c", b"diff.orderFile=/dev/null",  # a file that is missing is fatal to `git log`, and so is an empty name
    b"-c", b"log.showSignature=false",  # runs a program too
    b"-c", b"color.ui=false",
)  # fmt: skip

# What git in another repository may see: the list of pre-commit's `no_git_env`, and where configuration lies.
_SAFE_ELSEWHERE = frozenset(
    (
        "GIT_EXEC_PATH",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
        "GIT_CONFIG_COUNT",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_ASKPASS",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
    )
)
_PATHS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")


class Answer(Frozen):
    """What one git process left: exit status, standard output, standard error."""

    status: int
    output: bytes
    errors: bytes


class Git:
    """Runs git for one repository and keeps count.

    `Git()` is the repository that the process stands in, found as git finds it: variables that a hook was given
    (GIT_DIR, GIT_INDEX_FILE, quarantine) are kept.  `Git(directory)` means `git -C directory`.
    `Git.elsewhere(directory)` is a repository that has nothing to do with this one.
    """

    def __init__(self, directory: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.environment = hardened(os.environ if environment is None else environment)
        self.processes: list[tuple[str, ...]] = []
        self.top: str | None = None  # of the worktree, once `open_repository` has asked

    @classmethod
    def elsewhere(cls, directory: str) -> Git:
        """Git in a repository other than the one that this process serves; a hook's environment does not reach it."""
        return cls(directory, scrubbed(os.environ))

    def at(self, directory: str) -> Git:
        """The same repository seen from another directory, counted together; paths in the environment stay valid."""
        moved = Git(directory, self.environment)
        moved.processes = self.processes
        here = self.directory or os.getcwd()
        for name in _PATHS:
            value = moved.environment.get(name)
            if value and not os.path.isabs(value):
                moved.environment[name] = os.path.join(here, value)
        return moved

    @property
    def started(self) -> int:
        """How many git processes were started so far."""
        return len(self.processes)

    def run(
        self,
        *arguments: str,
        input: bytes | None = None,
        accept: Sequence[int] = (0,),
        environment: Mapping[str, str | None] | None = None,
    ) -> bytes:
        """Standard output of one git command; raises a GitmigError when its exit status is not one of `accept`.

        `environment` adds variables for this command, None takes one away.
        """
        answer = self.ask(*arguments, input=input, environment=environment)
        if answer.status not in accept:
            from gitmig.repo.failures import explain

            raise explain(arguments, answer.status, answer.errors, self)
        return answer.output

    def ask(
        self, *arguments: str, input: bytes | None = None, environment: Mapping[str, str | None] | None = None
    ) -> Answer:
        """One git command to its end, whatever its exit status."""
        self.processes.append(arguments)
        argv = self._argv(arguments)
        variables = _with(self.environment, environment)
        try:
            return _run_light(argv, variables, input)
        except _NotHere:
            return _run_anywhere(argv, variables, input)

    def converse(self, *arguments: str) -> Conversation:
        """A git command that stays, to be asked many times."""
        self.processes.append(arguments)
        argv = self._argv(arguments)
        try:
            return _converse_light(argv, self.environment)
        except _NotHere:
            return _converse_anywhere(argv, self.environment)

    def version(self) -> tuple[int, ...]:
        """Version of the git program, such as (2, 39, 5)."""
        return parse_version(self.run("version"))

    def require_version(self) -> tuple[int, ...]:
        """The version, or an error when it is older than what gitmig was built for."""
        found = self.version()
        if found < OLDEST_GIT:
            raise EnvironmentProblem(
                f"git {'.'.join(map(str, found))} is too old: gitmig needs {'.'.join(map(str, OLDEST_GIT))} or newer"
            )
        return found

    def _argv(self, arguments: Sequence[str]) -> list[bytes]:
        """Arguments are paths and names of the repository: UTF-8 whatever the locale says, other bytes as they came."""
        where = [] if self.directory is None else [b"-C", os.fsencode(self.directory)]
        words = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
        for word in words:
            if b"\0" in word:
                raise UsageError(f"a name cannot hold a null byte: {word.decode('utf-8', 'replace')!r}")
        return [b"git", *where, *_CONFIG, *words]


class Conversation:
    """Pipes to and from a git process that stays.

    The caller never sends more than 4,096 bytes before it reads the answers, so neither side waits for the other.
    """

    def __init__(self, process: Process, requests: int, answers: IO[bytes], complaints: int) -> None:
        self.process = process
        self.requests = requests
        self.answers = answers
        self._complaints = complaints
        self.status: int | None = None
        self.errors = b""

    def send(self, data: bytes) -> bool:
        """Write a request; False when the process is gone."""
        try:
            while data:
                data = data[os.write(self.requests, data) :]
        except BrokenPipeError:
            return False
        return True

    def end(self) -> int:
        """Close both pipes, also in the middle of an answer, and wait: the exit status; `errors` is what it said."""
        if self.status is not None:
            return self.status
        os.close(self.requests)
        self.answers.close()
        self.status = self.process.wait()
        self.errors = _read_whole(self._complaints)
        return self.status


def hardened(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for git in the repository that it describes; what could bend an answer is overridden."""
    kept = {
        name: value for name, value in environment.items() if name not in _UNSET and not name.startswith("GIT_TRACE")
    }
    kept.update(_SET)
    return kept


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for git in any other repository: there a hook's GIT_INDEX_FILE would damage the outer commit."""
    return {name: value for name, value in environment.items() if not name.startswith("GIT_") or _is_safe(name)}


def parse_version(text: bytes) -> tuple[int, ...]:
    """`git version 2.39.5 (Apple Git-154)` -> (2, 39, 5)."""
    words = text.decode("utf-8", "replace").split()
    numbers = []
    for part in (words[2] if len(words) > 2 else "").split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _is_safe(name: str) -> bool:
    return name in _SAFE_ELSEWHERE or name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))


def _with(environment: dict[str, str], changed: Mapping[str, str | None] | None) -> dict[str, str]:
    if not changed:
        return environment
    merged: dict[str, str | None] = {**environment, **changed}
    return {name: value for name, value in merged.items() if value is not None}


# Two ways to start a process.  `import subprocess` costs 13 ms of CPU, five times what git itself needs for an answer
# (bench: `python -c pass` 13.0, this way 13.1, `import subprocess` 26.5), so POSIX systems use posix_spawn.


class _NotHere(Exception):
    """This system lacks what the light way needs."""


class _Spawned:
    """A process started by posix_spawn."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        os.kill(self.pid, 9)


def _run_light(argv: list[bytes], environment: dict[str, str], input: bytes | None) -> Answer:
    """Only the output is a pipe; input and errors are files without a name, so neither side can wait for the other."""
    opened: list[int] = []
    try:
        complaints = _nameless_file(opened)
        source = None if input is None else _nameless_file(opened)
        if source is not None:
            _write_whole(source, input or b"")
        reading, writing = os.pipe()
        opened += (reading, writing)
        process = _spawn(argv, environment, source, writing, complaints)
        os.close(writing)
        opened.remove(writing)
        try:
            output = _read_all(reading)
        except BaseException:
            process.kill()
            process.wait()
            raise
        status = process.wait()
        opened.remove(complaints)
        return Answer(status, output, _read_whole(complaints))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _converse_light(argv: list[bytes], environment: dict[str, str]) -> Conversation:
    opened: list[int] = []
    try:
        complaints = _nameless_file(opened)
        asked, asking = os.pipe()
        opened += (asked, asking)
        reading, writing = os.pipe()
        opened += (reading, writing)
        process = _spawn(argv, environment, asked, writing, complaints)
    except BaseException:
        for descriptor in opened:
            os.close(descriptor)
        raise
    os.close(asked)
    os.close(writing)
    return Conversation(process, asking, open(reading, "rb", buffering=65536), complaints)


def _spawn(argv: list[bytes], environment: dict[str, str], input: int | None, output: int, errors: int) -> _Spawned:
    empty = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    actions = [
        empty if input is None else (os.POSIX_SPAWN_DUP2, input, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, errors, 2),
    ]
    try:
        # Python ignores SIGPIPE (13) and the child would inherit that.
        return _Spawned(os.posix_spawnp(argv[0], argv, environment, file_actions=actions, setsigdef=(13,)))
    except (FileNotFoundError, PermissionError) as error:
        raise _no_git(error) from error


def _nameless_file(opened: list[int]) -> int:
    if not hasattr(os, "posix_spawnp"):
        raise _NotHere
    try:
        descriptor = _memory_file()
    except OSError as error:  # a read-only or full disk: pipes and threads do it too
        raise _NotHere from error
    opened.append(descriptor)
    return descriptor


def _memory_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("gitmig")
    path = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"gitmig-{os.urandom(12).hex()}")  # noqa: S108  (random, O_EXCL, unlinked at once)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.unlink(path)
    return descriptor


def _write_whole(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)


def _read_whole(descriptor: int) -> bytes:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return _read_all(descriptor)
    finally:
        os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 17):
        parts.append(part)
    return b"".join(parts)


def _run_anywhere(argv: list[bytes], environment: dict[str, str], input: bytes | None) -> Answer:
    import subprocess

    source = subprocess.DEVNULL if input is None else None
    try:
        done = subprocess.run(
            _words(argv), env=environment, capture_output=True, check=False, stdin=source, input=input, text=False
        )
    except (FileNotFoundError, PermissionError) as error:
        raise _no_git(error) from error
    return Answer(done.returncode, done.stdout, done.stderr)


def _converse_anywhere(argv: list[bytes], environment: dict[str, str]) -> Conversation:
    import subprocess
    import tempfile

    complaints = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the conversation)
    try:
        process = subprocess.Popen(
            _words(argv), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, bufsize=0
        )
    except (FileNotFoundError, PermissionError) as error:
        raise _no_git(error) from error
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  (what PIPE means)
    requests, answers = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
    process.stdin.close()
    process.stdout.close()
    errors = os.dup(complaints.fileno())
    complaints.close()
    return Conversation(process, requests, open(answers, "rb", buffering=65536), errors)


def _words(argv: list[bytes]) -> list[bytes] | list[str]:
    """Windows takes text; there the file system's encoding is UTF-8 with surrogates, as ours is."""
    return [os.fsdecode(word) for word in argv] if os.name == "nt" else argv


def _no_git(error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"cannot start git: {error.strerror}", note="gitmig reads everything through git; it looked on PATH"
    )

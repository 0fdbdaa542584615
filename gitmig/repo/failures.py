"""What git says when it fails -> one error that the user can act on."""

from __future__ import annotations

from gitmig.errors import CannotDecide, EnvironmentProblem, GitmigError, UsageError
from gitmig.findings import Help

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.repo.plumbing import Git


class GitFailed(EnvironmentProblem):
    """Git failed in a way that has no sentence of its own; `status` of git and its words are in the message."""


def explain(arguments: Sequence[str], status: int, errors: bytes, git: Git) -> GitmigError:
    """The error for a git command that ended with `status` and wrote `errors`."""
    text = errors.decode("utf-8", "replace")
    for phrase, sentence in _SENTENCES:
        if phrase in text:
            return sentence(_line_with(phrase, text), text, git)
    if status == 129:  # an option that this git does not know
        from gitmig.repo.plumbing import OLDEST_GIT, parse_version

        found = parse_version(git.ask("version").output)
        if found and found < OLDEST_GIT:
            return _too_old(found, OLDEST_GIT)
    return GitFailed(f"git {arguments[0]} failed with status {status}: {_first_line(text)}")


def _not_a_repository(line: str, _text: str, git: Git) -> GitmigError:
    import os

    where = git.directory or os.getcwd()
    return UsageError(
        f"not a Git repository: {where}",
        note=line,
        help=(Help("run gitmig inside a repository, or make this one", ("git init",)),),
    )


def _dubious_ownership(line: str, text: str, _git: Git) -> GitmigError:
    """Git prints the path that it wants, quoted where a shell needs that; say it as git says it."""
    advice = [part.strip() for part in text.splitlines() if part.strip().startswith("git config ")]
    return EnvironmentProblem(
        line,
        note="git reads no repository that another user owns: its configuration can name programs to run",
        help=(Help("if you trust the owner", tuple(advice[:1]) or ("git config --global --add safe.directory PATH",)),),
    )


def _unknown_extension(_line: str, text: str, git: Git) -> GitmigError:
    version = git.ask("version").output.decode("utf-8", "replace").strip()
    names = (
        [part.strip() for part in text.split("found:", 1)[-1].splitlines() if part.strip()] if "found:" in text else []
    )
    what = f"this git cannot read the repository: {_first_line(text)} {', '.join(names)}".rstrip()
    return EnvironmentProblem(
        what, note=f"{version} is older than the repository's format", help=(Help("install a newer git"),)
    )


def _locked(line: str, _text: str, _git: Git) -> GitmigError:
    return EnvironmentProblem(
        f"another program holds a lock: {line}",
        note="nothing was changed; a git that was killed leaves its lock behind",
        help=(Help("wait for the other program; remove the file only when no git runs any more"),),
    )


def _missing_objects(line: str, _text: str, _git: Git) -> GitmigError:
    return CannotDecide(
        f"objects are missing: {line}",
        note="a shallow or partial clone, or a damaged repository; gitmig never fetches on its own",
        help=(
            Help("fetch the history", ("git fetch --unshallow", "git fetch --refetch")),
            Help("look for damage", ("git fsck",)),
        ),
    )


def _damaged_index(line: str, _text: str, _git: Git) -> GitmigError:
    return EnvironmentProblem(
        f"cannot read the index: {line}", help=(Help("build it again from HEAD", ("git read-tree HEAD",)),)
    )


def _too_old(found: tuple[int, ...], oldest: tuple[int, ...]) -> GitmigError:
    return EnvironmentProblem(f"git {_dotted(found)} is too old: gitmig needs {_dotted(oldest)} or newer")


_SENTENCES = (
    ("dubious ownership", _dubious_ownership),
    ("not a git repository", _not_a_repository),
    ("unknown repository extension", _unknown_extension),
    ("Expected git repo version", _unknown_extension),
    (".lock': File exists", _locked),
    ("cannot lock ref", _locked),
    ("from promisor remote", _missing_objects),
    ("bad object", _missing_objects),
    ("unable to read tree", _missing_objects),
    ("Could not read", _missing_objects),
    ("missing object", _missing_objects),
    ("not a tree object", _missing_objects),
    ("index file", _damaged_index),
    ("bad signature", _damaged_index),
)


def _line_with(phrase: str, text: str) -> str:
    return _plain(next(line for line in text.splitlines() if phrase in line))


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    chosen = next((line for line in lines if line.startswith("fatal:")), lines[0] if lines else "it said nothing")
    return _plain(chosen)


def _plain(line: str) -> str:
    for word in ("fatal: ", "error: "):
        line = line.removeprefix(word)
    return line.strip()


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))

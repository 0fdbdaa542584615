"""`gitmig hook EVENT`: what each Git event asks.  `pre-` events decide, `post-` events only tell and never fail."""

from __future__ import annotations

import os
import sys

from gitmig.errors import CLEAN, CannotDecide, GitmigError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from gitmig.repo.plumbing import Git
    from gitmig.revisions.graph import RevisionGraph

_NULL_CHARACTERS = {"0"}
_UNCHECKED_REFS = ("refs/tags/", "refs/notes/")
_SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """`arguments` are the event and what Git gave the hook; the exit status is the hook's."""
    event, *given = arguments or ("",)
    if event in _DECIDING:
        return _decide(event, given)
    if event in _TELLING:
        return _tell(event, given)
    raise UsageError(
        f"unknown hook event {event!r}" if event else "gitmig hook needs the name of a Git event",
        note=f"known are {', '.join((*_DECIDING, *_TELLING))}",
    )


def _decide(event: str, given: Sequence[str]) -> int:
    try:
        return _DECIDING[event](given)
    except CannotDecide as error:
        if _place() == "ci":
            raise
        _say(f"gitmig: not decided, so this is not refused: {error.what}")
        return CLEAN


def _tell(event: str, given: Sequence[str]) -> int:
    """What Git did is done: a failing report must not look as if Git had failed, and breaks `git worktree add`."""
    try:
        _TELLING[event](given or _arguments_of_pre_commit(event))
    except GitmigError as error:
        _say(f"gitmig: nothing to report after this command: {error.what}")
    except Exception as error:
        _say(f"gitmig: the {event} hook has a bug: {type(error).__name__}: {error}")
    return CLEAN


# Events that decide


def _pre_commit(_given: Sequence[str]) -> int:
    between = _refs_of_pre_commit()
    if between:
        return _check(rev=between[1], base=between[0])
    if _is_run_by_hand() and not _is_anything_staged():
        _say("gitmig: nothing is staged, so the whole tree is checked")
        return _check(everything=True)
    return _check(mode="staged")


def _pre_merge_commit(_given: Sequence[str]) -> int:
    """The index holds the merge by now; the check finds its other sides in GITHEAD_<commit>."""
    status = _check(mode="staged")
    if not status:
        return status
    from gitmig.commands.offer import block

    return block(_say) or status


def _pre_push(given: Sequence[str]) -> int:
    remote = given[0] if given else os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
    statuses = [
        _check(rev=new, base=_find_base(remote, ref, old), mode="push")
        for new, ref, old in _read_updates(_read_input())
    ]
    return next((status for status in statuses if status), CLEAN)


def _check(**asked: Any) -> int:
    """The exit status of one check; findings are shown, warnings too, a clean answer is not."""
    from gitmig.commands.check import Request, run_check, show

    report = run_check(Request(place=_place(), plain=True, **asked))
    show(report, quiet=report.verdict == "clean")
    return report.status


def _place() -> str:
    """Who reads this: a developer may go on where nothing could be decided, a CI job that runs the hooks may not."""
    from gitmig.commands.check import place_of

    return "ci" if place_of(os.environ) == "ci" else "hook"


def _refs_of_pre_commit() -> tuple[str, str] | None:
    """`pre-commit run --from-ref A --to-ref B`, and the first pushed ref in its pre-push stage."""
    old, new = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    return (old, new) if old and new else None


def _is_run_by_hand() -> bool:
    """`pre-commit run` outside `git commit`, which would have named its index."""
    return os.environ.get("PRE_COMMIT") == "1" and "GIT_INDEX_FILE" not in os.environ


def _is_anything_staged() -> bool:
    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git

    with Objects(Git()) as objects:
        staged = objects.staged()
    return bool(staged.changes or staged.unmerged)


def _read_input() -> list[str]:
    """Every line that Git wrote: a hook that does not read them all can make `git push` fail."""
    if sys.stdin is None:
        return []
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape").splitlines()


def _read_updates(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """(new commit, ref there, old commit or "") of each branch that is pushed; tags and deleted branches are none."""
    found = [words for line in lines if len(words := line.rsplit(" ", 3)) == 4]
    if not found and "PRE_COMMIT_REMOTE_BRANCH" in os.environ:
        # pre-commit has read the input itself and passes on one ref of several; for a new history only its name.
        old, new = _refs_of_pre_commit() or ("0", os.environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD"))
        found = [["", new, os.environ["PRE_COMMIT_REMOTE_BRANCH"], old]]
    updates = [(new, ref, "" if _is_null(old) else old) for _, new, ref, old in found if not _is_null(new)]
    return [update for update in dict.fromkeys(updates) if not update[1].startswith(_UNCHECKED_REFS)]


def _find_base(remote: str, ref: str, old: str) -> str | None:
    """The old tip where the branch is the shared one, else None: the check takes its usual target.

    An old tip that was never fetched is no base: git refuses that push, unless it is forced.
    """
    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import find_default_branch

    git = Git()
    shared = find_default_branch(git, remote or None).ref
    if not old or shared is None or shared.name != f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}":
        return None
    with Objects(git) as objects:
        return old if objects.commit(old) else None


def _is_null(oid: str) -> bool:
    return set(oid) == _NULL_CHARACTERS


# Events that tell


def _arguments_of_pre_commit(event: str) -> list[str]:
    """What Git gave to pre-commit or prek, which hand it on in variables."""
    names = {
        "post-checkout": ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "PRE_COMMIT_CHECKOUT_TYPE"),
        "post-merge": ("PRE_COMMIT_IS_SQUASH_MERGE",),
        "post-rewrite": ("PRE_COMMIT_REWRITE_COMMAND",),
    }.get(event, ())
    return [os.environ[name] for name in names if name in os.environ]


def _post_merge(given: Sequence[str]) -> None:
    is_squash = given[:1] == ["1"]
    if not is_squash:
        old, new = _read_graphs("ORIG_HEAD", "HEAD")
        _report_new_heads(old, new, "merge")
        _report_strays(old, new)


def _post_commit(_given: Sequence[str]) -> None:
    """A cherry-pick, a revert and `--no-verify` come past every other hook."""
    if _operation_in_progress() != "rebase":
        _report_new_heads(*_read_graphs("HEAD^1", "HEAD"), "commit")


def _post_rewrite(given: Sequence[str]) -> None:
    """After an amended commit, post-commit has spoken already."""
    if given[:1] == ["rebase"]:
        _report_new_heads(*_read_graphs("ORIG_HEAD", "HEAD"), "rebase")


def _post_checkout(given: Sequence[str]) -> None:
    """Compares the two commits and opens no database; silent in a clone, in the middle of a rebase or a bisect."""
    if len(given) != 3 or given[2] != "1" or _is_null(given[0]) or given[0] == given[1]:
        return
    if _operation_in_progress():
        return
    old, new = _read_graphs(given[0], given[1])
    is_stray = _report_strays(old, new)
    for environment in sorted(new):
        there = set(_ids(old.get(environment)))
        added = [one for one in _ids(new[environment]) if one not in there]
        if added:
            _say(f"gitmig: {environment}: new here: {_listed(added)}")
            if not is_stray:
                _say("help: bring a database up to this commit: gitmig upgrade heads")


def _report_strays(old: Mapping[str, RevisionGraph], new: Mapping[str, RevisionGraph]) -> bool:
    """Revisions that went away or got other parents: a database that ran them must be brought home."""
    found = False
    for environment in sorted(old):
        there, here = old[environment], new.get(environment)
        gone = [one for one in there.revisions if here is None or one not in here]
        moved = [
            one
            for one in there.revisions
            if here is not None and one in here and set(here.down_revisions(one)) != set(there.down_revisions(one))
        ]
        if gone:
            _say(f"gitmig: {environment}: this commit does not have {_listed(gone)}")
        if moved:
            _say(f"gitmig: {environment}: other parents than before: {_listed(moved)}")
        found = found or bool(gone or moved)
    if found:
        _say("note: a database that ran it is at a state that no file here leads to")
        _say("help: bring a database home to this commit: gitmig sync")
    return found


def _report_new_heads(old: Mapping[str, RevisionGraph], new: Mapping[str, RevisionGraph], what: str) -> None:
    found = {}
    for environment, graph in sorted(new.items()):
        earlier = tuple(old[environment].heads) if environment in old else ()
        if len(graph.heads) > 1 and not set(graph.heads) <= set(earlier):
            found[environment] = tuple(graph.heads)
    if found:
        from gitmig.commands.offer import offer

        offer(found, what, _say)


def _operation_in_progress() -> str:
    """`rebase`, `bisect` and so on, or nothing."""
    from gitmig.repo.in_progress import find_in_progress
    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import read_layout

    git = Git()
    with Objects(git) as objects:
        found = find_in_progress(objects, read_layout(git))
    return found.kind if found else ""


def _read_graphs(before: str, after: str) -> tuple[dict[str, RevisionGraph], dict[str, RevisionGraph]]:
    """The revision graphs of two commits by environment; both empty where no file that matters differs."""
    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git

    git = Git()
    with Objects(git) as objects:
        old, new = (_find_commit(git, name) for name in (before, after))
        if new is None or not any(_matters(change.path) for change in objects.diff_trees(old, new)):
            return {}, {}
    from gitmig.commands.heads import read_graphs

    return (read_graphs(old) if old else {}), read_graphs(new)


def _matters(path: str) -> bool:
    return path.endswith((".py", ".ini", ".toml"))


def _find_commit(git: Git, name: str) -> str | None:
    found = git.ask("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
    return found.output.decode().strip() if found.status == 0 else None


def _ids(graph: RevisionGraph | None) -> list[str]:
    return [] if graph is None else list(graph.revisions)


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _say(line: str) -> None:
    """On stderr: pre-commit shows both streams, and a program that reads git's output sees only git's."""
    from gitmig.report.escape import safe

    print(safe(line), file=sys.stderr)


_DECIDING: dict[str, Callable[[Sequence[str]], int]] = {
    "pre-commit": _pre_commit,
    "pre-merge-commit": _pre_merge_commit,
    "pre-push": _pre_push,
}
_TELLING: dict[str, Callable[[Sequence[str]], None]] = {
    "post-merge": _post_merge,
    "post-commit": _post_commit,
    "post-rewrite": _post_rewrite,
    "post-checkout": _post_checkout,
}

"""What the event of a CI system compares: its commits looked up in this clone, or one message saying what is missing.

Never clean by accident: where the checkout is not what the event is about, where a commit is missing or history is cut
off, nothing is decided.
"""

from __future__ import annotations

from gitmig.ci.detect import detect, payload_path
from gitmig.ci.event import PULL_REQUEST, PUSH, QUEUE, Event, commit_id
from gitmig.errors import CannotDecide
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.reading.comparison import (
    Comparison,
    Target,
    compare_commits,
    compare_states,
    compare_with,
    find_target,
    short_name,
)
from gitmig.reading.snapshot import Snapshot
from gitmig.repo.refs import find_refs, is_ancestor, merge_bases, resolve
from gitmig.report.report import Skipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitmig.config import Config
    from gitmig.repo.objects import Commit
    from gitmig.repo.plumbing import Git
    from gitmig.repo.repository import Repository

_LARGEST_PAYLOAD = 32 << 20  # GitHub sends at most 25 MB
_REMOTE = "origin"  # what every CI system calls it
UNKNOWN_SYSTEM = Event(
    "CI",
    PUSH,
    "a run of a system that gitmig does not know",
    fix="git fetch --unshallow",
    fix_place="before gitmig runs",
)


_DEPTHS = (50, 250, 1_000, 5_000)


class NotFetched(CannotDecide):
    """What the event compares is not in this clone; a fetch may bring it."""


class Told(Frozen):
    """The comparison that an event asks for, and the reason in one line."""

    comparison: Comparison
    line: str


def read_event(variables: Mapping[str, str]) -> Event:
    """The event of this process; where CI is all that is known, an event that says nothing."""
    path = payload_path(variables)
    payload = None
    if path:
        try:
            with open(path, "rb") as file:
                payload = file.read(_LARGEST_PAYLOAD)
        except OSError:
            payload = None  # the variables alone may do; what they do not say is looked up or not decided
    return detect(variables, payload) or UNKNOWN_SYSTEM


def compare_event(repository: Repository, config: Config, event: Event, *, fetched: bool = False) -> Told:
    """The trees of the event; raises CannotDecide when this clone does not have them.

    `fetched` says that the refs of the remote are as fresh as they can be.
    """
    if event.system == "pre-commit":
        return compare_named(repository, config, event)
    commit = checked_commit(repository, event)
    if event.deleted:
        return told(
            event, Comparison(event.mode, Snapshot(repository.objects, commit.oid), commit.oid), "it was deleted"
        )
    if event.mode == QUEUE and event.before:
        return compare_with_old(repository, event, commit, event.before, "what the group was built on")
    if event.mode in (PULL_REQUEST, QUEUE):
        return compare_request(repository, event, commit, fetched)
    return compare_push(repository, config, event, commit)


def shared_tip(repository: Repository, event: Event) -> str:
    """The commit whose configuration says what is shared: the target's, so that no change decides on itself."""
    names = [name for name in (event.target, event.default) if name]
    tips = find_refs(repository.git, [f"refs/remotes/{_REMOTE}/{name}" for name in names])
    head = repository.objects.commit("HEAD")
    return tips[0].commit if tips else head.oid if head else ""


# The commit


def checked_commit(repository: Repository, event: Event) -> Commit:
    """HEAD, when it is what the event is about; of an event whose checkout is the target, the head as an object."""
    objects = repository.objects
    if event.elsewhere:
        found = objects.commit(event.head) if event.head else None
        if found is None:
            raise not_here(event, event.head, "the checkout is the target branch, and the change itself is not fetched")
        return found
    head = objects.commit("HEAD")
    if head is None:
        raise CannotDecide("nothing is checked out here: HEAD leads to no commit")
    expected = [one for one in (event.commit, event.head) if one]
    if event.deleted or not expected or is_about(repository, head, expected):
        return head
    raise CannotDecide(
        f"HEAD is {head.oid[:12]}, but {event.what} is about {expected[0][:12]}",
        note="another commit is checked out than the one that this run is for, so its verdict would mean nothing",
        help=(
            Help(
                "check out the commit of the event, or name both sides", ("gitmig check --rev HEAD --base origin/main",)
            ),
        ),
    )


def is_about(repository: Repository, head: Commit, expected: Sequence[str]) -> bool:
    """HEAD is one of the commits, merges one of them, or was made on top of one."""
    if head.oid in expected or any(one in head.parents for one in expected):
        return True
    known = [one for one in expected if repository.objects.commit(one) is not None]
    shallow = repository.layout.shallow
    return any(is_ancestor(repository.git, one, head.oid, shallow=shallow) for one in known)


# Pull requests and queues


def compare_request(repository: Repository, event: Event, commit: Commit, fetched: bool) -> Told:
    """Against the first parent of a merge that the system made, else against the tip of the target branch."""
    ref = f"refs/remotes/{_REMOTE}/{event.target}"
    tips = find_refs(repository.git, [ref]) if event.target else []
    if made_by_the_system(event, commit) and not (fetched and tips):
        parent = commit.parents[0]
        if repository.objects.commit(parent) is None:
            raise cut_off(repository, event, f"the first parent of {commit.oid[:12]}", event.fix_parent or event.fix)
        comparison = compare_states(repository, commit.oid, Target(ref if event.target else "", parent), event.mode)
        return told(event, comparison, "the first parent of the merge that is checked out")
    if tips:
        target, why = Target(ref, tips[0].commit), f"the tip of {short_name(ref)}"
    elif event.target_commit and repository.objects.commit(event.target_commit) is not None:
        target, why = Target(ref if event.target else "", event.target_commit), "the target as the event names it"
    else:
        raise cut_off(repository, event, f"the target branch {event.target}" if event.target else "the target branch")
    require_history(repository, event, commit.oid, target)
    return told(event, compare_with(repository, commit.oid, target, event.mode), why)


def made_by_the_system(event: Event, commit: Commit) -> bool:
    """A merge of the head into the target: its first parent is the target as it was merged."""
    if commit.oid != event.commit or len(commit.parents) < 2:
        return False
    return event.head in commit.parents[1:]


def require_history(repository: Repository, event: Event, commit: str, target: Target) -> None:
    found = merge_bases(repository.git, target.commit, commit, shallow=repository.layout.shallow)
    if not found.commits and not found.complete:
        raise cut_off(repository, event, f"the merge base of {commit[:12]} and {target.name}")


# Pushes


def compare_push(repository: Repository, config: Config, event: Event, commit: Commit) -> Told:
    """A shared branch against what it was; any other branch against the shared one that it will go into."""
    target = shared_target(repository, config, event, commit.oid)
    if is_shared(event, config, target):
        if event.created:
            skipped = Skipped("published revisions (GM2) and competing heads (GM105)", "the branch is new")
            snapshot = Snapshot(repository.objects, commit.oid)
            alone = Comparison(event.mode, snapshot, commit.oid, on_shared=True, skipped=(skipped,))
            return told(event, alone, "nothing: the branch is new")
        return compare_shared(repository, event, commit)
    if not target.commit:
        raise no_target(event, target)
    if target.commit == commit.oid and not event.ref:
        return compare_shared(repository, event, commit)
    require_history(repository, event, commit.oid, target)
    return told(event, compare_with(repository, commit.oid, target, event.mode), f"the shared branch {target.name}")


def compare_shared(repository: Repository, event: Event, commit: Commit) -> Told:
    """The new tip against the old one; where that is not told, or told of a second run, against the first parent."""
    if event.before and event.before != commit.oid:
        return compare_with_old(repository, event, commit, event.before, "what the branch was before", on_shared=True)
    if commit.parents:
        why = "the first parent: what the branch was before is not told"
        return compare_with_old(repository, event, commit, commit.parents[0], why, on_shared=True)
    skipped = Skipped("published revisions (GM2)", "nothing is before the first commit")
    snapshot = Snapshot(repository.objects, commit.oid)
    return told(event, Comparison(event.mode, snapshot, commit.oid, on_shared=True, skipped=(skipped,)), "nothing")


def compare_with_old(
    repository: Repository, event: Event, commit: Commit, old: str, why: str, *, on_shared: bool = False
) -> Told:
    if repository.objects.commit(old) is None:
        raise cut_off(repository, event, f"commit {old[:12]}: {why}")
    comparison = compare_states(repository, commit.oid, Target("", old), event.mode)
    return told(event, comparison.replace(on_shared=on_shared), why)


def shared_target(repository: Repository, config: Config, event: Event, commit: str) -> Target:
    """The default branch as the event names it; where it does not, or `shared` is configured, as everywhere else."""
    if config.shared or not event.default:
        return find_target(repository, config, commit)
    tips = find_refs(repository.git, [f"refs/remotes/{_REMOTE}/{event.default}"])
    if tips:
        return Target(tips[0].name, tips[0].commit)
    return Target(why=f"this clone does not have {_REMOTE}/{event.default}")


def is_shared(event: Event, config: Config, target: Target) -> bool:
    """Whether the branch that was pushed is one that others build on."""
    if not event.branch:
        return False
    if config.shared:
        from fnmatch import fnmatchcase

        return any(fnmatchcase(event.branch, bare(pattern)) for pattern in config.shared)
    return event.branch == (event.default or bare(target.ref))


def bare(name: str) -> str:
    """A ref or a pattern of refs without what stands before the branch."""
    for start in ("refs/heads/", f"refs/remotes/{_REMOTE}/", f"{_REMOTE}/"):
        if name.startswith(start):
            return name[len(start) :]
    return name


# A range that somebody named


def compare_named(repository: Repository, config: Config, event: Event) -> Told:
    commit = resolve(repository.git, event.commit)
    require_history(repository, event, commit, Target("", resolve(repository.git, event.target_commit)))
    comparison = compare_commits(repository, config, commit, event.target_commit, event.mode)
    return told(event, comparison, "named by PRE_COMMIT_FROM_REF")


# What is said


def told(event: Event, comparison: Comparison, why: str) -> Told:
    target = comparison.target_is
    against = f"{target.commit[:12]} ({why})" if target.commit else why
    return Told(comparison, f"{event.system}, {event.what}: {comparison.local_commit[:12]} is compared with {against}")


def cut_off(repository: Repository, event: Event, what: str, fix: str = "") -> NotFetched:
    """What is missing, and the line that brings it."""
    why = "the clone is shallow" if repository.layout.shallow else "it was not fetched, or a force push removed it"
    return NotFetched(
        f"this clone lacks {what}",
        note=f"{event.system}, {event.what}: {why}, and nothing is decided without it",
        help=fixes(event, fix or event.fix),
    )


def fixes(event: Event, fix: str) -> tuple[Help, ...]:
    return (
        Help(f"{event.fix_place}:", (fix,)),
        Help("or let gitmig fetch what is missing, in bounded steps:", ("gitmig check --fetch",)),
    )


def not_here(event: Event, commit: str, why: str) -> NotFetched:
    fetch = f"git fetch --no-tags {_REMOTE} {event.ref or commit}" if event.ref or commit else ""
    return NotFetched(
        f"this clone lacks the commit of {event.what}",
        note=f"{event.system}: {why}",
        help=(
            Help("use `on: pull_request`: gitmig needs no secrets and no write permission"),
            *(
                [Help("or fetch the change without checking it out; gitmig reads it and runs none of it:", (fetch,))]
                if fetch
                else []
            ),
        ),
    )


def no_target(event: Event, target: Target) -> NotFetched:
    return NotFetched(
        f"no shared branch to compare with: {target.why}",
        note=f"{event.system}, {event.what}",
        help=(
            *fixes(event, event.fix)[:1],
            Help("or name it:", ("gitmig check --rev HEAD --base origin/main",)),
        ),
    )


# Fetching what is missing


def fetch_and_compare(git: Git, config: Config, event: Event, say: Callable[[str], None]) -> None:
    """Fetch until the event can be compared, in steps that grow and end; raises what is missing when it cannot.

    A clone that is whole stays whole: `--depth` would cut it off.
    """
    from gitmig.repo.objects import Objects
    from gitmig.repo.refs import read_layout
    from gitmig.repo.repository import Repository

    layout = read_layout(git)
    depths = deeper(git) if layout.shallow else (0,)
    for depth in depths:
        if not fetch(git, event, depth, say):
            return
        layout = read_layout(git)
        with Objects(git) as objects:
            try:
                compare_event(Repository(git, layout, objects), config, event, fetched=True)
            except NotFetched:
                if not layout.shallow:
                    return
            else:
                return
    say(f"gitmig: {depths[-1]} commits were fetched and do not suffice")


def deeper(git: Git) -> tuple[int, ...]:
    """Depths to try, each more than what is there: a smaller one would throw history away."""
    there = int(git.run("rev-list", "--count", "--first-parent", "HEAD", "--"))
    return tuple(depth for depth in _DEPTHS if depth > there) or (there * 2,)


def fetch(git: Git, event: Event, depth: int, say: Callable[[str], None]) -> bool:
    """The branches that the event needs, then each of its commits; whether the remote answered."""
    options = ["--no-tags", "--no-recurse-submodules", "--quiet", *([f"--depth={depth}"] if depth else [])]
    network: dict[str, str | None] = {"GIT_ALLOW_PROTOCOL": None, "GIT_NO_LAZY_FETCH": None}
    branches = [f"+refs/heads/{name}:refs/remotes/{_REMOTE}/{name}" for name in {event.target or event.default} if name]
    commits = [one for one in dict.fromkeys((event.before, event.head, event.commit)) if commit_id(one)]
    answers = [
        git.ask("fetch", *options, _REMOTE, *wanted, environment=network)
        for wanted in (branches, *([one] for one in commits))
        if wanted
    ]
    if all(answer.status for answer in answers):
        reason = (
            answers[0].errors.decode("utf-8", "replace").strip().splitlines() if answers else ["nothing to ask for"]
        )
        say(f"gitmig: --fetch did not work, what is here has to do: {reason[-1] if reason else 'git said nothing'}")
        return False
    return True

"""What is compared with what: the trees of one check, as DESIGN section 4 lists them."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.reading.history import History
from gitmig.reading.snapshot import Snapshot
from gitmig.repo.refs import find_default_branch, find_nearest, find_refs, resolve
from gitmig.report.report import Skipped
from gitmig.trees.entries import Changed, find_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitmig.config import Config
    from gitmig.reading.cache import Cache
    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import Ref
    from gitmig.repo.repository import Repository
    from gitmig.trees.entries import Entry
    from gitmig.trees.merging import Conflict


class Target(Frozen):
    """The shared branch to compare with; `commit` is "" when there is none, and `why` then says so."""

    ref: str = ""
    commit: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """As a person calls it: "origin/main", or a short commit id."""
        return short_name(self.ref) or self.commit[:12]


class Comparison(Frozen):
    """The trees of one check.

    `changes` is what local changes against all states before.  `merged` is the target with local's changes since their
    merge bases.  `undecided` names what is missing for a verdict; `on_shared`: the shared branch itself is judged.
    `shared` are the refs beside the target whose content is published, where they need not be looked for.
    """

    mode: str
    local: Snapshot
    local_commit: str = ""
    before: tuple[Snapshot, ...] = ()
    target_is: Target = Target()
    target: Snapshot | None = None
    merged: Snapshot | None = None
    conflicts: tuple[Conflict, ...] = ()
    changes: tuple[Changed, ...] = ()
    unmerged: tuple[str, ...] = ()
    on_shared: bool = False
    skipped: tuple[Skipped, ...] = ()
    undecided: tuple[str, ...] = ()
    shared: tuple[Ref, ...] | None = None


RELEASED_KINDS = ("tags", "heads", "remotes")


def short_name(ref: str) -> str:
    for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref


# Which trees


def compare_staged(
    repository: Repository, config: Config, merging: Sequence[str] = (), cache: Cache | None = None
) -> Comparison:
    """The index against HEAD and the other sides of a merge; the target is the nearest shared ref."""
    objects, history = repository.objects, History(repository, cache)
    staged = objects.staged()
    head = None if staged.unborn else objects.commit("HEAD")
    tip = head.oid if head else None
    changes = staged.changes
    for other in merging:
        theirs = {change.path for change in differences(history, other, tip, staged.changes)}
        changes = tuple(change for change in changes if change.path in theirs)
    befores = (*([tip] if tip else []), *merging)
    comparison = Comparison(
        "staged",
        Snapshot(objects, tip, overlay_of(staged.changes)),
        before=tuple(Snapshot(objects, commit, side="before") for commit in befores),
        changes=changes,
        unmerged=staged.unmerged,
    )
    target = find_target(repository, config, tip or "")
    return with_target(history, comparison, target, tip, staged.changes, merging)


def compare_commits(
    repository: Repository, config: Config, commit: str, base: str | None, mode: str = "rev"
) -> Comparison:
    """A commit against its merge bases with `base`, which is the target; without `base` the nearest shared ref."""
    target = find_target(repository, config, commit) if base is None else named_target(repository, base)
    on_shared = base is None and target.commit == commit
    if on_shared:
        # A diff of the shared branch with its own tip is empty, so it is compared with what it was before.
        found = repository.objects.commit(commit)
        parent = found.parents[0] if found and found.parents else ""
        target = Target(target.ref, parent, "" if parent else "nothing is before the first commit")
    comparison = Comparison(mode, Snapshot(repository.objects, commit), commit, on_shared=on_shared)
    return with_target(History(repository), comparison, target, commit, (), ())


def compare_states(repository: Repository, commit: str, old: Target, mode: str) -> Comparison:
    """A new state against the old one that it replaces, whatever lies between.

    What a force push removed is in no merge base, and of a merge the first parent needs no history to be found.
    """
    comparison = Comparison(mode, Snapshot(repository.objects, commit), commit)
    comparison = with_target(History(repository), comparison, old, commit, (), (), since=(old.commit,))
    # The old state with all that the new one changes is the new one: the same tree is not read twice.
    return comparison.replace(merged=Snapshot(repository.objects, commit, side="merged"))


def compare_with(repository: Repository, commit: str, target: Target, mode: str) -> Comparison:
    """A commit against its merge bases with a target that is known already."""
    comparison = Comparison(mode, Snapshot(repository.objects, commit), commit)
    return with_target(History(repository), comparison, target, commit, (), ())


def compare_whole(repository: Repository, config: Config, commit: str | None) -> Comparison:
    """The whole tree, of the index or of a commit: there is no state before it."""
    if commit is None:
        found = compare_staged(repository, config)
    else:
        found = compare_commits(repository, config, commit, None)
    return found.replace(mode="all", before=(), on_shared=True)


def alone(repository: Repository, commit: str | None) -> Comparison:
    """One tree by itself, of a commit or of the index, compared with nothing."""
    if commit is not None:
        return Comparison("all", Snapshot(repository.objects, commit), commit)
    staged = repository.objects.staged()
    head = None if staged.unborn else repository.objects.commit("HEAD")
    return Comparison(
        "all",
        Snapshot(repository.objects, head.oid if head else None, overlay_of(staged.changes)),
        unmerged=staged.unmerged,
    )


def overlay_of(changes: Iterable[Changed]) -> dict[str, Entry | None]:
    return {change.path: change.new for change in changes}


# The target


def find_target(repository: Repository, config: Config, commit: str) -> Target:
    """The nearest of the configured shared refs, else the remote's default branch."""
    if config.shared:
        refs = find_refs(repository.git, [full_pattern(pattern) for pattern in config.shared])
        nearest = find_nearest(repository.git, commit, refs) if commit else next(iter(refs), None)
        if nearest is None:
            return Target(why=f"no ref matches shared = {list(config.shared)}")
        return Target(nearest.name, nearest.commit)
    found = find_default_branch(repository.git)
    if found.ref is None:
        return Target(why=f"no shared branch is known ({found.how}); name it with `shared` in the configuration")
    return Target(found.ref.name, found.ref.commit)


def shared_refs(git: Git, config: Config) -> list[Ref]:
    """Every ref that the configuration calls shared or released."""
    patterns = [full_pattern(pattern) for pattern in config.shared]
    for pattern in config.released:
        patterns += [pattern] if pattern.startswith("refs/") else [f"refs/{kind}/{pattern}" for kind in RELEASED_KINDS]
    return find_refs(git, patterns) if patterns else []


def full_pattern(pattern: str) -> str:
    """`main` is a branch here, `origin/main` one of a remote; full names are taken as they are."""
    if pattern.startswith("refs/"):
        return pattern
    return f"refs/remotes/{pattern}" if "/" in pattern else f"refs/heads/{pattern}"


def named_target(repository: Repository, base: str) -> Target:
    """The commit that the user called the base, with its ref where the name is one."""
    commit = resolve(repository.git, base)
    if base == commit:
        return Target("", commit)
    names = [base] if base.startswith("refs/") else [f"refs/heads/{base}", f"refs/remotes/{base}", f"refs/tags/{base}"]
    known = {ref.name: ref for ref in find_refs(repository.git, names)}
    ref = next((name for name in names if name in known and known[name].commit == commit), "")
    return Target(ref, commit)


def with_target(
    history: History,
    comparison: Comparison,
    target: Target,
    commit: str | None,
    staged: Sequence[Changed],
    merging: Sequence[str],
    since: tuple[str, ...] = (),
) -> Comparison:
    """Adds target, merge bases and the merged tree; without a target it says which checks did not run.

    `since` is given where the states before are known and need not be looked for.
    """
    if not target.commit:
        skipped = Skipped("published revisions (GM2) and competing heads (GM105)", target.why)
        return comparison.replace(target_is=target, skipped=(*comparison.skipped, skipped))
    objects = history.repository.objects
    comparison = comparison.replace(target_is=target, target=Snapshot(objects, target.commit, side="target"))
    bases, complete = (since, True) if since else bases_of(history, commit, merging, target.commit)
    if not bases and not complete:
        # Without the merge base a branch that is behind would look like one that deletes: compare no edits at all.
        why = f"history is cut off before the merge base with {target.name}"
        return comparison.replace(undecided=(*comparison.undecided, why))
    changes = changes_since(history, bases or (target.commit,), commit, staged)
    # What an unmerged path will say is not known: it is no change yet.
    changes = tuple(change for change in changes if change.path not in comparison.unmerged)
    merged, conflicts = put_on_target(objects, target.commit, changes)
    comparison = comparison.replace(merged=Snapshot(objects, target.commit, merged, "merged"), conflicts=conflicts)
    if comparison.mode == "staged":
        return comparison
    before = tuple(Snapshot(objects, base, side="before") for base in bases)
    return comparison.replace(before=before, changes=changes)


def bases_of(history: History, commit: str | None, merging: Sequence[str], target: str) -> tuple[tuple[str, ...], bool]:
    """Merge bases of the target with the commit, or with the merge that is being made; and are those all?"""
    if commit is None:
        return (), True
    if commit == target or target in merging:
        return (target,), True
    found = history.merge_bases(target, commit, merging)
    return found.commits, found.complete


# Differences


def differences(history: History, old: str, commit: str | None, staged: Iterable[Changed]) -> tuple[Changed, ...]:
    """What `commit` with what is staged on it changes against the tree `old`, sorted by path."""
    changed = {change.path: change for change in history.changes(old, commit)}
    for path, was, now in staged:
        # A path at which the two trees do not differ is in `old` what it was in the commit.
        before = changed[path].old if path in changed else was
        if before == now:
            changed.pop(path, None)
        else:
            changed[path] = Changed(path, before, now)
    return tuple(changed[path] for path in sorted(changed))


def changes_since(
    history: History, bases: Iterable[str], commit: str | None, staged: Sequence[Changed]
) -> tuple[Changed, ...]:
    """What local changed: the paths that are as in none of the merge bases."""
    first, *others = (differences(history, base, commit, staged) for base in bases)
    elsewhere = [{change.path for change in other} for other in others]
    return tuple(change for change in first if all(change.path in other for other in elsewhere))


def put_on_target(
    objects: Objects, target: str, changes: Sequence[Changed]
) -> tuple[dict[str, Entry | None], tuple[Conflict, ...]]:
    """The changes as an overlay of the target's tree, and the paths that both sides changed."""
    from gitmig.trees.merging import put

    there = objects.entries(target, [change.path for change in changes])
    theirs = {path: entry for path, entry in there.items() if not entry.is_folder}
    merged = put(theirs, changes)
    return {change.path: change.new for change in find_changes(theirs, merged.tree)}, merged.conflicts

"""Names into commits, and how commits lie to each other.

Shared refs have full names only: where both exist, `origin/main` means the tag.
"""

from __future__ import annotations

import os

from gitmig.errors import UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.repo.plumbing import Git


class Layout(Frozen):
    """Where the repository lies and what it can answer.  Paths are those of the file system, absolute.

    `top` is None without a worktree; core.bare is true in some worktrees, so nothing here asks for it.
    `git_dir` is that of this worktree, `common_dir` that of all.
    `shallow` says that history is cut off, so that "no" may be wrong.
    """

    object_format: str
    shallow: bool
    git_dir: str
    common_dir: str
    top: str | None


class Ref(Frozen):
    """A ref by its full name, the commit it leads to, and for a symbolic ref the name it stands for."""

    name: str
    commit: str
    symbolic: str = ""


class DefaultBranch(Frozen):
    """The remote's default branch as far as this repository knows it.

    `how`: "remote HEAD"; "HEAD" of a bare repository; "only main or master" (a guess that must be said);
    "several remotes", "main and master" or "none": then `ref` is None, `candidates` is what there was to choose from.
    """

    ref: Ref | None
    how: str
    candidates: tuple[Ref, ...] = ()


class MergeBases(Frozen):
    """Best common ancestors; several after a criss-cross.  When `complete` is false, an empty answer means unknown."""

    commits: tuple[str, ...]
    complete: bool = True


def read_layout(git: Git) -> Layout:
    """One process; raises when this is no repository that git would read."""
    answer = git.ask(
        "rev-parse",
        "--show-object-format",
        "--is-shallow-repository",
        "--absolute-git-dir",
        _BETWEEN,
        "--git-common-dir",
        _BETWEEN,
        "--show-toplevel",  # last: it fails without a worktree
    )
    between = os.fsencode(f"\n{_BETWEEN}\n")
    parts = answer.output.split(between)
    if len(parts) != 3 or not parts[1]:
        from gitmig.repo.failures import explain

        raise explain(("rev-parse",), answer.status, answer.errors, git)
    object_format, shallow, git_dir = parts[0].split(b"\n", 2)
    here = os.path.join(os.getcwd(), git.directory or "")
    common_dir = os.path.normpath(os.path.join(here, os.fsdecode(parts[1])))
    top = os.fsdecode(parts[2][:-1]) if answer.status == 0 and parts[2] else None
    return Layout(object_format.decode("ascii"), shallow == b"true", os.fsdecode(git_dir), common_dir, top)


def open_repository(git: Git) -> tuple[Git, Layout]:
    """The repository seen from its top level, where paths mean what they say; one process."""
    layout = read_layout(git)
    git.top = layout.top
    if layout.top is None or os.path.realpath(git.directory or os.getcwd()) == os.path.realpath(layout.top):
        return git, layout
    return git.at(layout.top), layout


def resolve(git: Git, name: str) -> str:
    """The commit that any name of the user's leads to; tags are peeled."""
    answer = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")
    oid = answer.output.decode("ascii", "replace").strip()
    if answer.status == 0 and _is_oid(oid):
        return oid
    if answer.status not in (0, 1) and not _about_a_name(answer.errors):
        from gitmig.repo.failures import explain

        raise explain(("rev-parse",), answer.status, answer.errors, git)
    raise UsageError(
        f"no commit is called {name!r}",
        note="a Git branch, tag or commit id is needed that this clone has",
        help=(Help("see what there is", ("git branch --all", "git tag")),),
    )


def find_refs(git: Git, patterns: Sequence[str]) -> list[Ref]:
    """Refs with exactly these full names or matching these globs (`refs/tags/v*`, `refs/remotes/**`), sorted by name.

    A pattern that ends in "/" means all beneath it, any other without a wildcard is one name.  Refs that lead to no
    commit are left out.
    """
    if not patterns:
        return []
    output = git.run("for-each-ref", _REF_FORMAT, "--", *(_as_pattern(pattern) for pattern in patterns))
    refs = [ref for ref in map(_parse_ref, output.splitlines()) if ref is not None]
    nested = [ref for ref in refs if ref.commit == _NESTED]
    peeled = {ref.name: resolve(git, ref.name) for ref in nested}
    return [ref.replace(commit=peeled[ref.name]) if ref.name in peeled else ref for ref in refs]


def find_default_branch(git: Git, remote: str | None = None) -> DefaultBranch:
    """The default branch of the remote, or of the only one, or of `origin`; one process."""
    refs = find_refs(git, [f"refs/remotes/{remote or '*'}/{name}" for name in ("HEAD", "main", "master")])
    if not refs:
        return _default_of_a_bare_repository(git)
    by_remote: dict[str, dict[str, Ref]] = {}
    for ref in refs:
        name, _, branch = ref.name.removeprefix("refs/remotes/").rpartition("/")
        by_remote.setdefault(name, {})[branch] = ref
    if len(by_remote) > 1 and "origin" not in by_remote:
        return DefaultBranch(None, "several remotes", tuple(ref for ref in refs if not ref.name.endswith("/HEAD")))
    name = next(iter(by_remote)) if len(by_remote) == 1 else "origin"
    found = by_remote[name]
    head = found.pop("HEAD", None)
    if head is not None and head.symbolic.startswith(f"refs/remotes/{name}/"):
        return DefaultBranch(Ref(head.symbolic, head.commit), "remote HEAD")
    if len(found) == 1:
        return DefaultBranch(next(iter(found.values())), "only main or master")
    return DefaultBranch(None, "main and master" if found else "none", tuple(found.values()))


def merge_bases(git: Git, left: str, right: str, *others: str, shallow: bool) -> MergeBases:
    """All best common ancestors of two commits; with `others`, of `left` and a merge of `right` with them.

    `shallow` as `Layout` says.
    """
    answer = git.ask("merge-base", "--all", left, right, *others)
    if answer.status not in (0, 1):
        from gitmig.repo.failures import explain

        raise explain(("merge-base",), answer.status, answer.errors, git)
    commits = tuple(answer.output.decode("ascii").split())
    return MergeBases(commits, complete=not shallow)


def is_ancestor(git: Git, ancestor: str, descendant: str, *, shallow: bool) -> bool | None:
    """Can one commit be reached from the other?  None is unknown: a shallow clone says "no" for what it cut off."""
    status = git.ask("merge-base", "--is-ancestor", ancestor, descendant).status
    if status == 0:
        return True
    return False if status == 1 and not shallow else None


def find_nearest(git: Git, commit: str, refs: Sequence[Ref]) -> Ref | None:
    """The ref that lacks the fewest commits of `commit`'s history, the first of equals.

    No process for one ref, else one for each.
    """
    if len(refs) < 2:
        return refs[0] if refs else None
    best, fewest = None, -1
    for ref in refs:
        limit = () if best is None else (f"--max-count={fewest}",)
        ahead = int(git.run("rev-list", "--count", *limit, commit, f"^{ref.commit}", "--"))
        if best is None or ahead < fewest:
            best, fewest = ref, ahead
        if fewest == 0:
            break
    return best


def find_merge_heads(git: Git, layout: Layout) -> tuple[str, ...]:
    """The other sides of a merge that is not committed yet; several for an octopus."""
    lines = text_in(os.path.join(layout.git_dir, "MERGE_HEAD")).split()
    if lines:
        return tuple(lines)
    return tuple(sorted(name[8:] for name in git.environment if name.startswith("GITHEAD_")))


def text_in(path: str) -> str:
    """A small file of the Git directory without blanks around it; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().strip()
    except OSError:
        return ""


def current_branch(git: Git) -> str | None:
    """Full name of the branch that HEAD is on, born or not; None when detached."""
    answer = git.ask("symbolic-ref", "--quiet", "HEAD")
    return answer.output.decode("utf-8", "surrogateescape").strip() if answer.status == 0 else None


_BETWEEN = "--gitmig-between"  # rev-parse repeats what it does not know; a path may hold a newline
_NESTED = "nested"
_REF_FORMAT = "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname) %(symref)"


def _parse_ref(line: bytes) -> Ref | None:
    name, kind, oid, peeled_kind, peeled_oid, symbolic = line.decode("utf-8", "surrogateescape").split(" ")
    if kind == "commit":
        return Ref(name, oid, symbolic)
    if kind == "tag" and peeled_kind == "commit":
        return Ref(name, peeled_oid, symbolic)
    # git before 2.45 peels a tag of a tag once
    return Ref(name, _NESTED, symbolic) if peeled_kind == "tag" else None


def _default_of_a_bare_repository(git: Git) -> DefaultBranch:
    """A mirror has no remote refs; its HEAD is the server's."""
    answer = git.ask("rev-parse", "--is-inside-work-tree", "--is-bare-repository")
    if answer.output.split() != [b"false", b"true"]:
        return DefaultBranch(None, "none")
    branch = current_branch(git)
    refs = find_refs(git, [branch]) if branch else []
    return DefaultBranch(refs[0], "HEAD") if refs else DefaultBranch(None, "none")


def _as_pattern(pattern: str) -> str:
    """To git a plain pattern is also the prefix of others; one letter in brackets makes it a glob for itself alone."""
    if not pattern.startswith("refs/"):
        raise UsageError(
            f"not a full ref name: {pattern!r}",
            note="a short name such as origin/main can mean a tag as well as a branch",
            help=(Help(f"write refs/remotes/{pattern}, refs/heads/{pattern} or refs/tags/{pattern}"),),
        )
    if pattern.endswith("/"):
        return pattern + "**"
    if any(sign in pattern for sign in "*?["):
        return pattern
    last = max(index for index, sign in enumerate(pattern) if sign.isascii() and sign.isalnum())
    return f"{pattern[:last]}[{pattern[last]}]{pattern[last + 1 :]}"


def _is_oid(text: str) -> bool:
    return len(text) in (40, 64) and all(sign in "0123456789abcdef" for sign in text)


def _about_a_name(errors: bytes) -> bool:
    return any(phrase in errors for phrase in (b"Needed a single revision", b"bad revision", b"ambiguous argument"))

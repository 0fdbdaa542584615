"""Revisions that no file of this tree defines: looked for in refs, in reflogs, and among objects that nothing names."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.repo.store import Unreadable
from gitmig.repo.walking import walk_everything
from gitmig.revisions.parsing import parse_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gitmig.repo.objects import Objects
    from gitmig.repo.plumbing import Git

BATCH = 500


class Lost(Frozen):
    """A text of the revision; `commit` and `path` are "" for an object that no commit names any more."""

    revision: str
    blob: str
    source: bytes
    commit: str = ""
    path: str = ""


def find_lost(
    git: Git, objects: Objects, revisions: Collection[str], folders: Sequence[str], *, within: str = ""
) -> dict[str, Lost]:
    """The newest text of each revision, as far as one is found; `within` (a commit) looks into its history only."""
    found: dict[str, Lost] = {}
    places = [tuple(folders), ()] if folders else [()]
    for folders_now in places:
        left = [name for name in revisions if name not in found]
        if left:
            found |= in_history(git, objects, left, folders_now, within)
    left = [name for name in revisions if name not in found]
    if left and not within:
        found |= among_objects(git, objects, left)
    return found


def in_history(
    git: Git, objects: Objects, revisions: Sequence[str], folders: Sequence[str], within: str
) -> dict[str, Lost]:
    """From what commits added or changed, the newest commit first; files named after the revision are read first."""
    listed = list(changes_of(git, folders, within))
    found: dict[str, Lost] = {}
    likely = [one for one in listed if any(name in one[1] for name in revisions)]
    for candidates in (likely, listed):
        left = [name for name in revisions if name not in found]
        if left:
            found |= read_first(objects, candidates, left)
    return found


def changes_of(git: Git, folders: Sequence[str], within: str) -> Iterator[tuple[str, str, str]]:
    """(commit, path, blob) of every Python file that a commit wrote, also of commits that only a reflog names."""
    for state in walk_everything(git, folders, within, keep=lambda path: path.endswith(".py")):
        for change in state.changes:
            if change.new is not None and change.new.is_file:
                yield state.commit, change.path, change.new.oid


def read_first(
    objects: Objects, candidates: Iterable[tuple[str, str, str]], revisions: Collection[str]
) -> dict[str, Lost]:
    """The first candidate that defines each revision."""
    listed = list({blob: (commit, path, blob) for commit, path, blob in reversed(list(candidates))}.values())[::-1]
    found: dict[str, Lost] = {}
    for start in range(0, len(listed), BATCH):
        some = listed[start : start + BATCH]
        contents = objects.read([blob for _, _, blob in some])
        for commit, path, blob in some:
            source = contents[blob]
            if isinstance(source, Unreadable):
                continue
            name = defined_in(source, revisions)
            if name and name not in found:
                found[name] = Lost(name, blob, source, commit, path)
        if len(found) == len(revisions):
            break
    return found


def defined_in(source: bytes, revisions: Collection[str]) -> str:
    """Which of the revisions a source defines, "" for none: the cheap look comes first."""
    if not any(name.encode("utf-8", "surrogateescape") in source for name in revisions):
        return ""
    name = parse_header(source).get("revision") or ""
    return name if name in revisions else ""


def among_objects(git: Git, objects: Objects, revisions: Sequence[str]) -> dict[str, Lost]:
    """Every blob there is: what was staged and never committed, what a deleted branch had."""
    answer = git.ask(
        "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname) %(objectsize)"
    )
    blobs = []
    for line in answer.output.splitlines():
        words = line.split(b" ")
        if len(words) == 3 and words[0] == b"blob" and int(words[2]) <= objects.limit:
            blobs.append(words[1].decode("ascii"))
    return read_first(objects, ((("", "", blob)) for blob in sorted(blobs)), revisions)

"""A push as a server sees it: which refs it moves, and which of them hold what is published."""

from __future__ import annotations

from gitmig.errors import UsageError
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.revisions.revision import Revision

BRANCHES, TAGS, REPLACEMENTS = "refs/heads/", "refs/tags/", "refs/replace/"
_WILD = frozenset("*?[")


class Update(Frozen):
    """One ref of a push by its full name; `old` or `new` is "" where the ref is created or deleted."""

    ref: str
    old: str
    new: str

    @property
    def name(self) -> str:
        """As the pusher calls it; a tag says that it is one, because a branch may have the same name."""
        if self.ref.startswith(TAGS):
            return f"tag {self.ref.removeprefix(TAGS)}"
        return self.ref.removeprefix(BRANCHES)

    @property
    def what(self) -> str:
        """`4be1c07 -> 9d40e7a`, or that it is new or deleted."""
        if not self.old:
            return f"new, {self.new[:12]}"
        return f"{self.old[:12]} -> {self.new[:12]}" if self.new else f"deleted, was {self.old[:12]}"


def parse_update(old: str, new: str, ref: str) -> Update:
    """What Git tells a hook of one ref; raises UsageError for anything else."""
    if not (_is_id(old) and _is_id(new) and ref.startswith("refs/")):
        raise UsageError(
            f"no ref update: {old[:64]!r} {new[:64]!r} {ref[:64]!r}",
            note="Git calls this hook: pre-receive reads lines of `old new ref`, update takes `ref old new`",
        )
    return Update(ref, old if old.strip("0") else "", new if new.strip("0") else "")


def parse_updates(lines: Iterable[str]) -> tuple[Update, ...]:
    """The refs of a push, one line each."""
    found = []
    for line in lines:
        words = line.split(" ", 2)
        found.append(parse_update(*words, *[""] * (3 - len(words))))
    return tuple(found)


def _is_id(text: str) -> bool:
    return len(text) in (40, 64) and all(sign in "0123456789abcdef" for sign in text)


# Which refs are guarded


class Guard(Frozen):
    """Full names and globs of the refs whose content is published.

    Globs are those of `git for-each-ref`: `*` stops at a slash, `**` does not, a pattern that ends in "/" means all
    beneath it.
    """

    patterns: tuple[str, ...]

    def holds(self, ref: str) -> bool:
        return any(pattern.fullmatch(ref) for pattern in self._compiled())

    @property
    def folders(self) -> tuple[str, ...]:
        """The parts of the ref tree in which guarded refs can lie, to list no others."""
        return tuple(dict.fromkeys(TAGS if one.startswith(TAGS) else BRANCHES for one in self.patterns))

    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        found: tuple[re.Pattern[str], ...] = self.__dict__.get("_patterns", ())
        if not found:
            import re

            found = self.__dict__["_patterns"] = tuple(re.compile(_expression(one)) for one in self.patterns)
        return found


def guard_of(config: Config, default: Sequence[str]) -> Guard:
    """What `shared` and `released` mean on a server; `default` are the refs that are shared where neither is set.

    The patterns are written for clones: `origin/main` is the branch main here.  A first part that may be another
    remote's name or part of a branch's is taken both ways, unless that would guard every branch.
    """
    shared = [full for pattern in config.shared for full in _on_server(pattern, BRANCHES)]
    released = [full for pattern in config.released for kind in (TAGS, BRANCHES) for full in _on_server(pattern, kind)]
    return Guard(tuple(dict.fromkeys((*(shared or default), *released))))


def _on_server(pattern: str, kind: str) -> Iterator[str]:
    if pattern.startswith("refs/remotes/"):
        pattern = pattern.removeprefix("refs/remotes/")
    elif pattern.startswith("refs/"):
        if pattern.startswith(kind) or not pattern.startswith((BRANCHES, TAGS)):
            yield pattern
        return
    remote, slash, branch = pattern.partition("/")
    if kind == TAGS or not slash:
        yield kind + pattern
    elif remote == "origin":
        yield kind + branch
    else:
        yield kind + pattern
        if branch and branch[0] not in _WILD:
            yield kind + branch


def _expression(pattern: str) -> str:
    """A glob as a regular expression."""
    import re

    parts = []
    rest = pattern + "**" if pattern.endswith("/") else pattern
    while rest:
        end = rest.find("]", 2) if rest[0] == "[" else -1
        if rest.startswith("**"):
            parts.append(".*")
            rest = rest.lstrip("*")
        elif rest[0] in "*?":
            parts.append("[^/]*" if rest[0] == "*" else "[^/]")
            rest = rest[1:]
        elif end > 0:
            inside = rest[1:end].replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]")
            rest = rest[end + 1 :]
        else:
            parts.append(re.escape(rest[0]))
            rest = rest[1:]
    return "".join(parts)


def shared_name(ref: str, refs: Iterable[str]) -> str:
    """The guarded branch whose name a tag has taken, "" if none; short names then mean the tag to some."""
    branch = BRANCHES + ref.removeprefix(TAGS)
    return branch if ref.startswith(TAGS) and branch in set(refs) else ""


def find_lost(gone: EnvironmentState, left: Iterable[EnvironmentState]) -> tuple[Revision, ...]:
    """Revisions that no other shared ref has."""
    kept = [state.graph for state in left]
    return tuple(one for one in gone.files.values() if not any(one.id in graph for graph in kept))

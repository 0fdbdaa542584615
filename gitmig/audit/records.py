"""What an audit says of a branch's past.  Plain data; times are seconds since 1970, durations seconds."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_PUSH = 300
"""What is mended within five minutes was one push: nobody else met it."""

REFUSED = {
    "edited": "GM201",
    "deleted": "GM202",
    "renamed-id": "GM203",
    "re-parented": "GM204",
    "sunken": "GM205",
    "double-heads": "GM101",
    "missing-parent": "GM102",
    "duplicate-id": "GM104",
}
"""What the rules refuse, by kind."""

HARMLESS = ("moved", "relabelled", "cosmetic")


class Moment(Frozen):
    """One state of the branch: a commit of its first-parent line, the `number`-th of the audit."""

    number: int
    commit: str
    time: int
    author: str = ""
    subject: str = ""


class Touch(Frozen):
    """What one commit did to one revision that was published by then.

    kind          one of REFUSED's, or moved (another path), relabelled (another branch label), cosmetic (no database
                  would notice), unknown (one of the texts cannot be parsed)
    detail        in a few words: the parts that differ, the parents before and now, the id that took its place
    age           seconds between its arrival on the branch and this commit, -1 where it came before the audit
    """

    kind: str
    revision: str
    path: str
    moment: Moment
    detail: str = ""
    age: int = -1

    @property
    def is_refused(self) -> bool:
        return self.kind in REFUSED

    @property
    def is_one_push(self) -> bool:
        return 0 <= self.age < ONE_PUSH


class Period(Frozen):
    """Something that was wrong from one state until another; `end` is None where it still is.

    kind          double-heads, missing-parent or duplicate-id
    revisions     the heads when it began; or the revision and what it misses
    label         the branch label of the heads, "" for those without
    grew          later states with even more heads
    fixes         how it ended: merge revision, re-parented, deleted, new id, new revision, relabelled
    """

    kind: str
    revisions: tuple[str, ...]
    start: Moment
    label: str = ""
    grew: tuple[Moment, ...] = ()
    end: Moment | None = None
    fixes: tuple[str, ...] = ()
    last: int = 0

    @property
    def seconds(self) -> int:
        """How long; up to the last state of the audit where it goes on.  Clocks of committers may run backwards."""
        return max(0, (self.end.time if self.end else self.last) - self.start.time)

    @property
    def is_one_push(self) -> bool:
        return self.end is not None and self.seconds < ONE_PUSH


class Release(Frozen):
    """A release that brought revisions beneath those of the one before: databases of that one never run them.

    `sunken` are pairs of the revision and the published one above it.
    """

    tag: str
    before: str
    time: int
    sunken: tuple[tuple[str, str], ...]


class EnvironmentAudit(Frozen):
    """The past of one environment.  `revisions` counts those of the last state, `published` all that ever were."""

    name: str
    versions: tuple[str, ...]
    revisions: int = 0
    published: int = 0
    commits: int = 0
    touches: tuple[Touch, ...] = ()
    periods: tuple[Period, ...] = ()
    releases: tuple[Release, ...] = ()


class Audit(Frozen):
    """The past of a branch: `commits` states between `first` and `last`, of which `touching` change revisions.

    `released` counts the release tags that were compared, `remarks` is what the reader must know to trust the rest.
    """

    branch: str
    commits: int
    touching: int
    first: Moment | None
    last: Moment | None
    environments: tuple[EnvironmentAudit, ...] = ()
    released: int = 0
    remarks: tuple[str, ...] = ()

    def touches(self, *kinds: str) -> Iterator[Touch]:
        """All of these kinds, refused ones where none is named."""
        for environment in self.environments:
            yield from (one for one in environment.touches if (one.kind in kinds if kinds else one.is_refused))

    def periods(self, kind: str) -> list[Period]:
        return [one for environment in self.environments for one in environment.periods if one.kind == kind]

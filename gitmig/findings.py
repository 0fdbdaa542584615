"""What a check says: findings with a place, related places, a note and helps.  Plain data; nothing here prints."""

from __future__ import annotations

from gitmig.frozen import Frozen


class Location(Frozen):
    """A span of text; lines and columns start at 1 and count characters, `end_column` is one past the last."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0


class Place(Frozen):
    """Where a finding points, before the text was read: a blob and an anchor in it.

    `anchor` is `""` (the file), `"line:12"`, `"span:12:5:12:20"`, `"assign:down_revision"`, `"def:upgrade"`
    or `"doc:Revises"`.  `side` says whose text it is: local, target, merged, before or worktree.  `label` stands
    behind the caret.
    """

    path: str
    blob: str = ""
    anchor: str = ""
    side: str = "local"
    label: str = ""


class Help(Frozen):
    """One way out: a sentence and the commands to paste."""

    text: str
    commands: tuple[str, ...] = ()


class Related(Frozen):
    """Another place that belongs to the finding."""

    place: Place
    message: str


class Finding(Frozen):
    """One violation.

    `revisions` and `objects` ("table.column") are what waivers match.  `key` is given where they do not make the
    finding the same tomorrow, as with heads that move on.  `undecided` marks what could not be known.
    """

    code: str
    name: str
    severity: str
    environment: str
    message: str
    place: Place | None = None
    note: str = ""
    help: tuple[Help, ...] = ()
    related: tuple[Related, ...] = ()
    revisions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    undecided: bool = False

    @property
    def identity(self) -> str:
        """Stable across line moves and rewording: what a baseline, a waiver and a code scanner compare."""
        subject = self.key or self.revisions + self.objects
        if not subject and self.place is not None:
            subject = (self.place.path,)
        return "|".join((self.code, self.environment, *subject))

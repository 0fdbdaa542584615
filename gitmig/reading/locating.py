"""From the anchor of a finding to lines and columns: the text is read only when there is something to show."""

from __future__ import annotations

from gitmig.findings import Finding, Location, Place
from gitmig.repo.store import Unreadable
from gitmig.report.report import Excerpt, Located, LocatedRelated
from gitmig.source.decoding import Text, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gitmig.repo.objects import Objects


class Locator:
    """Reads the blobs that findings point into, all at once, and answers for each place."""

    def __init__(self, objects: Objects, fingerprint_of: Callable[[Finding], str] = lambda finding: "") -> None:
        self.objects = objects
        self.fingerprint_of = fingerprint_of
        self._texts: dict[str, Text | None] = {}

    def locate(self, findings: Iterable[Finding]) -> tuple[Located, ...]:
        findings = tuple(findings)
        self._load(place.blob for finding in findings for place in places_of(finding))
        return tuple(self._located(finding) for finding in findings)

    def _load(self, blobs: Iterable[str]) -> None:
        wanted = {blob for blob in blobs if blob and blob not in self._texts}
        for blob, content in self.objects.read(sorted(wanted)).items():
            decoded = None if isinstance(content, Unreadable) else decode(content)
            self._texts[blob] = decoded if isinstance(decoded, Text) else None

    def _located(self, finding: Finding) -> Located:
        related = tuple(
            LocatedRelated(self.location(one.place), one.message, self.excerpt(one.place)) for one in finding.related
        )
        if finding.place is None:
            return Located(finding, None, None, related)
        fingerprint = self.fingerprint_of(finding)
        return Located(finding, self.location(finding.place), self.excerpt(finding.place), related, fingerprint)

    def location(self, place: Place) -> Location:
        text = self._texts.get(place.blob)
        span = span_of(text, place.anchor) if text is not None else bare_span(place.anchor)
        return Location(place.path, *span)

    def excerpt(self, place: Place) -> Excerpt | None:
        """The line that the place points at; none where it points at the whole file or at what cannot be read."""
        text = self._texts.get(place.blob)
        if text is None or not place.anchor:
            return None
        line = self.location(place).line
        return Excerpt(line, (text.line_text(line),))


def places_of(finding: Finding) -> Iterable[Place]:
    if finding.place is not None:
        yield finding.place
    yield from (one.place for one in finding.related)


def bare_span(anchor: str) -> tuple[int, int, int, int]:
    """The span of an anchor that needs no text; the start of the file for all others."""
    kind, _, rest = anchor.partition(":")
    numbers = [int(part) for part in rest.split(":")] if kind in ("line", "span") and rest else []
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    return (numbers[0], 1, numbers[0], 1) if numbers else (1, 1, 1, 1)


def span_of(text: Text, anchor: str) -> tuple[int, int, int, int]:
    """Line and column, first and one past the last, of what the anchor names; the file's start if it is not there."""
    from gitmig.revisions.pointing import find_anchor

    found = find_anchor(text, anchor) if anchor else None
    if found is None:
        return bare_span(anchor)
    return found.line, found.column, found.end_line, found.end_column

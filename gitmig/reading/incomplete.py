"""A clone that lacks the text of files (a partial clone): what was asked for in vain, so that no verdict ignores it."""

from __future__ import annotations

from gitmig.repo.objects import Objects
from gitmig.repo.store import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.config import Config
    from gitmig.report.report import Report


class NotingObjects(Objects):
    """Reads as `Objects` does and keeps the ids of the blobs that are not there.

    Most readers leave out what they cannot have: a configuration that is missing looks like none.
    """

    def read(self, oids: Iterable[str]) -> dict[str, bytes | Unreadable]:
        found = super().read(oids)
        self.missing.update(
            oid for oid, content in found.items() if isinstance(content, Unreadable) and content.reason == "missing"
        )
        return found

    @property
    def missing(self) -> set[str]:
        found: set[str] = self.__dict__.setdefault("_missing", set())
        return found


def undecided_without(report: Report, objects: Objects, config: Config) -> Report:
    """The report, undecided where text was missing and no finding is an error."""
    missing = objects.missing if isinstance(objects, NotingObjects) else set()
    if not missing:
        return report
    count = f"{len(missing)} file{'' if len(missing) == 1 else 's'}"
    reason = f"this clone lacks the text of {count} that the check needs: make it without --filter=blob:none"
    report = report.replace(undecided=(*report.undecided, reason))
    if report.verdict == "findings":
        return report
    return report.replace(verdict="undecided", status=0 if config.undecided == "warn" else 3)

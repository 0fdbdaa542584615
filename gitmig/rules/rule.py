"""What a rule file declares, and how its violations become findings.

A rule is one file of this package, named after its code and name.  Its docstring is its documentation page.  It
declares

`severity`   error, warning or note
`needs`      the parts of a Change that `check` reads: graph, merged, edits, helpers, operations, drift, unstaged,
             rivalries
`check`      check(change) -> violations
`in_mode`    (optional) another severity in a mode, as {"staged": "warning"}
`inherited`  (optional) True when a state before can be wrong in the same way; such findings are no news
`fixable`    (optional) True when gitmig can carry out the remedy

What a change must have for the rule to be loaded at all stands in `occasions.py`, beside a copy of `needs`.
"""

from __future__ import annotations

from gitmig.findings import Finding, Help, Place, Related
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gitmig.change.change import Change


class Violation(Frozen):
    """What `check` yields; the rule adds its code, name, severity and environment."""

    message: str
    place: Place | None = None
    note: str = ""
    help: tuple[Help, ...] = ()
    related: tuple[Related, ...] = ()
    revisions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    undecided: bool = False
    severity: str = ""


class Rule(Frozen):
    """A loaded rule file."""

    code: str
    name: str
    severity: str
    needs: tuple[str, ...]
    check: Callable[[Change], Iterable[Violation]]
    in_mode: Mapping[str, str] = {}
    inherited: bool = False
    fixable: bool = False
    documentation: str = ""

    def findings(self, change: Change) -> Iterator[Finding]:
        """The violations of one change as findings."""
        usual = self.in_mode.get(change.mode, self.severity)
        for found in self.check(change):
            yield Finding(
                self.code,
                self.name,
                found.severity or usual,
                change.environment,
                found.message,
                found.place,
                found.note,
                found.help,
                found.related,
                found.revisions,
                found.objects,
                found.key,
                found.undecided,
            )

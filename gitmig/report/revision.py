"""What `gitmig revision` has written, for people and as JSON."""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.json import finding_value
from gitmig.report.plan import render_plan, steps_value
from gitmig.report.style import Style
from gitmig.report.text import render_findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    from gitmig.plan import Plan
    from gitmig.report.report import Located
    from gitmig.revisions.draft import Draft
    from gitmig.schema.operations import Operation

    class Proposed(Protocol):
        """What `commands.writing` has worked out."""

        @property
        def environment(self) -> str: ...
        @property
        def draft(self) -> Draft | None: ...
        @property
        def path(self) -> str: ...
        @property
        def plan(self) -> Plan: ...
        @property
        def operations(self) -> tuple[Operation, ...]: ...
        @property
        def back(self) -> tuple[Operation, ...]: ...
        @property
        def findings(self) -> tuple[Located, ...]: ...
        @property
        def hooks(self) -> tuple[str, ...]: ...
        @property
        def left(self) -> tuple[str, ...]: ...
        @property
        def notes(self) -> tuple[str, ...]: ...
        @property
        def why(self) -> str: ...


def proposed_value(proposed: Proposed) -> dict[str, Any]:
    """`revision` and `path` are null where there is nothing to write; `why` then says so."""
    from gitmig.schema.databases import encode_plain

    draft = proposed.draft
    return {
        "schema": 1,
        "environment": proposed.environment,
        "revision": draft.id if draft else None,
        "down_revision": list(draft.down_revisions) if draft else [],
        "message": draft.message if draft else None,
        "path": proposed.path or None,
        "why": proposed.why or None,
        "operations": [encode_plain(one) for one in proposed.operations],
        "downgrade": [encode_plain(one) for one in proposed.back],
        "findings": [finding_value(one) for one in proposed.findings],
        "notes": list(proposed.notes),
        "hooks": {"ran": list(proposed.hooks), "left": list(proposed.left)},
        "plan": steps_value(proposed.plan),
    }


def render_proposed(proposed: Proposed, *, dry_run: bool, color: bool = False, width: int = 0) -> str:
    """The operations, one in a line, and the findings; with `dry_run` the text of the file."""
    if proposed.draft is None:
        return f"{safe(proposed.environment)}: {safe(proposed.why)}\n"
    style = Style(color)
    draft = proposed.draft
    after = f" after {', '.join(draft.down_revisions)}" if draft.down_revisions else ", the first one"
    lines = [style.paint("strong", safe(f"{proposed.path}: revision {draft.id}{after}"))]
    lines += [f"  {safe(line)}" for line in sentences(proposed.operations)]
    shown = "\n".join(lines) + "\n"
    if dry_run:
        shown += "\n" + render_plan(proposed.plan, color=color)
    findings = render_findings(proposed.findings, color=color, width=width)
    return shown + ("\n" + findings.rstrip("\n") + "\n" if findings else "")


def sentences(operations: Sequence[Operation]) -> list[str]:
    """`add column books.isbn`."""
    found = []
    for operation in operations:
        name = ".".join(part for part in (operation.table, operation.name) if part)
        if operation.op == "data":
            found.append(f"fill {name} where it is NULL")
            continue
        changed = ", ".join(operation.detail.get("set", {})).replace("_", " ")
        to = f" to {operation.detail['to']}" if operation.op.startswith("rename_") else ""
        found.append(f"{operation.op.replace('_', ' ')} {name}{to}{f': {changed}' if changed else ''}")
    return found

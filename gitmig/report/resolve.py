"""What `gitmig resolve` and the hooks say of heads: who made them, what is safe, and the command."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.report.escape import safe
from gitmig.report.plan import steps_value
from gitmig.report.style import Style, fold
from gitmig.schema.operations import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from gitmig.plan import Plan
    from gitmig.resolve.remedy import Block, Private, Remedy
    from gitmig.schema.commute import Clash
    from gitmig.schema.operations import Operation

_NAMES = {"none": "nothing to do", "reparent": "re-parent", "merge": "merge revision", "refuse": "none is safe"}
_MOST = 5


class Authorship(Frozen):
    """Who added a revision file: short commit, author, day."""

    commit: str
    author: str
    day: str


# JSON


def resolution_value(remedies: Sequence[Remedy], plan: Plan) -> dict[str, Any]:
    """The JSON of DESIGN section 9; the first environment that needs a remedy stands at the top as well."""
    first = next((one for one in remedies if one.kind != "none"), None)
    values = [remedy_value(one) for one in remedies]
    return {
        "schema": 1,
        "remedy": first.kind if first else "none",
        "why": first.why if first else "every environment has one head",
        "conflicts": [clash_value(one) for one in first.conflicts] if first else [],
        "environments": values,
        "plan": steps_value(plan),
    }


def remedy_value(remedy: Remedy) -> dict[str, Any]:
    return {
        **remedy_in_brief(remedy, clash_value),
        "lines": [
            {"head": one.head, "revisions": list(one.revisions), "standing": one.standing} for one in remedy.blocks
        ],
        "private_databases": [
            {"lowest": one.lowest, "parents": list(one.parents), "skipped": list(one.skipped)} for one in remedy.private
        ],
    }


def remedy_in_brief(remedy: Remedy, clash: Callable[[Clash], dict[str, Any]]) -> dict[str, Any]:
    """A remedy without what it is made of; `clash` says how much of a clash is told."""
    return {
        "name": remedy.environment,
        "remedy": remedy.kind,
        "why": remedy.why,
        "heads": list(remedy.heads),
        "verdict": remedy.verdict,
        "conflicts": [clash(one) for one in remedy.conflicts],
        "unknown": list(remedy.unknown),
    }


def clash_value(clash: Clash, operation: Callable[[Operation], dict[str, Any]] = encode) -> dict[str, Any]:
    """A clash; `operation` says how much of its two operations is told."""
    return {
        "verdict": clash.verdict,
        "object": clash.object,
        "why": clash.why,
        "one": operation(clash.one),
        "other": operation(clash.other),
    }


# Text


def render_remedies(
    remedies: Sequence[Remedy], authors: Mapping[str, Authorship], *, color: bool = False, width: int = 0
) -> str:
    """One block for each environment that needs something; a line when none does."""
    needing = [one for one in remedies if one.kind != "none"]
    if not needing:
        notes = [f"{safe(one.environment)}: {safe(one.why)}" for one in remedies]
        return "\n".join(notes or ["no Alembic environment was found in this tree"]) + "\n"
    return "\n\n".join("\n".join(_block(one, authors, Style(color), width)) for one in needing) + "\n"


def _block(remedy: Remedy, authors: Mapping[str, Authorship], style: Style, width: int) -> Iterator[str]:
    count = f"{len(remedy.heads)} heads" if len(remedy.heads) > 1 else "one head"
    yield style.paint("strong", f"{safe(remedy.environment)}: {count}, {safe(', '.join(remedy.heads))}")
    for block in remedy.blocks:
        yield f"  {_line(block, authors)}"
    for clash in remedy.conflicts[:_MOST]:
        yield f"  {style.paint('error', 'conflict')}: {safe(clash.object)}: {safe(clash.why)}"
        yield f"    {_operation(clash.one)}"
        yield f"    {_operation(clash.other)}"
    if len(remedy.conflicts) > _MOST:
        yield f"  and {len(remedy.conflicts) - _MOST} more conflicts"
    for text in remedy.unknown[:_MOST]:
        yield f"  {style.paint('warning', 'unknown')}: {safe(text)}"
    if len(remedy.unknown) > _MOST:
        yield f"  and {len(remedy.unknown) - _MOST} more that is unknown"
    yield from fold(safe(f"remedy: {_NAMES[remedy.kind]}: {remedy.why}"), "", "        ", width)
    yield from private_lines(remedy, style, width)
    for help_ in remedy.help:
        yield f"{style.paint('help', 'help')}: {safe(help_.text)}"
        yield from (f"          {safe(command)}" for command in help_.commands)


def _line(block: Block, authors: Mapping[str, Authorship]) -> str:
    """One line of revisions: its head, how long it is, who made it."""
    more = f" and {len(block.revisions) - 1} below it" if len(block.revisions) > 1 else ""
    by = authors.get(block.head)
    made = f", {by.author} in {by.commit} on {by.day}" if by else ""
    return safe(f"{block.standing:<11} {block.head}{more}{made}")


def _operation(operation: Operation) -> str:
    origin = operation.origin
    what = " ".join(part for part in (operation.op, operation.table, operation.name) if part)
    return safe(f"{origin.path}:{origin.line}: {what}")


def private_lines(remedy: Remedy, style: Style, width: int = 0) -> Iterator[str]:
    """Which databases go down first, and how."""
    for private in remedy.private:
        text = (
            f"note: a database of yours that ran {private.lowest} goes down first, with its old text; "
            f"else it never runs {_some(private.skipped)} and still says head"
        )
        yield from fold(safe(text), "", "      ", width)
        yield f"          {safe(downgrade_command(private))}"


def downgrade_command(private: Private) -> str:
    """Down to one of the parents: what the others hold stays, while `X-1` is ambiguous above a merge revision."""
    from gitmig.quoting import shell_word

    return f"alembic downgrade {shell_word(private.parents[0]) if private.parents else 'base'}"


def _some(revisions: Sequence[str]) -> str:
    shown = ", ".join(revisions[:3])
    return f"{shown} and {len(revisions) - 3} more" if len(revisions) > 3 else shown


def render_offer(remedy: Remedy | None, authors: Mapping[str, Authorship]) -> list[str]:
    """What a hook says after it named the heads: whose they are, what is safe, the command."""
    lines = [f"  {_line(block, authors)}" for block in remedy.blocks] if remedy else []
    lines.append("note: with more than one head, `alembic upgrade head` stops and nothing can be deployed")
    if remedy is None:
        return [*lines, "help: look at the remedy:", "          gitmig resolve --dry-run"]
    lines += [f"note: both lines touch {clash.object}: {clash.why}" for clash in remedy.conflicts[:_MOST]]
    lines += private_lines(remedy, Style(False))
    if remedy.kind == "refuse":
        return [*lines, f"help: {remedy.why}", "          gitmig resolve --dry-run"]
    option = "auto" if remedy.is_automatic else remedy.kind
    doubt = "" if remedy.is_automatic else " (look at both revisions first: they may not fit together)"
    return [*lines, f"help: {_NAMES[remedy.kind]}: {remedy.why}{doubt}:", f"          gitmig resolve --{option}"]

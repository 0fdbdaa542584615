"""The ledger of a database, and what differs from the files, as text and JSON."""

from __future__ import annotations

import json

from gitmig.report.databases import name_of_database
from gitmig.report.escape import safe
from gitmig.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


def render_ledger(listed: Sequence[tuple[Any, Sequence[Any]]], *, color: bool = False) -> str:
    """One line for each row, the oldest first."""
    style = Style(color)
    lines = []
    for plan, entries in listed:
        lines.append(style.paint("strong", name_of_database(plan.database)))
        for one in entries:
            took = "" if one.duration is None else f"{one.duration:.2f} s"
            commit = one.commit[:12] + ("+" if one.commit.endswith("+") else "")
            words = (one.applied_at, f"{one.direction:<9}", f"{one.revision:<14}", f"{commit:<13}", took)
            lines.append(f"  {'  '.join(map(safe, words))}".rstrip())
        if not entries:
            lines.append("  no ledger yet: it begins with the next `gitmig upgrade`")
    return "".join(f"{line}\n" for line in lines)


def render_ledger_json(name: str, listed: Sequence[tuple[Any, Sequence[Any]]]) -> str:
    return dumped(
        [
            {
                "name": name,
                "database": described(plan),
                "heads": list(plan.heads),
                "rows": [row_of(one) for one in entries],
            }
            for plan, entries in listed
        ]
    )


def render_verified(found: Sequence[tuple[Any, Any]], *, color: bool = False) -> str:
    """What differs, each with what to do; one good line where nothing does."""
    style = Style(color)
    lines: list[str] = []
    for plan, one in found:
        lines += [f"{paint(style, kind)}{text}" for kind, text in verified_lines(plan, one)]
    return "".join(f"{line}\n" for line in lines)


def verified_lines(plan: Any, one: Any) -> Iterator[tuple[str, str]]:
    where = name_of_database(plan.database)
    for edited in one.edited:
        parts = " and ".join(edited.parts)
        yield "error", f"{safe(edited.entry.revision)} ran on {where} with another text: {safe(parts)} differs"
        yield "", f"  --> {safe(edited.path)}"
        yield "note", f"it ran {when(edited.entry)}; this database will never run the edit"
    for moved in one.reparented:
        was, now = listed(moved.entry.parents), listed(moved.now)
        yield "error", f"{safe(moved.entry.revision)} ran on {where} after {was}, and revises {now} today"
        yield "", f"  --> {safe(moved.path)}"
        yield "note", f"it ran {when(moved.entry)}; what was put beneath it since may never have run here"
    for gone in one.gone:
        yield "error", f"{safe(gone.revision)} ran on {where} and is in no file of this tree"
        yield "note", f"it ran {when(gone)}; the ledger has its text"
    if one.reparented or one.gone:
        yield "help", "bring the database to this branch:\n          gitmig sync"
    if one.edited:
        yield (
            "help",
            "restore the text that ran and write the change as a new revision; see\n          gitmig explain GM201",
        )
    for back in one.returned:
        yield "note", f"{safe(back.revision)} was taken back without the ledger"
    if one.unknown:
        shown = ", ".join(safe(each) for each in one.unknown[:5])
        more = f" and {len(one.unknown) - 5} more" if len(one.unknown) > 5 else ""
        yield "note", f"not known what ran for {shown}{more}: applied without the ledger, or stamped"
    if one.is_clean:
        rows = f"{one.entries} row{'' if one.entries == 1 else 's'}"
        yield "good", f"{where}: every revision that the ledger knows ran as its file says ({rows})"


def paint(style: Style, kind: str) -> str:
    return f"{style.paint(kind, kind)}: " if kind not in ("", "good") else ""


def when(entry: Any) -> str:
    commit = f" at commit {safe(entry.commit.rstrip('+')[:12])}" if entry.commit else ""
    return f"on {safe(entry.applied_at[:10])}{commit}"


def listed(names: Sequence[str]) -> str:
    return " and ".join(safe(name) for name in names) or "nothing"


def render_verified_json(name: str, found: Sequence[tuple[Any, Any]]) -> str:
    return dumped(
        [
            {
                "name": name,
                "database": described(plan),
                "heads": list(plan.heads),
                "verdict": "clean" if one.is_clean else "findings",
                "edited": [{**row_of(each.entry), "path": each.path, "parts": list(each.parts)} for each in one.edited],
                "reparented": [
                    {**row_of(each.entry), "path": each.path, "now": list(each.now)} for each in one.reparented
                ],
                "gone": [row_of(each) for each in one.gone],
                "unknown": list(one.unknown),
                "returned": [row_of(each) for each in one.returned],
            }
            for plan, one in found
        ]
    )


def row_of(entry: Any) -> dict[str, Any]:
    """Everything but the text, which is as long as a file."""
    return {
        "revision": entry.revision,
        "direction": entry.direction,
        "parents": list(entry.parents),
        "fingerprint": entry.fingerprint,
        "blob": entry.blob,
        "commit": entry.commit,
        "gitmig": entry.gitmig,
        "alembic": entry.alembic,
        "applied_at": entry.applied_at,
        "duration": entry.duration,
    }


def described(plan: Any) -> dict[str, str]:
    return {"dialect": plan.database.dialect, "url": plan.database.url, "name": plan.database.name}


def dumped(environments: list[dict[str, Any]]) -> str:
    return json.dumps({"schema": 1, "environments": environments}, indent=2) + "\n"

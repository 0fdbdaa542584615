"""What a template or a formatter of the project made of a revision: is it still the revision that was planned?"""

from __future__ import annotations

import ast
from collections import Counter

from gitmig.errors import CannotDecide
from gitmig.findings import Help
from gitmig.revisions.draft import render_draft
from gitmig.schema.scripts.facts import extract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from gitmig.revisions.draft import Draft

WAYS = ("upgrade", "downgrade")


def require_as_planned(made: bytes, draft: Draft, template: str, again: str) -> None:
    """A template may leave lines out; then the file would not be what Alembic needs."""
    from gitmig.revisions.parsing import parse_revision

    found = parse_revision(made)
    if found.problems or (found.id, found.down_revisions) != (draft.id, draft.down_revisions):
        raise refused(
            f"{template} makes a file that does not say what is needed: revision = {found.id!r}, "
            f"down_revision = {found.down_revisions!r}",
            again,
        )


def require_names(content: bytes, template: str, again: str) -> None:
    """The file parses, and what its functions use is imported: a template may leave `sa` out."""
    from gitmig.source.syntax import parse

    tree = parse(content).tree
    if tree is None:
        raise refused(f"{template or 'the revision'} makes a file that does not parse", again)
    bound = set(bound_names(tree.body))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    missing = used & {"op", "sa", "postgresql", "mysql", "sqlite", "mssql", "oracle"} - bound
    if missing:
        raise refused(
            f"{template} does not import {', '.join(sorted(missing))}, which the revision needs",
            again,
        )


def require_operations(content: bytes, draft: Draft, template: str, again: str) -> tuple[str, ...]:
    """What there is to say where the template has no place for the way back; one without an upgrade is refused."""
    found, wanted = extract(content), extract(render_draft(draft))
    for name, _, _ in draft.databases:
        if any(is_lacking(of_database(found, name), of_database(wanted, name), way) for way in WAYS):
            raise refused(f"{template} makes no upgrade_{name}() and downgrade_{name}() with what is to be done", again)
    if is_lacking(found, wanted, "upgrade"):
        raise refused(f"{template} makes no upgrade() with what is to be done", again)
    if not draft.databases and is_lacking(found, wanted, "downgrade"):
        return (f"{template} makes no downgrade() with what takes it back, so that is not in the file",)
    return ()


def is_lacking(found: Mapping[str, Any], wanted: Mapping[str, Any], way: str) -> bool:
    """Whether a function does less than it should; what a template adds to it is the project's."""
    there, needed = (
        Counter((one["op"], one["table"], one["name"]) for one in each.get(way, ())) for each in (found, wanted)
    )
    return bool(needed - there)


def of_database(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = facts.get("databases", {}).get(name, {})
    return found


def is_still(before: bytes, after: bytes) -> bool:
    """Whether a formatter left a revision: the same one, with functions that are as empty as before."""
    from gitmig.revisions.parsing import parse_revision

    was, now = parse_revision(before), parse_revision(after)
    if now.problems or (now.id, now.down_revisions) != (was.id, was.down_revisions):
        return False
    empty: bool = extract(before)["empty"] == extract(after)["empty"]
    return empty


def refused(what: str, again: str) -> CannotDecide:
    return CannotDecide(what, help=(Help("use gitmig's own template", (again,)),))


def bound_names(statements: Iterable[ast.stmt]) -> Iterator[str]:
    for node in statements:
        for each in ast.walk(node):
            if isinstance(each, ast.Import | ast.ImportFrom):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in each.names)
            elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                yield each.id

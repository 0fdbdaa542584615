"""The revision that takes a published one back: its two functions the other way round."""

from __future__ import annotations

from textwrap import indent

from gitmig.commands.writing import Bodies
from gitmig.errors import CannotDecide, Refused, UsageError
from gitmig.findings import Help
from gitmig.revisions.reverting import functions_of
from gitmig.schema.dangers import destructive, not_null_without_default
from gitmig.schema.databases import key_in, part_of
from gitmig.schema.operations import decode
from gitmig.schema.replay import replay
from gitmig.schema.scripts.facts import extract, facts_in
from gitmig.schema.undoing import undo_all
from gitmig.schema.writing import Remark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gitmig.commands.writing import Writer
    from gitmig.revisions.reverting import Functions
    from gitmig.revisions.revision import Revision
    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation


def revert_bodies(writer: Writer, name: str, databases: Sequence[str] = ()) -> Bodies:
    """The downgrade of the revision as an upgrade; where it has none, what takes back what its upgrade did.

    With `databases` this is done with the functions of each.
    """
    revision = revision_named(writer, name)
    if len(revision.down_revisions) > 1:
        raise Refused(f"{revision.id} joins heads, and there is nothing in it to take back")
    source = writer.snapshot.read([revision.path]).get(revision.path)
    functions = functions_of(source, databases) if source is not None else None
    if source is None or functions is None:
        raise CannotDecide(f"{revision.path} cannot be read")
    facts = extract(source, revision.path)
    if facts["empty"]["upgrade"]:
        raise Refused(f"{revision.id} does nothing, and there is nothing to take back")
    chain, notes = writer.require_schema(), unpublished(writer, revision.id)
    if not databases:
        return taken_back(writer, revision, facts, functions, chain).replace(notes=notes)
    if "databases" not in facts or "otherwise" in facts:
        raise CannotDecide(
            f"{revision.path} has no function of its own for each database",
            help=(Help("write the way back by hand", (f'gitmig revision --empty -m "revert {revision.id}"',)),),
        )
    parts = {
        bind: taken_back(writer, revision, facts_in(facts, bind), functions, part_of(chain, bind), bind).marked(bind)
        for bind in databases
    }
    return Bodies(
        "pass",
        "pass",
        "\n".join(dict.fromkeys(line for made in parts.values() for line in made.imports.splitlines())),
        tuple(each for made in parts.values() for each in made.operations),
        tuple(each for made in parts.values() for each in made.back),
        tuple(each.replace(object=key_in(bind, each.object)) for bind, made in parts.items() for each in made.remarks),
        notes,
        is_raw=True,
        databases=tuple((bind, made.upgrade, made.downgrade) for bind, made in parts.items()),
    )


def taken_back(
    writer: Writer,
    revision: Revision,
    facts: Mapping[str, Any],
    functions: Functions,
    chain: Schema,
    bind: str | None = None,
) -> Bodies:
    """The functions of the revision, or of one of several databases, the other way round."""
    end = "" if bind is None else f"_{bind}"
    upgrade, downgrade = (functions.bodies.get(f"{way}{end}") for way in ("upgrade", "downgrade"))
    up, down = ([decode(each, revision.path) for each in facts[way]] for way in ("upgrade", "downgrade"))
    if bind is not None and not (up or down):
        return Bodies("    pass", "    pass", is_raw=True)
    has_none = facts["empty"]["downgrade"] or facts["raises"]["downgrade"]
    if not has_none and upgrade is not None and downgrade is not None:
        remarks = dangers(chain, down)
        return Bodies(downgrade, upgrade, functions.rest, tuple(down), tuple(up), remarks, is_raw=True)
    made = worked_out(writer, revision.id, chain, up, bind)
    if bind is None:
        return made
    return made.replace(upgrade=indent(made.upgrade, " " * 4), downgrade=indent(made.downgrade, " " * 4))


def revision_named(writer: Writer, name: str) -> Revision:
    """By its id, or by the start of it."""
    graph = writer.change.local.graph
    found = [name] if name in graph else [one for one in graph.revisions if one.startswith(name)]
    if len(found) != 1:
        what = "no revision" if not found else f"{len(found)} revisions"
        raise UsageError(f"{what} {name}: {', '.join(found)}".rstrip(": "))
    revision = writer.change.local.revision(found[0])
    if revision is None:
        raise CannotDecide(f"{found[0]} has no file")
    return revision


def worked_out(writer: Writer, name: str, chain: Schema, upgrade: Sequence[Operation], bind: str | None) -> Bodies:
    """No downgrade to go by: what the upgrade did is taken back, as far as it was read."""
    unread = [each for each in upgrade if each.op in ("unknown", "data")]
    if unread:
        raise CannotDecide(
            f"{name} has no downgrade, and its upgrade does more than change tables",
            note=f"{unread[0].detail.get('text', 'it changes rows')}",
            help=(Help("write the way back by hand", (f'gitmig revision --empty -m "revert {name}"',)),),
        )
    before = schema_before(writer, name)
    before = before if bind is None else part_of(before, bind)
    made = writer.written(chain, undo_all(before, upgrade), writer.form(bind or ""))
    remark = Remark("unknown", name, "it has no downgrade: this is worked out from its upgrade")
    return made.replace(remarks=(remark, *made.remarks))


def schema_before(writer: Writer, name: str) -> Schema:
    """What the upgrade met: the chain of its ancestors."""
    from gitmig.change.additions import Script, replay_scripts
    from gitmig.schema.elements import Schema

    state = writer.change.local
    below = state.graph.ancestors(name)
    files = [one for each in state.graph.upgrade_order() if each in below and (one := state.revision(each)) is not None]
    facts = writer.facts.of("script", [one.blob for one in files if one.id != name])
    known = [one for one in files if one.blob in facts]
    scripts = [Script(one.id, one.path, one.blob, facts[one.blob], writer.databases) for one in known]
    return replay_scripts(Schema(), [each for each in scripts if each.revision != name], ())[0]


def dangers(chain: Schema, operations: Sequence[Operation]) -> tuple[Remark, ...]:
    """What taking it back does to rows, and what is not there any more to take back."""
    found = [
        *(
            Remark("destructive", each.object, "it is dropped, with all that was written since")
            for each in destructive(chain, operations)
        ),
        *(
            Remark("backfill", each.object, "rows that are there need a value before NOT NULL")
            for each in not_null_without_default(chain, operations)
        ),
        *(
            Remark("unknown", f"{each.operation.table}.{each.operation.name}".strip("."), f"{each.why} any more")
            for each in replay(chain, operations).contradictions
        ),
        *(
            Remark("unknown", ", ".join(each.detail.get("objects", ())), "what it does was not read")
            for each in operations
            if each.op == "unknown"
        ),
    ]
    return tuple(found)


def unpublished(writer: Writer, name: str) -> tuple[str, ...]:
    """Nobody has it: it can simply go."""
    target = writer.change.target
    if target is None or name in target.graph:
        return ()
    where = writer.comparison.target_is.name
    return (f"{name} is not in {where}: a revision that nobody has can be deleted instead",)

"""Revisions that gitmig writes for single changes of the fixture project: read again, and run on real databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import indent
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from support.mutations import PROJECT, Mutation, _read
from support.replayed import differences, reflected

from gitmig.schema.coder import Form
from gitmig.schema.compare import compare
from gitmig.schema.discrepancies import is_error
from gitmig.schema.drift import Side, new_drift
from gitmig.schema.elements import Schema, Table, enum_key
from gitmig.schema.operations import decode
from gitmig.schema.proposing import Proposal, Question, propose
from gitmig.schema.rendering import render_steps
from gitmig.schema.replay import replay
from gitmig.schema.reversing import reverses
from gitmig.schema.scripts.facts import extract
from gitmig.schema.writing import Written, write

ANY = Form()
BATCH = Form(batch=True)
POSTGRESQL = Form(frozenset({"postgresql"}))
FORMS = {"any database": ANY, "batch mode": BATCH, "PostgreSQL": POSTGRESQL}


def yes(question: Question) -> bool:
    return True


def no(question: Question) -> bool:
    return False


@dataclass(frozen=True)
class Script:
    """A revision as text, and what was worked out for it."""

    source: str
    written: Written
    problems: tuple[str, ...] = ()

    def filled(self, old: str, new: str) -> Script:
        """With a value where a person has to fill one in."""
        return replace(self, source=self.source.replace(old, new))


def script_of(proposal: Proposal, form: Form) -> Script:
    """The file that a proposal becomes, without the ids."""
    written = write(proposal.before, proposal.operations, form.dialects)
    up, down = render_steps(written.upgrade, form), render_steps(written.downgrade, form)
    imports = "\n".join(sorted({*up.imports, *down.imports}))
    source = (
        f"from alembic import op\nimport sqlalchemy as sa\n{imports}\n\nrevision = 'b'\ndown_revision = 'a'\n\n\n"
        f"def upgrade() -> None:\n{indent(up.text, '    ')}\n\n\n"
        f"def downgrade() -> None:\n{indent(down.text, '    ')}\n"
    )
    problems = tuple(f"{each.object}: {each.message}" for each in (*up.remarks, *down.remarks))
    return Script(source, written, problems)


def between(old: Schema, new: Schema, form: Form = ANY, is_rename: Callable[[Question], bool] = yes) -> Script:
    """The revision that leads from one schema to another, as `gitmig revision` writes it."""
    side = Side(old, new)
    drift = new_drift(side, [Side(old, old)])
    return script_of(propose(side, drift.items, is_rename), form)


def built_from(models: Schema) -> Schema:
    """The chain that has what these models say."""
    return replay(Schema(), compare(Schema(), models)).schema


@lru_cache(maxsize=512)
def built(items: tuple[tuple[str, str], ...]) -> Schema:
    """The chain that has what the models of a project say."""
    return built_from(_read(items))


def sides_of(mutation: Mutation) -> tuple[Schema, Schema, Schema]:
    """Chain before, models before, models after."""
    before, after = (tuple(project.items()) for project in (mutation.before, mutation.after))
    return built(before), _read(before), _read(after)


def wrong_with(mutation: Mutation, form: Form) -> list[str]:
    """What is not as it should be when the revision for a mutation is read again; empty when all is."""
    chain, before, after = sides_of(mutation)
    side, old = Side(chain, after), [Side(chain, before)]
    drift = new_drift(side, old)
    script = script_of(propose(side, drift.items, yes), form)
    compile(script.source, "revision.py", "exec")
    facts = extract(script.source.encode())
    up, down = ([decode(each) for each in facts[way]] for way in ("upgrade", "downgrade"))
    found = replay(chain, up)
    again = new_drift(Side(found.schema, after), old, up)
    wrong = [f"{each.kind} {each.object} {each.attribute} is left" for each in again.items if is_error(each)]
    if again.verdict not in ("covered", "none"):
        wrong.append(f"the verdict is {again.verdict}")
    wrong += [f"contradiction: {each.why}" for each in found.contradictions]
    wrong += [f"not written: {problem}" for problem in script.problems]
    reversal = reverses(chain, up, down)
    if reversal.verdict != "yes":
        wrong += [f"the downgrade leaves {each.op} {each.table} {each.name}" for each in reversal.remains]
        wrong.append(f"reverses: {reversal.verdict}")
    return wrong


# On databases

SERVER_ONLY = ("array", "jsonb", "inet")


def runs_on_sqlite(table: Table) -> bool:
    return not table.namespace and not any(column.type.family in SERVER_ONLY for column in table.columns)


def for_sqlite(schema: Schema) -> Schema:
    """The tables that SQLite can have, without foreign keys to the others."""
    return only(schema, {key for key, table in schema.tables.items() if runs_on_sqlite(table)})


def only(schema: Schema, keys: set[str]) -> Schema:
    """These tables, without foreign keys to others, and the types that they use."""
    tables = {
        key: table.replace(foreign_keys=tuple(each for each in table.foreign_keys if each.referred in keys))
        for key, table in schema.tables.items()
        if key in keys
    }
    used = {enum_key(column.type.item or column.type) for table in tables.values() for column in table.columns}
    return Schema(tables, {key: enum for key, enum in schema.enums.items() if key in used})


def run(connection: sa.Connection, script: Script, function: str) -> None:
    """One function of the revision, as Alembic runs it."""
    connection.rollback()  # looking at a database begins a transaction
    namespace: dict[str, Any] = {}
    exec(script.source, namespace)
    context = MigrationContext.configure(connection, opts={"transactional_ddl": True})
    with Operations.context(context):
        if "autocommit_block" in script.source:
            with context.begin_transaction(_per_migration=True):
                namespace[function]()
        else:
            namespace[function]()
    connection.commit()


def wrong_on(connection: sa.Connection, old: Schema, new: Schema, form: Form) -> list[str]:
    """Up, down and up again from a database that has `old`: what a way leaves that was not there before."""
    script = between(old, new, form)
    start = reflected(connection)
    run(connection, script, "upgrade")
    above = reflected(connection)
    run(connection, script, "downgrade")
    below = reflected(connection)
    run(connection, script, "upgrade")
    again = reflected(connection)
    harmless = {
        each.operation.detail["objects"][0] for each in script.written.downgrade if "harmless" in each.operation.detail
    }
    lines = [f"after the downgrade: {line}" for line in differences(start, below)]
    lines += [f"after the second upgrade: {line}" for line in differences(above, again)]
    return [line for line in lines if not any(f"enums {name}" in line for name in harmless)]


@contextmanager
def holding(connection: sa.Connection, schema: Schema, form: Form) -> Iterator[None]:
    """The database with these tables; they are made by a revision that gitmig writes."""
    run(connection, between(Schema(), schema, form), "upgrade")
    yield


def project_schema() -> Schema:
    return built(tuple(PROJECT.items()))

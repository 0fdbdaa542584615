"""Every single change of the fixture project as a revision: `bench/revisions_round_trip.py [--databases]`

Each one is written, read again and replayed: the change must be covered, and the downgrade must take it back.  With
--databases it also runs, up, down and up again, on SQLite and on PostgreSQL; both must be as they were before.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.mutations import Mutation, mutations  # noqa: E402
from support.replayed import emptied, postgres_server  # noqa: E402
from support.written import (  # noqa: E402
    BATCH,
    FORMS,
    POSTGRESQL,
    between,
    for_sqlite,
    holding,
    only,
    sides_of,
    wrong_on,
    wrong_with,
)

from gitmig.schema.coder import Form  # noqa: E402
from gitmig.schema.compare import compare  # noqa: E402
from gitmig.schema.elements import Schema  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutations whose name has these words")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one mutation in N")
    parser.add_argument("--databases", action="store_true", help="run them, instead of reading them again")
    parser.add_argument("--show", action="store_true", help="print the revisions that are wrong")
    parser.add_argument("--store", type=Path, help="a file that keeps what was found: the same run again goes on there")
    options = parser.parse_args()
    chosen = [each for each in mutations() if options.only in each.name][:: options.every]
    figures = (
        on_databases(chosen, options.show, options.store) if options.databases else read_again(chosen, options.show)
    )
    for (what, outcome), count in sorted(figures.items()):
        print(f"{what}: {outcome} {count}")
    return 1 if any(outcome == "wrong" for _, outcome in figures) else 0


def read_again(chosen: list[Mutation], show: bool) -> Counter[tuple[str, str]]:
    figures: Counter[tuple[str, str]] = Counter()
    for mutation in chosen:
        for name, form in FORMS.items():
            try:
                wrong = wrong_with(mutation, form)
            except Exception as error:
                wrong = [repr(error)]
            figures[name, "wrong" if wrong else "right"] += 1
            told(mutation, name, wrong, form, show)
    return figures


def told(mutation: Mutation, name: str, wrong: list[str], form: Any, show: bool) -> None:
    for line in wrong:
        print(f"WRONG {mutation.name} ({name}): {line[:300]}")
    if wrong and show:
        chain, _, after = sides_of(mutation)
        print(between(chain, after, form).source)


def on_databases(chosen: list[Mutation], show: bool, store: Path | None) -> Counter[tuple[str, str]]:
    lines = store.read_text().splitlines() if store is not None and store.exists() else []
    known: dict[str, list[list[str]]] = {each["mutation"]: each["outcomes"] for each in map(json.loads, lines)}
    with postgres_server() as server:
        for mutation in chosen:
            if mutation.name in known:
                continue
            known[mutation.name] = list(outcomes_of(mutation, server, show))
            if store is not None:
                with store.open("a") as stream:
                    stream.write(json.dumps({"mutation": mutation.name, "outcomes": known[mutation.name]}) + "\n")
    every = [known[mutation.name] for mutation in chosen]
    return Counter((name, outcome) for outcomes in every for name, outcome in outcomes)


def outcomes_of(mutation: Mutation, server: sa.Engine, show: bool) -> Iterator[list[str]]:
    """[database, outcome] of one mutation; none where it changes no schema."""
    chain, _, after = sides_of(mutation)
    old, new = touched(chain, after)
    if not compare(old, new) and not compare(new, old):
        return
    memory = sa.create_engine("sqlite://")
    for name, engine, form, sides in (
        ("SQLite, batch mode", memory, BATCH, (for_sqlite(old), for_sqlite(new))),
        ("PostgreSQL, batch mode", server, BATCH, (old, new)),
        ("PostgreSQL", server, POSTGRESQL, (old, new)),
    ):
        if not compare(*sides) and not compare(*reversed(sides)):  # in tables that SQLite cannot have
            yield [name, "not for it"]
            continue
        try:
            with emptied(engine) as connection, holding(connection, sides[0], form):
                wrong = wrong_on(connection, *sides, form)
        except Exception as error:
            wrong = [" ".join(str(error).split())]
            if not all(can_be_made(engine, side, form) for side in sides):
                print(f"NOT FOR IT {mutation.name} ({name}): {wrong[0][:200]}")
                yield [name, "not for it"]
                continue
        told(mutation, name, wrong, form, show)
        yield [name, "wrong" if wrong else "right"]


def can_be_made(engine: sa.Engine, schema: Schema, form: Form) -> bool:
    """Whether the database takes such tables at all: SQLite has no EXCLUDE, PostgreSQL no gist index of integers."""
    try:
        with emptied(engine) as connection, holding(connection, schema, form):
            return True
    except Exception:
        return False


def touched(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Both with the tables that differ, and those that they refer to: less to make for each mutation."""
    keys = {operation.table for operation in compare(old, new)} - {""}
    keys |= {key for key in (*old.tables, *new.tables) if old.tables.get(key) is None or new.tables.get(key) is None}
    if any(operation.op.endswith("_enum") for operation in compare(old, new)):
        return old, new
    while True:
        tables = [schema.tables[key] for schema in (old, new) for key in keys if key in schema.tables]
        more = {foreign.referred for table in tables for foreign in table.foreign_keys} - keys
        more |= {
            key
            for schema in (old, new)
            for key, table in schema.tables.items()
            if any(foreign.referred in keys for foreign in table.foreign_keys)
        } - keys
        if not more:
            break
        keys |= more
    return only(old, keys), only(new, keys)


if __name__ == "__main__":
    raise SystemExit(main())

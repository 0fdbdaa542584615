"""Every single change of the schema is noticed, and no other change is: a part of what bench/mutations.py runs."""

from __future__ import annotations

import pytest
from support.mutations import PROJECT, Mutation, is_right, mutations, outcome, read

from tests.schema.models.reading import declared, described, described_by_sqlalchemy

# One style of columns and one of arguments get all changes, the others one in fifteen, which style by style is another.
WHOLE = {"text", "Mapped", "__table_args__"}


def sample() -> list[Mutation]:
    groups: dict[tuple[str, bool], list[Mutation]] = {}
    for mutation in mutations():
        groups.setdefault((mutation.construct, mutation.silent), []).append(mutation)
    chosen = []
    for number, ((construct, _), group) in enumerate(groups.items()):
        chosen += group if construct in WHOLE else group[number % len(group) % 15 :: 15]
    return chosen


SAMPLE = sample()


@pytest.mark.parametrize("construct", sorted({mutation.construct for mutation in SAMPLE}))
@pytest.mark.parametrize("silent", [False, True], ids=["changes of the schema", "changes that are none"])
def test_changes_are_told_from_what_is_none(construct: str, silent: bool) -> None:
    chosen = [mutation for mutation in SAMPLE if mutation.construct == construct and mutation.silent == silent]
    found = [(mutation, outcome(mutation)) for mutation in chosen]
    assert chosen
    assert [f"{mutation.name}: {what}" for mutation, what in found if not is_right(mutation, what)] == []


def test_little_is_unknown_or_a_note() -> None:
    """An engine that calls everything unknown would notice everything."""
    found = [outcome(mutation) for mutation in SAMPLE if not mutation.silent and mutation.construct in WHOLE]
    assert found.count("error") / len(found) > 0.9


def test_the_campaign_sees_a_change_that_is_judged_wrongly() -> None:
    wider = {**PROJECT, "shop/special.py": PROJECT["shop/special.py"].replace("sa.String(10)", "sa.String(11)")}
    assert not is_right(Mutation("x", "y", PROJECT, wider, silent=True), outcome(Mutation("x", "y", PROJECT, wider)))
    assert not is_right(Mutation("x", "y", PROJECT, PROJECT), outcome(Mutation("x", "y", PROJECT, PROJECT)))


@pytest.mark.filterwarnings("ignore:Mapper")
def test_the_project_is_read_as_sqlalchemy_declares_it(tmp_path) -> None:
    pytest.importorskip("flask_sqlalchemy")
    pytest.importorskip("sqlmodel")
    modules = [path for path in PROJECT if path.startswith("shop/")]
    names = ", ".join(path.removesuffix(".py").replace("/", ".") for path in modules if "__init__" not in path)
    hub = f"""
import {names}
from shop.base import metadata
from shop.flask_style import db
from shop.sql_models import SQLModel, SqlItem

class Everything:
    tables = {{**metadata.tables, **db.metadata.tables, "sqlitem": SqlItem.__table__}}

SQLModel.metadata.remove(SqlItem.__table__)
"""
    files = {**{path: PROJECT[path] for path in modules}, "models.py": hub}
    assert described(read(PROJECT)) == described_by_sqlalchemy(declared(files, tmp_path, "Everything"))

"""Reads a few files given as text the way a reader does, and, as the oracle, lets SQLAlchemy itself declare them."""

from __future__ import annotations

import importlib
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

from gitmig.environments import env_file
from gitmig.schema.models import facts
from gitmig.schema.models.linking import link
from gitmig.schema.models.wanted import wanted
from gitmig.source.modules import Modules

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gitmig.schema.elements import Schema

ENV = "from models import Base\n\ntarget_metadata = Base.metadata\n"


def read(files: dict[str, str], env: str = ENV, *, env_path: str = "migrations/env.py", **options: Any) -> Schema:
    """The schema of files by path; `env` is the text of env.py."""
    sources = {path: dedent(text).encode() for path, text in files.items()}
    sources[env_path] = dedent(env).encode()
    modules = Modules(sources)
    env_facts = env_file.extract(sources[env_path])
    known: dict[str, dict[str, Any]] = {}
    alone = options.get("alone", False)
    while True:
        more = wanted(modules, known, env_path, env_facts, alone=alone)
        if not more.full and not more.candidates:
            break
        for path in (*more.full, *more.candidates):
            needed = path in more.full or facts.may_declare_models(sources[path])
            known[path] = facts.extract(sources[path]) if needed else facts.not_models()
    return link(known, modules, env_facts, env_path=env_path, **options)


def read_models(text: str, **options: Any) -> Schema:
    """The schema of one module `models.py`."""
    return read({"models.py": text}, **options)


def declared(files: dict[str, str], folder: Path, name: str = "Base.metadata") -> Any:
    """The MetaData that SQLAlchemy makes of the same files."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        for path in files:
            importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        found: Any = sys.modules["models"]
        for part in name.split("."):
            found = getattr(found, part)
        return found
    finally:
        sys.path.remove(str(folder))
        for module in set(sys.modules) - before:
            if str(folder) in str(getattr(sys.modules[module], "__file__", "")):
                del sys.modules[module]


def described(schema: Schema) -> dict[str, Any]:
    """What is compared, from our side."""
    return {
        key: {
            "columns": {c.name: (c.nullable, c.primary_key, type_family(c.type)) for c in table.columns},
            "indexes": {(i.name, i.unique, len(i.columns)) for i in table.indexes},
            "uniques": {(u.name, u.columns) for u in table.uniques},
            "foreign_keys": {
                (f.name, f.columns, f.referred, f.referred_columns, f.ondelete) for f in table.foreign_keys
            },
            "checks": {check.name for check in table.checks},
            "primary_key": (table.primary_key.name, set(table.primary_key.columns)) if table.primary_key else None,
            "comment": table.comment,
        }
        for key, table in schema.tables.items()
    }


def type_family(type_: Any) -> tuple[Any, ...]:
    if type_.family == "array":
        return ("array", type_family(type_.item))
    if type_.family == "enum":
        return ("enum", type_.values, type_.native, type_.enum_name)
    return (type_.family, type_.length, type_.precision, type_.scale, bool(type_.timezone))


def described_by_sqlalchemy(metadata: Any) -> dict[str, Any]:
    """The same, from SQLAlchemy's side."""
    from sqlalchemy import CheckConstraint, UniqueConstraint

    def name(constraint: Any) -> str | None:
        return str(constraint.name) if isinstance(constraint.name, str) else None

    return {
        table.key: {
            "columns": {c.name: (c.nullable, c.primary_key, sqlalchemy_family(c.type)) for c in table.columns},
            "indexes": {(name(i), bool(i.unique), len(i.expressions)) for i in table.indexes},
            "uniques": {
                (name(u), tuple(c.name for c in u.columns))
                for u in table.constraints
                if isinstance(u, UniqueConstraint)
            },
            "foreign_keys": {
                (
                    name(f),
                    tuple(e.parent.name for e in f.elements),
                    f.elements[0].target_fullname.rpartition(".")[0],
                    tuple(e.target_fullname.rpartition(".")[2] for e in f.elements),
                    f.ondelete,
                )
                for f in table.foreign_key_constraints
            },
            "checks": {
                name(c)
                for c in table.constraints
                if isinstance(c, CheckConstraint) and not getattr(c, "_type_bound", False)
            },
            "primary_key": (name(table.primary_key), {c.name for c in table.primary_key.columns})
            if len(table.primary_key.columns)
            else None,
            "comment": table.comment,
        }
        for table in metadata.tables.values()
    }


def sqlalchemy_family(type_: Any) -> tuple[Any, ...]:
    import sqlalchemy as sa

    from gitmig.schema.types import FAMILIES

    if isinstance(type_, sa.types.TypeDecorator):
        return sqlalchemy_family(type_.impl_instance)
    if isinstance(type_, sa.ARRAY):
        return ("array", sqlalchemy_family(type_.item_type))
    if isinstance(type_, sa.Enum):
        return ("enum", tuple(type_.enums), type_.native_enum, type_.name)
    family = next(FAMILIES[base.__name__] for base in type(type_).__mro__ if base.__name__ in FAMILIES)
    numeric = family == "numeric"
    return (
        family,
        getattr(type_, "length", None),
        type_.precision if numeric else None,
        type_.scale if numeric else None,
        bool(getattr(type_, "timezone", False)),
    )

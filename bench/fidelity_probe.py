"""Runs in a project's interpreter: imports a MetaData and prints it as JSON after the line "@@".

python fidelity_probe.py ROOT MODULE:NAME [MODULE ...]
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
import types


def main() -> None:
    root, target, *modules = sys.argv[1:]
    sys.path.insert(0, root)
    sys.meta_path.append(Stubs())
    for module in modules:
        importlib.import_module(module)
    module, _, name = target.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = found()[part] if part == "()" else getattr(found, part)
    print("\n@@" + json.dumps({"tables": {table.key: described(table) for table in found.tables.values()}}))


class Anything(type):
    """Stands for what a package that is not installed would give: callable, subscriptable, a base, a decorator."""

    def __getattr__(cls, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub

    def __getitem__(cls, key):
        return cls

    def __setitem__(cls, key, value):
        pass

    def __or__(cls, other):
        return cls

    __ror__ = __or__

    def __iter__(cls):
        return iter(())


class Stub(metaclass=Anything):
    def __new__(cls, *arguments, **named):
        if len(arguments) == 1 and not named and isinstance(arguments[0], (types.FunctionType, type)):
            return arguments[0]
        return super().__new__(cls)

    def __init__(self, *arguments, **named) -> None:
        pass

    def __init_subclass__(cls, **named) -> None:
        pass

    def __getattr__(self, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub

    def __call__(self, *arguments, **named):
        return arguments[0] if len(arguments) == 1 and not named else Stub()

    def __getitem__(self, key):
        return Stub()

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules of packages that are not installed; what is missing is named on standard error."""

    def find_spec(self, name, path=None, target=None):
        print("stub", name, file=sys.stderr)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: (_ for _ in ()).throw(AttributeError(name)) if name.startswith("__") else Stub
        module.__path__ = []
        return module

    def exec_module(self, module) -> None:
        pass


def described(table) -> dict:
    from sqlalchemy import UniqueConstraint

    return {
        "columns": {column.name: described_column(column) for column in table.columns},
        "primary_key": [column.name for column in table.primary_key.columns],
        "indexes": [[name(index), bool(index.unique), len(index.expressions)] for index in table.indexes],
        "uniques": [
            [name(constraint), [column.name for column in constraint.columns]]
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        ],
        "foreign_keys": [
            [
                name(constraint),
                [element.parent.name for element in constraint.elements],
                constraint.elements[0].target_fullname.rpartition(".")[0],
                [element.target_fullname.rpartition(".")[2] for element in constraint.elements],
                constraint.ondelete,
            ]
            for constraint in table.foreign_key_constraints
        ],
    }


def name(constraint) -> str | None:
    return str(constraint.name) if isinstance(constraint.name, str) else None


def described_column(column) -> dict:
    type_ = column.type
    try:
        impl = type_.impl if hasattr(type_, "impl") and not isinstance(type_.impl, type) else type_
    except AttributeError:
        impl = type_
    return {
        "type": spelled(type_),
        "impl": spelled(impl),
        "nullable": column.nullable,
        "primary_key": column.primary_key,
        "server_default": None
        if column.server_default is None or column.computed is not None or column.identity is not None
        else str(getattr(column.server_default, "arg", "?")),
    }


def spelled(type_) -> str:
    import sqlalchemy as sa

    if isinstance(type_, sa.types.TypeDecorator):
        return spelled(type_.impl_instance if hasattr(type_, "impl_instance") else type_.impl)
    if isinstance(type_, sa.ARRAY):
        return f"array[{spelled(type_.item_type)}]"
    if isinstance(type_, sa.Enum):
        values = ",".join(type_.enums)
        return f"enum({values})" if type_.native_enum else f"enum-text({values})"
    name = type(type_).__name__
    family = FAMILIES.get(name, name.lower())
    for base in type(type_).__mro__:
        if base.__name__ in FAMILIES:
            family = FAMILIES[base.__name__]
            break
    if family == "numeric":
        return f"numeric({type_.precision},{type_.scale})"
    length = getattr(type_, "length", None)
    if length is not None and family in {"string", "char", "text", "binary"}:
        return f"{family}({length})"
    return family + ("+tz" if getattr(type_, "timezone", False) else "")


def _families() -> dict[str, str]:
    spellings = {
        "string": "String VARCHAR NVARCHAR Unicode AutoString",
        "text": "Text TEXT UnicodeText CLOB",
        "char": "CHAR NCHAR",
        "integer": "Integer INTEGER INT",
        "bigint": "BigInteger BIGINT",
        "smallint": "SmallInteger SMALLINT",
        "numeric": "Numeric NUMERIC DECIMAL",
        "float": "Float FLOAT",
        "double": "Double DOUBLE DOUBLE_PRECISION",
        "boolean": "Boolean BOOLEAN",
        "date": "Date DATE",
        "datetime": "DateTime DATETIME TIMESTAMP",
        "time": "Time TIME",
        "interval": "Interval INTERVAL",
        "uuid": "Uuid UUID",
        "binary": "LargeBinary BYTEA BLOB BINARY VARBINARY",
        "json": "JSON",
        "jsonb": "JSONB",
    }
    return {name: family for family, names in spellings.items() for name in names.split()}


FAMILIES = _families()

if __name__ == "__main__":
    main()

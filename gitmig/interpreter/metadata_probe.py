"""Runs in the project's interpreter: imports a MetaData from an exported tree and writes what it declares as JSON.

    python metadata_probe.py REQUEST RESULT

REQUEST, JSON:

    {"top":      folder of the exported tree,
     "folder":   the folder in which Alembic would be started,
     "roots":    [folders to import from, before all others],
     "worktree": top of the worktree, from which nothing may be imported, or "",
     "metadata": "package.module:name" or "",
     "modules":  [dotted modules to import as well],
     "env":      file with the statements of env.py that make `gitmig_target`, or "",
     "databases": null, or for an environment of several the names of those that share one MetaData,
     "alembic":  null, or {"dialect", "old": the "snapshot" of the tree to compare with by database, or null},
     "options":  {"include_object" or "include_name": file with the statements that make `gitmig_option`}}

RESULT, JSON: {"error": {"message", "path", "line"}} or the tables as `described` gives them, and what Alembic itself
says: {"why"} where it gave no answer, else {"version", "snapshot" by database, "upgrade": text by database}.  This file
must run on every Python and SQLAlchemy that a project may have (3.8 and 1.4 at least), and imports nothing of gitmig.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file, whose names are no business of the project

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle", "cockroachdb")
REFUSED = "nothing may be opened while models are imported for gitmig: "


class NotAllowedError(Exception):
    """What an import of models must not do."""


def main(request_path: str, result_path: str) -> None:
    with open(request_path, encoding="utf-8", errors="surrogateescape") as file:
        request = json.load(file)
    try:
        result = imported(request)
    except BaseException as error:  # also SystemExit: a partial import must never look like a whole one
        result = {"error": failure(error, request["top"])}
    with open(result_path, "w", encoding="ascii") as file:
        json.dump(result, file)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads that the project has started do not hold us up


def imported(request: dict[str, Any]) -> dict[str, Any]:
    """The MetaData that the request names, described."""
    find_modules_in(request)
    refuse_connections()
    target = named(request["metadata"]) if request["metadata"] else loaded("env_py", request["env"]).gitmig_target
    for module in request["modules"]:
        __import__(module)
    parts = divided(target, request["databases"]) if request["databases"] is not None else {"": listed(target)}
    found = [metadata for part in parts.values() for metadata in part]
    tables = {table.key: table for metadata in found for table in metadata.tables.values()}
    files = files_of_modules(request["top"])
    refuse_worktree(request)
    left_out, unanswered = excluded(tables.values(), request["options"])
    places = places_of([table for metadata in found for table in metadata.tables.values()], request["top"])
    import sqlalchemy

    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "sqlalchemy": sqlalchemy.__version__,
        "tables": [
            dict(described(table, request["top"]), place=places.get(id(table)), database=database)
            for database, part in sorted(parts.items())
            for key, table in sorted((table.key, table) for metadata in part for table in metadata.tables.values())
            if key not in left_out
        ],
        "left_out": sorted(left_out),
        "unanswered": unanswered,
        "files": files,
        "alembic": by_alembic(parts, left_out, request["alembic"]) if request["alembic"] else None,
    }


def by_alembic(parts: dict[str, list[Any]], left_out: Iterable[str], asked: dict[str, Any]) -> dict[str, Any]:
    """What Alembic's own comparison says; it is a second opinion, and its failure none of the models."""
    try:
        import alembic

        offline = loaded("gitmig_offline_compare", os.path.join(HERE, "offline_compare.py"))
        dialect, old = asked["dialect"], asked["old"]
        return {
            "version": alembic.__version__,
            "snapshot": {name: offline.snapshot(part, dialect) for name, part in parts.items()},
            "upgrade": {
                name: offline.compared(old.get(name, {}), part, dialect, left_out)
                for name, part in parts.items()
                if old is not None
            },
        }
    except Exception as error:
        return {"why": " ".join(f"{type(error).__name__}: {error}".split())[:300]}


def divided(target: Any, sharing: Iterable[str]) -> dict[str, list[Any]]:
    """The MetaData of each of several databases; None is the key of one without a name."""
    if isinstance(target, dict):
        return {name or "": listed(one) for name, one in target.items()}
    if not sharing:
        raise NotAllowedError("target_metadata names no MetaData for each database")
    return dict.fromkeys(sharing, listed(target))


def named(text: str) -> Any:
    """What "package.module:name" stands for; a part that ends in () is called."""
    module, _, path = text.partition(":")
    __import__(module)
    found: Any = sys.modules[module]
    for part in path.split("."):
        found = getattr(found, part[:-2])() if part.endswith("()") else getattr(found, part)
    return found


def loaded(name: str, path: str) -> Any:
    """The module in a file that no import statement would find."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def listed(target: Any) -> list[Any]:
    """One MetaData, several in a list, or one for each database in a dictionary."""
    if target is None:
        raise NotAllowedError("target_metadata is None: it names no models")
    if isinstance(target, dict):
        target = list(target.values())
    if not isinstance(target, (list, tuple, set, frozenset)):
        target = [target]
    found = []
    for one in target:
        metadata = one if hasattr(one, "tables") else getattr(one, "metadata", None)
        if metadata is None or not hasattr(metadata, "tables"):
            raise NotAllowedError(f"target_metadata is no MetaData: {type(one).__name__}")
        found.append(metadata)
    return found


# Where modules come from, and what they may not do


def find_modules_in(request: dict[str, Any]) -> None:
    """Import from the exported tree, also where an editable installation points into the worktree."""
    top, worktree = request["top"], request["worktree"]
    here = [entry for entry in request["roots"] if os.path.isdir(entry)]
    sys.path[:] = here + [exported(entry, worktree, top) for entry in sys.path if entry not in here]
    for finder in sys.meta_path:  # setuptools' editable installations: {package: folder}
        module = sys.modules.get(getattr(finder, "__module__", None) or "")
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            mapping.update({name: exported(path, worktree, top) for name, path in mapping.items()})
    os.chdir(request["folder"])


def exported(path: str, worktree: str, top: str) -> str:
    """The folder of the exported tree that corresponds to one of the worktree; any other path as it is."""
    if not worktree or not isinstance(path, str) or not is_beneath(path, worktree) or is_installed(path):
        return path
    return os.path.normpath(os.path.join(top, os.path.relpath(os.path.realpath(path), worktree)))


def is_beneath(path: str, folder: str) -> bool:
    real = os.path.realpath(path)
    return real == folder or real.startswith(folder.rstrip(os.sep) + os.sep)


def path_beneath(path: str, folder: str) -> str:
    """Its place in the folder, with slashes; "" when it lies elsewhere."""
    if not path or not is_beneath(path, folder):
        return ""
    return os.path.relpath(os.path.realpath(path), folder).replace(os.sep, "/")


def is_installed(path: str) -> bool:
    """Whether a path belongs to the interpreter, whose virtual environment may lie in the worktree."""
    return any(is_beneath(path, os.path.realpath(prefix)) for prefix in {sys.prefix, sys.base_prefix})


def refuse_worktree(request: dict[str, Any]) -> None:
    """The worktree may hold anything: what came from there says nothing about the tree that is checked."""
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and request["worktree"] and is_beneath(path, request["worktree"]) and not is_installed(path):
            raise NotAllowedError(f"module {name} was imported from the worktree: {path}")


def refuse_connections() -> None:
    """No socket and no database: neither by Python's own modules nor by a driver beneath SQLAlchemy."""

    def refuse(event: str, arguments: Any) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "sqlite3.connect"):
            raise NotAllowedError(REFUSED + event)

    def refuse_engine(*arguments: Any) -> None:
        raise NotAllowedError(REFUSED + "a database connection")

    sys.addaudithook(refuse)
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "do_connect", refuse_engine)


def failure(error: BaseException, top: str) -> dict[str, Any]:
    """The exception in one line, and the innermost place of the tree that it went through."""
    import traceback

    message = " ".join(traceback.format_exception_only(type(error), error)[-1].split())[:400]
    if isinstance(error, NotAllowedError):
        message = str(error)
    place: tuple[str, int] = ("", 0)
    for frame in traceback.extract_tb(error.__traceback__):
        if is_beneath(frame.filename, top):
            place = (os.path.relpath(os.path.realpath(frame.filename), top), frame.lineno or 0)
    if isinstance(error, SyntaxError) and error.filename and is_beneath(error.filename, top):
        place = (os.path.relpath(os.path.realpath(error.filename), top), error.lineno or 0)
    return {"message": message, "path": place[0].replace(os.sep, "/"), "line": place[1]}


# What was loaded, what env.py leaves out, where classes stand


def files_of_modules(top: str) -> list[str]:
    """Files of the tree that were imported."""
    found = set()
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and is_beneath(path, top):
            found.add(os.path.relpath(os.path.realpath(path), top).replace(os.sep, "/"))
    return sorted(found)


def excluded(tables: Iterable[Any], options: dict[str, str]) -> tuple[set[str], list[list[str]]]:
    """Tables that include_object or include_name leave out, and what they gave no answer for."""
    left_out: set[str] = set()
    unanswered: list[list[str]] = []
    tables = list(tables)
    for option, path in sorted(options.items()):
        try:
            function = loaded(f"env_py_{option}", path).gitmig_option
            for table in tables:
                if function is not None and not asked(option, function, table):
                    left_out.add(table.key)
        except Exception as error:
            unanswered.append([option, f"{type(error).__name__}: {error}"])
    return left_out, unanswered


def asked(option: str, function: Any, table: Any) -> bool:
    if option == "include_object":
        return bool(function(table, table.name, "table", False, None))
    parents = {"schema_name": table.schema, "schema_qualified_table_name": table.key, "table_name": table.name}
    return bool(function(table.name, "table", parents))


def places_of(tables: Iterable[Any], top: str) -> dict[int, list[Any]]:
    """File and line of the classes that have tables, by the table's id(); line 0 where a class was made by a call."""
    import inspect

    found: dict[int, list[Any]] = {}
    wanted = {id(table) for table in tables}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not path or not is_beneath(path, top):
            continue
        relative = os.path.relpath(os.path.realpath(path), top).replace(os.sep, "/")
        for value in list(vars(module).values()):
            if not isinstance(value, type) or value.__module__ != module.__name__:
                continue
            key = id(value.__dict__.get("__table__"))
            if key not in wanted:
                continue
            try:
                line = inspect.findsource(value)[1] + 1
            except (OSError, TypeError, IndexError):
                line = 0
            found[key] = [relative, line]
    return found


# Tables


def described(table: Any, top: str) -> dict[str, Any]:
    """One table, all names as a database would get them."""
    from sqlalchemy import CheckConstraint, UniqueConstraint

    constraints = list(table.constraints)
    key = [column.name for column in table.primary_key.columns]
    return {
        "name": str(table.name),
        "namespace": table.schema,
        "comment": table.comment,
        "columns": [described_column(column, top) for column in table.columns],
        "primary_key": {"name": name_of(table.primary_key), "columns": key} if key else None,
        "uniques": in_order(
            {
                "name": name_of(one),
                "columns": [column.name for column in one.columns],
                "options": sorted([*timing(one), *others(one)]),
            }
            for one in constraints
            if isinstance(one, UniqueConstraint)
        ),
        "foreign_keys": in_order(described_foreign_key(one) for one in table.foreign_key_constraints),
        "checks": in_order(
            {"name": name_of(one), "text": sql(one.sqltext)}
            for one in constraints
            if isinstance(one, CheckConstraint) and not getattr(one, "_type_bound", False)
        ),
        "excludes": in_order(
            {"name": name_of(one), "text": excluding(one)}
            for one in constraints
            if type(one).__name__ == "ExcludeConstraint"
        ),
        "indexes": in_order(described_index(one) for one in table.indexes),
    }


def in_order(elements: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """SQLAlchemy keeps them in sets."""
    return sorted(elements, key=lambda one: json.dumps(one, sort_keys=True))


def name_of(element: Any) -> str | None:
    return str(element.name) if isinstance(element.name, str) else None


def described_column(column: Any, top: str) -> dict[str, Any]:
    default = column.server_default
    computed, identity = getattr(column, "computed", None), getattr(column, "identity", None)
    return {
        "name": str(column.name),
        "type": described_type(column.type, top),
        "nullable": bool(column.nullable) and not column.primary_key,
        "primary_key": bool(column.primary_key),
        "server_default": None if computed is not None or identity is not None else described_default(default),
        "autoincrement": None if column.autoincrement in ("auto", None) else str(column.autoincrement),
        "computed": None if computed is None else described_computed(computed),
        "identity": None if identity is None else described_identity(identity),
        "comment": column.comment,
    }


def described_default(default: Any) -> list[str] | None:
    """["literal", value] or ["sql", text]; None for none, and for one that only the database knows."""
    argument = getattr(default, "arg", None)
    if argument is None:
        return None
    return ["literal", argument] if isinstance(argument, str) else ["sql", sql(argument)]


def described_computed(computed: Any) -> str:
    kind = {True: " STORED", False: " VIRTUAL"}.get(computed.persisted, "")
    return sql(computed.sqltext) + kind


IDENTITY = ("always", "on_null", "start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle")


def described_identity(identity: Any) -> str:
    found = {name: getattr(identity, name, None) for name in (*IDENTITY, "cache", "order")}
    found["always"] = bool(found["always"])
    return " ".join(f"{name}={value}" for name, value in sorted(found.items()) if value is not None)


def described_foreign_key(constraint: Any) -> dict[str, Any]:
    targets = [target_of(element) for element in constraint.elements]
    return {
        "name": name_of(constraint),
        "columns": [element.parent.name for element in constraint.elements],
        "referred": targets[0][0],
        "referred_columns": [column for _, column in targets],
        "ondelete": upper(constraint.ondelete),
        "onupdate": upper(constraint.onupdate),
        "deferrable": constraint.deferrable,
        "initially": upper(constraint.initially),
        "use_alter": bool(constraint.use_alter),
    }


def target_of(element: Any) -> tuple[str, str]:
    """Key of the table and name of the column; as written where the table is not in the MetaData."""
    from sqlalchemy.exc import InvalidRequestError

    try:
        return str(element.column.table.key), str(element.column.name)
    except InvalidRequestError:  # also NoReferencedTableError and NoReferencedColumnError
        table, _, column = element.target_fullname.rpartition(".")
        return table, column


def upper(text: str | None) -> str | None:
    return text.upper() if text is not None else None


def described_index(index: Any) -> dict[str, Any]:
    shown = ("postgresql_where", "sqlite_where", "mssql_where", "postgresql_using", "mysql_using")
    options = dict(index.dialect_kwargs)
    where = next((options[name] for name in shown[:3] if options.get(name) is not None), None)
    using = next((options[name] for name in shown[3:] if options.get(name) is not None), None)
    return {
        "name": name_of(index),
        "columns": [index_column(expression) for expression in index.expressions],
        "unique": bool(index.unique),
        "where": None if where is None else sql(where),
        "using": using,
        "options": sorted(others(index, (*shown, "postgresql_concurrently"))),
    }


def index_column(expression: Any) -> str:
    return str(expression.name) if type(expression).__visit_name__ == "column" else sql(expression)


def timing(constraint: Any) -> list[list[str]]:
    found = [("deferrable", constraint.deferrable), ("initially", constraint.initially)]
    return [[name, repr(value)] for name, value in found if value]


def others(element: Any, silent: Iterable[str] = ()) -> list[list[str]]:
    """Options of dialects that were given."""
    return [
        [name, repr(value) if isinstance(value, (str, int, float, list, tuple, dict)) else sql(value)]
        for name, value in dict(element.dialect_kwargs).items()
        if name not in silent and value is not None and value is not False
    ]


def excluding(constraint: Any) -> str:
    parts = [f"({sql(one[0])}, {one[-1]!r})" for one in getattr(constraint, "_render_exprs", ())]
    return ", ".join([*parts, f"using={constraint.using!r}"])


def sql(expression: Any) -> str:
    """The text of an expression, values written out, white space as one blank."""
    if isinstance(expression, str):
        return " ".join(expression.split())
    if type(expression).__visit_name__ == "textclause":
        return " ".join(expression.text.split())
    from sqlalchemy.engine.default import StrCompileDialect

    options = {"literal_binds": True, "include_table": False}
    try:
        text = str(expression.compile(dialect=StrCompileDialect(), compile_kwargs=options))
    except Exception:
        text = str(expression)
    return " ".join(text.split())


# Types

ARGUMENTS = ("length", "precision", "scale", "timezone", "collation", "native_uuid", "dimensions", "dim")


def described_type(type_: Any, top: str) -> dict[str, Any]:
    """Names of the type's classes, the nearest first, its arguments, and what is inside of it.

    "impl" is there for a TypeDecorator, "spec" for a type that says itself how it is spelled, "own" is the
    file of a class of the tree.
    """
    import sqlalchemy
    from sqlalchemy.types import TypeDecorator, UserDefinedType

    if type(type_).__name__ == "Variant" and hasattr(type_, "mapping"):  # SQLAlchemy 1.4
        found = described_type(type_.impl, top)
        mapping = type_.mapping
    else:
        found = plain(type_, top)
        mapping = getattr(type_, "_variant_mapping", None) or {}
        if isinstance(type_, sqlalchemy.ARRAY):
            found["item"] = described_type(type_.item_type, top)
        if isinstance(type_, sqlalchemy.Enum):
            found["enum"] = described_enum(type_)
        if isinstance(type_, TypeDecorator):
            impl = getattr(type_, "impl_instance", type_.impl)
            found["impl"] = described_type(impl() if isinstance(impl, type) else impl, top)
            found["variants"].update(of_dialects(type_, top))
        elif isinstance(type_, UserDefinedType):
            found["spec"] = specification(type_)
    for dialect, variant in sorted(mapping.items()):
        found["variants"][dialect] = described_type(variant, top)
    return found


def plain(type_: Any, top: str) -> dict[str, Any]:
    given = {name: getattr(type_, name, None) for name in ARGUMENTS}
    if given["native_uuid"] is not False:
        del given["native_uuid"]
    module = sys.modules.get(type(type_).__module__)
    return {
        "classes": [
            class_name(cls)
            for cls in type(type_).__mro__
            if not cls.__name__.startswith("_") and cls is not object and cls.__name__.isidentifier()
        ],
        "arguments": {
            name: value
            for name, value in given.items()
            if isinstance(value, (str, int, bool)) and (value is not False or name == "native_uuid")
        },
        "own": path_beneath(str(getattr(module, "__file__", None) or ""), top),
        "variants": {},
    }


def class_name(cls: type) -> str:
    """Dotted, as a revision would spell it."""
    parts = cls.__module__.split(".")
    if parts[0] == "sqlalchemy" and "dialects" in parts and len(parts) > 2:
        return f"sqlalchemy.dialects.{parts[2]}.{cls.__name__}"
    return f"sqlalchemy.{cls.__name__}" if parts[0] == "sqlalchemy" else f"{cls.__module__}.{cls.__name__}"


def described_enum(type_: Any) -> dict[str, Any]:
    native = bool(type_.native_enum)
    return {
        "values": [str(value) for value in type_.enums],
        "name": str(type_.name) if type_.name else None,
        "namespace": type_.schema,
        "native": native,
        "length": None if native else type_.length,
        "create_constraint": bool(getattr(type_, "create_constraint", False)),
    }


def of_dialects(type_: Any, top: str) -> dict[str, Any]:
    """What `load_dialect_impl` gives for the dialects that it names, and for the others."""
    from sqlalchemy.dialects import registry
    from sqlalchemy.engine.default import DefaultDialect

    method = type(type_).load_dialect_impl
    if method.__module__.startswith("sqlalchemy."):
        return {}
    words = constants(getattr(method, "__code__", None))
    found = {}
    for dialect in (*(each for each in DIALECTS if each in words), "default"):
        try:
            made = DefaultDialect() if dialect == "default" else registry.load(dialect)()
            found[dialect] = described_type(type_.load_dialect_impl(made), top)
        except Exception:
            print("no form of", type(type_).__name__, "for", dialect, file=sys.stderr)
    return found


def constants(code: Any) -> set[str]:
    """Texts in a function, also inside of tuples."""
    found: set[str] = set()
    for value in getattr(code, "co_consts", ()):
        for one in value if isinstance(value, (tuple, frozenset)) else (value,):
            if isinstance(one, str):
                found.add(one)
    return found


def specification(type_: Any) -> str | None:
    try:
        return str(type_.get_col_spec())
    except Exception:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])

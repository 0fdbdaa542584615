"""Facts of many files to the Schema of one environment: the classes and tables whose MetaData its env.py names."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import (
    COLUMN_SPELLINGS,
    CONSTRAINTS,
    ColumnPart,
    Part,
    origin_of,
    read_column,
    read_constraint,
    text_option,
)
from gitmig.schema.databases import joined, schema_in
from gitmig.schema.elements import (
    Index,
    Origin,
    Schema,
    Table,
    Unknown,
    Unnamed,
    table_key,
)
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.models.attributes import attributes_of, is_declared, makes_columns
from gitmig.schema.models.bases import Metadata, metadata_of, outside_bases, outside_root
from gitmig.schema.models.choosing import Choice
from gitmig.schema.models.declarative import snake_case
from gitmig.schema.models.drafts import Draft, enums_of, finished, with_types_of_targets
from gitmig.schema.models.project import Project
from gitmig.schema.models.references import References
from gitmig.schema.models.searchable import index_names
from gitmig.schema.tables import TablePart, read_table
from gitmig.source.classes import linearised
from gitmig.source.scopes import Body, Class, Expression, Function, Known, Layer, Scope, Symbol
from gitmig.source.values import (
    call_name,
    called_scope,
    entries,
    evaluate,
    items,
    iterations,
    local_scope,
    resolve,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import EllipsisType
    from typing import Any

    from gitmig.schema.models.declarative import MappedTable
    from gitmig.schema.models.exclusion import Exclusion
    from gitmig.schema.models.readings import Readings
    from gitmig.source.modules import Modules
    from gitmig.source.scopes import Binding


def link(
    files: Mapping[str, dict[str, Any]],
    modules: Modules,
    env: dict[str, Any] | None = None,
    *,
    env_path: str = "env.py",
    metadata: str = "",
    bind: str | None = None,
    databases: Sequence[str] | None = None,
    blobs: Mapping[str, str] | None = None,
    readings: Readings | None = None,
    alone: bool = False,
) -> Schema:
    """The schema that the models declare for one environment, which may be the only one of its tree (`alone`).

    `files` are the facts by path that `wanted` asked for; `metadata` ("package.module:name") overrides what env.py
    names; `bind` chooses the tables of one bind key of Flask-SQLAlchemy.  `databases` are those that the environment
    migrates each for itself, empty where they are not named: the schema has all of them (see `schema.databases`).
    `readings` are of other trees with most of these files, and get what is read here.
    """
    project = Project(files, modules, blobs, readings.trees if readings is not None else None)
    linker = _Linker(project, readings.known_in(project) if readings is not None else {})
    linker.read()
    if env is not None and env["targets"] and not linker.drafts:
        linker.note_hidden()
    choice = Choice(project, linker.drafts.values(), linker.styles)
    exclusion = choice.exclusion(env, env_path, alone=alone)
    if databases is None:
        chosen = choice.choose(env, env_path, metadata)
        schema = linker.schema(chosen, bind, exclusion, choice.unknown)
    elif (divided := choice.divided(env, env_path, metadata, databases)) is None:
        schema = linker.schema(None, ..., exclusion, choice.unknown)
    else:
        parts = divided.items()
        schema = joined(schema_in(name, linker.schema(*part, exclusion, choice.unknown)) for name, part in parts)
    linker.mapper.let_go()
    project.let_go()
    if readings is not None:
        readings.keep(project, linker.classes)
    return schema


def tables_by_metadata(files: Mapping[str, dict[str, Any]], modules: Modules) -> dict[Metadata, tuple[Origin, ...]]:
    """Every MetaData that has tables, each with the places where its tables are declared."""
    linker = _Linker(Project(files, modules))
    linker.read()
    found: dict[Metadata, list[Origin]] = {}
    for draft in linker.drafts.values():
        found.setdefault(draft.metadata, []).append(draft.origin)
    return {metadata: tuple(places) for metadata, places in found.items()}


# Calls that are assigned very often and never make a table.
NOT_TABLES = COLUMN_SPELLINGS | CONSTRAINTS | frozenset({"relationship", "MetaData", "Field", "TypeVar", "synonym"})

# Calls that make tables, beside functions of the tree that make mapped classes.
MAKERS = ("Table", "type", "new_class", "to_metadata", "tometadata")
COPIERS = frozenset({"to_metadata", "tometadata"})

# Moments at which a listener of SQLAlchemy may still change a table.
MAKING = frozenset(
    {"after_parent_attach", "before_parent_attach", "instrument_class", "mapper_configured", "after_configured"}
)
LISTENS = "it runs while tables are made and may add indexes and columns, or name constraints"


class _Linker:
    def __init__(self, project: Project, known: Mapping[str, Mapping[str, MappedTable | None]] | None = None) -> None:
        self.project = project
        self.known = known or {}
        self.classes: dict[str, dict[str, MappedTable | None]] = {}
        self.references = References()
        self.mapper = self.references.mapper
        self.target_of = self.references.target_of
        self.drafts: dict[tuple[str, str], Draft] = {}
        self.later: list[tuple[str, TablePart, Metadata]] = []
        self.unknown: list[Unknown] = []
        self.unnamed: list[tuple[tuple[str, ...], Draft]] = []
        self.styles: dict[str, str] = {}
        self.factories = {name for facts in project.files.values() for name in facts.get("factories", ())}
        self.made: set[ast.ClassDef] = set()

    # Reading

    def read(self) -> None:
        scopes: list[Body] = []
        for path in sorted(self.project.files):
            facts = self.project.files[path]
            if facts.get("problem") is not None and facts.get("models"):
                kind, detail, line = facts["problem"]
                self.unknown.append(Unknown(path, f"the file is not read: {kind} {detail}".strip(), Origin(path, line)))
            elif facts.get("models"):
                scope = self.project.scope(path)
                if scope is not None:
                    scopes.append(scope)
        for scope in scopes:
            self._classes(scope)
        for scope in scopes:
            self._core_tables(scope)
        for scope in scopes:
            self._note_factories(scope)
        for key, part, metadata in self.later:
            draft = self._draft(key, metadata.key)
            if draft is not None:
                draft.add(part)
        for scope in scopes:
            for statement in _plain_statements(scope.statements):
                if isinstance(statement, ast.ClassDef):
                    self._class_statements(scope.own(statement.name))
                else:
                    self._statement(statement, scope)

    def _classes(self, scope: Body) -> None:
        path = scope.place[0]
        known, found = self.known.get(path, {}), self.classes.setdefault(path, {})
        for name, cls in _classes_in(scope):
            found[name] = known[name] if name in known else self.mapper.read(cls)
            self._class(cls, found[name])

    def _class(self, cls: Class, mapped: MappedTable | None) -> None:
        if mapped is None:
            self._perhaps_outside(cls)
            return
        self._made_below(cls)
        part, metadata = mapped.table, mapped.root.metadata
        self.styles.setdefault(metadata.key, mapped.root.style)
        if part.name is None:
            self.unknown.append(Unknown(f"table of {cls.name}", "its name could not be read", part.origin))
        elif mapped.parent:
            self.later.append((table_key(part.name, part.namespace), part, metadata))
        else:
            self._add(part, metadata, mapped.bind, _keys_outside(cls) if mapped.root.style == "outside" else ())

    def _perhaps_outside(self, cls: Class) -> None:
        """A class with columns whose base outside the tree may map it and name its table."""
        mapped = self.mapper.root(cls)
        if self.mapper.is_abstract(cls) or (
            mapped is not None and (mapped.style == "sqlmodel" or not outside_bases(cls))
        ):
            return
        root = outside_root(cls)
        if root is None or not self.mapper.has_columns(cls):
            return
        names = (cls.name.lower(), snake_case(cls.name), f"{cls.name.lower()}s", f"{snake_case(cls.name)}s")
        why = f"{root.metadata.key.removesuffix('.metadata')} is outside the tree and may give it a table"
        self.unknown.append(Unknown(f"table of {cls.name}", why, origin_of(cls.node, cls.scope), names))
        draft = Draft(self.mapper.named(cls, root, names[0]), root.metadata, None, _keys_outside(cls))
        self.unnamed.append((names, draft))

    def _add(self, part: TablePart, metadata: Metadata, bind: str | None = None, others: Iterable[str] = ()) -> None:
        draft = Draft(part, metadata, bind, others)
        home = metadata.key if bind is None else f"{metadata.key} {bind}"
        known = self.drafts.get((home, draft.key))
        if known is None:
            self.drafts[home, draft.key] = draft
        else:
            known.add(part)

    def _draft(self, key: str, metadata: str) -> Draft | None:
        found = self.drafts.get((metadata, key))
        if found is not None:
            return found
        return next((draft for (_, other), draft in self.drafts.items() if key in (other, draft.name)), None)

    def _core_tables(self, scope: Body) -> None:
        source = self.project.files[scope.place[0]]["source"]
        if not any(f"{word}(" in source for word in (*MAKERS, *self.factories)):
            return
        for call, inner in _calls(scope):
            if call_name(call) == "type" and len(call.args) == 3:
                self._made_class(call, inner)
            elif call_name(call) == "new_class" and len(call.args) > 1:
                self._note_made(call, inner)
            elif call_name(call) in COPIERS:
                self._copied_table(call, inner)
            else:
                self._from_call(call, inner)

    def _from_call(self, call: ast.Call, scope: Scope) -> None:
        """A table, or a class that a function of the tree makes."""
        found = resolve(call, scope)
        if isinstance(found, Class) and isinstance(found.scope, Layer):
            self._class(found, self.mapper.read(found))
            self.made.add(found.node)
            return
        made = made_by(call, scope)
        if isinstance(made.node, ast.Call) and made.kind == "Table":
            self._core_table(made.node, made.scope)

    def _note_factories(self, scope: Body) -> None:
        """Functions that make mapped classes when they are called, where no call of them was followed."""
        for name in self.project.files[scope.place[0]].get("factories", ()):
            function = scope.own(name)
            inner = called_scope(function, None, function.scope) if isinstance(function, Function) else None
            for part in ast.walk(function.node) if isinstance(function, Function) else ():
                if not isinstance(part, ast.ClassDef) or part in self.made:
                    continue
                cls = Class(part, inner or scope)
                table = self.mapper.table_name(cls)
                if table is not None:
                    why = f"only running {name}() tells whether and how often this class is made"
                    objects = () if table == "?" else (table,)
                    self.unknown.append(Unknown(f"class {cls.name}", why, origin_of(part, scope), objects))

    def _copied_table(self, call: ast.Call, scope: Scope) -> None:
        """`table.to_metadata(metadata, schema=..., name=...)`: the same table once more."""
        made = made_by(call.func.value, scope) if isinstance(call.func, ast.Attribute) else None
        if made is None or not isinstance(made.node, ast.Call) or made.kind != "Table":
            return
        part = read_table(made.node, made.scope, target_of=self.target_of, column_of=_column_of_table)
        options = {keyword.arg: Expression(keyword.value, scope) for keyword in call.keywords if keyword.arg}
        metadata = metadata_of(call.args[0], scope) if call.args else None
        if part.name is None or metadata is None:
            self.unknown.append(Unknown(text_of(call), "which table this makes could not be read", part.origin))
            return
        name = text_option(options.get("name")) or part.name
        namespace = text_option(options.get("schema")) or part.namespace
        self._add(part.replace(name=name, namespace=namespace), metadata)

    def _made_class(self, call: ast.Call, scope: Scope) -> None:
        """A class made by `type(name, bases, attributes)` is read as its class statement."""
        cls = resolve(call, scope)
        if isinstance(cls, Class):
            self._class(cls, self.mapper.read(cls))
            return
        self._note_made(call, scope)

    def _note_made(self, call: ast.Call, scope: Scope) -> None:
        bases = items(call.args[1], scope) or []
        found = [resolve(base.node, base.scope) for base in bases]
        if not bases or any(isinstance(base, Class) and self.mapper.root(base) for base in found):
            self.unknown.append(
                Unknown(text_of(call), f"a mapped class is made by {call_name(call)}()", origin_of(call, scope))
            )

    def _made_below(self, cls: Class) -> None:
        """Classes that a `declared_attr` makes for the class that it is asked by."""
        for attribute in attributes_of(cls, ()):
            if not isinstance(attribute.node, ast.FunctionDef) or not is_declared(attribute):
                continue
            calls = [
                node for node in ast.walk(attribute.node) if isinstance(node, ast.Call) and call_name(node) == "type"
            ]
            for call in calls:
                if len(call.args) == 3:
                    inner = local_scope(Function(attribute.node, attribute.scope, cls))
                    self._made_class(call, inner if inner is not None else attribute.scope)

    def _core_table(self, call: ast.Call, scope: Scope) -> None:
        function = resolve(call.func, scope)
        flask = isinstance(function, Symbol) and function.name.endswith("().Table")
        has_metadata = not flask or (len(call.args) > 1 and metadata_of(call.args[1], scope) is not None)
        part = read_table(
            call, scope, metadata_argument=has_metadata, target_of=self.target_of, column_of=_column_of_table
        )
        metadata = self._metadata_of_table(part, call, flask=flask, scope=scope)
        if metadata is None:
            what = text_of(part.metadata.node) if part.metadata is not None else part.name or ""
            self.unknown.append(
                Unknown(f"table {part.name}", f"its MetaData is not known: {what}", part.origin, (part.name or "",))
            )
        elif part.name is None:
            self.unknown.append(Unknown(text_of(call.func), "the name of this table could not be read", part.origin))
        else:
            self._add(part, metadata, _bind_of(call, scope))

    def _metadata_of_table(self, part: TablePart, call: ast.Call, *, flask: bool, scope: Scope) -> Metadata | None:
        if part.metadata is not None:
            return metadata_of(part.metadata.node, part.metadata.scope)
        if not flask or not isinstance(call.func, ast.Attribute):
            return None
        attribute = ast.copy_location(ast.Attribute(value=call.func.value, attr="metadata", ctx=ast.Load()), call)
        found = metadata_of(attribute, scope)
        if found is not None:
            self.styles.setdefault(found.key, "flask")
        return found

    # What is added to tables later

    def _statement(self, statement: ast.stmt, scope: Scope) -> None:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Attribute):
                self._attribute_set(target, statement.value, scope)
            elif isinstance(statement.value, ast.Call):
                self._index(statement.value, scope)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._called(statement.value, scope)
        elif isinstance(statement, ast.For):
            self._loop(statement, scope)
        elif isinstance(statement, ast.FunctionDef):
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Call) and call_name(decorator) == "listens_for":
                    self._listener(decorator, scope)

    def _listener(self, call: ast.Call, scope: Scope) -> None:
        """A listener that runs while tables are made may add indexes and columns, or name constraints."""
        moment = evaluate(call.args[1], scope) if len(call.args) > 1 else None
        if isinstance(moment, Known) and moment.value in MAKING:
            what = f"listener of {text_of(call.args[0])}, {moment.value}"
            self.unknown.append(Unknown(what, LISTENS, origin_of(call, scope), ("event listener",)))

    def _searchable(self, call: ast.Call, scope: Scope) -> None:
        """`make_searchable()` of sqlalchemy-searchable gives each mapped column of type TSVectorType a GIN index."""
        options = next((keyword.value for keyword in call.keywords if keyword.arg == "options"), None)
        options = options or (call.args[1] if len(call.args) > 1 else None)
        given = entries(options, scope) if options is not None else {}
        if given is None:
            objects = tuple(sorted(f"{draft.key}.{part.column.name}" for draft, part in self._searched()))
            self.unknown.append(Unknown("make_searchable", LISTENS, origin_of(call, scope), objects))
            return
        if "auto_index" in given and evaluate(given["auto_index"].node, given["auto_index"].scope) == Known(False):
            return
        name_of_index = index_names(resolve(call.func, scope), self.project, scope)
        for draft, part in self._searched():
            name = name_of_index(draft.name, part.column.name)
            index = Index((part.column.name,), name, using="gin", origin=part.column.origin)
            draft.parts.append(Part(index, final=True))

    def _searched(self) -> list[tuple[Draft, ColumnPart]]:
        return [(draft, part) for draft in self.drafts.values() for part in draft.columns if part.searched]

    def _class_statements(self, cls: Binding | None) -> None:
        """An `Index(...)` in the body of a class belongs to the table whose columns it names."""
        if not isinstance(cls, Class):
            return
        for statement in cls.node.body:
            value = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
            if isinstance(value, ast.Call) and kind_of(value, cls.body) in CONSTRAINTS:
                self._index_of_class(value, cls)

    def _index_of_class(self, call: ast.Call, cls: Class) -> None:
        key = self.references.key_of_class(cls)
        draft = self._draft_of(key) if key is not None else None
        if draft is None:
            self._index(call, cls.body)
            return
        column_of = self.mapper.column_of(cls, draft.columns)
        if any(column_of(argument, cls.body) is not None for argument in call.args):
            read = read_constraint(call, cls.body, target_of=self.target_of, column_of=column_of)
            draft.parts += [read] if isinstance(read, Part) else []
            draft.unknown += [read] if isinstance(read, Unknown) else []

    def _called(self, call: ast.Call, scope: Scope) -> None:
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in {"append_column", "append_constraint"}
            and call.args
        ):
            draft = self._table_behind(call.func.value, scope)
            if draft is None:
                return
            made = made_by(call.args[0], scope)
            if isinstance(made.node, ast.Call) and made.kind in COLUMN_SPELLINGS:
                draft.columns.append(read_column(made.node, made.scope, target_of=self.target_of))
            elif isinstance(made.node, ast.Call) and made.kind in CONSTRAINTS:
                self._append(draft, made.node, made.scope)
            return
        if call_name(call) == "listen":
            self._listener(call, scope)
        elif call_name(call) == "make_searchable":
            self._searchable(call, scope)
        elif call_name(call) == "setattr" and len(call.args) == 3:
            self._setattr(call, scope)
        else:
            for part in (call, *call.args):  # `users.indexes.add(Index(...))`
                if isinstance(part, ast.Call):
                    self._index(part, scope)

    def _setattr(self, call: ast.Call, scope: Scope) -> None:
        """`setattr(User, "nickname", Column(...))` as the assignment that it is."""
        owner, name, value = call.args
        known = evaluate(name, scope)
        if isinstance(known, Known):
            target = ast.copy_location(ast.Attribute(value=owner, attr=str(known.value), ctx=ast.Store()), call)
            self._attribute_set(target, value, scope)
        elif makes_columns(value) and (draft := self._table_behind(owner, scope)) is not None:
            why = "the name of a column was not read"
            draft.unknown.append(Unknown(text_of(name), why, origin_of(call, scope)))

    def _index(self, call: ast.Call, scope: Scope) -> None:
        """An `Index(...)` of a module belongs to the table of the first column that it names."""
        made = made_by(call, scope)
        if not isinstance(made.node, ast.Call) or made.kind not in CONSTRAINTS:
            return
        call, scope = made.node, made.scope
        for node in ast.walk(call):
            if isinstance(node, (ast.Attribute, ast.Subscript)):
                target = self.target_of(node, scope)
                draft = self._draft_of(target[0]) if target is not None else None
                if draft is not None:
                    self._append(draft, call, scope)
                    return
        self.unknown.append(Unknown(text_of(call), "the table that it belongs to is not known", origin_of(call, scope)))

    def _append(self, draft: Draft, call: ast.Call, scope: Scope) -> None:
        read = read_constraint(call, scope, target_of=self.target_of, column_of=self.references.name_of_column)
        if isinstance(read, Part):
            draft.parts.append(read)
        else:
            draft.unknown.append(read)

    def _attribute_set(self, target: ast.Attribute, value: ast.expr, scope: Scope) -> None:
        """`User.nickname = Column(...)` after the class."""
        made = made_by(value, scope)
        if not isinstance(made.node, ast.Call) or made.kind not in COLUMN_SPELLINGS:
            return
        draft = self._table_behind(target.value, scope)
        if draft is not None:
            draft.columns.append(read_column(made.node, made.scope, name=target.attr, target_of=self.target_of))

    def _loop(self, statement: ast.For, scope: Scope) -> None:
        rounds = iterations(statement, scope)
        for inner in rounds or ():
            for part in statement.body:
                self._statement(part, inner)
        makes = (
            isinstance(node, ast.Call) and call_name(node) in {"Table", "Index", "Column"}
            for node in ast.walk(statement)
        )
        if rounds is None and any(makes):
            why = "what this loop runs over is not known"
            self.unknown.append(
                Unknown("a loop that makes tables, columns or indexes", why, origin_of(statement, scope))
            )

    # References

    def _table_behind(self, node: ast.expr, scope: Scope) -> Draft | None:
        key = self.references.key_behind(node, scope)
        return self._draft_of(key) if key is not None else None

    def _draft_of(self, key: str) -> Draft | None:
        return next((draft for (_, other), draft in self.drafts.items() if key in (other, draft.name)), None)

    # The schema

    def note_hidden(self) -> None:
        """In a project without any other table: functions that make tables when the program calls them."""
        for path, facts in sorted(self.project.files.items()):
            for function, line, digest in facts.get("hidden", ()):
                why = f"its tables are made when it is called, and only running it tells which ({digest})"
                self.unknown.append(Unknown(f"{function}()", why, Origin(path, line)))

    def _note_metadata(self, metadata: Metadata) -> None:
        """Said once: names or namespaces of this MetaData are made when the program runs."""
        path, line, *_ = [*metadata.key.rsplit(":", 2), "0"]
        gap = Unknown(
            "MetaData",
            "its namespace or naming convention could not be read",
            Origin(path, int(line) if line.isdigit() else 0),
            ("MetaData",),
        )
        if not metadata.complete and gap not in self.unknown:
            self.unknown.append(gap)

    def schema(
        self,
        chosen: set[str] | None,
        bind: str | EllipsisType | None,
        exclusion: Exclusion,
        unknown: Sequence[Unknown] = (),
    ) -> Schema:
        """All tables of the MetaData chosen, and of one bind key; of any where it is `...`."""
        tables: dict[str, Table] = {}
        for _, draft in sorted(self.drafts.items(), key=lambda entry: entry[0]):
            if (chosen is not None and draft.keys.isdisjoint(chosen)) or bind not in (draft.bind, ...):
                continue
            if exclusion.leaves_out(draft.name, draft.namespace, draft.info):
                continue
            table = finished(draft)
            if tables.setdefault(draft.key, table) is not table and bind is ...:
                unknown = (*unknown, Unknown(f"table {draft.key}", "several models have this table", draft.origin))
            self._note_metadata(draft.metadata)
        tables = {key: tables[key] for key in sorted(tables)}
        typed = with_types_of_targets(tables)
        unnamed = [
            Unnamed(names, finished(draft))
            for names, draft in self.unnamed
            if chosen is None or not draft.keys.isdisjoint(chosen)
        ]
        gaps = (*self.unknown, *unknown, *exclusion.unknown)
        return Schema(typed, enums_of(typed.values()), gaps, tuple(unnamed), left_out=exclusion.names())


def _keys_outside(cls: Class) -> list[str]:
    """The MetaData that a class may belong to: any of its bases outside the tree may be the one that maps it."""
    return [f"{base.name}.metadata" for base in linearised(cls) if isinstance(base, Symbol)]


def _bind_of(call: ast.Call, scope: Scope) -> str | None:
    """The bind key that Flask-SQLAlchemy finds in a table: `bind_key=`, or `info={"bind_key": ...}`."""
    options = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    node = options.get("bind_key")
    found = evaluate(node, scope) if node is not None else None
    if found is None and "info" in options:
        part = (entries(options["info"], scope) or {}).get("bind_key")
        found = evaluate(part.node, part.scope) if part is not None else None
    return found.value if isinstance(found, Known) and isinstance(found.value, str) else None


def _column_of_table(node: ast.expr, scope: Scope) -> str | None:
    """A name bound to a `Column("x")`, used in a constraint of the same table."""
    made = made_by(node, scope) if isinstance(node, ast.Name) else None
    if made is not None and isinstance(made.node, ast.Call) and made.kind in COLUMN_SPELLINGS:
        return read_column(made.node, made.scope).column.name or None
    return None


def _classes_in(body: Body, outer: str = "") -> Iterator[tuple[str, Class]]:
    """The classes of a module, and those inside of classes, by dotted name."""
    for name, definition in body.definitions.items():
        cls = body.own(name) if isinstance(definition, ast.ClassDef) else None
        if isinstance(cls, Class):
            yield f"{outer}{name}", cls
            yield from _classes_in(cls.body, f"{outer}{name}.")


def _plain_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _plain_statements(statement.body)
            yield from _plain_statements(getattr(statement, "orelse", ()))
        else:
            yield statement


def _calls(scope: Body) -> Iterator[tuple[ast.Call, Scope]]:
    """Calls that may make a table: in a module and its class bodies, in each round of a loop, not inside functions."""
    todo: list[tuple[ast.AST, Scope]] = [(statement, scope) for statement in scope.statements]
    while todo:
        node, inner = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.For):
            todo += [(part, each) for each in iterations(node, inner) or () for part in node.body]
            continue
        value = getattr(node, "value", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) and isinstance(value, ast.Call):
            if call_name(value) not in NOT_TABLES:
                yield value, inner
            todo += [(child, inner) for child in ast.iter_child_nodes(value)]
            continue
        if isinstance(node, ast.Call) and call_name(node) in {"Table", "type"}:
            yield node, inner
        if isinstance(node, ast.ClassDef):
            cls = inner.own(node.name) if isinstance(inner, Body) else None
            inner = cls.body if isinstance(cls, Class) else inner
        todo += [(child, inner) for child in ast.iter_child_nodes(node)]

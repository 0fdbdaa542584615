"""Declarative bases: which MetaData a class belongs to, with its naming convention, namespace and type map."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.conventions import CLASSES, DEFAULT
from gitmig.source.classes import linearised
from gitmig.source.scopes import Class, Expression, Known, Scope, Symbol
from gitmig.source.values import call_name, entries, evaluate, items, member, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.source.classes import Base
    from gitmig.source.scopes import Binding

BASE_MAKERS = frozenset({"declarative_base", "generate_base", "automap_base", "dynamic_declarative_base"})
REGISTRIES = frozenset({"registry"})
METACLASSES = frozenset({"DeclarativeMeta"})
# Bases outside the tree that bring no column of their own.
HARMLESS_WORDS = """
    object ABC ABCMeta Generic Protocol AsyncAttrs MappedAsDataclass SerializerMixin UserMixin AnonymousUserMixin
    BaseModel DeclarativeBase DeclarativeBaseNoMeta DeclarativeMeta SQLModel Model Base str int Enum Mapping
    MutableMapping Hashable BaseQuery AllFeaturesMixin ActiveRecordMixin ReprMixin SmartQueryMixin InspectionMixin
    SessionMixin EagerLoadMixin ModelMixin Iterable Sized Comparable TypedDict NamedTuple RepresentableBase
    DeferredReflection ConcreteBase AbstractConcreteBase AppenderMixin ModelBase IUser IModel Timestamped
"""
HARMLESS = frozenset(HARMLESS_WORDS.split())
HARMLESS_PACKAGES = frozenset(
    {"typing", "typing_extensions", "abc", "collections", "enum", "dataclasses", "pydantic", "builtins"}
)


class Metadata(Frozen):
    """One MetaData: `key` tells it from others of the tree."""

    key: str
    namespace: str | None = None
    convention: tuple[tuple[str, str], ...] = tuple(DEFAULT.items())
    complete: bool = True

    @property
    def names(self) -> Mapping[str, str]:
        return dict(self.convention)


class Root(Frozen):
    """The base that makes a class mapped: its MetaData, and the style that decides about names and columns."""

    metadata: Metadata
    style: str = "declarative"
    type_map: Expression | None = None


def metadata_of(node: ast.expr, scope: Scope) -> Metadata | None:
    """The MetaData that an expression stands for: `MetaData()`, `Base.metadata`, `db.metadata`, a registry's."""
    return _of_binding(resolve(node, scope), 0) or _of_attribute(node, scope, 0)


def _of_binding(found: Binding | None, depth: int) -> Metadata | None:
    if depth > 8:
        return None
    if isinstance(found, Symbol):
        name = found.name.replace("sqlmodel.main.", "sqlmodel.")
        return Metadata(name) if found.last in {"metadata", "metadatas"} else None
    if not isinstance(found, Expression):
        return None
    call = found.node
    if isinstance(call, ast.Call):
        if call_name(call) == "MetaData" or _makes(call, found.scope, "MetaData"):
            return _of_call(call, found.scope)
        if call_name(call) == "ThreadLocalMetaData":
            return _of_call(call, found.scope)
        return None
    return _of_attribute(call, found.scope, depth + 1)


def _makes(call: ast.Call, scope: Scope, word: str) -> bool:
    function = resolve(call.func, scope)
    if isinstance(function, Symbol):
        return function.last == word
    return isinstance(function, Class) and any(
        isinstance(base, Symbol) and base.last == word for base in linearised(function)
    )


def _of_attribute(node: ast.expr, scope: Scope, depth: int) -> Metadata | None:
    """`X.metadata`, where X is a class, what `declarative_base()` made, a registry or a Flask-SQLAlchemy object."""
    if isinstance(node, ast.Subscript):
        return _of_attribute(node.value, scope, depth)
    if not isinstance(node, ast.Attribute) or depth > 8:
        return None
    owner = resolve(node.value, scope)
    if node.attr not in {"metadata", "metadatas"}:
        return None
    if isinstance(owner, Class):
        root = root_of(owner)
        return root.metadata if root is not None else _instance_metadata(owner)
    if isinstance(owner, Expression) and isinstance(owner.node, ast.Call):
        return made_root(owner).metadata if _is_maker(owner) else _class_instance(owner, depth)
    if isinstance(owner, Expression) and isinstance(owner.node, ast.Attribute) and owner.node.attr == "Model":
        of_db = ast.Attribute(value=owner.node.value, attr=node.attr, ctx=ast.Load())
        return _of_attribute(ast.copy_location(of_db, node), owner.scope, depth + 1)
    return Metadata(f"{owner.name.removesuffix('.Model')}.metadata") if isinstance(owner, Symbol) else None


def _class_instance(owner: Expression, depth: int) -> Metadata | None:
    call = owner.node
    made_by = resolve(call.func, owner.scope) if isinstance(call, ast.Call) else None
    return _of_binding(member(made_by, "metadata"), depth + 1) if isinstance(made_by, Class) else None


def _instance_metadata(owner: Class) -> Metadata | None:
    found = member(owner, "metadata")
    return _of_binding(found, 1) if found is not None else None


def _is_maker(made: Expression) -> bool:
    call = made.node
    if not isinstance(call, ast.Call):
        return False
    function = resolve(call.func, made.scope)
    word = call_name(call)
    if isinstance(function, Symbol):
        word = function.last
    if isinstance(function, Class):
        words = [base.last for base in linearised(function) if isinstance(base, Symbol)]
        return any(name in BASE_MAKERS | REGISTRIES | {"SQLAlchemy"} for name in words)
    return word in BASE_MAKERS or word in REGISTRIES or word == "SQLAlchemy"


def made_root(made: Expression) -> Root:
    """The root that `declarative_base(...)`, `registry(...)` or `SQLAlchemy(...)` makes."""
    call, scope = made.node, made.scope
    assert isinstance(call, ast.Call)  # noqa: S101  (callers look first)
    function = resolve(call.func, scope)
    flask = _makes(call, scope, "SQLAlchemy") or call_name(call) == "SQLAlchemy"
    style = "flask" if flask else "declarative"
    options = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    type_map = Expression(options["type_annotation_map"], scope) if "type_annotation_map" in options else None
    given = options.get("metadata")
    if isinstance(function, Symbol) and function.name.endswith(("().generate_base", "().declarative_base")):
        registry = resolve(call.func.value, scope) if isinstance(call.func, ast.Attribute) else None
        if isinstance(registry, Expression) and isinstance(registry.node, ast.Call):
            return made_root(registry).replace(style=style)
    if given is not None:
        found = metadata_of(given, scope)
        if found is not None:
            return Root(found, style, type_map)
    for base in linearised(made)[1:]:
        if isinstance(base, Class):
            own = base.own("metadata")
            found = _of_binding(own, 0) if own is not None else None
            if found is not None:
                return Root(found, style, type_map)
    return Root(Metadata(_place(call, scope)), style, type_map or _model_class_map(made))


def _model_class_map(made: Expression) -> Expression | None:
    for base in linearised(made)[1:]:
        found = base.own("type_annotation_map") if isinstance(base, Class) else None
        if isinstance(found, Expression):
            return found
    return None


def root_of(cls: Class) -> Root | None:
    """The declarative root of a class; None for a class that is not mapped through a base or a decorator."""
    root: Root | None = None
    own_metadata: Metadata | None = None
    type_map: Expression | None = None
    for base in linearised(cls):
        if isinstance(base, Class):
            registry = _own_registry(base)
            own_metadata = own_metadata or _own_metadata(base) or (registry.metadata if registry else None)
            own_map = base.own("type_annotation_map")
            type_map = type_map or (own_map if isinstance(own_map, Expression) else None)
            type_map = type_map or (registry.type_map if registry else None)
            root = root or _decorated_root(base) or _metaclass_root(base)
        elif root is None:
            root = _base_root(base, cls)
    if root is None:
        return None
    return root.replace(metadata=own_metadata or root.metadata, type_map=type_map or root.type_map)


def _own_metadata(base: Class) -> Metadata | None:
    own = base.own("metadata")
    if own is not None:
        found = _of_binding(resolve(own.node, own.scope) if isinstance(own, Expression) else own, 0)
        if found is not None or not isinstance(own, Expression):
            return found
        return metadata_of(own.node, own.scope)
    return None


def _own_registry(base: Class) -> Root | None:
    """What `registry = registry(...)` of a class body says."""
    own = base.own("registry")
    made = resolve(own.node, own.scope) if isinstance(own, Expression) else None
    if isinstance(made, Expression) and isinstance(made.node, ast.Call) and _is_maker(made):
        return made_root(made)
    return None


def _metaclass_root(cls: Class) -> Root | None:
    """`class Base(metaclass=DeclarativeMeta)`, as bases are written that a type checker must understand."""
    given = next((keyword.value for keyword in cls.node.keywords if keyword.arg == "metaclass"), None)
    found = resolve(given, cls.scope) if given is not None else None
    words = {base.last for base in linearised(found) if isinstance(base, Symbol)} if isinstance(found, Class) else set()
    if words & METACLASSES or (isinstance(found, Symbol) and found.last in METACLASSES):
        return Root(Metadata(_place(cls.node, cls.scope)))
    return None


def _base_root(base: Base, cls: Class) -> Root | None:
    if isinstance(base, Expression):
        return made_root(base) if _is_maker(base) else None
    if not isinstance(base, Symbol):
        return None
    if base.last in {"DeclarativeBase", "DeclarativeBaseNoMeta"}:
        owner = _first_below(cls, base)
        return Root(Metadata(_place(owner.node, owner.scope)))
    if base.last == "SQLModel":
        return Root(Metadata("sqlmodel.SQLModel.metadata"), "sqlmodel")
    if base.name.endswith("().Model") or base.name == "flask_sqlalchemy.model.Model":
        return Root(Metadata(base.name.removesuffix(".Model") + ".metadata"), "flask")
    if base.name.endswith("()") and base.name.rpartition(".")[2].rstrip("()") in BASE_MAKERS:
        return Root(Metadata(base.name))
    return None


def _first_below(cls: Class, base: Symbol) -> Class:
    """The class that derives from `DeclarativeBase` directly: the one whose MetaData all below it share."""
    for owner in reversed([found for found in linearised(cls) if isinstance(found, Class)]):
        if any(isinstance(found, Symbol) and found == base for found in linearised(owner)):
            return owner
    return cls


def _decorated_root(cls: Class) -> Root | None:
    """`@registry.mapped`, `@registry.mapped_as_dataclass`, `@as_declarative()`, `@registry.as_declarative_base()`."""
    for decorator in cls.node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        word = function.attr if isinstance(function, ast.Attribute) else text_of(function)
        if word == "as_declarative":
            options = {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
            found = metadata_of(options["metadata"], cls.scope) if "metadata" in options else None
            return Root(found or Metadata(_place(cls.node, cls.scope)))
        if word in {"mapped", "mapped_as_dataclass", "as_declarative_base"} and isinstance(function, ast.Attribute):
            registry = resolve(function.value, cls.scope)
            if isinstance(registry, Expression) and isinstance(registry.node, ast.Call):
                return made_root(registry)
            if isinstance(registry, Symbol):
                return Root(Metadata(f"{registry.name}.metadata"))
    return None


def outside_root(cls: Class) -> Root | None:
    """For a class that names a table: the base outside the tree that seems to map it."""
    for base in linearised(cls):
        if not isinstance(base, Symbol) or base.last in HARMLESS - {"Base", "Model", "ModelBase"}:
            continue
        if base.name.partition(".")[0] not in HARMLESS_PACKAGES:
            return Root(Metadata(f"{base.name}.metadata"), "outside")
    return None


def outside_bases(cls: Class) -> list[Symbol]:
    """Bases outside the tree that may bring columns."""
    found = []
    for base in linearised(cls):
        if not isinstance(base, Symbol) or base.last in HARMLESS:
            continue
        package = base.name.partition(".")[0]
        if (
            package in HARMLESS_PACKAGES
            or package == "sqlalchemy"
            or base.name.endswith("()")
            or "().Model" in base.name
        ):
            continue
        found.append(base)
    return found


def _of_call(call: ast.Call, scope: Scope) -> Metadata:
    options = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    namespace = evaluate(options["schema"], scope) if "schema" in options else Known(None)
    convention, complete = DEFAULT, True
    if "naming_convention" in options:
        convention, complete = _convention(options["naming_convention"], scope)
    known = isinstance(namespace, Known)
    return Metadata(
        _place(call, scope),
        namespace.value if isinstance(namespace, Known) else None,
        tuple(sorted(convention.items())),
        complete and known,
    )


def _convention(node: ast.expr, scope: Scope) -> tuple[dict[str, str], bool]:
    found: dict[str, str] = {}
    given = entries(node, scope)
    if given is None:
        return dict(DEFAULT), evaluate(node, scope) == Known(None)
    for key, part in given.items():
        value = evaluate(part.node, part.scope)
        if isinstance(value, Known) and isinstance(value.value, str):
            found[CLASSES.get(key, key)] = value.value
    return found, True


def _place(node: ast.AST, scope: Scope) -> str:
    return f"{scope.place[0]}:{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}"


def listed_metadata(node: ast.expr, scope: Scope) -> list[Metadata] | None:
    """The MetaData objects of a `target_metadata`: one, a list, or a mapping's values; None when not understood."""
    one = metadata_of(node, scope)
    if one is not None:
        return [one]
    parts = items(node, scope) if not isinstance(node, ast.Dict) else None
    if parts is None:
        mapping = entries(node, scope)
        parts = list(mapping.values()) if mapping is not None else None
    if not parts:
        return None
    found = [metadata_of(part.node, part.scope) for part in parts]
    return [metadata for metadata in found if metadata is not None] if None not in found else None

"""Names that SQLAlchemy makes for constraints and indexes without one: `MetaData(naming_convention=...)`."""

from __future__ import annotations

from gitmig.schema.elements import Check, ForeignKey, Index, PrimaryKey, Unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Element = PrimaryKey | Unique | ForeignKey | Check | Index

DEFAULT = {"ix": "ix_%(column_0_label)s"}
PREFIXES: dict[type, str] = {PrimaryKey: "pk", Unique: "uq", ForeignKey: "fk", Check: "ck", Index: "ix"}
CLASSES = {
    "Index": "ix",
    "UniqueConstraint": "uq",
    "CheckConstraint": "ck",
    "ForeignKeyConstraint": "fk",
    "PrimaryKeyConstraint": "pk",
}
LONGEST = 63


def conventional_name(
    element: Element, table: str, convention: Mapping[str, str], *, final: bool = False, namespace: str | None = None
) -> tuple[str | None, bool]:
    """The name of an element of `table` under a convention, and whether it could be told; `final` names are kept."""
    template = convention.get(PREFIXES[type(element)])
    if final or template is None:
        return element.name, True
    if element.name is not None and "%(constraint_name)s" not in template:
        return element.name, True
    if element.name is None and "%(constraint_name)s" in template:
        return None, True
    try:
        return template % _Tokens(element, table, namespace), True
    except (KeyError, ValueError, IndexError, TypeError):
        return element.name, False


class _Tokens(dict[str, str]):
    """The tokens that a template may use; another one is a `KeyError`."""

    def __init__(self, element: Element, table: str, namespace: str | None) -> None:
        super().__init__()
        self.element = element
        self.table = table
        self.namespace = namespace
        columns = () if isinstance(element, Check) else element.columns
        self.columns = tuple(column for column in columns)

    def __missing__(self, token: str) -> str:
        if token == "table_name":  # noqa: S105  (a token of a template, not a secret)
            return self.table
        if token == "constraint_name" and self.element.name is not None:  # noqa: S105
            return self.element.name
        if isinstance(self.element, ForeignKey):
            if token == "referred_table_name":  # noqa: S105
                return self.element.referred.rpartition(".")[2]
            if token.startswith("referred_column_"):
                return self._columns(token[len("referred_") :], self.element.referred_columns, self.element.referred)
        if token.startswith("column_"):
            return self._columns(
                token, self.columns, f"{self.namespace}_{self.table}" if self.namespace else self.table
            )
        raise KeyError(token)

    def _columns(self, token: str, columns: tuple[str, ...], table: str) -> str:
        """`column_0_name`, `column_0_label`, `column_0N_name` (joined), `column_0_N_name` (joined by underscores)."""
        which, kind = token[len("column_") :].rsplit("_", 1)
        if kind not in {"name", "key", "label"}:
            raise KeyError(token)
        prefix = f"{table.replace('.', '_')}_" if kind == "label" else ""
        if which.endswith("_N"):
            return "_".join(prefix + column for column in columns[int(which[:-2]) :])
        if which.endswith("N"):
            return "".join(prefix + column for column in columns[int(which[:-1]) :])
        return prefix + columns[int(which)]

"""A table being changed by replay, and how a database finds a constraint by a name that the source may not have."""

from __future__ import annotations

from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
    Unique,
    Unknown,
    table_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class WorkingTable:
    """A table whose parts can be replaced; `freeze` makes it a Table again."""

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self.namespace = table.namespace
        self.columns: dict[str, Column] = {column.name: column for column in table.columns}
        self.primary_key: PrimaryKey | None = table.primary_key
        self.uniques: list[Unique] = list(table.uniques)
        self.foreign_keys: list[ForeignKey] = list(table.foreign_keys)
        self.checks: list[Check] = list(table.checks)
        self.excludes: list[Exclude] = list(table.excludes)
        self.indexes: list[Index] = list(table.indexes)
        self.comment = table.comment
        self.unknown: list[Unknown] = list(table.unknown)
        self.origin = table.origin

    @property
    def key(self) -> str:
        return table_key(self.name, self.namespace)

    def freeze(self) -> Table:
        return Table(
            self.name,
            self.namespace,
            tuple(self.columns.values()),
            self.primary_key,
            tuple(self.uniques),
            tuple(self.foreign_keys),
            tuple(self.checks),
            tuple(self.excludes),
            tuple(self.indexes),
            self.comment,
            tuple(self.unknown),
            self.origin,
        )

    def constraints(self, kind: str) -> list[Any]:
        found: list[Any] = getattr(self, FIELDS[kind])
        return found

    # -- columns

    def drop_column(self, name: str) -> None:
        """Indexes and constraints over the column go with it, as they do in PostgreSQL."""
        del self.columns[name]
        if self.primary_key and name in self.primary_key.columns:
            self.primary_key = None
        self.uniques = [each for each in self.uniques if name not in each.columns]
        self.foreign_keys = [each for each in self.foreign_keys if name not in each.columns]
        self.indexes = [each for each in self.indexes if not any(names_word(text, name) for text in each.columns)]
        self.checks = [each for each in self.checks if not names_word(each.text, name)]

    def rename_column(self, old: str, new: str) -> None:
        self._name_nameless(old)
        self.columns = {
            (new if name == old else name): (column.replace(name=new) if name == old else column)
            for name, column in self.columns.items()
        }
        if self.primary_key and old in self.primary_key.columns:
            self.primary_key = self.primary_key.replace(columns=_swapped(self.primary_key.columns, old, new))
        self.uniques = [each.replace(columns=_swapped(each.columns, old, new)) for each in self.uniques]
        self.foreign_keys = [each.replace(columns=_swapped(each.columns, old, new)) for each in self.foreign_keys]
        self.indexes = [_with_renamed_column(each, old, new) for each in self.indexes]
        self.checks = [each.replace(text=rename_words(each.text, old, new)) for each in self.checks]

    # -- the table's own name, and that of the tables it refers to

    def rename(self, name: str, namespace: str | None) -> None:
        self._name_nameless(None)
        old = self.key
        self.name, self.namespace = name, namespace
        self.rename_referred(old, self.key)

    def rename_referred(self, old: str, new: str) -> None:
        self.foreign_keys = [each.replace(referred=new) if each.referred == old else each for each in self.foreign_keys]

    def rename_referred_column(self, table: str, old: str, new: str) -> None:
        self.foreign_keys = [
            each.replace(referred_columns=_swapped(each.referred_columns, old, new)) if each.referred == table else each
            for each in self.foreign_keys
        ]

    def _name_nameless(self, column: str | None) -> None:
        """A constraint keeps the name it was given when it was made: PostgreSQL's, if the script gave none."""
        self.uniques = [
            each.replace(name=_postgres_name(self.name, "_".join(each.columns), "key"))
            if _is_nameless(each, column)
            else each
            for each in self.uniques
        ]
        self.foreign_keys = [
            each.replace(name=_postgres_name(self.name, "_".join(each.columns), "fkey"))
            if _is_nameless(each, column)
            else each
            for each in self.foreign_keys
        ]

    # -- finding by name

    def find_index(self, name: str, columns: Sequence[str] | None) -> Index | None:
        for each in self.indexes:
            if name and each.name == name:
                return each
        if columns is not None:
            return next((each for each in self.indexes if each.columns == tuple(columns)), None)
        nameless = [each for each in self.indexes if each.name is None]
        guess: Index | None = _best_guess(nameless, name, lambda index: {f"ix_{self.name}_{'_'.join(index.columns)}"})
        return guess

    def find_constraint(
        self, kind: str, name: str, columns: Sequence[str] | None = None, *, exact: bool = False
    ) -> Any:
        """`exact` asks for the name that a database gives, where otherwise the only candidate is good enough."""
        present = self.constraints(kind)
        for each in present:
            if name and each.name == name:
                return each
        if columns is not None:
            by_columns = [each for each in present if getattr(each, "columns", None) == tuple(columns)]
            return by_columns[0] if by_columns else None
        if kind == "foreign_key" and name.startswith(f"{self.name}{NUMBERED}"):
            self._number_foreign_keys()
            return next((each for each in self.foreign_keys if each.name == name), None)
        nameless = [each for each in present if each.name is None]
        exact = exact or (name.startswith(f"{self.name}_") and name.endswith(OF_COLUMNS))
        return _best_guess(nameless, name, lambda each: self._default_names(kind, each), exact)

    def _number_foreign_keys(self) -> None:
        """MySQL's names for keys that got none: their number, in the order in which they came to the table."""
        prefix = f"{self.name}{NUMBERED}"
        given = [each.name[len(prefix) :] for each in self.foreign_keys if each.name and each.name.startswith(prefix)]
        number = max((int(each) for each in given if each.isdigit()), default=0)
        for place, each in enumerate(self.foreign_keys):
            if each.name is None:
                number += 1
                self.foreign_keys[place] = each.replace(name=f"{prefix}{number}")

    def drop_constraint(self, kind: str, name: str, columns: Sequence[str] | None) -> bool:
        if kind == "primary_key" or (not kind and self._is_primary_key(name)):
            if self.primary_key is None:
                return False
            self._forget_primary_key(self.primary_key)
            return True
        for exact in (True, False):
            for each in [kind] if kind else _kinds_of(name, exact=exact):
                found = self.find_constraint(each, name, columns, exact=exact)
                if found is not None:
                    self.constraints(each).remove(found)
                    return True
        return False

    def rename_constraint(self, old: str, new: str) -> bool:
        if self.primary_key and self._is_primary_key(old):
            self.primary_key = self.primary_key.replace(name=new)
            return True
        for kind in ("unique", "foreign_key", "check", "exclude"):
            found = self.find_constraint(kind, old)
            if found is not None:
                present = self.constraints(kind)
                present[present.index(found)] = found.replace(name=new)
                return True
        return False

    def _forget_primary_key(self, primary_key: PrimaryKey) -> None:
        for name in primary_key.columns:
            column = self.columns.get(name)
            if column is not None:
                self.columns[name] = column.replace(primary_key=False)
        self.primary_key = None

    def _is_primary_key(self, name: str) -> bool:
        key = self.primary_key
        return key is not None and bool(name) and (key.name == name or (key.name is None and _reads_as_key(name)))

    def _default_names(self, kind: str, constraint: Any) -> set[str]:
        """The names that PostgreSQL, MySQL and the usual naming conventions give a constraint without one."""
        named = _columns_of(constraint)
        columns = "_".join(named)
        table = self.name
        if kind == "unique":
            return {_postgres_name(table, columns, "key"), f"uq_{table}_{columns}", *named[:1]}
        if kind == "foreign_key":
            referred = constraint.referred.rpartition(".")[2]
            own = _postgres_name(table, columns, "fkey")
            return {own, f"fk_{table}_{columns}_{referred}", f"fk_{table}_{columns}"}
        return {f"{table}_{columns}_check", f"{table}_check"}


NUMBERED = "_ibfk_"
OF_COLUMNS = ("_fkey", "_key")  # PostgreSQL's names say which columns, so that a key of others is another key
HABITS = {
    "unique": (("uq_", "uk_", "uix_"), ("_key", "_uq", "_uc")),
    "foreign_key": (("fk_",), ("_fkey", "_fk")),
    "check": (("ck_", "chk_"), ("_check", "_ck")),
}


def _kinds_of(name: str, *, exact: bool) -> tuple[str, ...]:
    """The kinds of constraint that a name can be one of; `exact` where the name itself decides."""
    told = tuple(kind for kind, (starts, ends) in HABITS.items() if name.startswith(starts) or name.endswith(ends))
    return told if told and not exact else ("unique", "foreign_key", "check", "exclude")


def _postgres_name(table: str, columns: str, label: str) -> str:
    """As PostgreSQL makes it: of the two the longer one loses its end until 63 characters are enough."""
    while len(table) + len(columns) + len(label) + 2 > 63:
        if len(table) > len(columns):
            table = table[:-1]
        else:
            columns = columns[:-1]
    return f"{table}_{columns}_{label}"


FIELDS = {"unique": "uniques", "foreign_key": "foreign_keys", "check": "checks", "exclude": "excludes"}


def _reads_as_key(name: str) -> bool:
    return name == "PRIMARY" or name.endswith(("_pkey", "_pk")) or name.startswith("pk_")


def _best_guess(nameless: list[Any], name: str, default_names: Any, exact: bool = False) -> Any:
    """The one nameless element that `name` can mean: by its default name, as the only one, or by its columns."""
    if not nameless:
        return None
    for each in nameless:
        if name and any(default[:63] == name for default in default_names(each)):
            return each
    if exact:
        return None
    if len(nameless) == 1:
        return nameless[0]
    for each in sorted(nameless, key=lambda each: -len("_".join(_columns_of(each)))):
        if name and _columns_of(each) and "_".join(each.columns) in name:
            return each
    return None


def _is_nameless(constraint: Unique | ForeignKey, column: str | None) -> bool:
    return constraint.name is None and (column is None or column in constraint.columns)


def _swapped(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if column == old else column for column in columns)


def _with_renamed_column(index: Index, old: str, new: str) -> Index:
    columns = tuple(rename_words(text, old, new) for text in index.columns)
    where = rename_words(index.where, old, new) if index.where else index.where
    if columns == index.columns and where == index.where:
        return index
    return index.replace(columns=columns, where=where)


def names_word(text: str, word: str) -> bool:
    """Whether a column name, or an expression's text, names `word`."""
    if text == word:
        return True
    if word not in text:
        return False
    return rename_words(text, word, "") != text


def rename_words(text: str, old: str, new: str) -> str:
    """`text` with the identifier `old` replaced, wherever it stands alone."""
    if text == old:
        return new
    if old not in text:
        return text
    import re

    return re.sub(rf"(?<![\w$]){re.escape(old)}(?![\w$])", lambda _found: new, text)


def _columns_of(constraint: Any) -> tuple[str, ...]:
    columns: tuple[str, ...] = getattr(constraint, "columns", ())
    return columns

"""`include_object` and `include_name` of an env.py: which tables it leaves out, where that can be told."""

from __future__ import annotations

import ast

from gitmig.schema.elements import Unknown, table_key
from gitmig.source.scopes import Class, Expression, Function, Known, Layer, Scope
from gitmig.source.values import evaluate, resolve, returned, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitmig.source.scopes import Binding


class Exclusion:
    """Asks the environment's functions about each table; `unknown` names the tables of which nothing could be told.

    The only environment of a tree has the models to itself (`alone`): what its functions leave out is then usually what
    others keep in the database, so that a function that cannot be followed is noted once.
    """

    def __init__(self, options: Mapping[str, str], scope: Scope, *, alone: bool = False) -> None:
        self.scope = scope
        self.alone = alone
        self.untold: dict[str, dict[str, None]] = {}
        self.functions = {
            name: found
            for name in ("include_object", "include_name")
            if name in options and isinstance(found := self._function(options[name]), Function)
        }

    def _function(self, text: str) -> Binding | None:
        try:
            return resolve(ast.parse(text, mode="eval").body, self.scope)
        except (SyntaxError, ValueError):
            return None

    def leaves_out(self, name: str, namespace: str | None, info: Expression | None = None) -> bool:
        """Whether a table of the models with this `info` is left out; False when the functions cannot be followed."""
        for option, function in self.functions.items():
            answer = value_of(returned(function, self._arguments(option, name, namespace, info=info)))
            if isinstance(answer, Known):
                if not answer.value:
                    return True
            else:
                self.untold.setdefault(option, {})[table_key(name, namespace)] = None
        return False

    @property
    def unknown(self) -> list[Unknown]:
        """One for each function, with the keys of the tables."""
        found = []
        for option, keys in self.untold.items():
            path, _, _ = self.functions[option].scope.place
            # The same words however many tables there are: one more must not make the others new.
            why = f"whether it leaves this table out could not be told in {path}"
            found.append(Unknown(option, why, objects=tuple(keys)[: 1 if self.alone else None]))
        return found

    def names(self) -> tuple[str, ...]:
        """Names of the functions' own lists that are left out where only a database has the table."""
        named = sorted({name for function in self.functions.values() for name in _names_in(function)})
        return tuple(name for name in named if self._leaves_out_reflected(name))

    def _leaves_out_reflected(self, name: str) -> bool:
        answers = (
            value_of(returned(function, self._arguments(option, name, None, reflected=True)))
            for option, function in self.functions.items()
        )
        return any(isinstance(answer, Known) and not answer.value for answer in answers)

    def _arguments(
        self, option: str, name: str, namespace: str | None, *, reflected: bool = False, info: Expression | None = None
    ) -> list[Binding]:
        if option == "include_name":
            parents = Known({"schema_name": namespace, "schema_qualified_table_name": name, "table_name": name})
            return [Known(name), Known("table"), parents]
        return [self._table(name, namespace, info), Known(name), Known("table"), Known(reflected), Known(None)]

    def _table(self, name: str, namespace: str | None, info: Expression | None) -> Expression:
        """An object with the attributes that such functions look at."""
        made = Class(ast.ClassDef(name="Table", bases=[], keywords=[], body=[], decorator_list=[]), Scope())
        made.derived.update({"name": Known(name), "schema": Known(namespace), "info": info or Known({})})
        call = ast.Call(func=ast.Name(id="Table", ctx=ast.Load()), args=[], keywords=[])
        return Expression(call, Layer({"Table": made}, self.scope))


def _names_in(function: Function) -> Iterator[str]:
    """The texts that a function compares something with: `name in TABLES`, `name == "old"`."""
    for node in ast.walk(function.node):
        for part in (node.left, *node.comparators) if isinstance(node, ast.Compare) else ():
            found = evaluate(part, function.scope)
            value = found.value if isinstance(found, Known) else ()
            texts = [value] if isinstance(value, str) else value if isinstance(value, COLLECTIONS) else ()
            yield from (text for text in texts if isinstance(text, str) and text)


COLLECTIONS = (list, tuple, set, frozenset, dict)

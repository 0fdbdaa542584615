"""`include_object` and `include_name` of an env.py: which tables it leaves out, where that can be told."""

from __future__ import annotations

import ast

from gitmig.schema.elements import Unknown
from gitmig.source.scopes import Class, Expression, Function, Known, Layer, Scope
from gitmig.source.values import resolve, returned, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.source.scopes import Binding


class Exclusion:
    """Asks the environment's functions about each table; a question without an answer is noted once."""

    def __init__(self, options: Mapping[str, str], scope: Scope) -> None:
        self.scope = scope
        self.unknown: list[Unknown] = []
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

    def leaves_out(self, name: str, namespace: str | None) -> bool:
        """Whether a table of the models is left out; False when the functions cannot be followed."""
        for option, function in self.functions.items():
            answer = value_of(returned(function, self._arguments(option, name, namespace)))
            if isinstance(answer, Known):
                if not answer.value:
                    return True
            elif not self.unknown:
                path, _, _ = function.scope.place
                self.unknown.append(
                    Unknown(option, f"what it does with {name} could not be told in {path}", objects=(name,))
                )
        return False

    def _arguments(self, option: str, name: str, namespace: str | None) -> list[Binding]:
        if option == "include_name":
            parents = Known({"schema_name": namespace, "schema_qualified_table_name": name, "table_name": name})
            return [Known(name), Known("table"), parents]
        return [self._table(name, namespace), Known(name), Known("table"), Known(False), Known(None)]

    def _table(self, name: str, namespace: str | None) -> Expression:
        """An object with the attributes that such functions look at."""
        made = Class(ast.ClassDef(name="Table", bases=[], keywords=[], body=[], decorator_list=[]), Scope())
        made.derived.update({"name": Known(name), "schema": Known(namespace), "info": Known({})})
        call = ast.Call(func=ast.Name(id="Table", ctx=ast.Load()), args=[], keywords=[])
        return Expression(call, Layer({"Table": made}, self.scope))

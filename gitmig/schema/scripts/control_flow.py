"""Follows the statements of upgrade() and downgrade() without running them.

Known conditions are taken, of others both branches are read and marked as conditional; loops run over what is known.
"""

from __future__ import annotations

import ast
import builtins
import sys

from gitmig.schema.constructs import origin_of
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.branches import UNKNOWN, alternatives, items_of_either, merged
from gitmig.schema.scripts.calls import Batch, Unread, operations_of
from gitmig.schema.scripts.classes import created_or_dropped, tables_listed, tables_of_metadata
from gitmig.schema.scripts.computed import extent_of_call, invoked_by
from gitmig.schema.scripts.holes import shown
from gitmig.schema.scripts.mentions import mention_of_expression, mention_of_text
from gitmig.schema.scripts.restored import REFLECTED, Restored, reflected_item, reflected_key
from gitmig.schema.scripts.statements import run, template
from gitmig.schema.scripts.unpacking import EAGER, parts_of
from gitmig.source.scopes import (
    Binding,
    Body,
    Class,
    EnumMember,
    Expression,
    Function,
    Known,
    Layer,
    Scope,
    Symbol,
    definitions,
)
from gitmig.source.values import call_name, called_scope, evaluate, items, resolve, text_of, truth_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

STEPS = 100_000
EXECUTED = 8 * 1024 * 1024
DEPTH = 20
TURNS = 500
OP = "alembic.op"
BATCH = "<batch>"
EXECUTING = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "executemany", "stream"})
COLLECTING = frozenset(
    {"append", "add", "extend", "update", "insert", "remove", "pop", "setdefault", "discard", "clear"}
)
# Packages whose functions change no schema by themselves; the standard library is outside as well.
_HARMLESS = """
    sqlalchemy alembic sqlmodel sqlalchemy_utils sqlalchemy_searchable geoalchemy2 pgvector citext flask click rich
    structlog tqdm dotenv
"""
HARMLESS = frozenset(_HARMLESS.split())
BUILTINS = frozenset(vars(builtins))
STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)


class TooMuch(Exception):
    """The script does more than is followed."""


class Frame(Layer):
    """The local names of a function while its statements are followed."""

    def __init__(self, names: dict[str, Binding], parent: Scope) -> None:
        super().__init__(names, parent)
        self.names: dict[str, Binding] = names

    def frozen(self) -> Layer:
        """The names as they are now: what is bound lazily must not see later assignments."""
        return Layer(dict(self.names), self.parent)


class Follower:
    """Collects the operations of one function."""

    def __init__(self, outside: Callable[[str], bool] | None = None) -> None:
        """`outside` says of a dotted name that nothing of the tree defines it."""
        self.operations: list[Operation] = []
        self.mentions: list[Operation] = []
        self.conditional = 0
        self.steps = 0
        self.executed = 0
        self.batches: list[Batch] = []
        self.calls: list[ast.AST] = []
        self.returned = False
        self.restored = Restored()
        self.is_outside = outside or (lambda name: False)

    # -- functions

    def follow(self, function: Function, given: Mapping[str, Binding] | None = None) -> None:
        """An entry point: arguments that are not given are unknown, one that is called `op` is Alembic's."""
        names: dict[str, Binding] = {}
        arguments = function.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            names[argument.arg] = Symbol(OP if argument.arg == "op" else f"{UNKNOWN}.{argument.arg}")
        self.body(function, {**names, **(given or {})})

    def body(self, function: Function, names: dict[str, Binding]) -> None:
        if self.calls.count(function.node) > 1:
            if any(_may_touch(each) for each in self.calls[self.calls.index(function.node) :]):
                raise TooMuch("the script calls itself")
            return
        if len(self.calls) > DEPTH:
            raise TooMuch("the script calls itself")
        self.calls.append(function.node)
        before, returned = self.conditional, self.returned
        frame = Frame(names, function.scope)
        self.returned = False
        if isinstance(function.node, ast.Lambda):
            self.effects(function.node.body, frame)
        else:
            self.block(function.node.body, frame)
        self.conditional, self.returned = before, returned
        self.calls.pop()

    def inline(self, function: Function, call: ast.Call | None, scope: Scope) -> None:
        skip = 1 if isinstance(function.receiver, Expression) and _takes_self(function) else 0
        inner = called_scope(function, call, scope, skip=skip)
        names = dict(inner.names) if isinstance(inner, Layer) else {}
        self.body(function, names)

    # -- statements; a block answers how it ended: "", "return", "raise", "continue" or "break"

    def block(self, statements: Sequence[ast.stmt], frame: Frame) -> str:
        for statement in statements:
            self.step()
            end = self.statement(statement, frame)
            if end:
                return end
        return ""

    def step(self) -> None:
        self.steps += 1
        if self.steps > STEPS:
            raise TooMuch("the script is too long to follow")

    def statement(self, node: ast.stmt, frame: Frame) -> str:
        action = STATEMENTS.get(type(node))
        return action(self, node, frame) if action is not None else ""

    def expression(self, node: ast.Expr, frame: Frame) -> str:
        if isinstance(node.value, ast.Call):
            self.call(node.value, frame, alone=True)
        else:
            self.effects(node.value, frame)
        return ""

    def assign(self, node: ast.Assign, frame: Frame) -> str:
        if _wraps_op(node, frame):
            self.bind(node.targets[0], Symbol(OP), frame)
            return ""
        self.effects(node.value, frame)
        bound = self.bound(node.value, frame)
        for target in node.targets:
            self.bind(target, bound, frame)
        return ""

    def assign_annotated(self, node: ast.AnnAssign, frame: Frame) -> str:
        if node.value is not None:
            self.effects(node.value, frame)
            self.bind(node.target, self.bound(node.value, frame), frame)
        return ""

    def assign_augmented(self, node: ast.AugAssign, frame: Frame) -> str:
        self.effects(node.value, frame)
        if isinstance(node.target, ast.Name):
            name = ast.copy_location(ast.Name(id=node.target.id, ctx=ast.Load()), node.target)
            whole = ast.copy_location(ast.BinOp(left=name, op=node.op, right=node.value), node)
            frame.names[node.target.id] = self.bound(whole, frame)
        return ""

    def bound(self, node: ast.expr, frame: Frame) -> Binding:
        """What an assigned expression stands for, read now if it is a plain value."""
        if isinstance(node, EAGER):
            value = evaluate(node, frame)
            if isinstance(value, Known):
                return value
        return Expression(node, frame.frozen())

    def bind(self, target: ast.expr, bound: Binding, frame: Frame) -> None:
        if isinstance(target, ast.Name):
            frame.names[target.id] = bound
        elif isinstance(target, ast.Starred):
            self.bind(target.value, bound, frame)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = parts_of(bound, target.elts)
            for position, part in enumerate(target.elts):
                self.bind(part, parts[position] if parts else Symbol(f"{UNKNOWN}.item"), frame)

    def choose(self, node: ast.If, frame: Frame) -> str:
        self.effects(node.test, frame)
        truth = self.truth(node.test, frame)
        if truth is not None:
            return self.block(node.body if truth else node.orelse, frame)
        if _asks_for_sqlite(node.test):
            return self.either(node.orelse, node.body, frame, dialect=True)
        return self.either(node.body, node.orelse, frame, dialect=_asks_for_dialect(node.test))

    def either(self, one: Sequence[ast.stmt], other: Sequence[ast.stmt], frame: Frame, *, dialect: bool) -> str:
        """Both branches of a condition that is not known; of two dialects the first says what happens."""
        before, names, start = self.conditional, dict(frame.names), len(self.operations)
        self.conditional = before + 1
        first = self.block(one, frame)
        middle, after_one = len(self.operations), frame.names
        self.conditional = before + 1
        frame.names = dict(names)
        second = self.block(other, frame)
        frame.names = merged(names, after_one, frame.names, first, second)
        if dialect:
            self.operations[middle:] = alternatives(self.operations[start:middle], self.operations[middle:])
        self.conditional = before
        if first == second:
            return first
        ends = {first, second} - {"", "raise"}
        if ends:
            self.conditional = before + 1  # the rest of the function or of the turn may not be reached
            self.returned = self.returned or "return" in ends
        return ""

    def loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> str:
        self.effects(node.iter, frame)
        parts = items(node.iter, frame)
        rounds = [(part, True) for part in parts] if parts is not None else items_of_either(node.iter, frame)
        if rounds is None or len(rounds) > TURNS:
            self.once(node.target, node.body, frame, reflected_item(node.iter, frame))
            return self.block(node.orelse, frame)
        for part, always in rounds:
            value = evaluate(part.node, part.scope) if isinstance(part.node, EAGER) else None
            self.bind(node.target, value if isinstance(value, Known) else part, frame)
            self.conditional += not always
            end = self.turn(node.body, frame)
            self.conditional -= not always
            if end in ("break", "return", "raise"):
                break
        return self.block(node.orelse, frame)

    def turn(self, statements: Sequence[ast.stmt], frame: Frame) -> str:
        before = self.conditional
        end = self.block(statements, frame)
        self.conditional = before + 1 if self.returned and not before else before
        return end

    def once(
        self, target: ast.expr | None, statements: Sequence[ast.stmt], frame: Frame, item: Symbol | None = None
    ) -> None:
        """The body of a loop whose turns are not known."""
        if target is not None:
            self.bind(target, item or Symbol(f"{UNKNOWN}.item"), frame)
        self.conditional += 1
        before = dict(frame.names)
        self.turn(statements, frame)
        frame.names = merged(before, frame.names, before, "", "")
        self.conditional -= 1

    def repeat(self, node: ast.While, frame: Frame) -> str:
        if self.truth(node.test, frame) is not False:
            self.once(None, node.body, frame)
        return ""

    def attempt(self, node: ast.Try, frame: Frame) -> str:
        swallowed = any(not any(isinstance(each, ast.Raise) for each in handler.body) for handler in node.handlers)
        self.conditional += swallowed
        end = self.block(node.body, frame)
        self.conditional -= swallowed
        for handler in node.handlers:
            self.conditional += 1
            self.block(handler.body, frame)
            self.conditional -= 1
        if not end:
            end = self.block(node.orelse, frame)
        return self.block(node.finalbody, frame) or end

    def enter(self, node: ast.With | ast.AsyncWith, frame: Frame) -> str:
        for item in node.items:
            call = item.context_expr
            bound = self.entered(call, frame) if isinstance(call, ast.Call) else None
            if item.optional_vars is not None:
                self.bind(item.optional_vars, bound or self.bound(call, frame), frame)
        return self.block(node.body, frame)

    def entered(self, call: ast.Call, frame: Frame) -> Binding | None:
        function = resolve(call.func, frame)
        if isinstance(function, Symbol) and function.name == f"{OP}.batch_alter_table":
            return self.batch(call, frame)
        if isinstance(function, Function):
            self.inline(function, call, frame)  # a context manager: what it does before and after, before the block
            return _yielded(function) or Symbol(f"{UNKNOWN}.entered")
        self.effects(call, frame)
        return None

    def batch(self, call: ast.Call, scope: Scope) -> Symbol:
        from gitmig.schema.scripts.calls import Arguments

        arguments = Arguments(call, scope, "table_name schema")
        try:
            made = Batch(arguments.required("table_name"), arguments.text("schema"))
        except Unread:
            made = Batch(None)
        self.batches.append(made)
        return Symbol(f"{BATCH}{len(self.batches) - 1}")

    def leave(self, node: ast.Return, frame: Frame) -> str:
        if node.value is not None:
            self.effects(node.value, frame)
        return "return"

    def throw(self, node: ast.Raise, frame: Frame) -> str:
        return "raise"

    def define(self, node: ast.stmt, frame: Frame) -> str:
        if isinstance(node, ast.ClassDef):
            frame.names[node.name] = Class(node, frame)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            frame.names[node.name] = Function(node, frame)
        return ""

    def load(self, node: ast.stmt, frame: Frame) -> str:
        """An import inside of a function."""
        body = Body([node], place=frame.place, parent=frame)
        for name in definitions([node]):
            found = body.own(name)
            if found is not None:
                frame.names[name] = found
        return ""

    def match(self, node: ast.stmt, frame: Frame) -> str:
        self.conditional += 1
        for case in getattr(node, "cases", ()):
            self.block(case.body, frame)
        self.conditional -= 1
        return ""

    # -- conditions

    def truth(self, test: ast.expr, frame: Scope) -> bool | None:
        """Whether a condition holds, None when that depends on the database or on settings."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.truth(test.operand, frame)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            answers = [self.truth(value, frame) for value in test.values]
            decisive = isinstance(test.op, ast.Or)
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive
        if isinstance(test, ast.Call) and call_name(test) == "is_offline_mode":
            return False
        if isinstance(test, ast.Attribute) and test.attr == "as_sql":
            return False
        return truth_of(test, frame)

    # -- expressions

    def effects(self, node: ast.AST, scope: Frame) -> None:
        """Whatever the calls inside of an expression do."""
        self.step()
        if isinstance(node, ast.Call):
            self.call(node, scope)
        elif isinstance(node, ast.IfExp):
            truth = self.truth(node.test, scope)
            self.conditional += truth is None
            for part in (node.body,) * (truth is not False) + (node.orelse,) * (truth is not True):
                self.effects(part, scope)
            self.conditional -= truth is None
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            if any(isinstance(each, ast.Call) for each in ast.walk(node.elt)):
                self.comprehension(node, scope)
        elif isinstance(node, ast.Constant | ast.Name | ast.Lambda | ast.DictComp):
            return
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.effects(child, scope)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Frame) -> None:
        frame = Frame(dict(scope.names), scope.parent)
        statement: ast.stmt = ast.copy_location(ast.Expr(value=node.elt), node.elt)
        for generator in reversed(node.generators):
            for condition in reversed(generator.ifs):
                statement = ast.copy_location(ast.If(test=condition, body=[statement], orelse=[]), condition)
            statement = ast.copy_location(
                ast.For(target=generator.target, iter=generator.iter, body=[statement], orelse=[]), generator.iter
            )
        self.statement(statement, frame)

    def call(self, call: ast.Call, scope: Frame, *, alone: bool = False) -> None:
        """`alone` says that the value of the call is not used: it is there for what it does."""
        self.step()
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
            self.call(function.value, scope)
        target = resolve(function, scope)
        if isinstance(target, Function):
            self.arguments(call, scope)
            self.inline(target, call, scope)
        elif isinstance(target, Symbol):
            self.outside(target.name, call, scope, alone=alone)
        elif isinstance(target, Class | EnumMember | Known) or (target is None and call_name(call) in BUILTINS):
            self.arguments(call, scope)
        else:
            self.method(call, scope, alone=alone)

    def arguments(self, call: ast.Call, scope: Frame) -> None:
        for argument in call.args:
            self.effects(argument, scope)
        for keyword in call.keywords:
            self.effects(keyword.value, scope)

    def outside(self, name: str, call: ast.Call, scope: Frame, *, alone: bool) -> None:
        """A call of something that is not in the tree."""
        root, _, rest = name.partition(".")
        if root.startswith(BATCH):
            self.operation(rest, call, scope, self.batches[int(root[len(BATCH) :])])
        elif name.startswith(f"{OP}.") and "." not in name[len(OP) + 1 :] and "(" not in name:
            self.operation(name[len(OP) + 1 :], call, scope, None)
        elif root in (UNKNOWN, "") or "()" in name:
            self.method(call, scope, alone=alone, name=name)
        elif name in ("alembic.context.execute", "alembic.context.run_migrations"):
            self.execute(call, scope)
        elif root in HARMLESS or root in STANDARD_LIBRARY or name in BUILTINS or name.startswith(REFLECTED):
            self.arguments(call, scope)
        else:
            self.elsewhere(name, call, scope, alone=alone)

    def elsewhere(self, name: str, call: ast.Call, scope: Frame, *, alone: bool) -> None:
        """A function of a module that was not given: it may do anything to a database that it is handed."""
        if name.rpartition(".")[2] in EXECUTING:
            self.execute(call, scope)
            return
        self.arguments(call, scope)
        in_tree = alone and not self.is_outside(name) and not name.rpartition(".")[2].startswith(LOGGING)
        if in_tree or self.hands_over_database(call, scope):
            self.unknown(call, scope, f"{name} is not read")

    def hands_over_database(self, call: ast.Call, scope: Scope) -> bool:
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            found = resolve(argument, scope)
            if isinstance(found, Symbol) and (
                found.name == OP or (found.name.startswith(BATCH) and "." not in found.name)
            ):
                return True
            node = found.node if isinstance(found, Expression) else None
            if isinstance(node, ast.Call) and call_name(node) in ("get_bind", "Session", "connect", "begin"):
                return True
        return False

    def method(self, call: ast.Call, scope: Frame, *, alone: bool, name: str = "") -> None:
        """A method of something that is not known by itself: a connection, a type, a table, a list."""
        word = call_name(call)
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        if word in EXECUTING and (call.args or call.keywords):
            self.execute(call, scope)
        elif word in ("create", "drop") and base is not None:
            self.create_or_drop(word, base, call, scope)
        elif word in ("create_all", "drop_all"):
            self.create_all(word, base, call, scope)
        elif word in COLLECTING and isinstance(base, ast.Name):
            self.arguments(call, scope)
            self.collect(word, base.id, call, scope)
        else:
            self.arguments(call, scope)
            opaque = not name or name.startswith(UNKNOWN)
            if opaque and alone and self.hands_over_database(call, scope):
                self.unknown(call, scope, "what is called is not known")

    def collect(self, word: str, name: str, call: ast.Call, scope: Frame) -> None:
        """A list that a loop fills; what else may change is not known any more."""
        if name not in scope.names:
            return
        if word == "append" and len(call.args) == 1:
            one: ast.expr = ast.List(elts=[call.args[0]], ctx=ast.Load())
        elif word == "extend" and len(call.args) == 1:
            one = call.args[0]
        else:
            scope.names[name] = Symbol(f"{UNKNOWN}.{name}")
            return
        whole = ast.BinOp(left=ast.Name(id=name, ctx=ast.Load()), op=ast.Add(), right=one)
        scope.names[name] = self.bound(ast.fix_missing_locations(ast.copy_location(whole, call)), scope)

    def create_or_drop(self, word: str, base: ast.expr, call: ast.Call, scope: Frame) -> None:
        found = created_or_dropped(word, base, call, scope)
        if found is not None:
            self.add(found)
        elif self.hands_over_database(call, scope):
            self.unknown(call, scope, f"what is to {word} is not known")

    def create_all(self, word: str, base: ast.expr | None, call: ast.Call, scope: Frame) -> None:
        """`metadata.create_all(bind)`: the tables that this file puts into the metadata, or those it lists."""
        listed = next((keyword.value for keyword in call.keywords if keyword.arg == "tables"), None)
        tables = tables_of_metadata(base, scope) if listed is None else tables_listed(listed, scope)
        if tables is None:
            self.unknown(call, scope, "it makes or drops the tables of the models as they are now")
            return
        op = "create_table" if word == "create_all" else "drop_table"
        origin = origin_of(call, scope)
        for table in tables:
            detail = {"table": table, "exists": True} if op == "create_table" else {"exists": True}
            self.add([Operation(op, table.key, "", detail, origin)])

    # -- operations

    def operation(self, method: str, call: ast.Call, scope: Frame, batch: Batch | None) -> None:
        if method in EXECUTING:
            self.execute(call, scope)
            return
        if method == "batch_alter_table":
            return
        invoked = invoked_by(call, scope) if method == "invoke" else None
        if invoked is not None:
            method, call, inner = invoked
            self.operation(method, call, Frame({}, inner), batch)
            return
        try:
            found = operations_of(method, call, scope, batch)
        except Unread as why:
            reflected = reflected_key(method, call, scope, batch)
            if method == "create_foreign_key" and self.restored.settles(reflected, self.conditional):
                return
            objects, aspects = extent_of_call(method, call, scope, batch)
            objects = why.objects or objects or ((batch.key(),) if batch is not None and batch.table else ())
            self.unknown(call, scope, str(why), objects, aspects)
            if method == "drop_constraint" and reflected:
                self.restored.dropped(reflected, self.operations[-1], self.conditional)
            return
        if found is None:
            self.unknown(call, scope, f"op.{method} is not known")
            return
        self.add(found)

    def execute(self, call: ast.Call, scope: Frame) -> None:
        argument = call.args[0] if call.args else call.keywords[0].value if call.keywords else None
        if argument is None:
            return
        if isinstance(argument, ast.Starred):
            self.unknown(call, scope, "what is executed is computed")
            return
        origin = origin_of(call, scope)
        refused_file(scope)
        text = template(argument, scope) or ""
        self.executed += len(text)
        if self.executed > EXECUTED:
            raise TooMuch("the script executes more text than is read")
        try:
            found = run(Expression(argument, scope), origin)
        except Unread as why:
            self.unknown(call, scope, refused_file(scope) or str(why), text=text)
            return
        self.add(found)
        named = mention_of_text(text, origin, found) if text else mention_of_expression(argument, scope, origin, found)
        if named is not None:
            self.mentions.append(named)

    def add(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            self.operations.append(operation.replace(conditional=True) if self.conditional else operation)

    def unknown(
        self,
        call: ast.Call,
        scope: Scope,
        why: str,
        objects: tuple[str, ...] = (),
        aspects: tuple[str, ...] = (),
        *,
        text: str = "",
    ) -> None:
        detail = {"text": shown(text) or shown(text_of(call)), "why": why, "objects": objects}
        detail.update({"aspects": aspects} if aspects else {})
        self.add([Operation("unknown", "", "", detail, origin_of(call, scope))])


def refused_file(scope: Scope) -> str:
    """Why a file could not be read that was just asked for."""
    files = scope.files
    if files is None:
        return ""
    why, files.refused = files.refused, ""
    return why


LOGGING = ("log", "info", "debug", "warn", "error", "print", "echo", "setup", "filter", "configure")


def _asks_for_dialect(test: ast.expr) -> bool:
    text = text_of(test).lower()
    return any(word in text for word in ("dialect", "sqlite", "postgres", "mysql", "mariadb", "oracle"))


def _asks_for_sqlite(test: ast.expr) -> bool:
    text = text_of(test)
    return "sqlite" in text.lower() and "!=" not in text and not text.startswith("not ") and "not in" not in text


def _wraps_op(node: ast.Assign, frame: Scope) -> bool:
    """`op = Progress(op)`: a wrapper under the same name behaves as what it wraps."""
    target, value = node.targets[0], node.value
    if not isinstance(target, ast.Name) or not target.id.endswith("op") or not isinstance(value, ast.Call):
        return False
    return any(resolve(argument, frame) == Symbol(OP) for argument in value.args[:1])


# What a function calls that changes a database.
TOUCHING = frozenset({"execute", "executescript", "exec_driver_sql", "create", "drop", "create_all", "drop_all"})


def _may_touch(function: ast.AST) -> bool:
    """Whether the text of a function names Alembic's `op` or a call that runs DDL."""
    return any(
        (isinstance(node, ast.Name) and node.id in ("op", "batch_op", "operations"))
        or (isinstance(node, ast.Attribute) and node.attr in TOUCHING)
        for node in ast.walk(function)
    )


def _takes_self(function: Function) -> bool:
    arguments = function.node.args
    return bool(arguments.args) and arguments.args[0].arg in ("self", "cls")


def _yielded(function: Function) -> Binding | None:
    """What a context manager of the tree hands to its block, where that is the batch or op itself."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Name) and node.value.id == "op":
            return Symbol(OP)
    return None


STATEMENTS: dict[type[ast.stmt], Callable[[Follower, Any, Frame], str]] = {
    ast.Expr: Follower.expression,
    ast.Assign: Follower.assign,
    ast.AnnAssign: Follower.assign_annotated,
    ast.AugAssign: Follower.assign_augmented,
    ast.If: Follower.choose,
    ast.For: Follower.loop,
    ast.AsyncFor: Follower.loop,
    ast.While: Follower.repeat,
    ast.Try: Follower.attempt,
    ast.With: Follower.enter,
    ast.AsyncWith: Follower.enter,
    ast.Return: Follower.leave,
    ast.Raise: Follower.throw,
    ast.FunctionDef: Follower.define,
    ast.AsyncFunctionDef: Follower.define,
    ast.ClassDef: Follower.define,
    ast.Import: Follower.load,
    ast.ImportFrom: Follower.load,
    ast.Match: Follower.match,
    ast.Continue: lambda follower, node, frame: "continue",
    ast.Break: lambda follower, node, frame: "break",
}

"""Expressions whose value can be told without running them, and those whose value cannot."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from gitmig.source.classes import enum_members, linearised
from gitmig.source.scopes import Class, Expression, Known, Layer, Opaque, Symbol, module_scope
from gitmig.source.values import entries, evaluate, items, resolve, symbol_of, text_of

MODULE = """
import os
import re
import enum
import sys
import six
import sqlalchemy as sa
from app import settings

PREFIX = "shop"
PATTERN = re.compile(r"(?<!^)(?=[A-Z])")
NAMES = ("a", "b")
OPTIONS = {"x": 1}
count = count + 1
grown = list(NAMES)
grown.append("c")
grown.extend(["d", "e"])
grown.remove("a")
shuffled = ["a"]
shuffled.insert(0, "b")
HERE = os.path.basename(os.path.dirname(__file__))


def snake(name):
    parts = []
    for position, letter in enumerate(name):
        if letter.isupper() and position:
            parts.append("_")
        parts.append(letter.lower())
    return "".join(parts)


def named(first, *rest, last="z", **options):
    if options:
        return "options"
    return first + "".join(rest) + last


class Colour(str, enum.Enum):
    red = "r"
    blue = "b"
    also_red = "r"


class Auto(enum.StrEnum):
    First = enum.auto()


class Holder:
    def __init__(self, given=1):
        local = "x"
        self.name = PREFIX + "_held"
        self.given = given
        self.twice = "a"
        self.twice = "b"
        self.local = local

    def __getattr__(self, name):
        return getattr(settings, name)


holder = Holder()


class Level(enum.Enum):
    low = "1"
    high = "2"

    @classmethod
    def texts(cls):
        return [member.value for member in cls.__members__.values()]
"""

KNOWN = {
    "the major version of Python": ("(sys.version_info[0] < 3, sys.version_info.major, six.PY2)", (False, 3, False)),
    "a literal": ("'x'", "x"),
    "adjacent strings": ("'a' 'b'", "ab"),
    "a name": ("PREFIX", "shop"),
    "concatenation": ("PREFIX + '_' + NAMES[0]", "shop_a"),
    "an f-string": ("f'{PREFIX}_{1 + 1:03d}{PREFIX!r}'", "shop_002'shop'"),
    "the old formatting": ("'%s.%d' % (PREFIX, 3)", "shop.3"),
    "the format method": ("'{}-{n}'.format(PREFIX, n=1)", "shop-1"),
    "members of an enum in the format method": ("'type = {c.red}, {n}'.format(c=Colour, n=1)", "type = r, 1"),
    "methods of strings": ("PREFIX.upper().replace('S', '')", "HOP"),
    "a tuple with a star": ("('x', *NAMES)", ("x", "a", "b")),
    "a comprehension": ("[n + '1' for n in NAMES if n != 'a']", ["b1"]),
    "a mapping that is joined": ("{**OPTIONS, 'y': 2}", {"x": 1, "y": 2}),
    "a condition": ("'yes' if len(NAMES) == 2 else 'no'", "yes"),
    "a subscript and a slice": ("PREFIX[1:] + NAMES[-1]", "hopb"),
    "re.sub": ("re.sub(r'(?<!^)(?=[A-Z])', '_', 'BigThing').lower()", "big_thing"),
    "a compiled pattern": ("PATTERN.sub('_', 'BigThing').lower()", "big_thing"),
    "re.split": ("re.split('-', 'a-b')", ["a", "b"]),
    "a function with a loop": ("snake('BigThing')", "big_thing"),
    "a function with defaults": ("named('a', 'b', last='c')", "abc"),
    "a lambda": ("(lambda e: [m.value for m in e])(Colour)", ["r", "b"]),
    "a member of an enum": ("Colour.red.value + Colour.red.name", "rred"),
    "members by name": ("[m.value for m in Colour.__members__.values()]", ["r", "b"]),
    "a class method over the members": ("Level.texts()", ["1", "2"]),
    "an attribute that __init__ sets": ("holder.name", "shop_held"),
    "automatic values": ("Auto.First.value", "first"),
    "the name of a class": ("Colour.__name__.lower()", "colour"),
    "a list that statements fill": ("grown", ["b", "c", "d", "e"]),
    "the folder of the file": ("HERE", "shop"),
    "sorted": ("sorted(['b', 'a'])", ["a", "b"]),
    "what holds where nobody sets the variable": ("f\"{os.getenv('S', 'x')}.{os.environ.get('T') or 'y'}\"", "x.y"),
    "and, or, not": ("(not '' and 'x') or 'y'", "x"),
}
UNKNOWN = {
    "something imported": "settings.PREFIX",
    "an attribute that an argument sets": "holder.given",
    "an attribute that is set twice": "holder.twice",
    "an attribute of what is local": "holder.local",
    "a variable without a value in the code": "os.getenv('S')",
    "a condition on a variable": "'a' if os.getenv('S', '1') == '1' else 'b'",
    "a variable as a condition": "'a' if not os.environ.get('S', '') else 'b'",
    "a list that is changed in a way that is not followed": "shuffled",
    "a folder above the tree": "os.path.dirname(os.path.dirname(os.path.dirname(__file__)))",
    "a name that is not there": "missing",
    "a call of something outside": "sa.text('x')",
    "a value that refers to itself": "count",
    "an argument that a function does not take": "snake('a', 'b')",
    "opening a file": "open('/etc/passwd').read()",
    "an attribute of a format field": "'{0.__class__}'.format('')",
    "what is no member of an enum in a format field": "'{c.__class__}'.format(c=Colour)",
    "a huge repetition": "'x' * 10**9",
    "a huge width": "'%1000000000d' % 1",
    "a huge power": "10 ** 10 ** 10",
    "a pattern that would never end": "re.sub('(a+)+$', '', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')",
    "a minor version of Python": "sys.version_info >= (3, 11)",
    "a division by zero": "1 / 0",
    "a key that is not there": "OPTIONS['z']",
    "nesting beyond reason": "(" * 150 + "PREFIX" + ",)" * 150,
}


def scope():
    return module_scope(ast.parse(MODULE), "shop/app.py")


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(("text", "value"), KNOWN.values(), ids=KNOWN)
def test_values_that_can_be_told(text: str, value: object) -> None:
    assert evaluate(expression(text), scope()) == Known(value)


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_values_that_cannot_be_told_keep_their_text(text: str) -> None:
    assert evaluate(expression(text), scope()) == Opaque(text_of(expression(text)))


def test_a_name_outside_the_tree_is_followed_to_its_dotted_name() -> None:
    assert symbol_of(expression("sa.types.String"), scope()) == "sqlalchemy.types.String"
    assert symbol_of(expression("PREFIX"), scope()) == ""


def test_an_object_may_hand_its_attributes_on() -> None:
    assert symbol_of(expression("holder.Column"), scope()) == "app.settings.Column"


def test_elements_are_given_without_being_evaluated() -> None:
    found = items(expression("[sa.Column(n) for n in NAMES] + [sa.x]"), scope())
    assert found is not None
    assert [text_of(part.node) for part in found] == ["sa.Column(n)", "sa.Column(n)", "sa.x"]
    assert [evaluate(part.node.args[0], part.scope) for part in found[:2]] == [Known("a"), Known("b")]
    assert items(expression("settings.NAMES"), scope()) is None


def test_entries_of_a_mapping_need_keys_that_are_known() -> None:
    found = entries(expression("dict(OPTIONS, y=settings.Y)"), scope())
    assert found is not None
    assert {key: text_of(part.node) for key, part in found.items()} == {"x": "1", "y": "settings.Y"}
    assert entries(expression("{settings.KEY: 1}"), scope()) is None


def test_members_of_an_enum_leave_out_aliases() -> None:
    cls = resolve(expression("Colour"), scope())
    assert isinstance(cls, Class)
    assert enum_members(cls) == [("red", Known("r")), ("blue", Known("b"))]


def test_a_name_means_what_stands_above_its_use() -> None:
    text = """
        from service import Service
        a = Service
        class Service:
            pass
        b = Service
        """
    body = module_scope(ast.parse(dedent(text)), "app.py")
    assert symbol_of(body.definitions["a"], body) == "service.Service"
    assert isinstance(resolve(body.definitions["b"], body), Class)


def test_bases_come_in_method_resolution_order() -> None:
    text = "import o\nclass A: pass\nclass B(A): pass\nclass C(A): pass\nclass D(B, C, o.X): pass\nclass E(E): pass"
    body = module_scope(ast.parse(text), "app.py")

    def names(word: str) -> list[str]:
        cls = body.own(word)
        assert isinstance(cls, Class)
        return [base.name for base in linearised(cls) if isinstance(base, (Class, Symbol))]

    assert names("D") == ["D", "B", "C", "A", "o.X"]
    assert names("E")[0] == "E"


def test_names_can_be_laid_over_a_scope() -> None:
    over = Layer({"PREFIX": Known("other"), "n": Expression(expression("PREFIX"), scope())}, scope())
    assert evaluate(expression("PREFIX + n"), over) == Known("othershop")


@pytest.mark.parametrize("test", ["OPTIONS['z']", "NAMES['x']", "1 / 0", "int('x')", "PREFIX.nothing()"])
def test_a_condition_that_would_fail_chooses_neither(test: str) -> None:
    found = resolve(expression(f"NAMES if {test} else OPTIONS"), scope())
    assert isinstance(found, Expression) and isinstance(found.node, ast.IfExp)

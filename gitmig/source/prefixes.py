"""What only the settings of a running program tell: names that begin with a prefix, variables of the environment.

Models and revisions of such a project say `f"{settings.table_prefix}users"`.  The prefix is one and the same on both
sides, so that a placeholder in its place tells the tables apart and finds them again.  Of a variable of the environment
the code itself says what holds where nobody sets it.
"""

from __future__ import annotations

import ast

from gitmig.source.nodes import text_of

PREFIX = "{prefix}"
VARIABLES = frozenset(("os.getenv", "os.environ.get"))


class Setting(str):
    """The text that the code has for a variable of the environment that is not set.

    A name may be made of it, since models and revisions read the same variable; a condition on it is not known.
    """

    __slots__ = ()


def is_named_prefix(node: ast.expr) -> bool:
    """Whether what was not read is called a prefix: a loop variable or a parameter of another name is not."""
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call) and "prefix" in text_of(node).lower()


def has_prefix(value: object) -> bool:
    return isinstance(value, str) and PREFIX in value

"""What an outline leaves out, and that its syntax tree is at hand where it leaves nothing out."""

from __future__ import annotations

import ast

import pytest

from gitmig.source import outline as module
from gitmig.source.outline import outline, tree_of

HEAD = "# models\nfrom sqlalchemy import Column, String\n\n\n"
WHOLE = {
    "columns": HEAD + "class A(Base):\n    # name\n    name = Column(String(5))\n\n    other = Column(\n\n   String)\n",
    "a declared name": HEAD + "class A(Base):\n    @declared_attr\n    def __tablename__(cls):\n        return 'a'\n",
    "a comment behind": HEAD + "X = 5  # five\n\n# nothing follows\n",
    "a text with lines": HEAD + "class A(Base):\n    __table_args__ = ({'comment': '''\n# one\n\ntwo'''},)\n",
    "another encoding": "# -*- coding: latin-1 -*-\nclass A(Base):\n    n\xe4me = Column('\xe4')\n",
}
SHORTER = {
    "a docstring": HEAD + 'class A(Base):\n    """One A."""\n    name = Column(String(5))\n',
    "a method": HEAD + "class A(Base):\n    name = Column(String(5))\n\n    def length(self):\n        return 5\n",
    "a class of nothing else": HEAD + "class A(Base):\n    '''Nothing.'''\n",
    "code that does something": HEAD + "print(1)\n",
    "line ends of old Macs": HEAD.replace("\n", "\r") + "class A(Base):\r    name = Column(String(5))\r",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_a_file_that_is_kept_whole_need_not_be_parsed_again(text: str) -> None:
    source = outline(text.encode("latin-1" if "latin-1" in text else "utf-8"))["source"]
    tree = tree_of(source)
    assert tree is not None
    assert ast.dump(tree, include_attributes=True) == ast.dump(ast.parse(source), include_attributes=True)
    assert tree_of(source) is None, "it is given away once"


@pytest.mark.parametrize("text", SHORTER.values(), ids=SHORTER)
def test_a_file_of_which_something_is_left_out_has_another_tree(text: str) -> None:
    assert tree_of(outline(text.encode())["source"]) is None


@pytest.mark.parametrize("line_end", ["\n", "\r"])
def test_every_line_keeps_its_number(line_end: str) -> None:
    found = outline(SHORTER["a method"].replace("\n", line_end).encode())
    assert (
        found["source"] == "\nfrom sqlalchemy import Column, String\n\n\nclass A(Base):\n    name = Column(String(5))"
    )


def test_the_oldest_trees_make_room() -> None:
    sources = [outline(f"X = '{name * (module.WHOLE_TEXT // 2)}'\n".encode())["source"] for name in "ab"]
    assert [tree_of(source) is not None for source in sources] == [False, True]

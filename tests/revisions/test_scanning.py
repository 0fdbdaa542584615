"""The four names of a revision are taken out of a text only where nothing else can tell."""

from __future__ import annotations

import ast
import itertools

import pytest

from gitmig.revisions.scanning import without_identifiers

TEMPLATE = """{documented}from alembic import op

# revision identifiers, used by Alembic.
revision{0} = 'a1'
down_revision{1} = {parent}
branch_labels{2} = None
depends_on{2} = None


def upgrade():
    op.drop_table("book")
"""
ANNOTATIONS = (
    ("", "", ""),
    (": str", ": Union[str, None]", ": Union[str, Sequence[str], None]"),
    (": str", ": str | None", ": str | Sequence[str] | None"),
)
DOCUMENTED = ("", '"""drop book\n\nRevision ID: a1\n"""\n', "# -*- coding: utf-8 -*-\n'''drop'''\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_all_else_of_the_template_stays_in_its_line(newline: str) -> None:
    for written, documented, parent in itertools.product(ANNOTATIONS, DOCUMENTED, ("None", "'b2'", '"b2"')):
        text = TEMPLATE.format(*written, documented=documented, parent=parent).replace("\n", newline)
        shorter = without_identifiers(text.encode())
        whole = ast.parse(text)
        whole.body = [each for each in whole.body if not isinstance(each, (ast.Assign, ast.AnnAssign))]
        assert shorter != text.encode()
        assert ast.dump(ast.parse(shorter), include_attributes=True) == ast.dump(whole, include_attributes=True)


PLAIN = TEMPLATE.format("", "", "", documented="", parent="None")
AS_IT_IS = {
    "a function uses the id": PLAIN + "    print(revision)\n",
    "a name is bound again": PLAIN + "depends_on = 'c3'\n",
    "a comment behind mentions a name": PLAIN + "# this revision is large\n",
    "an annotation that is no syntax": PLAIN.replace("branch_labels", "branch_labels: Union[str"),
    "an annotation that is missing": PLAIN.replace("branch_labels", "branch_labels: "),
    "several parents": PLAIN.replace("down_revision = None", "down_revision = ('b2', 'c3')"),
    "a label": PLAIN.replace("branch_labels = None", "branch_labels = ('books',)"),
    "code above": "def helper():\n    return revision\n" + PLAIN,
    "another order": PLAIN.replace(
        "branch_labels = None\ndepends_on = None", "depends_on = None\nbranch_labels = None"
    ),
    "a docstring that does not end": '"""drop\n' + PLAIN,
    "no revision": "import os\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", AS_IT_IS.values(), ids=AS_IT_IS)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert without_identifiers(text.encode()) == text.encode()

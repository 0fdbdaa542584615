"""The functions of a revision as text, for the revision that takes it back."""

from __future__ import annotations

import pytest

from gitmig.revisions.reverting import functions_of

TOP = '"""x"""\nfrom typing import Union\nimport json\nfrom alembic import op\nimport sqlalchemy as sa\n'
IDS = 'revision: Union[str, None] = "b"\ndown_revision = "a"\n'
UP = "def upgrade() -> None:\n"
DOWN = "def downgrade():\n"
# What the file says, and the two bodies that are taken.
BODIES = {
    "one line each": (f"{UP}    op.a()\n{DOWN}    op.b()\n", ("    op.a()", "    op.b()")),
    "comments before it": (f"{UP}    # why\n    op.a()\n{DOWN}    pass\n", ("    # why\n    op.a()", "    pass")),
    "on the line of the def": ("def upgrade(): op.a()\ndef downgrade(): pass\n", ("    op.a()", "    pass")),
    "a docstring about the other way": (f'{UP}    """Up."""\n    op.a()\n{DOWN}    pass\n', ("    op.a()", "    pass")),
    "a folded head": ("def upgrade(\n    x=1,\n):\n    op.a()\n" + DOWN + "    pass\n", ("    op.a()", "    pass")),
    "SQL over several lines": (
        f'{UP}    op.execute("""\nSELECT 1\n""")\n{DOWN}    pass\n', ('    op.execute("""\nSELECT 1\n""")', "    pass")
    ),
    "no downgrade": (f"{UP}    op.a()\n", ("    op.a()", None)),
}  # fmt: skip


@pytest.mark.parametrize("row", BODIES)
def test_the_bodies_stay_as_they_are(row: str) -> None:
    text, expected = BODIES[row]
    found = functions_of((TOP + IDS + text).encode())
    assert found is not None
    assert (found.bodies.get("upgrade"), found.bodies.get("downgrade")) == expected


def test_what_the_functions_need_comes_along_and_nothing_else() -> None:
    helper = "SIZE = 3\n\n\n@json.dumps\ndef helper():\n    return SIZE\n"
    found = functions_of(f"{TOP}{IDS}{helper}{UP}    helper()\n{DOWN}    pass\n".encode())
    assert found is not None
    assert found.rest == "import json\nSIZE = 3\n@json.dumps\ndef helper():\n    return SIZE"


def test_a_file_that_does_not_parse_has_none() -> None:
    assert functions_of(b"def upgrade(:\n") is None

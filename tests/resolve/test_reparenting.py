"""Steps from moves: the literals change, every other byte stays."""

from __future__ import annotations

import pytest

from gitmig.errors import CannotDecide
from gitmig.resolve.remedy import Remedy
from gitmig.resolve.reordering import Move
from gitmig.resolve.reparenting import Source, edited, plan_reparenting
from gitmig.revisions.parsing import parse_revision

ALEMBIC = b'''"""add year

Revision ID: 0002
Revises: 0001
Create Date: 2025-07-01 10:00:00

"""
from alembic import op

revision: str = "0002"
down_revision = '0001'  # the first
branch_labels = None
depends_on = ("0001",)


def upgrade():
\top.execute("select '0001'")
'''


def plan(*moves, content=ALEMBIC):
    sources = {move.path: Source(content, mode="100755") for move in moves}
    return list(plan_reparenting(Remedy("main", "reparent", moves=moves), sources))


@pytest.mark.parametrize(
    "content",
    [ALEMBIC, ALEMBIC.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + ALEMBIC, ALEMBIC.replace(b"def ", b"\x0cdef ")],
    ids=["plain", "CRLF", "byte order mark", "form feed"],
)
def test_only_the_parent_changes_in_code_and_docstring(content):
    step = plan(Move("0002", "v/a.py", ("0001",), ("0009",)), content=content)[0]
    assert step.content == content.replace(b"Revises: 0001", b"Revises: 0009").replace(b"'0001'  #", b"'0009'  #")
    assert (step.kind, step.path, step.mode) == ("write", "v/a.py", "100755")


def test_a_new_number_goes_into_the_name_the_id_and_the_references():
    move = Move("0002", "v/0002_year.py", ("0001",), ("0004",), new_id="0005", depends_on=("0004",))
    step = plan(move)[0]
    found = parse_revision(step.content)
    assert (step.kind, step.to) == ("rename", "v/0005_year.py")
    assert (found.id, found.down_revisions, found.depends_on) == ("0005", ("0004",), ("0004",))
    assert not found.stale
    assert b"select '0001'" in step.content


def test_a_dropped_join_is_deleted():
    assert plan(Move("0002", "v/a.py", ("0001", "0003"), ("0003",), dropped=True))[0].kind == "delete"


def test_a_file_that_is_as_wanted_needs_no_step():
    assert plan(Move("0002", "v/a.py", ("0001",), ("0001",))) == []


@pytest.mark.parametrize(
    ("content", "accepted"),
    [
        (b"# -*- coding: latin-1 -*-\n" + ALEMBIC.replace(b"year", b"ann\xe9e"), False),
        (ALEMBIC.replace(b"'0001'", b"first()"), False),
        (b"# -*- coding: utf-8 -*-\n" + ALEMBIC.replace(b"year", "année".encode()), True),
    ],
    ids=["latin-1", "computed parent", "UTF-8"],
)
def test_what_cannot_be_edited_safely_is_refused(content, accepted):
    move = Move("0002", "v/a.py", ("0001",), ("0009",))
    if accepted:
        assert b"0009" in edited(content, move)
    else:
        with pytest.raises(CannotDecide, match=r"v/a\.py"):
            edited(content, move)

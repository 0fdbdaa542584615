"""A drop and an add in a real change: what the files around the models say of it (GM307, `gitmig revision`)."""

from __future__ import annotations

import pytest
from support.alembic_projects import ENVIRONMENT, VERSIONS
from support.changes import BOOK, ENV, FIRST, HEAD, MODELS
from support.checking import checker

ENV_TEXT = "from shop.models import Base\ntarget_metadata = Base.metadata\n"
CITY = "    city: Mapped[str] = mapped_column(String(50))\n    code: Mapped[str] = mapped_column(String(50))\n"
TOWN = "    mood: Mapped[str] = mapped_column(String(50))\n    town: Mapped[str] = mapped_column(String(50))\n"
ADDED = 'op.add_column("books", sa.Column("{}", sa.String(50), nullable=False, server_default=""))'
VIEW = "def show(book):\n    return book.city\n\n\ndef find(city):\n    return Book(city=city)\n"
RENAMED = VIEW.replace("book.city", "book.town").replace("city=city", "town=city")
MOVED = (
    "def show(book):\n    return None\n\n\ndef find(city):\n    return Book()\n\n\ndef tell(a, b):\n    return a.town\n"
)


def revision(body: str) -> str:
    return (
        "from alembic import op\nimport sqlalchemy as sa\nrevision = 'bbb222'\ndown_revision = 'aaa111'\n"
        f"def upgrade():\n    {body}\ndef downgrade():\n    pass\n"
    )


DROPS = 'op.drop_column("books", "city")\n    op.drop_column("books", "code")'
REVISION = revision(f"{ADDED.format('mood')}\n    {ADDED.format('town')}\n    {DROPS}")


@pytest.fixture
def project() -> dict[str, str]:
    columns = 'sa.Column("city", sa.String(50), nullable=False), sa.Column("code", sa.String(50), nullable=False)'
    first = FIRST.replace('sa.Column("title"', f'{columns}, sa.Column("title"', 1)
    assert columns in first
    files = {"shop/__init__.py": "", MODELS: HEAD + BOOK + CITY, ENV: ENV_TEXT, "shop/views.py": VIEW}
    return {**ENVIRONMENT, **files, f"{VERSIONS}/aaa111_x.py": first}


@pytest.mark.parametrize(
    ("view", "told"),
    [(RENAMED, ["books.town"]), (MOVED, []), (VIEW, [])],
    ids=["uses renamed", "uses moved", "untouched"],
)
@pytest.mark.parametrize("way", ["staged", "commit"])
def test_uses_outside_of_the_models_are_evidence(make_history, capsys, project, way, view, told):
    changed = {MODELS: HEAD + BOOK + TOWN, "shop/views.py": view, f"{VERSIONS}/bbb222_x.py": REVISION}
    history = make_history([("main", project), ("work < main", changed if way == "commit" else {"notes": "1"})])
    check = checker(capsys)
    if way == "staged":
        history.git("checkout", "-q", "work")
        history.stage(changed)
        done = check(history.path, "--shared", "main")
    else:
        done = check(history.path, "--rev", "work", "--base", "main")
    found = [one for one in done.report["findings"] if one["code"] == "GM307"]
    assert [name for one in found for name in one["objects"]] == told
    for one in found:
        assert "2 uses of city became town" in one["note"]
        assert one["help"][0]["commands"] == ['op.alter_column("books", "city", new_column_name="town")']


def test_revision_writes_the_rename_that_the_uses_name(make_history, project):
    history = make_history([("main", project)])
    history.stage({MODELS: HEAD + BOOK + TOWN, "shop/views.py": RENAMED})
    shown = history.run("gitmig", "revision", "-m", "x").stdout
    assert "books.town: taken for books.city under a new name" in shown
    assert "2 uses of city became town" in shown
    assert "rename column books.code" not in shown

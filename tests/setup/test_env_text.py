"""An env.py pointed at a MetaData, and told more in `context.configure`: the rest keeps every byte."""

from __future__ import annotations

import pytest

from gitmig.errors import Refused
from gitmig.setup.candidates import Candidate
from gitmig.setup.env_text import Keyword, add_imports, configure_with, configured, point_at, wrap_options

SHOP = Candidate("shop.models", "Base.metadata", ("shop.extra",))
BATCH = Keyword("render_as_batch", "True")

HEAD = b"""from alembic import context

# add your model's MetaData object here
# for 'autogenerate' support
# from myapp import mymodel
# target_metadata = mymodel.Base.metadata
target_metadata = None
# mine
"""


def test_the_template_is_pointed_at_the_models() -> None:
    assert point_at(HEAD, SHOP).decode() == (
        "from alembic import context\n\n"
        "import shop.extra  # noqa: F401\nfrom shop.models import Base\n\n"
        "target_metadata = Base.metadata\n# mine\n"
    )


@pytest.mark.parametrize(
    "text",
    [b"target_metadata = Base.metadata\n", b"", b"def f(:\n"],
    ids=["named already", "nothing to fill", "broken"],
)
def test_what_a_person_wrote_is_refused(text: bytes) -> None:
    with pytest.raises(Refused):
        point_at(text, SHOP)


CALLS = {
    "one short line": (
        "context.configure(connection=c)",
        "context.configure(connection=c, render_as_batch=True)",
    ),
    "one long line": (
        "    context.configure(connection=connection, target_metadata=target_metadata, compare_type=True)",
        "    context.configure(\n        connection=connection,\n        target_metadata=target_metadata,\n"
        "        compare_type=True,\n        render_as_batch=True,\n    )",
    ),
    "several lines": (
        "context.configure(\n    url=url,\n    literal_binds=True,\n)",
        "context.configure(\n    url=url,\n    literal_binds=True,\n    render_as_batch=True,\n)",
    ),
    "a comment inside": (
        "context.configure(\n    url=url,  # here\n    literal_binds=True,\n)",
        "context.configure(\n    url=url,  # here\n    literal_binds=True,\n    render_as_batch=True,\n)",
    ),
    "there already": ("context.configure(render_as_batch=False)", "context.configure(render_as_batch=False)"),
    "something else": ("other.configure(x=1)", "other.configure(x=1)"),
}


@pytest.mark.parametrize(("before", "after"), CALLS.values(), ids=CALLS)
def test_a_keyword_more(before: str, after: str) -> None:
    wrapped = (
        "def run():\n    " + before.strip().replace("\n", "\n    ") + "\n" if before[0] != " " else f"if x:\n{before}\n"
    )
    wanted = "def run():\n    " + after.replace("\n", "\n    ") + "\n" if before[0] != " " else f"if x:\n{after}\n"
    made = configure_with(wrapped.encode(), [BATCH]).decode()
    assert made == wanted
    assert configure_with(made.encode(), [BATCH]).decode() == made


def test_an_import_comes_with_its_keyword_once() -> None:
    text = b"from alembic import context\r\ncontext.configure(a=1)\r\ncontext.configure(b=2)\r\n"
    made = configure_with(text, [Keyword("on_version_apply", "record", "from ledger import record")])
    assert made == (
        b"from alembic import context\r\nfrom ledger import record\r\n"
        b"context.configure(a=1, on_version_apply=record)\r\ncontext.configure(b=2, on_version_apply=record)\r\n"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"context.configure(a=f(x))", {"a": "f(x)"}),
        (b"context.configure(a=1, **options)", {"a": "1", "**": "options"}),
        (b"def (", None),
        (b"x = 1", {}),
    ],
)
def test_what_is_configured(text: bytes, found: object) -> None:
    assert configured(text) == found


GUARDED = Keyword(
    "on_version_apply", "record", "try:\n    from shop.ledger import record\nexcept ImportError:\n    record = None"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_import_may_be_guarded_and_is_added_once(newline: str) -> None:
    plain = "from alembic import context\ncontext.configure(url=url)\n".replace("\n", newline).encode()
    once = configure_with(plain, [GUARDED])
    lines = once.decode().split(newline)
    assert lines[1:5] == GUARDED.needs.split("\n")
    assert configure_with(once, [GUARDED]) == once


WITHOUT = {
    "nothing else": (b"context.configure()\n", b"import x\ncontext.configure()\n"),
    "a docstring": (b'"""doc"""\ncontext.configure()\n', b'"""doc"""\nimport x\ncontext.configure()\n'),
    "a docstring at the end": (b'"""doc"""', b'"""doc"""\nimport x'),
    "a comment": (b"# coding: utf-8\r\nf()\r\n", b"# coding: utf-8\r\nimport x\r\nf()\r\n"),
    "an empty file": (b"", b"import x\n"),
    "a comment alone": (b"# here", b"# here\nimport x\n"),
}


@pytest.mark.parametrize(("text", "expected"), WITHOUT.values(), ids=WITHOUT)
def test_an_import_in_a_file_without_one(text: bytes, expected: bytes) -> None:
    assert add_imports(text, ["import x"]) == expected


OPTIONS = {
    "Flask-Migrate's": (
        "context.configure(\n    connection=connection,\n    **conf_args\n)",
        "context.configure(\n    connection=connection,\n    **hidden(conf_args)\n)",
    ),
    "a call": ("context.configure(**options_of(url), x=1)", "context.configure(**hidden(options_of(url)), x=1)"),
}


@pytest.mark.parametrize(("text", "wrapped"), OPTIONS.values(), ids=OPTIONS)
def test_options_that_are_unpacked(text: str, wrapped: str) -> None:
    made = wrap_options(f"from alembic import context\n{text}\n".encode(), "hidden", "from shop import hidden")
    assert made.decode() == f"from alembic import context\nfrom shop import hidden\n{wrapped}\n"
    assert wrap_options(made, "hidden", "from shop import hidden") == made
    assert configure_with(made, [BATCH]) == made


def test_nothing_is_unpacked() -> None:
    assert wrap_options(b"context.configure(a=1)", "hidden", "from shop import hidden") == b"context.configure(a=1)"


def test_an_import_that_is_there_without_its_guard_counts() -> None:
    text = b"from shop.ledger import record\ncontext.configure(url=url)\n"
    assert b"try" not in configure_with(text, [GUARDED])

"""What the changed lines of a change say of an old and a new name."""

from __future__ import annotations

import pytest

from gitmig.schema.uses import Uses, hunks_of, uses_in

LONG = "\n".join(f"line{number} = {number}" for number in range(20))
CASES = {
    "an attribute": ("print(book.title)", "print(book.headline)", Uses(1, 1, 1)),
    "a keyword": ("Book(title=text)", "Book(headline=text)", Uses(1, 1, 1)),
    "a text": ('row["title"]', 'row["headline"]', Uses(1, 1, 1)),
    "two in a line": ("a.title == b.title", "a.headline == b.headline", Uses(2, 2, 2)),
    "a line that changed besides": ("show(book.title)", "show(book.headline, True)", Uses(1, 1, 1)),
    "a line that was indented": ("show(book.title)", "if book:\n    show(book.headline)", Uses(1, 1, 1)),
    "a line that became something else": ("return Book(title=title)", "return a.headline", Uses(0, 1, 1)),
    "a use that stayed": ("show(book.title)", "show(book.title, book.headline)", Uses(0, 0, 1)),
    "a use that went": ("show(book.title)\nkeep()", "keep()", Uses(0, 1, 0)),
    "at places far apart": (
        f"show(book.title)\n{LONG}\nend()",
        f"{LONG}\nend()\nshow(book.headline)",
        Uses(0, 1, 1),
    ),
    "in a text written anew": (
        f"show(a.title)\n{LONG}",
        f"{LONG.upper()}\nreport(everything, of=b.headline)",
        Uses(0, 1, 1),
    ),
    "a line of a text written anew": (f"show(a.title)\n{LONG}", f"{LONG.upper()}\nshow(a.headline)", Uses(1, 1, 1)),
    "a longer name": ("show(book.title_page)", "show(book.headline_page)", Uses()),
    "a comparison is no keyword": ("if title == 1:", "if headline == 1:", Uses()),
    "an assignment": ("title = 1", "headline = 1", Uses(1, 1, 1)),
    "in place": (
        "class Book:\n    title: Mapped[str]\n    x: int",
        "class Book:\n    headline: Mapped[str]\n    x: int",
        Uses(in_place=True),
    ),
    "in place, by a Column": ("    title = db.Column(String)", "    headline = db.Column(String)", Uses(in_place=True)),
    "in place, by its name": ('Column("title", String),', 'Column("headline", String),', Uses(in_place=True)),
    "in place, of two": (
        "    x: int\n    title: int",
        "    y: int\n    headline: int",
        Uses(in_place=True),
    ),
    "in the place of another": (
        "    title: int\n    x: int",
        "    y: int\n    headline: int",
        Uses(),
    ),
    "elsewhere": (
        "class Book:\n    title: Mapped[str]\n    x: int\n    y: int",
        "class Book:\n    x: int\n    y: int\n    headline: Mapped[str]",
        Uses(in_place=False),
    ),
    "defined in two classes": (
        "class A:\n    title: int\n    x: int\nclass B:\n    title: int\n    x: int",
        "class A:\n    headline: int\n    x: int\nclass B:\n    headline: int\n    x: int",
        Uses(),
    ),
    "nothing": ("x = 1", "x = 2", Uses()),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_uses(old: str, new: str, expected: Uses) -> None:
    assert uses_in(hunks_of(old, new), "title", "headline") == expected


def test_a_name_that_means_something_to_a_pattern_is_text() -> None:
    assert uses_in(hunks_of("x.a", "x.b"), "a(", "b[") == Uses()

"""An audit in every format: the figures, and that no text of a repository is more than text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import islice

import pytest
from support.hostile import PIECES, strings

from gitmig.audit.records import Audit, EnvironmentAudit, Moment, Period, Release, Touch
from gitmig.report.audit import broken_for, duration, figures, headline, render_audit_json
from gitmig.report.audit_html import render_audit_html
from gitmig.report.audit_markdown import render_audit_markdown
from gitmig.report.audit_text import render_audit_text
from gitmig.report.escape import safe

DAY = 86_400
START = 1_700_000_000


def moment(number: int, days: float = 0, name: str = "Ada") -> Moment:
    return Moment(number, f"{number:040x}", START + int(days * DAY), name, name)


def audit_of(name: str = "b2") -> Audit:
    touches = (
        Touch("edited", name, name, moment(2, 1, name), name, 90_000),
        Touch("deleted", name, name, moment(3, 2, name), "", 90_000),
        Touch("edited", name, name, moment(4, 3, name), "", 10),
        Touch("cosmetic", name, name, moment(4, 3, name)),
    )
    periods = (
        Period("double-heads", (name, "c3"), moment(1, 0, name), name, (), moment(3, 2, name), ("merge revision",)),
        Period("missing-parent", (name, name), moment(2, 1, name), last=START + 5 * DAY),
        Period("double-heads", (name, "c3"), moment(4, 4, name), "", (), moment(5, 4, name), ("deleted",)),
    )
    environment = EnvironmentAudit(
        name, (name,), 3, 4, 5, touches, periods, (Release(name, name, START, ((name, name),)),)
    )
    return Audit(name, 5, 5, moment(1, 0, name), moment(5, 5, name), (environment,), 2, (name,))


RENDERERS = {
    "text": render_audit_text,
    "json": render_audit_json,
    "markdown": render_audit_markdown,
    "html": render_audit_html,
}


def test_what_one_push_mended_is_not_counted() -> None:
    counted = {one.kind: one.count for one in figures(audit_of())}
    assert counted["double-heads"] == 1
    assert counted["edited"] == 1
    assert "3 of 5" in headline(audit_of())


def test_days_that_were_broken_twice_count_once() -> None:
    one = Period("double-heads", ("a",), moment(1, 0), end=moment(2, 2))
    other = Period("double-heads", ("a",), moment(1, 1), end=moment(2, 3))
    apart = Period("double-heads", ("a",), moment(1, 10), end=moment(2, 11))
    assert broken_for([other, one, apart]) == 4 * DAY


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (119, "119 seconds"), (720, "12 minutes"), (20_160, "5.6 hours"), (38 * DAY, "38 days")],
)
def test_durations(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_a_past_without_anything() -> None:
    empty = Audit("main", 0, 0, None, None)
    for render in RENDERERS.values():
        assert "no Alembic revisions" in render(empty) or render is render_audit_json


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    return parser


def check(text: str) -> None:
    plain, hostile = elements(render_audit_html(audit_of())), elements(render_audit_html(audit_of(text)))
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    json.loads(render_audit_json(audit_of(text)))
    for render in RENDERERS.values():
        for character in set(render(audit_of(text))) - {"\n"}:
            assert safe(character) == character


@pytest.mark.parametrize("text", PIECES, ids=ascii)
def test_a_hostile_piece(text: str) -> None:
    check(text)


def test_hostile_pieces_together() -> None:
    for text in islice(strings(3), len(PIECES), len(PIECES) + 60):
        check(text)


def test_the_page_needs_nothing_from_outside() -> None:
    page = render_audit_html(audit_of())
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert elements(page).tags.count("script") == 0


def test_the_timeline_is_said_in_words() -> None:
    page = render_audit_html(audit_of())
    assert 'role="img" aria-label="Timeline from' in page.replace("\n", "")
    assert page.count("<title>") == 1 + 2 + 2  # the page, two bars, two dots


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit(width: int) -> None:
    assert all(len(line) <= width for line in render_audit_text(audit_of(), width=width).splitlines())

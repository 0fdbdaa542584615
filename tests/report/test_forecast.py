"""The forecast in all its forms."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import forecasts
from support.golden import assert_golden
from support.hostile import PIECES

from gitmig.forecast.forecast import Forecast
from gitmig.report import page
from gitmig.report.forecast import render_json
from gitmig.report.forecast_html import render_html
from gitmig.report.forecast_markdown import render_markdown
from gitmig.report.forecast_mermaid import render_mermaid
from gitmig.report.forecast_style import STYLE
from gitmig.report.forecast_text import render_text

GOLDEN = Path(__file__).parent / "golden"
RENDERERS = {
    "text": lambda one: render_text(one, width=80),
    "json": render_json,
    "markdown": render_markdown,
    "mermaid": render_mermaid,
    "html": render_html,
}
EMPTY = Forecast(("refs/remotes/origin/main", "b" * 40), {"main": ("c3",)})


@pytest.mark.parametrize("form", ["text", "markdown", "mermaid", "json"])
def test_golden(form):
    assert_golden(GOLDEN / f"forecast_{form}.txt", RENDERERS[form](forecasts.full()))


def test_golden_of_a_queue():
    assert_golden(GOLDEN / "forecast_queue.txt", render_text(forecasts.full(queue=True), width=80))


@pytest.mark.parametrize("form", RENDERERS)
def test_nothing_to_tell(form):
    assert "main" in RENDERERS[form](EMPTY)


@pytest.mark.parametrize("width", [76, 80, 120])
def test_lines_fit(width):
    long = forecasts.full("a-branch-with-a-name-that-nobody-would-ever-want-to-type/" * 2)
    lines = render_text(long, width=width).splitlines()
    assert [line for line in lines if len(line) > width] == []


def test_colour_changes_nothing_else():
    colored = render_text(forecasts.full(), color=True, width=80)
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == render_text(forecasts.full(), width=80)


# JSON


def test_the_keys_that_others_rely_on():
    value = json.loads(render_json(forecasts.full()))
    assert {"schema", "target", "branches", "order"} <= value.keys()
    for branch in value["branches"]:
        assert {"ref", "commit", "adds", "verdict", "collides_with", "conflicts", "remedy"} <= branch.keys()
        assert branch["verdict"] in ("clean", "collides", "conflicts", "undecided")
        assert branch["remedy"] in ("none", "reparent", "merge", "refuse")
    assert set(value["order"]) <= {branch["ref"] for branch in value["branches"]}


# Mermaid


def test_many_branches_do_not_break_mermaid():
    base = forecasts.target(forecasts.BASE)
    many = {f"refs/heads/b{n:03}": forecasts.branch(base, {f"n{n:03}": "c3"}, f"{n}") for n in range(120)}
    chart = render_mermaid(forecasts.foretell(base, many))
    assert "and 80 more" in chart
    assert chart.count("-->") + chart.count("-.-") < 500


# HTML


class Page(HTMLParser):
    """Collects the elements, and checks that they are nested as they should be."""

    VOID = frozenset({"meta", "circle", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_is_complete_and_loads_nothing():
    text = render_html(forecasts.full())
    page = Page(text)
    assert not [one for _, attributes in page.elements for one in attributes if one in ("src", "onclick", "onload")]
    assert all(str(one["href"]).startswith("#") for one in page.all("a"))
    assert "url(" not in text
    assert "@import" not in text
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(one["href"])[1:] for one in page.all("a")} <= set(ids)


def test_tables_have_captions_and_headers():
    page = Page(render_html(forecasts.full()))
    assert len(page.all("table")) == len(page.all("caption")) == 2
    assert page.all("th")
    assert {attributes.get("scope") for attributes in page.all("th")} == {"col", "row"}
    assert [one for one in page.all("svg") if one.get("role") == "img" and one.get("aria-labelledby")]
    assert page.all("html") == [{"lang": "en"}]


def test_every_mark_of_the_matrix_has_its_words():
    text = render_html(forecasts.full())
    marked = re.findall(r'<td class="(\w+)[^"]*" tabindex="0"[^>]*>(.*?)</td>', text)
    assert {mark for mark, _ in marked} >= {"broken", "conflict", "unknown", "commute", "heads"}
    assert all(re.search(r'<span class="said">[^<]{10,}</span>', inside) for _, inside in marked)


def luminance(color):
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_against_its_ground(scheme):
    schemes = [style.split("@media (prefers-color-scheme: dark)")[scheme == "dark"] for style in (page.STYLE, STYLE)]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", "".join(schemes)))
    on_ground = [("text", "ground"), ("quiet", "ground"), ("link", "ground"), ("text", "raised"), ("link", "raised")]
    pairs = [
        *on_ground,
        *((f"{name}-text", name) for name in ("clean", "heads", "commute", "unknown", "conflict", "broken")),
    ]
    assert {f"{one} on {other}": contrast(colors[one], colors[other]) for one, other in pairs
            if contrast(colors[one], colors[other]) < 4.5} == {}  # fmt: skip


# Whatever a repository calls its things


def check(text):
    forecast = forecasts.hostile(text)
    for form, render in RENDERERS.items():
        said = render(forecast)
        bad = [sign for sign in said if not (sign.isprintable() or sign in "\n\u3000")]
        assert bad == [], form
        if form == "json":
            json.loads(said)
        if form == "html":
            shown = Page(said)
            assert len(shown.all("script")) == len(shown.all("style")) == 1
        if form == "mermaid":
            assert all(line.startswith(("flowchart", "    ")) for line in said.splitlines())


@pytest.mark.parametrize("text", PIECES, ids=ascii)
def test_a_piece(text):
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=4), st.sampled_from(PIECES)), max_size=6).map("".join))
def test_any_text(text):
    check(text)

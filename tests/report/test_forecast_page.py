"""The forecast's page in a real browser: by keyboard, by screen reader, in the dark, on a telephone, without script."""

from __future__ import annotations

import pytest
from support import forecasts
from support.browser import browsing, find_browser

from gitmig.report.forecast_html import render_html

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no chromium with chromedriver is installed here")
RIGHT, DOWN, TAB = "\ue014", "\ue015", "\ue004"
FOCUSED = "const cell = document.activeElement; const said = cell.querySelector('.said'); "


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    place = tmp_path_factory.mktemp("page") / "forecast.html"
    place.write_text(render_html(forecasts.full("feature/" + "long-" * 12)), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def window(page, tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("profile"), "--window-size=1280,900") as found:
        found.open(page)
        yield found


def test_it_loads_without_a_complaint(window):
    assert window.run("return document.title") == "gitmig forecast: origin/main"
    assert window.complaints() == []
    assert window.run("return performance.getEntriesByType('resource').length") == 0


def test_the_matrix_is_walked_by_keys(window):
    window.run("document.querySelector('table.matrix td[tabindex=\"0\"]').focus()")
    assert window.run("return document.querySelectorAll('table.matrix td[tabindex=\"0\"]').length") == 1
    before = window.run(FOCUSED + "return [cell.cellIndex, cell.parentElement.rowIndex]")
    window.press(DOWN)
    window.press(RIGHT)
    after = window.run(FOCUSED + "return [cell.cellIndex, cell.parentElement.rowIndex]")
    assert after == [before[0] + 1, before[1] + 1]


def test_the_words_of_a_cell_are_seen_while_it_has_the_focus(window):
    window.run("document.querySelector('table.matrix td.conflict').focus()")
    box = "const box = said.getBoundingClientRect(); return [box.width > 50, box.left >= 0, box.right <= innerWidth]"
    assert window.run(FOCUSED + box) == [True, True, True]
    window.run("document.activeElement.blur()")
    assert window.run("return document.querySelector('td.conflict .said').getBoundingClientRect().width") <= 1


def test_a_screen_reader_is_told(window):
    assert "conflict on book.isbn" in window.run("return document.querySelector('td.conflict').textContent")
    assert window.role("table.matrix tbody th") == "rowheader"
    assert window.role("table.matrix thead th:nth-child(2)") == "columnheader"
    assert window.label("table.matrix") == "Each branch with the target and with every other one."
    assert window.label(".matrix-box") == "Matrix of the branches"
    assert window.role("svg") in ("img", "image", "graphics-document")
    assert "Where each branch leaves the target" in window.label("svg")


def test_the_first_stop_skips_what_is_repeated(window, page):
    window.open(page)
    window.press(TAB)
    assert window.run("return document.activeElement.className") == "skip"
    assert window.run("return document.activeElement.getBoundingClientRect().left >= 0")


def test_it_fits_a_telephone(window, page):
    window.of("POST", "/window/rect", {"width": 500, "height": 800})
    window.open(page)
    assert window.run("return document.documentElement.scrollWidth <= innerWidth")
    window.of("POST", "/window/rect", {"width": 1280, "height": 900})


def test_without_a_script_everything_is_there(page, tmp_path):
    with browsing(tmp_path / "profile", "--blink-settings=scriptEnabled=false") as window:
        window.open(page)
        assert window.label("table.order").startswith("Branches in the order")
        assert "conflict on book.isbn" in str(
            window.of("GET", f"/element/{window.find('td.conflict .said')}/property/textContent")
        )
        assert window.of("GET", f"/element/{window.find('td.conflict')}/attribute/tabindex") == "0"

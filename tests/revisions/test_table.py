"""A table answers as the dict that it stands for, whichever of its two ways it takes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitmig.revisions import table as module
from gitmig.revisions.table import Table, find_line, text_of

KEYS = st.text("abc01", min_size=1, max_size=4)
VALUES = st.dictionaries(KEYS, st.text("xyza0", max_size=3), max_size=12)
STEPS = st.lists(st.tuples(KEYS, st.none() | st.text("xyz", max_size=3)), max_size=8)

# A busy machine draws slowly; how fast is not what is asked here.
UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def table_of(values: dict[str, str]) -> Table[str]:
    return Table(text_of(values.items()), str)


def changed(values: dict[str, str], steps: list[tuple[str, str | None]]) -> tuple[Table[str], dict[str, str]]:
    table, plain = table_of(values), dict(values)
    for key, value in steps:
        if value is None:
            table.pop(key, None)
            plain.pop(key, None)
        else:
            table[key] = plain[key] = value
    return table, plain


@UNHURRIED
@given(VALUES, STEPS, st.lists(KEYS, max_size=6), st.sampled_from([0, 2, 500]))
def test_a_table_is_the_dict_that_it_stands_for(values, steps, asked, searches):
    usual, module._SEARCHES = module._SEARCHES, searches
    try:
        table, plain = changed(values, steps)
        assert [table.get(key) for key in asked] == [plain.get(key) for key in asked]
        assert [key in table for key in asked] == [key in plain for key in asked]
        assert dict(table.items()) == plain
        assert len(table) == len(plain)
        assert bool(table) is bool(plain)
        for word in asked:
            assert {key for key, value in plain.items() if word in value} <= set(table.naming(word)) <= set(plain)
        assert dict(table.copy().items()) == plain
    finally:
        module._SEARCHES = usual


@UNHURRIED
@given(VALUES, STEPS, STEPS, st.booleans())
def test_tables_differ_where_their_dicts_do(values, steps, others, share):
    (one, first), (other, second) = changed(values, steps), changed(values, others)
    if share:
        other = Table(one.text, str, dict(other.changes))
    assert one.differing(other) == sorted(key for key in first if second.get(key) != first[key])


def test_a_copy_is_changed_by_itself():
    table = table_of({"a": "1", "b": "2"})
    copy = table.copy()
    del copy["a"]
    copy["c"] = "3"
    assert dict(table.items()) == {"a": "1", "b": "2"}
    assert dict(copy.items()) == {"b": "2", "c": "3"}


def test_what_is_not_there_cannot_be_taken_away():
    with pytest.raises(KeyError):
        del table_of({"a": "1"})["b"]
    with pytest.raises(KeyError):
        table_of({"a": "1"})["b"]


def test_every_line_of_a_long_text_is_found_and_nothing_else():
    values = {f"{number:06x}": str(number) for number in range(0, 9000, 3)}
    text = text_of(values.items())
    assert all(find_line(text, key) == value for key, value in values.items())
    assert all(find_line(text, f"{number:06x}") is None for number in range(1, 9000, 3))
    assert find_line(text, "") is None
    assert find_line(text, "zzz") is None

"""What `gitmig revision` writes covers the change, and its downgrade takes it back: a part of a campaign."""

from __future__ import annotations

import pytest
from support.mutations import Mutation, mutations
from support.written import FORMS, wrong_with

EVERYTHING = {"__table_args__", "text"}


def sample() -> list[Mutation]:
    """All arguments of tables and all changes of text, and of each style of columns one change in thirty."""
    changes = [each for each in mutations() if not each.silent]
    rest = [each for each in changes if each.construct not in EVERYTHING]
    return [each for each in changes if each.construct in EVERYTHING][::3] + rest[::30]


SAMPLE = sample()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part", range(4))
def test_what_is_written_covers_the_change_and_is_taken_back(form: str, part: int) -> None:
    wrong = {each.name: found for each in SAMPLE[part::4] if (found := wrong_with(each, FORMS[form]))}
    assert wrong == {}


def test_a_change_that_is_not_written_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.written.render_steps", lambda steps, form: EMPTY)
    assert wrong_with(SAMPLE[0], FORMS["any database"])


class EMPTY:
    """A renderer that has nothing to say."""

    text, imports, remarks = "pass", (), ()

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from gitmig.errors import UsageError
from gitmig.revisions.naming import (
    Moment,
    id_problems,
    next_sequential_id,
    renamed_path,
    render_file_name,
    slug_of,
)


@pytest.mark.parametrize("revision", ["1975ea83b712", "0001", "2024.01", "add_email", "A1", "x" * 32])
def test_safe_ids(revision: str) -> None:
    assert id_problems(revision) == ()


@pytest.mark.parametrize(
    ("revision", "problems"),
    [
        pytest.param("", ("empty",), id="empty"),
        pytest.param("head", ("reserved",), id="head"),
        pytest.param("base", ("reserved",), id="base"),
        pytest.param("a@b", ("alembic-character",), id="at"),
        pytest.param("2024-01-01", ("alembic-character",), id="minus"),
        pytest.param("a:b", ("alembic-character",), id="colon"),
        pytest.param("../../x", ("path",), id="leads out of the folder"),
        pytest.param("a\\b", ("path",), id="backslash"),
        pytest.param("a\nb", ("unsafe-character",), id="line end"),
        pytest.param("a\n", ("unsafe-character",), id="trailing line end"),
        pytest.param("\x1b[31ma", ("unsafe-character",), id="terminal control"),
        pytest.param("[red]a", ("unsafe-character",), id="markup"),
        pytest.param("a ", ("unsafe-character",), id="trailing blank"),
        pytest.param("é", ("unsafe-character",), id="letter beyond ASCII"),
        pytest.param("x" * 33, ("too-long",), id="33 characters"),
    ],
)
def test_unsafe_ids(revision: str, problems: tuple[str, ...]) -> None:
    assert id_problems(revision) == problems


@pytest.mark.parametrize(
    ("revisions", "following"),
    [
        (["0001", "0002", "0003"], "0004"),
        (["8", "9", "10"], "11"),
        (["0009", "0010"], "0011"),
        (["v1", "v2"], "v3"),
        (["0001"], None),
        (["0001", "1975ea83b712"], None),
        (["20240101", "20240314", "20240607"], None),
        (["197503837120", "271630272473"], None),
        (["a1", "b2"], None),
        ([], None),
    ],
)
def test_sequential_ids_go_on(revisions: list[str], following: str | None) -> None:
    assert next_sequential_id(revisions) == following


MOMENT = Moment(2024, 3, 2, 9, 5, 7, 1709370307)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("%(rev)s_%(slug)s", "27c6a30d7c24_add_the_subtitle.py"),
        ("%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s", None),
        ("%(year)d/%(month).2d/%(epoch)s-%(slug)s-%(second)02d", "2024/03/1709370307-add_the_subtitle-07.py"),
        ("%(rev)s_100%%", "27c6a30d7c24_100%.py"),
        ("v", "v.py"),
    ],
)
def test_file_names_are_those_of_alembic(tmp_path: Path, template: str, name: str | None) -> None:
    found = render_file_name(template, "27c6a30d7c24", "Add the: subtitle!", MOMENT)
    if name is not None:
        assert found == name
    moment = datetime.fromtimestamp(MOMENT.epoch, timezone.utc).replace(hour=9)
    theirs = ScriptDirectory(str(tmp_path), file_template=template)._rev_path(
        "", "27c6a30d7c24", "Add the: subtitle!", moment
    )
    assert found == str(theirs) or "epoch" in template


def test_long_messages_are_cut_at_a_word() -> None:
    message = "a very long message that does not fit into a file name"
    assert slug_of(message) == "a_very_long_message_that_does_not_fit_"
    assert slug_of("") == ""


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("../%(rev)s", id="leads out of the folder"),
        pytest.param("/etc/%(rev)s", id="absolute"),
        pytest.param("%(rev)s/../../x", id="leads out later"),
        pytest.param("C:%(rev)s", id="a drive"),
        pytest.param("a\\%(rev)s", id="backslash"),
        pytest.param("%(rev)s\n", id="line end"),
        pytest.param("%(nothing)s", id="unknown field"),
        pytest.param("%(rev)999999999s", id="a width that fills the memory"),
        pytest.param("%s", id="field without a name"),
        pytest.param("50%", id="lone percent sign"),
        pytest.param("%(rev)d", id="number of a text"),
    ],
)
def test_templates_that_cannot_be_used_are_refused(template: str) -> None:
    with pytest.raises(UsageError):
        render_file_name(template, "27c6a30d7c24", "x", MOMENT)


def test_an_id_that_leads_out_of_the_folder_is_refused() -> None:
    with pytest.raises(UsageError):
        render_file_name("%(rev)s_%(slug)s", "../../x", "x", MOMENT)


@pytest.mark.parametrize(
    ("path", "renamed"),
    [
        ("v/0007_add_email.py", "v/0008_add_email.py"),
        ("v/2024_0007_x.py", "v/2024_0008_x.py"),
        ("v/0007/10007_x.py", "v/0007/10007_x.py"),
        ("0007.py", "0008.py"),
    ],
)
def test_file_names_follow_a_new_id(path: str, renamed: str) -> None:
    assert renamed_path(path, "0007", "0008") == renamed
    assert re.sub("8", "7", renamed) == path

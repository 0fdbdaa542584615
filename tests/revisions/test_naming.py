from __future__ import annotations

import random
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from gitmig.errors import UsageError
from gitmig.revisions.naming import (
    Moment,
    fresh_id,
    id_problems,
    is_patterned,
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
    "revision",
    [
        pytest.param("a1b2c3d4e5f6", id="letters and digits in turn"),
        pytest.param("1a2b3c4d5e6f", id="digits and letters in turn"),
        pytest.param("a1b2c3d4e5f7", id="the same with a slip"),
        pytest.param("f7a8b9c0d1e2", id="the same, wrapping around"),
        pytest.param("c9d8e7f6a5b4", id="one row up, one row down"),
        pytest.param("a0b0c0d0e0f0", id="one row up, one row still"),
        pytest.param("a7c3e2b1d4f8", id="all six letters, each behind a digit"),
        pytest.param("0123456789ab", id="ascending"),
        pytest.param("123456789abc", id="ascending from one"),
        pytest.param("abcdef123456", id="letters, then digits"),
        pytest.param("123456abcdef", id="digits, then letters"),
        pytest.param("1234567890ab", id="the upper row of a keyboard"),
        pytest.param("1234abcd5678", id="in fours"),
        pytest.param("abc123def456", id="in threes"),
        pytest.param("fedcba987654", id="descending"),
        pytest.param("02468ace0246", id="in steps of two"),
        pytest.param("aaaaaaaaaaaa", id="one digit"),
        pytest.param("000000000001", id="padded"),
        pytest.param("abababababab", id="two digits"),
        pytest.param("abc1abc1abc1", id="four digits again and again"),
        pytest.param("1a2b3f1a2b3f", id="six digits twice"),
        pytest.param("112233445566", id="doubled digits"),
        pytest.param("123789987321", id="the same from both ends"),
        pytest.param("aaaabbbbcccd", id="long runs"),
        pytest.param("deadbeefcafe", id="words"),
        pytest.param("12deadbeef98", id="a word"),
        pytest.param("c0ffee93175b", id="coffee"),
        pytest.param("147258369014", id="the numeric pad"),
    ],
)
def test_typed_ids_are_known(revision: str) -> None:
    assert is_patterned(revision)


@pytest.mark.parametrize(
    "revision",
    [
        *[
            "1975ea83b712",
            "27c6a30d7c24",
            "ae1027a6acf0",
            "4be1c07d9a52",
            "8ea9122275b1",
            "d23453595260",
            "3894bccad37f",
        ],
        pytest.param("0001", id="a number"),
        pytest.param("aaaaaaaaaaa", id="eleven digits"),
        pytest.param("AAAAAAAAAAAA", id="no hexadecimal id of Alembic"),
        pytest.param("add_the_mail", id="a name"),
    ],
)
def test_drawn_ids_and_other_schemes_are_left_alone(revision: str) -> None:
    assert not is_patterned(revision)


def test_fewer_than_one_drawn_id_in_a_hundred_thousand_looks_typed() -> None:
    """A longer run gave the figure in the docstring of `is_patterned`; this one notices when a pattern is too wide."""
    source = random.Random(20)
    drawn = (f"{source.getrandbits(48):012x}" for _ in range(30_000))
    assert sum(map(is_patterned, drawn)) <= 1


def test_a_fresh_id_comes_from_the_random_bytes() -> None:
    assert fresh_id(bytes.fromhex("1975ea83b712ff")) == "1975ea83b712"
    assert fresh_id(bytes.fromhex("1975ea83b712ff"), taken={"1975ea83b712"}) == "75ea83b712ff"
    assert fresh_id(bytes.fromhex("000000000000" + "1975ea83b712")) == "000000001975"
    with pytest.raises(ValueError, match="random bytes"):
        fresh_id(bytes(6))


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

from __future__ import annotations

import random

import pytest

from gitmig.revisions.drawn import fresh_id, is_patterned


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

"""Words of commands that people paste, with a real shell as the judge."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.quoting import shell_word


@pytest.mark.parametrize("text", ["migrations/versions/a_b.py", "origin/main", "HEAD~2", "HEAD^{tree}", "--source=x"])
def test_leaves_ordinary_words_alone(text: str) -> None:
    assert shell_word(text) == text


HOSTILE = ["a b", "a;b", "$(touch x)", "`x`", "it's", "", "~", "a\nb", "*", "{a,b}", "{a..b}", "a&b", "#a", "!x", "\\"]


def test_a_shell_reads_the_word_back() -> None:
    done = subprocess.run(
        ["sh", "-c", "printf '%s\\0' " + " ".join(map(shell_word, HOSTILE))], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\0")[:-1] == HOSTILE


@given(st.text())
def test_any_text_is_one_word(text: str) -> None:
    assert shlex.split(shell_word(text)) == [text]

"""Calls are laid out as Black and ruff leave them: nothing changes when a formatter runs over them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.mutations import mutations
from support.written import ANY, BATCH, between, sides_of

from gitmig.schema.layout import Listed, call, lines_of, text

LONG = [text(f"{number:017}") for number in range(4)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(call("op.f", '"a"'), ['op.f("a")'], id="on one line"),
        pytest.param(
            call("op.function", *LONG), ["op.function(", f"    {', '.join(LONG)}", ")"], id="arguments on one line"
        ),
        pytest.param(
            call("op.function", *LONG, key=Listed((LONG[0],))),
            ["op.function(", *(f"    {each}," for each in LONG), f"    key=[{LONG[0]}],", ")"],
            id="one argument on a line",
        ),
        pytest.param(call("f", '"a"').replace(tall=True), ["f(", '    "a",', ")"], id="always tall"),
    ],
)
def test_layout(code, expected):
    assert lines_of(code) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", '"a"'), ('say "a"', "'say \"a\"'"), ("it's", '"it\'s"'), ("a\\b", '"a\\\\b"'), ("a\nb", "'a\\nb'")],
)
def test_strings_are_quoted_as_formatters_do(value, expected):
    assert text(value) == expected


RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")


@pytest.mark.skipif(RUFF is None, reason="ruff is not installed")
@pytest.mark.parametrize("form", [ANY, BATCH], ids=["plain", "batch"])
def test_a_formatter_changes_nothing(form):
    for mutation in [each for each in mutations() if not each.silent][::180]:
        chain, _, after = sides_of(mutation)
        source = between(chain, after, form).source
        body = source[source.index("def upgrade") :]
        command = [str(RUFF), "format", "--isolated", "--line-length", "88", "-"]
        done = subprocess.run(command, input=body, capture_output=True, text=True, check=True)
        assert done.stdout == body, mutation.name

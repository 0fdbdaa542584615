"""docs/story.md is played from the first line to the last; `UPDATE_GOLDEN=1 pytest tests/test_story.py` writes it anew.

A block after `<!-- play: ... -->` holds commands and what they print, one after `<!-- edit -->` is a patch (with a
command before it, if one is named), one after `<!-- file: ... -->` a file.  Ids, commits and times differ each time.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from support.golden import UPDATE
from support.scratch import PROGRAMS, Scratch

STORY = Path(__file__).parent.parent / "docs" / "story.md"
BLOCK = re.compile(r"<!-- (play|edit|file)(?:: ([^>]*?))? -->\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ID = r"(?<![0-9a-zA-Z])[0-9a-f]{7,40}(?![0-9a-zA-Z])"
CHANGING = re.compile(rf"{ID}|\d+ ms\b|\d+\.\d+ s\b|\d{{4}}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?")


def same(text: str) -> str:
    """What does not differ from one playing to the next."""
    return re.sub(r" +", " ", CHANGING.sub("#", text))


def play(work: Scratch, commands: str) -> str:
    """Each command and what it printed, to either stream."""
    said = []
    for line in commands.splitlines():
        if line.startswith("$ "):
            done = work.run("sh", "-c", f"{line[2:]} 2>&1", status=None)
            said.append(f"{line}\n{done.stdout}")
    return "".join(said)


def test_the_story(tmp_path: Path) -> None:
    work = Scratch(tmp_path / "shop")
    work.environment["PATH"] = f"{Path(sys.executable).parent}:{PROGRAMS}:{work.environment['PATH']}"
    work.environment["GITMIG_PYTHON"] = sys.executable
    text = STORY.read_text(encoding="utf-8")
    wrong = []
    for kind, name, content in BLOCK.findall(text):
        if kind == "file":
            work.write(name, content)
        elif kind == "edit":
            if name:
                work.run(*name.split())
            work.run("git", "apply", "--unidiff-zero", "-", input=content)
        else:
            played = play(work, content)
            text = text.replace(content, played) if UPDATE else text
            if same(played) != same(content):
                wrong.append(f"--- {name}\n{played}")
    if UPDATE:
        STORY.write_text(text, encoding="utf-8")
    assert not wrong or UPDATE, "\n".join(wrong)

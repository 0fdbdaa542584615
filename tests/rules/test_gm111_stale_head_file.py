"""GM111: the head file, where a project keeps one, names the head."""

from __future__ import annotations

from support.drawing import change, findings, rows

from gitmig.change.change import Change
from gitmig.revisions.head_file import HeadFile

PATH = "migrations/versions/head.txt"


def kept(drawing: str, text: str | None) -> Change:
    seen = change(drawing)
    file = HeadFile(PATH, "blob" if text is not None else "", text)
    return seen.replace(local=seen.local.replace(head_file=file))


FINDS = {
    "it names the revision before": (
        kept("a1 <- ; b2 <- a1", "a1\n"), f"stale head file: {PATH} names a1, the head is b2"
    ),
    "it is missing": (kept("a1 <-", None), f"stale head file: {PATH} is missing; the head is a1"),
    "it is empty": (kept("a1 <-", ""), f"stale head file: {PATH} names nothing, the head is a1"),
    "it still has the marks of a conflict": (
        kept("a1 <- ; b2 <- a1", "<<<<<<< HEAD\nb2\n=======\na1\n>>>>>>> x\n"),
        f"stale head file: {PATH} names a1, b2, the head is b2",
    ),
    "it misses the head of a label": (
        kept("a1 <- ; s1 <- label shop", "a1\n"), f"stale head file: {PATH} names a1, the head is a1, s1"
    ),
}  # fmt: skip
LEAVES_ALONE = {
    "the project keeps none": change("a1 <-"),
    "it names the head": kept("a1 <- ; b2 <- a1", "b2\n"),
    "with line ends of Windows": kept("a1 <- ; b2 <- a1", "b2\r\n"),
    "a head for each label": kept("a1 <- ; s1 <- label shop", "a1\ns1 shop\n"),
    "two heads: GM101 says so": kept("a1 <- ; b2 <- a1 ; c3 <- a1", "a1\n"),
    "there is no revision yet": kept("", None),
}


@rows(FINDS, "seen", "message")
def test_finds(seen: Change, message: str) -> None:
    assert [one.message for one in findings("GM111", seen)] == [message]


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert findings("GM111", seen) == []

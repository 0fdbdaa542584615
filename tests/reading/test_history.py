"""What two commits have in common and apart is remembered where it cannot change."""

from __future__ import annotations

import pytest

from gitmig.reading.cache import Cache
from gitmig.reading.history import MOST_CHANGES, History
from gitmig.repo.repository import open_at
from gitmig.trees.entries import REGULAR, Changed, Entry

TABLE = [
    ("main", {"a": "1", "b": "1"}),
    ("work < main", {"a": "2", "b": None, "odd\nname": "3"}),
    ("main", {"c": "1"}),
]


class Clone:
    """One repository, opened anew for each question as the next hook would."""

    def __init__(self, history, folder):
        self.history, self.folder = history, str(folder)
        self.main, self.work = history.head("main"), history.head("work")

    def ask(self, question, *, shallow=False):
        """The answer, and which git commands it took."""
        repository = open_at(str(self.history.path))
        repository = repository.replace(layout=repository.layout.replace(shallow=shallow))
        cache = Cache(self.folder)
        before = repository.git.started
        with repository.objects:
            answer = question(History(repository, cache))
        cache.close()
        return answer, [words[0] for words in repository.git.processes[before:]]


@pytest.fixture
def clone(make_history, tmp_path):
    return Clone(make_history(TABLE), tmp_path / "cache")


def test_merge_bases_are_asked_for_once(clone):
    first, asked = clone.ask(lambda history: history.merge_bases(clone.main, clone.work, ()))
    assert first.commits == (clone.history.commits[0],)
    assert asked == ["merge-base"]
    assert clone.ask(lambda history: history.merge_bases(clone.main, clone.work, ())) == (first, [])


def test_a_cut_off_history_is_never_remembered(clone):
    for _ in range(2):
        found, asked = clone.ask(lambda history: history.merge_bases(clone.main, clone.work, ()), shallow=True)
        assert (found.complete, asked) == (False, ["merge-base"])


def test_changes_are_read_once(clone):
    first, asked = clone.ask(lambda history: history.changes(clone.main, clone.work))
    assert [change.path for change in first] == ["a", "b", "c", "odd\nname"]
    assert asked == ["cat-file"]
    assert clone.ask(lambda history: history.changes(clone.main, clone.work)) == (first, [])
    assert isinstance(first[0], Changed)
    assert first[1] == Changed("b", Entry(REGULAR, first[1].old.oid), None)


def test_a_commit_changes_nothing_against_itself(clone):
    assert clone.ask(lambda history: history.changes(clone.main, clone.main)) == ([], [])


def test_a_damaged_memory_is_asked_again(clone):
    key = f"{clone.main}-{clone.work}"
    cache = Cache(clone.folder)
    cache.add_facts("changes", {key: [["a", 1]]})
    cache.add_facts("bases", {key: "nonsense"})
    cache.close()
    assert len(clone.ask(lambda history: history.changes(clone.main, clone.work))[0]) == 4
    assert clone.ask(lambda history: history.merge_bases(clone.main, clone.work, ()))[1] == ["merge-base"]


def test_a_long_line_is_compared_each_time(make_history, tmp_path):
    files = {f"f{number}": "x" for number in range(MOST_CHANGES + 1)}
    clone = Clone(make_history([("main", {"a": "1"}), ("work < main", files)]), tmp_path / "cache")
    for _ in range(2):
        changes, asked = clone.ask(lambda history: history.changes(clone.main, clone.work))
        assert (len(changes), asked) == (MOST_CHANGES + 1, ["cat-file"])

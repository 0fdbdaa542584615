"""The builder that other tests stand on builds what its table says."""

from __future__ import annotations

from support.histories import Executable, Link, Submodule


def test_a_table_becomes_branches_merges_and_refs(make_history):
    """
    one -- two ------ merge    main
        \\-- cart ---/         feature
    """
    history = make_history(
        [
            ("main", {"app.py": "one"}),
            ("feature < main", {"cart.py": "cart"}),
            ("main", {"app.py": "two"}),
            ("main + feature", {}),
            ("refs/remotes/origin/main < main", None),
        ]
    )
    one, cart, two, merge = history.commits
    assert history.head() == merge == history.head("refs/remotes/origin/main")
    assert history.git("rev-list", "--parents", "-1", "main").stdout.split() == [merge, two, cart]
    assert history.git("rev-parse", "feature^").stdout.strip() == one
    assert (history.path / "cart.py").read_text() == "cart"
    assert (history.path / "app.py").read_text() == "two"
    assert history.git("status", "--porcelain").stdout == ""


def test_every_kind_of_entry_and_any_name(make_history):
    other = "1" * 40
    history = make_history(
        [
            (
                "main",
                {
                    "gone.py": "x",
                    'line\nbreak"quote.py': "x",
                    "latin-\udce9.py": b"\xff\x00",
                    "run.sh": Executable("#!/bin/sh"),
                    "link": Link("run.sh"),
                    "vendor": Submodule(other),
                },
            ),
            ("main", {"gone.py": None}),
        ],
        bare=True,
    )
    lines = history.git("ls-tree", "-r", "-z", "HEAD").stdout.split("\0")[:-1]
    listed = {line.partition("\t")[2]: line[:6] for line in lines}
    assert listed == {
        'line\nbreak"quote.py': "100644",
        "latin-\udce9.py": "100644",
        "run.sh": "100755",
        "link": "120000",
        "vendor": "160000",
    }


def test_the_same_table_has_the_same_ids(make_history):
    table = [("main", {"a": "1"}), ("main", {"a": "2"})]
    assert make_history(table).commits == make_history(table, bare=True).commits

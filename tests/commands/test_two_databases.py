"""Alembic's multidb template and Flask-Migrate's on real databases: one run, and each database by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.checking import Runner, runner
from support.two_databases import FLASK_APP, KINDS, NOTHING, VERSIONS, Two, column, start

FAILING = ("op.drop_table('nowhere')", "pass")


@pytest.fixture(params=KINDS)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Two:
    return start(tmp_path / "two", request.param)


@pytest.fixture
def run(two: Two, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")  # the suite may be started at a terminal
    monkeypatch.delenv("FLASK_APP", raising=False)
    inner = runner(capfd)
    return lambda *words: inner(two.path, *words)  # type: ignore[arg-type,return-value]


def fill(two: Two) -> None:
    """A row in each."""
    two.execute("people", "INSERT INTO person (id, name) VALUES (1, 'Ada')")
    two.execute("shop", "INSERT INTO person (id, number) VALUES (1, 'n1')")


class TestUpgrade:
    def test_the_preview_counts_the_rows_of_the_database_that_loses_them(self, two: Two, run: Runner) -> None:
        run("upgrade")
        fill(two)
        two.add("bbb2", "aaa1", people=column("age"), shop=("op.drop_column('person', 'number')", "pass"))
        done = run("upgrade", "--dry-run")
        assert "drops column @shop.person.number, which holds 1 value" in done.said
        assert "people" not in done.said
        assert done.output.count("1 step") == 2
        assert two.heads() == [["aaa1"], ["aaa1"]]
        done = run("upgrade")
        assert done.output.endswith(
            "people.sqlite (sqlite) is at bbb2 (head)\nshop.sqlite (sqlite) is at bbb2 (head)\n"
        )
        assert (two.columns("people"), two.columns("shop")) == (["id", "name", "age"], ["id"])

    def test_a_dry_run_makes_no_version_table(self, two: Two, run: Runner) -> None:
        run("upgrade", "--dry-run")
        assert two.execute("people", "SELECT name FROM sqlite_master") == []

    def test_rows_of_the_second_are_asked_for_before_the_first_one_is_changed(self, two: Two, run: Runner) -> None:
        two.add("bbb2", "aaa1", people=column("age"), shop=column("size"))
        run("upgrade")
        two.execute("shop", "INSERT INTO person (id, number, size) VALUES (1, 'n1', 5)")
        done = run("downgrade", "-1")
        assert "this downgrade loses rows: @shop.person.size" in done.said
        assert (done.status, two.heads()) == (1, [["bbb2"], ["bbb2"]])
        assert run("downgrade", "-1", "--yes").status == 0
        assert two.heads() == [["aaa1"], ["aaa1"]]

    def test_a_failure_in_the_second_leaves_both(self, two: Two, run: Runner) -> None:
        run("upgrade")
        two.add("bbb2", "aaa1", people=column("age"), shop=FAILING)
        done = run("upgrade")
        assert (done.status, two.heads()) == (1, [["aaa1"], ["aaa1"]])
        assert two.columns("people") == ["id", "name"]

    def test_current_names_them(self, two: Two, run: Runner) -> None:
        run("upgrade")
        found = json.loads(run("current", "--format", "json").output)["environments"]
        assert [one["database"]["bind"] for one in found] == [two.first, "shop"]


class TestSync:
    @pytest.fixture
    def away(self, two: Two, run: Runner) -> Two:
        """
        main      aaa1 --- mmm3      where we stand
                      \\
        feature        fff2          what both databases ran, with a row in each
        """
        two.git("switch", "-qc", "feature")
        two.add("fff2", "aaa1", people=column("age"), shop=column("size"))
        two.commit("feature")
        run("upgrade")
        fill(two)
        two.git("switch", "-q", "main")
        two.add("mmm3", "aaa1", people=NOTHING, shop=column("weight"))
        two.commit("main")
        return two

    def test_both_come_home_with_their_rows(self, away: Two, run: Runner) -> None:
        done = run("sync")
        assert (done.status, away.heads()) == (0, [["mmm3"], ["mmm3"]])
        assert "sync people.sqlite (sqlite) from fff2\n  down  fff2  fff2  (text: ledger)\n" in done.output
        assert (away.columns("people"), away.columns("shop")) == (["id", "name"], ["id", "number", "weight"])
        assert away.execute("people", "SELECT name FROM person") == [("Ada",)]
        assert list((away.path / ".git/gitmig/snapshots").iterdir()) == []

    def test_a_dry_run_shows_the_sql_of_both_and_changes_nothing(self, away: Two, run: Runner) -> None:
        done = run("sync", "--dry-run")
        assert "DROP COLUMN age" in done.output and "DROP COLUMN size" in done.output
        assert away.heads() == [["fff2"], ["fff2"]]

    def test_what_the_second_would_lose_stops_it_before_the_first(self, away: Two, run: Runner) -> None:
        away.execute("shop", "UPDATE person SET size = 4")
        done = run("sync")
        assert "rows would be lost: @shop.person.size" in done.said
        assert (done.status, away.heads()) == (1, [["fff2"], ["fff2"]])
        assert run("sync", "--allow-destructive").status == 0
        assert len(list((away.path / ".git/gitmig/snapshots").iterdir())) == 2

    def test_a_failure_in_the_second_puts_both_back(self, away: Two, run: Runner) -> None:
        away.add("mmm3", "aaa1", people=column("weight"), shop=FAILING)
        done = run("sync")
        assert "all databases were put back as they were before" in done.said
        assert away.heads() == [["fff2"], ["fff2"]]
        assert away.columns("people") == ["id", "name", "age"]

    def test_a_downgrade_that_is_empty_in_one_of_them_is_refused(self, two: Two, run: Runner) -> None:
        two.git("switch", "-qc", "feature")
        two.add("fff2", "aaa1", people=column("age"), shop=(column("size")[0], "pass"))
        two.commit("feature")
        run("upgrade")
        two.git("switch", "-q", "main")
        done = run("sync")
        assert "the downgrade of fff2 is missing or empty in shop" in done.said
        assert run("sync", "--allow-empty").status == 0

    def test_a_failure_in_an_old_text_names_the_file_that_it_was(self, away: Two, run: Runner) -> None:
        away.execute("shop", "ALTER TABLE person RENAME TO gone")
        done = run("sync")
        assert f"downgrade of fff2 failed: {VERSIONS}/fff2.py:" in done.said or "failed: fff2.py:" in done.said


class TestVerify:
    def proven(self, two: Two, run: Runner, *options: str) -> dict[str, dict[str, object]]:
        """The proof of each database by its name."""
        value = json.loads(run("verify", "--format", "json", *options).output)
        return {one["bind"]: one for one in value["environments"]}

    def test_each_database_is_proven_by_itself(self, two: Two, run: Runner) -> None:
        found = self.proven(two, run)
        assert {name: one["verdict"] for name, one in found.items()} == {two.first: "proven", "shop": "proven"}
        assert [one["models"]["verdict"] for one in found.values()] == ["equal", "equal"]
        assert not (two.path / "people.sqlite").exists()

    def test_what_one_of_them_leaves_and_lacks_is_told_of_it(self, two: Two, run: Runner) -> None:
        two.add("bbb2", "aaa1", people=column("age"), shop=(column("size")[0], "pass"))
        done = run("verify")
        first, shop = done.output.split("\n\n")
        named = "(default)" if two.first == "" else two.first
        assert f"migrations, database {named}: 2 revisions on sqlite" in first
        assert "downgrade of bbb2" not in first and "drop_column person.age" in first
        assert "downgrade of bbb2 leaves something behind" in shop and "drop_column person.size" in shop
        assert done.status == 1

    def test_a_failure_in_the_second_leaves_the_first_undecided(self, two: Two, run: Runner) -> None:
        two.add("bbb2", "aaa1", shop=FAILING)
        found = self.proven(two, run)
        assert {name: one["verdict"] for name, one in found.items()} == {two.first: "undecided", "shop": "failed"}
        assert found[two.first]["why"] == "the run ended in shop"
        assert [one["revision"] for one in found["shop"]["failures"]] == ["bbb2"]

    def test_since(self, two: Two, run: Runner) -> None:
        two.add("bbb2", "aaa1")
        found = self.proven(two, run, "--since", "main")
        assert [[each["revision"] for each in one["revisions"]] for one in found.values()] == [["bbb2"], ["bbb2"]]
        assert [one["verdict"] for one in found.values()] == ["proven", "proven"]

    def test_urls_in_variables_stay_different_databases(
        self, two: Two, run: Runner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if two.first:
            env = (two.path / "migrations/env.py").read_text()
            env = f"import os\n{env}".replace(
                "context.config.get_section(name, {})", "{'sqlalchemy.url': os.environ[f'{name.upper()}_URL']}"
            )
            two.write("migrations/env.py", env)
        else:
            app = FLASK_APP.format(folder=str(two.path))
            app = app.replace('"sqlite:///people.sqlite"', 'os.environ["PEOPLE_URL"]')
            two.write("app.py", "import os\n" + app.replace('"sqlite:///shop.sqlite"', 'os.environ["SHOP_URL"]'))
        monkeypatch.setenv("PEOPLE_URL", "postgresql://prod/people")
        monkeypatch.setenv("SHOP_URL", "postgresql://prod/shop")
        found = self.proven(two, run)
        assert [one["verdict"] for one in found.values()] == ["proven", "proven"]
        assert {"PEOPLE_URL", "SHOP_URL"} <= set(found["shop"]["scrubbed"])

    def test_on_postgresql(self, two: Two, run: Runner) -> None:
        if two.first:
            found = self.proven(two, run, "--postgres")
            assert [(one["verdict"], one["database"]) for one in found.values()] == [("proven", "postgresql")] * 2

    def test_an_url_for_both_is_refused(self, two: Two, run: Runner) -> None:
        done = run("verify", "--url", "sqlite:///scratch.db")
        assert (done.status, "--url names one" in done.said) == (2, True)


def test_adopt_takes_over_one_database(two: Two, run: Runner) -> None:
    done = run("adopt", "sqlite:///people.sqlite")
    assert (done.status, "several databases" in done.said) == (2, True)

"""From findings to a verdict on real histories: waivers, severities, the target's policy, every exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.checking import Checked, checker, runner
from support.histories import History
from support.sources import between, project, sources

from gitmig.commands.check import Request, run_check

Make = Callable[..., History]
Check = Callable[..., Checked]
LINE = "a1 <- ; b2 <- a1"


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    return checker(capsys)


def waiver(**told: str) -> dict[str, str]:
    lines = "".join(f"{key}: {value}\n" for key, value in told.items())
    return {".gitmig/waivers/one.waiver": f"{lines}reason: discussed\n"}


class TestWaivers:
    """main has a1 and b2; work edits a1."""

    EDIT = staticmethod(lambda: between(LINE, "a1 <- text new ; b2 <- a1"))

    def edited(self, make_history: Make, extra: dict[str, str]) -> History:
        return make_history([("main", project(LINE)), ("work < main", {**self.EDIT(), **extra})])

    def fingerprint(self, make_history: Make, check: Check) -> str:
        done = check(self.edited(make_history, {}).path, "--rev", "work", "--base", "main")
        return str(done.finding("GM201")["fingerprint"])

    def test_one_for_this_text_is_honoured_and_shown(self, make_history: Make, check: Check) -> None:
        granted = waiver(code="GM201", revision="a1", fingerprint=self.fingerprint(make_history, check))
        done = check(self.edited(make_history, granted).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])
        (waived,) = done.report["waived"]
        assert (waived["code"], waived["waiver"]) == (
            "GM201",
            {"path": ".gitmig/waivers/one.waiver", "reason": "discussed", "until": None},
        )

    def test_one_for_another_text_is_stale_and_waives_nothing(self, make_history: Make, check: Check) -> None:
        granted = waiver(code="GM201", revision="a1", fingerprint="1:0123456789abcdef")
        done = check(self.edited(make_history, granted).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM201"])
        assert "was granted for another text" in done.report["remarks"][0]["message"]

    def test_one_without_a_fingerprint_waives_no_text(self, make_history: Make, check: Check) -> None:
        """Else whoever is granted one edit is granted every later one."""
        done = check(
            self.edited(make_history, waiver(code="GM201", revision="a1")).path, "--rev", "work", "--base", "main"
        )
        assert (done.status, done.codes()) == (1, ["GM201"])

    def test_one_that_has_ended_warns_and_blocks_nobody(self, make_history: Make, check: Check) -> None:
        granted = waiver(
            code="GM201", revision="a1", until="2001-01-31", fingerprint=self.fingerprint(make_history, check)
        )
        done = check(self.edited(make_history, granted).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])
        assert "ended on 2001-01-31" in done.report["remarks"][0]["message"]

    def test_one_that_matches_nothing_any_more_is_said(self, make_history: Make, check: Check) -> None:
        history = make_history(
            [("main", project(LINE)), ("work < main", {**sources("c3 <- b2"), **waiver(code="GM202", revision="z9")})]
        )
        done = check(history.path, "--rev", "work", "--base", "main")
        assert done.status == 0
        assert "matches nothing any more" in done.report["remarks"][0]["message"]

    def test_one_for_another_rule_or_revision_waives_nothing(self, make_history: Make, check: Check) -> None:
        fingerprint = self.fingerprint(make_history, check)
        for other in ({"code": "GM202", "revision": "a1"}, {"code": "GM201", "revision": "b2"}):
            granted = waiver(**other, fingerprint=fingerprint)
            assert check(self.edited(make_history, granted).path, "--rev", "work", "--base", "main").status == 1

    def test_one_that_cannot_be_read_waives_nothing_and_is_said(self, make_history: Make, check: Check) -> None:
        granted = {".gitmig/waivers/one.waiver": "code: GM201\nrevison: a1\nreason: x\n"}
        done = check(self.edited(make_history, granted).path, "--rev", "work", "--base", "main")
        assert done.status == 1
        said = {(one["path"], one["line"], one["message"]) for one in done.report["remarks"]}
        assert (".gitmig/waivers/one.waiver", 2, "unknown key 'revison', did you mean 'revision'?") in said

    def test_a_range_covers_a_squash(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(f"{LINE} ; c3 <- b2")),
            ("work < main", {**between(f"{LINE} ; c3 <- b2", "c3 <-"), **waiver(code="GM202", range="a1..b2")}),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert [one["code"] for one in done.report["waived"]] == ["GM202", "GM202"]
        assert done.codes() == ["GM204"]

    def test_one_that_the_index_has_counts_one_in_the_worktree_does_not(self, make_history: Make, check: Check) -> None:
        fingerprint = self.fingerprint(make_history, check)
        history = make_history([("main", project(LINE))])
        history.stage(self.EDIT())
        for path, text in waiver(code="GM201", revision="a1", fingerprint=fingerprint).items():
            history.write(path, text)
        assert check(history.path, "--shared", "main").status == 1
        history.git("add", ".gitmig")
        assert check(history.path, "--shared", "main").status == 0


class TestPolicy:
    """The tree weakens what judges it: work ignores GM2 and deletes b2."""

    TABLE = staticmethod(
        lambda: [
            ("main", project(LINE)),
            ("work < main", {"gitmig.toml": 'ignore = ["GM2"]\n', "migrations/versions/b2_x.py": None}),
        ]
    )

    def judged(self, history: History, place: str) -> tuple[int, list[str]]:
        report = run_check(Request("work", "main", directory=str(history.path), place=place))
        return report.status, [one.finding.code for one in report.findings]

    def test_in_ci_and_on_servers_the_target_s_holds(self, make_history: Make) -> None:
        history = make_history(self.TABLE())
        for place in ("ci", "server"):
            assert self.judged(history, place) == (1, ["GM202"])

    def test_at_home_one_s_own_holds(self, make_history: Make) -> None:
        history = make_history(self.TABLE())
        for place in ("command", "hook"):
            assert self.judged(history, place) == (0, [])

    def test_a_severity_of_one_s_own(self, make_history: Make, check: Check) -> None:
        table = [("main", {**project(LINE), "gitmig.toml": 'severity = { GM101 = "warning" }\n'})]
        history = make_history([*table, ("work < main", sources("c3 <- a1"))])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("warning"), done.report["verdict"]) == (0, ["GM101"], "clean")

    def test_the_command_line_wins(self, make_history: Make, check: Check) -> None:
        history = make_history(
            [
                ("main", {**project(LINE), "gitmig.toml": 'ignore = ["GM101"]\n'}),
                ("work < main", sources("c3 <- a1 ; d4 <- gone")),
            ]
        )
        assert check(history.path, "--rev", "work", "--base", "main").codes() == ["GM102"]
        assert check(history.path, "--rev", "work", "--base", "main", "--ignore", "GM102").codes() == ["GM101"]
        assert check(history.path, "--rev", "work", "--base", "main", "--ignore", "GM1").codes() == []


class TestExitStatus:
    """What DESIGN section 9 promises, one row a status; 4, 70 and 130 are in test_bad_input.py."""

    @pytest.mark.parametrize(
        ("drawing", "status", "verdict"),
        [
            pytest.param(f"{LINE} ; c3 <- b2", 0, "clean", id="clean"),
            pytest.param(f"{LINE} ; c3 <- b2 says Revises=a1", 0, "clean", id="warnings only"),
            pytest.param(f"{LINE} ; c3 <- a1", 1, "findings", id="an error"),
        ],
    )
    def test_decided(self, make_history: Make, check: Check, drawing: str, status: int, verdict: str) -> None:
        history = make_history([("main", project(LINE)), ("work < main", between(LINE, drawing))])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.report["status"], done.report["verdict"]) == (status, status, verdict)

    @pytest.mark.parametrize(
        ("place", "setting", "status"),
        [
            ("hook", "auto", 0),
            ("command", "auto", 3),
            ("ci", "auto", 3),
            ("server", "auto", 3),
            ("hook", "error", 3),
            ("ci", "warn", 0),
        ],
    )
    def test_undecided(self, make_history: Make, place: str, setting: str, status: int) -> None:
        table = [
            ("main", {**project(LINE), "gitmig.toml": f'undecided = "{setting}"\n'}),
            ("work < main", sources("b2 <- a1 text mine")),
            ("main", sources("b2 <- a1 text theirs")),
        ]
        report = run_check(Request("work", "main", directory=str(make_history(table).path), place=place))
        assert (report.verdict, report.status) == ("undecided", status)

    def test_an_error_outranks_what_is_undecided(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(LINE)),
            ("work < main", {**sources("b2 <- a1 text mine"), **sources("c3 <- a1")}),
            ("main", sources("b2 <- a1 text theirs")),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert (done.status, done.report["verdict"]) == (1, "findings")
        assert done.report["undecided"]


def test_quiet_says_nothing_when_there_is_nothing(make_history: Make, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys)
    history = make_history([("main", project(LINE)), ("work < main", sources("c3 <- b2"))])
    assert run(history.path, "check", "-q", "--rev", "work", "--base", "main") == (0, "", "")
    assert run(history.path, "check", "-q", "--rev", "work~1", "--all", "--shared", "main").output == ""


def test_the_report_goes_where_it_is_sent(
    make_history: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = runner(capsys)
    history = make_history([("main", project(LINE)), ("work < main", sources("c3 <- a1"))])
    file = tmp_path / "report.txt"
    done = run(history.path, "check", "--rev", "work", "--base", "main", "--output", str(file), "--color", "always")
    assert (done.status, done.output) == (1, "")
    text = file.read_text()
    assert "error[GM101]: multiple heads: b2 and c3 both revise a1" in text
    assert "\x1b" not in text

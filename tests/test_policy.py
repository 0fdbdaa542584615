"""What findings mean: selection, severity, what was there before, waivers, verdict and exit status."""

from __future__ import annotations

import pytest

from gitmig.change.waivers import Waiver
from gitmig.config import Config
from gitmig.findings import Finding
from gitmig.policy import Judgement, is_selected, judge, severity_of


def finding(code: str = "GM201", severity: str = "error", revision: str = "a1", undecided: bool = False) -> Finding:
    return Finding(code, "name", severity, "main", f"{code} {revision}", revisions=(revision,), undecided=undecided)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [one.code for one in findings]


@pytest.mark.parametrize(
    ("select", "ignore", "code", "selected"),
    [
        ((), (), "GM101", True),
        ((), ("GM1",), "GM101", False),
        ((), ("GM1",), "GM201", True),
        (("GM1",), (), "GM101", True),
        (("GM1",), (), "GM201", False),
        (("GM101",), ("GM1",), "GM101", True),
        (("GM101",), ("GM1",), "GM102", False),
        (("GM1",), ("GM101",), "GM101", False),
        (("GM1",), ("GM1",), "GM101", False),
        (("GM",), ("GM106",), "GM101", True),
    ],
)
def test_the_longest_prefix_selects(
    select: tuple[str, ...], ignore: tuple[str, ...], code: str, selected: bool
) -> None:
    assert is_selected(Config(select=select, ignore=ignore), code) is selected


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ((), "error"),
        ((("GM2", "note"),), "note"),
        ((("GM2", "note"), ("GM201", "warning")), "warning"),
        ((("GM201", "warning"), ("GM2", "note")), "warning"),
        ((("GM1", "note"),), "error"),
    ],
)
def test_the_longest_prefix_gives_the_severity(severity: tuple[tuple[str, str], ...], expected: str) -> None:
    assert severity_of(Config(severity=severity), "GM201", "error") == expected


def test_ignored_findings_are_gone_and_severities_changed() -> None:
    config = Config(ignore=("GM106",), severity=(("GM201", "warning"),))
    judgement = judge([finding("GM106"), finding("GM201")], config)
    assert [(one.code, one.severity) for one in judgement.findings] == [("GM201", "warning")]
    assert (judgement.verdict, judgement.status) == ("clean", 0)


ERROR, WARNING = finding(), finding("GM501", "warning")
UNKNOWN = finding("GM306", "warning", undecided=True)


@pytest.mark.parametrize(
    ("findings", "undecided", "place", "verdict", "status"),
    [
        pytest.param([], "auto", "ci", "clean", 0, id="nothing found"),
        pytest.param([WARNING], "auto", "ci", "clean", 0, id="a warning"),
        pytest.param([ERROR], "auto", "hook", "findings", 1, id="an error"),
        pytest.param([UNKNOWN], "auto", "ci", "undecided", 3, id="undecided in CI"),
        pytest.param([UNKNOWN], "auto", "server", "undecided", 3, id="undecided on a server"),
        pytest.param([UNKNOWN], "auto", "command", "undecided", 3, id="undecided, asked by hand"),
        pytest.param([UNKNOWN], "auto", "hook", "undecided", 0, id="undecided in a hook warns"),
        pytest.param([UNKNOWN], "error", "hook", "undecided", 3, id="undecided in a hook of a strict project"),
        pytest.param([UNKNOWN], "warn", "ci", "undecided", 0, id="undecided in CI of a lenient project"),
        pytest.param([UNKNOWN, ERROR], "auto", "ci", "findings", 1, id="1 outranks 3"),
        pytest.param(
            [finding("GM001", undecided=True)], "warn", "hook", "findings", 1, id="an error that is undecided too"
        ),
    ],
)
def test_verdict_and_exit_status(
    findings: list[Finding], undecided: str, place: str, verdict: str, status: int
) -> None:
    judgement = judge(findings, Config(undecided=undecided), place=place)
    assert (judgement.verdict, judgement.status) == (verdict, status)


def test_a_reason_beside_the_findings_leaves_the_verdict_open() -> None:
    judgement = judge([WARNING], Config(), place="ci", undecided=("shallow clone",))
    assert (judgement.verdict, judgement.status, judgement.undecided) == ("undecided", 3, ("shallow clone",))


def test_the_gravest_comes_first_and_order_does_not_matter() -> None:
    findings = [finding("GM501", "warning"), finding("GM202"), finding("GM111", "note"), finding("GM101")]
    forward, backward = judge(findings, Config()), judge(findings[::-1], Config())
    assert codes(forward.findings) == ["GM101", "GM202", "GM501", "GM111"]
    assert forward == backward


class TestExisting:
    @pytest.mark.parametrize(
        ("earlier", "counts"),
        [
            pytest.param([], True, id="nothing came before"),
            pytest.param([{ERROR.identity}], False, id="the only state before has it"),
            pytest.param([{ERROR.identity}, {ERROR.identity}], False, id="state before and target have it"),
            pytest.param([{ERROR.identity}, set()], True, id="the target does not have it"),
            pytest.param([{finding(revision="b2").identity}], True, id="before had another one"),
        ],
    )
    def test_what_was_everywhere_before_is_no_news(self, earlier: list[set[str]], counts: bool) -> None:
        judgement = judge([ERROR], Config(), earlier=earlier)
        assert bool(judgement.findings) is counts
        assert bool(judgement.existing) is not counts
        assert judgement.status == int(counts)

    def test_an_undecided_finding_that_was_there_leaves_nothing_open(self) -> None:
        assert judge([UNKNOWN], Config(), place="ci", earlier=[{UNKNOWN.identity}]).verdict == "clean"

    def test_two_heads_on_the_shared_branch_itself_count(self) -> None:
        heads = finding("GM101")
        assert judge([heads], Config(), earlier=[{heads.identity}]).status == 0
        assert judge([heads], Config(), earlier=[{heads.identity}], on_shared=True).status == 1
        assert judge([ERROR], Config(), earlier=[{ERROR.identity}], on_shared=True).status == 0


WAIVER = Waiver(".gitmig/waivers/a.waiver", "GM201", "never ran", ("a1",), fingerprint="1:9f", until="2026-06-30")


def waived(**options: object) -> Judgement:
    settings = {"waivers": (WAIVER,), "today": "2026-06-01", "fingerprint_of": lambda _: "1:9f", **options}
    return judge([ERROR], Config(), **settings)  # type: ignore[arg-type]


class TestWaivers:
    def test_a_waived_finding_does_not_count_and_is_kept(self) -> None:
        judgement = waived()
        assert judgement.waived == ((ERROR, WAIVER),)
        assert (judgement.findings, judgement.status, judgement.remarks) == ((), 0, ())

    def test_another_text_is_not_waived_and_the_reason_is_said(self) -> None:
        judgement = waived(fingerprint_of=lambda _: "1:00")
        assert judgement.status == 1
        assert [remark.message for remark in judgement.remarks] == [
            "waiver of GM201 for a1 was granted for another text"
        ]
        assert judgement.remarks[0].note == "granted for 1:9f, the text has 1:00"

    @pytest.mark.parametrize(("today", "remarks"), [("2026-06-30", 0), ("2026-07-01", 1)])
    def test_an_ended_waiver_warns_and_never_blocks(self, today: str, remarks: int) -> None:
        judgement = waived(today=today)
        assert judgement.status == 0
        assert len(judgement.remarks) == remarks

    def test_a_waiver_that_matches_nothing_is_reported(self) -> None:
        judgement = judge([], Config(), waivers=(WAIVER,), today="2026-06-01")
        (remark,) = judgement.remarks
        assert (remark.message, remark.path) == ("waiver of GM201 for a1 matches nothing any more", WAIVER.path)
        assert judgement.status == 0

    def test_but_not_when_rules_could_not_run(self) -> None:
        assert judge([], Config(), waivers=(WAIVER,), complete=False).remarks == ()

    def test_a_range_asks_the_graph(self) -> None:
        squash = Waiver("w", "GM202", "squashed", range=("a1", "c3"))
        gone = [finding("GM202", revision="b2"), finding("GM202", revision="z9")]
        judgement = judge(gone, Config(), waivers=(squash,), within=lambda first, last: {"a1", "b2", "c3"})
        assert [one.revisions for one in judgement.findings] == [("z9",)]

    def test_a_waived_finding_that_was_there_before_uses_its_waiver(self) -> None:
        assert waived(earlier=[{ERROR.identity}]).remarks == ()

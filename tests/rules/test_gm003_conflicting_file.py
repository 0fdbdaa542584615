"""GM003: a revision file that both sides changed."""

from __future__ import annotations

from support.drawing import change, findings

B2 = "migrations/versions/b2_x.py"


def test_finds_what_both_sides_changed_and_does_not_decide_it() -> None:
    seen = change("a1 <- ; b2 <- a1 text mine", target="a1 <- ; b2 <- a1 text theirs", conflicts=(B2,))
    (found,) = findings("GM003", seen)
    assert found.undecided
    assert found.severity == "warning"
    assert "b2_x.py was changed here and on origin/main" in found.message
    assert found.help[0].commands == (f"git restore --source=origin/main --staged --worktree -- {B2}",)


def test_without_a_target_it_is_the_merge_that_stopped() -> None:
    (found,) = findings("GM003", change("a1 <-", conflicts=(B2,)).replace(target_name=""))
    assert "--source=MERGE_HEAD" in found.help[0].commands[0]


def test_a_path_that_a_shell_would_obey_is_quoted() -> None:
    (found,) = findings("GM003", change("", conflicts=("versions/$(x).py",)))
    assert found.help[0].commands[0].endswith("-- 'versions/$(x).py'")


def test_leaves_alone_what_one_side_changed() -> None:
    assert findings("GM003", change("a1 <- text mine", target="a1 <-")) == []

"""A merge, rebase, cherry-pick, revert, am or bisect that is not finished, and which side of it is whose."""

from __future__ import annotations

import os

from gitmig.frozen import Frozen
from gitmig.repo.refs import find_merge_heads, text_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.repo.objects import Objects
    from gitmig.repo.refs import Layout


class InProgress(Frozen):
    """An operation that waits for its end.

    `kind` is "merge", "rebase", "am", "cherry-pick", "revert" or "bisect".  `local` is the commit whose change is being
    put somewhere, `target` what it is put on (or merged with), `before` the commits that the change starts from: for a
    merge those are the merge bases, which are not looked up here.  "" and () where Git has
    not said.
    """

    kind: str
    before: tuple[str, ...] = ()
    local: str = ""
    target: tuple[str, ...] = ()
    branch: str = ""


def find_in_progress(objects: Objects, layout: Layout) -> InProgress | None:
    """What is under way in this worktree.

    REBASE_HEAD and ORIG_HEAD stay behind for ever, so a rebase is known by its folder.  Inside pre-merge-commit
    there is no MERGE_HEAD yet; the other side is in GITHEAD_<commit> of the environment.
    """
    folder = layout.git_dir
    if os.path.isdir(os.path.join(folder, "rebase-merge")):
        return _rebase(objects, layout, "rebase-merge")
    if os.path.isdir(os.path.join(folder, "rebase-apply")):
        if os.path.exists(os.path.join(folder, "rebase-apply", "applying")):
            return InProgress("am", target=_head(objects))
        return _rebase(objects, layout, "rebase-apply")
    merging = find_merge_heads(objects.git, layout)
    if merging:
        return InProgress("merge", local=_one(_head(objects)), target=merging)
    picked = _pseudo_ref(objects, layout, "CHERRY_PICK_HEAD")
    if picked:
        return InProgress("cherry-pick", before=_parents(objects, picked), local=picked, target=_head(objects))
    reverted = _pseudo_ref(objects, layout, "REVERT_HEAD")
    if reverted:
        # The change that is put on HEAD leads from the commit back to its parent.
        return InProgress("revert", before=(reverted,), local=_one(_parents(objects, reverted)), target=_head(objects))
    if os.path.exists(os.path.join(folder, "BISECT_LOG")):
        return InProgress("bisect", target=_head(objects))
    return None


def _rebase(objects: Objects, layout: Layout, folder: str) -> InProgress:
    inside = os.path.join(layout.git_dir, folder)
    replayed = _pseudo_ref(objects, layout, "REBASE_HEAD")
    local = replayed or text_in(os.path.join(inside, "orig-head"))
    onto = text_in(os.path.join(inside, "onto"))
    return InProgress(
        "rebase",
        before=_parents(objects, replayed) if replayed else (),
        local=local,
        target=_head(objects) or ((onto,) if onto else ()),
        branch=text_in(os.path.join(inside, "head-name")),
    )


def _pseudo_ref(objects: Objects, layout: Layout, name: str) -> str:
    text = text_in(os.path.join(layout.git_dir, name))
    if text or not os.path.isdir(os.path.join(layout.common_dir, "reftable")):
        return text
    answer = objects.git.ask("rev-parse", "--verify", "--quiet", name)
    return answer.output.decode("ascii").strip() if answer.status == 0 else ""


def _head(objects: Objects) -> tuple[str, ...]:
    commit = objects.commit("HEAD")
    return () if commit is None else (commit.oid,)


def _parents(objects: Objects, oid: str) -> tuple[str, ...]:
    commit = objects.commit(oid)
    return () if commit is None else commit.parents


def _one(oids: tuple[str, ...]) -> str:
    return oids[0] if oids else ""

"""What a CI system says about the run it started: which commit, into what, and what was there before."""

from __future__ import annotations

from gitmig.frozen import Frozen

PULL_REQUEST, QUEUE, PUSH = "pull-request", "queue", "push"


class Event(Frozen):
    """One run.  Commits are object ids, branches are named without `refs/heads/`; "" is what the system does not say.

    system         as people call it: "GitHub Actions"
    mode           pull-request, queue or push; a scheduled or manual run is a push of which nothing is known
    what           in a sentence: "pull request 12 into main"
    commit         what the system checks out; for a pull request often a merge that the system made
    head           the tip of the branch that was worked on, where `commit` may be such a merge
    before         what the branch was: of a push the old tip, of a queue what the group was built on
    created        nothing was before
    deleted        nothing is there any more
    ref            the full name that was pushed, a branch or a tag
    target         the branch that a pull request or a queue goes into; `target_commit` its tip, as told
    default        the default branch of the project
    elsewhere      the checkout is the target, not the change
    fix            the line of configuration that fetches the history, and where it stands (`fix_place`)
    fix_parent     the cheaper line, where the parent of `commit` is all that is missing
    """

    system: str
    mode: str
    what: str
    commit: str = ""
    head: str = ""
    before: str = ""
    created: bool = False
    deleted: bool = False
    ref: str = ""
    target: str = ""
    target_commit: str = ""
    default: str = ""
    elsewhere: bool = False
    fix: str = ""
    fix_place: str = ""
    fix_parent: str = ""

    @property
    def branch(self) -> str:
        """The branch that was pushed, "" for a tag."""
        return branch_name(self.ref) if self.ref.startswith("refs/heads/") else ""


def commit_id(text: str) -> str:
    """An object id as it stands, "" for all else: zeros, names, markup."""
    known = len(text) in (40, 64) and all(sign in "0123456789abcdef" for sign in text)
    return text if known and text.strip("0") else ""


def is_null(text: str) -> bool:
    """Zeros, which stand for a branch that was not there before, or is not there any more."""
    return len(text) in (40, 64) and not text.strip("0")


def branch_name(text: str) -> str:
    """The name without `refs/heads/`; "" for what Git refuses as a branch, so that no name is a pattern or option."""
    name = text.removeprefix("refs/heads/")
    wrong = (
        not name.isprintable()
        or any(sign in name for sign in " ~^:?*[\\")
        or name.startswith(("-", "/", "refs/"))
        or name.endswith(("/", ".", ".lock"))
        or ".." in name
        or "@{" in name
        or "//" in name
    )
    return "" if wrong else name

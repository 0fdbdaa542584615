"""What stops a command: each error says what, why and what to do, and carries the exit status of DESIGN section 9."""

from __future__ import annotations

from gitmig.findings import Help

CLEAN, FINDINGS, USAGE, UNDECIDED, ENVIRONMENT, PENDING, BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130


class GitmigError(Exception):
    """A refusal that the user can act on; `status` is the exit status."""

    status = ENVIRONMENT

    def __init__(self, what: str, *, note: str = "", help: tuple[Help, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.note = note
        self.help = help


class Refused(GitmigError):
    """The request is understood and would do harm."""

    status = FINDINGS


class UsageError(GitmigError):
    """Command line or configuration cannot be used as given."""

    status = USAGE


class CannotDecide(GitmigError):
    """Something needed for the verdict is missing: history, objects, a base."""

    status = UNDECIDED


class EnvironmentProblem(GitmigError):
    """Git, a lock, a permission or the disk stands in the way; nothing was changed."""

    status = ENVIRONMENT


class OperationPending(GitmigError):
    """An interrupted operation must be finished or undone first."""

    status = PENDING

"""The front door: hooks go straight to their command, everything else to click; errors become text and exit status."""

from __future__ import annotations

import sys

from gitmig.errors import BUG, CLEAN, ENVIRONMENT, INTERRUPTED, EnvironmentProblem, GitmigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


# EPERM, EIO, EACCES, ENOSPC, EROFS, EDQUOT: the disk or a permission, whatever gitmig did (`errno` costs a hook 1 ms).
_NOT_OURS = (1, 5, 13, 28, 30, 122)

# Objects that a hook may make between two looks at what is garbage: modules, trees and facts are not.
COLLECTED_AFTER = 50_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run gitmig; the exit status is one of DESIGN section 9."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return finished(run(words))
    except GitmigError as error:
        show(error)
        return error.status
    except KeyboardInterrupt:
        print("gitmig: interrupted; nothing is left half done", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return finished(CLEAN)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            return report_bug(error, words)
        show(EnvironmentProblem(str(error.strerror), note=str(error.filename or "")))
        return ENVIRONMENT
    except Exception as error:
        return report_bug(error, words)


def run(words: list[str]) -> int:
    """Hooks need neither click nor its 30 ms; people get options and help."""
    if words[:1] == ["hook"]:
        import gc

        from gitmig.commands.hook import main as run_hook

        gc.set_threshold(COLLECTED_AFTER)
        status = run_hook(words[1:])
        gc.freeze()  # the process ends here: what is left need not be told from garbage once more
        return status
    if words[:1] == ["serve-hook"] and not {"-h", "--help"}.intersection(words):
        from gitmig.commands.serve_hook import main as run_server_hook

        return run_server_hook(words[1:])
    import os

    from gitmig.cli import run as run_command_line

    try:
        return run_command_line(words)
    except SystemExit as stop:
        if "_GITMIG_COMPLETE" in os.environ:
            return stop.code if isinstance(stop.code, int) else 0
        # So click ends when the reader of standard output went away; its 1 would be taken for a verdict.
        raise BrokenPipeError from None


def finished(status: int) -> int:
    """The status, once all that was printed has left; a reader that went away is no failure, a full disk is one."""
    from gitmig.terminal import put

    put(sys.stdout)
    return status


def show(error: GitmigError) -> None:
    from gitmig.report.commands import without_commands
    from gitmig.report.text import render_error
    from gitmig.terminal import wants_color, width_of

    sys.stderr.write(without_commands(render_error(error, color=wants_color(sys.stderr), width=width_of(sys.stderr))))


def report_bug(error: Exception, words: list[str]) -> int:
    """Save the traceback where it can be attached to an issue; print it only when asked."""
    import os
    import tempfile
    import traceback

    from gitmig import __version__
    from gitmig.report.escape import safe

    text = "".join(traceback.format_exception(error))
    handle, path = tempfile.mkstemp(prefix="gitmig-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"gitmig {__version__}, Python {sys.version}\narguments: {words!r}\n\n{text}")
    print(f"error: this is a bug in gitmig: {safe(type(error).__name__)}: {safe(str(error))[:200]}", file=sys.stderr)
    print(f"note: nothing was decided; a report lies at {path}", file=sys.stderr)
    if "-v" in words or "--verbose" in words:
        sys.stderr.write(text)
    return BUG

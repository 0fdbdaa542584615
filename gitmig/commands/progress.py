"""How far a run is: one line at the bottom of a terminal; elsewhere a line for each step, where there are several."""

from __future__ import annotations

import sys

from gitmig.report.escape import safe
from gitmig.terminal import wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitmig.db.running import Planned


class Progress:
    """`shown` says whether there is a terminal; then the child's standard error goes through `say`."""

    def __init__(self, color: str = "auto") -> None:
        self.shown = sys.stderr.isatty() and wants_color(sys.stderr, color)
        self._bar: Any = None
        self._task: Any = None

    def start(self, plan: Planned, number: int) -> None:
        step = plan.steps[number]
        name = safe(f"{step.direction} {step.revision or ', '.join(step.to)} {step.message}")[:60].rstrip()
        if not self.shown:
            if len(plan.steps) > 1:  # the log of a deployment shows which one takes its time
                self.say(f"{number + 1} of {len(plan.steps)}: {name}\n")
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(name, total=len(plan.steps))
            self._bar.start()
        self._bar.update(self._task, description=name, completed=number, total=len(plan.steps))

    def advance(self) -> None:
        if self._bar is not None:
            self._bar.advance(self._task)

    def say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.out(line.rstrip("\n"), highlight=False)
        else:
            sys.stderr.write(line)
            sys.stderr.flush()

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

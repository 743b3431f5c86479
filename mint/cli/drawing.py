"""News of a build on stderr: bars on a terminal, else plain lines."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mint.cli.progress import Drawing, News, Pace
from mint.cli.say import inert, say
from mint.stages import Step

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import Task, TaskID

EVERY = 10.0  # seconds between two plain lines


@contextmanager
def drawn_progress(*, fleeting: bool = False) -> Iterator[News]:
    """News that are drawn on stderr while the block runs; `fleeting` bars go as their steps end."""
    drawing: Drawing = Lines(say)
    if sys.stderr.isatty():
        from rich.console import Console

        drawing = Bars(Console(stderr=True), fleeting=fleeting)
    drawing.start()
    try:
        yield News(drawing)
    finally:
        drawing.stop()


class Lines:
    """Without a terminal: a line as a step begins, at its first estimate, and every 10 s."""

    def __init__(
        self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.write, self.clock = write, clock
        self._lock = threading.Lock()
        self._running: dict[Step, Pace] = {}  # a step may run inside another; the last is inmost
        self._time = clock()  # of the last line
        self._drawing = threading.Event()

    def begin(self, step: Step, pace: Pace) -> None:
        """A line for the step."""
        with self._lock:
            self._running.pop(step, None)
            self._running[step] = pace
            self._write(pace)

    def advance(self, step: Step, pace: Pace) -> None:
        """A line once the time left is known, if it was not when the step began."""
        with self._lock:
            if pace.done >= pace.total:
                self._running.pop(step, None)
            elif pace.first_estimate:
                self._write(pace)

    def note(self, text: str) -> None:
        """A line of its own."""
        with self._lock:
            self.write(text)

    def interrupt(self, act: Callable[[], None]) -> None:
        """Print between two lines."""
        with self._lock:
            act()

    def tick(self) -> None:
        """A line if the last one is 10 s old; a thread of its own calls this every second."""
        with self._lock:
            if self._running and self._drawing.is_set() and self.clock() - self._time >= EVERY:
                self._write(list(self._running.values())[-1])

    def start(self) -> None:
        """Tick from now on."""
        self._time = self.clock()
        self._drawing.set()
        threading.Thread(target=self._tick_on, daemon=True).start()

    def pause(self) -> None:
        """Write nothing by itself until the next start."""
        self.stop()

    def stop(self) -> None:
        """Write nothing by itself from now on."""
        with self._lock:
            self._drawing.clear()

    def _tick_on(self) -> None:
        while self._drawing.is_set():
            self.tick()
            time.sleep(1.0)

    def _write(self, pace: Pace) -> None:
        self._time = self.clock()
        self.write(pace.line(self._time))


class Bars:
    """On a terminal: a bar for each step, with the rate and the time left."""

    def __init__(
        self,
        console: Console,
        clock: Callable[[], float] = time.monotonic,
        *,
        fleeting: bool = False,
    ) -> None:
        self._bars = _bars(console, clock, fleeting)
        self._fleeting = fleeting
        self._tasks: dict[Step, TaskID] = {}

    def begin(self, step: Step, pace: Pace) -> None:
        """A new bar at the bottom, in place of the step's earlier one."""
        if step in self._tasks:
            self._bars.remove_task(self._tasks.pop(step))
        # A bar without a total moves to and fro: something happens, and nobody can say how far.
        total = None if pace.total == 1 else pace.total
        self._tasks[step] = self._bars.add_task(pace.label, total=total, pace=pace)

    def advance(self, step: Step, pace: Pace) -> None:
        """The bar grows."""
        self._bars.update(self._tasks[step], total=pace.total, completed=pace.done)
        if self._fleeting and pace.done >= pace.total:
            self._bars.remove_task(self._tasks.pop(step))

    def note(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(inert(text), markup=False, highlight=False)

    def interrupt(self, act: Callable[[], None]) -> None:
        """Print where the bars were."""
        self.pause()
        try:
            act()
        finally:
            self.start()

    def start(self) -> None:
        """Draw, several times a second."""
        self._bars.live.transient = self._fleeting
        self._bars.start()

    def pause(self) -> None:
        """Take the bars off the screen; `start` draws all of them again."""
        self._bars.live.transient = True
        self._bars.stop()

    def stop(self) -> None:
        """Leave the bars as they are."""
        self._bars.stop()


def _bars(console: Console, clock: Callable[[], float], fleeting: bool) -> RichProgress:
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
    from rich.text import Text

    class Amount(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["pace"].amount(clock()))

    return Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description:18}", markup=False),
        BarColumn(bar_width=24),
        Amount(),
        console=console,
        redirect_stdout=False,  # results stay where they belong
        transient=fleeting,
    )

"""How far a build is: the rate of each step, the time left, and the words for both."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Protocol

from mint.stages import Forecast, Step

WINDOW = 8  # pieces of news that a rate is taken from; older ones may be of a busier machine
# Where a step's name alone does not say what happens.
LABELS: dict[Step, str] = {
    "loading": "loading the model",
    "extending": "painting wallpapers",
    "framing": "painting around a picture",
    "report": "writing the report",
}
# Steps that count bytes; the artist reads megabytes.
IN_BYTES: tuple[Step, ...] = ("uploading",)
MB = 1_000_000


class Pace:
    """A step under way: how much is done, and how fast lately."""

    def __init__(self, step: Step, total: int, now: float, seconds_each: float | None) -> None:
        self.label, self.total, self.done = LABELS.get(step, step), total, 0
        self.in_bytes = step in IN_BYTES
        self.seconds_each = seconds_each  # None while nobody has measured it
        self.first_estimate = False  # whether the last news brought the first one
        self._news = deque([(now, 0)], maxlen=WINDOW)

    def advance(self, done: int, now: float) -> None:
        """Hear that `done` of the total are done."""
        before, then = self._news[0]
        if now == before and len(self._news) == 1:
            self._news.clear()  # what was there as the step began says nothing of its speed
        unknown = self.seconds_each is None
        if done > then and now > before:
            self.seconds_each = (now - before) / (done - then)
        self.first_estimate = unknown and self.seconds_each is not None
        self.done = done
        self._news.append((now, done))

    def seconds_left(self, now: float) -> float | None:
        """An estimate, counted down since the last news; None while the rate is unknown."""
        if self.seconds_each is None or self.total <= 1 or self.done >= self.total:
            return None
        since = now - self._news[-1][0]
        return max(1.0, (self.total - self.done) * self.seconds_each - since)

    def line(self, now: float) -> str:
        """`painting 12 of 60, about 3 minutes left`."""
        if self.total == 1:
            return self.label
        amount = self._progress() if self.done else self._count(self.total)
        return f"{self.label} {amount}{self._left(now)}"

    def amount(self, now: float) -> str:
        """`12 of 60, 4.1 s each, about 3 minutes left`; what stands behind a bar."""
        if self.total == 1:
            return ""
        text = self._progress()
        if (each := self.seconds_each) and self.done < self.total:
            text += f", {self._rate(each)}"
        return text + self._left(now)

    def _rate(self, each: float) -> str:
        if self.in_bytes:
            return f"{1 / each / MB:.1f} MB a second"
        return f"{1 / each:.0f} a second" if each < 0.5 else f"{each:.1f} s each"

    def _progress(self) -> str:
        return f"{self._number(self.done)} of {self._count(self.total)}"

    def _count(self, number: int) -> str:
        return f"{self._number(number)} MB" if self.in_bytes else self._number(number)

    def _number(self, number: int) -> str:
        if not self.in_bytes:
            return f"{number}"
        return f"{number / MB:,.{0 if self.total >= 10 * MB else 1}f}"

    def _left(self, now: float) -> str:
        left = self.seconds_left(now)
        return f", {about(left)} left" if left else ""


def about(seconds: float) -> str:
    """`about 40 s`, `about 3 minutes`, `about 2 hours`: no finer than an estimate is."""
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    if seconds >= 20:
        return f"about {10 * round(seconds / 10)} s"
    return f"about {max(1, round(seconds))} s"


def forecast_line(forecast: Forecast) -> str:
    """`54 reused, 10 to paint, about 40 s`; in later rounds what is painted again."""
    if forecast.to_animate:
        films = "film" if forecast.to_animate == 1 else "films"
        parts = [f"{forecast.to_animate} {films} to paint"]
    elif forecast.to_extend:
        wallpapers = "wallpaper" if forecast.to_extend == 1 else "wallpapers"
        parts = [f"{forecast.to_extend} {wallpapers} to paint"]
    elif forecast.attempt:
        parts = [f"{forecast.to_paint} to paint again"]
    else:
        parts = [f"{forecast.reused} reused"] if forecast.reused else []
        parts += [f"{forecast.to_paint} to paint"] if forecast.to_paint else ["nothing to paint"]
        parts += [f"{forecast.to_enlarge} to enlarge"] if forecast.to_enlarge else []
    if seconds := forecast.seconds:
        parts.append(about(seconds))
    return ", ".join(parts)


class Drawing(Protocol):
    """Where news are seen."""

    def begin(self, step: Step, pace: Pace) -> None:
        """A step begins."""

    def advance(self, step: Step, pace: Pace) -> None:
        """More of it is done."""

    def note(self, text: str) -> None:
        """A sentence by the way."""

    def interrupt(self, act: Callable[[], None]) -> None:
        """Let `act` print a result, with nothing drawn over it."""

    def start(self) -> None:
        """Draw from now on."""

    def pause(self) -> None:
        """Leave the screen to a question, until the next start."""

    def stop(self) -> None:
        """Draw nothing from now on."""


class News:
    """A mint.stages.Progress that measures rates, counts, and hands on to a drawing."""

    def __init__(self, drawing: Drawing, clock: Callable[[], float] = time.monotonic) -> None:
        self.drawing, self.clock = drawing, clock
        self.counts: Counter[Step] = Counter()  # what this run did, of each step
        self.reused = 0  # pictures that were there when it began
        self._paces: dict[Step, Pace] = {}
        self._seconds: dict[Step, float | None] = {}  # for one, by an earlier build or round

    def __call__(self, step: Step, done: int, total: int) -> None:
        """`done` of `total` are done; others may have run in between."""
        pace, now = self._paces.get(step), self.clock()
        if pace is None or pace.done == pace.total or done < pace.done or total != pace.total:
            pace = self._paces[step] = Pace(step, total, now, self._seconds.get(step))
            self.drawing.begin(step, pace)
        self.counts[step] += done - pace.done
        if done > pace.done:
            pace.advance(done, now)
            self._seconds[step] = pace.seconds_each
            self.drawing.advance(step, pace)

    def note(self, text: str) -> None:
        """Say a sentence by the way."""
        self.drawing.note(text)

    def announce(self, forecast: Forecast) -> None:
        """Say what there is to paint; the first estimates are an earlier build's."""
        if forecast.to_animate or forecast.to_extend:
            self._seconds["animating"] = forecast.animate_seconds
            self._seconds["extending"] = forecast.extend_seconds
            self.drawing.note(forecast_line(forecast))
            return
        if not forecast.attempt:
            self.reused = forecast.reused
        self._seconds["painting"] = forecast.paint_seconds
        self._seconds["enlarging"] = forecast.enlarge_seconds or self._seconds.get("enlarging")
        if forecast.to_paint or not forecast.attempt:
            self.drawing.note(forecast_line(forecast))

    def warn(self, line: str) -> None:
        """Say what the artist should know; the build goes on."""
        self.drawing.note(line)

    def interrupt(self, act: Callable[[], None]) -> None:
        """Let `act` print a result between two drawings."""
        self.drawing.interrupt(act)

    def quiet_during(self, ask: Callable[[str], str]) -> Callable[[str], str]:
        """`ask` for a password, with nothing drawn over its question."""

        def answer(question: str) -> str:
            self.drawing.pause()
            try:
                return ask(question)
            finally:
                self.drawing.start()

        return answer

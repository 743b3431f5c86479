"""What a build says while it runs: on a terminal, without one, and during a password prompt."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from mint.cli.drawing import Bars, Lines
from mint.cli.progress import LABELS, News, about, forecast_line
from mint.stages import STEPS, Forecast
from tests.conftest import ROOT


class Clock:
    """Seconds, set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Screen:
    """News drawn without a terminal: the lines, and a clock."""

    def __init__(self) -> None:
        self.clock, self.lines = Clock(), list[str]()
        self.drawing = Lines(self.lines.append, self.clock)
        self.drawing._drawing.set()  # as `start` does, but without its thread
        self.news = News(self.drawing, self.clock)

    def wait(self, seconds: float) -> None:
        """Let time pass; the drawing ticks once a second."""
        for _ in range(int(seconds)):
            self.clock.now += 1
            self.drawing.tick()


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_without_a_terminal_there_is_a_line_every_ten_seconds(screen: Screen) -> None:
    screen.news("loading", 0, 1)
    screen.wait(12)
    screen.news("loading", 1, 1)
    screen.news.announce(Forecast(0, reused=0, to_paint=60))
    screen.news("painting", 0, 60)
    for done in range(4, 17, 4):
        screen.wait(12)
        screen.news("painting", done, 60)

    assert screen.lines == [
        "loading the model",
        "loading the model",
        "60 to paint",
        "painting 60",
        "painting 60",
        "painting 4 of 60, about 3 minutes left",  # the first estimate, at once
        "painting 4 of 60, about 3 minutes left",  # 10 s later
        "painting 8 of 60, about 2 minutes left",
        "painting 12 of 60, about 2 minutes left",
    ]


def test_an_earlier_build_gives_the_first_estimate(screen: Screen) -> None:
    screen.news.announce(Forecast(0, reused=54, to_paint=10, paint_seconds=4.0))
    screen.news("painting", 0, 10)

    assert screen.lines == ["54 reused, 10 to paint, about 40 s", "painting 10, about 40 s left"]


def test_the_time_left_follows_the_rate_of_late_and_counts_down(screen: Screen) -> None:
    screen.news("painting", 0, 100)
    pace = screen.news._paces["painting"]
    for done in range(1, 21):
        screen.clock.now += 1
        screen.news("painting", done, 100)
    assert pace.seconds_left(screen.clock.now) == pytest.approx(80)
    for done in range(21, 41):  # another program took the cores
        screen.clock.now += 5
        screen.news("painting", done, 100)
    assert pace.seconds_left(screen.clock.now) == pytest.approx(300)
    assert pace.seconds_left(screen.clock.now + 4) == pytest.approx(296)
    assert pace.amount(screen.clock.now) == "40 of 100, 5.0 s each, about 5 minutes left"


def test_a_step_inside_another_is_said_once(screen: Screen) -> None:
    screen.news("comparing", 0, 6)
    screen.news("loading", 0, 1)
    screen.news("loading", 1, 1)
    screen.news("comparing", 6, 6)

    assert screen.lines == ["comparing 6", "loading the model"]


def test_a_second_round_counts_anew(screen: Screen) -> None:
    for attempt, (reused, total) in enumerate([(4, 6), (0, 2)]):
        screen.news.announce(Forecast(attempt, reused=reused, to_paint=total))
        screen.news("painting", 0, total)
        screen.clock.now += total
        screen.news("painting", total, total)

    assert screen.lines[1::2] == ["painting 6", "painting 2"]
    assert screen.news.counts["painting"] == 8
    assert screen.news.reused == 4


@pytest.mark.parametrize(
    ("forecast", "line"),
    [
        (Forecast(0, 0, 64), "64 to paint"),
        (Forecast(0, 64, 0), "64 reused, nothing to paint"),
        (Forecast(0, 54, 10, 64, 3.0, 1.0), "54 reused, 10 to paint, 64 to enlarge, about 90 s"),
        (Forecast(0, 54, 10, 64, 3.0), "54 reused, 10 to paint, 64 to enlarge"),
        (Forecast(0, 64, 0, 3, None, 9.0), "64 reused, nothing to paint, 3 to enlarge, about 30 s"),
        (
            Forecast(1, 0, 2, paint_seconds=4.0),
            "2 to paint again, about 8 s",
        ),
        (Forecast(0, 0, 0, to_animate=1), "1 film to paint"),
    ],
)
def test_a_forecast_says_what_is_known(forecast: Forecast, line: str) -> None:
    assert forecast_line(forecast) == line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 1 s"),
        (19.4, "about 19 s"),
        (44, "about 40 s"),
        (119, "about 120 s"),
        (121, "about 2 minutes"),
        (7300, "about 2 hours"),
        (200_000, "about 2 days"),
    ],
)
def test_estimates_are_no_finer_than_they_are_good(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_an_upload_is_told_in_megabytes(screen: Screen) -> None:
    news, total = screen.news, 1_000_000_000
    news("uploading", 400_000_000, total)  # an earlier run brought that much
    for done in range(410_000_000, 500_000_001, 10_000_000):
        screen.wait(2)
        news("uploading", done, total)

    assert screen.lines[:2] == [
        "uploading 1,000 MB",
        "uploading 410 of 1,000 MB, about 120 s left",
    ]
    pace = news._paces["uploading"]
    assert pace.amount(screen.clock.now) == "500 of 1,000 MB, 5.0 MB a second, about 100 s left"


def test_labels_are_of_steps() -> None:
    assert set(LABELS) <= set(STEPS)


def terminal() -> tuple[io.StringIO, Bars, Clock]:
    text, clock = io.StringIO(), Clock()
    console = Console(file=text, force_terminal=True, width=100, color_system=None)
    return text, Bars(console, clock), clock


def test_on_a_terminal_there_are_bars_with_rate_and_time_left() -> None:
    text, bars, clock = terminal()
    news = News(bars, clock)
    bars.start()
    news.announce(Forecast(0, reused=4, to_paint=6))
    news("painting", 0, 6)
    clock.now = 8.0
    news("painting", 2, 6)
    bars.stop()

    assert "4 reused, 6 to paint" in text.getvalue()
    assert "2 of 6, 4.0 s each, about 16 s left" in text.getvalue()


def test_results_stand_between_fleeting_bars() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100, color_system=None)
    news = News(Bars(console, fleeting=True))
    news.drawing.start()
    for done in range(3):
        news("checking", done, 2)
    news.interrupt(lambda: print("ok  two are checked", file=text))
    news.drawing.stop()

    before, _, after = text.getvalue().partition("ok  two are checked")
    assert "checking" in before
    assert "checking" not in after  # nor is a finished bar drawn again


def test_nothing_is_drawn_over_a_question_for_a_password() -> None:
    _, bars, clock = terminal()
    news = News(bars, clock)
    drawn: list[bool] = []

    def ask(question: str) -> str:
        drawn.append(bars._bars.live.is_started)
        return f"{question}secret"

    bars.start()
    try:
        news("deploying", 0, 1)
        assert news.quiet_during(ask)("password? ") == "password? secret"
        assert drawn == [False]
        assert bars._bars.live.is_started
    finally:
        bars.stop()


def test_lines_are_silent_during_a_question_too(screen: Screen) -> None:
    screen.news("deploying", 0, 1)

    def ask(question: str) -> str:
        screen.wait(60)
        return "secret"

    assert screen.news.quiet_during(ask)("password? ") == "secret"
    screen.drawing.stop()
    assert screen.lines == ["deploying"]


def test_a_build_on_a_terminal_draws_and_leaves_stdout_alone(tiny: Path) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mint", "build", str(tiny), "--until", "render"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=child,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(child)
    drawn = b"".join(iter(lambda: read(parent), b"")).decode()
    output = process.communicate()[0].decode()
    os.close(parent)

    assert process.returncode == 0
    for words in ("loading the model", "6 to paint", "painting", "6 of 6", "writing the report"):
        assert words in drawn
    assert "painted     6 pictures" in output
    assert "\x1b" not in output


def read(terminal: int) -> bytes:
    """What comes next from the other side of a pty; nothing once that is closed."""
    select.select([terminal], [], [], 60)
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: the other side is closed
        return b""

"""The stages of a build, the steps an artist sees, and how a build says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, get_args

# What `--until` may name, in order; build.py has a function for each but the first.
Stage = Literal[
    "plan",
    "render",
    "enlarge",
    "sign",
    "animate",
    "canvas",
    "banner",
    "metadata",
    "publish",
    "deploy",
    "mint",
]
STAGES: tuple[Stage, ...] = get_args(Stage)

# What a build that ends there leaves behind, as the help of `--until` says it.
LEAVES: dict[Stage, str] = {
    "plan": "nothing on disk, only a check that the plan works",
    "render": "the pictures, as painted",
    "enlarge": "the pictures, enlarged if the file asks for it",
    "sign": "the same pictures, each with a signed note of its origin if the file asks for it",
    "animate": "films of the tokens that move, if the file asks for them",
    "canvas": "wallpapers of the tokens, if the file asks for them",
    "banner": "the collection's banner, if you asked for one",
    "metadata": "a JSON file for each token beside its picture",
    "publish": "one file with everything that goes to IPFS, pinned if the file names a service",
    "deploy": "the contract on the network",
    "mint": "the tokens in it",
}

# When this machine would paint other pixels than the build began with: refuse, keep what is
# painted and go on here, or paint all of it here.
OnRuntime = Literal["refuse", "mixed", "new"]

# What a build does at a moment; the names that an artist reads.
Step = Literal[
    "writing",
    "planning",
    "loading",
    "painting",
    "learning",
    "judging",
    "comparing",
    "measuring",
    "enlarging",
    "signing",
    "animating",
    "extending",
    "framing",
    "describing",
    "publishing",
    "uploading",
    "deploying",
    "minting",
    "checking",
    "report",
]
STEPS: tuple[Step, ...] = get_args(Step)

# (step, done, total): called with done = 0 when a step begins, before anything slow.
# A total of 1 is a step that cannot be counted. Of "uploading" bytes are counted.
Progress = Callable[[Step, int, int], None]


@contextmanager
def underway(progress: Progress, step: Step) -> Iterator[None]:
    """A step that cannot be counted, from its beginning to its end."""
    progress(step, 0, 1)
    yield
    progress(step, 1, 1)


class Forecast(NamedTuple):
    """What a round of painting has before it: pictures in the store, and pictures to come.

    `attempt` is 0 but where pictures looked like others and are painted again. `paint_seconds` and
    `enlarge_seconds` are for one picture, `animate_seconds` for one film, `extend_seconds` for one
    wallpaper, as an earlier build measured them here.
    """

    attempt: int
    reused: int
    to_paint: int
    to_enlarge: int = 0
    paint_seconds: float | None = None
    enlarge_seconds: float | None = None
    to_animate: int = 0
    animate_seconds: float | None = None
    to_extend: int = 0
    extend_seconds: float | None = None

    @property
    def seconds(self) -> float | None:
        """About how long it takes; None while that is unknown."""
        total = 0.0
        for number, each in (
            (self.to_paint, self.paint_seconds),
            (self.to_enlarge, self.enlarge_seconds),
            (self.to_animate, self.animate_seconds),
            (self.to_extend, self.extend_seconds),
        ):
            if number and each is None:
                return None
            total += number * (each or 0.0)
        return total

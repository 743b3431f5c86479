"""A ninth creature in the hand of the other eight, which no model of ours has learned: an owl.

`mint tune` is measured by it (scripts/bench-tune). Captions say it as they say the others:
"a gray owl, round eyes, smile, no hat, scarf, navy plain background".
"""

from __future__ import annotations

from random import Random

import art
import characters
import heads
from anatomy import Coat, Face, blush
from ink import INK, WHITE, Pen, dark, mirrored, mix, oval, path

NAME = "owl"
BEAK = (255, 176, 46)


def owl(pen: Pen, coat: Coat) -> Face:
    """Two tufts, a pale disc around each eye, a beak, and a breast of feathers below the mouth."""
    rise, spread = pen.random.uniform(-5, 7), pen.random.uniform(-4, 5)
    for s in (-1, 1):
        tip = s * (80 + spread)
        tuft = path(
            (s * 22, -58), (s * 50, -70, tip, -98 - rise), (s * 92, -64, s * 80, -18), (s * 40, -30)
        )
        pen.shade(tuft, coat.fur)
        with pen.inside(tuft):
            pen.flat(path((s * 62, -60), (tip, -130), (s * 110, -60), (s * 82, -40)), coat.deep)
        pen.outline(tuft, coat.fur)
    head = mirrored((0, -62), (52, -62, 84, -44, 86, 2), (86, 50, 48, 72, 0, 72))
    pen.shade(head, coat.fur)
    with pen.inside(head):
        brow = mirrored((0, -20), (20, -56, 60, -62, 84, -50), (60, -90, 0, -90))
        pen.flat(brow, coat.deep)
        for x, y in ((-66, 40), (-54, 54), (66, 40), (54, 54), (-76, 24), (76, 24)):
            pen.stroke(path((x - 8, y), (x, y + 9, x + 8, y), close=False), coat.deep, 4.4)
    pen.outline(head, coat.fur)
    with pen.turned():
        for s in (-1, 1):
            disc = oval(s * 36, -8, 36, 37)
            pen.flat(disc, coat.cream)
            pen.stroke(disc, dark(coat.fur, 0.35), 3)
            for a, b in ((-60, -28), (-66, -8), (-60, 12)):
                pen.stroke(path((s * -a, b), (s * -a * 0.92, b), close=False), coat.deep, 3)
        beak = mirrored((0, -6), (15, -4, 17, 6), (10, 24, 0, 29))
        pen.flat(beak, BEAK)
        pen.stroke(beak, INK, 4)
        pen.flat(oval(-5, 4, 4, 6), mix(BEAK, WHITE, 0.6))
    blush(pen, 66, 30)
    return Face(head, eyes=(36, -9, 20.5), mouth=(37, 25), hat=(-44, 52), phones=(84, 4, -64))


def add() -> None:
    """Let the renderer and the captions know it."""
    heads.HEADS[NAME] = owl
    characters.PHRASES["species"][NAME] = (NAME,)


def sample(random: Random) -> dict[str, str]:
    """One combination of traits with the ninth creature."""
    return {**art.sample("characters", random), "species": NAME}

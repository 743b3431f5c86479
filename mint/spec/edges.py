"""A picture -> its outlines, white on black, as ControlNets of edges were trained on (Canny).

J. Canny, A Computational Approach to Edge Detection, 1986. All numbers are whole, so that every
machine finds the same edges.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int32]
WEAK, STRONG = 100, 200  # of the gradient |x| + |y|; what such ControlNets were trained with
BINOMIAL = (1, 4, 6, 4, 1)
SECTOR = 29, 70  # tan of 22.5 and 67.5 degrees are 29/70 and 70/29, to a thousandth
NEIGHBOURS = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]


def edges(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Rows of shape (height, width, 3), RGB -> as many, white where there is an edge."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), -1, 0)
    light = _blurred((299 * red + 587 * green + 114 * blue + 500) // 1000)
    across, down = _gradient(light)
    strength = np.abs(across) + np.abs(down)
    ridge = np.where(_is_ridge(strength, across, down), strength, 0)
    outlines = _connected(ridge >= WEAK, ridge >= STRONG)
    return np.repeat(outlines[..., None].astype(np.uint8) * 255, 3, axis=-1)


def _blurred(light: Whole) -> Whole:
    """Without it the grain of a photograph would be edges, too."""
    for _ in ("down", "across"):
        wide, length = np.pad(light, ((2, 2), (0, 0)), mode="edge"), len(light)
        rows = [share * wide[i : i + length] for i, share in enumerate(BINOMIAL)]
        light = (np.stack(rows).sum(axis=0, dtype=np.int32).T + 8) // 16
    return light


def _gradient(light: Whole) -> tuple[Whole, Whole]:
    """By Sobel: how fast it becomes lighter to the right, and downwards."""
    wide = np.pad(light, 1, mode="edge")
    down = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    over = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    return down[:, 2:] - down[:, :-2], over[2:] - over[:-2]


def _is_ridge(strength: Whole, across: Whole, down: Whole) -> npt.NDArray[np.bool_]:
    """Where the gradient is steepest along its own direction: an edge is one pixel wide."""
    low, high = SECTOR
    x, y = np.abs(across), np.abs(down)
    flat, steep = high * y <= low * x, high * x < low * y
    falling = (across > 0) == (down > 0)
    rows, columns = strength.shape
    wide = np.pad(strength, 1)

    def beside(side: int) -> Whole:
        """The next pixel along the gradient, on one side of it or on the other."""
        steps = (0, side), (side, 0), (side, side), (side, -side)
        level, upright, slope, rise = (
            wide[1 + y : 1 + y + rows, 1 + x : 1 + x + columns] for y, x in steps
        )
        return np.select([flat, steep, falling], [level, upright, slope], rise)

    ridge: npt.NDArray[np.bool_] = (strength > beside(-1)) & (strength >= beside(1))
    return ridge


def _connected(weak: npt.NDArray[np.bool_], strong: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The strong edges, and the weak ones that lead to them."""
    left, outlines = np.pad(weak & ~strong, 1), np.pad(strong, 1)
    front = np.argwhere(outlines)
    while len(front):
        near = np.concatenate([front + step for step in NEIGHBOURS])
        near = near[left[near[:, 0], near[:, 1]]]
        front = np.unique(near, axis=0)
        left[front[:, 0], front[:, 1]] = False
        outlines[front[:, 0], front[:, 1]] = True
    return outlines[1:-1, 1:-1]

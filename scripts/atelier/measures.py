"""What is measured, as formulas on arrays; no model and no file is opened here."""

import io
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from spoil import YIQ, saved
from torch import Tensor

from mint.curate.perceptual_hash import MATCH, PRINT, perceptual_hash
from mint.curate.threshold import SAME

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def roc_auc(positives: Array, negatives: Array) -> float:
    """Chance that a positive scores above a negative, ties counted half."""
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, "left")
    not_above = np.searchsorted(ordered, positives, "right")
    return float((below + not_above).mean() / 2 / len(negatives))


def best_threshold(positives: Array, negatives: Array) -> dict[str, float]:
    """The score that parts the two sides best, and what it gets wrong on either."""
    scores = np.unique(np.concatenate([positives, negatives]))
    overlooked = np.searchsorted(np.sort(positives), scores, "left") / len(positives)
    wrong = 1 - np.searchsorted(np.sort(negatives), scores, "left") / len(negatives)
    at = int(np.argmin(overlooked + wrong))
    return {
        "cosine": float(scores[at]),
        "duplicates_missed": float(overlooked[at]),
        "different_called_duplicate": float(wrong[at]),
    }


def quantiles(values: Array) -> dict[str, float]:
    shares = (0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1)
    limits = np.quantile(values, shares)
    return {f"{share:g}": float(v) for share, v in zip(shares, limits, strict=True)}


def poly_mmd(a: Array, b: Array) -> float:
    """Unbiased squared MMD under the kernel (x.y / d + 1)^3 of two equally large sets."""
    n = len(a)
    aa, bb, ab = ((x @ y.T / x.shape[1] + 1) ** 3 for x, y in ((a, a), (b, b), (a, b)))
    within = (aa.sum() - np.trace(aa) + bb.sum() - np.trace(bb)) / (n * (n - 1))
    return float(within - 2 * ab.mean())


def kid(a: Array, b: Array, size: int = 250, subsets: int = 100) -> dict[str, float]:
    """KID (Binkowski et al. 2018, arXiv 1801.01401): mean and deviation of MMD over subsets.

    Row i of both sets shows the same traits, so no subset takes row i of both: such pairs are
    closer than chance and would make the estimate, which may fall below nought, too small.
    """
    random = np.random.default_rng(0)
    size = min(size, len(a) // 2, len(b) // 2)
    distances = []
    for _ in range(subsets):
        mine = random.choice(len(a), size, False)
        theirs = random.choice(np.setdiff1d(np.arange(len(b)), mine), size, False)
        distances.append(poly_mmd(a[mine], b[theirs]))
    return {
        "mean": float(np.mean(distances)), "deviation": float(np.std(distances)), "subset": size
    }  # fmt: skip


def vendi(features: Array) -> float:
    """How many different ones there are: exp of the entropy of the eigenvalues of K / n.

    Friedman and Dieng 2023, arXiv 2210.02410, with cosines as K.
    """
    unit = features / np.linalg.norm(features, axis=1, keepdims=True).clip(1e-12)
    values = np.linalg.eigvalsh(unit @ unit.T / len(unit))
    values = values[values > 1e-12]
    return math.exp(-float((values * np.log(values)).sum()))


def psnr(mse: float) -> float:
    """Peak signal to noise ratio in dB for a mean squared error of pixels in [0, 1]."""
    return -10 * math.log10(mse)


EDGE_WINDOW, EDGE_CONTRAST = 17, 48  # pixels around an edge, and levels of 255 between its sides


def edge_width(picture: Pixels) -> float:
    """The median width, in pixels, of the edges of a picture (H, W, 3).

    Where brightness changes fastest within EDGE_WINDOW, by how much it changes there over how fast
    it does: a blurred line has wide edges, however little of its picture it is. A step between two
    pixels is 2 wide; NaN for a picture without edges.
    """
    grey = torch.from_numpy(picture).float() @ YIQ[0]
    dy, dx = torch.gradient(grey)
    steepness = (dx.square() + dy.square()).sqrt()[None]

    def highest(values: Tensor, window: int) -> Tensor:
        return F.max_pool2d(values, window, 1, window // 2)

    contrast = highest(grey[None], EDGE_WINDOW) + highest(-grey[None], EDGE_WINDOW)
    edges = (steepness == highest(steepness, EDGE_WINDOW)) & (contrast >= EDGE_CONTRAST)
    return float((contrast[edges] / steepness[edges]).median()) if edges.any() else math.nan


def _cropped(picture: Pixels, corner: int) -> Pixels:
    """98 % of either side, from one of the four corners, enlarged to the old size."""
    height, width = picture.shape[:2]
    cut_y, cut_x = round(height * 0.02), round(width * 0.02)
    x, y = cut_x * (corner & 1), cut_y * (corner >> 1 & 1)
    box = (x, y, width - cut_x + x, height - cut_y + y)
    return np.asarray(Image.fromarray(picture).resize((width, height), 3, box))


def _other_hue(picture: Pixels, shift: int) -> Pixels:
    hsv = np.array(Image.fromarray(picture).convert("HSV"))
    hsv[..., 0] += np.uint8(shift % 256)
    return np.asarray(Image.fromarray(hsv, "HSV").convert("RGB"))


def called_one(pictures: Pixels, others: Pixels, cosines: Array) -> float:
    """The share of pairs that near-duplicates are: by mint's own limits of both of its signs."""
    hashes = [
        np.frombuffer(perceptual_hash(_png(one)) + perceptual_hash(_png(other)), np.uint8)
        for one, other in zip(pictures, others, strict=True)
    ]
    bits = [np.unpackbits(row[:32] ^ row[PRINT : PRINT + 32]).sum() for row in hashes]
    return float(((cosines >= SAME) & (np.array(bits) <= MATCH)).mean())


def _png(picture: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


# Kinds of duplicates: the same picture, handled a little. The number tells pictures apart.
EDITS: dict[str, Callable[[Pixels, int], Pixels]] = {
    "JPEG 85": lambda picture, number: saved(picture, "JPEG", 85),
    "WebP 80": lambda picture, number: saved(picture, "WEBP", 80),
    "2 % crop": lambda picture, number: _cropped(picture, number),
    "hue": lambda picture, number: _other_hue(picture, (-5, -4, 4, 5)[number % 4]),  # 6 or 7 deg
}


def table(head: list[str], rows: list[list[object]]) -> str:
    """A markdown table; floats with four digits that matter."""
    lines = [head, ["---"] * len(head)]
    lines += [[f"{v:.4g}" if isinstance(v, float) else str(v) for v in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"

"""Counts that weigh too much: a proof by weights, where no single clash of counts shows it.

Give every value a weight, and a combination the sum of its values' weights. Together the tokens
weigh what the counts say. If that is more than the `supply` heaviest combinations that the rules
allow, no different tokens come to it. By duality such weights exist wherever the problem has no
solution in fractions (A. Schrijver, "Theory of Linear and Integer Programming", 1986, ch. 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mint.plan.arrange.diagram import Diagram
from mint.plan.arrange.solvers import prices
from mint.plan.arrange.space import Space

if TYPE_CHECKING:
    import numpy as np

MAX_WEIGHED = 1_500_000  # combinations that are listed to be weighed
SAMPLES = (1_500, 4_000, 12_500)  # combinations that stand for all where weights are looked for
CORE = 6_000  # combinations between heavy and light
REFINEMENTS = 3
_ZERO = 1e-6  # what GLOP calls no cost
_SCALE = 1_000  # weights are integers, so that the proof is exact

Weights = list[list[int]]  # per group and value


class Balance(NamedTuple):
    """`proof`: weights under which the tokens are too heavy; `level`: no sign of such weights."""

    proof: Weights | None
    level: bool


def balance(space: Space) -> Balance:
    """Whether weights prove that the space has no rows; raises NoSolver.

    They are looked for on a sample of combinations, scaled down with the counts, which costs
    little; whether they are a proof is then checked on all of them, in integers. Where the last
    sample, in fractions, meets its counts, the space nearly always has rows: it is `level`. Where
    it does not, and yet nothing is proved, rows are not worth a long search.
    """
    if space.diagram is None or not space.supply < space.diagram.total <= MAX_WEIGHED:
        return Balance(None, level=True)
    import numpy as np

    combinations = listed(space.diagram)
    mixed = combinations[np.random.default_rng(0).permutation(len(combinations))]
    for size in SAMPLES:
        cost, weights = _sampled(space, mixed[:size], len(combinations))
        if _too_heavy(space, weights, combinations):
            return Balance(weights, level=False)
        if size >= len(combinations):
            break
    if cost < _ZERO or size >= len(combinations):
        return Balance(None, cost < _ZERO)
    for _ in range(REFINEMENTS):
        cost, weights = _refined(space, weights, combinations)
        if cost < _ZERO or _too_heavy(space, weights, combinations):
            return Balance(None if cost < _ZERO else weights, cost < _ZERO)
    return Balance(None, level=False)


def too_heavy(space: Space, weights: Weights) -> bool:
    """True if the weights prove that the space has no rows."""
    if space.diagram is None or space.diagram.total > MAX_WEIGHED:
        return False
    return space.diagram.total < space.supply or _too_heavy(space, weights, listed(space.diagram))


def listed(diagram: Diagram) -> np.ndarray:
    """The combinations as an array of value indices, one row each, one column per group."""
    import numpy as np

    nodes = {arc.tail: np.zeros((1, len(diagram.order)), np.int16) for arc in diagram.arcs[:1]}
    for layer, group in zip(diagram.layers, diagram.order, strict=True):
        parts: dict[int, list[np.ndarray]] = {}
        for arc in layer:
            part = np.repeat(nodes[arc.tail], len(arc.values), axis=0)
            part[:, group] = np.tile(np.array(arc.values, np.int16), len(nodes[arc.tail]))
            parts.setdefault(arc.head, []).append(part)
        nodes = {head: np.concatenate(some) for head, some in parts.items()}
    return np.concatenate(list(nodes.values()))


def _sampled(space: Space, sample: np.ndarray, total: int) -> tuple[float, Weights]:
    """Weights under which the tokens are heavy, if `sample` is like all `total` combinations."""
    share = len(sample) / total
    return _priced(space, sample, [n * share for counts in space.counts for n in counts])


def _refined(space: Space, weights: Weights, combinations: np.ndarray) -> tuple[float, Weights]:
    """Better weights: heavy combinations are taken, light ones not, and those between decide."""
    import numpy as np

    order = np.argsort(-_scores(weights, combinations), kind="stable")
    first = max(0, space.supply - CORE // 2)
    heaviest, open_ = combinations[order[:first]], combinations[order[first : first + CORE]]
    targets: list[float] = []
    for group, counts in enumerate(space.counts):
        have = np.bincount(heaviest[:, group], minlength=len(counts))
        targets += [float(n - m) for n, m in zip(counts, have, strict=True)]
    return _priced(space, open_, targets)


def _priced(space: Space, columns: np.ndarray, targets: list[float]) -> tuple[float, Weights]:
    sizes = [len(counts) for counts in space.counts]
    begins = [sum(sizes[:g]) for g in range(len(sizes))]
    cost, flat = prices((columns + begins).tolist(), targets)
    scaled = [round(price * _SCALE) for price in flat]
    return cost, [scaled[begin : begin + n] for begin, n in zip(begins, sizes, strict=True)]


def _scores(weights: Weights, combinations: np.ndarray) -> np.ndarray:
    import numpy as np

    scores = np.zeros(len(combinations), np.int64)
    for group, row in enumerate(weights):
        scores += np.array(row, np.int64)[combinations[:, group]]
    return scores


def _too_heavy(space: Space, weights: Weights, combinations: np.ndarray) -> bool:
    import numpy as np

    tokens = sum(
        n * w
        for counts, row in zip(space.counts, weights, strict=True)
        for n, w in zip(counts, row, strict=True)
    )
    scores = _scores(weights, combinations)
    others = len(scores) - space.supply
    return tokens > int(np.partition(scores, others)[others:].sum() if others else scores.sum())

"""Muon: momentum whose matrices are made orthogonal (Jordan, kellerjordan.github.io/posts/muon).

Scaled to the length of Adam's steps (Liu et al. 2025, arXiv 2502.16982): one rate fits both.
"""

from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn

MOMENTUM = 0.95
_QUINTIC = (3.4445, -4.7750, 2.0315)  # Jordan's: five rounds bring singular values to 0.7 to 1.2
_LENGTH = 0.2  # root mean square of an update of Adam's, about


def orthogonal(matrix: Tensor, rounds: int = 5) -> Tensor:
    """About the nearest (M, N) matrix with orthonormal rows or columns, by Newton and Schulz."""
    a, b, c = _QUINTIC
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(rounds):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide.T if matrix.shape[0] > matrix.shape[1] else wide


def is_matrix(name: str, weights: nn.Parameter) -> bool:
    """Whether Muon fits: matrices between hidden layers. Embeddings, ends and gains are Adam's."""
    return weights.ndim > 1 and not any(part in name for part in ("embed", "conv_in", "conv_out"))


class Muon(torch.optim.Optimizer):
    """For matrices and convolutions, which count as (outputs, inputs x height x width).

    Of `world` processes with equal gradients each makes its share orthogonal.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        lr: float,
        weight_decay: float,
        rank: int,
        world: int,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})
        self.rank, self.world = rank, world

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            parameters = group["params"]
            flat = torch.cat([self._update(place, p) for place, p in enumerate(parameters)])
            if self.world > 1:
                dist.all_reduce(flat)
            rate, sizes = group["lr"], [p.numel() for p in parameters]
            for p, update in zip(parameters, flat.split(sizes), strict=True):
                p.mul_(1 - rate * group["weight_decay"])
                p.add_(update.view(p.shape), alpha=-rate)

    def _update(self, place: int, p: nn.Parameter) -> Tensor:
        """Nesterov's momentum made orthogonal, flat; zeros if it is another process's share."""
        assert p.grad is not None
        if not self.state[p]:
            self.state[p]["momentum"] = torch.zeros_like(p)
        momentum = self.state[p]["momentum"].lerp_(p.grad, 1 - MOMENTUM)
        if place % self.world != self.rank:
            return p.new_zeros(p.numel())
        rows = p.grad.lerp(momentum, MOMENTUM).reshape(len(p), -1)
        return orthogonal(rows).reshape(-1) * _LENGTH * max(rows.shape) ** 0.5

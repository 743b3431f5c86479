"""Where a picture's latents tell its traits apart: weights of a painter's loss."""

import torch
from torch import Tensor


def telling(latents: Tensor, traits: list[dict[str, str]]) -> Tensor:
    """Weights (1, H, W) of the places where latents (N, C, H, W) tell their traits apart.

    Eyes cover one place in fifty, and would have one fiftieth of the loss. A group's map is the
    variance between its values' means over the whole variance (the correlation ratio, less what
    chance would give), scaled to mean 1; the weight is the mean over the groups, at least 0.5.
    What minimises a squared error at a place is the same under any positive weight of it.
    """
    mean, total = latents.mean(0), latents.var(0, unbiased=False).clamp(min=1e-8)
    maps = []
    for group in traits[0]:
        names = [had[group] for had in traits]
        between = torch.zeros_like(total)
        for value in set(names):
            own = latents[[i for i, name in enumerate(names) if name == value]]
            between += len(own) / len(latents) * (own.mean(0) - mean) ** 2
        chance = (len(set(names)) - 1) / len(names) * total
        excess = ((between - chance).clamp(min=0) / total).mean(0, keepdim=True)
        maps.append(excess / excess.mean().clamp(min=1e-8))
    return torch.stack(maps).mean(0).clamp(min=0.5)


def roaming(latents: Tensor, names: list[str]) -> Tensor:
    """A map (1, H, W) of mean 1 of where latents (N, C, H, W) show which of `names` they have.

    For things that stand now here, now there: all balloons together hardly move the mean of any
    place, so `telling` is blind to them. A value's map is how much further from the others' mean
    its pictures are than the others themselves, less what chance would give.
    """
    seen = []
    for value in sorted(set(names)):
        has = torch.tensor([name == value for name in names])
        own, rest = latents[has], latents[~has]
        if not len(rest):
            break
        mean, spread = rest.mean(0), rest.var(0, unbiased=False).clamp(min=1e-8)
        chance = 2 * (2 / len(own)) ** 0.5  # two standard deviations of the mean below
        further = ((own - mean) ** 2).mean(0) / spread - 1
        excess = (further - chance).clamp(min=0).mean(0, keepdim=True)
        if excess.mean() > 0.002:  # else it is what remains of chance
            seen.append((excess / excess.mean()).clamp(max=20))
    return torch.stack(seen).mean(0) if seen else torch.ones_like(latents[0, :1])

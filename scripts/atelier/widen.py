"""Make levels of a painter wider without unlearning: `widen.py IN OUT --times 2 2 1 1`.

Each channel of a widened level is there several times, and what reads it takes a share of each, so
the wider network computes what the narrower one did (Net2Net, Chen et al. 2016, arXiv 1511.05641).
The shares differ, so that the copies come to learn different things. Only where channels of a
widened level are normalised together with others do groups fall otherwise; some hundred steps of
training mend that.
"""

import argparse
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor

WORDS = ("attn2.to_k", "attn2.to_v")  # read the text encoder's words
Part = tuple[int, int]  # so many channels in a row, each of which is there so many times


def reads(name: str, count: int, layers: int) -> list[int]:
    """The levels whose channels the block that `name` is of reads, one after the other."""
    part, *rest = name.split(".")
    if not part.endswith("blocks"):
        return [count - 1 if part == "mid_block" else 0]
    block, kind, place = int(rest[0]), rest[1], int(rest[2])
    if part == "down_blocks":
        return [max(block - 1, 0) if (kind, place) == ("resnets", 0) else block]
    level = count - 1 - block
    if kind != "resnets":
        return [level]
    above = min(level + 1, count - 1) if place == 0 else level
    return [above, max(level - 1, 0) if place == layers else level]


def writes(name: str, count: int) -> int:
    """The level that the block writes."""
    part, block, *_ = name.split(".")
    if part == "down_blocks":
        return int(block)
    if part == "up_blocks":
        return count - 1 - int(block)
    return count - 1 if part == "mid_block" else 0


def parts(
    name: str, size: int, axis: int, unet: UNet2DConditionModel, times: list[int]
) -> list[Part]:
    """How an axis of a weight, of `size`, grows."""
    channels: list[int] = unet.config.block_out_channels
    count = len(channels)
    own = times[writes(name, count)]
    if axis == 0 and name.startswith(("conv_out", "time_embedding")):
        return [(size, 1)]
    if axis == 1 and (name.startswith("conv_in") or any(w in name for w in (*WORDS, "time_emb"))):
        return [(size, 1)]
    outer = any(inner in name for inner in ("norm1.", "conv1.", "conv_shortcut."))
    entering = axis == 1 or ".norm1." in name
    if outer and entering and "transformer" not in name:
        levels = reads(name, count, unet.config.layers_per_block)
        return [(channels[level], times[level]) for level in levels]
    return [(size, own)]


def widened(unet: UNet2DConditionModel, times: list[int], seed: int = 0) -> UNet2DConditionModel:
    """The same painter with `times` as many channels at each level, the finest first."""
    settings = {name: value for name, value in unet.config.items() if not name.startswith("_")}
    channels: list[int] = settings["block_out_channels"]
    settings["block_out_channels"] = [c * t for c, t in zip(channels, times, strict=True)]
    settings["time_embedding_dim"] = settings["time_embedding_dim"] or 4 * channels[0]
    wide, chance = UNet2DConditionModel(**settings), torch.Generator().manual_seed(seed)
    state = {}
    for name, weights in unet.state_dict().items():
        if name == "time_embedding.linear_1.weight":
            state[name] = _slower(weights, times[0])
            continue
        for axis in range(min(weights.ndim, 2)):
            growth = parts(name, weights.shape[axis], axis, unet, times)
            weights = _grown(weights, axis, growth, chance)
        if name.endswith("to_q.weight"):  # products of queries and keys grow, and their scale falls
            weights = weights / times[writes(name, len(times))] ** 0.5
        state[name] = weights
    known = wide.state_dict()
    wide.load_state_dict({name: values for name, values in state.items() if name in known})
    return wide


def _grown(weights: Tensor, axis: int, growth: list[Part], chance: torch.Generator) -> Tensor:
    """What writes a channel (axis 0) writes each copy; what reads it (axis 1) takes shares."""
    places, shares, first = [], [], 0
    for size, times in growth:
        places.append(torch.arange(first, first + size).repeat_interleave(times))
        share = 0.5 + torch.rand(size, times, generator=chance)
        shares.append((share / share.sum(1, keepdim=True)).flatten())
        first += size
    grown = weights.index_select(axis, torch.cat(places))
    if axis == 1:
        grown = grown * torch.cat(shares).view(1, -1, *[1] * (weights.ndim - 2))
    return grown


def _slower(weights: Tensor, times: int) -> Tensor:
    """The weights that read the time's waves: among `times` as many waves are the old ones."""
    grown = weights.new_zeros(len(weights), weights.shape[1] * times)
    grown[:, ::times] = weights
    return grown


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--times", type=int, nargs="+", required=True, help="finest level first")
    o = parser.parse_args()
    pipeline = StableDiffusionPipeline.from_pretrained(o.pipeline, safety_checker=None)
    pipeline.to(torch.float32)
    pipeline.unet = widened(pipeline.unet, o.times)
    pipeline.save_pretrained(o.out)


if __name__ == "__main__":
    main()

"""The steps by which a LoRA is learned: seeded, on record, and to be gone on with at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.document import sha256
from mint.errors import RenderError
from mint.paint.tune.checkpoint import TrainingState
from mint.paint.tune.student import Student, Words

if TYPE_CHECKING:
    from torch import Generator, Tensor

EVERY = 25  # steps between two checkpoints, and of which a loss is the mean
WARMUP, FALL = 0.05, 0.4  # shares of the steps in which the rate rises, and falls again
WORDLESS = 0.1  # share of the pictures whose caption is left out, which guidance needs
DECAY = 0.01


class Course(NamedTuple):
    """What is learned from, computed once: latents (n, c, h, w), and the words of each."""

    own: Tensor
    own_words: Words
    prior: Tensor | None
    prior_words: Words
    silence: Words


def learn(
    student: Student,
    course: Course,
    folder: Path,
    hear: Callable[[int, Sequence[float]], None],
) -> TrainingState:
    """Take the steps that are left; `hear` of each checkpoint, and of the losses so far.

    The same numbers come out on the same machine with the same threads, however often it was
    stopped between. Raises RenderError where the loss is no number any more.
    """
    torch, tuning = student.torch, student.tuning
    parameters = student.lora()
    rate = float(tuning.rate)
    optimiser = torch.optim.AdamW(parameters.values(), lr=rate, weight_decay=DECAY, foreach=False)
    state = TrainingState(parameters, optimiser)
    state.restore(folder)
    hear(state.step, state.losses)
    recent: list[float] = []
    while state.step < tuning.steps:
        for group in optimiser.param_groups:
            group["lr"] = rate * factor(state.step, tuning.steps)
        loss = _loss(student, course, state.step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0, foreach=False)
        optimiser.step()
        optimiser.zero_grad()
        recent.append(loss.item())
        state.step += 1
        if state.step % EVERY == 0 or state.step == tuning.steps:
            state.losses.append(_mean(recent))
            recent = []
            state.save(folder)
        hear(state.step, state.losses)
    return state


def factor(step: int, steps: int) -> float:
    """Share of the peak rate: a linear rise, then level, then a linear fall to almost nothing."""
    return min(1.0, (step + 1) / (WARMUP * steps), max(0.02, (steps - step) / (FALL * steps)))


def _mean(losses: list[float]) -> float:
    mean = sum(losses) / len(losses)
    if mean != mean or mean > 1e6:
        raise RenderError(
            "the model learned nothing: its numbers have run away",
            hint="a lower --rate: a tenth of what it was",
        )
    return mean


def _loss(student: Student, course: Course, step: int) -> Any:
    """The mean squared error of one batch, drawn by the seed and the step alone.

    Of the artist's pictures the target is their own noise; of the model's it is what the model
    said of them before, which is exact where noise would only be so on average.
    """
    torch, tuning = student.torch, student.tuning
    chance = torch.Generator().manual_seed(_seed(tuning.seed, step))
    which = torch.randint(len(course.own), (tuning.batch,), generator=chance)
    silent = torch.rand(tuning.batch, generator=chance) < WORDLESS
    words = _words_or_silence(course.own_words, which, course.silence, silent)
    noised = student.noised(*_samples(student, course.own[which], chance))
    errors = noised.weights * _squared(student.predict(noised, words) - noised.target)
    if course.prior is None or not tuning.prior_batch:
        return errors.mean()
    which = torch.randint(len(course.prior), (tuning.prior_batch,), generator=chance)
    words = {name: rows[which] for name, rows in course.prior_words.items()}
    noised = student.noised(*_samples(student, course.prior[which], chance))
    drift = _squared(student.predict(noised, words) - student.before(noised, words))
    return torch.cat([errors, noised.weights * drift]).mean()


def _seed(seed: int, step: int) -> int:
    return int(sha256(f"{seed}/tune/{step}".encode())[:13], 16)


def _samples(student: Student, latents: Tensor, chance: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Latents, noise for them, and how far each goes under: drawn on the CPU, on any device."""
    torch = student.torch
    noise = torch.randn(latents.shape, generator=chance)
    timesteps = torch.randint(len(student.alphas), (len(latents),), generator=chance)
    return latents, noise.to(student.device), timesteps.to(student.device)


def _words_or_silence(words: Words, which: Tensor, silence: Words, silent: Tensor) -> Words:
    """The rows `which` of the words, some of them replaced by what no word at all is."""
    mix = {}
    for name, rows in words.items():
        row = rows[which]
        mask = silent.view(-1, *[1] * (row.ndim - 1)).to(row.device)
        mix[name] = mask * silence[name] + ~mask * row
    return mix


def _squared(difference: Tensor) -> Tensor:
    return difference.square().mean((1, 2, 3))

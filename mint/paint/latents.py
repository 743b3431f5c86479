"""Pictures <-> latents, by the autoencoder of a pipeline in memory, as its own class does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def encoded(pipe: Any, image: Tensor) -> Tensor:
    """The latents of a picture of shape (n, 3, height, width) in -1..1, without chance."""
    vae = pipe.vae
    with _wide(pipe):
        output = vae.encode(image.to(vae.dtype))
    has_distribution = hasattr(output, "latent_dist")
    latents: Tensor = output.latent_dist.mode() if has_distribution else output.latents
    mean, spread = _spread(vae.config, latents)
    rows: Tensor = (latents - mean) * vae.config.scaling_factor / spread
    return rows.to(vae.dtype)


def decoded(pipe: Any, latents: Tensor) -> Tensor:
    """The picture of shape (n, 3, height, width) in -1..1."""
    mean, spread = _spread(pipe.vae.config, latents)
    rows = latents * spread / pipe.vae.config.scaling_factor + mean
    with _wide(pipe):
        picture: Tensor = pipe.vae.decode(rows.to(pipe.vae.dtype), return_dict=False)[0]
    return picture


def _spread(config: Any, latents: Tensor) -> tuple[Tensor | float, Tensor | float]:
    """Mean and standard deviation of the autoencoder's own latents: some SDXL's by channel."""
    mean, spread = (getattr(config, name, None) for name in ("latents_mean", "latents_std"))
    if mean is not None and spread is not None:
        mean, spread = (latents.new_tensor(each).view(1, -1, 1, 1) for each in (mean, spread))
        return mean, spread
    return getattr(config, "shift_factor", None) or 0.0, 1.0


@contextmanager
def _wide(pipe: Any) -> Iterator[None]:
    """The autoencoder in float32 while the block runs, where it overflows in float16.

    Its `force_upcast` says so, and classes that heed it, SDXL's, have a method for that.
    """
    vae = pipe.vae
    before = vae.dtype
    narrow = str(before) == "torch.float16" and hasattr(pipe, "upcast_vae")
    if not (narrow and vae.config.force_upcast):
        yield
        return
    vae.float()
    try:
        yield
    finally:
        vae.to(before)

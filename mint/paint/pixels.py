"""What all painters share: their arithmetic, pixels, and errors with a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from mint.errors import MintError, OutOfMemory, RenderError
from mint.models.double import in_float64
from mint.models.weights import first_line
from mint.plan.recipe import Diffusion, Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

# One entry per slot of the batch -> arrays of shape (height, width, 3), RGB, uint8.
Renderer = Callable[[Sequence[Recipe]], "list[Pixels]"]


def arithmetic(diffusion: Diffusion) -> AbstractContextManager[None]:
    """What to load a model and to paint in; a float64 collection is computed so throughout."""
    return in_float64() if diffusion.dtype == "float64" else nullcontext()


@contextmanager
def refused(torch: Any, diffusion: Diffusion, batch: int) -> Iterator[None]:
    """Turn what a model raises into a RenderError with a remedy."""
    size = f"{diffusion.width}x{diffusion.height}"
    try:
        yield
    except MintError:  # it has a remedy already
        raise
    except torch.OutOfMemoryError as error:
        pictures = f"{batch} pictures of {size} at once" if batch > 1 else f"a picture of {size}"
        fewer = ["lower image.batch"] if batch > 1 else ["make it smaller"]
        narrow = [] if diffusion.dtype in ("bfloat16", "float16") else ["use dtype bfloat16"]
        raise OutOfMemory(
            f"out of memory painting {pictures}", hint=", or ".join(fewer + narrow)
        ) from error
    except Exception as error:  # a pipeline raises whatever its parts raise
        raise RenderError(
            f"the model cannot paint this: {first_line(error)}",
            hint=f"it was called with {size} pixels, {diffusion.steps} steps and the scheduler "
            f"{diffusion.scheduler}; its page says what it is made for",
        ) from error


def to_uint8(torch: Any, images: Tensor, diffusion: Diffusion) -> list[Pixels]:
    """Pictures (n, 3, height, width), 0 to 1, as RGB rows; raises RenderError for other ones."""
    if not torch.isfinite(images).all():
        raise RenderError(
            "the model painted NaN, which shows as a black picture",
            hint="use image.dtype: float32 or bfloat16; float16 overflows in some models",
        )
    wide, high = diffusion.size
    if images.ndim != 4 or tuple(images.shape[2:]) != (high, wide):
        raise RenderError(
            f"the model painted {'x'.join(map(str, reversed(images.shape[2:])))} pixels, "
            f"not {wide}x{high}",
            hint="set image.width and image.height to a size that it was trained for",
        )
    exact = images if images.dtype == torch.float64 else images.float()
    rows = exact.clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return list(rows.contiguous().cpu().numpy())

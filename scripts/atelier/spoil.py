"""What happens to a picture on its way: files that lose something, tints, crops."""

import io

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


def saved(picture: NDArray[np.uint8], form: str, quality: int) -> NDArray[np.uint8]:
    """A picture (H, W, 3) through a file of Pillow's format `form` and back."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form, quality=quality)
    return np.array(Image.open(file).convert("RGB"))


def tints(angles: Tensor, strength: Tensor) -> Tensor:
    """Matrices (N, 3, 3) that turn hues by angles (N,) in radians and stretch colours; greys stay.

    In YIQ, whose first axis is the brightness.
    """
    inner = torch.zeros(len(angles), 3, 3)
    inner[:, 0, 0] = 1
    inner[:, 1, 1] = inner[:, 2, 2] = angles.cos() * strength
    inner[:, 2, 1] = angles.sin() * strength
    inner[:, 1, 2] = -inner[:, 2, 1]
    return YIQ.inverse() @ inner @ YIQ


def tinted(pictures: Tensor, matrices: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) with `tints`' matrices applied to their colours."""
    return torch.einsum("nij,njhw->nihw", matrices.to(pictures.device), pictures)

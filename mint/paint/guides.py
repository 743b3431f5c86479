"""The artist's pictures that guide painting: what a pipeline is called with for them."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.models.follow import load_control
from mint.models.guides import CODED
from mint.models.weights import Guides
from mint.paint.sources import Sources, remember_source
from mint.plan.recipe import Diffusion
from mint.spec.collection import Collection
from mint.spec.guide_pictures import guide_pictures
from mint.spec.guides import Guide
from mint.spec.yaml_source import Source
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.png import Pixels


class Guided(NamedTuple):
    """The pipeline that paints, and what each of its calls has besides words and settings."""

    pipe: Any
    call: dict[str, Any]


def remember_guides(collection: Collection, source: Source, store: Store) -> None:
    """Put the pictures that guide all tokens into the store; raises CollectionError."""
    for pixels in guide_pictures(collection, source).values():
        remember_source(store, pixels)


def guided(pipe: Any, guides: Guides, diffusion: Diffusion, sources: Sources) -> Guided:
    """What paints with `pipe`, a text-to-image pipeline in memory, and these guides.

    `pipe` itself where there is no ControlNet. Raises RenderError.
    """
    call = reference_call(pipe, diffusion, sources)
    if guides.control is None or diffusion.control is None:
        return Guided(pipe, call)
    controlled = load_control(pipe, guides.control, diffusion.dtype)
    control, parameters = diffusion.control, signature(controlled.__call__).parameters
    picture = _tensor(_guide_pixels(control, diffusion, sources), pipe)
    if type(pipe).__name__ in CODED:
        picture = picture * 2 - 1
    key = "control_image" if "control_image" in parameters else "image"
    settings = {
        key: picture,
        "controlnet_conditioning_scale": control.scale,
        "control_guidance_start": control.start,
        "control_guidance_end": control.end,
    }
    return Guided(controlled, call | settings)


def reference_call(pipe: Any, diffusion: Diffusion, sources: Sources) -> dict[str, Any]:
    """The picture whose look is taken, as a pipeline with an IP-Adapter is called with it."""
    if diffusion.reference is None:
        return {}
    from PIL import Image

    names = {"ip_adapter_image": _guide_pixels(diffusion.reference, diffusion, sources)}
    # Where a class looks at a black picture besides, that is prepared in the same way.
    if "negative_ip_adapter_image" in signature(pipe.__call__).parameters:
        names["negative_ip_adapter_image"] = 0 * names["ip_adapter_image"]
    eye = pipe.feature_extractor
    return {
        name: eye(Image.fromarray(pixels), return_tensors="pt").pixel_values
        for name, pixels in names.items()
    }


def _guide_pixels(guide: Guide, diffusion: Diffusion, sources: Sources) -> Pixels:
    assert guide.pixels is not None  # mint.spec.load puts it on record
    return sources.drawn(guide.pixels, (diffusion.width, diffusion.height))


def _tensor(pixels: Pixels, pipe: Any) -> Any:
    """(1, 3, height, width), 0 to 1, on the pipeline's device."""
    import torch

    picture = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].to(pipe._execution_device)
    return picture / 255

"""Models that go on with a picture: each does what diffusers does with the same words and noise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from mint.models.painter import load_pipeline
from mint.models.refiners import PAINTS_OVER, remaining
from mint.models.runtime import import_torch, runtime, set_deterministic
from mint.models.weights import Model
from mint.paint.paint_over import smaller
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.paint.sources import NOTHING, Sources
from mint.plan.recipe import Diffusion, Recipe, Start
from mint.spec.collection import DETAIL, EMBEDDED
from mint.spec.refiner import Refiner
from tests.families import FAMILIES

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Folder = Callable[[str], Path]
ENLARGING = "deepfloyd-upscale"
IF: dict[str, Any] = {"model": ENLARGING, "width": 128, "height": 128}
SDXL: dict[str, Any] = {"model": "sdxl-refiner", "at": 0.5}
# Of PAINTS_OVER; SDXL's refiner is its own, and tested besides.
OVER = ("sd", "sdxl", "lcm", "sd3", "flux", "qwen-image", "z-image", "deepfloyd")


def diffusion(*refiners: dict[str, Any], dtype: str = "float32") -> Diffusion:
    return Diffusion(
        model="./it", steps=2, guidance_scale=4, scheduler="default", width=64, height=64,
        dtype=dtype, refiners=tuple(Refiner.model_validate(each) for each in refiners),
    )  # fmt: skip


def renderer(
    family: Folder, painter: str, *refiners: dict[str, Any], dtype: str = "float32"
) -> Renderer:
    whole = model(family(painter), *(family(each["model"]) for each in refiners))
    here = runtime(whole.digest, device="cpu", threads=1, dtype=dtype)
    return diffusers_renderer(whole, diffusion(*refiners, dtype=dtype), here)


def model(painter: Path, *refiners: Path) -> Model:
    return Model(painter, "0" * 64, refiners=tuple(Model(each, "0" * 64) for each in refiners))


def recipe(seed: int = 1, prompt: str = "a blue fox") -> Recipe:
    return Recipe(
        prompt=prompt, negative_prompt="ugly", seed=seed, diffusion=diffusion(), runtime="x"
    )


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


def by_diffusers(family: Folder, name: str, kind: str, **call: Any) -> Any:
    """What the class itself returns for the recipe above, from its words."""
    pipe = load_pipeline(Model(family(name), "0" * 64), diffusion(), kind)
    words = {"prompt": ["a blue fox"], "negative_prompt": ["ugly"], "guidance_scale": 4}
    call = {"num_inference_steps": 2} | call
    torch = import_torch()
    set_deterministic(torch, threads=1)
    with torch.inference_mode():
        return pipe(**words, **call).images


def test_deepfloyd_is_enlarged_as_its_documentation_does(family: Folder) -> None:
    own: dict[str, Any] = {"output_type": "pt", "clean_caption": False}
    own["generator"] = [import_torch().Generator().manual_seed(1)]

    small = by_diffusers(family, "deepfloyd", "IFPipeline", **own)
    large = by_diffusers(
        family, ENLARGING, "IFSuperResolutionPipeline",
        image=small, width=128, height=128, **own,
    )  # fmt: skip

    (picture,) = renderer(family, "deepfloyd", IF)([recipe()])
    assert same(picture, pixels(large / 2 + 0.5))
    assert picture.shape == (128, 128, 3)


def test_sdxl_hands_its_latents_over_as_its_documentation_does(family: Folder) -> None:
    own = {"generator": [import_torch().Generator().manual_seed(1)]}

    latents = by_diffusers(
        family, "sdxl", "StableDiffusionXLPipeline",
        width=64, height=64, denoising_end=0.5, output_type="latent", **own,
    )  # fmt: skip
    refined = by_diffusers(
        family, "sdxl-refiner", "StableDiffusionXLImg2ImgPipeline",
        image=latents, denoising_start=0.5, output_type="pt", **own,
    )  # fmt: skip

    (picture,) = renderer(family, "sdxl", SDXL)([recipe()])
    assert same(picture, pixels(refined))
    assert not same(picture, renderer(family, "sdxl")([recipe()])[0])


def pixels(images: Any) -> Any:
    return images[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
@pytest.mark.parametrize(("painter", "refiner"), [("deepfloyd", IF), ("sdxl", SDXL)])
def test_neither_neighbours_nor_slot_change_a_pixel(
    family: Folder, painter: str, refiner: dict[str, Any], dtype: str
) -> None:
    # A stage that enlarges to the same size, in one step: float64 takes its time.
    small = {"width": 64, "height": 64, "steps": 1} if "width" in refiner else {}
    paint = renderer(family, painter, refiner | small, dtype=dtype)
    first = paint([recipe(), recipe(2, "a cat in a very long hat")])[0]

    assert same(first, paint([recipe(3, "it"), recipe()])[1])
    if dtype == "float64":
        assert same(first, paint([recipe()])[0])


@pytest.mark.parametrize("name", OVER)
def test_a_painter_paints_over(family: Folder, name: str) -> None:
    before = renderer(family, "sd")([recipe()])[0]
    paint = renderer(family, "sd", {"model": name, "at": 0.5})
    refined = paint([recipe()])[0]

    assert refined.shape == before.shape
    assert not same(refined, before)
    assert not same(refined, paint([recipe(prompt="a green cat")])[0])


def test_a_larger_picture_is_painted_over_as_by_hand(family: Folder) -> None:
    """Made larger, and then what diffusers' image-to-image does of it with the same noise."""
    torch = import_torch()
    generator = [torch.Generator().manual_seed(1)]
    small = by_diffusers(
        family, "sd", "StableDiffusionPipeline", output_type="pt", generator=generator,
        width=64, height=64,
    )  # fmt: skip
    large = torch.nn.functional.interpolate(small, (128, 128), mode="bicubic").clamp(0, 1)
    over = by_diffusers(
        family, "sd", "StableDiffusionImg2ImgPipeline", output_type="pt", generator=generator,
        image=large, strength=0.5,
    )  # fmt: skip

    refiner = {"model": "sd", "at": 0.5, "width": 128, "height": 128}
    paint = renderer(family, "sd", refiner)

    assert same(paint([recipe()])[0], pixels(over))
    exact = renderer(family, "sd", refiner, dtype="float64")
    assert same(exact([recipe()])[0], exact([recipe(3, "it"), recipe()])[1])


def test_what_begins_with_a_picture_is_reduced_painted_over_and_refined_as_by_hand(
    family: Folder,
) -> None:
    torch = import_torch()
    drawing = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    means = smaller(drawing, (64, 64))
    begin = torch.from_numpy(means.copy()).permute(2, 0, 1)[None] / 255
    generator = [torch.Generator().manual_seed(1)]
    over = "StableDiffusionImg2ImgPipeline"
    own: dict[str, Any] = {"output_type": "pt", "generator": generator, "strength": 0.5}
    small = by_diffusers(family, "sd", over, image=begin, num_inference_steps=4, **own)
    large = torch.nn.functional.interpolate(small, (128, 128), mode="bicubic").clamp(0, 1)
    refined = by_diffusers(family, "sd", over, image=large, **own)

    refiner = {"model": "sd", "at": 0.5, "width": 128, "height": 128}
    whole = model(family("sd"), family("sd"))
    here = runtime(whole.digest, device="cpu", threads=1, dtype="float32")
    sources = Sources(NOTHING.painted, lambda digest, size: drawing)
    paint = diffusers_renderer(whole, diffusion(refiner), here, sources)
    start = Start(picture="0" * 64, strength=0.5)

    (picture,) = paint([recipe().model_copy(update={"start": start})])
    assert same(picture, pixels(refined))


def test_atelier_paints_over_its_own_pictures_at_twice_the_size() -> None:
    """What is drawn stays where it is; lines are drawn anew."""
    refiner = Refiner(model="atelier-detail", at=0.6, width=512, height=512)
    plain = diffusion().model_copy(update={
        "model": "atelier", "width": 256, "height": 256, "steps": 5, "scheduler": "dpm++",
    })  # fmt: skip
    here = runtime("0" * 64, device="cpu", threads=1)
    words = recipe(prompt="a orange fox, happy eyes, smile, no hat, scarf, blue plain background")

    def opened(diffusion: Diffusion, *refiners: Path) -> Renderer:
        return diffusers_renderer(model(EMBEDDED["atelier"], *refiners), diffusion, here)

    small = opened(plain)([words])[0]
    both = opened(plain.model_copy(update={"refiners": (refiner,)}), DETAIL["atelier-detail"])
    large = both([words, recipe(2, "a cat")])[0]
    assert same(large, both([words, recipe(3, "a blue frog, crown")])[0])

    assert large.shape == (512, 512, 3)
    again = large.reshape(256, 2, 256, 2, 3).mean((1, 3))
    assert np.abs(again - small).mean() < 20
    soft = np.asarray(Image.fromarray(small).resize((512, 512), Image.Resampling.BICUBIC))
    assert steepness(large) > 1.1 * steepness(soft)


def steepness(picture: Pixels) -> float:
    """How much neighbours differ where they differ most, in one place of a hundred."""
    return float(np.percentile(np.abs(np.diff(picture.astype(np.int64), axis=0)), 99))


def test_a_refiner_of_sdxl_that_enlarges_first_gets_a_picture(family: Folder) -> None:
    paint = renderer(family, "sdxl", SDXL | {"width": 128, "height": 128})

    assert paint([recipe()])[0].shape == (128, 128, 3)


def test_each_class_that_paints_over_is_tested(family: Folder) -> None:
    tested = {name: json.loads((family(name) / "model_index.json").read_bytes()) for name in OVER}
    classes = {index["_class_name"] for index in tested.values()}

    assert classes | {"StableDiffusionXLImg2ImgPipeline"} == set(PAINTS_OVER)
    assert set(OVER) <= set(FAMILIES)


def test_from_three_stages_comes_the_last_ones_size(family: Folder) -> None:
    then = {"model": "sd-upscale", "width": 256, "height": 256}
    paint = renderer(family, "deepfloyd", IF | {"width": 64, "height": 64}, then)

    assert paint([recipe()])[0].shape == (256, 256, 3)


def test_a_stage_without_text_encoder_reads_by_the_first(family: Folder, tmp_path: Path) -> None:
    # Both have the same T5, as DeepFloyd's stages do.
    bare = Path(shutil.copytree(family(ENLARGING), tmp_path / "bare"))
    index = json.loads((bare / "model_index.json").read_bytes())
    for part in ("text_encoder", "tokenizer"):
        shutil.rmtree(bare / part)
        index[part] = [None, None]
    (bare / "model_index.json").write_text(json.dumps(index))
    here = runtime("0" * 64, device="cpu", threads=1)

    paint = diffusers_renderer(model(family("deepfloyd"), bare), diffusion(IF), here)

    assert same(paint([recipe()])[0], renderer(family, "deepfloyd", IF)([recipe()])[0])


def test_the_last_part_is_counted_without_a_roundings_loss() -> None:
    assert [remaining(5, at) for at in (0, 0.2, 0.6, 0.8, 0.81)] == [5, 4, 2, 1, 0]
    assert remaining(10, 0.8) == 2  # 10 * (1 - 0.8) is 1.9999999999999996

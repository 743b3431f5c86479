"""Pictures from real diffusion models: atelier, and small random ones of other families."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mint.errors import RenderError
from mint.models.painter import SCHEDULERS
from mint.models.runtime import CODE, LIBRARIES, runtime
from mint.models.weights import Model, refuse_pickles
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.spec.collection import ATELIER
from tests.families import unets

if TYPE_CHECKING:
    from mint.paint.png import Pixels

PIPELINE = ATELIER / "pipeline"
PLAIN = Diffusion(
    model="atelier", steps=2, guidance_scale=1, scheduler="dpm++",
    width=64, height=64, dtype="float32",
)  # fmt: skip


def recipe(seed: int = 1, prompt: str = "a blue fox, crown", negative: str = "") -> Recipe:
    return Recipe(
        prompt=prompt, negative_prompt=negative, seed=seed, slot=0, diffusion=PLAIN, runtime="x"
    )


def renderer(folder: Path = PIPELINE, **changes: Any) -> Renderer:
    here, settings = runtime("0" * 64, device="cpu", threads=1), PLAIN.model_copy(update=changes)
    paint = diffusers_renderer(Model(folder, here.weights), settings, here)
    return lambda batch: paint([r.model_copy(update={"diffusion": settings}) for r in batch])


@pytest.fixture(scope="module")
def paint() -> Renderer:
    return renderer()


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


def others(seed: int) -> list[Recipe]:
    return [recipe(seed + i, f"a {b} {s}") for i, (b, s) in enumerate(zip(*OTHERS, strict=True))]


OTHERS = (["pink", "green", "white"], ["bear", "cat", "robot"])


def test_pictures_are_rgb_rows_that_show_something(paint: Renderer) -> None:
    pictures = paint([recipe(), *others(5)])

    assert [(p.shape, p.dtype.name) for p in pictures] == [((64, 64, 3), "uint8")] * 4
    assert all(p.flags.c_contiguous for p in pictures)  # their bytes are hashed as they lie
    assert all(p.std() > 8 for p in pictures)


def test_one_recipe_is_one_picture_however_often_it_is_painted(paint: Renderer) -> None:
    first = paint([recipe()] * 4)

    assert all(same(first[0], picture) for picture in (*first, *paint([recipe()] * 4)))
    assert same(first[0], renderer()([recipe()] * 4)[0])


@pytest.mark.parametrize("slot", range(4))
def test_neither_neighbours_nor_padding_nor_slot_change_a_pixel(paint: Renderer, slot: int) -> None:
    alone = paint([recipe()] * 4)[0]
    company = others(7)
    company.insert(slot, recipe())

    assert same(alone, paint(company)[slot])


@pytest.mark.parametrize("scheduler", ["default", "euler-ancestral", "lcm"])
def test_noise_that_is_added_on_the_way_is_the_tokens_own(scheduler: str) -> None:
    paint = renderer(scheduler=scheduler, steps=3)

    assert same(paint([recipe(), *others(5)])[0], paint([recipe(), *others(50)])[0])


def test_every_scheduler_paints_its_own_picture() -> None:
    pictures = {name: renderer(scheduler=name, steps=3)([recipe()] * 4)[0] for name in SCHEDULERS}

    for one, other in itertools.combinations(pictures, 2):
        assert not same(pictures[one], pictures[other]), f"{one} paints what {other} does"
    assert all(picture.std() > 8 for picture in pictures.values())


def test_the_models_own_scheduler_is_the_default() -> None:
    assert same(
        renderer(scheduler="default")([recipe()] * 4)[0],
        renderer(scheduler="ddim")([recipe()] * 4)[0],
    )


CHANGES: list[tuple[str, dict[str, Any], Recipe]] = [
    ("seed", {}, recipe(seed=2)),
    ("a 53-bit seed", {}, recipe(seed=2**53 - 1)),
    ("prompt", {}, recipe(prompt="a blue fox, cap")),
    ("steps", {"steps": 3}, recipe()),
    ("guidance", {"guidance_scale": 4}, recipe()),
    ("dtype", {"dtype": "bfloat16"}, recipe()),
]


@pytest.mark.parametrize(
    ("changes", "changed"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_what_stands_in_the_recipe_changes_the_picture(
    paint: Renderer, changes: dict[str, Any], changed: Recipe
) -> None:
    before, after = paint([recipe()] * 4)[0], renderer(**changes)([changed] * 4)[0]

    assert not same(before, after)


def test_a_negative_prompt_works_from_guidance_one_upwards(paint: Renderer) -> None:
    guided = renderer(guidance_scale=4)
    negative = recipe(negative="crown, yellow background")

    assert not same(guided([recipe()] * 4)[0], guided([negative] * 4)[0])
    assert same(paint([recipe()] * 4)[0], paint([negative] * 4)[0])


def test_width_is_not_height() -> None:
    (picture,) = renderer(width=96, height=64)([recipe()])

    assert picture.shape == (64, 96, 3)


@pytest.mark.parametrize("family", [unets.stable_diffusion, unets.stable_diffusion_xl])
@pytest.mark.parametrize("guidance", [1, 5])
def test_other_families_are_painted_by_the_same_code(
    tmp_path: Path, family: Callable[[Path], Path], guidance: float
) -> None:
    paint = renderer(family(tmp_path / "model"), guidance_scale=guidance, width=64, height=80)

    one, other = (paint([recipe(), *others(seed)]) for seed in (5, 50))

    assert one[0].shape == (80, 64, 3)
    assert same(one[0], other[0])
    assert not same(one[1], other[1])


def test_nan_is_refused(tmp_path: Path) -> None:
    paint = renderer(unets.stable_diffusion(tmp_path / "model", broken=True))

    with pytest.raises(RenderError, match="NaN") as caught:
        paint([recipe()] * 4)

    assert "image.dtype" in caught.value.hint


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


def scramble(path: Path) -> None:
    path.write_text("{not json")


def lose(path: Path) -> None:
    """Save the weights again, all but one."""
    from safetensors.numpy import load_file, save_file

    weights = load_file(path)
    del weights[max(name for name in weights if name.endswith("weight"))]
    save_file(weights, path, metadata={"format": "pt"})


SPOILT: Sequence[tuple[str, Callable[[Path], None]]] = [
    ("unet/diffusion_pytorch_model.safetensors", cut),
    ("text_encoder/model.safetensors", cut),
    ("vae/diffusion_pytorch_model.safetensors", Path.unlink),
    ("unet", shutil.rmtree),
    ("tokenizer", shutil.rmtree),
    ("tokenizer/tokenizer.json", Path.unlink),
    ("scheduler/scheduler_config.json", Path.unlink),
    ("model_index.json", scramble),
    ("vae/config.json", scramble),
    ("unet/diffusion_pytorch_model.safetensors", lose),
    ("vae/diffusion_pytorch_model.safetensors", lose),
    ("text_encoder/model.safetensors", lose),
    ("tokenizer/tokenizer.json", scramble),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Atelier's pipeline, to be spoilt."""
    shutil.copytree(PIPELINE, tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize(("part", "spoil"), SPOILT)
def test_spoilt_models_are_refused(copy: Path, part: str, spoil: Callable[[Path], None]) -> None:
    spoil(copy / part)

    with pytest.raises(RenderError, match="cannot be loaded") as caught:
        renderer(copy)

    assert str(copy) in str(caught.value)
    assert "fetch the model again" in caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["text_encoder", "text_encoder_2"])
def test_a_weight_that_would_be_made_up_is_named(tmp_path: Path, part: str) -> None:
    folder = unets.stable_diffusion_xl(tmp_path / "model")
    lose(folder / part / "model.safetensors")

    with pytest.raises(RenderError, match=rf"{part} lacks 1 of its weights, such as [\w.]+weight"):
        renderer(folder)


@pytest.mark.parametrize("suffix", [".bin", ".ckpt", ".pt"])
def test_pickles_are_never_opened(copy: Path, suffix: str) -> None:
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    pickled = weights.with_suffix(suffix)
    pickled.write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    refuse_pickles(copy)  # beside safetensors it is simply not read
    assert len(renderer(copy)([recipe()] * 4)) == 4
    weights.unlink()

    with pytest.raises(RenderError, match="can run any code") as caught:
        refuse_pickles(copy)

    assert str(pickled) in str(caught.value)
    with pytest.raises(RenderError):
        renderer(copy)
    assert not Path("owned").exists()


def test_a_runtime_says_all_that_could_move_a_pixel() -> None:
    here = runtime("w", device="cpu")

    assert here.weights == "w"
    assert str(here.device).startswith("cpu ")
    assert (here.threads or 0) >= 1
    assert set(here.libraries) == set(LIBRARIES)
    assert runtime("w", device="cpu", threads=3).threads == 3


def test_in_float64_the_machine_is_not_on_record() -> None:
    here = runtime("w", device="cpu", threads=3, batch=4, dtype="float64")

    assert here == Runtime(weights="w", libraries=here.libraries, code=CODE)
    assert set(here.libraries) == {"diffusers", "transformers"}


@pytest.mark.parametrize(
    ("part", "number", "dtype", "says", "remedy"),
    [
        ("to", 1, "float32", "the model does not fit into the GPU's memory", "dtype bfloat16"),
        ("__call__", 1, "float32", "painting a picture of 64x64", "smaller, or use dtype bfloat16"),
        ("__call__", 2, "bfloat16", "painting 2 pictures of 64x64", "lower image.batch"),
    ],
)
def test_a_gpu_that_is_too_small_is_named(
    part: str, number: int, dtype: str, says: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from diffusers import StableDiffusionPipeline

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")

    monkeypatch.setattr(StableDiffusionPipeline, part, full)
    with pytest.raises(RenderError, match=says) as caught:
        renderer(dtype=dtype)([recipe()] * number)
    assert caught.value.hint.startswith(("try", "make it", "lower"))
    assert remedy in caught.value.hint
    assert ("bfloat16" in caught.value.hint) == (dtype == "float32")

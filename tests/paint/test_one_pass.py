"""GANs and VAEs as painters: their pixels, and a whole collection painted by them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from mint.check import preflight
from mint.errors import CollectionError, RenderError
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.render import open_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.verify.verify import prove
from tests import small_models
from tests.builds import painted, run
from tests.conftest import edit

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Kind = Literal["gan", "vae"]
Open = Callable[..., Renderer]
DIFFUSION = Diffusion(
    model="./it", steps=20, guidance_scale=3, scheduler="default", width=64, height=64,
    dtype="float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    """A GAN that ends in a decoder, and a VAE without one."""
    home = tmp_path_factory.mktemp("models")
    return {
        "gan": small_models.generator(home / "gan", "gan"),
        "vae": small_models.generator(home / "vae", "vae", decoder=False),
    }


@pytest.fixture(scope="module")
def renderer(folders: dict[Kind, Path]) -> Open:
    @cache
    def load(kind: Kind, dtype: str = "float32", width: int = 64) -> Renderer:
        here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
        settings = DIFFUSION.model_copy(update={"dtype": dtype, "width": width})
        return open_renderer(Model(folders[kind], "0" * 64), settings, here)

    return load


def recipe(seed: int = 1, prompt: str = "a blue fox, crown, round eyes") -> Recipe:
    return Recipe(prompt=prompt, negative_prompt="", seed=seed, diffusion=DIFFUSION, runtime="x")


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


BEAR, CAT = recipe(2, "an orange bear"), recipe(3, "a white cat, cap, sleepy eyes")


@pytest.mark.parametrize("kind", ["gan", "vae"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_picture_is_its_recipes_own(kind: Kind, dtype: str, renderer: Open) -> None:
    paint = renderer(kind, dtype)
    first = paint([recipe(), BEAR, recipe(4), CAT])[0]

    assert (first.shape, first.dtype.name) == ((64, 64, 3), "uint8")
    assert first.flags.c_contiguous
    assert first.std() > 8
    assert same(first, paint([CAT, recipe(5), recipe(), BEAR])[2])
    for other in (recipe(2), recipe(prompt="a blue cat, crown, round eyes"), recipe(2**53 - 1)):
        assert not same(first, paint([other, BEAR, recipe(4), CAT])[0])


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_in_float64_a_batch_changes_nothing(kind: Kind, renderer: Open) -> None:
    paint = renderer(kind, "float64")

    assert same(paint([recipe()])[0], paint([BEAR, CAT, recipe(), recipe(4)])[2])


def test_words_in_no_list_change_nothing_and_the_seed_says_what_the_prompt_does_not(
    renderer: Open,
) -> None:
    paint = renderer("gan", "float64")
    eyes = [f"a blue fox, crown, {kind} eyes" for kind in ("round", "sleepy")]

    def picture(prompt: str, seed: int = 1) -> Pixels:
        return paint([recipe(seed, prompt)])[0]

    assert same(picture(eyes[0]), picture("oil painting of " + eyes[0] + " by moonlight"))
    assert same(picture("a blue fox"), picture("a blue fox, no hat"))
    chosen = [
        [same(picture("a blue fox, crown", seed), picture(said, seed)) for said in eyes]
        for seed in range(8)
    ]
    assert all(sum(each) == 1 for each in chosen)
    assert len(set(map(tuple, chosen))) == 2


def test_another_size_is_refused(renderer: Open) -> None:
    with pytest.raises(RenderError, match="paints 64 x 64 pixels and no other size") as refused:
        renderer("gan", width=128)
    assert "width: 64" in refused.value.hint


def painted_by(folder: Path, tiny: Path, dtype: str) -> Path:
    """collections/tiny, painted by the generator in `folder`."""
    shutil.copytree(folder, tiny.parent / "model")
    keys = "  steps: 2\n  guidance_scale: 1\n  scheduler: dpm++\n"
    edit(tiny, keys, f"  model: ./model\n  dtype: {dtype}\n")
    return tiny


@pytest.mark.parametrize(("kind", "dtype"), [("gan", "float64"), ("vae", "float32")])
def test_a_collection_is_checked_built_and_verified(
    kind: Kind, dtype: str, folders: dict[Kind, Path], tiny: Path
) -> None:
    file = painted_by(folders[kind], tiny, dtype)
    edit(file, "  batch: 2\n", "")

    lines = list(preflight(file))
    manifest, news, _ = run(file, until="publish")
    again, later, _ = run(file, until="publish")
    sentences = list(prove(str(file), sample=6, network=None, environ={}))

    assert "painting    about 2 seconds" in "\n".join(lines)
    assert (painted(news), painted(later)) == (6, 0)
    assert again == manifest
    assert sum("every pixel is equal" in sentence for sentence in sentences) == 6


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("steps: 20", "a GAN paints in one pass, and takes no steps"),
        ("guidance_scale: 3", "takes no guidance_scale"),
        ("negative_prompt: text", "takes no negative_prompt"),
        ("scheduler: euler", "takes no scheduler"),
        ("refiners: [{model: ./model}]", "takes no refiners"),
    ],
)
def test_a_key_that_it_cannot_honour_is_refused(
    line: str, message: str, folders: dict[Kind, Path], tiny: Path
) -> None:
    file = painted_by(folders["gan"], tiny, "float32")
    edit(file, "  batch: 2\n", f"  batch: 2\n  {line}\n")

    with pytest.raises(CollectionError, match=message) as refused:
        list(preflight(file))
    assert f":14:{5 + line.index(':')}: " in str(refused.value)


def test_a_size_that_it_does_not_paint_is_refused_with_its_place(
    folders: dict[Kind, Path], tiny: Path
) -> None:
    file = painted_by(folders["gan"], tiny, "float32")
    edit(file, "  width: 64", "  width: 128")

    with pytest.raises(CollectionError, match="this GAN paints 64 x 64 pixels") as refused:
        list(preflight(file))
    assert ":11:10: " in str(refused.value)

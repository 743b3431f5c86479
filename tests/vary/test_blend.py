"""mint blend: children of two pictures, by the noise and the words of both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.curate.decisions import Keep
from mint.curate.decisions_file import change
from mint.errors import CollectionError, RenderError
from mint.models.beginnings import BLENDS
from mint.models.families import FAMILIES as CLASSES
from mint.models.families import class_name
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.blend import slerp
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.plan.blend import Blend, Strand
from mint.plan.recipe import Diffusion, Recipe
from mint.record.folders import folders_of
from mint.retouch.easel import open_easel
from mint.spec.load import load
from mint.vary.blend import Mixtures, Named, blend, named
from mint.vary.proofs import Proof
from tests.builds import painted, run
from tests.commands import mint
from tests.vary.conftest import proved_to_a_stranger

MIXING = ("sd", "sdxl", "lcm", "sd3")
CANNOT = ("flux", "pixart", "z-image", "kandinsky")
News = list[tuple[str, int, int]]


def blended(file: Path, how: Mixtures) -> tuple[list[Proof], int]:
    """Also how many pictures were painted."""
    progress: News = []
    with open_easel(file, lambda *news: None, masked=False) as easel:
        proofs = blend(easel, how, lambda *news: progress.append(news))[1]
    return proofs, painted(progress)  # type: ignore[arg-type]  # a step is a literal


def test_children_are_painted_once_chosen_and_proved(kin: Path, tmp_path: Path) -> None:
    how = Mixtures(Named(1), Named(2), 3, number=2)
    proofs, number = blended(kin, how)
    assert [proof.edit.attempt for proof in proofs] == [1000, 1001]
    assert [proof.edit.blend.share for proof in proofs if proof.edit.blend] == [0.5, 0.4]
    assert number == 2
    assert blended(kin, how) == (proofs, 0)
    more, number = blended(kin, how._replace(number=1, more=True))
    assert ([p.edit.blend.share for p in more if p.edit.blend], number) == ([0.5, 0.4, 0.6], 1)

    change(kin, lambda d: d.with_decision(Keep(token=3, attempt=1001)))
    manifest, progress, _ = run(kin, until="publish")
    assert painted(progress) == 0
    token = manifest.tokens[2]
    parents = [manifest.tokens[i].recipe for i in (0, 1)]
    assert token.recipe.blend is not None
    strands = [token.recipe.blend.first, token.recipe.blend.second]
    assert [(s.prompt, s.seed) for s in strands] == [(p.prompt, p.seed) for p in parents]
    names = sorted(p.name for p in (folders_of(kin, load(kin)[0]).out / "attempts").glob("3-*"))
    assert names == ["3-0.png", "3-1000.png", "3-1002.png"]
    claimed, lines = proved_to_a_stranger(kin, tmp_path)
    assert claimed.tokens[2].recipe == token.recipe
    assert "token 3 painted again: every pixel is equal" in lines

    with pytest.raises(CollectionError, match="attempt 1001 of token 3 is an edit"):
        blended(kin, Mixtures(Named(3), Named(2), 3))


def test_the_command(kin: Path) -> None:
    done = mint("blend", str(kin), "1", "2:0", "--for", "3", "--count", "1", "--share", "0.7")
    assert done.stdout.startswith("attempt 1000  blend of token 1 and token 2, share 0.7\n")
    assert (kin.parent / "build" / "kin" / "blend" / "3.png").exists()
    mint("blend", str(kin), "1", code=2)
    assert "cannot be mixed with itself" in mint("blend", str(kin), "1", "1", code=1).stderr
    assert '"x" is no token' in mint("blend", str(kin), "1", "x", code=1).stderr
    assert "there is no token 9" in mint("blend", str(kin), "1", "9", code=1).stderr
    (kin.parent / "decisions.yaml").write_text(
        "keep:\n  1: {attempt: 1000}\nedit:\n  - {token: 1, attempt: 1000, of: 0, strength: 0.3, "
        "blend: {first: {token: 1, attempt: 0}, second: {token: 8, attempt: 0}, share: 0.5}}\n"
    )
    refused = mint("build", str(kin), "--until", "publish", code=1).stderr
    assert "it is mixed from a token 8, and there is none" in refused


@pytest.mark.parametrize("text", ["", "-1", "3:", ":1", "1:2:3", "x", "3:x"])
def test_no_token(text: str) -> None:
    with pytest.raises(CollectionError, match="is no token"):
        named(text)


def test_slerp_stays_on_the_sphere() -> None:
    import torch

    one, other = (torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    half = slerp(torch, one, other, 0.5)
    assert half.dtype == torch.float64
    assert abs(float(half.norm()) / float(one.norm() + other.norm()) * 2 - 1) < 0.02
    assert float((one + other).norm()) / 2 < 0.8 * float(half.norm())  # a straight line leaves it
    assert torch.allclose(slerp(torch, one, other, 0.0), one.double())
    assert torch.allclose(slerp(torch, one, other, 1.0), other.double())
    assert torch.equal(slerp(torch, one, one, 0.3), one.double())


def recipe(dtype: str, seed: int, prompt: str) -> Recipe:
    settings = Diffusion(
        model="./it", steps=2, guidance_scale=4, scheduler="default", width=64, height=64,
        dtype=dtype,
    )  # fmt: skip
    return Recipe(prompt=prompt, negative_prompt="", seed=seed, diffusion=settings, runtime="x")


def painter(folder: Path, dtype: str) -> Renderer:
    here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
    return diffusers_renderer(Model(folder, "0" * 64), recipe(dtype, 1, "").diffusion, here)


def mixture(first: Recipe, second: Recipe, share: float = 0.5, own: float = 0.3) -> Recipe:
    strands = (Strand(prompt=each.prompt, seed=each.seed) for each in (first, second))
    mixed = Blend(first=next(strands), second=next(strands), share=share, own=own)
    return first.model_copy(update={"prompt": "both", "seed": 99, "blend": mixed})


@pytest.mark.parametrize("name", MIXING)
def test_every_family_that_mixes_begins_with_the_noise_that_it_draws(
    name: str, family: Callable[[str], Path]
) -> None:
    """What is mixed with itself is itself, to the bit; with another, neither of both."""
    dtype = "float64" if name == "sd" else "float32"
    paint = painter(family(name), dtype)
    first, second = recipe(dtype, 1, "a fox"), recipe(dtype, 2, "a gray cat")
    one, other = (paint([each])[0] for each in (first, second))
    # Of its own seed it takes what schedulers draw on the way.
    (same,) = paint([mixture(first, first, own=0).model_copy(update={"seed": first.seed})])
    assert np.array_equal(same, one)
    child = mixture(first, second)
    (mixed,) = paint([child])
    assert not np.array_equal(mixed, one)
    assert not np.array_equal(mixed, other)
    assert np.array_equal(paint([child])[0], mixed)
    (sibling,) = paint([child.model_copy(update={"seed": 98})])
    assert not np.array_equal(sibling, mixed)


@pytest.mark.parametrize("name", CANNOT)
def test_a_family_that_cannot_mix_says_so(name: str, family: Callable[[str], Path]) -> None:
    paint = painter(family(name), "float32")
    one = recipe("float32", 1, "a fox")
    with pytest.raises(RenderError, match="cannot mix two pictures"):
        paint([mixture(one, one)])


def test_the_list_names_the_families_that_are_tested(family: Callable[[str], Path]) -> None:
    assert {class_name(family(name)) for name in MIXING} == {*BLENDS}
    assert {*BLENDS} <= CLASSES.keys()

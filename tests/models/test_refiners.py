"""What cannot go on with a picture is refused with its place, before anything is painted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.check import preflight
from mint.errors import CollectionError
from mint.models.find import find_painter
from mint.models.weights import Files
from mint.plan.recipe import diffusion
from mint.spec.adapters import Embedding
from mint.spec.load import load
from mint.spec.refiner import Refiner
from mint.store import Store
from tests.conftest import edit
from tests.families.parts import WIDTH
from tests.single_files import inversion


def refining(tiny: Path, kind: str, keys: str) -> Path:
    """collections/tiny with a refiner of a class, of which there is only a name."""
    folder = tiny.parent / "next"
    folder.mkdir()
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    written = f"{{model: ./next{keys and ', ' + keys}}}"
    edit(tiny, "  batch: 2", f"  batch: 2\n  refiners: [{written}]")
    return tiny


IF, X4 = "IFSuperResolutionPipeline", "StableDiffusionUpscalePipeline"
XL = "StableDiffusionXLImg2ImgPipeline"
# Class, its keys, where the mistake is, what is said, what to do.
REFUSED: dict[str, tuple[str, str, str, str, str]] = {
    "no refiner": (
        "KandinskyV22CombinedPipeline", "", "15:22",
        "KandinskyV22Combined cannot go on with a picture", "such as an SDXL refiner",
    ),
    "no size": (IF, "", "15:22", "its size is not in the file", "width: 256 and height: 256"),
    "another size": (
        X4, "width: 128, height: 256", "15:37",
        "it enlarges 4 times, and the picture before has 64", "width: 256 and height: 256",
    ),
    "takes nothing over": (
        IF, "width: 128, height: 128, at: 0.8", "15:59", "begins anew", "leave it out",
    ),
    "another shape": (
        XL, "width: 128, at: 0.5", "15:37", "128 x 64 is not the shape",
        "width: 128 and height: 128",
    ),
    "nothing left": (
        XL, "", "15:22", "of 2 steps none is left after 0.8", "write at: 0.5, or steps: 5",
    ),
    "nothing left of its own": (
        XL, "steps: 3, at: 0.9", "15:44", "of 3 steps none is left after 0.9",
        "write at: 0.66, or steps: 10",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_go_on_is_refused(tiny: Path, case: str) -> None:
    kind, keys, place, message, remedy = REFUSED[case]

    with pytest.raises(CollectionError) as caught:
        list(preflight(refining(tiny, kind, keys)))
    assert f":{place}: " in str(caught.value)
    assert message in str(caught.value)
    assert remedy in caught.value.hint


def test_a_picture_is_not_made_smaller_to_be_painted_over(tiny: Path) -> None:
    refining(tiny, XL, "width: 64, height: 64, at: 0.5")
    edit(tiny, "  width: 64\n  height: 64", "  width: 128\n  height: 128")

    with pytest.raises(CollectionError, match="before has 128, and would lose detail"):
        list(preflight(tiny))


@pytest.mark.parametrize(
    ("kind", "keys", "pictures"),
    [
        (XL, "at: 0.5", "64 x 64, refined to 64 x 64 pixels"),
        (XL, "width: 128, height: 128, at: 0.5", "64 x 64, refined to 128 x 128 pixels"),
        (IF, "width: 128, height: 128", "64 x 64, refined to 128 x 128 pixels"),
    ],
)
def test_mint_check_says_how_large_pictures_become(
    tiny: Path, kind: str, keys: str, pictures: str
) -> None:
    assert f"pictures    {pictures}" in list(preflight(refining(tiny, kind, keys)))


def test_what_only_enlarges_paints_nothing(tiny: Path, family: Callable[[str], Path]) -> None:
    edit(tiny, "  batch: 2", f"  batch: 2\n  model: {family('deepfloyd-upscale')}")

    with pytest.raises(CollectionError, match="15:10: this model enlarges") as caught:
        list(preflight(tiny))
    assert "refiners" in caught.value.hint


@pytest.mark.parametrize(
    ("side", "keys", "says", "remedy"),
    [
        (64, "at: 0.5", "what a larger picture has room for", "write width: 512 and height: 512"),
        (
            512, "at: 0.5, width: 512, height: 512", "what a larger picture has room for",
            "write width: 256 and height: 256 under image, and here width: 512 and height: 512",
        ),
        (256, "at: 0.3, width: 512, height: 512", "cannot take over before 0.5", "write at: 0.5"),
        (
            256, "steps: 1, at: 0.6, width: 512, height: 512", "of 1 step none is left after 0.6",
            "write steps: 3",
        ),
    ],
)  # fmt: skip
def test_atelier_detail_does_only_what_it_learned(
    tiny: Path, side: int, keys: str, says: str, remedy: str
) -> None:
    edit(tiny, "  width: 64", f"  width: {side}")
    edit(tiny, "  height: 64", f"  height: {side}")
    edit(tiny, "  batch: 2", f"  batch: 2\n  refiners: [{{model: atelier-detail, {keys}}}]")

    with pytest.raises(CollectionError, match=says) as caught:
        list(preflight(tiny))

    assert caught.value.hint.startswith(remedy)


def test_what_goes_on_with_pictures_paints_none_itself(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  model: atelier-detail")

    with pytest.raises(CollectionError, match="15:10: this model goes on with a picture") as caught:
        list(preflight(tiny))
    assert "`atelier`" in caught.value.hint


def test_a_hub_model_needs_its_commit(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  refiners: [{model: org/refiner}]")

    with pytest.raises(CollectionError, match=r'15:22: the hub model "org/refiner" is not pinned'):
        load(tiny)


def test_its_weights_are_in_the_painters_fingerprint(
    tiny: Path, family: Callable[[str], Path]
) -> None:
    alone, store = load(tiny)[0].image, Store(tiny.parent / ".mint")
    digests = {find_painter(alone, tiny, store).digest}
    for name in ("sdxl", "sdxl-refiner"):
        image = alone.model_copy(update={"refiners": (Refiner(model=str(family(name))),)})
        painter = find_painter(image, tiny, store)
        assert [each.path for each in painter.refiners] == [family(name)]
        assert painter.digests == {str(family(name)): painter.refiners[0].digest}
        digests.add(painter.digest)

    assert len(digests) == 3


def test_a_refiner_of_the_painters_own_folder_learns_what_the_painter_does(
    tiny: Path, family: Callable[[str], Path]
) -> None:
    style = inversion(tiny.parent / "style.safetensors", WIDTH)
    store, here = Store(tiny.parent / ".mint"), {"model": str(family("sd"))}
    refiners = (Refiner(model=here["model"]), Refiner(model=str(family("sdxl-refiner"))))
    image = load(tiny)[0].image.model_copy(update=here | {"refiners": refiners})
    plain = find_painter(image, tiny, store)
    embeddings = (Embedding(file=style.name, token="<mine>"),)
    painter = find_painter(image.model_copy(update={"embeddings": embeddings}), tiny, store)

    own, other = painter.refiners
    assert own.files == Files(embeddings=((style, "<mine>"),))
    assert own.digest != plain.refiners[0].digest
    assert other == plain.refiners[1]


def test_without_refiners_a_record_says_nothing_of_them(tiny: Path) -> None:
    collection, _ = load(tiny)

    assert b"refiners" not in collection.canonical()
    assert b"refiners" not in diffusion(collection).canonical()

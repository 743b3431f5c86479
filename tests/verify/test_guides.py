"""A collection that goes by pictures: built, resumed, published with them, proved, and forged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from safetensors.torch import load_file, save_file

from mint.check import preflight
from mint.errors import CollectionError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.walk import read_path
from mint.models.find import find_painter
from mint.models.machines import painting_runtime
from mint.plan.recipe import candidate, painter, sources_of
from mint.plan.tokens import plan
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.store import Store
from mint.verify.plan import check_plan
from mint.verify.verify import prove
from tests.builds import painted, run
from tests.families.guides import control_net, disc, ip_adapter


@pytest.fixture(scope="module")
def built(family: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tokens that take a look and follow outlines, built and published."""
    home = tmp_path_factory.mktemp("guided")
    disc(80).save(home / "mood.jpg")
    disc().save(home / "pose.png")
    shutil.copytree(family("sd"), home / "sd")
    ip_adapter(home / "ip", family("sd"))
    control_net(home / "net", family("sd"))
    image = {
        "model": "./sd", "prompt": "a {Body} fox", "steps": 2, "width": 64, "height": 64,
        "batch": 2, "dtype": "float32",
        "reference": {"file": "mood.jpg", "model": "./ip", "weights": "adapter.safetensors"},
        "control": {"file": "pose.png", "model": "./net", "kind": "edges", "end": 0.5},
    }  # fmt: skip
    text = {
        "name": "Guided", "symbol": "GUI", "description": "Moody foxes.", "supply": 3, "seed": 1,
        "image": image, "traits": {"Body": {"red": 1, "blue": 1, "old": 1}},
        "dedup": {"threshold": 1}, "truth": {"judge": "off"},
    }  # fmt: skip
    file = home / "collection.yaml"
    file.write_text(yaml.safe_dump(text, sort_keys=False))
    run(file, until="publish")
    return file


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """The same, for a test to change."""
    shutil.copytree(built.parent, tmp_path / "guided", symlinks=True)
    return tmp_path / "guided" / "collection.yaml"


def manifest_of(file: Path) -> Manifest:
    return read_manifest(folders_of(file, load(file)[0]).manifest)


def test_it_is_published_with_its_pictures_and_painted_again_equal(built: Path) -> None:
    manifest = manifest_of(built)
    image = manifest.collection.image
    assert image.reference is not None
    assert image.control is not None
    digests = {image.reference.pixels, image.control.pixels}
    assert all(set(sources_of(token.recipe)) == digests for token in manifest.tokens)

    lines = list(prove(str(built), sample=3, network=None, environ={}))

    equal = [line for line in lines if "painted again: every pixel is equal" in line]
    assert len(equal) == 3
    assert any("holds nothing else" in line for line in lines)
    car = open_car(folders_of(built, manifest.collection).car)
    for digest in digests:
        assert read_path(car.block, car.root, f"sources/{digest}.png")
    car.close()


def test_the_second_build_paints_nothing(built: Path) -> None:
    before = manifest_of(built)

    again, progress, _ = run(built, until="publish")

    assert painted(progress) == 0
    assert again == before


def test_check_says_what_guides_them(built: Path) -> None:
    lines = "\n".join(preflight(built))

    assert "look        that of mood.jpg, 0.6 by adapter.safetensors (published with" in lines
    assert "follows     edges of pose.png, 1 by ./net, from 0 to 0.5 of the steps (publ" in lines


def test_the_report_names_what_guided_them(built: Path) -> None:
    page = (folders_of(built, load(built)[0]).out / "report" / "index.html").read_text()

    assert "that of mood.jpg, 0.6 by adapter.safetensors" in page
    assert "edges of pose.png, 1 by ./net" in page


def recipes(file: Path) -> set[str]:
    """The digests of the recipes that a build of the file would look for in its store."""
    collection, source = load(file)
    model = find_painter(collection.image, file, Store(file.parent / ".mint"), source)
    here = painter(painting_runtime(collection.image, model, None))
    return {candidate(collection, slot, 0, here).recipe.digest for slot in plan(collection)}


def test_another_picture_or_another_weight_is_another_recipe(copy: Path) -> None:
    before = {token.recipe.digest for token in manifest_of(copy).tokens}
    assert recipes(copy) == before
    disc().transpose(Image.Transpose.ROTATE_90).save(copy.parent / "mood.jpg", quality=50)

    mood = recipes(copy)

    assert len(mood) == 3
    assert not before & mood
    weights = copy.parent / "net" / "diffusion_pytorch_model.safetensors"
    save_file({name: 2 * value for name, value in load_file(weights).items()}, weights)
    assert not mood & recipes(copy)


def test_a_stranger_sees_another_scale_or_picture(built: Path) -> None:
    manifest = manifest_of(built)
    image = manifest.collection.image
    assert image.reference is not None
    assert "3 tokens" in check_plan(manifest)

    for lie in ({"scale": 0.9}, {"pixels": "0" * 64}):
        other = image.model_copy(update={"reference": image.reference.model_copy(update=lie)})
        collection = manifest.collection.model_copy(update={"image": other})
        with pytest.raises(VerifyError, match="its recipe is not what the collection"):
            check_plan(manifest.model_copy(update={"collection": collection}))


def test_a_picture_that_was_removed_is_said_at_its_place(copy: Path) -> None:
    (copy.parent / "pose.png").unlink()
    with pytest.raises(CollectionError, match=r'"pose\.png" does not exist'):
        list(prove(str(copy), sample=1, network=None, environ={}))
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(copy.parent / "pose.png")
    with pytest.raises(CollectionError, match="has no edges"):
        run(copy, until="render")

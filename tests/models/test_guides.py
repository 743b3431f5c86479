"""Which models can follow a picture, by diffusers itself, and which files do not fit them."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from mint.errors import CollectionError, RenderError
from mint.models.families import FAMILIES
from mint.models.find import find_painter
from mint.models.guides import ADAPTED, CONTROLLED, guide_misfits
from mint.models.locate_painter import locate_painter
from mint.models.weights import Adapted, Guides
from mint.spec.load import load
from mint.store import Store
from tests.conftest import edit
from tests.families.guides import control_net, disc, encoder, ip_adapter

Family = Callable[[str], Path]
REFERENCE = "reference: {file: mood.png, model: ./ip, weights: adapter.safetensors}"
CONTROL = "control: {file: mood.png, model: ./net}"


@pytest.fixture(scope="module")
def ip(family: Family, tmp_path_factory: pytest.TempPathFactory) -> Adapted:
    """An IP-Adapter for the tiny Stable Diffusion."""
    folder = ip_adapter(tmp_path_factory.mktemp("guides") / "ip", family("sd"))
    return Adapted(folder / "adapter.safetensors", folder / "image_encoder")


@pytest.fixture(scope="module")
def net(family: Family, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return control_net(tmp_path_factory.mktemp("guides") / "net", family("sd"))


@pytest.fixture
def file(tiny: Path, family: Family, ip: Adapted, net: Path) -> Path:
    """collections/tiny with both below image, and the folders beside it."""
    edit(tiny, "  steps: 2\n", f"  steps: 2\n  {REFERENCE}\n  {CONTROL}\n  model: {family('sd')}\n")
    (tiny.parent / "ip").symlink_to(ip.weights.parent)
    (tiny.parent / "net").symlink_to(net)
    disc().save(tiny.parent / "mood.png")
    return tiny


def faults(folder: Path, guides: Guides) -> list[tuple[str, ...]]:
    return [(".".join(map(str, place)), what) for place, what, _ in guide_misfits(folder, guides)]


def test_the_classes_that_follow_a_picture_are_those_that_diffusers_says() -> None:
    import diffusers

    classes = {name: getattr(diffusers, name) for name in FAMILIES}

    taking = {n for n, each in classes.items() if "ip_adapter_image" in signature(each).parameters
              or "ip_adapter_image" in signature(each.__call__).parameters}  # fmt: skip
    assert {name for name in taking if hasattr(classes[name], "load_ip_adapter")} == set(ADAPTED)
    for name, (over, _) in CONTROLLED.items():
        parts = signature(getattr(diffusers, over)).parameters
        assert "controlnet" in parts
        own = signature(classes[name]).parameters.values()
        assert {part.name for part in own if part.default is part.empty} <= set(parts)


def test_its_own_fit(family: Family, ip: Adapted, net: Path) -> None:
    assert not faults(family("sd"), Guides(ip, net))
    assert not faults(family("sana"), Guides())


@pytest.mark.parametrize("name", ["sana", "z-image", "pixart"])
def test_a_class_without_them_is_refused(name: str, family: Family, ip: Adapted, net: Path) -> None:
    (first, second) = faults(family(name), Guides(ip, net))

    assert first[0] == "image.reference"
    assert "takes no IP-Adapter" in first[1]
    assert second[0] == "image.control"
    assert "has no ControlNet in diffusers" in second[1]


@pytest.mark.parametrize("model", ["atelier", "atelier-gan"])
def test_the_models_inside_mint_have_none(model: str, file: Path, family: Family) -> None:
    edit(file, f"  model: {family('sd')}\n", f"  model: {model}\n")
    _, source = load(file)

    with pytest.raises(CollectionError, match=r"yaml:10:") as caught:
        find_painter(load(file)[0].image, file, Store(file.parent / ".mint"), source)

    plain = "leave it out; models that can" if "gan" in model else "there is no IP-Adapter for"
    assert plain in str(caught.value.hint)


def test_other_families_files_do_not_fit(
    family: Family, ip: Adapted, net: Path, tmp_path: Path
) -> None:
    assert faults(family("sdxl"), Guides(ip, net)) == [
        (
            "image.reference.weights",
            "adapter.safetensors was trained for words of 16 numbers, and the model's have 32",
        ),
        (
            "image.control.model",
            "net was trained for a model whose cross_attention_dim is 16, not 32",
        ),
    ]
    flow = control_net(tmp_path / "flow", family("flux"))
    ((place, what),) = faults(family("sd"), Guides(None, flow))
    assert (place, what) == (
        "image.control.model",
        "flow is FluxControlNetModel, and this model is guided by a ControlNetModel",
    )
    eyes = Adapted(ip.weights, encoder(tmp_path / "eyes", siglip=True))
    assert "is a SiglipVisionModel" in faults(family("sd"), Guides(eyes))[0][1]


def test_what_is_no_adapter_or_one_of_faces(family: Family, ip: Adapted, tmp_path: Path) -> None:
    tensors = load_file(ip.weights)
    some = {name: value for name, value in tensors.items() if name.startswith("image_proj")}
    save_file(some, tmp_path / "half.safetensors")
    save_file(tensors | {"ip_adapter.1.to_k_lora.down.weight": tensors["image_proj.proj.bias"] + 0},
              tmp_path / "faces.safetensors")  # fmt: skip

    half, faces = (
        faults(family("sd"), Guides(ip._replace(weights=tmp_path / f"{name}.safetensors")))
        for name in ("half", "faces")
    )

    assert "is no IP-Adapter" in half[0][1]
    assert "of faces" in faces[0][1]


def test_weights_that_lack_some_are_refused_when_they_are_loaded(
    family: Family, ip: Adapted, net: Path, tmp_path: Path
) -> None:
    from diffusers import StableDiffusionPipeline

    from mint.models.follow import load_control, load_reference

    pipe = StableDiffusionPipeline.from_pretrained(
        str(family("sd")), safety_checker=None, feature_extractor=None
    )
    tensors = load_file(ip.weights)
    save_file(
        {n: t for n, t in tensors.items() if "to_v_ip" not in n}, tmp_path / "less.safetensors"
    )
    with pytest.raises(RenderError, match="does not fit the model"):
        load_reference(pipe, ip._replace(weights=tmp_path / "less.safetensors"), 1.0, "float32")
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "config.json").write_text((net / "config.json").read_text())
    with pytest.raises(RenderError, match="cannot be loaded"):
        load_control(pipe, tmp_path / "net", "float32")


def test_the_weights_of_all_of_them_are_in_the_fingerprint(file: Path, family: Family) -> None:
    store = Store(file.parent / ".mint")
    image = load(file)[0].image
    whole = find_painter(image, file, store)
    alone = image.model_copy(update={"reference": None, "control": None})

    names = {"./ip/adapter.safetensors", "./ip: image_encoder", "./net"}
    assert set(whole.digests or {}) == names
    assert find_painter(alone, file, store).digest != whole.digest
    (file.parent / "net").unlink()
    control_net(file.parent / "net", family("sd"))
    config = file.parent / "net" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"_note": "another"}))
    changed = find_painter(image, file, store)
    assert changed.digest != whole.digest
    both = changed.digests or {}, whole.digests or {}
    assert {name for name in names if both[0][name] != both[1][name]} == {"./net"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("weights: other.safetensors", "does not exist"),
        ("weights: adapter.safetensors, subfolder: models", "does not exist"),
        ("weights: ../adapter.safetensors", "leads out of"),
        ("weights: adapter.safetensors, encoder: eyes", "has no config.json"),
    ],
)
def test_what_is_not_in_the_folder_is_missed_before_painting(
    change: str, what: str, file: Path
) -> None:
    edit(file, "weights: adapter.safetensors", change)

    with pytest.raises(RenderError, match=what):
        locate_painter(load(file)[0].image, file)


def test_an_encoder_that_is_a_pickle_is_refused(file: Path, ip: Adapted) -> None:
    home = file.parent / "own" / "image_encoder"
    home.mkdir(parents=True)
    (home / "config.json").write_bytes((ip.encoder / "config.json").read_bytes())
    (home / "pytorch_model.bin").write_bytes(b"\x80\x04")
    (home.parent / "adapter.safetensors").symlink_to(ip.weights)
    edit(file, "model: ./ip", "model: ./own")

    with pytest.raises(RenderError, match="pickle"):
        find_painter(load(file)[0].image, file, Store(file.parent / ".mint"))

"""Checkpoints, LoRA files and textual inversions of tiny models, as the renderer opens them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.errors import RenderError
from mint.models.checkpoint import kind_of, taught_words
from mint.models.locate_painter import locate_painter
from mint.models.misfits import misfits, refuse_misfits
from mint.models.painter import load_pipeline
from mint.models.runtime import runtime
from mint.models.weights import Files, Model, fingerprint, shapes
from mint.paint.prompt_length import word_counter
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.painting import ImageSettings
from mint.store import Store
from tests.families.unets import stable_diffusion_xl
from tests.single_files import checkpoint, gguf, halved, inversion, kohya, lora

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Family = Callable[[str], Path]
PLAIN = Diffusion(
    model="x", steps=2, guidance_scale=3, scheduler="default", width=64, height=64, dtype="float32"
)


def paint(
    folder: Path, *, dtype: str = "float32", prompt: str = "a fox", **files: object
) -> Pixels:
    """One picture by the model in `folder`, changed by `files`."""
    here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
    how = PLAIN.model_copy(update={"dtype": dtype})
    model = Model(folder, here.weights, Files(**files))  # type: ignore[arg-type]  # fields by name, from a table
    recipe = Recipe(prompt=prompt, negative_prompt="", seed=1, slot=0, diffusion=how, runtime="x")
    return diffusers_renderer(model, how, here)([recipe])[0]


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


def without_weights(folder: Path, copy: Path, keep: str = "") -> Path:
    """The settings of a folder, with the weights of the part `keep`."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    if keep:
        shutil.copytree(folder / keep, copy / keep, dirs_exist_ok=True)
    return copy


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SDXL, whose two text encoders are told apart in a checkpoint by their sizes."""
    return stable_diffusion_xl(tmp_path_factory.mktemp("xl") / "xl", second=24)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_checkpoint_paints_what_its_folder_paints(
    family: Family, tmp_path: Path, dtype: str
) -> None:
    folder = family("sd")
    config = without_weights(folder, tmp_path / "config")
    file = checkpoint(folder, tmp_path / "one.safetensors")

    assert not list(misfits(config, Files(checkpoint=file)))
    assert same(paint(folder, dtype=dtype), paint(config, dtype=dtype, checkpoint=file))


def test_a_checkpoint_of_sdxl_without_vae_takes_it_from_the_config(
    large: Path, tmp_path: Path
) -> None:
    file = checkpoint(large, tmp_path / "xl.safetensors", without=["vae", "text_encoder"])
    bare = without_weights(large, tmp_path / "bare")
    partly = without_weights(large, tmp_path / "partly", keep="vae")
    shutil.copytree(large / "text_encoder", partly / "text_encoder", dirs_exist_ok=True)

    with pytest.raises(RenderError, match="has no text_encoder and no vae, and neither has bare"):
        refuse_misfits(bare, Files(checkpoint=file))
    refuse_misfits(partly, Files(checkpoint=file))
    assert same(paint(large), paint(partly, checkpoint=file))


def test_a_config_of_another_family_is_refused(family: Family, large: Path, tmp_path: Path) -> None:
    file = checkpoint(large, tmp_path / "xl.safetensors")

    with pytest.raises(RenderError, match="cannot be loaded") as caught:
        paint(family("sd"), checkpoint=file)

    assert "image.config must be of the file's family" in caught.value.hint


def test_a_checkpoint_with_numbers_left_over_is_refused(family: Family, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    tensors = load_file(checkpoint(family("sd"), tmp_path / "one.safetensors"))
    tensors["model.diffusion_model.guidance_in.weight"] = torch.ones(3, 4)
    save_file(tensors, tmp_path / "more.safetensors")

    with pytest.raises(RenderError, match="12 of its numbers have no place in unet"):
        paint(family("sd"), checkpoint=tmp_path / "more.safetensors")


@pytest.mark.parametrize(
    ("library", "release"), [("peft", "peft>=0.21,<0.22"), ("gguf", "gguf>=0.17")]
)
def test_without_its_library_its_release_is_named(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, release: str
) -> None:
    folder = family("flux")
    monkeypatch.setitem(sys.modules, library, None)  # as if it were not installed
    file = inversion(tmp_path / "any.safetensors", 16, name="lora_A.weight")
    files = {"peft": Files(adapters=((file, 1.0),)), "gguf": Files(transformer=file)}

    with pytest.raises(RenderError, match=f"loaded by {library}, which is not installed") as caught:
        refuse_misfits(folder, files[library])

    assert caught.value.hint == f'run pip install "{release}"'


def test_a_file_is_what_its_tensors_say(family: Family, tmp_path: Path) -> None:
    folder = family("sd")
    files = {
        "LoRA": lora(folder, tmp_path / "ink.safetensors"),
        "embedding": inversion(tmp_path / "style.safetensors", 16),
        "checkpoint": checkpoint(folder, tmp_path / "one.safetensors"),
        "encoder": folder / "vae" / "diffusion_pytorch_model.safetensors",
    }
    assert {kind: kind_of(shapes(file)) for kind, file in files.items()} == {k: k for k in files}

    wrong = Files(
        checkpoint=files["LoRA"],
        adapters=((files["embedding"], 1.0), (files["checkpoint"], 1.0)),
        embeddings=((files["LoRA"], "<ink>"),),
    )
    said = {misfit.place: misfit.message for misfit in misfits(folder, wrong)}
    assert said[("image", "model")] == "ink.safetensors is a LoRA; write it below image.adapters"
    assert "textual inversion; write it below" in said[("image", "adapters", 0, "file")]
    assert "is a whole model; write it as" in said[("image", "adapters", 1, "file")]
    assert "is a LoRA" in said[("image", "embeddings", 0, "file")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_loras_change_pictures_by_their_scale_and_add_up(
    family: Family, tmp_path: Path, dtype: str
) -> None:
    folder = family("sd")
    ink = lora(folder, tmp_path / "ink.safetensors")
    lines = lora(folder, tmp_path / "lines.safetensors", seed=2, words=True)
    plain = paint(folder, dtype=dtype)
    one = paint(folder, dtype=dtype, adapters=((ink, 1.0),))
    both = paint(folder, dtype=dtype, adapters=((ink, 1.0), (lines, 0.5)))

    assert same(plain, paint(folder, dtype=dtype, adapters=((ink, 0.0), (lines, 0.0))))
    assert not same(plain, one)
    assert not same(one, both)
    assert not same(both, paint(folder, dtype=dtype, adapters=((lines, 0.5),)))


def test_a_lora_of_another_trainer_paints_the_same(family: Family, tmp_path: Path) -> None:
    file = lora(family("sd"), tmp_path / "ink.safetensors", words=True)
    other = kohya(file, tmp_path / "kohya.safetensors")
    weaker = kohya(file, tmp_path / "weaker.safetensors", alpha=1)

    refuse_misfits(family("sd"), Files(adapters=((other, 1.0), (weaker, 1.0))))
    one = paint(family("sd"), adapters=((file, 0.5),))
    assert same(one, paint(family("sd"), adapters=((other, 0.5),)))
    assert same(one, paint(family("sd"), adapters=((weaker, 1.0),)))


def test_a_lora_is_in_the_weights_to_the_last_bit_of_the_dtype(
    family: Family, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    file = lora(family("sd"), tmp_path / "ink.safetensors")
    layer = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    down, up = (load_file(file)[f"unet.{layer}.lora.{way}.weight"] for way in ("down", "up"))

    def weight(**files: object) -> torch.Tensor:
        how = PLAIN.model_copy(update={"dtype": "float64"})
        unet = load_pipeline(Model(family("sd"), "", Files(**files)), how).unet  # type: ignore[arg-type]  # fields by name, from a table
        module = unet.get_submodule(layer)
        assert type(module) is torch.nn.Linear  # nothing of peft is left to slow painting
        return module.weight.data

    change = 0.5 * (up.double() @ down.double())
    assert torch.equal(weight(adapters=((file, 0.5),)), weight() + change)


def test_a_lora_of_another_family_is_refused(family: Family, large: Path, tmp_path: Path) -> None:
    file = lora(large, tmp_path / "xl.safetensors")

    with pytest.raises(RenderError, match=r"trained for a family \(40 numbers a word\)"):
        refuse_misfits(family("sd"), Files(adapters=((file, 1.0),)))
    with pytest.raises(RenderError, match="does not fit the model: its layers have other sizes"):
        paint(family("sd"), adapters=((file, 1.0),))


def test_a_lora_with_a_layer_too_many_is_refused(family: Family, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(lora(family("sd"), tmp_path / "ink.safetensors"))
    further = {
        name.replace("mid_block", "mid_block_2"): value.clone() for name, value in tensors.items()
    }
    save_file(tensors | further, tmp_path / "more.safetensors")

    with pytest.raises(RenderError, match=r"8 of its \d+ layers have no place in it, such as"):
        paint(family("sd"), adapters=((tmp_path / "more.safetensors", 1.0),))


def test_a_taught_word_changes_only_pictures_that_name_it(family: Family, tmp_path: Path) -> None:
    folder = family("sd")
    taught = ((inversion(tmp_path / "style.safetensors", 16, vectors=3), "<my-style>"),)
    named = "a fox, <my-style>"

    assert same(paint(folder), paint(folder, embeddings=taught))
    assert not same(paint(folder, prompt=named), paint(folder, prompt=named, embeddings=taught))


def test_a_taught_word_takes_as_many_places_as_it_has_vectors(
    family: Family, tmp_path: Path
) -> None:
    files = Files(
        embeddings=((inversion(tmp_path / "style.safetensors", 16, vectors=3), "<my-style>"),)
    )
    counter = word_counter(family("sd"), taught_words(files))
    pipe = load_pipeline(Model(family("sd"), "", files), PLAIN)

    assert counter is not None
    for prompt in ("a fox", "a blue <my-style> fox", "a fox,<my-style>"):
        text = pipe.maybe_convert_prompt(prompt, pipe.tokenizer)
        assert counter.count(prompt) == len(pipe.tokenizer(text).input_ids)


def test_a_taught_word_of_sdxl_has_vectors_for_both_encoders(large: Path, tmp_path: Path) -> None:
    file = inversion(tmp_path / "style.safetensors", 16, 24)
    named = "a fox <s>"

    refuse_misfits(large, Files(embeddings=((file, "<s>"),)))
    assert not same(
        paint(large, prompt=named), paint(large, prompt=named, embeddings=((file, "<s>"),))
    )
    other = inversion(tmp_path / "other.safetensors", 768)
    with pytest.raises(
        RenderError, match="768 numbers a word, and the model's text_encoder has 16"
    ):
        refuse_misfits(large, Files(embeddings=((other, "<s>"),)))


def test_a_gguf_replaces_the_transformer(family: Family, tmp_path: Path) -> None:
    folder = family("flux")
    file = gguf(folder, tmp_path / "q8.gguf")
    rest = without_weights(folder, tmp_path / "rest")
    for part in ("vae", "text_encoder", "text_encoder_2"):
        shutil.copytree(folder / part, rest / part, dirs_exist_ok=True)
    whole = paint(folder)
    few = paint(rest, transformer=file)

    assert same(few, paint(rest, transformer=file))
    assert 45 < _psnr(whole, few) < 80  # 53.7 measured; the numbers have 8 bits
    with pytest.raises(RenderError, match="StableDiffusion has no transformer to replace"):
        refuse_misfits(family("sd"), Files(transformer=file))


def test_a_flux_takes_a_lora(family: Family, tmp_path: Path) -> None:
    import torch
    from diffusers import FluxPipeline, FluxTransformer2DModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    folder, file = family("flux"), tmp_path / "ink.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = FluxTransformer2DModel.from_pretrained(folder / "transformer")
        model.add_adapter(LoraConfig(r=2, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    FluxPipeline.save_lora_weights(
        file.parent, weight_name=file.name, transformer_lora_layers=get_peft_model_state_dict(model)
    )

    assert same(paint(folder), paint(folder, adapters=((file, 0.0),)))
    assert not same(paint(folder), paint(folder, adapters=((file, 1.0),)))
    with pytest.raises(RenderError, match="does not fit the model"):
        paint(family("sd"), adapters=((file, 1.0),))


def test_weights_in_half_precision_are_read_where_there_are_no_others(
    family: Family, tmp_path: Path
) -> None:
    whole, store = family("sd"), Store(tmp_path / "store")
    half = halved(whole, tmp_path / "half", "unet", "text_encoder")
    every = halved(whole, tmp_path / "every", "unet", "text_encoder", "vae")

    assert 40 < _psnr(paint(whole), paint(half)) < 90
    assert len({fingerprint(folder, store) for folder in (whole, half, every)}) == 3
    before = fingerprint(half, store)
    file = half / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    file.write_bytes(file.read_bytes() + b" ")
    assert fingerprint(half, store) != before


def test_weights_in_several_files_are_read(family: Family, tmp_path: Path) -> None:
    from diffusers import UNet2DConditionModel

    folder = shutil.copytree(family("sd"), tmp_path / "shards")
    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    unet.save_pretrained(folder / "unet", max_shard_size="20KB")

    assert len(list((folder / "unet").glob("*-of-*.safetensors"))) > 1
    assert same(paint(family("sd")), paint(folder))


def test_a_part_alone_is_no_model(family: Family, tmp_path: Path) -> None:
    image = ImageSettings(model=str(family("sd") / "unet"), prompt="a fox")

    with pytest.raises(
        RenderError, match=r"one part of a model \(UNet2DConditionModel\)"
    ) as caught:
        locate_painter(image, tmp_path / "collection.yaml")

    assert "the folder with model_index.json" in caught.value.hint


def test_a_part_in_few_bits_by_another_library_is_refused(family: Family, tmp_path: Path) -> None:
    folder = shutil.copytree(family("sd"), tmp_path / "bits")
    config = json.loads((folder / "unet" / "config.json").read_bytes())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (folder / "unet" / "config.json").write_text(json.dumps(config))

    with pytest.raises(
        RenderError, match="unet in bits has its numbers in few bits by bitsandbytes"
    ):
        refuse_misfits(folder, Files())


def _psnr(one: Pixels, other: Pixels) -> float:
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error))

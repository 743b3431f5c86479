"""Whether the files that a painter is loaded from fit each other, by their headers alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import RenderError
from mint.models.checkpoint import (
    Kind,
    Shapes,
    encoder_of,
    has_weights,
    kind_of,
    parts_in,
    parts_of,
    read_index,
)
from mint.models.guides import guide_misfits, part_config
from mint.models.locate_painter import replaced
from mint.models.tuning import tuning_of
from mint.models.weights import Files, is_generator, shapes
from mint.spec.yaml_source import Location, Source

# What is loaded by a library that only some need: (module, how to install it).
PEFT = "peft", 'pip install "peft>=0.21,<0.22"'
GGUF = "gguf", 'pip install "gguf>=0.17"'
SENTENCES = "sentencepiece", "pip install sentencepiece protobuf"
# Words of the prompt go into these layers of a U-Net; how many numbers a word has tells families.
_WORDS = re.compile(r"attn2[._]to_[kv][._].*(?:down|lora_A)")
_FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "SDXL"}
_GOES: Mapping[Kind, str] = {
    "LoRA": "a LoRA; write it below image.adapters",
    "LyCORIS": "a LyCORIS adapter, of which diffusers loads none",
    "DoRA": "a DoRA, of which diffusers would leave out a part",
    "embedding": "a textual inversion; write it below image.embeddings",
    "encoder": "a text encoder or an autoencoder alone",
    "checkpoint": "a whole model; write it as image.model",
}


class Misfit(NamedTuple):
    """What is wrong with a file, where collection.yaml names it, and what to do."""

    place: Location
    message: str
    hint: str


def refuse_misfits(folder: Path, files: Files, source: Source | None = None) -> None:
    """Raise for the first file that does not fit the model in `folder`.

    CollectionError with its place in `source`, or RenderError without one.
    """
    for misfit in misfits(folder, files):
        if source is not None:
            raise source.error(*misfit)
        raise RenderError(misfit.message, hint=misfit.hint)


def misfits(folder: Path, files: Files) -> Iterator[Misfit]:
    """What does not fit; raises RenderError for a file that cannot be read."""
    if is_generator(folder):
        for key in ("adapters", "embeddings", "transformer"):
            if getattr(files, key):
                yield Misfit(
                    ("image", key), "a GAN or a VAE is changed by no such file", "remove it"
                )
        yield from (Misfit(*fault) for fault in guide_misfits(folder, files.guides))
        return
    index = read_index(folder)
    yield from _words_of_sentencepiece(folder)
    yield from _quantised(folder, parts_of(index).keys() - replaced(index, files), files)
    if files.checkpoint is not None:
        yield from _checkpoint(files.checkpoint, folder, index)
    if files.transformer is not None:
        yield from _transformer(folder, index)
    if files.adapters and find_spec(PEFT[0]) is None:
        yield _without(("image", "adapters"), "LoRA files are", PEFT)
    for i, (file, _) in enumerate(files.adapters):
        yield from _adapter(file, ("image", "adapters", i, "file"), folder)
    for i, consent in enumerate(files.consents):
        if consent is not None:
            yield from _consent(files.adapters[i][0], consent, ("image", "adapters", i, "consent"))
    for i, (file, _) in enumerate(files.embeddings):
        yield from _embedding(file, ("image", "embeddings", i, "file"), folder)
    yield from (Misfit(*fault) for fault in guide_misfits(folder, files.guides))


def _quantised(folder: Path, parts: Collection[str], files: Files) -> Iterator[Misfit]:
    """Parts in few bits: other libraries read them, each on machines of its own."""
    for part in sorted(parts):
        if settings := part_config(folder / part).get("quantization_config"):
            method = settings.get("quant_method", "some method")
            yield Misfit(
                ("image", "model" if files.checkpoint is None else "config"),
                f"{part} in {folder.name} has its numbers in few bits by {method}, which mint does "
                "not read",
                "name the model with its numbers in full, or, for less memory, a .gguf file under "
                "image.transformer",
            )


def _words_of_sentencepiece(folder: Path) -> Iterator[Misfit]:
    """A vocabulary as T5's authors left it, which transformers reads by another library."""
    if find_spec(SENTENCES[0]) is not None:
        return
    for part in sorted(folder.glob("tokenizer*")):
        names = {path.name for path in part.glob("*")}
        if names & {"spiece.model", "tokenizer.model"} and "tokenizer.json" not in names:
            yield _without(("image", "model"), f"the words in {part} are", SENTENCES)


def _without(place: Location, what: str, library: tuple[str, str]) -> Misfit:
    module, command = library
    return Misfit(place, f"{what} loaded by {module}, which is not installed", f"run {command}")


def _checkpoint(file: Path, folder: Path, index: Mapping[str, Any]) -> Iterator[Misfit]:
    tensors = shapes(file)
    kind = kind_of(tensors)
    if kind != "checkpoint":
        hint = "give the file of a whole model here, or a folder"
        yield Misfit(("image", "model"), f"{file.name} is {_GOES[kind]}", hint)
        return
    if any(name.endswith((".scale_weight", "scaled_fp8")) for name in tensors):
        yield Misfit(
            ("image", "model"),
            f"{file.name} has its numbers in 8 bits with scales of their own, which diffusers "
            "does not read",
            "look for the same model in fp16 or bf16",
        )
    parts = parts_of(index)
    absent = sorted(set(parts) - parts_in(file, index) - has_weights(folder, parts))
    if absent:
        yield Misfit(
            ("image", "config"),
            f"{file.name} has no {' and no '.join(absent)}, and neither has {folder.name}",
            "give a config that has their weights, too: the folder or hub model of the whole model",
        )


def _transformer(folder: Path, index: Mapping[str, Any]) -> Iterator[Misfit]:
    place = ("image", "transformer")
    if find_spec(GGUF[0]) is None:
        yield _without(place, ".gguf files are", GGUF)
    if "transformer" not in parts_of(index):
        kind = str(index.get("_class_name", "")).removesuffix("Pipeline")
        yield Misfit(place, f"{kind} has no transformer to replace", "remove the line")


def _adapter(file: Path, place: Location, folder: Path) -> Iterator[Misfit]:
    tensors = shapes(file)
    kind = kind_of(tensors)
    if kind != "LoRA":
        yield Misfit(place, f"{file.name} is {_GOES[kind]}", "give the file of a LoRA here")
        return
    trained, here = _words(tensors), _setting(folder / "unet", "cross_attention_dim")
    if trained is not None and here is not None and trained != here:
        yield Misfit(
            place,
            f"{file.name} was trained for {_family(trained)}, and the model is {_family(here)}",
            "look for one that was trained for the model's family",
        )


def _consent(file: Path, consent: str, place: Location) -> Iterator[Misfit]:
    """A consent.yaml other than that under which a LoRA was learned."""
    tuning = tuning_of(file)
    if tuning is None:
        what = f"{file.name} says of no consent under which it was learned"
        yield Misfit(place, what, "remove the line; only files by mint tune have one")
    elif tuning.consent != consent:
        what = f"{file.name} was learned under the consent {tuning.consent[:12]}..., not this one"
        hint = f"write the consent that the file has, if it is the right file: {tuning.consent}"
        yield Misfit(place, what, hint)


def _words(tensors: Shapes) -> int | None:
    """How many numbers a word has for the U-Net that a LoRA was trained on; None if it is none."""
    return next((s[1] for name, s in tensors.items() if len(s) > 1 and _WORDS.search(name)), None)


def _family(size: int) -> str:
    return f"{_FAMILIES.get(size, 'a family')} ({size} numbers a word)"


def _embedding(file: Path, place: Location, folder: Path) -> Iterator[Misfit]:
    tensors = shapes(file)
    kind = kind_of(tensors)
    if kind != "embedding":
        hint = "give the file of a textual inversion here"
        yield Misfit(place, f"{file.name} is {_GOES[kind]}", hint)
        return
    for name, part in encoder_of(tensors).items():
        shape = tensors[name]
        size = _setting(folder / part, "hidden_size")
        if size is None:
            yield Misfit(
                place,
                f"{file.name} is for a model with a CLIP in {part}, and this one has none",
                "look for one that was trained for the model's family",
            )
        elif shape[-1] != size:
            yield Misfit(
                place,
                f"{file.name} has {shape[-1]} numbers a word, and the model's {part} has {size}",
                "look for one that was trained for the model's family",
            )


def _setting(part: Path, key: str) -> int | None:
    """A number in a part's config.json, None where there is no such part or number."""
    value = part_config(part).get(key)
    return value if isinstance(value, int) else None

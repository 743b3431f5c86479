"""The folder of a GAN's or VAE's painter: read whole, or refused with what is wrong."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mint.errors import RenderError
from mint.models.generator import FILE, WEIGHTS, generator_config, load_generator
from mint.models.runtime import import_torch
from mint.models.weights import MAX_BYTES, fingerprint
from mint.store import Store
from tests import small_models


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_models.generator(tmp_path / "model")


def load(folder: Path) -> object:
    return load_generator(folder, generator_config(folder), import_torch().float32)


def rewrite(key: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        settings = json.loads((folder / FILE).read_bytes())
        (folder / FILE).write_text(json.dumps(settings | {key: value}))

    return change


def truncate(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[:-100])


def without_a_tensor(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    del weights["last.bias"]
    save_file(weights, folder / WEIGHTS)


def with_a_tensor(folder: Path) -> None:
    save_file(load_file(folder / WEIGHTS) | {"extra": np.zeros(1, np.float16)}, folder / WEIGHTS)


def other_numbers(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    save_file(weights | {"last.bias": np.zeros(3, np.int32)}, folder / WEIGHTS)


def nested(folder: Path) -> None:
    (folder / FILE).write_bytes(b"[" * 100_000)


def large(folder: Path) -> None:
    (folder / FILE).write_bytes(b" " * (MAX_BYTES + 1))


def huge_header(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 2**62) + b"{}")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (rewrite("kind", "diffusion"), "painter.json describes no painter: kind: Input should be"),
        (rewrite("noise", 10**9), "noise: Input should be less than or equal to 4096"),
        (rewrite("noise", "4"), "noise: Input should be a valid integer"),
        (rewrite("trunk", []), "trunk: Tuple should have at least 1 item"),
        (rewrite("trunk", [8] * 10), "trunk: Tuple should have at most 9 items"),
        (rewrite("trunk", [10**9]), "trunk.0: Input should be less than or equal to 2048"),
        (rewrite("trunk", [2048] * 9), "paints 8192 pixels, and 4096 are the most"),
        (rewrite("decoder", [0]), "decoder.0: Input should be greater than or equal to 1"),
        (rewrite("theme", {"phrases": {}}), "it knows no trait"),
        (rewrite("run", "__import__('os')"), "run: Extra inputs are not permitted"),
        (rewrite("trunk", [8, 9]), "code.weight is 4x8x3x3, not 4x9x3x3"),
        (rewrite("decoder", []), "code.bias is 4, not 3"),
        (nested, "describes no painter"),
        (large, "it has more than 4 MB"),
        (truncate, "cannot be loaded"),
        (huge_header, "its header claims 4611686018427387904 bytes"),
        (without_a_tensor, "last.bias is absent, not 3"),
        (with_a_tensor, "extra is 1, not absent"),
        (other_numbers, "last.bias is no floating-point number"),
        (lambda folder: (folder / FILE).unlink(), "painter.json cannot be read"),
        (lambda folder: (folder / WEIGHTS).unlink(), "painter.safetensors cannot be read"),
    ],
)
def test_a_damaged_folder_is_refused(
    folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(folder)

    with pytest.raises(RenderError) as refused:
        load(folder)

    assert message in str(refused.value)
    assert refused.value.hint


def test_every_byte_that_it_paints_by_is_in_its_fingerprint(folder: Path, tmp_path: Path) -> None:
    store, prints = Store(tmp_path / "store"), []
    prints.append(fingerprint(folder, store))
    rewrite("kind", "vae")(folder)
    prints.append(fingerprint(folder, store))
    other_numbers(folder)
    prints.append(fingerprint(folder, store))
    assert len(set(prints)) == 3

    (folder / "vocabulary.json").write_text("{}")  # warns, and paints nothing
    assert fingerprint(folder, store) == prints[-1]

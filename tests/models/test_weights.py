"""A model's name -> its folder, and a fingerprint that moves with every byte that is loaded."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mint.errors import RenderError
from mint.models.locate import locate, locate_embedder
from mint.models.weights import file_digest, fingerprint
from mint.spec.collection import ATELIER
from mint.store import Store
from tests.conftest import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LOADED = [
    path.relative_to(ATELIER).as_posix()
    for path in sorted(ATELIER.rglob("*"))
    if path.is_file() and path.suffix in (".json", ".safetensors")
    # What a model's captions say changes no pixel.
    if path.name != "vocabulary.json"
]
# What diffusers and transformers read besides, when a model has it.
SHARDS = [
    "pipeline/unet/diffusion_pytorch_model-00001-of-00002.safetensors",
    "pipeline/unet/diffusion_pytorch_model.safetensors.index.json",
    "pipeline/text_encoder/model.safetensors.index.json",
    "pipeline/tokenizer/merges.txt",
    "pipeline/tokenizer/spiece.model",
    "clip/model-00001-of-00002.safetensors",
]
UNREAD = [
    "pipeline/README.md",
    "pipeline/.gitattributes",
    "pipeline/atelier.safetensors",
    "pipeline/unet/diffusion_pytorch_model.fp16.safetensors",
    "pipeline/unet/diffusion_pytorch_model.non_ema.safetensors",
    "pipeline/unet/diffusion_pytorch_model.fp16.safetensors.index.json",
    "pipeline/unet/diffusion_pytorch_model.safetensors.index.fp16.json",
    "pipeline/text_encoder/model.fp16.safetensors",
    "pipeline/text_encoder/model.fp16-00001-of-00002.safetensors",
    "pipeline/vae/diffusion_pytorch_model.bin",
    "clip/README.md",
    "clip/model.fp16.safetensors",
]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of the models inside mint."""
    shutil.copytree(ATELIER, tmp_path / "models")
    return tmp_path / "models"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def prints(models: Path, store: Store) -> dict[str, str]:
    parts = "pipeline", "clip", "upscaler/model.safetensors"
    return {part.split("/")[0]: fingerprint_of(models, part, store) for part in parts}


def fingerprint_of(models: Path, name: str, store: Store) -> str:
    """The fingerprint of the folder that a file is in, or of an upscaler, which is one file."""
    part = name.split("/")[0]
    if part == "upscaler":
        return file_digest(models / name, store)
    return fingerprint(models / part, store)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", LOADED)
@pytest.mark.parametrize("at", [0, -1])
def test_any_byte_of_any_file_that_is_loaded_counts(
    models: Path, store: Store, name: str, at: int
) -> None:
    before = fingerprint_of(models, name, store)

    flip(models / name, at)
    assert fingerprint_of(models, name, store) != before

    flip(models / name, at)
    assert fingerprint_of(models, name, store) == before


@pytest.mark.parametrize("name", SHARDS)
def test_shards_their_index_and_vocabularies_count(models: Path, store: Store, name: str) -> None:
    before = prints(models, store)

    (models / name).write_bytes(b"one")
    one = prints(models, store)
    (models / name).write_bytes(b"another")

    part = name.split("/")[0]
    assert len({before[part], one[part], prints(models, store)[part]}) == 3


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_never_loaded_does_not_count(models: Path, store: Store, name: str) -> None:
    before = prints(models, store)

    (models / name).write_bytes(b"something")

    assert prints(models, store) == before


def test_a_file_that_cannot_be_read_is_named(models: Path, store: Store) -> None:
    file = models / "pipeline" / "vae" / "config.json"
    file.unlink()
    file.mkdir()

    with pytest.raises(RenderError, match=r"vae/config\.json cannot be read: Is a directory"):
        fingerprint(models / "pipeline", store)
    file.rmdir()
    with pytest.raises(RenderError, match=r"vae/config\.json cannot be read: No such file"):
        file_digest(file, store)


def test_an_upscaler_is_known_by_its_files_sha256(models: Path, store: Store) -> None:
    file = models / "upscaler" / "model.safetensors"

    assert file_digest(file, store) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_names_count(models: Path, store: Store) -> None:
    before = prints(models, store)

    (models / "pipeline/vae").rename(models / "pipeline/vae_2")

    assert prints(models, store)["pipeline"] != before["pipeline"]
    assert prints(models, store)["clip"] == before["clip"]


def test_a_file_is_read_again_only_when_size_or_time_changed(models: Path, store: Store) -> None:
    path = models / "clip" / "model.safetensors"
    before, state = fingerprint(models / "clip", store), path.stat()

    flip(path, 5000)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert fingerprint(models / "clip", store) == before  # nothing tells it apart
    assert fingerprint(models / "clip", Store(models.parent / "new")) != before

    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert fingerprint(models / "clip", store) != before


def test_files_alike_in_size_and_time_are_told_apart(models: Path, store: Store) -> None:
    other = models.parent / "other"
    shutil.copytree(models, other)  # keeps times
    for path in (other / "clip").iterdir():
        time = path.stat().st_mtime_ns
        flip(path, -1)
        os.utime(path, ns=(time, time))

    assert fingerprint(models / "clip", store) != fingerprint(other / "clip", store)


def test_a_model_is_the_same_wherever_it_lies(models: Path, store: Store) -> None:
    assert prints(models, store) == prints(ATELIER, store)


def test_atelier_is_inside_the_package(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"

    assert locate("atelier", None, file) == ATELIER / "pipeline"
    assert locate_embedder("atelier", None, file) == ATELIER / "clip"


def test_a_folder_is_found_beside_the_collection(models: Path) -> None:
    file = models / "collection.yaml"

    assert locate("./pipeline", None, file) == (models / "pipeline").resolve()
    assert locate(str(models / "clip"), None, file) == (models / "clip").resolve()
    with pytest.raises(RenderError, match="holds no model") as caught:
        locate("./pipeline/unet/..", None, models / "clip" / "x" / "collection.yaml")
    assert "save_pretrained" in caught.value.hint


@pytest.mark.parametrize("fetch", [True, False])
def test_a_hub_model_that_is_not_here_names_the_command(tmp_path: Path, fetch: bool) -> None:
    with pytest.raises(RenderError, match="not on this machine") as caught:
        locate("mint-tests/nothing", COMMIT, tmp_path / "collection.yaml", fetch=fetch)

    assert f"hf download mint-tests/nothing --revision {COMMIT}" in caught.value.hint
    assert "image.model" in caught.value.hint
    with pytest.raises(RenderError) as caught:
        locate_embedder("mint-tests/nothing", COMMIT, tmp_path / "collection.yaml")
    assert "dedup.embedder" in caught.value.hint


def cached(home: Path, source: Path) -> Path:
    """Lay a model out as huggingface_hub does: blobs, and a snapshot of links to them."""
    repository = home / "hub" / "models--mint-tests--atelier"
    snapshot = repository / "snapshots" / COMMIT
    for path in (p for p in sorted(source.rglob("*")) if p.is_file()):
        name = path.relative_to(source)
        blob = repository / "blobs" / name.as_posix().replace("/", "-")
        link = snapshot / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, blob)
        link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


SCRIPT = """
import json, sys
from pathlib import Path
from mint.store import Store
from mint.models.locate import locate
from mint.models.weights import fingerprint
commit, fetch = sys.argv[1], sys.argv[2] == "yes"
folder = locate("mint-tests/atelier", commit, Path("collection.yaml"), fetch=fetch)
print(json.dumps([str(folder), fingerprint(folder, Store(Path("store")))]))
"""


@pytest.mark.parametrize("fetch", ["yes", "no"])
def test_a_hub_model_in_the_cache_needs_no_network(
    tmp_path: Path, store: Store, fetch: str
) -> None:
    snapshot = cached(tmp_path / "hf", ATELIER / "pipeline")
    environ = {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, COMMIT, fetch],
        cwd=tmp_path,
        env=environ,
        check=True,
        capture_output=True,
    )

    assert done.stderr == b""
    assert json.loads(done.stdout) == [str(snapshot), fingerprint(ATELIER / "pipeline", store)]

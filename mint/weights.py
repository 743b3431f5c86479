"""A model's name -> a local folder of safetensors whose every byte is accounted for."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from mint.collection import ATELIER, model_folder, upscaler_file
from mint.document import canonical, plain, sha256
from mint.errors import RenderError
from mint.store import Store

INDEX = ".safetensors.index.json"  # which shard holds which weight
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
UNREAD = ("*.fp16*", "*.non_ema*", "*.ema_only*")  # variants that no stage loads
HEADER = 8 * 2**20  # bytes; the longest header of a safetensors file that is read
READ = ("*.json", "*.txt", "*.safetensors", "*.model")


def locate(
    model: str,
    revision: str | None,
    collection_file: Path,
    *,
    fetch: bool = True,
    key: str = "image.model",
) -> Path:
    """The folder of a model; a hub model is fetched (or found in the cache) at its revision.

    With `fetch=False` the network is left alone; `key` is where collection.yaml names the model.
    Only safetensors, JSON and text files are ever fetched. Raises RenderError with the command
    that would bring a missing model.
    """
    folder = model_folder(model, collection_file)
    if folder is None:
        return _from_hub(model, str(revision), fetch, key)
    if not (folder / "model_index.json").exists() and not (folder / "config.json").exists():
        raise RenderError(
            f"{folder} holds no model: neither model_index.json nor config.json is in it",
            hint=f"{key} must name a folder saved by save_pretrained",
        )
    return folder


def locate_embedder(model: str, revision: str | None, collection_file: Path) -> Path:
    """The folder of the CLIP model; `atelier` is the one in this package."""
    if model == "atelier":
        return ATELIER / "clip"
    return locate(model, revision, collection_file, key="dedup.embedder")


def locate_upscaler(upscale: str, collection_file: Path) -> Path:
    """The safetensors file of an upscaler; raises RenderError where it is absent or a pickle."""
    file = upscaler_file(upscale, collection_file)
    if file.suffix in PICKLES:
        raise RenderError(
            f"{file} is a pickle, which can run any code when it is opened",
            hint="convert it to safetensors, which holds numbers only; the README says how",
        )
    if file.suffix != ".safetensors" or not os.path.isfile(file):
        raise RenderError(
            f"the upscaler {file} is no safetensors file on this machine",
            hint="image.upscale must name a safetensors file, or be `atelier`",
        )
    return file


def shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Tensor -> shape by the header of a safetensors file, of which no tensor is loaded.

    Its form: https://huggingface.co/docs/safetensors#format. Raises RenderError.
    """
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > HEADER:
                raise ValueError(f"its header claims {length} bytes")
            told = plain(opened.read(length))
        told.pop("__metadata__", None)
        return {name: tuple(map(int, tensor["shape"])) for name, tensor in told.items()}
    except OSError as error:
        raise _unreadable(error, file) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RenderError(
            f"{file} is no safetensors file: {_first_line(error)}",
            hint="fetch the file again, or convert it to safetensors; the README says how",
        ) from error


def _from_hub(model: str, revision: str, fetch: bool, key: str) -> Path:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # it tells of each retry
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            model,
            revision=revision,
            allow_patterns=_wanted(model, revision, fetch),
            ignore_patterns=list(UNREAD),
            local_files_only=not fetch,
        )
        return Path(folder)
    except Exception as error:  # a portal's login page raises ValueError, a cut line httpx's own
        raise RenderError(
            f'the model "{model}" at {revision[:12]} is not on this machine, '
            f"and the hub did not send it ({_first_line(error)})",
            hint=f"on a machine with network run `hf download {model} --revision {revision}`, "
            f"or set {key}: atelier",
        ) from error


def _wanted(model: str, revision: str, fetch: bool) -> list[str]:
    """Patterns of the files that a pipeline's parts, or a bare model, are loaded from.

    Repositories also hold single-file copies and other runtimes' exports, gigabytes of them.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        index = hf_hub_download(
            model, "model_index.json", revision=revision, local_files_only=not fetch
        )
    except LocalEntryNotFoundError:  # not fetched yet; this one is an EntryNotFoundError, too
        raise
    except EntryNotFoundError:
        return list(READ)
    parts = [p for p, kind in json.loads(Path(index).read_bytes()).items() if _is_part(kind)]
    return ["model_index.json", *(f"{part}/{pattern}" for part in parts for pattern in READ)]


def _is_part(kind: object) -> bool:
    """`["diffusers", "UNet2DConditionModel"]`; other entries are settings or `[null, null]`."""
    return isinstance(kind, list) and len(kind) == 2 and None not in kind


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def refuse_pickles(folder: Path) -> None:
    """Raise RenderError if some part of the model exists only in a format that can run code."""
    for part in (folder, *(p for p in sorted(folder.iterdir()) if p.is_dir())):
        pickled = [f for f in sorted(part.iterdir()) if f.suffix in PICKLES]
        if pickled and not any(part.glob("*.safetensors")):
            raise RenderError(
                f"{pickled[0]} is a pickle, which can run any code when it is opened",
                hint="use the safetensors form of the model (save_pretrained writes it)",
            )


def fingerprint(folder: Path, store: Store) -> str:
    """SHA-256 over the names and digests of all files in the folder that a model is loaded from.

    A file's digest is remembered by path, size and modification time: models weigh gigabytes.
    """
    refuse_pickles(folder)
    try:
        return sha256(canonical({name: _digest(path, store) for name, path in _files(folder)}))
    except OSError as error:
        raise _unreadable(error, folder) from error


def file_digest(file: Path, store: Store) -> str:
    """The fingerprint of a model that is one file: its SHA-256, remembered likewise."""
    try:
        return _digest(file, store)
    except OSError as error:
        raise _unreadable(error, file) from error


def _unreadable(error: OSError, path: Path) -> RenderError:
    return RenderError(
        f"the model's file {error.filename or path} cannot be read: {error.strerror}",
        hint="check who may read it, or fetch the model again",
    )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What from_pretrained reads: no variants (model.fp16.safetensors), no single-file copy."""
    pipeline = (folder / "model_index.json").exists()
    parts = sorted(p for p in folder.iterdir() if p.is_dir()) if pipeline else [folder]
    if pipeline:
        yield "model_index.json", folder / "model_index.json"
    for part in parts:
        for path in sorted(found for pattern in READ for found in part.glob(pattern)):
            if "." not in path.name.removesuffix(INDEX).removesuffix(path.suffix):
                yield path.relative_to(folder).as_posix(), path


def _digest(path: Path, store: Store) -> str:
    state = path.stat()
    key = sha256(f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}".encode())

    def read() -> bytes:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().encode()

    return store.cached("weights", key, read).decode()

"""A model's name -> a local folder of safetensors whose every byte is accounted for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from mint.document import Document, canonical, plain, sha256
from mint.errors import RenderError
from mint.spec.model_files import PICKLES
from mint.store import Store

D = TypeVar("D", bound=Document)
INDEX = ".safetensors.index.json"  # which shard holds which weight
MAX_BYTES = 4 * 2**20  # of a JSON file that read_settings reads
HEADER = 8 * 2**20  # bytes; the longest header of a safetensors file that is read
SETTINGS = ("*.json", "*.txt", "*.model", "chat_template.jinja")
READ = (*SETTINGS, "*.safetensors")
VARIANTS = ("fp16", "bf16")  # weights in half precision: model.fp16.safetensors
GENERATOR = "painter.json", "painter.safetensors"  # of a GAN or a VAE; see mint.models.generator


class Adapted(NamedTuple):
    """An IP-Adapter's file, and the folder of the model that looks at the picture for it."""

    weights: Path
    encoder: Path


class Guides(NamedTuple):
    """The models by which painting follows a picture: an IP-Adapter, a ControlNet's folder."""

    reference: Adapted | None = None
    control: Path | None = None


class Files(NamedTuple):
    """Single files that a painter is loaded from besides its folder, as artists download them.

    `checkpoint` has the weights of all or most parts, whose settings alone the folder then gives.
    `transformer` replaces that part. Each of `adapters` (LoRA) has its scale, each of `embeddings`
    (textual inversion) its token. By `guides` it follows a picture. `consents` has, for each
    adapter, the SHA-256 that collection.yaml says of its consent.yaml, if it says one.
    """

    checkpoint: Path | None = None
    transformer: Path | None = None
    adapters: tuple[tuple[Path, float], ...] = ()
    embeddings: tuple[tuple[Path, str], ...] = ()
    guides: Guides = Guides()
    consents: tuple[str | None, ...] = ()


class Model(NamedTuple):
    """Where a model's weights lie, and the SHA-256 over all that is loaded from there.

    A painter's `refiners` go on with its pictures; its digest is over their weights, too.
    """

    path: Path
    digest: str
    files: Files = Files()
    digests: dict[str, str] | None = None  # SHA-256 of each of them, by its name
    refiners: tuple[Model, ...] = ()


def shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Tensor -> shape by the header of a safetensors file, of which no tensor is loaded.

    Its form: https://huggingface.co/docs/safetensors#format. Raises RenderError.
    """
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > HEADER:
                raise ValueError(f"its header claims {length} bytes")
            header = plain(stream.read(length))
        header.pop("__metadata__", None)
        return {name: tuple(map(int, tensor["shape"])) for name, tensor in header.items()}
    except OSError as error:
        raise unreadable(error, file) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RenderError(
            f"{file} is no safetensors file: {first_line(error)}",
            hint="fetch the file again, or convert it to safetensors; the README says how",
        ) from error


def first_line(error: Exception) -> str:
    """What a library says first, or the name of its error."""
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def refuse_pickles(folder: Path, replaced: Collection[str] = ()) -> None:
    """Raise RenderError if some part of the model exists only in a format that can run code."""
    for part in (folder, *(p for p in sorted(folder.iterdir()) if p.is_dir())):
        if part.name in replaced:
            continue
        pickles = [f for f in sorted(part.iterdir()) if f.suffix in PICKLES]
        if pickles and not any(part.glob("*.safetensors")):
            raise RenderError(
                f"{pickles[0]} is a pickle, which can run any code when it is opened",
                hint="use the safetensors form of the model (save_pretrained writes it)",
            )


def _refuse_weightless(folder: Path) -> None:
    """Raise RenderError for a model of one part without weights, as some are on the hub."""
    parts = (folder / "model_index.json").exists()  # mint.models.hub looks at each of them
    if not parts and (folder / "config.json").exists() and not any(folder.glob("*.safetensors")):
        raise RenderError(
            f"{folder} has no weights as safetensors, so nothing could be computed with it",
            hint="use a model that has some, or convert it (save_pretrained writes them)",
        )


def refuse_pickle(file: Path) -> Path:
    """The file, if it holds numbers only; raises RenderError for one that can run code."""
    if file.suffix in PICKLES:
        raise RenderError(
            f"{file} is a pickle, which can run any code when it is opened",
            hint="look for the same file as .safetensors, or convert it; the README says how",
        )
    return file


def fingerprint(folder: Path, store: Store, replaced: Collection[str] = ()) -> str:
    """SHA-256 over the names and digests of all files in the folder that a model is loaded from.

    Of `replaced` parts only the settings are. A file's digest is remembered by path, size and
    modification time: models weigh gigabytes.
    """
    refuse_pickles(folder, replaced)
    _refuse_weightless(folder)
    try:
        files = dict(_files(folder, replaced))
        return sha256(canonical({name: _digest(path, store) for name, path in files.items()}))
    except OSError as error:
        raise unreadable(error, folder) from error


def file_digest(file: Path, store: Store) -> str:
    """The fingerprint of a model that is one file: its SHA-256, remembered likewise.

    Of one that is a folder it is that of the folder.
    """
    if file.is_dir():
        return fingerprint(file, store)
    try:
        return _digest(file, store)
    except OSError as error:
        raise unreadable(error, file) from error


def unreadable(error: OSError, path: Path) -> RenderError:
    """A model's file that the disk does not give."""
    return RenderError(
        f"the model's file {error.filename or path} cannot be read: {error.strerror}",
        hint="check who may read it, or fetch the model again",
    )


def read_settings(file: Path, kind: type[D], refusal: Callable[[Path, str], RenderError]) -> D:
    """A JSON file of a model's folder, which may be a stranger's, as a record of `kind`.

    Raises FileNotFoundError, or RenderError: that of `refusal`, with what is wrong, where the file
    holds something else.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES // 2**20} MB")
        return kind.parse(data)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(error, file) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise refusal(file, f"{place}: {first['msg']}" if place else first["msg"]) from error
    except ValueError as error:
        raise refusal(file, first_line(error)) from error


def variant(folder: Path, replaced: Collection[str] = ()) -> str | None:
    """The variant, such as fp16, in which alone some part of a pipeline has its weights.

    Diffusers then reads it of each part that has it, also of one that has others, too.
    """
    parts = [file.parent for file in sorted(folder.glob("*/config.json"))]
    for part in parts:
        weights = {_variant(file) for file in part.glob("*.safetensors")}
        if part.name not in replaced and weights and None not in weights:
            return next((name for name in VARIANTS if name in weights), None)
    return None


def _variant(file: Path) -> str | None:
    """`fp16` of model.fp16.safetensors, model.fp16-00001-of-2.safetensors, ...index.fp16.json."""
    name = file.name.replace(".safetensors.index.", ".").removesuffix(file.suffix)
    return name.split(".", 1)[1].split("-")[0] if "." in name else None


def is_generator(folder: Path) -> bool:
    """Whether the folder has a generator, which paints in one pass, and no pipeline."""
    return (folder / GENERATOR[0]).exists() and not (folder / "model_index.json").exists()


def _files(folder: Path, replaced: Collection[str] = ()) -> Iterator[tuple[str, Path]]:
    """What from_pretrained reads: no variant that is not needed, no single-file copy.

    Of a generator its two files.
    """
    if is_generator(folder):
        yield from ((name, folder / name) for name in GENERATOR)
        return
    pipeline = (folder / "model_index.json").exists()
    parts = sorted(p for p in folder.iterdir() if p.is_dir()) if pipeline else [folder]
    half = variant(folder, replaced) if pipeline else None
    if pipeline:
        yield "model_index.json", folder / "model_index.json"
    for part in parts:
        paths = sorted(file for pattern in READ for file in part.glob(pattern))
        weights = {path for path in paths if ".safetensors" in path.name}
        own = half if any(_variant(path) == half for path in weights) else None
        for path in paths:
            if path in weights and part.name in replaced:
                continue
            if _variant(path) == (own if path in weights else None):
                yield path.relative_to(folder).as_posix(), path


def _digest(path: Path, store: Store) -> str:
    state = path.stat()
    key = sha256(f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}".encode())

    def read() -> bytes:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().encode()

    return store.cached("weights", key, read).decode()

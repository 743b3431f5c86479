"""A model's name on the Hugging Face hub -> its folder in this machine's cache."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mint.errors import RenderError
from mint.models.weights import READ, SETTINGS, VARIANTS, first_line

UNREAD = ("*.non_ema*", "*.ema_only*")  # variants that no stage loads
# The parts of a pipeline whose weights come from elsewhere, by its model_index.json.
Replaced = Callable[[Mapping[str, Any]], Collection[str]]


def from_hub(
    model: str, revision: str, fetch: bool, instead: str, replaced: Replaced = lambda index: ()
) -> Path:
    """The folder of `model` (org/name) at a commit, fetched if `fetch`; raises RenderError.

    `instead` is the line of collection.yaml that needs no network. Of `replaced` parts only the
    settings are fetched, and weights in half precision only where there are no others.
    """
    with _from_hub(model, revision, instead):
        patterns = _patterns(model, revision, fetch, replaced)
        halves = [f"*.{variant}*" for variant in VARIANTS]
        folder = _snapshot(model, revision, fetch, patterns, [*UNREAD, *halves])
        for half in halves if fetch else ():
            if bare := [f"{part}/{half}" for part in _bare_parts(folder, patterns)]:
                _snapshot(model, revision, fetch, bare, UNREAD)
        return folder


def file_from_hub(model: str, name: str, revision: str, fetch: bool) -> Path:
    """The file `name` of the hub's `model` at a commit, fetched if `fetch`; raises RenderError."""
    with _from_hub(f"{model}/{name}", revision, "`file:` to a file on this machine"):
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(model, name, revision=revision, local_files_only=not fetch))


def folder_from_hub(model: str, name: str, revision: str, fetch: bool) -> Path:
    """The folder `name` of the hub's `model` at a commit, and no other; raises RenderError."""
    with _from_hub(f"{model}/{name}", revision, "a folder on this machine"):
        patterns = [f"{name}/{each}" for each in READ]
        folder = _snapshot(model, revision, fetch, patterns, UNREAD) / name
        if not (folder / "config.json").exists():
            raise FileNotFoundError("it has no such folder")
        return folder


@contextmanager
def _from_hub(name: str, revision: str, instead: str) -> Iterator[None]:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # it tells of each retry
    try:
        yield
    except RenderError:
        raise
    except Exception as error:  # a portal's login page raises ValueError, a cut line httpx's own
        model = "/".join(name.split("/")[:2])
        what = " ".join([model, *name.split("/")[2:]])
        hint = f"on a machine with network run `hf download {what} --revision {revision}`"
        if _is_closed(error):
            hint = (
                f"if https://huggingface.co/{model} asks you to agree to its terms, do; then run "
                "`hf auth login`, or export HF_TOKEN=..., and the same command again; if there is "
                "no such page, correct the name"
            )
        raise RenderError(
            f'the model "{name}" at {revision[:12]} is not on this machine, '
            f"and the hub did not send it ({first_line(error)})",
            hint=f"{hint}, or set {instead}",
        ) from error


def _is_closed(error: Exception) -> bool:
    """Whether the hub shows the model only to those who agreed to its terms, or has none."""
    from huggingface_hub.errors import RepositoryNotFoundError  # GatedRepoError is one

    return any(isinstance(each, RepositoryNotFoundError) for each in (error, error.__cause__))


def _snapshot(
    model: str, revision: str, fetch: bool, patterns: Collection[str], without: Collection[str]
) -> Path:
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        model,
        revision=revision,
        allow_patterns=list(patterns),
        ignore_patterns=list(without),
        local_files_only=not fetch,
    )
    return Path(folder)


def _patterns(model: str, revision: str, fetch: bool, replaced: Replaced) -> list[str]:
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
        if not _is_bare(model, revision):
            raise
        return [*READ]
    except EntryNotFoundError:
        return [*READ]
    entries = json.loads(Path(index).read_bytes())
    parts = [part for part, kind in entries.items() if _is_part(kind)]
    elsewhere = replaced(entries)
    files = [f"{p}/{each}" for p in parts for each in (SETTINGS if p in elsewhere else READ)]
    return ["model_index.json", *files]


def _is_bare(model: str, revision: str) -> bool:
    """Whether what is on this machine of a model is no pipeline, but one part."""
    from huggingface_hub import _CACHED_NO_EXIST, try_to_load_from_cache

    index = try_to_load_from_cache(model, "model_index.json", revision=revision)
    config = try_to_load_from_cache(model, "config.json", revision=revision)
    return index is _CACHED_NO_EXIST or (index is None and isinstance(config, str))


def _bare_parts(folder: Path, patterns: Collection[str]) -> list[str]:
    """Parts of a pipeline that came without the weights that were wanted."""
    configs = [file.parent for file in folder.glob("*/config.json")]
    return [
        part.name
        for part in configs
        if f"{part.name}/*.safetensors" in patterns and not any(part.glob("*.safetensors"))
    ]


def _is_part(kind: object) -> bool:
    """`["diffusers", "UNet2DConditionModel"]`; other entries are settings or `[null, null]`."""
    return isinstance(kind, list) and len(kind) == 2 and None not in kind

"""A model's name on the Hugging Face hub -> its folder in this machine's cache."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mint.errors import RenderError
from mint.models.weights import READ, first_line

UNREAD = ("*.fp16*", "*.non_ema*", "*.ema_only*")  # variants that no stage loads


def from_hub(model: str, revision: str, fetch: bool, instead: str) -> Path:
    """The folder of `model` (org/name) at a commit, fetched if `fetch`; raises RenderError.

    `instead` is the line of collection.yaml that needs no network.
    """
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
            f"and the hub did not send it ({first_line(error)})",
            hint=f"on a machine with network run `hf download {model} --revision {revision}`, "
            f"or set {instead}",
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
        return [*READ, "chat_template.jinja"]
    parts = [p for p, kind in json.loads(Path(index).read_bytes()).items() if _is_part(kind)]
    return ["model_index.json", *(f"{part}/{pattern}" for part in parts for pattern in READ)]


def _is_part(kind: object) -> bool:
    """`["diffusers", "UNet2DConditionModel"]`; other entries are settings or `[null, null]`."""
    return isinstance(kind, list) and len(kind) == 2 and None not in kind

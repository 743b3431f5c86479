"""The seal of a finished build: what caused it, and how its files lay on the disk when it ended.

While both are as they were, building again would give the same bytes, and there is nothing to do.
A file counts as changed by its size and time, as for git and make; what it holds is for `mint
verify`. Where not all causes are known to this page, no build is sealed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from mint.curate.decisions import Decisions
from mint.document import canonical, sha256
from mint.errors import StoreError
from mint.models.find import Models
from mint.plan.recipe import Slot
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import Collection
from mint.store import Store

_STEP = "seal"


def causes(
    collection: Collection, slots: Sequence[Slot], decisions: Decisions, models: Models
) -> str | None:
    """A digest of all that decides a build up to its CAR and report; None where more decides it.

    That is so of pictures it may not look like, of a signer's key, and of a sale.
    """
    if collection.sale or collection.c2pa or collection.dedup.against:
        return None
    plan = hashlib.sha256()
    for slot in slots:
        plan.update(slot.model_dump_json().encode())
    located = models.painter, models.embedder, models.classifier, models.second, models.video
    runtimes = models.painters, models.upscalers, models.videos
    parts = [
        _code(),
        collection.digest,
        plan.hexdigest(),
        decisions.digest,
        [model and model.digest for model in located],
        [(judge.name, judge.model.digest) for judge in models.judges],
        [each and each.digest for each in runtimes],
    ]
    return sha256(canonical(parts))


def sealed(folders: Folders, store: Store, cause: str) -> Manifest | None:
    """The manifest of the build that `cause` gave, if all its files are as they were left."""
    if store.recall(_STEP, folders.out.name) != _seal(folders, cause):
        return None
    try:
        manifest = read_manifest(folders.manifest)
    except StoreError:
        return None
    files = [file for token in manifest.tokens for file in token.files]
    files += [manifest.banner.image] if manifest.banner else []
    return manifest if all(store.has(file.file, file.size) for file in files) else None


def seal(folders: Folders, store: Store, cause: str) -> None:
    """Note that `cause` gave what lies in the build's folder now."""
    store.remember(_STEP, folders.out.name, _seal(folders, cause))


def _seal(folders: Folders, cause: str) -> bytes:
    states = hashlib.sha256(cause.encode())
    for line in _states(str(folders.out)):
        states.update(line.encode("utf-8", "surrogateescape"))
    return states.hexdigest().encode()


def _states(folder: str) -> Iterator[str]:
    """Path, size and time of change of every file below `folder`, in order.

    The paths are whole: what was copied elsewhere is looked at anew.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _states(entry.path)
        else:
            state = entry.stat(follow_symlinks=False)
            yield f"{entry.path}\0{state.st_size}\0{state.st_mtime_ns}\n"


@cache
def _code() -> str:
    """A digest of mint itself: another version may describe or show a collection otherwise."""
    home = Path(__file__).parent.parent
    kinds = {".py", ".html", ".css", ".js", ".json", ".yaml"}
    whole = hashlib.sha256()
    for path in sorted(path for path in home.rglob("*") if path.suffix in kinds):
        whole.update(path.read_bytes())
    return whole.hexdigest()

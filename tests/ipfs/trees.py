"""Trees of files: drawn at random, and read back from a CAR."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mint.ipfs import walk
from mint.ipfs.car import Car, open_car
from mint.ipfs.tree import File

names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=8
).filter(lambda name: name not in (".", ".."))

trees = st.dictionaries(
    names,
    st.recursive(
        st.binary(max_size=40),
        lambda inner: st.dictionaries(names, inner, max_size=4),
        max_leaves=9,
    ),
    max_size=5,
)

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def known(path: Path, data: bytes) -> File:
    path.write_bytes(data)
    return File(str(path), hashlib.sha256(data).hexdigest(), len(data))


def flat(tree: Any, path: str = "") -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, node in tree.items():
        below = {path + name: node} if isinstance(node, bytes) else flat(node, f"{path}{name}/")
        files.update(below)
    return files


def everything(car: Car) -> dict[str, bytes]:
    return {
        path: b"".join(walk.cat(car.block, cid)) for path, cid in walk.files(car.block, car.root)
    }


def unpacked(path: Path) -> dict[str, bytes]:
    with closing(open_car(path)) as car:
        return everything(car)

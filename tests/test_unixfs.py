"""UnixFS: the blocks we make are the blocks that Kubo, ipfs-car and js-ipfs make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.errors import PublishError
from mint.ipfs import dagpb, unixfs
from mint.ipfs.tree import File, Folder, tree_links
from mint.ipfs.cid import Link, block_cid, cid_text, parse_cid, raw_link

VECTORS = json.loads((Path(__file__).parent / "vectors" / "unixfs.json").read_text())
names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))


def drop(cid: bytes, block: bytes | memoryview) -> None:
    """A sink for blocks nobody looks at."""


def content(rule: dict[str, Any]) -> bytes:
    if "text" in rule:
        return str(rule["text"]).encode()
    if "zeros" in rule:
        return bytes(rule["zeros"])
    return hashlib.shake_128(rule["seed"].encode()).digest(rule["len"])


def chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + unixfs.CHUNK] for at in range(0, len(data), unixfs.CHUNK))


def nested(entries: list[dict[str, Any]]) -> Folder:
    root: dict[str, Any] = {}
    for entry in entries:
        *folders, name = entry["path"].split("/")
        here = root
        for folder in folders:
            here = here.setdefault(folder, {})
        here[name] = content(entry)
    return root


def unread(seed: str, size: int) -> File:
    """A small file is known by its digest: there is nothing at this path."""
    data = hashlib.shake_128(seed.encode()).digest(size)
    return File("/nonexistent", hashlib.sha256(data).hexdigest(), size)


def vector_folder(vector: dict[str, Any]) -> Folder:
    if "entries" in vector:
        return nested(vector["entries"])
    if vector["id"] == "collection-10k-1GB":
        item = '{{"name":"Item #{0}","image":"ipfs://x/{0}.png"}}'
        return {
            "images": {f"{i}.png": unread(f"img-{i}", 100_000) for i in range(10_000)},
            "metadata": {str(i): item.format(i).encode() for i in range(10_000)},
        }
    name, text = vector["name_format"], vector["text_format"]
    marks = text.count("%d")
    return {name % i: (text % ((i,) * marks)).encode() for i in range(vector["n"])}


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_published_vector(vector: dict[str, Any]) -> None:
    expected = vector["cids"]["unixfs-v1-2025"]
    if vector["kind"] == "file":
        link = unixfs.file_link(chunks(content(vector["content"])), drop)
    else:
        link = tree_links(vector_folder(vector))[""]
    assert (cid_text(link.cid), link.tsize) == (expected["cid"], expected["tsize"])

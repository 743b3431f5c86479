"""Published UnixFS vectors, and blocks in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mint.ipfs import unixfs
from mint.ipfs.cid import RAW, Link, block_cid
from mint.ipfs.tree import File, Folder
from mint.ipfs.unixfs import folder_link

VECTORS = json.loads((Path(__file__).parent / "vectors" / "unixfs.json").read_text())


def drop(cid: bytes, block: bytes | memoryview) -> None:
    """A sink for blocks nobody looks at."""


def content(rule: dict[str, Any]) -> bytes:
    if "text" in rule:
        return str(rule["text"]).encode()
    if "zeros" in rule:
        return bytes(rule["zeros"])
    return hashlib.shake_128(rule["seed"].encode()).digest(rule["len"])


def chunks(data: bytes, size: int = unixfs.CHUNK) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


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


class Blocks(dict[bytes, bytes]):
    """Blocks in memory: a place to emit to and to walk over."""

    def emit(self, cid: bytes, block: bytes | memoryview) -> None:
        self[cid] = bytes(block)

    def get_block(self, cid: bytes) -> bytes:
        return self[cid]


def packed(tree: Folder) -> tuple[Blocks, bytes]:
    """The blocks of a tree of files in memory, and the CID of its root."""
    blocks = Blocks()

    def link(node: Folder | bytes) -> Link:
        if isinstance(node, bytes):
            blocks.emit(cid := block_cid(RAW, node), node)
            return Link(cid, len(node))
        children = [(name, link(child)) for name, child in node.items()]  # type: ignore[arg-type]  # a child is a folder or bytes
        return folder_link(children, blocks.emit)

    return blocks, link(tree).cid


def numbered(count: int) -> Folder:
    return {f"{i}.json": b"%d" % i for i in range(count)}

"""A tree of files -> the CIDs of its folders, and the one CAR that holds all of it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias, Union

from mint.errors import StoreError
from mint.ipfs.car import FIRST, car_header, section_header
from mint.ipfs.cid import Link, raw_link
from mint.ipfs.unixfs import CHUNK, Emit, file_link, folder_link


class File(NamedTuple):
    """A file on disk as the build knows it: `sha256` in 64 hex digits, `size` in bytes."""

    path: str
    sha256: str
    size: int


# Names to files, to bytes held in memory, or to folders. A Mapping that makes its values when
# asked keeps a large folder out of memory; it is walked more than once.
Folder: TypeAlias = Mapping[str, Union["Folder", File, bytes]]

_AGAIN = "run `mint build` again: it makes the file anew"
_Leaf: TypeAlias = Callable[[File | bytes], Link]


def tree_links(tree: Folder) -> dict[str, Link]:
    """The link of every folder by its path, "images" for one, and of the root by "".

    Reads no file of at most 1 MiB: its CID is its digest. Longer ones are read and checked as
    in `write_tree`.
    """
    return _links(tree, "", _known_leaf, _drop)


def write_tree(path: Path, tree: Folder) -> dict[str, Link]:
    """Write the CAR of `tree` to `path`, whole or not at all; the same links as `tree_links`.

    Each file is read once, its SHA-256 compared with the one given, and each block written once,
    children before parents. Memory does not grow with file sizes; about 200 bytes an entry.
    StoreError when a file is gone or altered since, or the disk is full.
    """
    partial = path.with_name(path.name + ".tmp")  # one name: a killed build leaves one at most
    try:
        with partial.open("wb", buffering=CHUNK) as out:
            links = _write(out, tree)
        os.replace(partial, path)
        _sync(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError(
            f"{path}: {error.strerror}", hint="free some space or choose another folder"
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return links


def _write(out: IO[bytes], tree: Folder) -> dict[str, Link]:
    seen: set[bytes] = set()

    def emit(cid: bytes, block: bytes | memoryview) -> None:
        if cid not in seen:
            seen.add(cid)
            out.write(section_header(cid, len(block)))
            out.write(block)

    buffer = memoryview(bytearray(CHUNK))
    _reserve(out, tree)
    out.seek(FIRST)
    links = _links(tree, "", lambda source: _read_leaf(source, buffer, emit), emit)
    out.truncate()
    out.seek(0)
    out.write(car_header(links[""].cid))
    out.flush()
    os.fsync(out.fileno())
    return links


def _links(folder: Folder, path: str, leaf: _Leaf, emit: Emit) -> dict[str, Link]:
    found: dict[str, Link] = {}

    def child(name: str) -> Link:
        node = folder[name]
        if isinstance(node, File | bytes):
            return leaf(node)
        below = f"{path}/{name}".lstrip("/")
        found.update(_links(node, below, leaf, emit))
        return found[below]

    # Sorted, so that the same tree gives the same CAR, byte for byte.
    found[path] = folder_link([(name, child(name)) for name in sorted(folder)], emit)
    return found


def _known_leaf(source: File | bytes) -> Link:
    if isinstance(source, File) and source.size <= CHUNK:
        return raw_link(source.sha256, source.size)
    return _read_leaf(source, memoryview(bytearray(CHUNK)), _drop)


def _read_leaf(source: File | bytes, buffer: memoryview, emit: Emit) -> Link:
    if isinstance(source, bytes):
        view = memoryview(source)
        return file_link((view[at : at + CHUNK] for at in range(0, len(view), CHUNK)), emit)
    if source.size > CHUNK:
        return file_link(_hashed(source, buffer), emit)
    # The CID of a single block carries the file's SHA-256: no need to hash it a second time.
    link = file_link(_chunks(source, buffer), emit)
    if link != raw_link(source.sha256, source.size):
        raise _altered(source)
    return link


def _hashed(source: File, buffer: memoryview) -> Iterator[memoryview]:
    whole = hashlib.sha256()
    for chunk in _chunks(source, buffer):
        whole.update(chunk)
        yield chunk
    if whole.hexdigest() != source.sha256:
        raise _altered(source)


def _chunks(source: File, buffer: memoryview) -> Iterator[memoryview]:
    try:
        # Buffered, because an unbuffered read may stop short and so move every later chunk.
        with open(source.path, "rb") as file:
            while size := file.readinto(buffer):
                yield buffer[:size]
    except OSError as error:
        raise StoreError(f"{source.path}: {error.strerror}", hint=_AGAIN) from error


def _altered(source: File) -> StoreError:
    return StoreError(
        f"{source.path} is not the file that was built: its digest differs", hint=_AGAIN
    )


def _reserve(out: IO[bytes], tree: Folder) -> None:
    """Take the disk space first: a full disk shows at once, and on ext4 writing is 3x faster."""
    if hasattr(os, "posix_fallocate"):  # absent on macOS
        try:
            os.posix_fallocate(out.fileno(), 0, _room(tree))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise


def _room(tree: Folder) -> int:
    # 256 bytes an entry hold its section header and its link in the folder, but for long names.
    return FIRST + sum(256 + 2 * len(name) + _source_bytes(tree[name]) for name in tree)


def _source_bytes(node: Folder | File | bytes) -> int:
    if isinstance(node, File):
        return node.size
    return len(node) if isinstance(node, bytes) else _room(node)


def _sync(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _drop(cid: bytes, block: bytes | memoryview) -> None:
    """A sink for blocks that only count by their CID."""

"""A tree of files -> the CIDs of its folders, and the one CAR with all of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import FileIO
from pathlib import Path
from typing import NamedTuple, TypeAlias, Union

from mint.errors import StoreError
from mint.ipfs.car_header import car_header, read_header
from mint.ipfs.car_writer import Different, open_comparison, open_writer
from mint.ipfs.cid import DIGEST, Link, raw_link
from mint.ipfs.unixfs import DEFAULT, Emit, Profile, file_link, folder_link
from mint.store import sync_folder


class File(NamedTuple):
    """A file on disk as the build knows it: `sha256` in 64 hex digits, `size` in bytes."""

    path: str
    sha256: str
    size: int


# Names to files, to bytes in memory, or to folders. LazyFolder keeps a large one out of memory:
# a folder is walked more than once.
Folder: TypeAlias = Mapping[str, Union["Folder", File, bytes]]


class LazyFolder(Mapping[str, File | bytes]):
    """A folder whose files are computed each time they are read: a function for each name."""

    def __init__(self, functions: Mapping[str, Callable[[], File | bytes]]) -> None:
        self._functions = functions

    def __getitem__(self, name: str) -> File | bytes:
        """The file called `name`, computed anew."""
        return self._functions[name]()

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._functions)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._functions)


_REBUILD = "run `mint build` again: it writes the file anew"
_Leaf: TypeAlias = Callable[[File | bytes], Link]


def tree_links(tree: Folder, profile: Profile = DEFAULT) -> dict[str, Link]:
    """The link of every folder by its path, "images" for one, and of the root by "".

    Reads no file that is one raw block (in the default profile, of at most 1 MiB): its CID is
    its digest. Others are read and checked as in `write_tree`.
    """
    leaf = partial(_known_leaf, buffer=_buffer(profile), profile=profile)
    return _links(tree, "", leaf, _drop, profile)


def write_tree(path: Path, tree: Folder, profile: Profile = DEFAULT) -> dict[str, Link]:
    """Write the CAR of `tree` to `path`, whole or not at all; the same links as `tree_links`.

    Each file is read once, its SHA-256 compared with the one in `tree`, and each block written
    once, children before parents. A file at `path` that is the same to the byte already is read
    beside them and left alone. Memory does not grow with file sizes; about 300 bytes an entry.
    StoreError when a file is gone or altered since, or the disk is full.
    """
    if (links := _earlier_links(path, tree, profile)) is not None:
        return links
    unfinished = path.with_name(path.name + ".tmp")  # a killed build leaves this one at most
    try:
        links = _write(unfinished, tree, profile)
        os.replace(unfinished, path)
        sync_folder(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StoreError(
            f"{path}: {error.strerror}", hint="free some space or choose another folder"
        ) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return links


def _earlier_links(path: Path, tree: Folder, profile: Profile) -> dict[str, Link] | None:
    """The links, if `path` is the CAR of `tree` to the byte; else None, most often at once."""
    header_size = len(car_header(profile.node + bytes(DIGEST)))
    try:
        with FileIO(path) as file:
            root, head = read_header(file.fileno()).roots[:1], os.pread(file.fileno(), 99, 0)
        # Where nothing has to be read for it: what the root would be now.
        if _is_known(tree, profile) and (tree_links(tree, profile)[""].cid,) != root:
            return None
        with open_comparison(path, header_size) as comparison:
            emit = comparison.emit
            leaf = partial(_read_leaf, buffer=_buffer(profile), emit=emit, profile=profile)
            links = _links(tree, "", leaf, emit, profile)
            comparison.finish()
        return links if head.startswith(car_header(links[""].cid)) else None
    except (Different, ValueError, OSError):
        return None


def _is_known(folder: Folder, profile: Profile) -> bool:
    """Whether all of its files are in memory, or single blocks whose digests are known."""
    return all(
        profile.one_block(node.size)
        if isinstance(node, File)
        else isinstance(node, bytes) or _is_known(node, profile)
        for node in folder.values()
    )


def _write(path: Path, tree: Folder, profile: Profile) -> dict[str, Link]:
    # Only room for the header: the root in it is known last.
    header_size = len(car_header(profile.node + bytes(DIGEST)))
    with open_writer(path, header_size) as writer:
        leaf = partial(_read_leaf, buffer=_buffer(profile), emit=writer.emit, profile=profile)
        links = _links(tree, "", leaf, writer.emit, profile)
        size = writer.finish()
    with path.open("r+b") as out:
        out.truncate(size)
        out.write(car_header(links[""].cid))
        out.flush()
        os.fsync(out.fileno())
    return links


def _links(folder: Folder, path: str, leaf: _Leaf, emit: Emit, profile: Profile) -> dict[str, Link]:
    links: dict[str, Link] = {}

    def child(name: str) -> Link:
        node = folder[name]
        if isinstance(node, File | bytes):
            return leaf(node)
        below = f"{path}/{name}".lstrip("/")
        links.update(_links(node, below, leaf, emit, profile))
        return links[below]

    links[path] = folder_link(((name, child(name)) for name in _in_order(folder)), emit, profile)
    return links


def _in_order(folder: Folder) -> Iterator[str]:
    """The names, sorted, so that the same tree gives the same CAR, byte for byte."""
    names = sorted(folder, reverse=True)
    while names:  # each is dropped once it was used: there may be a million
        yield names.pop()


def _buffer(profile: Profile) -> memoryview:
    return memoryview(bytearray(profile.chunk))


def _known_leaf(source: File | bytes, buffer: memoryview, profile: Profile) -> Link:
    if isinstance(source, File) and profile.one_block(source.size):
        return raw_link(source.sha256, source.size)
    return _read_leaf(source, buffer, _drop, profile)


def _read_leaf(source: File | bytes, buffer: memoryview, emit: Emit, profile: Profile) -> Link:
    if isinstance(source, bytes):
        view, step = memoryview(source), profile.chunk
        chunks = (view[at : at + step] for at in range(0, len(view), step))
        return file_link(chunks, emit, profile)
    if not profile.one_block(source.size):
        return file_link(_hashed(source, buffer), emit, profile)
    # The CID of a single block carries the file's SHA-256: no need to hash it a second time.
    link = file_link(_chunks(source, buffer), emit, profile)
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
    size = len(buffer)
    try:
        with open(source.path, "rb", buffering=0) as file:
            while size == len(buffer) and (size := _fill(file, buffer)):
                yield buffer[:size]
    except OSError as error:
        raise StoreError(f"{source.path}: {error.strerror}", hint=_REBUILD) from error


def _fill(file: FileIO, buffer: memoryview) -> int:
    """Bytes read: a full buffer, but for the end of the file. One read may stop short of both."""
    filled = 0
    while filled < len(buffer) and (size := file.readinto(buffer[filled:])):
        filled += size
    return filled


def _altered(source: File) -> StoreError:
    return StoreError(
        f"{source.path} is not the file that was built: its digest differs", hint=_REBUILD
    )


def _drop(cid: bytes, block: bytes | memoryview) -> None:
    """A sink for blocks that only count by their CID."""

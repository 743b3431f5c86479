"""The files of an open CAR by path: each folder is listed once, each file hashed once."""

from __future__ import annotations

from mint.document import sha256
from mint.errors import PublishError
from mint.ipfs.car import Car
from mint.ipfs.cid import DIGEST, RAW, parse_cid
from mint.ipfs.walk import entries, read_file, resolve


class Files:
    """Reads files by "CID/name" or "CID/folder/name"; `root` and `block` are the CAR's.

    A lookup in a sharded folder reads and decodes two or three blocks; for each of ten thousand
    tokens that took longer than to hash its picture. Threads may share it.
    """

    def __init__(self, car: Car) -> None:
        self.root, self.block = car.root, car.block
        self._folders: dict[str, dict[str, bytes]] = {}
        self._digests: dict[bytes, str] = {}

    def read(self, path: str) -> bytes:
        """All of a file, its blocks hashed; PublishError if it is absent, altered or too large."""
        cid = self._cid(path)
        data = read_file(self.block, cid, path)
        # A file of one block was hashed just now, and that is its CID.
        self._digests[cid] = cid[-DIGEST:].hex() if cid.startswith(RAW) else sha256(data)
        return data

    def digest(self, path: str) -> str:
        """SHA-256 of a file; of one that was read before, without reading it again."""
        cid = self._cid(path)
        if cid not in self._digests:
            self.read(path)
        return self._digests[cid]

    def _cid(self, path: str) -> bytes:
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._entries(folder)
        if name not in self._folders[folder]:
            raise PublishError(f"{name} is not in ipfs://{folder}")
        return self._folders[folder][name]

    def _entries(self, folder: str) -> dict[str, bytes]:
        root, _, path = folder.partition("/")
        cid = resolve(self.block, parse_cid(root), path)
        if cid is None:
            raise PublishError(f"{path} is not in ipfs://{root}")
        return dict(entries(self.block, cid))

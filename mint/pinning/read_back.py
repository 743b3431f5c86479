"""A pinned collection, read back through a gateway: another way than it was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.car_index import MAX_BLOCK
from mint.ipfs.cid import cid_text, verified
from mint.ipfs.walk import cat, files, resolve
from mint.pinning.http import Patience, TemporaryError, request, retry
from mint.urls import masked

FILES = 12  # read back
HEAD = 1 << 20  # bytes of each


def sample(car: Car) -> list[tuple[str, bytes]]:
    """Path and CID of up to FILES files, spread evenly over the tree."""
    count = sum(1 for _ in files(car.block, car.root))
    return list(islice(files(car.block, car.root), 0, None, max(1, -(-count // FILES))))


def read_back(car: Path, gateways: Sequence[str], patience: Patience) -> list[str]:
    """Fetch a sample of `car` from each gateway (URLs), block by block; those that have it.

    Nothing a gateway says is believed: every block on the way from the root is hashed. A gateway
    that does not have the collection yet is tried again. PublishError when none has it.
    Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
    """
    served, trouble = [], []
    with closing(open_car(car)) as blocks:
        paths = sample(blocks)
        for gateway in gateways:
            try:
                _walk(_blocks_of(gateway, patience), blocks, paths)
                served.append(masked(gateway))
            except PublishError as error:
                trouble.append(str(error))
        if gateways and not served:
            raise PublishError(
                f"no gateway returns ipfs://{cid_text(blocks.root)}: {'; '.join(trouble)}",
                hint="a new collection may take minutes to reach a gateway: run the same command "
                "again, or name your service's own gateway: export IPFS_GATEWAY=https://host",
            )
    return served


def _walk(get: Callable[[bytes], bytes], car: Car, paths: Sequence[tuple[str, bytes]]) -> None:
    for path, cid in paths:
        assert resolve(get, car.root, path) == cid  # or a block on the way was another
        for _ in cat(get, cid, 0, HEAD):
            pass


def _blocks_of(gateway: str, patience: Patience) -> Callable[[bytes], bytes]:
    """CID -> its block, from a gateway, hashed; a folder's blocks are fetched once."""
    fetched: dict[bytes, bytes] = {}

    def get(cid: bytes) -> bytes:
        if cid not in fetched:
            fetched[cid] = retry(lambda: _block(gateway, cid), patience)
        return fetched[cid]

    return get


def _block(gateway: str, cid: bytes) -> bytes:
    url = f"{gateway}/ipfs/{cid_text(cid)}?format=raw"
    media_type = "application/vnd.ipld.raw"
    try:
        return verified(cid, request("GET", url, accept=media_type, most=MAX_BLOCK))
    except TemporaryError:
        raise
    except PublishError as error:
        # A 404 may mean not yet; and one bad answer of a cache is no reason to give up.
        raise TemporaryError(f"{masked(gateway)}: {error}") from error

"""A pinned collection, read back by whoever keeps it, through another door than it came in by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from mint.errors import PublishError
from mint.ipfs.car import MAX_BLOCK, Car, open_car
from mint.ipfs.cid import cid_text, verified
from mint.ipfs.walk import cat, files, resolve
from mint.pinning.http import Passing, Patience, ask, patiently
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
    that has not heard of the collection yet is asked again. PublishError when none has it.
    Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
    """
    served, trouble = [], []
    with closing(open_car(car)) as blocks:
        wanted = sample(blocks)
        for gateway in gateways:
            try:
                _walk(_blocks_of(gateway, patience), blocks, wanted)
                served.append(masked(gateway))
            except PublishError as error:
                trouble.append(str(error))
        if gateways and not served:
            raise PublishError(
                f"no gateway returns ipfs://{cid_text(blocks.root)}: {'; '.join(trouble)}",
                hint="it may take minutes to be found: run the same command again, "
                "or name a gateway that asks your service, IPFS_GATEWAY=https://host",
            )
    return served


def _walk(get: Callable[[bytes], bytes], car: Car, wanted: Sequence[tuple[str, bytes]]) -> None:
    for path, cid in wanted:
        found = resolve(get, car.root, path)
        assert found == cid  # or a block on the way was another
        for _ in cat(get, cid, 0, HEAD):
            pass


def _blocks_of(gateway: str, patience: Patience) -> Callable[[bytes], bytes]:
    """CID -> its block, from a gateway, hashed; folders' blocks are asked for once."""
    kept: dict[bytes, bytes] = {}

    def get(cid: bytes) -> bytes:
        if cid not in kept:
            kept[cid] = patiently(lambda: _block(gateway, cid), patience)
        return kept[cid]

    return get


def _block(gateway: str, cid: bytes) -> bytes:
    url = f"{gateway}/ipfs/{cid_text(cid)}?format=raw"
    kind = "application/vnd.ipld.raw"
    try:
        return verified(cid, ask("GET", url, accept=kind, most=MAX_BLOCK))
    except Passing:
        raise
    except PublishError as error:
        # Not found may mean not yet; and one bad answer of a cache is no reason to give up.
        raise Passing(f"{masked(gateway)}: {error}") from error

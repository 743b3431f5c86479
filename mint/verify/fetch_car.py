"""A root CID -> the CAR file of that root: on this disk, or from a gateway nobody has to trust."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from mint.errors import PublishError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import cid_text, parse_cid
from mint.pinning.address import at_gateway, gateways
from mint.pinning.doors import CAR
from mint.pinning.http import stream
from mint.urls import masked

_SPARE = 1 << 20  # bytes after the limit, in which it is noticed


def find_car(
    root: str, folder: Path, environ: Mapping[str, str], scratch: Path, limit: int
) -> Path:
    """The CAR with this root: of a build or a launch under `folder`, else from IPFS_GATEWAY.

    The gateway is not trusted: whoever reads the CAR hashes every block, and the download ends
    with an error after `limit` bytes. It is written to the folder `scratch`.
    """
    launched = sorted(folder.glob("**/launches/*/*/*.car"))
    for path in [*sorted(folder.glob("**/build/*/collection.car")), *launched]:
        # Another collection's broken CAR is no obstacle.
        with suppress(PublishError), closing(open_car(path)) as car:
            if cid_text(car.root) == root:
                return path
    error = VerifyError(
        f"no build or launch under {folder} holds ipfs://{root}",
        hint="run it where the collection was built, or set IPFS_GATEWAY to a gateway's URL",
    )
    for gateway in gateways(environ):
        try:
            path = _fetch(gateway, root, scratch / "collection.car", limit)
            _refuse_other(gateway, path, root)
        except VerifyError as failure:
            error = failure
        else:
            return path
    raise error


def _refuse_other(gateway: str, path: Path, root: str) -> None:
    """Raise VerifyError for what is no whole CAR of this root.

    The roots in its header are the gateway's own affair, as its specification has it; and one that
    lacks blocks may end its CAR between two of them, so that its length says nothing.
    """
    try:
        with closing(open_car(path, parse_cid(root))) as car:
            check_blocks(car)
    except PublishError as error:
        raise VerifyError(
            f"{masked(gateway)} sent something else than ipfs://{root}: {error}",
            hint="set IPFS_GATEWAY to another gateway's URL",
        ) from error


def download_limit(supply: int) -> int:
    """Bytes of a CAR of so many pictures of 1024 x 1024; a stranger may have claimed any number."""
    return (64 << 20) + min(supply, 10_000) * (4 << 20)


def _fetch(gateway: str, root: str, path: Path, limit: int) -> Path:
    """Ask a trustless gateway for the CAR: https://specs.ipfs.tech/http-gateways/trustless-gateway/"""
    left = limit
    try:
        with path.open("wb") as file:
            url = at_gateway(gateway, root, "format=car&dag-scope=all")
            for piece in stream(url, accept=CAR, most=limit + _SPARE):
                left -= len(piece)
                if left < 0:
                    raise VerifyError(
                        f"the gateway sends more than {limit // 10**6:,} MB for ipfs://{root}",
                        hint="if its pictures are that large, allow more with --download MB",
                    )
                file.write(piece)
    except PublishError as error:
        raise VerifyError(
            f"the gateway did not send ipfs://{root}: {error}",
            hint="set IPFS_GATEWAY to another gateway's URL",
        ) from error
    except OSError as error:
        raise VerifyError(
            f"ipfs://{root} cannot be written to {path.parent}: {error.strerror}",
            hint="free some disk space",
        ) from error
    return path

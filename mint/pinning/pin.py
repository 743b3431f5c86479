"""A CAR -> kept by somebody else, who has shown that they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from mint.ipfs.car import open_car
from mint.ipfs.cid import cid_text
from mint.pinning.filebase import filebase
from mint.pinning.http import PATIENCE, Patience, note
from mint.pinning.kubo import kubo
from mint.pinning.pinata import pinata
from mint.pinning.psa import psa
from mint.pinning.read_back import read_back
from mint.pinning.secrets import gateways, token_of
from mint.urls import masked

# (CAR, the environment, patience): returns once the service says that it keeps the CAR's root.
Pinner = Callable[[Path, Mapping[str, str], Patience], None]


def none(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Pin nowhere: the CAR on disk is the whole publication."""


def on_node(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Pin on the node IPFS_API, with IPFS_TOKEN if it asks for one."""
    url = environ.get("IPFS_API", "http://127.0.0.1:5001")
    kubo(car, url, token=token_of("IPFS_TOKEN", environ), patience=patience)


PINNERS: dict[str, Pinner] = {
    "none": none,
    "kubo": on_node,
    "filebase": filebase,
    "pinata": pinata,
    "psa": psa,
}
# Who is asked for a sample once a service says yes, where IPFS_GATEWAY names nobody. A node of
# one's own has returned its sample already, and may be behind a router where no gateway finds it.
GATEWAYS = {
    "filebase": ("https://ipfs.filebase.io", "https://ipfs.io"),
    "pinata": ("https://gateway.pinata.cloud", "https://ipfs.io"),
    "psa": ("https://ipfs.io", "https://dweb.link"),
}


def pin_car(
    car: Path,
    service: str,
    environ: Mapping[str, str],
    journal: Path,
    patience: Patience = PATIENCE,
) -> list[str]:
    """Pin `car` at `service`, read a sample back, and note both; the gateways that have it.

    Doing it again asks the service what it holds, and sends only what is missing. PublishError
    unless the service keeps the root and one of the gateways (IPFS_GATEWAY, several with commas)
    returned the sample.
    """
    if service == "none":
        return []
    with closing(open_car(car)) as blocks:
        about = {"service": service, "root": cid_text(blocks.root)}
    note(journal, event="asked", **about, car_bytes=car.stat().st_size)
    PINNERS[service](car, environ, patience)
    note(journal, event="pinned", **about)
    served = read_back(car, gateways(environ) or GATEWAYS.get(service, ()), patience)
    note(journal, event="read back", **about, gateways=[masked(url) for url in served])
    return served

"""The pinning services, and pinning a CAR at one of them: sent, pinned, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.dag_import import dag_import, dag_import_ready
from mint.pinning.filebase import filebase, filebase_ready
from mint.pinning.http import PATIENCE, Patience, Sent, note, unheard
from mint.pinning.kubo import NodeProof, kubo, kubo_ready
from mint.pinning.pinata import pinata, pinata_ready
from mint.pinning.psa import psa
from mint.pinning.read_back import read_back
from mint.pinning.secrets import gateways
from mint.urls import masked

# (CAR, the environment, patience, who hears of the upload): returns once the service says that it
# keeps the CAR's root; a node of one's own also shows what it has.
Pin = Callable[[Path, Mapping[str, str], Patience, Sent], NodeProof | None]
# Raises PublishError where the service is away, or a variable or token is missing or refused;
# sends nothing and costs nothing.
Ready = Callable[[Mapping[str, str]], None]


def unchecked(environ: Mapping[str, str]) -> None:
    """The `ready` of a service that is not called before painting."""


class Pinner(NamedTuple):
    """A service: how to pin there, whether it will, gateways to read back from, its library.

    The gateways count where IPFS_GATEWAY names none. A library that mint does not bring is
    an extra of pyproject.toml with the service's name.
    """

    pin: Pin
    ready: Ready = unchecked
    gateways: tuple[str, ...] = ()
    library: str | None = None


# The names are those of PinningService in mint/spec/services.py; a test compares them.
PINNERS = {
    # A node of one's own has returned its sample already, and may be behind a router where no
    # gateway finds it.
    "kubo": Pinner(kubo, kubo_ready),
    "filebase": Pinner(
        filebase, filebase_ready, ("https://ipfs.filebase.io", "https://ipfs.io"), "boto3"
    ),
    "pinata": Pinner(pinata, pinata_ready, ("https://gateway.pinata.cloud", "https://ipfs.io")),
    "psa": Pinner(psa, unchecked, ("https://ipfs.io", "https://dweb.link")),
    "dag-import": Pinner(dag_import, dag_import_ready, ("https://ipfs.io", "https://dweb.link")),
}


def refuse_without_library(service: str) -> None:
    """PublishError if a library that `service` needs is not installed; imports nothing."""
    library = PINNERS[service].library if service in PINNERS else None
    if library is not None and find_spec(library) is None:
        raise PublishError(
            f"pinning at {service} needs {library}, which is not installed",
            hint=f"pip install {PINNERS[service].library}",
        )


def pin_car(
    car: Path,
    service: str,
    environ: Mapping[str, str],
    journal: Path,
    patience: Patience = PATIENCE,
    sent: Sent = unheard,
) -> list[str]:
    """Pin `car` at `service`, read a sample back, and note both; the gateways that have it.

    Doing it again looks up what the service has, and sends only what is missing. PublishError
    unless the service keeps the root and one of the gateways (IPFS_GATEWAY, several with commas)
    returned the sample. The service "none" pins nowhere: the CAR on disk is the publication.
    """
    if service == "none":
        return []
    refuse_without_library(service)
    about, pinner = {"service": service, "root": root_of(car)}, PINNERS[service]
    note(journal, event="requested", **about, car_bytes=car.stat().st_size)
    pinner.pin(car, environ, patience, sent)
    note(journal, event="pinned", **about)
    served = read_back(car, gateways(environ) or pinner.gateways, patience)
    note(journal, event="read back", **about, gateways=[masked(url) for url in served])
    return served

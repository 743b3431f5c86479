"""The pinning services, and pinning a CAR at some of them: hashed, sent, pinned, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import cid_text
from mint.pinning.address import gateways
from mint.pinning.dag_import import dag_import, dag_import_ready
from mint.pinning.doors import Door, doors
from mint.pinning.filebase import filebase, filebase_ready
from mint.pinning.http import PATIENCE, Patience, Sent, unheard
from mint.pinning.inventory import check_labels
from mint.pinning.journal import note
from mint.pinning.kubo import kubo, kubo_lists, kubo_ready
from mint.pinning.pinata import pinata, pinata_lists, pinata_ready
from mint.pinning.psa import psa, psa_lists, psa_ready
from mint.pinning.read_back import ReadBack, read_back
from mint.spec.services import named

# (CAR, the environment, patience, what hears how much is sent): returns once the service says that
# it keeps the CAR's root.
Pin = Callable[[Path, Mapping[str, str], Patience, Sent], None]
# Raises PublishError where the service is away, or a token or variable is missing or refused; sends
# nothing, costs nothing.
Ready = Callable[[Mapping[str, str]], None]
# (root, the environment): whether the service's own list of pins has it; PublishError where it
# cannot be asked.
Lists = Callable[[str, Mapping[str, str]], bool]


class Pinner(NamedTuple):
    """A service: how to pin there, how to see whether it would, gateways, a library, its list.

    The gateways are to read a sample back from, where IPFS_GATEWAY names none. A library that mint
    does not bring is an extra of pyproject.toml with the service's name.
    """

    pin: Pin
    ready: Ready
    gateways: tuple[str, ...] = ()
    library: str | None = None
    lists: Lists | None = None


# The names are those of PinningService in mint/spec/services.py; a test compares them.
PINNERS = {
    # A node of one's own may be behind a router where no gateway finds it.
    "kubo": Pinner(kubo, kubo_ready, lists=kubo_lists),
    "filebase": Pinner(
        filebase, filebase_ready, ("https://ipfs.filebase.io", "https://ipfs.io"), "boto3"
    ),
    "pinata": Pinner(
        pinata,
        pinata_ready,
        ("https://gateway.pinata.cloud", "https://ipfs.io"),
        lists=pinata_lists,
    ),
    "psa": Pinner(psa, psa_ready, ("https://ipfs.io", "https://dweb.link"), lists=psa_lists),
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


def refuse_unready(services: Sequence[str], environ: Mapping[str, str]) -> None:
    """PublishError if one of the services would not pin: each with its own sentence."""
    gateways(environ)  # which are wanted after all is sent
    troubles: list[tuple[str, PublishError]] = []
    for service in services:
        try:
            refuse_without_library(service)
            PINNERS[service].ready(environ)
        except PublishError as error:
            troubles.append((service, error))
    if troubles:
        raise together(troubles, len(services), "not ready to keep the pictures")


def doors_of(service: str, environ: Mapping[str, str]) -> list[Door]:
    """The ways to read back what `service` keeps."""
    return doors(service, environ, PINNERS[service].gateways)


def pin_car(
    car: Path,
    services: Sequence[str],
    environ: Mapping[str, str],
    journal: Path,
    patience: Patience = PATIENCE,
    hear: Sent = unheard,
) -> Iterator[ReadBack]:
    """Pin `car` at each service, read a sample back, and note both; what came back, one by one.

    Every block is hashed before anything is sent. A service that fails does not keep the others
    from getting theirs; at the end it is a PublishError, with each one's own sentence. Doing it
    again sends only what is missing.
    """
    if not services:
        return
    for service in services:
        refuse_without_library(service)
    gateways(environ)  # which are wanted after all is sent
    with closing(open_car(car)) as reader:
        check_blocks(reader)
        check_labels(reader)
        root = cid_text(reader.root)
    troubles: list[tuple[str, PublishError]] = []
    for service in services:
        about = {"service": service, "root": root}
        note(journal, event="requested", **about, car_bytes=car.stat().st_size)
        hear(0, 0)  # what it hears next is another upload
        try:
            PINNERS[service].pin(car, environ, patience, hear)
            note(journal, event="pinned", **about)
            proof = read_back(car, service, doors_of(service, environ), patience)
        except PublishError as error:
            note(journal, event="failed", **about)
            troubles.append((service, error))
            continue
        others = [door.url for door in proof.doors if door.elsewhere]
        facts = {
            "gateways": others,
            "sample": proof.sample,
            "files": proof.files,
            "partly": proof.partly,
        }
        note(journal, event="read back", **about, **facts)
        yield proof
    if troubles:
        raise together(troubles, len(services), f"not sure to keep ipfs://{root}")


def together(failures: Sequence[tuple[str, PublishError]], of: int, what: str) -> PublishError:
    """One error for those of `of` services that failed: each with its sentence and its remedy."""
    if of == 1 and len(failures) == 1:
        return failures[0][1]
    names = list(dict.fromkeys(service for service, _ in failures))
    sentences = "; ".join(f"{service}: {error}" for service, error in failures)
    hints = "; ".join(f"{service}: {error.hint}" for service, error in failures)
    return PublishError(
        f"{named(names)} {'is' if len(names) == 1 else 'are'} {what}: {sentences}", hint=hints
    )

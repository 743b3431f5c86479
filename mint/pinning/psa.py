"""A root -> any service of the IPFS Pinning Service API, which fetches it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.diagnosis import Variables
from mint.pinning.http import Patience, Sent, request_json, retry, unheard
from mint.pinning.poll import dig, results, same_root, unexpected, wait
from mint.pinning.secrets import origins, secret
from mint.urls import masked

VARIABLES = Variables("PINNING_API", "PINNING_TOKEN")
_STATES = ("pinned", "pinning", "queued", "failed")  # the best first


class _Service(NamedTuple):
    url: str
    token: str


def psa(car: Path, environ: Mapping[str, str], patience: Patience, sent: Sent = unheard) -> None:
    """Have the service at PINNING_API fetch and pin the root; PINNING_TOKEN is yours there.

    PINNING_ORIGINS, comma separated multiaddrs of nodes that have it, makes that quick. Looked up
    in all four states before it is requested, since two requests make two pins; then polled until
    it is pinned. No bytes are sent from here. PublishError when it fails, or takes longer than
    `patience.deadline`.
    Source: IPFS Pinning Service API 1.0.0
    """
    url = environ.get("PINNING_API", "").rstrip("/")
    if not url:
        raise PublishError(
            "PINNING_API is not set: it is the URL of your service's pinning API",
            hint="export PINNING_API=https://host/psa",
        )
    purpose = "it is the token that your pinning service gave you"
    service = _Service(url, secret("PINNING_TOKEN", environ, purpose))
    root = root_of(car)
    pin = {"cid": root, "name": f"mint {car.parent.name}"[:255], "origins": origins(environ)}
    record = retry(lambda: _listed(service, root) or _requested(service, pin), patience)
    identifier = str(dig(url, record, "requestid"))
    wait(lambda: _state(service, identifier, root), url, root, patience)


def _listed(service: _Service, root: str) -> dict[str, Any] | None:
    """The service's record of our root that is furthest on; None where all have failed."""
    query = f"cid={root}&status={','.join(_STATES)}&limit=1000"
    answer = request_json(
        "GET", f"{service.url}/pins?{query}", token=service.token, variables=VARIABLES
    )
    ours = [
        record
        for record in results(service.url, answer, "results")
        if same_root(dig(service.url, record, "pin", "cid"), root)
        and _status(service, record) != "failed"
    ]
    return min(ours, key=lambda record: _STATES.index(_status(service, record)), default=None)


def _requested(service: _Service, pin: dict[str, Any]) -> dict[str, Any]:
    """The record of a new pin. A lost answer may be a yes: `retry` looks the root up again."""
    record: dict[str, Any] = request_json(
        "POST", f"{service.url}/pins", token=service.token, variables=VARIABLES, json=pin
    )
    return record


def _state(service: _Service, identifier: str, root: str) -> str | None:
    """None once it is pinned, else how far it is; PublishError when it has failed."""
    url = f"{service.url}/pins/{quote(identifier, safe='')}"
    record = request_json("GET", url, token=service.token, variables=VARIABLES)
    status = _status(service, record)
    if status == "failed":
        reason = " ".join(str(value) for value in (record.get("info") or {}).values())
        raise PublishError(
            f"{masked(url)} could not pin ipfs://{root}: {reason[:200] or 'it does not say why'}",
            hint="it fetches the collection from a node: pin it on yours first (mint pin FILE "
            "--to kubo), and export PINNING_ORIGINS=/ip4/.../p2p/...",
        )
    return None if status == "pinned" else status


def _status(service: _Service, record: object) -> str:
    status = dig(service.url, record, "status")
    if status in _STATES:
        return str(status)
    raise unexpected(service.url)

"""A root -> any service of the IPFS Pinning Service API, which fetches it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.address import service_url
from mint.pinning.diagnosis import Variables
from mint.pinning.http import Patience, Sent, request_json, retry, unheard
from mint.pinning.poll import dig, results, same_root, unexpected, wait
from mint.pinning.secrets import origins, quoted, secret
from mint.urls import masked

_BRIEF = Patience(tries=3)  # before painting
VARIABLES = Variables("PINNING_API", "PINNING_TOKEN")
_STATES = ("pinned", "pinning", "queued", "failed")  # the best first


_SOURCE = (
    "it fetches the collection from a node: pin it on yours first (mint pin FILE --to kubo), and "
    "export PINNING_ORIGINS=/ip4/.../p2p/..."
)


class _Service(NamedTuple):
    url: str
    token: str


def psa(car: Path, environ: Mapping[str, str], patience: Patience, hear: Sent = unheard) -> None:
    """Have the service at PINNING_API fetch and pin the root; PINNING_TOKEN is yours there.

    PINNING_ORIGINS, comma separated multiaddrs of nodes that have it, makes that quick. Looked up
    in all four states before it is requested, since two requests make two pins; then polled until
    it is pinned. PublishError when it fails, or takes longer than `patience.deadline`. Sends no
    bytes, so `hear` hears nothing.
    Source: IPFS Pinning Service API 1.0.0
    """
    service, root = _service(environ), root_of(car)
    pin = {"cid": root, "name": f"mint {car.parent.name}"[:255], "origins": origins(environ)}
    record = retry(lambda: _record(service, root) or _request_pin(service, pin), patience)
    identifier = str(dig(service.url, record, "requestid"))
    wait(lambda: _state(service, identifier, root), service.url, root, patience)


def psa_ready(environ: Mapping[str, str]) -> None:
    """PublishError where PINNING_API or PINNING_TOKEN is missing, refused, or nobody answers."""
    service = _service(environ)
    answer = retry(lambda: _call("GET", f"{service.url}/pins?limit=1", service), _BRIEF)
    results(service.url, answer, "results")


def psa_lists(root: str, environ: Mapping[str, str]) -> bool:
    """Whether the service lists `root` as pinned; PublishError where it cannot be asked."""
    record = _record(service := _service(environ), root)
    return record is not None and _status(service, record) == "pinned"


def _service(environ: Mapping[str, str]) -> _Service:
    url = service_url("PINNING_API", environ)
    if not url:
        raise PublishError(
            "PINNING_API is not set: it is the URL of your service's pinning API",
            hint="export PINNING_API=https://host/psa",
        )
    purpose = "it is the token that your pinning service gave you"
    return _Service(url, secret("PINNING_TOKEN", environ, purpose))


def _call(method: str, url: str, service: _Service, **more: Any) -> Any:
    return request_json(method, url, token=service.token, variables=VARIABLES, **more)


def _ours(service: _Service, record: Any, root: str) -> Any:
    """`record` if it is of our root: a service that pins something else is not believed."""
    cid = dig(service.url, record, "pin", "cid")
    if same_root(cid, root):
        return record
    raise PublishError(
        f"{masked(service.url)} pins {quoted(str(cid), [service.token], 80)}, and not ipfs://{root}",
        hint="nothing of it can be relied on: ask whoever runs it, or pin elsewhere: "
        "mint pin FILE --to ...",
    )


def _record(service: _Service, root: str) -> dict[str, Any] | None:
    """The service's record of our root that is furthest on; None where all have failed.

    Some, such as Filecoin Pin's server, know one status at a time, and find nothing for a list.
    """
    ours = _of_root(service, root, ",".join(_STATES))
    for state in _STATES[:3]:
        ours = ours or _of_root(service, root, state)
    good = [record for record in ours if _status(service, record) != "failed"]
    return min(good, key=lambda record: _STATES.index(_status(service, record)), default=None)


def _of_root(service: _Service, root: str, states: str) -> list[dict[str, Any]]:
    answer = _call("GET", f"{service.url}/pins?cid={root}&status={states}&limit=1000", service)
    records = results(service.url, answer, "results")
    return [each for each in records if same_root(dig(service.url, each, "pin", "cid"), root)]


def _request_pin(service: _Service, pin: dict[str, Any]) -> dict[str, Any]:
    """The record of a new pin. A lost answer may be a yes: `retry` looks the root up again."""
    record = _call("POST", f"{service.url}/pins", service, json=pin)
    ours: dict[str, Any] = _ours(service, record, pin["cid"])
    return ours


def _state(service: _Service, identifier: str, root: str) -> str | None:
    """None once it is pinned, else how far it is; PublishError when it has failed."""
    url = f"{service.url}/pins/{quote(identifier, safe='')}"
    record = _ours(service, _call("GET", url, service), root)
    status, info = _status(service, record), record.get("info")
    details = (
        {str(key): str(value) for key, value in info.items()} if isinstance(info, dict) else {}
    )
    if status == "failed":
        reason = quoted(" ".join(details.values()), [service.token]) or "it does not say why"
        raise PublishError(f"{masked(url)} could not pin ipfs://{root}: {reason}", hint=_SOURCE)
    # Filecoin Pin's server says "pinned" of what it could fetch, and this of the rest.
    if status == "pinned" and details.get("missing_blocks", "0") != "0":
        number = quoted(details["missing_blocks"], [service.token], 20)
        raise PublishError(
            f"{masked(url)} says that it pinned ipfs://{root}, without {number} of its blocks",
            hint=_SOURCE,
        )
    return None if status == "pinned" else status


def _status(service: _Service, record: object) -> str:
    status = dig(service.url, record, "status")
    if status in _STATES:
        return str(status)
    raise unexpected(service.url)

"""A CAR -> any service that has the dag/import of Kubo's RPC API, for a token.

Filebase's RPC and Lighthouse have it, and so has a hosted Kubo. Nothing else of that API is needed.
Source: https://docs.ipfs.tech/reference/kubo/rpc/#api-v0-dag-import
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.address import service_url
from mint.pinning.call import Reply
from mint.pinning.diagnosis import Variables
from mint.pinning.exchange import Sent, unheard
from mint.pinning.form import form
from mint.pinning.http import SOMEBODY_ELSE, WITHIN, checked, is_page, parsed, send
from mint.pinning.patience import Patience, retry
from mint.pinning.poll import same_root
from mint.pinning.secrets import quoted, secret
from mint.urls import masked

_VARIABLES = Variables("DAG_IMPORT_API", "DAG_IMPORT_TOKEN")
_END = "/api/v0/dag/import"
# What a service says that lets us in, but misses the file: Kubo 400, others what they like.
_MISSES_FILE = (400, 411, 415, 422, 500)


class _Service(NamedTuple):
    url: str  # of its dag/import
    token: str


def dag_import(
    car: Path, environ: Mapping[str, str], patience: Patience, hear: Sent = unheard
) -> None:
    """Send the CAR to the dag/import at DAG_IMPORT_API, with the token DAG_IMPORT_TOKEN.

    The service pins the root as it imports it. An upload that breaks off begins anew, and so does
    each call: the service cannot say what it has. PublishError unless it names our root.
    """
    service, root = _service(environ), root_of(car)
    retry(lambda: _import(service, car, root, hear), patience)


def dag_import_ready(environ: Mapping[str, str]) -> None:
    """PublishError where no dag/import answers, or it does not take the token; sends no CAR."""
    service = _service(environ)
    reply = send(
        "POST",
        service.url,
        (),
        0,
        token=service.token,
        within=WITHIN,
        variables=_VARIABLES,
    )
    if reply.status in (404, 405, 501):
        raise PublishError(
            f"{masked(service.url)} has no dag/import ({reply.status})",
            hint="DAG_IMPORT_API is the URL before /api/v0/dag/import",
        )
    if reply.status in (200, *_MISSES_FILE):
        _refuse_page(service, reply)
    if reply.status not in _MISSES_FILE:
        checked(service.url, reply, (service.token,), _VARIABLES)


def _service(environ: Mapping[str, str]) -> _Service:
    url = service_url("DAG_IMPORT_API", environ)
    if not url:
        raise PublishError(
            "DAG_IMPORT_API is not set: it is the URL of your service's IPFS RPC API",
            hint="export DAG_IMPORT_API=https://rpc.filebase.io, or that of another service",
        )
    url = url.removesuffix("/dag/import").removesuffix("/api/v0") + _END
    purpose = "it is the token that your service gave you for its IPFS RPC API"
    return _Service(url, secret("DAG_IMPORT_TOKEN", environ, purpose))


def _import(service: _Service, car: Path, root: str, hear: Sent) -> None:
    with car.open("rb") as data:
        upload = form(data, car.stat().st_size, "collection.car")
        reply = send(
            "POST",
            f"{service.url}?pin-roots=true",
            upload.body,
            upload.size,
            headers={"Content-Type": upload.media_type, "Accept": "application/json"},
            token=service.token,
            hear=hear,
            variables=_VARIABLES,
        )
    checked(service.url, reply, (service.token,), _VARIABLES)
    _refuse_page(service, reply)
    where = masked(service.url)
    lines = [parsed(line, where) for line in reply.body.splitlines() if line.strip()]
    for failure in filter(None, (_dig(line, "Root", "PinErrorMsg") for line in lines)):
        raise PublishError(
            f"{where} took the CAR but does not pin it: {quoted(str(failure), (service.token,))}",
            hint="is there room in your plan? Then run the same command again",
        )
    names = [name for line in lines for name in _names(line)]
    if not any(same_root(name, root) for name in names):
        answer = quoted(str(names[0]), (service.token,)) if names else "nothing"
        raise PublishError(
            f"{where} imported {answer}, and not {root}",
            hint="is DAG_IMPORT_API right? If it is, the service does not import CARs as they are",
        )


def _refuse_page(service: _Service, reply: Reply) -> None:
    """No TemporaryError: the next try would send the whole CAR again, to the same page."""
    if is_page(reply.body):
        raise PublishError(
            f"{masked(service.url)} answers with a web page, not in JSON ({reply.status})",
            hint=SOMEBODY_ELSE,
        )


def _names(line: Any) -> Iterator[object]:
    """How a line of the answer calls a root: as Kubo does, or as Lighthouse calls a file."""
    for keys in (("Root", "Cid", "/"), ("Root", "Cid"), ("data", "Hash"), ("Hash",)):
        name = _dig(line, *keys)
        if isinstance(name, str):
            yield name


def _dig(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

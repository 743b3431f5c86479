"""A CAR -> Pinata, by upload, or by its CID where it is too large."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.diagnosis import Variables
from mint.pinning.form import form
from mint.pinning.http import Patience, Sent, checked, parsed, request_json, retry, send, unheard
from mint.pinning.poll import dig, results, same_root, wait
from mint.pinning.secrets import origins, secret

PINATA, PINATA_UPLOADS = "https://api.pinata.cloud", "https://uploads.pinata.cloud"
VARIABLES = Variables("PINATA_API", "PINATA_JWT")
PINATA_MOST = 95_000_000  # bytes; above about 100 MB its front door answers 503
_FAILED = ("expired", "over_free_limit", "over_max_size", "invalid_object", "bad_host_node")


class _Account(NamedTuple):
    url: str
    uploads: str
    token: str


def pinata(car: Path, environ: Mapping[str, str], patience: Patience, sent: Sent = unheard) -> None:
    """Have Pinata keep the collection: the CAR itself up to PINATA_MOST bytes, else by its CID.

    PINATA_JWT is your token there. By CID Pinata fetches the collection from the nodes in
    PINNING_ORIGINS (a paid plan's feature). An upload that does not come back under our root is
    an error: Pinata then stored the CAR as a file like any other.
    Source: https://docs.pinata.cloud/api-reference; that v3/files takes CARs (`car`) is used by
    others and not documented, so its answer decides.
    """
    account = _Account(
        environ.get("PINATA_API", PINATA).rstrip("/"),
        environ.get("PINATA_UPLOADS", PINATA_UPLOADS).rstrip("/"),
        secret("PINATA_JWT", environ, "it is the JWT that Pinata's web page shows for an API key"),
    )
    root, small = root_of(car), car.stat().st_size <= PINATA_MOST

    def start() -> None:
        if _stored(account, root):
            return
        if small:
            _upload(account, car, root, sent)
        elif all(state in _FAILED for state in _job_states(account, root)):
            _pin_by_cid(account, root, car.parent.name, origins(environ))

    retry(start, patience)
    wait(lambda: _state(account, root, small), account.url, root, patience)


def _stored(account: _Account, root: str) -> bool:
    url = f"{account.url}/v3/files/public"
    answer = request_json("GET", f"{url}?cid={root}", token=account.token, variables=VARIABLES)
    return any(same_root(file.get("cid"), root) for file in results(url, answer, "data", "files"))


def _upload(account: _Account, car: Path, root: str, sent: Sent) -> None:
    with car.open("rb") as data:
        fields = {"network": "public", "name": car.parent.name, "car": "true"}
        upload = form(data, car.stat().st_size, car.name, fields, "application/vnd.ipld.car")
        headers = {"Content-Type": upload.media_type}
        url = f"{account.uploads}/v3/files"
        reply = send(
            "POST",
            url,
            upload.body,
            upload.size,
            headers=headers,
            token=account.token,
            variables=VARIABLES,
            sent=sent,
        )
    answer = parsed(checked(url, reply, [account.token], VARIABLES).body, account.uploads)
    cid = dig(account.uploads, answer, "data", "cid")
    if not same_root(cid, root):
        raise PublishError(
            f"Pinata stored the CAR as {str(cid)[:80]}, and not as {root}",
            hint="pin it elsewhere first (mint pin FILE --to filebase), then by its CID: "
            "mint pin FILE --to psa, with PINNING_API=https://api.pinata.cloud/psa",
        )


def _job_states(account: _Account, root: str) -> list[str]:
    """States of Pinata's jobs that fetch this root; [] where there is none."""
    url = f"{account.url}/v3/files/public/pin_by_cid"
    answer = request_json("GET", f"{url}?cid={root}", token=account.token, variables=VARIABLES)
    return [str(job.get("status")) for job in results(url, answer, "data", "jobs")]


def _pin_by_cid(account: _Account, root: str, name: str, hosts: list[str]) -> None:
    pin = {"cid": root, "name": name} | ({"host_nodes": hosts} if hosts else {})
    url = f"{account.url}/v3/files/public/pin_by_cid"
    request_json("POST", url, token=account.token, variables=VARIABLES, json=pin)


def _state(account: _Account, root: str, small: bool) -> str | None:
    """None once Pinata lists the root, else how far it is; PublishError when it gave up."""
    if _stored(account, root):
        return None
    states = [] if small else _job_states(account, root)
    if states and all(state in _FAILED for state in states):
        raise PublishError(
            f"Pinata could not pin ipfs://{root}: {states[0]}",
            hint="it fetches the collection from a node: pin it on yours first (mint pin FILE "
            "--to kubo), and export PINNING_ORIGINS=/ip4/.../p2p/...",
        )
    return states[0] if states else "not listed yet"

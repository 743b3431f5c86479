"""A CAR -> Pinata: in one request, or in chunks where it is large; by its CID from a node of yours.

Sources: https://docs.pinata.cloud/files/uploading-files (uploads by tus, CAR files, pins by CID),
https://docs.pinata.cloud/account-management/limits; and of its own library (npm, pinata 2.5.6) that
uploads by tus say `car` in their metadata, and the last answer has the header Upload-CID
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.address import service_url
from mint.pinning.bookmark import bookmark
from mint.pinning.diagnosis import Variables
from mint.pinning.exchange import Sent, unheard
from mint.pinning.form import form
from mint.pinning.http import checked, parsed, request_json, send
from mint.pinning.patience import Patience, retry
from mint.pinning.poll import Overdue, dig, results, same_root, wait
from mint.pinning.secrets import origins, quoted, secret
from mint.pinning.tus import Door, tus_upload
from mint.urls import masked

PINATA, PINATA_UPLOADS = "https://api.pinata.cloud", "https://uploads.pinata.cloud"
PINATA_MOST = 95_000_000  # bytes in one request; above about 100 MB it wants chunks
PINATA_LARGEST = 25_000_000_000  # bytes, whichever way
# Seconds for a root to turn up at Pinata that called the CAR something else: it unpacks later.
PINATA_DOUBT = 120.0
_MEDIA_TYPE = "application/vnd.ipld.car"
_API = Variables("PINATA_API", "PINATA_JWT")
_UPLOADS = Variables("PINATA_UPLOADS", "PINATA_JWT")
_FAILED = ("expired", "over_free_limit", "over_max_size", "invalid_object", "bad_host_node")
_PLAN = "CAR files are a paid plan's feature at Pinata; which plan you have says app.pinata.cloud"


class _Account(NamedTuple):
    url: str
    uploads: str
    token: str


def pinata(car: Path, environ: Mapping[str, str], patience: Patience, hear: Sent = unheard) -> None:
    """Have Pinata keep the collection, with the token PINATA_JWT (a paid plan's).

    Up to PINATA_MOST bytes the CAR goes in one request. A larger one goes in chunks, which a
    later run continues where an earlier one broke off; unless PINNING_ORIGINS names nodes that
    have the collection, from where Pinata then fetches it by its CID. Returns once Pinata lists
    our root, which it may do some time after an upload; PublishError if it does not.
    """
    account, root, size = _account(environ), root_of(car), car.stat().st_size
    hosts = origins(environ) if size > PINATA_MOST else []
    if size > PINATA_LARGEST and not hosts:
        raise PublishError(
            f"{car} is too large for Pinata, which takes 25 GB",
            hint="pin it on a node of yours first (mint pin FILE --to kubo), and export "
            "PINNING_ORIGINS=/ip4/.../p2p/...: then Pinata fetches it from there",
        )
    if retry(lambda: _stored(account, root), patience.reading):
        return
    if hosts:
        retry(lambda: _pin_by_cid(account, root, _name(car), hosts), patience)
        wait(lambda: _state_by_cid(account, root), account.url, root, patience)
    elif size > PINATA_MOST:
        _upload_in_chunks(account, car, root, patience, hear)
    else:
        name = retry(lambda: _upload(account, car, root, hear), patience)
        _wait_unpacked(account, root, name, patience)


def pinata_ready(environ: Mapping[str, str]) -> None:
    """PublishError where Pinata is away, or does not take PINATA_JWT; sends nothing."""
    account = _account(environ)
    url = f"{account.url}/v3/files/public"
    request_json("GET", f"{url}?limit=1", token=account.token, variables=_API)


def pinata_lists(root: str, environ: Mapping[str, str]) -> bool:
    """Whether Pinata lists `root` among your files; PublishError where it cannot be asked."""
    return _stored(_account(environ), root)


def _account(environ: Mapping[str, str]) -> _Account:
    return _Account(
        service_url("PINATA_API", environ, PINATA),
        service_url("PINATA_UPLOADS", environ, PINATA_UPLOADS),
        secret("PINATA_JWT", environ, "it is the JWT that Pinata's web page shows for an API key"),
    )


def _stored(account: _Account, root: str) -> bool:
    url = f"{account.url}/v3/files/public"
    answer = request_json("GET", f"{url}?cid={root}", token=account.token, variables=_API)
    return any(same_root(file.get("cid"), root) for file in results(url, answer, "data", "files"))


def _upload(account: _Account, car: Path, root: str, hear: Sent) -> str | None:
    """Send the CAR as a form; what Pinata calls it, None where it does not say."""
    if _stored(account, root):  # the answer to an earlier try was lost
        return root
    url = f"{account.uploads}/v3/files"
    fields = {"network": "public", "name": _name(car), "car": "true"}
    with car.open("rb") as data:
        upload = form(
            data, car.stat().st_size, "collection.car", fields, "application/vnd.ipld.car"
        )
        reply = send(
            "POST",
            url,
            upload.body,
            upload.size,
            headers={"Content-Type": upload.media_type, "Accept": "application/json"},
            token=account.token,
            hear=hear,
            variables=_UPLOADS,
        )
    checked(url, reply, (account.token,), _UPLOADS)
    data = dig(account.uploads, parsed(reply.body, masked(url)), "data")
    cid = data.get("cid") if isinstance(data, dict) else None
    return None if cid is None else str(cid)


def _name(car: Path) -> str:
    """How Pinata's web page shows it: the folder's name, in one line."""
    return " ".join(car.absolute().parent.name.split()) or "collection"


def _upload_in_chunks(
    account: _Account, car: Path, root: str, patience: Patience, hear: Sent
) -> None:
    url = f"{account.uploads}/v3/files"
    metadata = {
        "filename": _name(car),
        "filetype": _MEDIA_TYPE,
        "network": "public",
        "car": "true",
    }
    mark = bookmark(car, masked(url))
    answer = tus_upload(car, Door(url, account.token, metadata, _UPLOADS), mark, patience, hear)
    try:
        _wait_unpacked(account, root, answer.get("upload-cid"), patience)
    except Overdue:
        mark.remove()  # it cannot unpack what it has, and a later run sends all of it anew
        raise
    mark.remove()


def _wait_unpacked(account: _Account, root: str, name: str | None, patience: Patience) -> None:
    """Return once Pinata lists the root; it unpacks a CAR after it has taken it."""
    other = None if name is None or same_root(name, root) else quoted(name, (account.token,))
    if other is not None:
        patience = patience._replace(deadline=min(patience.deadline, PINATA_DOUBT))
    try:
        wait(
            lambda: None if _stored(account, root) else "not listed yet",
            account.url,
            root,
            patience,
        )
    except Overdue:
        trouble = f"as {other}, and not as {root}" if other else f"and does not list {root}"
        raise Overdue(
            f"Pinata stored the CAR {trouble}",
            hint=f"{_PLAN}. Another way: pin it elsewhere first (mint pin FILE --to filebase), "
            "then by its CID: mint pin FILE --to psa, with "
            "PINNING_API=https://api.pinata.cloud/psa",
        ) from None


def _job_states(account: _Account, root: str) -> list[str]:
    """States of Pinata's jobs that fetch this root; [] where there is none."""
    url = f"{account.url}/v3/files/public/pin_by_cid"
    answer = request_json("GET", f"{url}?cid={root}", token=account.token, variables=_API)
    return [str(job.get("status")) for job in results(url, answer, "data", "jobs")]


def _pin_by_cid(account: _Account, root: str, name: str, hosts: list[str]) -> None:
    """Start a job that fetches the root from `hosts`, unless one is under way."""
    if _stored(account, root) or not all(it in _FAILED for it in _job_states(account, root)):
        return
    url = f"{account.url}/v3/files/public/pin_by_cid"
    pin = {"cid": root, "name": name, "host_nodes": hosts}
    request_json("POST", url, token=account.token, json=pin, variables=_API)


def _state_by_cid(account: _Account, root: str) -> str | None:
    """None once Pinata lists the root, else how far its job is; PublishError when it gave up."""
    if _stored(account, root):
        return None
    states = _job_states(account, root)
    if states and all(state in _FAILED for state in states):
        raise PublishError(
            f"Pinata could not pin ipfs://{root}: {states[0]}",
            hint="it fetches the collection from a node: pin it on yours first (mint pin FILE "
            "--to kubo), and export PINNING_ORIGINS=/ip4/.../p2p/...; without PINNING_ORIGINS it "
            "is uploaded",
        )
    return quoted(states[0], (account.token,)) if states else "not listed yet"

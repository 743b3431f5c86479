"""A CAR and a pinning service -> the service says that it keeps the root, and that it is ours.

The IPFS Pinning Service API and Pinata's pin by CID move no bytes: the service fetches the
collection over IPFS, so somebody has to have it first: a node of yours, or Filebase.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.cid import DIGEST, cid_text, parse_cid
from mint.ipfs.service import AGAIN, Passing, Patience, asked_json, patiently, secret, shown

PINATA, PINATA_UPLOADS = "https://api.pinata.cloud", "https://uploads.pinata.cloud"
FILEBASE = "https://s3.filebase.com"
PINATA_MOST = 95_000_000  # bytes; above about 100 MB its front door answers 503
_STATES = ("pinned", "pinning", "queued", "failed")  # the best first
_BROKEN = ("expired", "over_free_limit", "over_max_size", "invalid_object", "bad_host_node")


def psa(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Have the service at PINNING_API fetch and pin the root; PINNING_TOKEN says who asks.

    PINNING_ORIGINS, comma separated multiaddrs of nodes that have it, makes that quick. Looked up
    in all four states before it is asked for, since asking twice makes two pins; then polled until
    it is pinned. PublishError when it fails, or takes longer than `patience.deadline`.
    Source: IPFS Pinning Service API 1.0.0
    """
    if not (url := environ.get("PINNING_API", "").rstrip("/")):
        raise PublishError("PINNING_API is not set", hint="export PINNING_API=https://host/psa")
    token = secret("PINNING_TOKEN", environ, "the pinning service wants to know who you are")
    root = _root(car)
    origins = [text for text in environ.get("PINNING_ORIGINS", "").split(",") if text]

    def listed() -> dict[str, Any] | None:
        query = f"cid={root}&status={','.join(_STATES)}&limit=1000"
        found = _results(url, asked_json("GET", f"{url}/pins?{query}", token=token), "results")
        ours = [it for it in found if _same(_dig(url, it, "pin", "cid"), root)]
        return min(ours, key=lambda it: _STATES.index(_state(url, it)), default=None)

    def wanted() -> dict[str, Any]:
        found = listed()
        if found is not None and _state(url, found) != "failed":
            return found
        # Repeated only after another look: the answer that was lost may have been a yes.
        pin = {"cid": root, "name": f"mint {car.parent.name}"[:255], "origins": origins}
        made: dict[str, Any] = asked_json("POST", f"{url}/pins", token=token, json=pin)
        return made

    request = str(_dig(url, patiently(wanted, patience), "requestid"))

    def state() -> str | None:
        asked = asked_json("GET", f"{url}/pins/{quote(request, safe='')}", token=token)
        if _state(url, asked) == "failed":
            why = " ".join(str(v) for v in (asked.get("info") or {}).values())
            raise PublishError(
                f"{shown(url)} could not pin ipfs://{root}: {why[:200] or 'it does not say why'}",
                hint="does a node that it can reach have the collection? Pin it on yours first, "
                "and name it: PINNING_ORIGINS=/ip4/.../p2p/...",
            )
        return None if _state(url, asked) == "pinned" else _state(url, asked)

    _wait(state, url, root, patience)


def pinata(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Have Pinata keep the collection: the CAR itself up to PINATA_MOST bytes, else by its CID.

    PINATA_JWT says who asks. By CID Pinata fetches the collection from the nodes in
    PINNING_ORIGINS (a paid plan's feature). An upload that does not come back under our root is
    an error: Pinata then kept the CAR as a file like any other.
    Source: https://docs.pinata.cloud/api-reference; that v3/files takes CARs (`car`) is used by
    others and not documented, so its answer decides.
    """
    token = secret("PINATA_JWT", environ, "Pinata wants to know who you are")
    url = environ.get("PINATA_API", PINATA).rstrip("/")
    uploads = environ.get("PINATA_UPLOADS", PINATA_UPLOADS).rstrip("/")
    root, small = _root(car), car.stat().st_size <= PINATA_MOST
    jobs = f"{url}/v3/files/public/pin_by_cid"

    def kept() -> bool:
        files = asked_json("GET", f"{url}/v3/files/public?cid={root}", token=token)
        return any(_same(it.get("cid"), root) for it in _results(url, files, "data", "files"))

    def queued() -> list[str]:
        rows = asked_json("GET", f"{jobs}?cid={root}", token=token)
        return [str(it.get("status")) for it in _results(url, rows, "data", "jobs")]

    def wanted() -> None:
        if kept():
            return
        if small:
            with car.open("rb") as data:
                told = asked_json(
                    "POST",
                    f"{uploads}/v3/files",
                    token=token,
                    data={"network": "public", "name": car.parent.name, "car": "true"},
                    files={"file": (car.name, data, "application/vnd.ipld.car")},
                )
            if not _same(found := _dig(uploads, told, "data", "cid"), root):
                raise PublishError(
                    f"Pinata took the CAR as {str(found)[:80]}, and not as {root}",
                    hint="pin it elsewhere first (mint pin FILE --to filebase), then by its CID: "
                    "mint pin FILE --to psa, with PINNING_API=https://api.pinata.cloud/psa",
                )
        elif not any(state not in _BROKEN for state in queued()):
            hosts = [text for text in environ.get("PINNING_ORIGINS", "").split(",") if text]
            pin = {"cid": root, "name": car.parent.name} | ({"host_nodes": hosts} if hosts else {})
            asked_json("POST", jobs, token=token, json=pin)

    def state() -> str | None:
        if kept():
            return None
        states = [] if small else queued()
        if states and all(state in _BROKEN for state in states):
            raise PublishError(
                f"Pinata could not pin ipfs://{root}: {states[0]}",
                hint="does a node that it can reach have the collection? Pin it on yours first",
            )
        return states[0] if states else "not listed yet"

    patiently(wanted, patience)
    _wait(state, url, root, patience)


def filebase(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Put the CAR into the bucket FILEBASE_BUCKET, where it is unpacked and pinned.

    FILEBASE_KEY and FILEBASE_SECRET say who asks. Sent once: an object that is there, of this root
    and size, is left alone. PublishError unless Filebase names our root for it.
    Source: https://filebase.com/docs, S3 PUT with the metadata `import: car`
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    where = environ.get("FILEBASE_API", FILEBASE)
    try:
        s3, bucket = _s3(where, environ, patience), environ.get("FILEBASE_BUCKET")
        if not bucket:
            raise PublishError("FILEBASE_BUCKET is not set", hint="export FILEBASE_BUCKET=name")
        root, size = _root(car), car.stat().st_size
        key = f"{root}.car"
        there, length = _held(s3, bucket, key)
        if not (_same(there, root) and length == size):
            s3.upload_file(str(car), bucket, key, ExtraArgs={"Metadata": {"import": "car"}})

        def state() -> str | None:
            found, length = _held(s3, bucket, key)
            if length != size or (found is not None and not _same(found, root)):
                raise PublishError(
                    f"Filebase took the CAR as {found} of {length} bytes, and not as {root}",
                    hint="delete it there, and run the same command again",
                )
            return None if found else "being unpacked"

        _wait(state, where, root, patience)
    except ClientError as error:
        why = error.response.get("Error", {}).get("Message", "")
        raise PublishError(
            f"Filebase refuses: {str(why)[:200]}", hint="are the key, secret and bucket right?"
        ) from None
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise PublishError(
            f"{shown(where)} does not answer ({type(error).__name__})", hint=AGAIN
        ) from None


def _s3(where: str, environ: Mapping[str, str], patience: Patience) -> Any:
    import boto3
    from botocore.config import Config

    key, hidden = (
        secret(name, environ, "Filebase wants to know who you are")
        for name in ("FILEBASE_KEY", "FILEBASE_SECRET")
    )
    # Its own retries wait and jitter as ours do.
    retries: Any = {"total_max_attempts": patience.tries, "mode": "standard"}
    return boto3.client(
        "s3",
        endpoint_url=where,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=hidden,
        config=Config(retries=retries, s3={"addressing_style": "path"}),
    )


def _held(s3: Any, bucket: str, key: str) -> tuple[str | None, int]:
    """The root that Filebase names for an object, and its size; (None, -1) where none is."""
    from botocore.exceptions import ClientError

    try:
        found = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return None, -1
        raise
    cid = found["Metadata"].get("cid")
    return (cid_text(parse_cid(cid)) if cid else None), int(found["ContentLength"])


def _wait(state: Callable[[], str | None], url: str, root: str, patience: Patience) -> None:
    """Ask `state` until it is None; PublishError after `patience.deadline` seconds."""
    until, pause = time.monotonic() + patience.deadline, patience.first
    while (now := patiently(state, patience)) is not None:
        if time.monotonic() > until:
            raise PublishError(
                f"{shown(url)} does not say after {patience.deadline:.0f} s that it holds "
                f"ipfs://{root}: {now}",
                hint="run the same command again: it goes on waiting, and asks for nothing twice",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 30.0)


def _root(car: Path) -> str:
    with closing(open_car(car)) as blocks:
        return cid_text(blocks.root)


def _same(found: object, root: str) -> bool:
    """By digest: a CID has several spellings and two versions, and all name the same blocks."""
    try:
        return parse_cid(str(found))[-DIGEST:] == parse_cid(root)[-DIGEST:]
    except PublishError:
        return False


def _state(url: str, request: object) -> str:
    if (state := _dig(url, request, "status")) in _STATES:
        return str(state)
    raise _odd(url)


def _results(url: str, answer: object, *keys: str) -> list[dict[str, Any]]:
    found = _dig(url, answer, *keys)
    if isinstance(found, list) and all(isinstance(it, dict) for it in found):
        return found
    raise _odd(url)


def _dig(url: str, answer: Any, *keys: str) -> Any:
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError):
        raise _odd(url) from None
    return answer


def _odd(url: str) -> PublishError:
    return Passing(f"{shown(url)} does not answer as the API says", hint="is this the right URL?")

"""A CAR -> Filebase, which unpacks it from an S3 upload. Needs boto3: `mint[filebase]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.ipfs.cid import cid_text, parse_cid
from mint.pinning.address import service_url
from mint.pinning.bookmark import bookmark
from mint.pinning.diagnosis import Variables
from mint.pinning.exchange import Sent, unheard
from mint.pinning.patience import PATIENCE, Patience
from mint.pinning.poll import same_root, wait
from mint.pinning.s3 import Bucket, Keys
from mint.pinning.secrets import quoted, secret
from mint.urls import masked

FILEBASE = "https://s3.filebase.com"
_VARIABLES = Variables("FILEBASE_API", "FILEBASE_KEY and FILEBASE_SECRET")
# What boto3 sends at all; Filebase wants 3 to 63 of small letters, digits, "-" and ".".
_BUCKET = re.compile(r"[a-zA-Z0-9._-]{1,255}")


class _Stored(NamedTuple):
    """An object in the bucket: its size in bytes, and the root that Filebase read from it."""

    size: int
    root: str | None


def filebase(
    car: Path, environ: Mapping[str, str], patience: Patience, hear: Sent = unheard
) -> None:
    """Put the CAR into the bucket FILEBASE_BUCKET, where it is unpacked and pinned.

    FILEBASE_KEY and FILEBASE_SECRET are yours. Sent once: an object that is there, of this root
    and size, is left alone; and a large one that broke off goes on with the next run. PublishError
    unless Filebase names our root for it.
    Source: https://filebase.com/docs, S3 PUT with the metadata `import: car`
    """
    bucket = _bucket(environ, patience)
    root, size = root_of(car), car.stat().st_size
    key, where = f"{root}.car", service_url("FILEBASE_API", environ, FILEBASE)
    entry = _stored(bucket, key)
    if entry is None:
        _refuse_absent(bucket)
    # Its name is its root. One that Filebase has named no root for yet is being unpacked.
    other = entry is not None and entry.root is not None and not same_root(entry.root, root)
    if entry is None or entry.size != size or other:
        mark = bookmark(car, f"{masked(where)}/{bucket.name}")
        bucket.put(key, car, {"import": "car"}, mark, hear)
    never = f"; should it take days, delete {key} in the bucket first, and it is sent anew"
    wait(lambda: _state(bucket, key, root, size), where, root, patience, never)


def filebase_ready(environ: Mapping[str, str]) -> None:
    """PublishError where Filebase is away, or the bucket is not yours; sends nothing."""
    _refuse_absent(_bucket(environ, PATIENCE._replace(tries=2)))


def _refuse_absent(bucket: Bucket) -> None:
    if not bucket.exists():
        raise PublishError(
            f"there is no bucket {bucket.name} at Filebase",
            hint="create it as an IPFS bucket at https://console.filebase.com, or correct "
            "FILEBASE_BUCKET",
        )


def _bucket(environ: Mapping[str, str], patience: Patience) -> Bucket:
    name = environ.get("FILEBASE_BUCKET", "").strip()
    if not name:
        raise PublishError(
            "FILEBASE_BUCKET is not set: it is the name of your bucket at Filebase",
            hint="create an IPFS bucket at https://console.filebase.com, then "
            "export FILEBASE_BUCKET=its-name",
        )
    if not _BUCKET.fullmatch(name):
        raise PublishError(
            f"FILEBASE_BUCKET is {quoted(name, (), 60)!r}, which no bucket can be called: it has "
            "3 to 63 small letters, digits, hyphens and dots",
            hint="https://console.filebase.com shows its name under Buckets: export "
            "FILEBASE_BUCKET=its-name",
        )
    key, secret_key = (
        secret(name, environ, "https://console.filebase.com shows it under Access Keys")
        for name in ("FILEBASE_KEY", "FILEBASE_SECRET")
    )
    keys = Keys(service_url("FILEBASE_API", environ, FILEBASE), key, secret_key, _VARIABLES)
    return Bucket(keys, name, patience)


def _state(bucket: Bucket, key: str, root: str, size: int) -> str | None:
    """None once Filebase has unpacked our root; PublishError when it has another one."""
    entry = _stored(bucket, key)
    if entry is None or (entry.size != size and entry.root is None):
        size_there = "nothing" if entry is None else f"{entry.size:,} bytes"
        raise PublishError(
            f"Filebase does not show the CAR that was sent: it has {size_there} as {key} in the "
            f"bucket {bucket.name}",
            hint="is FILEBASE_API right? If it is, look at the bucket on "
            "https://console.filebase.com, then run the same command again",
        )
    # Only Filebase itself names a root: the object is there, and is not ours as it should be.
    if entry.size != size or (entry.root is not None and not same_root(entry.root, root)):
        raise PublishError(
            f"Filebase stored the CAR as {entry.root} of {entry.size} bytes, and not as {root}",
            hint=f"look at {key} in the bucket {bucket.name}: is it an IPFS bucket? If it is, "
            "delete the object there, and run the same command again",
        )
    return None if entry.root else "being unpacked"


def _stored(bucket: Bucket, key: str) -> _Stored | None:
    head = bucket.head(key)
    if head is None:
        return None
    cid = head["Metadata"].get("cid")
    return _Stored(int(head["ContentLength"]), cid_text(parse_cid(cid)) if cid else None)

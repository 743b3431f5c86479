"""A CAR -> Filebase, which unpacks it from an S3 upload. Needs boto3: `mint[filebase]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.ipfs.cid import cid_text, parse_cid
from mint.pinning.http import RUN_AGAIN, Patience, Sent, unheard
from mint.pinning.poll import same_root, wait
from mint.pinning.secrets import secret
from mint.urls import masked

FILEBASE = "https://s3.filebase.com"


class _Stored(NamedTuple):
    """An object in the bucket: its size in bytes, and the root that Filebase read from it."""

    size: int
    root: str | None


def filebase(
    car: Path, environ: Mapping[str, str], patience: Patience, sent: Sent = unheard
) -> None:
    """Put the CAR into the bucket FILEBASE_BUCKET, where it is unpacked and pinned.

    FILEBASE_KEY and FILEBASE_SECRET are yours. Sent once: an object that is there, of this root
    and size, is left alone. PublishError unless Filebase names our root for it.
    Source: https://filebase.com/docs, S3 PUT with the metadata `import: car`
    """
    where = environ.get("FILEBASE_API", FILEBASE)
    bucket = environ.get("FILEBASE_BUCKET")
    if not bucket:
        raise PublishError(
            "FILEBASE_BUCKET is not set: it is the name of your bucket at Filebase",
            hint="create an IPFS bucket at https://console.filebase.com, then "
            "export FILEBASE_BUCKET=its-name",
        )
    root, size = root_of(car), car.stat().st_size
    key = f"{root}.car"
    with _errors(where):
        s3 = _client(where, environ, patience)
        stored = _stored(s3, bucket, key)
        if stored is None or stored.size != size or not same_root(stored.root, root):
            s3.upload_file(str(car), bucket, key, ExtraArgs={"Metadata": {"import": "car"}})
        wait(lambda: _state(s3, bucket, key, root, size), where, root, patience)


@contextmanager
def _errors(where: str) -> Iterator[None]:
    """Whatever boto3 raises inside, as a PublishError."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", "")
        raise PublishError(
            f"Filebase refuses: {str(reason)[:200]}",
            hint="compare FILEBASE_KEY, FILEBASE_SECRET and FILEBASE_BUCKET with those at "
            "https://console.filebase.com",
        ) from None
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise PublishError(
            f"{masked(where)} does not answer ({type(error).__name__})", hint=RUN_AGAIN
        ) from None


def _client(where: str, environ: Mapping[str, str], patience: Patience) -> Any:
    import boto3
    from botocore.config import Config

    key, secret_key = (
        secret(name, environ, "https://console.filebase.com shows it under Access Keys")
        for name in ("FILEBASE_KEY", "FILEBASE_SECRET")
    )
    # Its own retries wait and jitter as ours do.
    retries: Any = {"total_max_attempts": patience.tries, "mode": "standard"}
    return boto3.client(
        "s3",
        endpoint_url=where,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret_key,
        config=Config(retries=retries, s3={"addressing_style": "path"}),
    )


def _state(s3: Any, bucket: str, key: str, root: str, size: int) -> str | None:
    """None once Filebase has unpacked our root; PublishError when it has another one."""
    stored = _stored(s3, bucket, key) or _Stored(-1, None)
    if stored.size != size or (stored.root is not None and not same_root(stored.root, root)):
        raise PublishError(
            f"Filebase stored the CAR as {stored.root} of {stored.size} bytes, and not as {root}",
            hint=f"delete {key} from the bucket, and run the same command again",
        )
    return None if stored.root else "being unpacked"


def _stored(s3: Any, bucket: str, key: str) -> _Stored | None:
    from botocore.exceptions import ClientError

    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return None
        raise
    cid = head["Metadata"].get("cid")
    return _Stored(int(head["ContentLength"]), cid_text(parse_cid(cid)) if cid else None)

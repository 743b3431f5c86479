"""A CAR -> Filebase, which imports it through an S3 upload."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.errors import PublishError
from mint.ipfs.cid import cid_text, parse_cid
from mint.pinning.http import AGAIN, Patience
from mint.pinning.poll import root_of, same_root, wait
from mint.pinning.secrets import secret
from mint.urls import masked

FILEBASE = "https://s3.filebase.com"


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
        s3, bucket = _client(where, environ, patience), environ.get("FILEBASE_BUCKET")
        if not bucket:
            raise PublishError("FILEBASE_BUCKET is not set", hint="export FILEBASE_BUCKET=name")
        root, size = root_of(car), car.stat().st_size
        key = f"{root}.car"
        there, length = _held(s3, bucket, key)
        if not (same_root(there, root) and length == size):
            s3.upload_file(str(car), bucket, key, ExtraArgs={"Metadata": {"import": "car"}})

        def state() -> str | None:
            found, length = _held(s3, bucket, key)
            if length != size or (found is not None and not same_root(found, root)):
                raise PublishError(
                    f"Filebase took the CAR as {found} of {length} bytes, and not as {root}",
                    hint="delete it there, and run the same command again",
                )
            return None if found else "being unpacked"

        wait(state, where, root, patience)
    except ClientError as error:
        why = error.response.get("Error", {}).get("Message", "")
        raise PublishError(
            f"Filebase refuses: {str(why)[:200]}", hint="are the key, secret and bucket right?"
        ) from None
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise PublishError(
            f"{masked(where)} does not answer ({type(error).__name__})", hint=AGAIN
        ) from None


def _client(where: str, environ: Mapping[str, str], patience: Patience) -> Any:
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

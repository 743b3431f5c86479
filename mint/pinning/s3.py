"""A file -> a bucket of an S3 service, in parts where it is large; boto3 signs, our HTTP carries.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mint.errors import PublishError
from mint.pinning.bookmark import Bookmark
from mint.pinning.diagnosis import Variables, diagnosed
from mint.pinning.exchange import PIECE, Sent, unheard
from mint.pinning.http import SOMEBODY_ELSE, THINKING, WITHIN, is_page, send
from mint.pinning.patience import Patience, TemporaryError, retry
from mint.urls import masked

T = TypeVar("T")
PART = 16 << 20  # bytes; at least 5 MiB but for the last one
MOST_PARTS = 10_000
MOST_PAGES = 100  # of a list of parts, which holds a thousand of them on each


class Keys(NamedTuple):
    """Where the service is, both keys, and the variables to name where one of them is wrong."""

    url: str
    key: str
    secret: str
    variables: Variables


class Bucket:
    """A bucket, and how patiently it is called. Every method raises PublishError."""

    def __init__(self, keys: Keys, name: str, patience: Patience) -> None:
        self.name = name
        self._keys, self._patience = keys, patience
        self._hear: Sent = unheard
        with self._errors():
            self._s3 = self._client()

    def exists(self) -> bool:
        """Whether it is there for these keys."""
        return self._call(lambda: self._s3.head_bucket(Bucket=self.name)) is not None

    def head(self, key: str) -> Any | None:
        """What the service says of an object, with its length; None where there is none."""
        answer = self._call(lambda: self._s3.head_object(Bucket=self.name, Key=key))
        if answer is not None and "ContentLength" not in answer:
            raise TemporaryError(
                f"{masked(self._keys.url)} does not say how long {key} is, as S3 does",
                hint=SOMEBODY_ELSE,
            )
        return answer

    def put(
        self, key: str, file: Path, metadata: Mapping[str, str], mark: Bookmark, hear: Sent
    ) -> None:
        """Upload `file`; parts that an earlier call uploaded, which `mark` remembers, stay."""
        size, what = file.stat().st_size, {"Bucket": self.name, "Key": key}
        part = max(PART, -(-size // MOST_PARTS))
        if size <= part:
            with self._news_to(hear):
                data = file.read_bytes()
                self._there(
                    self._call(lambda: self._s3.put_object(Body=data, Metadata=metadata, **what))
                )
            return
        upload, tags = self._resumed(what, mark, part, size)
        if upload is None:
            answer = self._call(lambda: self._s3.create_multipart_upload(Metadata=metadata, **what))
            upload = str(self._there(answer)["UploadId"])
            mark.put(f"{part} {upload}")
        hear(sum(min(part, size - (number - 1) * part) for number in tags), size)
        what["UploadId"] = upload
        for number in range(1, -(-size // part) + 1):
            if number not in tags:
                tags[number] = self._put_part(what, file, number, part, size, hear)
        entries = [{"PartNumber": number, "ETag": tags[number]} for number in sorted(tags)]
        self._complete(what, entries, mark)

    def _put_part(
        self, what: dict[str, str], file: Path, number: int, part: int, size: int, hear: Sent
    ) -> str:
        begin = (number - 1) * part
        with file.open("rb") as stream:
            stream.seek(begin)
            data = stream.read(part)
        with self._news_to(lambda done, _: hear(begin + done, size)):
            answer = self._call(lambda: self._s3.upload_part(PartNumber=number, Body=data, **what))
        return str(self._there(answer)["ETag"])

    def _there(self, answer: Any | None) -> Any:
        """`answer`, which is none where the bucket or an upload under way is not there any more."""
        if answer is None:
            raise TemporaryError(f"{masked(self._keys.url)} has forgotten the bucket or the upload")
        return answer

    def _resumed(
        self, what: Mapping[str, str], mark: Bookmark, part: int, size: int
    ) -> tuple[str | None, dict[int, str]]:
        """The upload under way, and the tags of its whole parts by number."""
        before, _, upload = (mark.read() or "").partition(" ")
        if not upload or before != str(part):
            return None, {}

        def listed() -> list[Any]:
            pages = self._s3.get_paginator("list_parts").paginate(UploadId=upload, **what)
            return [it for page in islice(pages, MOST_PAGES) for it in page.get("Parts", ())]

        parts = self._call(listed)
        if parts is None:
            mark.remove()
            return None, {}
        whole = {
            it["PartNumber"]: it["ETag"]
            for it in parts
            if it["Size"] == min(part, size - (it["PartNumber"] - 1) * part)
        }
        return upload, whole

    def _complete(self, what: dict[str, str], parts: list[dict[str, Any]], mark: Bookmark) -> None:
        answer = self._call(
            lambda: self._s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **what)
        )
        mark.remove()
        # An answer that was lost was a yes, and the upload is over when it is tried again.
        self._there(answer or self.head(what["Key"]))

    @contextmanager
    def _news_to(self, hear: Sent) -> Iterator[None]:
        self._hear = hear
        try:
            yield
        finally:
            self._hear = unheard

    def _call(self, call: Callable[[], T]) -> T | None:
        """What `call` returns, tried again as our patience says; None for a 404."""
        from botocore.exceptions import ClientError

        def attempt() -> T | None:
            with self._errors():
                try:
                    return call()
                except ClientError as error:
                    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                        return None
                    raise

        return retry(attempt, self._patience)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Whatever boto3 raises inside, as a PublishError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError, ValueError) as error:
            where, secrets = masked(self._keys.url), (self._keys.key, self._keys.secret)
            raise diagnosed(where, error, self._keys.variables, secrets) from None

    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        # Our patience tries again. Checksums that S3 does not want are unknown to other services.
        once: Any = {"total_max_attempts": 1, "mode": "standard"}
        checksums: Any = {
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        client = boto3.client(
            "s3",
            endpoint_url=self._keys.url,
            region_name="us-east-1",
            aws_access_key_id=self._keys.key,
            aws_secret_access_key=self._keys.secret,
            config=Config(retries=once, s3={"addressing_style": "path"}, **checksums),
        )
        # What answers this event has sent the request; boto3's own HTTP has no bounds in time.
        client.meta.events.register("before-send.s3", self._carry)
        return client

    def _carry(self, request: Any, **_: Any) -> Any:
        """The answer to a request that boto3 has signed."""
        from botocore.awsrequest import AWSResponse, HeadersDict

        body = request.body or b""
        data = memoryview(body if isinstance(body, bytes | bytearray) else body.read())
        headers = {
            str(name): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        reply = send(
            request.method,
            request.url,
            (bytes(data[at : at + PIECE]) for at in range(0, len(data), PIECE)),
            len(data),
            headers=headers,
            hear=self._hear,
            # What it does with a large upload takes its time; what it knows, it says at once.
            within=THINKING if request.method in ("PUT", "POST") else WITHIN,
            variables=self._keys.variables,
        )
        if 300 <= reply.status < 400:
            elsewhere = masked(reply.headers.get("location", "elsewhere"))
            raise PublishError(
                f"{masked(self._keys.url)} sends us to {elsewhere}, and nothing goes there",
                hint=f"is {self._keys.variables.url} the URL of its S3 API?",
            )
        html = reply.headers.get("content-type", "").startswith("text/html")
        length = reply.headers.get("content-length")
        # A HEAD has no body to look at; S3 itself announces one of 0 bytes, or an object's type.
        page = is_page(reply.body) or (request.method == "HEAD" and html and length != "0")
        if 200 <= reply.status < 300 and page:
            raise TemporaryError(
                f"{masked(self._keys.url)} answers with a web page, not as S3 does",
                hint=SOMEBODY_ELSE,
            )
        return AWSResponse(request.url, reply.status, HeadersDict(reply.headers), _Raw(reply.body))


class _Raw(BytesIO):
    """A body as boto3 reads it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All of it."""
        yield self.read()

"""Errors of other libraries, diagnosed: botocore's, requests', and what an S3 service answers."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from mint.errors import PublishError
from mint.pinning.diagnosis import Variables, diagnosed
from mint.pinning.patience import TemporaryError
from mint.pinning.secrets import quoted
from tests.pinning.raw_server import (
    OK,
    RESET,
    Says,
    certificate,
    dripping,
    pieces,
    raw_server,
    status,
    unused_port,
)

NAMES = Variables("FILEBASE_API", "FILEBASE_SECRET")
KEY = "a-secret-" + "key-of-filebase"  # the traceback quotes this file's lines


def xml(code: str, message: str = "no") -> str:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"


S3: dict[str, tuple[Says, str, bool]] = {
    "a key that is none": (
        pieces(status(403, xml("InvalidAccessKeyId"))),
        r"does not accept FILEBASE_SECRET \(403\): InvalidAccessKeyId no",
        False,
    ),
    "a secret that is none": (
        pieces(status(403, xml("SignatureDoesNotMatch"))),
        "does not accept FILEBASE_SECRET",
        False,
    ),
    "no permission": (pieces(status(403, xml("AccessDenied"))), "does not allow this with", False),
    "no bucket": (pieces(status(404, xml("NoSuchBucket"))), "nothing .*: NoSuchBucket", False),
    "no scope": (
        pieces(status(403, xml("insufficient_scope"))),
        "does not allow this with",
        False,
    ),
    "too often": (
        pieces(status(403, xml("No", "API rate limit exceeded"))),
        "too many requests",
        True,
    ),
    "a long name": (
        pieces(status(400, xml("No", "name exceeds 255 characters"))),
        r"refuses \(400\)",
        False,
    ),
    "no pins left": (
        pieces(status(403, xml("No", "PINNED_FILE_COUNT_LIMIT_EXCEEDED"))),
        "your plan at",
        False,
    ),
    "no room": (pieces(status(403, xml("QuotaExceeded"))), "your plan at .* QuotaExceeded", False),
    "slow down": (pieces(status(503, xml("SlowDown"))), "out of order just now", True),
    "the secret, echoed": (pieces(status(400, xml("Bad", KEY))), r"\(400\): Bad \[secret\]", False),
    "silence": (pieces(60.0), "was too slow", True),
    "a reset": (pieces(RESET), "broke the connection off", True),
    "half an answer": (pieces(OK + b"Content-Length: 99\r\n\r\n<"), r"broke|out of order", True),
    "another protocol": (pieces(b"SSH-2.0-OpenSSH\r\n\r\n"), "does not answer in HTTP", False),
}


def client(url: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key=KEY,
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=0.3, connect_timeout=2,
            s3={"addressing_style": "path"},
        ),
    )  # fmt: skip


def fault_of(url: str) -> PublishError:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client(url).list_objects_v2(Bucket="bucket")
    except (BotoCoreError, ClientError, OSError) as error:
        return diagnosed(url, error, NAMES, [KEY])
    pytest.fail("nothing went wrong")


@pytest.mark.parametrize("fault", S3)
def test_botocore(fault: str) -> None:
    says, said, again = S3[fault]
    with raw_server(says) as server:
        error = fault_of(server.url)
    with pytest.raises(PublishError, match=said):
        raise error
    assert isinstance(error, TemporaryError) is again
    assert KEY[:8] not in f"{error} {error.hint}"


def test_botocore_and_hosts(tmp_path: Path) -> None:
    assert "it refuses the connection" in str(fault_of(f"http://127.0.0.1:{unused_port()}"))
    nobody = str(fault_of("http://nobody.invalid"))
    assert "no host of the name" in nobody or "cannot be looked up" in nobody
    file = certificate(tmp_path / "server.pem", -1, 1)
    with raw_server(pieces(OK + b"\r\n"), tls=file) as server:
        error = fault_of(server.url)
    assert "signed by nobody whom this machine trusts" in str(error)
    with raw_server(pieces(status(400))) as server:
        error = fault_of(server.url.replace("http:", "https:"))
    assert "does not speak TLS" in str(error)


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (pieces(RESET), "broke the connection off"),
        (pieces(), "broke the connection off"),
        (pieces(OK + b"Content-Length: 99\r\n\r\n{"), "broke the connection off"),
        (dripping(b"x" * 99), "was too slow"),
    ],
    ids=["reset", "closed", "half", "slow"],
)
def test_requests(says: Says, said: str) -> None:
    with raw_server(says) as server, pytest.raises(requests.RequestException) as caught:
        requests.get(f"{server.url}/secret-path", timeout=0.001 if "slow" in said else 5)
    error = diagnosed(server.url, caught.value)
    assert said in str(error)
    assert "secret-path" not in f"{error} {error.hint}"


def test_a_host_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(requests.RequestException) as caught:
        requests.get(url, timeout=5)
    assert "it refuses the connection" in str(diagnosed(url, caught.value))


def test_what_is_quoted_has_no_secret_in_any_spelling() -> None:
    key = 'p"ss w/rd' + "+1"
    for spelling in (
        key, "p%22ss%20w%2Frd%2B1", '{"a": "p\\"ss w/rd+1"}', "cCJzcyB3L3JkKzE=", "p&quot;ss w/rd+1"
    ):  # fmt: skip
        said = quoted(f"no: {spelling}, sorry", [key])
        assert "[secret]" in said
        assert not any(part in said for part in ("ss w", "%22", "cCJz", "rd+1"))
        assert said.endswith("sorry")
    assert quoted("invalid", ["", "x"]) == "invalid"
    assert len(quoted("long " * 99, [])) == 200

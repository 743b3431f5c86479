"""Filebase: S3 by moto, which keeps objects, and a door that unpacks CARs."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from mint.errors import PublishError
from mint.ipfs.car import open_car, root_of
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.pinning.bookmark import bookmark
from mint.pinning.filebase import filebase as pin_at_filebase
from mint.pinning.filebase import filebase_ready
from tests.ipfs_nodes import door
from tests.pinning.raw_server import (
    OK,
    RESET,
    Asked,
    Pieces,
    Says,
    dripping,
    raw_server,
    status,
)
from tests.pinning.troubles import QUICK, once
from tests.pinning.wire import wire

TOKEN = "s3cret" + "-token"  # the traceback quotes this file's lines
TREE: Folder = {"images": {"1.png": b"one", "2.png": b"two"}, "contract.json": b"{}"}


@pytest.fixture
def car(tmp_path: Path) -> Path:
    folder = tmp_path / "menagerie"
    folder.mkdir()
    write_tree(folder / "collection.car", TREE)
    return folder / "collection.car"


@pytest.fixture
def root(car: Path) -> str:
    return root_of(car)


def _root_of(car: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(car)
        file.flush()
        with closing(open_car(Path(file.name))) as blocks:
            return cid_text(blocks.root)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(s3: str, name: str) -> dict[str, str]:
    requests.put(f"{s3}/{name}", timeout=10).raise_for_status()
    return {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": name}


def content(s3: str, bucket: str, key: str) -> bytes | None:
    """An object that came with `import: car`."""
    import boto3

    client: Any = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1",
        aws_access_key_id="k", aws_secret_access_key=TOKEN,
    )  # fmt: skip
    if "Contents" not in client.list_objects_v2(Bucket=bucket, Prefix=key):
        return None
    response = client.get_object(Bucket=bucket, Key=key)
    assert response["Metadata"] == {"import": "car"}
    data: bytes = response["Body"].read()
    return data


def unpacks(s3: str) -> Callable[[str, str], dict[str, str]]:
    """What Filebase adds: the root of a CAR that came with `import: car`."""

    def adds(method: str, path: str) -> dict[str, str]:
        if method != "HEAD" or not urlsplit(path).path.endswith(".car"):
            return {}
        data = content(s3, *urlsplit(path).path.strip("/").split("/"))
        return {"x-amz-meta-cid": _root_of(data)} if data else {}

    return adds


@pytest.mark.parametrize("trouble", [None, "refused", "dropped", "cut off", "lost"])
def test_filebase_takes_the_car_once(s3: str, car: Path, root: str, trouble: str | None) -> None:
    keys = bucket(s3, f"test-{(trouble or 'none').replace(' ', '-')}")
    with door(s3, once(trouble, "PUT", r"\.car"), unpacks(s3)) as (url, calls):
        for _ in range(2):
            pin_at_filebase(car, keys | {"FILEBASE_API": url}, QUICK)
    puts = [it for it in calls if it.command == "PUT"]
    assert len(puts) == (2 if trouble else 1)
    assert content(s3, keys["FILEBASE_BUCKET"], f"{root}.car") == car.read_bytes()


def test_filebase_that_does_not_unpack_is_noticed(s3: str, car: Path) -> None:
    keys = bucket(s3, "packed") | {"FILEBASE_API": s3}
    with pytest.raises(PublishError, match="being unpacked"):
        pin_at_filebase(car, keys, QUICK._replace(deadline=0.1))


def test_filebase_that_unpacks_for_long_gets_the_car_once(s3: str, car: Path) -> None:
    keys, slow, looks = bucket(s3, "slow"), unpacks(s3), 0

    def adds(method: str, path: str) -> dict[str, str]:
        nonlocal looks
        root = slow(method, path)
        looks += bool(root)
        return root if looks > 4 else {}

    with door(s3, adds=adds) as (url, calls):
        keys["FILEBASE_API"] = url
        for _ in range(20):  # runs that do not wait
            with suppress(PublishError):
                pin_at_filebase(car, keys, QUICK._replace(deadline=0))
                break
        else:
            pytest.fail("it is unpacked by now")
    assert looks > 4
    assert sum(it.command == "PUT" for it in calls) == 1


def test_filebase_without_the_bucket(s3: str, car: Path) -> None:
    keys = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_API": s3}
    with pytest.raises(PublishError, match="FILEBASE_BUCKET is not set"):
        pin_at_filebase(car, keys, QUICK)
    with pytest.raises(PublishError, match="there is no bucket nobodys") as caught:
        pin_at_filebase(car, keys | {"FILEBASE_BUCKET": "nobodys"}, QUICK)
    with pytest.raises(PublishError, match="there is no bucket nobodys"):
        filebase_ready(keys | {"FILEBASE_BUCKET": "nobodys"})
    assert TOKEN not in str(caught.value)


def test_filebase_away(car: Path) -> None:
    keys = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": "b"}
    with pytest.raises(PublishError, match="refuses the connection"):
        pin_at_filebase(car, keys | {"FILEBASE_API": "http://127.0.0.1:9"}, QUICK)


def test_a_large_car_goes_up_in_parts_over_runs(
    s3: str, car: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.pinning.s3.PART", 5 << 20)  # the least that S3 takes
    write_tree(car, {"images": {"1.png": random.Random(5).randbytes(17_000_000)}})
    root, size = root_of(car), car.stat().st_size
    keys = bucket(s3, "parts")
    with door(s3, adds=unpacks(s3)) as (url, calls), wire(url, [8_000_000, 15_000_000]) as through:
        keys["FILEBASE_API"] = through.url
        filebase_ready(keys)
        with pytest.raises(PublishError):
            pin_at_filebase(car, keys, QUICK._replace(tries=1))
        assert through.broken == 1
        pin_at_filebase(car, keys, QUICK)  # sends the rest, past another break
        assert through.broken == 2
        assert through.sent < size + 2 * (5 << 20) + 100_000
        assert content(s3, "parts", f"{root}.car") == car.read_bytes()
        before = through.sent
        pin_at_filebase(car, keys, QUICK)
        assert through.sent - before < 10_000
    assert not car.with_name(f"{car.name}.uploads").exists()
    assert {it.command for it in calls if "uploadId" in it.path} == {"PUT", "GET", "POST"}


def test_parts_that_the_service_has_forgotten_are_sent_anew(
    s3: str, car: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.pinning.s3.PART", 5 << 20)
    write_tree(car, {"images": {"1.png": random.Random(6).randbytes(6_000_000)}})
    keys = bucket(s3, "forgotten")
    with door(s3, adds=unpacks(s3)) as (url, _):
        mark = bookmark(car, f"{url}/forgotten")
        mark.put(f"{5 << 20} no-such-upload")
        pin_at_filebase(car, keys | {"FILEBASE_API": url}, QUICK)
    assert content(s3, "forgotten", f"{root_of(car)}.car") == car.read_bytes()


def redirect(asked: Asked) -> Pieces:
    return [status(301, "", f"Location: {asked.path}")]


ERROR = "<Error><Code>{0}</Code><Message>no {1}</Message></Error>"
# What a server says to every request, and what is said of it.
FAULTS: dict[str, tuple[Says, str]] = {
    "a redirect to itself": (redirect, "sends us to"),
    "nothing at all": (lambda asked: [9.0], "too slow"),
    "a byte now and then": (dripping(OK * 40), "too slow"),
    "headers without end": (lambda asked: [OK, *(b"X: y\r\n" for _ in range(99_999))], "HTTP"),
    "a web page": (lambda asked: [status(200, "<html>Sign in</html>")], "Filebase|answers"),
    "the keys are wrong": (lambda asked: [status(403)], "FILEBASE_KEY|FILEBASE_SECRET"),
    "it is busy for good": (lambda asked: [status(503, "Slow down")], "503"),
    "a reset": (lambda asked: [RESET], "breaks|broke|connection"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_filebase_at_fault_has_an_end(
    car: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WITHIN", "THINKING"):
        monkeypatch.setattr(f"mint.pinning.s3.{name}", 0.3)
    keys = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": "b"}
    says, message = FAULTS[fault]
    begun = time.monotonic()
    with (
        raw_server(says) as server,
        pytest.raises(PublishError, match=message) as caught,
    ):
        pin_at_filebase(car, keys | {"FILEBASE_API": server.url}, QUICK._replace(deadline=0.3))
    assert time.monotonic() - begun < 8
    assert caught.value.hint
    assert TOKEN not in f"{caught.value} {caught.value.hint}"

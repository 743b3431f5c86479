"""Where several machines leave pictures: a folder, memory, an S3 server that fails for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mint.cluster import objects
from mint.cluster.objects import open_objects
from mint.document import sha256
from mint.errors import StoreError
from tests.cluster.clusters import s3_server


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """An S3 server with the bucket `pictures`; what is yielded stops it for two seconds."""
    with s3_server() as (environ, pause):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        yield pause


@pytest.mark.parametrize("place", ["folder", "file", "memory", "s3"])
def test_what_is_put_is_there(place: str, tmp_path: Path, s3: Callable[[], None]) -> None:
    urls = {"folder": str(tmp_path), "file": f"file://{tmp_path}/b", "memory": "memory://m/a",
            "s3": "s3://pictures/a"}  # fmt: skip
    there = open_objects(urls[place])

    digest = there.put(b"a picture")

    assert digest == there.put(b"a picture") == sha256(b"a picture")
    assert open_objects(urls[place]).get(digest) == b"a picture"
    assert there.get(sha256(b"another")) is None


def test_what_rots_is_absent(tmp_path: Path) -> None:
    there = open_objects(f"file://{tmp_path}")
    digest = there.put(b"a picture")

    path = tmp_path / "objects" / digest[:2] / digest[2:]
    path.chmod(0o644)
    path.write_bytes(b"a picturf")

    assert there.get(digest) is None


def test_a_server_that_is_away_for_a_while_loses_nothing(s3: Callable[[], None]) -> None:
    there = open_objects("s3://pictures/a")
    threading.Thread(target=s3).start()
    time.sleep(0.5)

    digest = there.put(b"a picture")

    assert there.get(digest) == b"a picture"


def test_a_place_that_never_answers_is_named(
    monkeypatch: pytest.MonkeyPatch, s3: Callable[[], None]
) -> None:
    monkeypatch.setattr(objects, "PAUSES", (0.01, 0.01))
    there = open_objects("s3://nobodys/a?key=secret")

    with pytest.raises(StoreError, match="cannot write to s3://nobodys: ") as failure:
        there.put(b"a picture")
    assert "nothing is done twice" in failure.value.hint
    assert "secret" not in str(failure.value)


def test_a_protocol_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open nowhere://b: Protocol not known"):
        open_objects("nowhere://b")

"""A service with a dag/import and a token: a real node behind a door, and answers of others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.ipfs.tree import write_tree
from mint.pinning.dag_import import dag_import, dag_import_ready
from tests.ipfs_nodes import door, js_ipfs, pins, stub_node
from tests.pinning.troubles import QUICK, once

TOKEN = "s3cret" + "-token"
OTHER = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


@pytest.fixture
def car(tmp_path: Path) -> Path:
    write_tree(tmp_path / "collection.car", {"images": {"1.png": b"one"}, "contract.json": b"{}"})
    return tmp_path / "collection.car"


def at(url: str) -> dict[str, str]:
    return {"DAG_IMPORT_API": url, "DAG_IMPORT_TOKEN": TOKEN}


@pytest.mark.node
def test_a_real_node_imports_and_pins(car: Path, tmp_path: Path) -> None:
    with js_ipfs(tmp_path / "ipfs") as node:
        for trouble, end in ((None, ""), ("cut off", "/api/v0/"), ("lost", "/api/v0/dag/import")):
            with door(node, once(trouble, "POST", "dag/import")) as (url, calls):
                dag_import(car, at(url + end), QUICK)
            assert {call.command for call in calls} == {"dag/import"}
            assert {call.authorization for call in calls} == {f"Bearer {TOKEN}"}
            assert len(calls) == (2 if trouble else 1)
        assert pins(node) == {root_of(car)}
        dag_import_ready(at(node))


def root_line(cid: str, message: str = "") -> bytes:
    return json.dumps({"Root": {"Cid": {"/": cid}, "PinErrorMsg": message}}).encode() + b"\n"


@pytest.mark.parametrize("form", ["kubo", "with stats", "lighthouse"])
def test_the_root_is_read_from_what_services_answer(car: Path, form: str) -> None:
    root = root_of(car)
    answer = {
        "kubo": root_line(root),
        "with stats": root_line(root) + b'{"Stats":{"BlockCount":3}}\n',
        "lighthouse": json.dumps({"data": {"Name": "x", "Hash": root}}).encode(),
    }[form]
    with stub_node(lambda path, body: (200, answer)) as (url, calls):
        dag_import(car, at(url), QUICK)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (200, root_line(OTHER), f"imported {OTHER}, and not bafy"),
        (200, b"", "imported nothing"),
        (200, root_line(OTHER, "no space left"), "does not pin it: no space left"),
        (200, b"<html>hello</html>", "a web page, not in JSON"),
        (200, b"[" * 1_000_000, "does not answer in JSON"),
        (401, b"who is s3cret-token?", "401"),
        (402, b"pay first", "402"),
        (503, b"later", "503"),
    ],
)
def test_an_answer_without_our_root_is_an_error(
    car: Path, status: int, answer: bytes, message: str
) -> None:
    with (
        stub_node(lambda path, body: (status, answer)) as (url, _),
        pytest.raises(PublishError, match=message) as caught,
    ):
        dag_import(car, at(url), QUICK)
    assert TOKEN not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


def test_deep_json_harms_no_process_with_a_chain_inside(car: Path) -> None:
    # py-evm raises the recursion limit so far that Python's own reader of JSON would crash.
    limit = sys.getrecursionlimit()
    with stub_node(lambda path, body: (200, b"[" * 1_000_000)) as (url, _):
        sys.setrecursionlimit(1024 * 100)
        try:
            with pytest.raises(PublishError, match="does not answer in JSON"):
                dag_import(car, at(url), QUICK)
        finally:
            sys.setrecursionlimit(limit)


def test_what_is_missing_is_named_before_anything_is_sent(car: Path) -> None:
    for ask in (lambda env: dag_import(car, env, QUICK), dag_import_ready):
        with pytest.raises(PublishError, match="DAG_IMPORT_API is not set"):
            ask({})
        with pytest.raises(PublishError, match="DAG_IMPORT_TOKEN is not set"):
            ask({"DAG_IMPORT_API": "http://127.0.0.1:9"})


@pytest.mark.parametrize(
    ("status", "message"), [(400, None), (500, None), (401, "401"), (404, "has no dag/import")]
)
def test_ready_or_why_not(status: int, message: str | None) -> None:
    bodies = list[bytes]()

    def answer(path: str, body: bytes) -> tuple[int, bytes]:
        bodies.append(body)
        return status, b'{"Message": "file argument \'path\' is required"}'

    with stub_node(answer) as (url, _):
        if message is None:
            dag_import_ready(at(url))
        else:
            with pytest.raises(PublishError, match=message):
                dag_import_ready(at(url))
    assert bodies == [b""]

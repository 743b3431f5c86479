"""The artist's buttons, and the pictures of a build that runs, over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mint.curate.decisions_file import decisions_path, read_decisions
from mint.curate.events import EventLog, Opinion
from mint.curate.token import Judgement
from mint.paint.picture import Picture
from mint.plan.recipe import Painter, candidate
from mint.preview.server import serve
from mint.record.folders import Folders, folders_of, read_manifest
from mint.spec.load import load
from mint.store import Store
from tests import exhibit
from tests.preview.loopback import running

JSON = "application/json"
Reply = tuple[int, http.client.HTTPMessage, bytes]


class Desk:
    """A collection behind a server."""

    def __init__(self, file: Path) -> None:
        self.file, self.folders, self.port = file, folders_of(file, load(file)[0]), 0

    def ask(self, path: str, method: str = "GET", body: object = None, **headers: str) -> Reply:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, data, named)
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()

    def decide(self, token_id: int, decision: str, **fields: object) -> tuple[int, dict[str, Any]]:
        body = {"token_id": token_id, "decision": decision, **fields}
        status, _, answer = self.ask("/api/decisions", "POST", body, Content_Type=JSON)
        return status, json.loads(answer)

    def pixels(self, token_id: int) -> str:
        return read_manifest(self.folders.manifest).tokens[token_id - 1].image.pixels


@contextmanager
def desk_of(file: Path) -> Iterator[Desk]:
    desk = Desk(file)
    folders = desk.folders
    with running(serve(folders.car, folders.report, 0, folders)) as desk.port:
        yield desk


@pytest.fixture(scope="module")
def finished(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A whole build."""
    home = tmp_path_factory.mktemp("desk") / "tiny"
    shutil.copytree(built.parent, home)
    with desk_of(home / "collection.yaml") as desk:
        yield desk


@pytest.fixture
def desk(finished: Desk) -> Desk:
    """The same, and nothing decided."""
    decisions_path(finished.file).unlink(missing_ok=True)
    return finished


@pytest.fixture
def begun(tiny: Path) -> Iterator[Desk]:
    """A collection that was never built."""
    with desk_of(tiny) as desk:
        yield desk


# --- decisions


def test_buttons_write_decisions_yaml(desk: Desk) -> None:
    digits = desk.pixels(2)[:12]

    status, answer = desk.decide(2, "keep", attempt=0, picture=desk.pixels(2))

    expected = {"keep": {"2": {"attempt": 0, "picture": digits}}, "redraw": [], "reject": []}
    assert (status, answer) == (200, expected)
    assert json.loads(desk.ask("/api/decisions")[2]) == expected
    status, answer = desk.decide(2, "reject", reason="six\nfingers")
    assert answer["keep"] == {}
    rejection = {"token": 2, "after": 0, "picture": digits, "reason": "six fingers"}
    assert answer["reject"] == [rejection]
    assert desk.decide(3, "redraw")[1]["redraw"] == [
        {"token": 3, "after": 0, "picture": desk.pixels(3)[:12]}
    ]
    written = read_decisions(desk.file).decisions
    assert [(each.token, each.attempt) for each in written.entries] == [(3, 0), (2, 0)]
    assert desk.decide(2, "undo")[1]["reject"] == []
    assert "token: 3, after: 0" in decisions_path(desk.file).read_text()


def test_a_page_of_yesterday_decides_about_no_picture_of_today(desk: Desk) -> None:
    status, answer = desk.decide(2, "keep", picture=desk.pixels(3))

    assert (status, answer["error"]) == (409, "token 2 has another picture by now")
    assert not decisions_path(desk.file).exists()


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"token_id": 99}, 409, "no picture of a token 99"),
        ({"attempt": 7}, 409, "attempt 7 of token 1 was never painted"),
        ({"decision": "reject"}, 409, "the reason is empty"),
        ({"decision": "reject", "reason": "x" * 501}, 409, "longer than 500"),
        ({"decision": "burn"}, 400, "decision: "),
        ({"token_id": "1"}, 400, "token_id: "),
        ({"tokens": [1]}, 400, "tokens: "),
        ({"picture": "../../x"}, 400, "picture: "),
    ],
)
def test_what_cannot_be_decided(
    desk: Desk, fields: dict[str, object], status: int, error: str
) -> None:
    body = {"token_id": 1, "decision": "keep", **fields}
    code, _, answer = desk.ask("/api/decisions", "POST", body, Content_Type=JSON)

    assert code == status
    assert error in json.loads(answer)["error"]
    assert not decisions_path(desk.file).exists()


def test_a_broken_decisions_file_is_named_and_left_alone(desk: Desk) -> None:
    decisions_path(desk.file).write_text("keep:\n  3: what\n")

    for status, answer in (
        desk.decide(1, "keep"),
        (lambda reply: (reply[0], json.loads(reply[2])))(desk.ask("/api/decisions")),
    ):
        assert status == 409
        assert "decisions.yaml:2:6: this is no entry of keep:" in answer["error"]
        assert "3: {attempt: 0}" in answer["hint"]
    assert decisions_path(desk.file).read_text() == "keep:\n  3: what\n"


def test_many_at_once_all_count(desk: Desk) -> None:
    threads = [threading.Thread(target=desk.decide, args=(i, "keep")) for i in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = read_decisions(desk.file).decisions.keep
    assert sorted(each.token for each in kept) == [1, 2, 3, 4, 5, 6]


# --- who may ask


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_other_sites_are_refused(desk: Desk, headers: dict[str, str]) -> None:
    body = {"token_id": 1, "decision": "keep"}
    code, fields, _ = desk.ask("/api/decisions", "POST", body, **{"Content-Type": JSON}, **headers)

    assert code == 403
    assert fields["Access-Control-Allow-Origin"] is None
    assert desk.ask("/api/decisions", **headers)[0] == 403
    assert desk.ask("/api/events", **headers)[0] == 403
    assert desk.ask("/api/decisions", "OPTIONS", **headers)[0] == 501  # no preflight succeeds
    assert not decisions_path(desk.file).exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_our_own_pages_are_let_in(desk: Desk, host: str) -> None:
    own = {"Origin": f"http://{host}:{desk.port}", "Sec-Fetch-Site": "same-origin"}
    body = {"token_id": 1, "decision": "keep"}

    assert desk.ask("/api/decisions", "POST", body, **{"Content-Type": JSON}, **own)[0] == 200


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/api/decisions", {"Content-Type": "text/plain"}, b"{}", 415),
        ("/api/decisions", {}, b"{}", 415),
        ("/api/decisions", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1", 415),
        ("/api/decisions", {"Content-Type": JSON}, b"{" * 9000, 413),
        ("/api/decisions", {"Content-Type": JSON, "Content-Length": "9" * 30}, b"", 413),
        ("/api/decisions", {"Content-Type": JSON, "Content-Length": "-1"}, b"", 411),
        ("/api/decisions", {"Content-Type": JSON, "Transfer-Encoding": "chunked"}, b"", 411),
        ("/api/decisions", {"Content-Type": JSON}, b"[" * 5000, 400),
        ("/api/decisions", {"Content-Type": JSON}, b'{"token_id": 1', 400),
        ("/api/decisions", {"Content-Type": JSON}, b"\xff\xfe", 400),
        ("/", {"Content-Type": JSON}, b"{}", 404),
        ("/api/events", {"Content-Type": JSON}, b"{}", 404),
    ],
)
def test_hostile_requests(
    desk: Desk, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)) as connection:
        connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        assert reply.status == status
        assert json.loads(reply.read())["error"]
    assert not decisions_path(desk.file).exists()


# --- what a browser may read


def test_the_builds_own_files(desk: Desk) -> None:
    manifest = read_manifest(desk.folders.manifest)
    status, headers, page = desk.ask("/")
    assert (status, page) == (200, desk.folders.report.read_bytes())
    assert headers["X-Frame-Options"] == "DENY"
    assert desk.ask("/tokens.csv")[1]["Content-Type"] == "text/csv; charset=utf-8"
    assert desk.ask("/images/1.png")[2] == desk.folders.image(1).read_bytes()
    assert json.loads(desk.ask("/metadata/1.json")[2])["name"] == "Tiny #1"
    picture = desk.ask(f"/pictures/{manifest.tokens[0].image.file}.png")
    assert picture[2] == desk.folders.image(1).read_bytes()
    assert "immutable" in picture[1]["Cache-Control"]
    assert manifest.publication is not None
    assert desk.ask(f"/ipfs/{manifest.publication.root}/images/1.png")[2] == picture[2]


@pytest.mark.parametrize(
    "path",
    [
        "/collection.yaml",
        "/../collection.yaml",
        "/report/../../../collection.yaml",
        "/report/..%2f..%2f..%2fcollection.yaml",
        "/images/%2e%2e/manifest.json",
        "/manifest.json",
        "/report/index.html",
        "/images/link.png",
        "/images/.hidden",
        "/pictures/" + "0" * 64 + ".png",
        "/pictures/../lock",
        "/attempts/1-0.png",
        "/api/nothing",
    ],
)
def test_nothing_else_can_be_read(desk: Desk, path: str) -> None:
    link = desk.folders.out / "images" / "link.png"
    if not link.is_symlink():
        link.symlink_to(desk.file)
    (link.parent / ".hidden").write_text("x")

    assert desk.ask(path)[0] == 404


# --- while a build runs


def events_until(
    desk: Desk, last: str, received: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """The events up to the first that is called `last`, added to `received` as they come."""
    received = [] if received is None else received
    with closing(http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)) as connection:
        connection.request("GET", "/api/events")
        reply = connection.getresponse()
        assert reply.headers["Content-Type"] == "text/event-stream"
        while not received or received[-1]["event"] != last:
            line = reply.readline()
            assert line, received
            if line.startswith(b"data: "):
                received.append(json.loads(line[6:]))
        return received


def listen(desk: Desk, last: str, received: list[dict[str, Any]]) -> threading.Thread:
    """A thread that listens until `last`; it has what was there already."""
    thread = threading.Thread(target=events_until, args=(desk, last, received))
    thread.start()
    deadline = time.monotonic() + 20
    while {"event": "live"} not in received:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return thread


def painted(folders: Folders, token_id: int) -> Picture:
    data = exhibit.png(token_id)
    return Picture(pixels=f"{token_id:064x}", file=Store(folders.state).put(data), size=len(data))


def test_before_any_build_there_is_a_page_and_an_empty_stream(begun: Desk) -> None:
    status, headers, page = begun.ask("/")

    assert (status, begun.ask("/live")[2]) == (200, page)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert b"No build yet" in page
    assert events_until(begun, "live") == [{"event": "live"}]
    assert begun.decide(1, "keep")[1]["error"] == "nothing is painted yet"
    assert begun.ask("/ipfs/x")[:1] == (404,)


def test_pictures_come_as_they_are_painted(begun: Desk) -> None:
    folders, collection = begun.folders, exhibit.collection(6)
    log = EventLog(folders.events)
    proposal = candidate(collection, exhibit_slot(), 0, Painter("r"))
    seen: list[dict[str, Any]] = []
    with log.running(folders.out.name, collection.name, 6):
        log.hear(proposal, painted(folders, 3), Opinion())
        listener = listen(begun, "end", seen)
        begin = {"event": "begin", "folder": "tiny", "name": "Menagerie", "supply": 6}
        assert seen[0] == begin
        judgement = Judgement(value="none", probability=0.02, verdict="contradicted")
        opinion = Opinion(False, ("Hat: promised crown",), {"Hat": judgement})
        log.hear(proposal, painted(folders, 3), opinion)
        # It can be decided while the build runs, and before there is a manifest.
        assert begun.decide(3, "keep", picture=f"{3:064x}")[0] == 200
    listener.join()

    names = [event["event"] for event in seen]
    assert names == ["begin", "picture", "live", "picture", "end"]
    first, second = (event for event in seen if event["event"] == "picture")
    assert (first["token_id"], first["attempt"], first["accepted"]) == (3, 0, None)
    assert (second["accepted"], second["reasons"]) == (False, ["Hat: promised crown"])
    assert second["judgements"]["Hat"]["verdict"] == "contradicted"
    assert begun.ask(first["image"])[2] == exhibit.png(3)
    assert seen[-1] == {"event": "end", "done": True, "message": ""}
    assert read_decisions(begun.file).decisions.chosen(3) == 0


def exhibit_slot() -> Any:
    from mint.plan.tokens import plan

    return plan(exhibit.collection(6))[2]


def test_torn_and_foreign_lines_are_passed_over(begun: Desk) -> None:
    log = EventLog(begun.folders.events)
    with log.running("tiny", "Tiny", 6):
        with log.path.open("ab") as file:
            file.write(b'not JSON\n[1]\n{"event": 3}\n{"event": "step", "step"')
        assert [e["event"] for e in events_until(begun, "live")] == ["begin", "live"]
        with log.path.open("ab") as file:
            file.write(b': "painting", "done": 1, "total": 6}\n')
        assert events_until(begun, "live")[1]["done"] == 1
    with log.running("another-collection-in-this-folder", "Other", 6):
        pass
    assert events_until(begun, "live") == [{"event": "live"}]


def test_a_new_build_and_a_killed_one_are_noticed(begun: Desk) -> None:
    seen: list[dict[str, Any]] = []
    listener = listen(begun, "end", seen)
    # A process that begins, and dies without a word.
    code = f"""
import os
from pathlib import Path
from mint.curate.events import EventLog
with EventLog(Path({str(begun.folders.events)!r})).running("tiny", "Tiny", 6):
    os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.getcwd()})
    listener.join()

    assert [event["event"] for event in seen] == ["live", "begin", "end"]
    assert seen[-1] == {"event": "end", "done": False, "message": "stopped"}


def test_the_stream_ends_with_its_reader_and_with_the_server(tiny: Path) -> None:
    before = threading.active_count()
    with desk_of(tiny) as desk:
        serving = threading.active_count()
        events_until(desk, "live")  # and hangs up
        connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
        connection.request("GET", "/api/events")
        reply = connection.getresponse()
        assert reply.readline()
        assert threading.active_count() <= serving + 2
    assert reply.read() is not None  # to its end
    connection.close()
    for thread in threading.enumerate():
        if "process_request" in thread.name:
            thread.join(timeout=10)
    assert threading.active_count() == before

"""Uploads by tus to a real server, over a wire that is cut; and what no server should do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.pinning import tus
from mint.pinning.bookmark import Bookmark, bookmark
from mint.pinning.tus import Door, tus_upload
from tests.ipfs_nodes import tus_server
from tests.pinning.troubles import QUICK
from tests.pinning.wire import served, wire

TOKEN = "s3cret" + "-token"
CHUNK = 1 << 20
SIZE = 6 * CHUNK + 12_345
HEADERS = 2048  # bytes of one request besides its body, at most


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("tus") / "uploads"
    with tus_server(folder, TOKEN) as url:
        yield url, folder


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tus, "CHUNK", CHUNK)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "collection.car"
    path.write_bytes(random.Random(7).randbytes(SIZE))
    return path


def at(url: str) -> Door:
    return Door(f"{url}/v3/files", TOKEN, {"filename": "menagerie", "car": "true"})


def mark_of(file: Path, place: str = "here") -> Bookmark:
    return bookmark(file, place)


def stored(folder: Path, mark: Bookmark) -> bytes:
    handle = mark.read()
    assert handle is not None
    return (folder / handle.rsplit("/", 1)[1]).read_bytes()


@pytest.mark.node
def test_a_file_goes_up_in_chunks(server: tuple[str, Path], file: Path) -> None:
    url, folder = server
    mark, news = mark_of(file), list[tuple[int, int]]()
    with wire(url) as it:
        headers = tus_upload(
            file, at(it.url), mark, QUICK, lambda done, total: news.append((done, total))
        )
        once = it.sent
        tus_upload(file, at(it.url), mark, QUICK)  # all of it is there
    assert stored(folder, mark) == file.read_bytes()
    assert headers["upload-cid"].startswith("of-")
    assert SIZE < once < SIZE + 8 * HEADERS
    assert it.sent - once < HEADERS
    assert news[-1] == (SIZE, SIZE)
    assert [done for done, _ in news] == sorted(done for done, _ in news)


@pytest.mark.node
@pytest.mark.parametrize("seed", range(4))
def test_an_upload_that_breaks_goes_on(server: tuple[str, Path], file: Path, seed: int) -> None:
    url, folder = server
    cuts = sorted(random.Random(seed).sample(range(1, SIZE), 5))
    mark = mark_of(file)
    with wire(url, cuts) as it:
        tus_upload(file, at(it.url), mark, QUICK)
    assert stored(folder, mark) == file.read_bytes()
    assert it.broken == len(cuts)
    requests = 2 + 7 + 3 * len(cuts)
    assert it.sent <= SIZE + len(cuts) * CHUNK + requests * HEADERS


@pytest.mark.node
def test_a_second_run_goes_on_where_the_first_stopped(server: tuple[str, Path], file: Path) -> None:
    url, folder = server
    with wire(url, [3 * CHUNK + 777]) as it:
        with pytest.raises(PublishError) as caught:
            tus_upload(file, at(it.url), mark_of(file), QUICK._replace(tries=1))
        assert caught.value.hint == "run the same command again"
        assert it.broken == 1
        before, news = it.sent, list[int]()
        tus_upload(file, at(it.url), mark_of(file), QUICK, lambda done, _: news.append(done))
    assert news[0] >= 2 * CHUNK
    assert it.sent - before <= SIZE - news[0] + 10 * HEADERS
    assert stored(folder, mark_of(file)) == file.read_bytes()


@pytest.mark.node
def test_another_file_or_a_lost_upload_begins_anew(server: tuple[str, Path], file: Path) -> None:
    url, folder = server
    tus_upload(file, at(url), mark_of(file), QUICK)
    first = mark_of(file).read()
    assert first is not None
    file.write_bytes(file.read_bytes()[::-1])  # of the same name and size
    assert mark_of(file).read() is None
    tus_upload(file, at(url), mark_of(file), QUICK)
    assert stored(folder, mark_of(file)) == file.read_bytes()

    second = mark_of(file).read()
    for path in folder.glob(f"{str(second).rsplit('/', 1)[1]}*"):
        path.unlink()
    tus_upload(file, at(url), mark_of(file), QUICK)
    assert mark_of(file).read() not in (None, first, second)
    assert stored(folder, mark_of(file)) == file.read_bytes()


@pytest.mark.node
def test_a_wrong_token_is_not_tried_again(server: tuple[str, Path], file: Path) -> None:
    with wire(server[0]) as it, pytest.raises(PublishError, match="401") as caught:
        tus_upload(file, at(it.url)._replace(token="other-token"), mark_of(file), QUICK)
    assert it.sent < HEADERS
    assert "other-token" not in f"{caught.value} {caught.value.hint}"


Answer = tuple[int, dict[str, str]]
Answers = Callable[[str, int, dict[str, str]], Answer]


@contextmanager
def strange(
    answer: Callable[[str, int, dict[str, str]], Answer],
) -> Iterator[tuple[str, list[str]]]:
    """A server that answers as `answer(method, number of the request, headers)` says."""
    methods: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            methods.append(self.command)
            names = {name.lower(): value for name, value in self.headers.items()}
            status, headers = answer(self.command, len(methods), names)
            self.send_response(status)
            for name, value in ({"Content-Length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()

        do_HEAD = do_PATCH = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with served(Handler) as url:
        yield url, methods


CREATED = 201, {"Location": "/v3/files/1"}


@pytest.mark.parametrize(
    ("patched", "asked"),
    [
        ((204, {"Upload-Offset": "0"}), (200, {"Upload-Offset": "0"})),  # it never moves on
        ((204, {"Upload-Offset": "99999999999"}), (200, {"Upload-Offset": "0"})),
        ((204, {}), (200, {})),
        ((409, {}), (200, {"Upload-Offset": "0"})),
        ((404, {}), (404, {})),  # it forgets each upload
        ((204, {"Upload-Offset": str(CHUNK)}), (200, {"Upload-Offset": "0"})),
        ((503, {}), (503, {})),
        ((307, {"Location": "/v3/files/1"}), (307, {"Location": "/v3/files/1"})),
    ],
)
def test_a_server_that_leads_nowhere_has_an_end(file: Path, patched: Answer, asked: Answer) -> None:
    def answer(method: str, number: int, headers: dict[str, str]) -> Answer:
        if method == "PATCH" and number > 3 and patched[1].get("Upload-Offset") == str(CHUNK):
            return 503, {}  # and has lost it when it is asked
        return {"POST": CREATED, "PATCH": patched, "HEAD": asked}[method]

    with strange(answer) as (url, methods), pytest.raises(PublishError) as caught:
        tus_upload(file, at(url), mark_of(file), QUICK)
    assert caught.value.hint
    assert len(methods) < 40


@pytest.mark.parametrize("location", ["http://elsewhere.example/1", "https://127.0.0.1/1", ""])
def test_the_token_stays_with_the_service(file: Path, location: str) -> None:
    with strange(lambda *_: (201, {"Location": location})) as (url, methods):
        with pytest.raises(PublishError):
            tus_upload(file, at(url), mark_of(file), QUICK)
        assert set(methods) == {"POST"}


def test_a_bookmark_is_of_one_file_and_one_place(file: Path) -> None:
    here, there = mark_of(file), mark_of(file, "there")
    assert here.read() is None
    here.put("https://host/1")
    there.put("https://host/2")
    assert (here.read(), there.read()) == ("https://host/1", "https://host/2")
    here.remove()
    assert (mark_of(file).read(), mark_of(file, "there").read()) == (None, "https://host/2")
    there.remove()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    file.with_name("collection.car.uploads").write_text("{torn")
    assert mark_of(file).read() is None

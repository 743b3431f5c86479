"""The preview's web server, over real sockets: what a browser gets, and what nobody may."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.counting import size
from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.cid import RAW, block_cid, cid_text, matches, parse_cid
from mint.ipfs.tree import Folder, tree_links, write_tree
from mint.ipfs.walk import resolve
from mint.preview.answer import sniff
from mint.preview.server import serve
from tests.preview.loopback import running

PNG = b"\x89PNG\r\n\x1a\n" + hashlib.shake_128(b"png").digest(3 << 20)
TREE: Folder = {
    "images": {"1.png": PNG, "ü &%.png": b"small"},
    "metadata": {f"{i}{'_' * 90}": json.dumps({"name": f"#{i}"}).encode() for i in range(2500)},
    "page.html": b"<script>alert(1)</script>",
    "empty": b"",
}
ROOT, METADATA = (cid_text(tree_links(TREE)[path].cid) for path in ("", "metadata"))


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


Get = Callable[..., Reply]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("preview")
    write_tree(folder / "c.car", TREE)
    (folder / "index.html").write_text("<h1>the report</h1>")
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails/12-0.webp").write_bytes(b"RIFF")
    (folder / "tokens.csv").write_text("token_id\n")
    (folder / "tokens-2.html").write_text("<h1>further tokens</h1>")
    (folder / "mine.html").write_text("<h1>the artist's</h1>")
    with running(serve(folder / "c.car", folder / "index.html")) as port:
        yield port


@pytest.fixture(scope="module")
def get(port: int) -> Get:
    def ask(path: str, method: str = "GET", **headers: str) -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())

    return ask


def test_a_picture(get: Get) -> None:
    reply = get(f"/ipfs/{ROOT}/images/1.png")
    assert (reply.status, reply.body) == (200, PNG)
    expected = {
        "Content-Type": "image/png",
        "Content-Length": str(len(PNG)),
        "Cache-Control": "public, max-age=29030400, immutable",
        "X-Content-Type-Options": "nosniff",
        # What is not published yet is nobody's but this server's own pages.
        "Access-Control-Allow-Origin": None,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
    }
    assert {name: reply.headers[name] for name in expected} == expected


def test_metadata_in_a_sharded_folder_is_json_without_an_extension(get: Get) -> None:
    for base in (f"{ROOT}/metadata", METADATA):
        reply = get(f"/ipfs/{base}/77{'_' * 90}")
        assert reply.headers["Content-Type"] == "application/json"
        assert json.loads(reply.body) == {"name": "#77"}


def test_the_report_and_paths_beside_it(get: Get) -> None:
    report = get("/")
    assert report.body == b"<h1>the report</h1>"
    assert report.headers["Content-Type"] == "text/html; charset=utf-8"
    further = get("/tokens-2.html")
    assert further.body == b"<h1>further tokens</h1>"
    assert further.headers["X-Frame-Options"] == report.headers["X-Frame-Options"] == "DENY"
    picture = get("/images/1.png")
    assert picture.body == PNG
    assert picture.headers["Cache-Control"] == "no-cache"  # another build, another picture


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/thumbnails/12-0.webp", 200, "image/webp"),
        ("/tokens.csv", 200, "text/csv; charset=utf-8"),
        ("/index.html", 200, "text/html; charset=utf-8"),
        ("/tokens-2.html", 200, "text/html; charset=utf-8"),
        ("/tokens-3.html", 404, "text/plain; charset=utf-8"),
        ("/mine.html", 404, "text/plain; charset=utf-8"),
        ("/x/tokens-2.html", 404, "text/plain; charset=utf-8"),
        ("/contact-sheet.png", 404, "text/plain; charset=utf-8"),
        ("/thumbnails/1.webp", 404, "text/plain; charset=utf-8"),
        ("/thumbnails/../c.car", 404, "text/plain; charset=utf-8"),
        ("/c.car", 404, "text/plain; charset=utf-8"),
    ],
)
def test_the_reports_own_files(get: Get, path: str, status: int, kind: str) -> None:
    reply = get(path)

    assert (reply.status, reply.headers["Content-Type"]) == (status, kind)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_names_are_unquoted_once(get: Get) -> None:
    assert get(f"/ipfs/{ROOT}/images/%C3%BC%20%26%25.png").body == b"small"
    assert get(f"/ipfs/{ROOT}/images%2F1.png").status == 404


def test_a_page_in_the_car_is_not_run(get: Get) -> None:
    assert get(f"/ipfs/{ROOT}/empty")[::2] == (200, b"")
    assert get(f"/ipfs/{ROOT}/page.html").headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/ipfs/{ROOT}/images/2.png", 404),
        (f"/ipfs/{ROOT}/images/1.png/x", 404),
        (f"/ipfs/{ROOT}/metadata/77", 404),
        (f"/ipfs/{ROOT}/../index.html", 404),
        ("/ipfs/", 400),
        ("/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", 404),
        ("/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N", 400),
        (f"/ipfs/{cid_text(block_cid(RAW, b'absent'))}", 404),
        (f"/ipfs/{ROOT}/images/1.png?format=raw", 400),
        ("/favicon.ico", 404),
    ],
)
def test_refusals(get: Get, path: str, status: int) -> None:
    reply = get(path)
    assert reply.status == status
    assert reply.body.startswith(str(status).encode())


@settings(max_examples=60)
@given(start=st.integers(0, len(PNG)), length=st.integers(1, 2 << 20))
def test_any_range(get: Get, start: int, length: int) -> None:
    reply = get(f"/ipfs/{ROOT}/images/1.png", Range=f"bytes={start}-{start + length - 1}")
    part = PNG[start : start + length]
    if not part:
        assert (reply.status, reply.headers["Content-Range"]) == (416, f"bytes */{len(PNG)}")
        return
    assert (reply.status, reply.body) == (206, part)
    place = f"bytes {start}-{start + len(part) - 1}/{len(PNG)}"
    assert reply.headers["Content-Range"] == place


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        ("bytes=-5", 206, PNG[-5:]),
        ("bytes=10-", 206, PNG[10:]),
        (f"bytes=-{10**17}", 206, PNG),
        ("bytes=-0", 416, None),
        ("bytes=5-4", 200, PNG),
        ("bytes=0-1,3-4", 200, PNG),
        ("lines=1-2", 200, PNG),
    ],
)
def test_odd_ranges(get: Get, header: str, status: int, body: bytes | None) -> None:
    reply = get(f"/ipfs/{ROOT}/images/1.png", Range=header)
    assert reply.status == status
    assert body is None or reply.body == body


def test_etags(get: Get) -> None:
    path = f"/ipfs/{ROOT}/images/1.png"
    tag = get(path, "HEAD").headers["Etag"]
    assert get(path, If_None_Match=f'"x", W/{tag}')[::2] == (304, b"")
    assert get(path, If_None_Match='"x"').status == 200
    assert get(path, Range="bytes=0-0", If_Range=tag).status == 206
    assert get(path, Range="bytes=0-0", If_Range='"x"').status == 200
    raw = get(f"/ipfs/{ROOT}?format=raw").headers["Etag"]
    assert raw == f'"{ROOT}.raw"'


def test_head_has_the_headers_of_get_and_no_body(get: Get) -> None:
    head = get(f"/ipfs/{ROOT}/images/1.png", "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(PNG)))


def test_a_folder_is_listed(get: Get) -> None:
    page = get(f"/ipfs/{ROOT}/")
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Etag"] == f'"DirIndex-1_CID-{ROOT}"'
    links = tree_links(TREE)
    text = page.body.decode()
    for name in ("images", "metadata"):
        cid = cid_text(links[name].cid)
        assert f'<a href="./{name}">{name}</a>' in text
        assert f'<a href="/ipfs/{cid}">{cid}</a>' in text
    assert f"<td>{size(links['metadata'].tsize)}<td>" in text
    assert 'href="../"' not in text  # there is nothing above it
    images = get("/images/").body.decode()
    assert '<a href="./%C3%BC%20%26%25.png">ü &amp;%.png</a><td>5 bytes' in images
    assert 'href="../"' in images
    unchanged = get(f"/ipfs/{ROOT}/", If_None_Match=page.headers["Etag"])
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_the_links_of_a_list_lead_to_what_they_name(get: Get) -> None:
    base = f"/ipfs/{ROOT}/images/"
    targets = re.findall('<tr><td><a href="([^"]+)">', get(base).body.decode())
    assert sorted(targets) == ["../", "./%C3%BC%20%26%25.png", "./1.png"]
    bodies = [get(urljoin(base, target)).body for target in targets if target != "../"]
    assert bodies == [PNG, b"small"]
    above = get(urljoin(base, "../"))
    assert above.body == get(f"/ipfs/{ROOT}/").body


def test_a_sharded_folder_is_listed_in_natural_order(get: Get) -> None:
    text = get(f"/ipfs/{ROOT}/metadata/").body.decode()
    names = re.findall(r'<a href="\./[^"]+">([0-9]+)_+</a>', text)
    assert names == [str(i) for i in range(2500)]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        (f"/ipfs/{ROOT}", f"/ipfs/{ROOT}/"),
        (f"/ipfs/{ROOT}/images?a=b", f"/ipfs/{ROOT}/images/?a=b"),
        ("//images", "/images/"),  # and never to a host of that name
    ],
)
def test_a_folder_has_a_slash_at_its_end(get: Get, path: str, location: str) -> None:
    reply = get(path)
    assert (reply.status, reply.headers["Location"]) == (301, location)


def test_what_a_folder_calls_its_files_is_not_run(tmp_path: Path) -> None:
    name = '"><script>alert(1)<'  # a closing tag would need a slash
    write_tree(tmp_path / "c.car", {name: b"1", "javascript:alert(1)": b"2"})
    with (
        running(serve(tmp_path / "c.car", tmp_path / "no.html")) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
        closing(open_car(tmp_path / "c.car")) as car,
    ):
        connection.request("GET", f"/ipfs/{cid_text(car.root)}/")
        text = connection.getresponse().read().decode()
    assert "<script" not in text
    assert 'href="javascript' not in text
    assert "&quot;&gt;&lt;script&gt;" in text


def test_a_list_has_an_end(monkeypatch: pytest.MonkeyPatch, get: Get) -> None:
    monkeypatch.setattr("mint.preview.listing.LISTED", 1000)
    text = get(f"/ipfs/{ROOT}/metadata/").body.decode()
    assert text.count("<tr>") == 1001  # with the way up
    assert "The first 1,000 names; the folder has more." in text


@pytest.mark.parametrize(
    ("header", "status", "start", "stop"),
    [
        ("bytes=0-3", 206, 0, 4),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=2-1", 200, 0, None),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
def test_ranges_of_a_raw_block(
    get: Get, header: str, status: int, start: int, stop: int | None
) -> None:
    url = f"/ipfs/{METADATA}?format=raw"
    whole = get(url).body
    reply = get(url, Range=header)
    assert reply.status == status
    if status == 206:
        assert reply.body == whole[start:stop]
        first = len(whole) + start if start < 0 else start
        last = (len(whole) if stop is None else stop) - 1
        assert reply.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
        assert reply.headers["Etag"] == f'"{METADATA}.raw"'
        assert reply.headers["Content-Type"] == "application/vnd.ipld.raw"
    elif status == 200:
        assert reply.body == whole
    else:
        assert reply.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_raw_blocks_are_enough_for_a_client_that_trusts_nobody(get: Get) -> None:
    def block(cid: bytes) -> bytes:
        reply = get(f"/ipfs/{cid_text(cid)}?format=raw")
        assert reply.headers["Content-Type"] == "application/vnd.ipld.raw"
        assert reply.headers["Content-Disposition"].startswith("attachment")
        assert matches(cid, reply.body)
        return reply.body

    cid = resolve(block, parse_cid(ROOT), f"metadata/2499{'_' * 90}")
    assert cid is not None
    assert block(cid) == b'{"name": "#2499"}'


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "[::1]:80"])
def test_another_host_name_is_turned_away(get: Get, host: str) -> None:
    assert get("/", Host=host).status == 403
    assert get(f"/ipfs/{ROOT}/images/1.png", Host=host).status == 403


def test_only_this_machine_can_connect(get: Get, port: int) -> None:
    assert get("/", Host=f"localhost:{port}").status == 200
    # 127.0.0.2 is another address of this machine than the one served.
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_damaged_block_never_arrives_whole(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", {"a": b"the truth", "b": PNG})
    data = (tmp_path / "c.car").read_bytes()
    altered = data.replace(b"the truth", b"not truth").replace(
        PNG[2_000_000:2_000_009], b"not truth"
    )
    (tmp_path / "c.car").write_bytes(altered)
    with running(serve(tmp_path / "c.car", tmp_path / "no-report.html")) as port:
        assert status_of(port, "/") == 404
        assert status_of(port, "/a") == 500
        with pytest.raises(http.client.IncompleteRead):
            status_of(port, "/b")


def status_of(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        return reply.status


def test_a_port_in_use(tmp_path: Path, port: int) -> None:
    write_tree(tmp_path / "c.car", {})
    with pytest.raises(PublishError, match="in use") as caught:
        serve(tmp_path / "c.car", tmp_path / "index.html", port)
    assert "port" in caught.value.hint


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"),
        (b"\xfe\xff", "application/octet-stream"),
        (("ü" * 300).encode()[:511], "text/plain; charset=utf-8"),
        (b"a\0b", "application/octet-stream"),
    ],
)
def test_sniffing(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@pytest.mark.parametrize("path", ["ftp://[", "ftp://[::1/ipfs"])
def test_a_path_that_is_no_url(get: Get, path: str) -> None:
    assert get(path).status == 400


def reset(connection: socket.socket) -> None:
    """Close so that the other side meets ConnectionResetError, as a closed browser tab does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("bytes_read", [None, 0, 1, 100_000])
@pytest.mark.parametrize(
    "path", ["/images/1.png", f"/ipfs/{ROOT}?format=car", "/nowhere", "/ipfs/nonsense", "/"]
)
def test_a_client_that_hangs_up(
    get: Get, port: int, capfd: pytest.CaptureFixture[str], path: str, bytes_read: int | None
) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        # None: it goes in the middle of its own request.
        connection.sendall(request if bytes_read is not None else request[:-3])
        received = 0
        while received < (bytes_read or 0) and (part := connection.recv(1000)):
            received += len(part)
            if path not in ("/images/1.png", f"/ipfs/{ROOT}?format=car"):
                break  # a short answer, after which the connection stays open
        reset(connection)
    deadline = time.monotonic() + 20
    while set(threading.enumerate()) - before:  # one thread for each connection
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert capfd.readouterr() == ("", "")
    assert get("/images/1.png").body == PNG

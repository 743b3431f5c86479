"""CARs that the preview's server makes: what is in them, and that nobody has to trust it."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from mint.errors import VerifyError
from mint.ipfs import walk
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import CHUNK, PROFILES, Profile
from mint.preview.server import serve
from mint.verify.fetch_car import find_car
from tests.ipfs.trees import everything, flat, unpacked
from tests.preview.loopback import running

LONG = hashlib.shake_128(b"long").digest(3 * CHUNK + 5)
TREE: Folder = {
    "images": {"1.png": LONG, "ü &%.png": b"odd"},
    "again": LONG,
    "metadata": {f"{i}{'_' * 90}": b'{"name": %d}' % i for i in range(2500)},
    "few": {"a": b"1", "b": b"2"},
}
CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=n"


class Served:
    """A CAR of TREE behind a server."""

    def __init__(self, folder: Path, profile: Profile) -> None:
        self.folder, self.path = folder, folder / "whole.car"
        self.links = write_tree(self.path, TREE, profile)
        self.root = cid_text(self.links[""].cid)
        self.port = 0

    def get(self, path: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.get(url, headers=named, timeout=20)

    def car(self, path: str) -> Car:
        """What is sent for ROOT + `path`, opened by our own reader."""
        reply = self.get(f"/ipfs/{self.root}{path}")
        assert reply.status_code == 200, reply.text
        assert reply.headers["Content-Type"] == CAR
        (self.folder / "part.car").write_bytes(reply.content)
        return open_car(self.folder / "part.car")

    def count(self, path: str) -> int:
        """How many blocks are in the CAR that is sent."""
        with closing(self.car(path)) as car:
            return len(car.offsets)


@pytest.fixture(scope="module", params=PROFILES.values(), ids=list(PROFILES))
def served(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Served(tmp_path_factory.mktemp("served"), request.param)
    with running(serve(home.path, home.folder / "index.html")) as home.port:
        yield home


def test_a_whole_tree_is_the_whole_tree(served: Served) -> None:
    with closing(served.car("?format=car")) as car, closing(open_car(served.path)) as whole:
        assert everything(car) == flat(TREE)
        assert car.tags == whole.tags  # every block, once
        assert car.root == served.links[""].cid


def test_parents_stand_before_their_children(served: Served) -> None:
    with closing(served.car("/images?format=car")) as car:
        cids = [cid for _, cid in walk.files(car.block, car.root)]
        order = [served.links[""].cid, car.root, *cids]
        at = [location.offset for cid in order if (location := car.find(cid))]
        assert at == sorted(at)
        assert len(at) == len(order)


@pytest.mark.parametrize("path", ["images", "images/1.png", "metadata", f"metadata/7{'_' * 90}"])
def test_a_path_can_be_checked_from_the_root(served: Served, path: str) -> None:
    with closing(served.car(f"/{path}?format=car")) as car:
        assert walk.resolve(car.block, served.links[""].cid, path) == car.root
        assert car.block(car.root)


def test_only_what_is_below_the_path_is_sent(served: Served) -> None:
    assert served.count("/few?format=car") == 4  # the root, the folder, its two files
    with closing(served.car("/images/1.png?format=car")) as car:
        assert b"".join(walk.cat(car.block, car.root)) == LONG
    everything_else = served.count("?format=car") - served.count("/images/1.png?format=car")
    assert everything_else > 2500  # the names of metadata and their files


@pytest.mark.parametrize(
    ("query", "status"),
    [("?format=tar", 400), ("/no?format=car", 404), ("?format=raw", 400)],
)
def test_refusals(served: Served, query: str, status: int) -> None:
    reply = served.get(f"/ipfs/{served.root}/again{query}")
    assert reply.status_code == status
    assert reply.text.startswith(str(status))


def test_headers(served: Served) -> None:
    images = cid_text(served.links["images"].cid)
    reply = served.get(f"/ipfs/{served.root}/images?format=car")
    expected = {
        "Content-Disposition": f'attachment; filename="{images}.car"',
        "Cache-Control": "public, max-age=29030400, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Etag": f'"{served.root}.{images}.car"',
    }
    assert {name: reply.headers[name] for name in expected} == expected
    assert served.get("/images?format=car").headers["Cache-Control"] == "no-cache"
    assert served.get("/images?format=car", Host="evil.example").status_code == 403


def test_etags_differ_where_bytes_do(served: Served) -> None:
    paths = ["", "/again", "/few", "/images"]
    tags = [served.get(f"/ipfs/{served.root}{path}?format=car").headers["Etag"] for path in paths]
    assert len(set(tags)) == len(paths)
    reply = served.get(f"/ipfs/{served.root}/again?format=car", If_None_Match=tags[1])
    assert (reply.status_code, reply.content) == (304, b"")


def test_one_connection_takes_several_cars(served: Served) -> None:
    with requests.Session() as session:
        url = f"http://127.0.0.1:{served.port}/ipfs/{served.root}/few"
        for _ in range(3):
            assert len(session.get(f"{url}?format=car", timeout=9).content) > 100
            assert session.head(f"{url}?format=car", timeout=9).headers["Content-Type"] == CAR
            assert session.get(f"{url}/b", timeout=9).content == b"2"


def test_a_client_of_1996_gets_the_same_bytes(served: Served) -> None:
    wanted = served.get(f"/ipfs/{served.root}/few?format=car").content
    request = f"GET /ipfs/{served.root}/few?format=car HTTP/1.0\r\n"
    request += f"Host: 127.0.0.1:{served.port}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=9) as connection:
        connection.sendall(request.encode())
        with connection.makefile("rb") as answer:
            assert answer.read().partition(b"\r\n\r\n")[2] == wanted


def test_find_car_takes_it_from_here(served: Served, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "scratch").mkdir()
    environ = {"IPFS_GATEWAY": f"http://127.0.0.1:{served.port}/"}
    path = find_car(served.root, tmp_path / "home", environ, tmp_path / "scratch", 10**8)
    assert unpacked(path) == flat(TREE)


def test_a_damaged_block_is_no_whole_car(tmp_path: Path) -> None:
    tree: Folder = {"a": b"the truth" * 40_000, "b": b"x" * 200_000, "c": LONG}
    root = cid_text(write_tree(tmp_path / "c.car", tree)[""].cid)
    data = (tmp_path / "c.car").read_bytes()
    (tmp_path / "c.car").write_bytes(data.replace(LONG[-4:], b"lies"))
    with running(serve(tmp_path / "c.car", tmp_path / "index.html")) as port:
        environ = {"IPFS_GATEWAY": f"http://127.0.0.1:{port}"}
        with pytest.raises(VerifyError, match="did not send"):
            find_car(root, tmp_path / "none", environ, tmp_path, 10**8)
        url = f"http://127.0.0.1:{port}/ipfs/{root}"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{url}?format=car", timeout=9)
        assert requests.get(f"{url}/b?format=car", timeout=9).ok


def test_a_damaged_root_changes_the_status(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "c.car", {"secret": b"1"})[""].cid
    data = (tmp_path / "c.car").read_bytes()
    (tmp_path / "c.car").write_bytes(data.replace(b"secret", b"public"))
    with running(serve(tmp_path / "c.car", tmp_path / "index.html")) as port:
        reply = requests.get(f"http://127.0.0.1:{port}/ipfs/{cid_text(root)}?format=car", timeout=9)
    assert reply.status_code == 500

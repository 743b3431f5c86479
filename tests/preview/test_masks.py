"""Places drawn on a picture in `mint preview`: sent as masks, answered with the command."""

from __future__ import annotations

import base64
import http.client
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from mint.curate.decisions_file import decisions_path
from mint.preview.masks import MOST_BYTES
from mint.preview.server import serve
from mint.record.folders import folders_of
from mint.spec.load import load
from tests.preview.loopback import running
from tests.retouch.easels import png

SQUARE = png(np.pad(np.full((8, 8), 255, np.uint8), 4))
DRAWN = base64.b64encode(SQUARE).decode()


class Shop:
    """A finished build behind a server."""

    def __init__(self, file: Path, port: int) -> None:
        self.file, self.port = file, port

    def send(self, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Content-Type": "application/json", **headers}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("POST", "/api/masks", data, named)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())


@pytest.fixture
def shop(built: Path, tmp_path: Path) -> Iterator[Shop]:
    home = tmp_path / "shop"
    shutil.copytree(built.parent, home)
    file = home / built.name
    folders = folders_of(file, load(file)[0])
    with running(serve(folders.car, folders.report, 0, folders)) as port:
        yield Shop(file, port)


def test_a_drawing_becomes_a_mask_and_a_command(shop: Shop) -> None:
    drawing = {"token_id": 2, "trait": "Headwear", "value": "cap", "png": DRAWN}
    status, answer = shop.send(drawing)

    assert status == 200
    path = shop.file.parent / answer["file"]
    assert answer["file"].startswith("masks/2-Headwear-")
    assert answer["command"] == (
        f"mint retouch {shop.file} --token 2 --trait Headwear=cap --mask {path}"
    )
    rows = np.asarray(Image.open(path))
    assert rows.shape == (64, 64)
    assert rows[32, 32] == 255
    assert not rows[0].any()
    assert shop.send(drawing) == (status, answer)  # no second file of the same drawing
    assert len(list((shop.file.parent / "masks").iterdir())) == 1


def test_without_a_drawing_mint_finds_the_place(shop: Shop) -> None:
    status, answer = shop.send({"token_id": 2, "trait": "Headwear"})

    assert (status, answer["file"]) == (200, None)
    assert answer["command"] == f"mint retouch {shop.file} --token 2 --trait Headwear"
    assert not (shop.file.parent / "masks").exists()


def test_a_one_of_one_gets_its_words_to_change(shop: Shop) -> None:
    status, answer = shop.send({"token_id": 4, "png": DRAWN})

    assert status == 200
    assert "--prompt 'a white robot, round eyes' --mask" in answer["command"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "no drawing"),
        ({"token_id": "2"}, 400, "no drawing"),
        ({"token_id": 2, "png": "%%%"}, 400, "no drawing"),
        ({"token_id": 2, "trait": "Headwear", "path": "/etc/passwd"}, 400, "no drawing"),
        ({"token_id": 9, "png": DRAWN}, 409, "no token 9"),
        ({"token_id": 2}, 409, "neither a trait nor a place"),
        ({"token_id": 2, "trait": "Hat"}, 409, "no trait Hat"),
        ({"token_id": 4, "trait": "Headwear", "png": DRAWN}, 409, "no trait Headwear"),
        ({"token_id": 2, "trait": "Headwear", "value": "wig"}, 409, '"wig" is no value'),
        ({"token_id": 2, "png": base64.b64encode(b"GIF89a").decode()}, 409, "no PNG or JPEG"),
        (
            {"token_id": 2, "png": base64.b64encode(png(np.zeros((4, 4), np.uint8))).decode()},
            409,
            "black all over",
        ),
    ],
)
def test_what_is_no_drawing_is_refused(shop: Shop, body: object, status: int, words: str) -> None:
    answered, answer = shop.send(body)

    assert answered == status
    assert words in answer["error"]
    assert not (shop.file.parent / "masks").exists()


def test_only_this_servers_pages_may_send_and_not_too_much(shop: Shop) -> None:
    drawing = {"token_id": 2, "png": DRAWN}
    assert shop.send(drawing, Origin="https://example.org")[0] == 403
    assert shop.send(b"", **{"Content-Length": str(MOST_BYTES + 1)})[0] == 413
    assert not (shop.file.parent / "masks").exists()


def test_an_artist_draws_and_gets_the_command(shop: Shop, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{shop.port}/#token-2")
    page.get_by_role("button", name="Retouch").click()
    canvas = page.locator("canvas.mask")
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 4, steps=4)
    page.mouse.up()
    page.locator(".retouch input[name=brush]").press("ArrowRight")  # its own key: no other token
    page.locator(".retouch select[name=trait]").press("r")  # nor a decision
    expect(canvas).to_have_count(1)
    assert not decisions_path(shop.file).exists()
    page.locator(".retouch select[name=trait]").select_option(label="Headwear")
    page.locator(".retouch select[name=value]").select_option("cap")
    page.get_by_role("button", name="Write the command").click()
    command = page.locator("[data-slot=command]")
    expect(command).to_contain_text("--token 2 --trait Headwear=cap --mask")
    mask = np.asarray(Image.open(next((shop.file.parent / "masks").iterdir())))
    page.get_by_role("button", name="Next token").click()
    expect(canvas).to_have_count(0)
    page.close()

    assert mask[16, 32] > 200
    assert not mask[40:].any()

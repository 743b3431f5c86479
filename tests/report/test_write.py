"""What lies beside the page, and when it is drawn."""

from __future__ import annotations

import csv
import threading
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from PIL import Image

from mint.record.folders import Folders
from mint.record.manifest import Manifest
from mint.report.contact_sheet import WIDEST, contact_sheet_png
from mint.report.darkroom import darkroom
from mint.report.exports import inert, tokens_csv
from mint.report.judged import doubts
from mint.report.pages import PER_PAGE
from mint.report.tally import Tally, tally
from mint.report.thumbnail import thumbnail_key, thumbnail_webp
from mint.report.write import write_report
from mint.store import Store
from tests import exhibit
from tests.report.pages import page, rows


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "collection.yaml", tmp_path / ".mint", tmp_path / "build/x")


def write(
    folders: Folders, manifest: Manifest, per_page: int = PER_PAGE
) -> list[tuple[str, int, int]]:
    """The report of `manifest`, with its pictures in the store, and the news of writing it."""
    store, news = Store(folders.state), list[tuple[str, int, int]]()
    for token in manifest.tokens:
        store.put(exhibit.picture(token.image))
    folders.manifest.parent.mkdir(parents=True, exist_ok=True)
    folders.manifest.write_bytes(manifest.canonical())
    write_report(folders, store, lambda *each: news.append(each), per_page)
    return news


def names(folders: Folders) -> set[str]:
    report = folders.report.parent
    return {str(p.relative_to(report)) for p in report.rglob("*") if p.is_file()}


def _tallies(manifest: Manifest) -> list[Tally]:
    return tally(manifest.collection, manifest.tokens, {})


def test_large_collections_have_their_thumbnails_beside_the_page(folders: Folders) -> None:
    # A page of so many pictures, whatever their traits.
    many = {"Species": [f"s{i}" for i in range(30)], "Hat": [f"h{i}" for i in range(30)]}
    collection = exhibit.collection(501, traits=many)
    judged = exhibit.judged(501).model_copy(update={"collection": collection})
    news = write(folders, judged)
    thumbnails = {f"thumbnails/{i}.webp" for i in range(1, 502)} | {"thumbnails/5-0.webp"}

    assert names(folders) == thumbnails | {"index.html", "tokens.csv", "contact-sheet.png"}
    assert (news[0], news[-1]) == (("report", 0, 501), ("report", 501, 501))
    assert [done for _, done, _ in news] == sorted(done for _, done, _ in news)
    assert len(news) > 20
    page = folders.report.read_bytes()
    write(folders, judged)
    assert folders.report.read_bytes() == page

    (folders.report.parent / "thumbnails/mine.webp").write_bytes(b"")
    write(folders, exhibit.manifest(12))
    # One file holds it all now; what the artist put there stays.
    assert names(folders) == {
        "index.html", "tokens.csv", "contact-sheet.png", "thumbnails/mine.webp",
    }  # fmt: skip


def test_pages_have_every_token_once(folders: Folders) -> None:
    manifest = exhibit.judged(unresolved=(2, 5, 10))
    report = folders.report.parent
    write(folders, manifest, per_page=5)
    pages = {path.name: path.read_text(encoding="utf-8") for path in report.glob("*.html")}
    ids = {name: [row["id"] for row in rows(text)] for name, text in pages.items()}

    assert ids == {
        "index.html": [1, 2, 3, 4, 5], "tokens-2.html": [6, 7, 8, 9, 10], "tokens-3.html": [11, 12],
    }  # fmt: skip
    whole = {str(row["id"]): row for row in rows(page(manifest))}
    near = whole["5"].pop("nearest")
    for row in (row for text in pages.values() for row in rows(text)):
        of_page = whole[str(row["id"])]
        if row["id"] == 5:  # its nearest is on another page, so the row says what that one shows
            assert row.pop("nearest") == [*near, "Menagerie #9", False]  # type: ignore[misc]  # a list
            attempts, expected = row.pop("attempts"), of_page.pop("attempts")
            assert [a["file"] for a in attempts] == [a["file"] for a in expected]  # type: ignore[attr-defined]
        assert row == of_page
    assert {f"thumbnails/{i}.webp" for i in range(1, 13)} < names(folders)
    # The summary stands once; its links lead to the page that has the token.
    assert 'href="tokens-2.html#token-10"' in pages["index.html"]
    assert 'href="#token-5"' in pages["index.html"]
    assert "Promises, and what proves them" not in pages["tokens-2.html"]
    with Image.open(report / "contact-sheet.png") as sheet:
        assert sheet.size == (96, 64)  # of the first five


def test_pages_of_an_earlier_build_go(folders: Folders) -> None:
    report = folders.report.parent
    write(folders, exhibit.manifest(12), per_page=4)
    for name in ("tokens-1.html", "tokens-02.html", "tokens-x.html", "tokens-3.html.bak"):
        (report / name).write_text("the artist's")
    write(folders, exhibit.manifest(8), per_page=4)

    further = {path.name for path in report.glob("tokens-*")}
    assert further == {
        "tokens-2.html", "tokens-1.html", "tokens-02.html", "tokens-x.html", "tokens-3.html.bak",
    }  # fmt: skip


def test_up_to_the_limit_there_is_one_page(folders: Folders) -> None:
    def files(per_page: int) -> dict[str, bytes]:
        write(folders, exhibit.judged(), per_page)
        return {name: (folders.report.parent / name).read_bytes() for name in names(folders)}

    first = files(12)
    assert first == files(1_000)
    assert set(first) == {"index.html", "tokens.csv", "contact-sheet.png"}
    assert b"facts.pages" not in first["index.html"]  # nor the script that leads to others
    assert "facts.pages" in (files(11) and folders.report.read_text(encoding="utf-8"))


def test_the_table_has_a_line_for_each_token() -> None:
    manifest = exhibit.judged()
    text = "".join(tokens_csv(manifest, _tallies(manifest), doubts(manifest)))
    lines = list(csv.DictReader(StringIO(text, newline="")))

    assert [line["token_id"] for line in lines] == [str(i) for i in range(1, 13)]
    first, fifth = lines[0], lines[4]
    assert (first["Species"], first["Hat"], first["least_certain"]) == ("bear", "crown", "0.03")
    assert first["to_review"].startswith("Contradicts its metadata")
    assert (fifth["nearest"], fifth["likeness"], fifth["attempt"]) == ("9", "0.951", "1")
    assert fifth["seed"] == str(2**53 - 5)
    assert lines[3]["clip_score"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    token = exhibit.token(1, name=text, traits={"Species": text, text: "fox"})
    manifest = exhibit.manifest(1, tokens=(token,))
    table = "".join(tokens_csv(manifest, _tallies(manifest), doubts(manifest)))
    header, line = list(csv.reader(StringIO(table, newline="")))

    assert inert(-1.5) == -1.5
    assert not [c for c in (*header, *line) if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert f"'{text}" in header
    assert line[1] == f"'{text}"


def test_the_contact_sheet_has_every_picture_and_blurs_some() -> None:
    thumbnails = [thumbnail_webp(exhibit.png(i), 32) for i in range(1, 6)]
    half = Image.new("RGB", (32, 32), "black")
    half.paste("white", (0, 0, 16, 32))
    out = BytesIO()
    half.save(out, "PNG")
    png = contact_sheet_png([*thumbnails[:4], out.getvalue()], [False] * 4 + [True])
    sheet = Image.open(BytesIO(png)).convert("RGB")

    assert sheet.size == (96, 64)
    assert sheet.getpixel((80, 50)) == (255, 255, 255)  # there is no sixth
    for i, (x, y) in enumerate([(16, 16), (48, 16), (80, 16), (16, 48)]):
        expected = Image.open(BytesIO(exhibit.png(i + 1))).getpixel((0, 0))
        drawn = sheet.getpixel((x, y))
        assert isinstance(expected, tuple)
        assert isinstance(drawn, tuple)
        assert max(abs(a - b) for a, b in zip(expected, drawn, strict=True)) < 8
    gray = sheet.getpixel((32 + 13, 48))  # near the edge between white and black
    assert isinstance(gray, tuple)
    assert 100 < gray[0] < 200


def test_the_contact_sheet_stays_sendable() -> None:
    thumbnail = thumbnail_webp(exhibit.png(1), 256)
    large = Image.open(BytesIO(contact_sheet_png([thumbnail] * 4_225, [False] * 4_225)))
    # 65 of 31 px in a row
    assert large.size[0] <= WIDEST


def test_thumbnails_are_drawn_while_the_build_goes_on(tmp_path: Path) -> None:
    store, image = Store(tmp_path), exhibit.token(1).image
    store.put(exhibit.png(1))
    with darkroom(store, 12) as develop:
        develop(image)
        develop(exhibit.token(2).image)  # not in the store: left to the report, and no error
        waiter = threading.Event()
        for _ in range(200):
            if store.recall("thumbnail", thumbnail_key(image, 256)):
                break
            waiter.wait(0.02)

    assert store.recall("thumbnail", thumbnail_key(image, 256)) == thumbnail_webp(
        exhibit.png(1), 256
    )
    assert store.rotten == []

"""A report of several pages as a reader meets it: links between them, from disk and when served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mint.curate.events import EventLog, Opinion
from mint.curate.token import Lookalike
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate
from mint.preview.server import serve
from mint.record.folders import Folders
from mint.report.judged import doubts
from mint.report.page import render_pages
from mint.report.pages import pages
from mint.report.rows import index
from mint.report.tally import tally
from mint.report.thumbnail import thumbnail_webp
from mint.store import Store, write
from tests import exhibit
from tests.preview.loopback import running


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve tokens, five on a page; token 8 looks like 3, which is unsafe and on another page."""
    build = exhibit.judged(unresolved=(9,))
    tokens = list(build.tokens)
    nearest = Lookalike(token_id=3, likeness=0.9)
    tokens[7] = tokens[7].model_copy(update={"nearest": nearest})
    build = build.model_copy(update={"tokens": tuple(tokens)})
    tallies = tally(build.collection, build.tokens, {})
    every = index(build, tallies, doubts(build))
    folder = tmp_path_factory.mktemp("build") / "report"
    for page, pieces in render_pages(every, exhibit.picture, pages(12, 5), beside="thumbnails"):
        write(folder / page.file, "".join(pieces).encode())
    for name in (*range(1, 13), "5-0"):
        picture = exhibit.png(name if isinstance(name, int) else 9)
        write(folder / f"thumbnails/{name}.webp", thumbnail_webp(picture, 64))
    write(folder.parent / "manifest.json", build.canonical())
    return folder


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose pages have reported nothing in the end."""
    messages: list[str] = []
    context = browser.new_context()
    context.on("console", lambda message: messages.append(message.text))
    context.on("weberror", lambda error: messages.append(str(error.error)))
    yield context
    context.close()
    assert messages == []


def _name(page: Page) -> str:
    """Which page of the report is open, with which token."""
    return page.url.rpartition("/")[2]


def test_links_lead_to_the_page_that_has_the_token(context: BrowserContext, report: Path) -> None:
    page = context.new_page()
    page.goto(f"{report.as_uri()}/index.html#token-8")
    page.wait_for_url("**/tokens-2.html#token-8")
    card = page.locator("#card")
    expect(card.locator("[data-slot=name]")).to_have_text("Menagerie #8")
    expect(card.locator("[data-slot=rarity]")).to_contain_text("of 12,")
    other = card.locator("[data-slot=nearest] a")
    expect(other.locator(".thumb")).to_have_class("thumb veiled")
    other.click()
    page.wait_for_url("**/index.html#token-3")
    expect(card.locator("[data-slot=name]")).to_have_text("Menagerie #3")

    page.keyboard.press("Escape")
    mini = page.locator("#review a.mini", has_text="#9")
    mini.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('#review .mini img')].every(i => i.naturalWidth)"
    )
    mini.click()
    page.wait_for_url("**/tokens-2.html#token-9")

    page.goto(f"{report.as_uri()}/index.html")
    page.locator("#search").fill("#12")
    expect(page.locator("#elsewhere")).to_contain_text("Token #12 is on the page of tokens 11")
    page.locator("#search").press("Enter")
    page.wait_for_url("**/tokens-3.html#token-12")


def test_the_readers_choice_goes_along(context: BrowserContext, report: Path) -> None:
    page = context.new_page()
    page.goto(f"{report.as_uri()}/index.html")
    page.locator("#search").fill("fox")
    page.get_by_role("link", name="Next").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tokens-2.html#sheet?q=fox")
    expect(page.locator("#matches")).to_have_text("1 of 5 tokens")
    expect(page.locator("#tiles > li")).to_have_id("tile-8")
    page.get_by_role("link", name="Summary").click()
    assert _name(page) == "index.html"


def test_decisions_of_another_page_are_not_lost(context: BrowserContext, report: Path) -> None:
    first, second = context.new_page(), context.new_page()
    first.goto(f"{report.as_uri()}/index.html#token-1")
    second.goto(f"{report.as_uri()}/tokens-2.html#token-6")
    second.keyboard.press("k")
    expect(first.locator("#decided")).to_have_text("1 decision")
    first.bring_to_front()
    first.keyboard.press("k")
    expect(first.locator("#decided")).to_have_text("2 decisions")
    expect(second.locator("#decided")).to_have_text("2 decisions")


def test_pages_turn_without_scripts(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{report.as_uri()}/index.html")
    for name, expected in (
        ("Next", "tokens-2.html#sheet"), ("Next", "tokens-3.html#sheet"),
        ("Previous", "tokens-2.html#sheet"), ("1\u20135", "index.html#sheet"),
    ):  # fmt: skip
        page.get_by_role("link", name=name).first.click()
        page.wait_for_url(f"**/{expected}")
        assert page.locator(".pages").first.locator("[aria-current]").count() == 1
    context.close()


def test_the_preview_has_all_pages(context: BrowserContext, report: Path) -> None:
    file = report.parent / "collection.yaml"
    folders = Folders(file, report.parent / ".mint", report.parent)
    with running(serve(folders.car, folders.report, 0, folders)) as port:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/#token-12")
        page.wait_for_url("**/tokens-3.html#token-12")
        expect(page.locator("#card [data-slot=name]")).to_have_text("Menagerie #12")
        page.goto(f"http://127.0.0.1:{port}/tokens-3.html")
        page.get_by_role("link", name="Summary").click()
        expect(page.locator("#verify-title")).to_be_visible()
        page.close()


def test_pictures_of_other_pages_are_no_news(context: BrowserContext, report: Path) -> None:
    folders = Folders(report.parent / "collection.yaml", report.parent / ".mint", report.parent)
    log, data = EventLog(folders.events), exhibit.png(77)
    fresh = Picture(pixels="77" * 32, file=Store(folders.state).put(data), size=len(data))
    fields = {"attempt": 1, "name": "x", "traits": {}, "recipe": exhibit.token(1).recipe}

    def paint(number: int) -> None:
        painted = Candidate.model_validate({**fields, "token_id": number})
        log.hear(painted, fresh, Opinion())

    with (
        running(serve(folders.car, folders.report, 0, folders)) as port,
        log.running(folders.out.name, "Menagerie", 12),
    ):
        page = context.new_page()
        with page.expect_response("**/api/events"):
            page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_timeout(300)
        paint(3)
        page.locator("#news", has_text="#3 has a new picture").wait_for()
        paint(12)
        page.wait_for_timeout(300)
        words = page.locator("#news").inner_text()
        page.close()
    assert words == "#3 has a new picture"

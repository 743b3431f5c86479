"""A real browser, and the report opened in it from disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mint.record.manifest import Manifest
from mint.report import render
from tests import exhibit
from tests.needs import chromium
from tests.report.pages import Open
from tests.report.server import ReportServer, serving

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a manifest's page from disk; in the end it has reported nothing, and loaded nothing but
    what lies in its build's folder.
    """
    messages: list[str] = []
    requests: list[str] = []
    context = browser.new_context()

    def open_page(manifest: Manifest | None = None, place: str = "", **options: Any) -> Page:
        build = manifest or exhibit.manifest()
        file = tmp_path / "report" / "index.html"
        file.parent.mkdir(exist_ok=True)
        pieces = render(
            build,
            exhibit.picture,
            planned=exhibit.plan(exhibit.manifest()),
            originals=options.get("originals"),
        )
        file.write_text("".join(pieces), encoding="utf-8")
        page = context.new_page()
        page.set_viewport_size(options.get("size", {"width": 1280, "height": 800}))
        page.emulate_media(color_scheme=options.get("scheme", "light"))
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri() + place)
        return page

    yield open_page
    context.close()
    assert messages == []
    folder = tmp_path.as_uri()
    assert [u for u in requests if not u.startswith((folder, "data:", "blob:"))] == []


@pytest.fixture
def report_server() -> Iterator[ReportServer]:
    page = "".join(render(exhibit.manifest(), exhibit.picture, originals="../images"))
    with serving(page.encode()) as server:
        yield server

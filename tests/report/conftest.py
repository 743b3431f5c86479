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

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a manifest's page from disk; in the end it has loaded nothing and reported nothing."""
    messages: list[str] = []
    requests: list[str] = []
    context = browser.new_context()

    def open_page(manifest: Manifest | None = None, place: str = "", **options: Any) -> Page:
        build = manifest or exhibit.manifest()
        file = tmp_path / "index.html"
        pieces = render(build, exhibit.picture, planned=exhibit.plan(exhibit.manifest()))
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
    assert [u for u in requests if not u.startswith(("file://", "data:"))] == []
    assert len({u.partition("#")[0] for u in requests if u.startswith("file://")}) == 1

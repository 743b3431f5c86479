"""The report opened in a browser, from disk or from `mint preview`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mint.preview.server import serve
from mint.record.folders import Folders
from mint.record.manifest import Manifest
from mint.report import render
from mint.store import write
from tests import exhibit
from tests.preview.loopback import running
from tests.report.pages import Open


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
def served(tmp_path: Path) -> Iterator[tuple[Folders, str]]:
    """A build on disk, and the address at which `mint preview` has it."""
    manifest = exhibit.manifest()
    folders = Folders(tmp_path / "collection.yaml", tmp_path / ".mint", tmp_path / "build" / "it")
    folders.state.mkdir()
    write(folders.manifest, manifest.canonical())
    page = "".join(render(manifest, exhibit.picture, originals="../images"))
    write(folders.report, page.encode())
    with running(serve(folders.car, folders.report, 0, folders)) as port:
        yield folders, f"http://127.0.0.1:{port}/"

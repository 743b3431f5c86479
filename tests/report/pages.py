"""The report of an exhibit, as the text of its page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page

from mint.report import render
from tests import exhibit

Open = Callable[..., Page]  # of a manifest, a place in the page, size= and scheme=


def page(manifest: object = None, **options: object) -> str:
    build = exhibit.manifest() if manifest is None else manifest
    return "".join(render(build, exhibit.picture, **options))  # type: ignore[arg-type]


def rows(html: str) -> list[dict[str, object]]:
    element = re.search(r'<script type="application/json" id="tokens">(.*?)</script>', html, re.S)
    assert element
    parsed: list[dict[str, object]] = json.loads(element[1])
    return parsed

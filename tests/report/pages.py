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
    return "".join(render(build, exhibit.picture, **options))  # type: ignore[arg-type]  # fields by name


def rows(html: str) -> list[dict[str, object]]:
    """What the script reads of each token, the short row and the long one together."""
    short, long = (_rows(html, name) for name in ("tokens", "details"))
    return [{**a, **b} for a, b in zip(short, long, strict=True)]


def _rows(html: str, name: str) -> list[dict[str, object]]:
    element = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html, re.S)
    assert element
    return [json.loads(line) for line in element[1].splitlines()]

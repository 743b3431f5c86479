"""The page's templates, style and scripts -> Jinja's environment; what may run is named by hash."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mint.counting import size

HERE = Path(__file__).parent
# Parts of a page: each is one element, whose very bytes the page's policy allows.
INLINE = {
    "style": ("style.css", "token.css"),
    "theme": ("theme.js",),
    "script": (
        *("build.js", "address.js", "sheet.js", "decisions.js"),
        *("token.js", "retouch.js", "start.js"),
    ),
}
# Where there are several pages: the same, and what leads from one to another.
SEVERAL = {
    **INLINE,
    "style": (*INLINE["style"], "pages.css"),
    "script": (*INLINE["script"][:-1], "pages.js", "start.js"),
}


@cache
def environment() -> Environment:
    """The environment of all templates beside this file."""
    templates = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(size=size, web=is_web)
    templates.tests["web"] = is_web
    return templates


@cache
def inline(several: bool) -> dict[str, Any]:
    """The style and the scripts of a page by name, and `hashes`, their policy sources."""
    parts = {name: _joined(name, files) for name, files in (SEVERAL if several else INLINE).items()}
    return parts | {"hashes": {name: policy_source(text) for name, text in parts.items()}}


def _joined(name: str, files: tuple[str, ...]) -> str:
    """The files of a part, one after another. Scripts share one block, and the page none of it."""
    text = "".join((HERE / file).read_text(encoding="utf-8") for file in files)
    return f'"use strict";\n{{\n{text}}}\n' if name != "style" else text


def policy_source(text: str) -> str:
    """A Content-Security-Policy source: only these very bytes may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def is_web(url: str) -> bool:
    """True for addresses that are safe to make a link of; `javascript:` is not."""
    try:
        return urlsplit(url.strip()).scheme.lower() in {"http", "https", "ipfs"}
    except ValueError:
        return False

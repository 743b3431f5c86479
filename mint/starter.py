"""A name -> a commented collection.yaml that builds as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from mint.document import sha256
from mint.errors import StoreError
from mint.store import write

TEMPLATE = Path(__file__).parent / "starter.yaml"


def starter(name: str, folder: Path) -> Path:
    """Write `folder`/<slug of name>/collection.yaml; raises StoreError if there is one already."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "collection"
    path = folder / slug / "collection.yaml"
    if path.exists():
        raise StoreError(f"{path} exists already", hint="choose another name, or edit that file")
    write(path, filled(name).encode())
    return path


def filled(name: str) -> str:
    """The template for `name`; the seed comes from the name, so that two people differ."""
    symbol = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", name).upper())[:5] or "ART"
    seed = int(sha256(name.encode())[:8], 16)
    text = TEMPLATE.read_text(encoding="utf-8")
    # JSON text is YAML text: quotes, newlines and braces in a name stay a name.
    return (
        text.replace("NAME", json.dumps(name, ensure_ascii=False))
        .replace("SYMBOL", symbol)
        .replace("SEED", str(seed))
    )

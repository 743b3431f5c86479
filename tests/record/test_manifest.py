"""The manifest's digest is that of its canonical form, though that is never in memory whole."""

from __future__ import annotations

import pytest

from mint.document import sha256
from mint.record.manifest import Manifest
from tests import exhibit


@pytest.mark.parametrize(
    "manifest", [exhibit.judged(), exhibit.unfinished(1), exhibit.manifest(12, tokens=())]
)
def test_the_digest_is_of_the_canonical_form(manifest: Manifest) -> None:
    assert manifest.digest == sha256(manifest.canonical())

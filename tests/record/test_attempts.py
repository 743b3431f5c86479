"""Pictures that were painted for a token before, found by their recipes; nothing is painted."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.curate.token import keep
from mint.document import sha256
from mint.paint.picture import Picture
from mint.plan.recipe import candidate, painter
from mint.plan.tokens import plan
from mint.record.attempts import earlier_attempts
from mint.record.manifest import Manifest
from mint.store import Store
from tests import exhibit

WORDS = {"prompt": "a {Species} with {Hat}", "width": 64, "height": 64}


@pytest.mark.parametrize("now", [1, 6])
@pytest.mark.parametrize("variations", [[], ["waving", "from the side"]])
def test_every_attempt_is_known_whatever_words_it_had(
    tmp_path: Path, now: int, variations: list[str]
) -> None:
    collection = exhibit.collection(3, image=WORDS | {"variations": variations})
    store, slot, by = Store(tmp_path), plan(collection)[0], painter(exhibit.RUNTIME)
    pictures = {}
    for attempt in range(8):
        each = candidate(collection, slot, attempt, by)
        file = store.put(b"png %d" % attempt)
        picture = Picture(pixels=sha256(b"rows %d" % attempt), file=file, size=5)
        store.remember("render", each.recipe.digest, picture.canonical())
        pictures[attempt] = each, picture
    token = keep(*pictures[now])
    runtimes = {exhibit.RUNTIME.digest: exhibit.RUNTIME}
    manifest = Manifest(collection=collection, runtimes=runtimes, tokens=(token,))

    earlier = dict(earlier_attempts(store, manifest, token, slot))

    assert earlier == {attempt: picture for attempt, (_, picture) in pictures.items()}

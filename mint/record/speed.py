"""How long a picture of a build took on this machine: a clock, so no part of the manifest."""

from __future__ import annotations

from collections import Counter

from mint.paint.stopwatch import painting_stopwatch
from mint.record.manifest import Manifest
from mint.store import Store


def seconds_per_picture(store: Store, manifest: Manifest) -> float | None:
    """By the last build that painted with what most tokens were painted with; None if none did."""
    painters = Counter(token.recipe.runtime for token in manifest.tokens)
    if not painters:
        return None
    ((digest, _),) = painters.most_common(1)
    settings = manifest.tokens[0].recipe.diffusion
    return painting_stopwatch(store, settings, manifest.runtimes[digest]).seconds

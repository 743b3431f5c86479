"""What is wrong with `animate:` beyond the form of its values: what it names, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.animate import OF_VIDEO, OF_WALK, WALK, Animate
from mint.spec.collection import Collection
from mint.spec.selection_faults import beyond_supply, selection_faults
from mint.spec.yaml_source import Source


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each token, trait or value that is not there, and each key that is ignored."""
    animate = collection.animate
    if animate is None:
        return
    if not animate.names_tokens:
        yield source.error(
            ("animate",),
            "animate does not say which tokens move",
            "write `tokens: all` below it, or `rarest: 10`, `one_of_ones: true`, `where: {...}`",
            key=True,
        )
    yield from selection_faults(collection, animate, ("animate",), source, "are to move")
    yield from beyond_supply(collection, animate.still, ("animate", "still"), source)
    if animate.enlarge and collection.image.upscale == "inks":
        message = "each frame would be redrawn in inks of its own, and edges would flicker"
        hint = "write enlarge: false here, or image.upscale: atelier"
        yield source.error(("animate",), message, hint, key=True)
    yield from _ignored(collection, animate, source)


def _ignored(collection: Collection, animate: Animate, source: Source) -> Iterator[CollectionError]:
    """Keys that would change nothing."""
    walks = animate.model == WALK
    keys = animate.model_fields_set
    for key in OF_VIDEO if walks else OF_WALK:
        if key in keys and getattr(animate, key) is not None:
            kind = "video models" if walks else "`model: walk`"
            message = f"{key} is for {kind}, and would change nothing"
            yield source.error(("animate", key), message, "delete the line", key=True)
    if "enlarge" in keys and collection.image.upscale is None:
        message = "nothing enlarges pictures here, so nothing enlarges films"
        yield source.error(("animate", "enlarge"), message, "delete the line", key=True)
    for name in ("refiners", "reference", "control") if walks else ():
        if getattr(collection.image, name):
            yield source.error(
                ("animate",),
                f"walk moves what image.model alone paints, and here is image.{name}, too",
                f"name a video model under `model:`, or do without image.{name}",
                key=True,
            )

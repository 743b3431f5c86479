"""What is wrong with `animate:` beyond the form of its values: what it names, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.animate import OF_VIDEO, OF_WALK, WALK, Animate
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source, nearest


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
    yield from _tokens(collection, animate, source)
    yield from _where(collection, animate, source)
    yield from _ignored(collection, animate, source)


def _tokens(collection: Collection, animate: Animate, source: Source) -> Iterator[CollectionError]:
    numbers = animate.tokens if isinstance(animate.tokens, tuple) else ()
    named = {"tokens": numbers, "still": animate.still}
    for key, i, token_id in ((k, i, n) for k, part in named.items() for i, n in enumerate(part)):
        if token_id > collection.supply:
            yield source.error(
                ("animate", key, i),
                f"token {token_id} is beyond the supply of {collection.supply}",
                f"use 1 to {collection.supply}",
            )
    if animate.rarest and animate.rarest > collection.supply:
        yield source.error(
            ("animate", "rarest"),
            f"there are {collection.supply} tokens, and {animate.rarest} of them are to move",
            "write `tokens: all`",
        )
    if animate.one_of_ones and not collection.one_of_ones:
        yield source.error(
            ("animate", "one_of_ones"), "there are no one-of-ones here", "delete the line"
        )


def _where(collection: Collection, animate: Animate, source: Source) -> Iterator[CollectionError]:
    values = {trait.name: [v.name for v in trait.values] for trait in collection.traits}
    for name, wanted in (animate.where or {}).items():
        place = ("animate", "where", name)
        if name not in values:
            hint = nearest(name, list(values))
            yield source.error(place, f'"{name}" is no trait', hint, key=True)
            continue
        for value in wanted:
            if value not in values[name]:
                hint = nearest(value, values[name])
                yield source.error(place, f'{name} has no value "{value}"', hint)


def _ignored(collection: Collection, animate: Animate, source: Source) -> Iterator[CollectionError]:
    """Keys that would change nothing."""
    walks = animate.model == WALK
    written = animate.model_fields_set
    for key in OF_VIDEO if walks else OF_WALK:
        if key in written and getattr(animate, key) is not None:
            kind = "video models" if walks else "`model: walk`"
            message = f"{key} is for {kind}, and would change nothing"
            yield source.error(("animate", key), message, "delete the line", key=True)
    if "enlarge" in written and collection.image.upscale is None:
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

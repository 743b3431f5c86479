"""Keys of collection.yaml with nothing behind them, which YAML reads as absent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.yaml_source import Location, Source

HEX = re.compile("#(?:[0-9a-fA-F]{3}){1,2}(?![0-9a-zA-Z])")

# What is lost with a key that says nothing, and what it may say. Numbers stand for every number.
LOSSES: dict[Location, tuple[str, str]] = {
    ("c2pa",): ("no picture would be signed", "c2pa: {states: digests}"),
    ("animate",): ("nothing would move", "animate: {tokens: all}"),
    ("image", "canvas"): (
        "no wallpaper would be painted", "canvas: {width: 1920, height: 1080}"
    ),
    ("image", "init"): ("no picture would begin with a drawing", "init: {file: sketch.png}"),
    ("image", "reference"): ("nothing would be looked at", "reference: {file: style.png}"),
    ("image", "control"): ("nothing would guide the painting", "control: {file: pose.png}"),
    ("sale",): ("nothing would be sold, and every token would be yours", "sale: {phases: [...]}"),
    ("sale", "airdrop"): ("nobody would be given anything", "airdrop: gifts.csv"),
    ("sale", "reserve"): ("only the airdrop could be given away", "reserve: 10"),
    ("sale", "phases", 0, "allowlist"): (
        "everybody may buy in this phase", "allowlist: friends.csv"
    ),
    ("sale", "phases", 0, "wallet_cap"): ("one wallet may buy everything", "wallet_cap: 3"),
    ("sale", "phases", 0, "supply"): ("this phase may sell all that are left", "supply: 100"),
    ("royalty", "receiver"): ("the contract's owner would get the royalty", "receiver: 0x..."),
}  # fmt: skip


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each of them without which something would quietly be otherwise."""
    yield from _empty_colour(collection, source)
    for place in source.keys:
        key = tuple(0 if isinstance(step, int) else step for step in place)
        # Of all pictures, of those of a value, of a one-of-one; a value may be called so, too.
        if place[-1] == "init" and (place[0] != "traits" or len(place) > 3):
            key = ("image", "init")
        if key in LOSSES and source.value_at(place) is None:
            loss, example = LOSSES[key]
            what = f"{place[-1]} is empty, so {loss}"
            yield source.error(place, what, f"write `{example}`, or delete the line", key=True)


def _empty_colour(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """`background_color: #ffffff`, where YAML reads a comment."""
    comment = source.comment_at(("background_color",))
    if collection.background_color is None and comment and (colour := HEX.match(comment)):
        digits = colour[0][1:] if len(colour[0]) == 7 else "".join(2 * c for c in colour[0][1:])
        yield source.error(
            ("background_color",),
            "an unquoted # begins a comment, so background_color is empty",
            f'write background_color: "{digits}", in quotes and without #',
            key=True,
        )

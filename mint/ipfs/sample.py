"""A few files of a tree, drawn at random without listing all of a large folder."""

from __future__ import annotations

from itertools import islice
from math import ceil, sqrt
from random import Random
from typing import NamedTuple

from mint.ipfs.cid import RAW_CODEC
from mint.ipfs.dagpb import FANOUT, FILE, SHARD, Node
from mint.ipfs.nodes import Budget, Get, node_of, shard_entries, shard_node, slots_of
from mint.ipfs.unixfs import HASH_BYTES, name_bytes, name_hash
from mint.ipfs.walk import MAX_DEPTH, MAX_ENTRIES, entries, is_file

LISTED = 16_384  # entries of a sharded folder that is still listed, and not walked at random
SURVEYED = 131_072  # entries of the tree that are looked at before the first file is drawn
_PILOTS = 16  # places of a sharded folder that are counted first
_TRIES = 500  # for each file; five are usual

Entry = tuple[str, bytes]  # path below the root, and CID


def random_files(
    get: Get, root: bytes, count: int, random: Random
) -> tuple[list[Entry], int | None]:
    """Path and CID of `count` different files below the folder `root`, and how many it has.

    Each file is as likely as any other, whatever its size, its folder or its place there. Fewer
    come back where there are no more. How many there are is None for a tree with a sharded folder
    of more than LISTED entries, which is not listed but read at random places, or with more than
    SURVEYED entries in all. There alone draws can be uneven: what is in a folder inside such a
    folder, or was not surveyed, is drawn as often as if that folder were one file. PublishError
    for what is no tree of ours.
    """
    budget = Budget(root, MAX_ENTRIES + 1000 * count)
    survey = _survey(get, root, max(LISTED, 4 * count))
    if survey.whole:
        return random.sample(survey.entries, min(count, len(survey.entries))), len(survey.entries)
    places = [_place(get, path, folder, random, budget) for path, folder in survey.large]
    weights = [len(survey.entries), *(FANOUT**place.depth * place.most for place in places)]
    draws: dict[str, bytes] = {}
    for _ in range(_TRIES * count):
        if len(draws) == count:
            break
        (number,) = random.choices(range(len(weights)), weights)
        if number == 0:
            entry = random.choice(survey.entries)
        elif (some := _draw(get, places[number - 1], random, budget)) is not None:
            entry = some
        else:
            continue
        if (file := _file_below(get, *entry, random, budget)) is not None:
            draws[file[0]] = file[1]
    return list(draws.items()), None


class _Survey(NamedTuple):
    """Entries that were listed, and folders that are too large for it.

    `whole` when the entries are all files of the tree.
    """

    entries: list[Entry]
    large: list[Entry]
    whole: bool


def _survey(get: Get, root: bytes, most: int) -> _Survey:
    files: list[Entry] = []
    large: list[Entry] = []
    folders, number = [("", root)], 0
    while folders and number < SURVEYED:
        path, folder = folders.pop()
        sharded = node_of(get, folder).kind == SHARD
        here = list(islice(entries(get, folder), most + 1 if sharded else None))
        number += len(here)
        if sharded and len(here) > most:
            large.append((path, folder))
            continue
        for name, cid in here:
            below = f"{path}{name}"
            if number < SURVEYED and below.count("/") < MAX_DEPTH and not is_file(get, cid, below):
                folders.append((f"{below}/", cid))
            else:
                files.append((below, cid))
    return _Survey(files + folders, large, not (folders or large or number >= SURVEYED))


class _Place(NamedTuple):
    """A sharded folder in equal parts, each of all names whose hash has the same first bytes.

    `depth` is how many bytes, and no part has more than `most` entries, as far as is known.
    """

    path: str
    top: Node
    depth: int
    most: int


def _place(get: Get, path: str, folder: bytes, random: Random, budget: Budget) -> _Place:
    node = top = shard_node(get, folder)
    depth = 0
    # As deep as most entries are folders' parts: then a part of the last one has few entries.
    while len(parts := [link for name, link in node.links if len(name) == 2]) >= FANOUT // 2:
        if depth == HASH_BYTES - 1:
            break
        node, depth = shard_node(get, random.choice(parts).cid), depth + 1
    place = _Place(path, top, max(depth, 1), 0)
    pilots = [len(_part(get, place, random.randbytes(place.depth), budget)) for _ in range(_PILOTS)]
    mean = sum(pilots) / _PILOTS
    # Hashes fall as at random, so counts are Poisson's: 8 deviations above the mean is never.
    return place._replace(most=ceil(mean + 8 * sqrt(mean)) + 16)


def _draw(get: Get, place: _Place, random: Random, budget: Budget) -> Entry | None:
    """An entry of a sharded folder, or None, which makes up for the parts that have few of them."""
    part = _part(get, place, random.randbytes(place.depth), budget)
    return random.choice(part) if random.random() * place.most < len(part) else None


def _part(get: Get, place: _Place, slots: bytes, budget: Budget) -> list[Entry]:
    """All entries of a sharded folder whose names' hashes begin with `slots`."""
    node = place.top
    for slot in slots:
        budget.spend(len(node.links))
        prefix = f"{slot:02X}"
        name, link = next((pair for pair in node.links if pair[0].startswith(prefix)), ("", None))
        if link is None:
            return []
        if len(name) > 2:
            ours = name_hash(name_bytes(name[2:])).startswith(slots)
            return [(place.path + name[2:], link.cid)] if ours else []
        node = shard_node(get, link.cid)
    budget.spend(len(node.links))
    below = shard_entries(get, node, slots, budget)
    return [(place.path + name, link.cid) for name, link in below if name_bytes(name)]


def _file_below(get: Get, path: str, cid: bytes, random: Random, budget: Budget) -> Entry | None:
    """The entry itself if it is a file, else one at a random place below it, if there is one."""
    for _ in range(MAX_DEPTH):
        if cid.startswith(RAW_CODEC):
            return path, cid
        node = node_of(get, cid)
        if node.kind == FILE:
            return path, cid
        child = _child(get, node, random, budget)
        if child is None:
            return None
        path, cid = f"{path.rstrip('/')}/{child[0]}", child[1]
    return None


def _child(get: Get, node: Node, random: Random, budget: Budget) -> Entry | None:
    """An entry at a random place of a folder; None where there is nothing."""
    slots = b""
    while node.links and len(slots) < HASH_BYTES:
        budget.spend(len(node.links))
        name, link = random.choice(node.links)
        if node.kind == SHARD:
            slots, name = slots_of(name, slots), name[2:]
        if name:
            name_bytes(name)
            return name, link.cid
        node = shard_node(get, link.cid)
    return None

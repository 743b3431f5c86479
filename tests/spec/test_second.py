"""`dedup.second`: what is said of it, and that absence changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.load import load
from tests.conftest import edit
from tests.spec.jargon import JARGON

COMMIT = "a" * 40


def test_without_it_and_with_hash_the_record_is_the_same(tiny: Path) -> None:
    before, _ = load(tiny)
    edit(tiny, "seed: 1", "seed: 1\ndedup: {second: hash}")
    same, _ = load(tiny)
    edit(tiny, "second: hash", f"second: facebook/dinov2-small, second_revision: {COMMIT}")
    other, _ = load(tiny)

    assert b"second" not in before.canonical()
    assert same.digest == before.digest != other.digest
    assert Collection.parse(other.canonical()) == other
    assert (other.dedup.second, other.dedup.second_revision) == ("facebook/dinov2-small", COMMIT)


# (the section, where in the file, what is said, what to do)
MISTAKES = {
    "no commit": ("{second: org/name}", "7:17", "is not pinned", "`second_revision:` below second"),
    "a branch": (
        "{second: org/name, second_revision: main}", "7:44", '"main"', "write the commit",
    ),
    "the wrong commit": (
        f"{{second: org/name, revision: {COMMIT}}}", "7:37", "a folder has no revision",
        "from the top",  # the second line says that org/name is not pinned
    ),
    "a commit of nothing": (f"{{second_revision: {COMMIT}}}", "7:26", "no revision", "remove"),
    "no folder": ("{second: ./nowhere}", "7:17", "does not exist", "`hash`"),
    "a painter": ("{second: atelier}", "7:17", "atelier is a painter", "write hash"),
    "an address": (
        f"{{second: 'https://huggingface.co/org/name/tree/{COMMIT}'}}",
        "7:17", "is a web address", f"write org/name, and `second_revision: {COMMIT}` below it",
    ),
    "a number that decides alone": (
        f"{{threshold: 0.9, second: org/name, second_revision: {COMMIT}}}",
        "7:33", "decides alone", "`threshold: auto`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_name_their_place_and_remedy(tiny: Path, case: str) -> None:
    section, place, says, hint = MISTAKES[case]
    edit(tiny, "seed: 1", f"seed: 1\ndedup: {section}")

    with pytest.raises(CollectionError) as caught:
        load(tiny)

    message = str(caught.value)
    assert f"collection.yaml:{place}: " in message
    assert says in message
    assert hint in caught.value.hint
    assert not JARGON.search(f"{message} {caught.value.hint}")

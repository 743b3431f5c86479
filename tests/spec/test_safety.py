"""`safety:` in collection.yaml: what it may say, and what it changes in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.safety import UNSAFE, Safety, unknown_labels, unsafe_columns
from tests.conftest import edit
from tests.spec.jargon import JARGON


def test_without_it_a_collection_keeps_its_digest(tiny: Path) -> None:
    before, _ = load(tiny)
    edit(tiny, "seed: 1", "seed: 1\nsafety: {model: off, threshold: 0.5, action: flag}")
    same, _ = load(tiny)
    edit(tiny, "threshold: 0.5", "threshold: 0.6")
    other, _ = load(tiny)

    assert b"safety" not in before.canonical()
    assert same.digest == before.digest != other.digest
    assert Collection.parse(other.canonical()) == other


# (the section, where in the file, what is said, what to do)
MISTAKES = {
    "a number": ("{model: 5}", "7:17", '"model" must be text', '"5"'),
    "atelier": ("{model: atelier}", "7:17", "knows no unsafe pictures", "write off"),
    "no commit": ("{model: org/name}", "7:17", "is not pinned", "40-digit commit"),
    "a branch": ("{model: org/name, revision: main}", "7:37", "main", "write the commit"),
    "no folder": ("{model: ./nowhere}", "7:17", "does not exist", "`off`"),
    "words": ("{model: some words}", "7:17", "is no model", "`off`"),
    "a pickle": ("{model: collection.pt}", "7:17", "does not exist", "a folder"),
    "a file": ("{model: ./m.safetensors}", "7:17", "a folder is wanted", "the folder"),
    "a commit of nothing": (f"{{revision: {'a' * 40}}}", "7:20", "no hub model", "remove"),
    "per cent": ("{threshold: 50%}", "7:21", '"50%"', "write 0.5"),
    "above one": ("{threshold: 2}", "7:21", "2", "up to 1"),
    "auto": ("{threshold: auto}", "7:21", '"auto"', "a share above 0"),
    "another action": ("{action: blur}", "7:18", '"blur"', "flag"),
    "one label": ("{unsafe: nsfw}", "7:18", '"nsfw"', "write a list"),
    "a slip": ("{treshold: 0.5}", "7:10", 'unknown key "treshold"', '"threshold"'),
    "no section": ("off", "7:9", '"safety" is "off"', "`key: value`"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_name_their_place_and_remedy(tiny: Path, case: str) -> None:
    section, place, says, hint = MISTAKES[case]
    edit(tiny, "seed: 1", f"seed: 1\nsafety: {section}")
    (tiny.parent / "m.safetensors").write_bytes(b"")

    with pytest.raises(CollectionError) as caught:
        load(tiny)

    assert f"collection.yaml:{place}: " in str(caught.value)
    assert says in str(caught.value)
    assert hint in caught.value.hint
    assert "auto" not in caught.value.hint
    assert not JARGON.search(f"{caught.value} {caught.value.hint}")


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (("normal", "nsfw"), (1,)),
        (("SFW", "NSFW"), (1,)),
        (("drawings", "hentai", "neutral", "porn", "sexy"), (1, 3, 4)),
        (("Safe Content", "Unsafe_Content"), (1,)),
        (("cat", "dog"), ()),
    ],
)
def test_usual_labels_are_known_in_any_case(
    labels: tuple[str, ...], columns: tuple[int, ...]
) -> None:
    assert unsafe_columns(labels, ()) == columns


def test_own_labels_take_the_place_of_the_usual_ones() -> None:
    labels = ("nsfw", "weapons", "blood")

    assert unsafe_columns(labels, ("Weapons", "blood")) == (1, 2)
    assert unknown_labels(labels, ("weapon", "NSFW")) == ["weapon"]


def test_no_usual_label_means_a_harmless_picture() -> None:
    assert not {"safe", "sfw", "normal", "neutral", "drawing", "drawings"} & set(UNSAFE)


def test_why_nothing_looks_is_said() -> None:
    clip = Safety(model="clip")

    assert Safety().unchecked("atelier") == "safety.model is off"
    assert "atelier's own CLIP" in (clip.unchecked("atelier") or "")
    assert clip.unchecked("./clip") is None
    assert Safety(model="./nsfw").unchecked("atelier") is None

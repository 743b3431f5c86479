"""vocabulary.json in a model's folder: what is read, what is refused, and that it is no weight."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mint.errors import RenderError
from mint.models.vocabulary import FILE, Reader, Sense, Vocabulary, read_vocabulary, split
from mint.models.weights import fingerprint
from mint.spec.collection import ATELIER
from mint.store import Store

BIRDS = {
    "sizes": [[512, 512], [768, 512]],
    "between": ["study of a"],
    "themes": {
        "birds": {
            "clauses": [["plumage", "bird"]],
            "words": ["feathers"],
            "phrases": {
                "bird": {"owl": ["owl", "barn owl"], "wren": ["wren"]},
                "plumage": {"brown": ["brown", "red-brown"], "white": ["white", "snow white"]},
                "perch": {"none": ["in flight"], "snow": ["snow"], "branch": ["on a branch"]},
            },
        }
    },
}


def vocabulary(value: object = BIRDS) -> Vocabulary:
    return Vocabulary.parse(json.dumps(value).encode())


def read(text: str) -> list[tuple[str, set[Sense] | None]]:
    words = [word for word, _ in split(text)]
    birds = vocabulary()
    pieces = Reader(birds.themes["birds"], birds.joining).pieces(words)
    return [
        (" ".join(words[p.start : p.end]), None if p.senses is None else set(p.senses))
        for p in pieces
    ]


def test_a_text_is_cut_into_the_longest_phrases() -> None:
    assert read("a Snow-White barn owl, on a branch") == [
        ("a", set()),
        ("snow white", {Sense("plumage", "white")}),
        ("barn owl", {Sense("bird", "owl")}),
        (",", set()),
        ("on a branch", {Sense("perch", "branch")}),
    ]


def test_what_is_left_over_is_of_no_phrase() -> None:
    # "barn" stands in a caption, yet not so; "study" and "of" join; a comma parts "barn, owl".
    assert read("study of a barn wren") == [
        ("study", set()), ("of", set()), ("a", set()), ("barn", None),
        ("wren", {Sense("bird", "wren")}),
    ]  # fmt: skip
    assert [word for word, senses in read("barn, owl feathers") if senses is None] == ["barn"]


def test_as_few_words_as_possible_are_left_over() -> None:
    phrases = {
        "colour": {"red": ["red"]},
        "knot": {"ribbon": ["red ribbon"], "bow": ["ribbon bow"]},
    }
    gifts = vocabulary({"themes": {"gifts": {"phrases": phrases}}})

    pieces = Reader(gifts.themes["gifts"], gifts.joining).pieces(["red", "ribbon", "bow"])

    # Whoever takes the longest phrase first is left with a bow that nobody knows.
    senses = [{Sense("colour", "red")}, {Sense("knot", "bow")}]
    assert [set(piece.senses or ()) for piece in pieces] == senses


def test_absence_has_its_phrase() -> None:
    theme = vocabulary().themes["birds"]

    assert theme.absence("perch") == "in flight"
    assert theme.absence("bird") is None


def test_a_folder_without_a_list_claims_nothing(tmp_path: Path) -> None:
    assert read_vocabulary(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "EOF"),
        ("[]", "object"),
        ("{'sizes': []}", "key"),
        ('{"size": [[256, 256]]}', "size: "),
        ('{"sizes": [[256]]}', "sizes.0.1: "),
        ('{"sizes": [[256, 0]]}', "sizes.0.1: "),
        ('{"sizes": [["256", 256]]}', "sizes.0.0: "),
        ('{"themes": {"a": {}}}', "themes.a.phrases: "),
        ('{"themes": {"a": {"phrases": {"b": {"c": []}}}}}', "themes.a.phrases.b.c: "),
        ('{"themes": {"a": {"phrases": {"b": {"c": [", "]}}}}}', '", " has no word in it'),
        ("[" * 100_000, ""),
        (" " * (4 * 2**20 + 1), "more than 4 MB"),
    ],
)
def test_a_bad_list_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text)

    with pytest.raises(RenderError, match=r"vocabulary\.json is no list of a model's words") as e:
        read_vocabulary(tmp_path)

    assert says in str(e.value)
    assert "\n" not in str(e.value)
    assert "docs/vocabulary.md" in e.value.hint


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()

    with pytest.raises(RenderError, match=r"vocabulary\.json cannot be read"):
        read_vocabulary(tmp_path)


def test_the_list_is_no_part_of_the_weights(tmp_path: Path) -> None:
    """So that adding or mending one changes no recipe, and hence no picture and no CID."""
    model, store = tmp_path / "model", Store(tmp_path / ".mint")
    shutil.copytree(ATELIER / "pipeline", model)
    (model / FILE).unlink()
    without = fingerprint(model, store)

    (model / FILE).write_text(json.dumps(BIRDS))

    assert fingerprint(model, store) == without == fingerprint(ATELIER / "pipeline", store)

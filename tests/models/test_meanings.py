"""A collection's traits beside the groups of its model's captions, for warnings and for judges."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mint.models.meanings import home_theme, meanings
from mint.models.readings import Readings
from mint.models.vocabulary import Vocabulary, read_vocabulary
from mint.spec.collection import ATELIER
from mint.spec.load import load
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def atelier() -> Vocabulary:
    vocabulary = read_vocabulary(ATELIER / "pipeline")
    assert vocabulary is not None
    return vocabulary


def read(folder: Path, atelier: Vocabulary, prompt: str, **traits: object) -> Readings:
    file = folder / "collection.yaml"
    image = {"prompt": prompt}
    known = {"name": "A", "symbol": "A", "description": "a", "supply": 2, "seed": 1}
    file.write_text(yaml.safe_dump({**known, "image": image, "traits": traits}, sort_keys=False))
    return Readings(load(file)[0], atelier)


@pytest.mark.parametrize(
    ("name", "theme"),
    [("menagerie", "characters"), ("postcards", "landscapes"), ("florilegium", "botanicals")],
)
def test_our_collections_call_traits_as_the_captions_do(
    atelier: Vocabulary, name: str, theme: str
) -> None:
    collection, _ = load(ROOT / "collections" / name / "collection.yaml")

    found = meanings(Readings(collection, atelier))

    # Those who wrote them named each trait after its group, and each value after the group's own.
    assert list(found) == [trait.name for trait in collection.traits]
    for trait in collection.traits:
        meaning = found[trait.name]
        assert (meaning.theme, meaning.group) == (theme, trait.name.lower())
        assert meaning.values == {value.name: value.name for value in trait.values}


def test_an_artists_words_lead_to_the_models_labels(tmp_path: Path, atelier: Vocabulary) -> None:
    readings = read(
        tmp_path, atelier, "a {How many} {Shade} {Kind}, {Holder}, {Wall} background, {Guest}",
        Shade=["violet", "black", "white"],
        Kind={"Rosa": {"prompt": "roses"}, "Papaver": {"prompt": "poppies"}},
        **{"How many": {"two": {"prompt": "pair of"}, "many": {"prompt": "bunch of"}}},
        Holder={"bow": 1, "teacup": 1},
        Wall=["navy", "red"],
        Guest={"none": 1, "ladybug": 1, "hummingbird": 1},
    )  # fmt: skip

    found = {trait: (m.group, m.values) for trait, m in meanings(readings).items()}

    assert found == {
        "Shade": ("petals", {"violet": "purple", "black": None, "white": "white"}),
        "Kind": ("flower", {"Rosa": "rose", "Papaver": "poppy"}),
        "How many": ("number", {"two": "pair", "many": "bouquet"}),
        "Holder": ("vessel", {"bow": "ribbon", "teacup": None}),
        # "red" is a word for petals, and stands before "background" here.
        "Wall": ("backdrop", {"navy": "navy", "red": None}),
        # Nothing said is nothing to be seen, too.
        "Guest": ("visitor", {"none": "none", "ladybug": "ladybird", "hummingbird": None}),
    }


def test_a_colour_belongs_to_what_it_stands_before(tmp_path: Path, atelier: Vocabulary) -> None:
    readings = read(
        tmp_path, atelier, "a {A} {B}, {C} {D} background",
        A=["blue", "yellow"], B=["fox", "cat"], C=["blue", "pink"], D=["plain", "dotted"],
    )  # fmt: skip

    found = meanings(readings)

    assert [found[trait].group for trait in "ABCD"] == ["body", "species", "background", "pattern"]
    assert found["A"].values == {"blue": "blue", "yellow": None}


def test_a_colour_before_background_is_one_whatever_stands_before_it(
    tmp_path: Path, atelier: Vocabulary
) -> None:
    readings = read(
        tmp_path, atelier, "{A} {B} {C} {D} background",
        A=["blue", "black"], B=["fox", "cat"], C=["crown"], D=["navy", "yellow"],
    )  # fmt: skip

    found = meanings(readings)

    assert [found[trait].group for trait in "ABCD"] == ["body", "species", "headwear", "background"]


@pytest.mark.parametrize(
    ("name", "values", "group"),
    [
        ("Guest", ["none", "hummingbird"], "visitor"),  # no other group is left that may be absent
        ("Visitor", ["dragonfly"], "visitor"),  # of the groups that are left, the one of its name
        ("Insect", ["none", "dragonfly"], "visitor"),  # "no insect"
        ("Weather", ["rain", "fog"], None),  # vessel and visitor are left
    ],
)
def test_a_trait_of_unknown_values_is_what_the_others_leave(
    tmp_path: Path, atelier: Vocabulary, name: str, values: list[str], group: str | None
) -> None:
    prompt = "a {Number} {Petals} {Flower}, {Backdrop} background, {" + name + "}"
    readings = read(
        tmp_path, atelier, prompt, Number=["single"], Petals=["red"], Flower=["lily"],
        Backdrop=["navy"], **{name: values},
    )  # fmt: skip

    found = meanings(readings)

    assert (found[name].group if name in found else None) == group


def test_a_collection_is_of_the_theme_that_says_most_of_it(
    tmp_path: Path, atelier: Vocabulary
) -> None:
    readings = read(
        tmp_path, atelier, "a {Animal} in a {Place}, {Hat}",
        Animal=["fox", "panda"], Place=["forest"], Hat=["top hat"],
    )  # fmt: skip

    found = meanings(readings)

    assert home_theme(readings) == "characters"
    assert found["Place"][:2] == ("landscapes", "terrain")


def test_many_values_take_no_time(tmp_path: Path, atelier: Vocabulary) -> None:
    """Also where nothing is known, and each value is tried beside each other one."""
    values = [f"thing{i}" for i in range(120)]
    many = {trait: [*values] for trait in "ABCD"}  # lists of their own: YAML would link equal ones
    readings = read(tmp_path, atelier, "a {A} {B} {C}, {D}", **many)
    import time

    begin = time.process_time()
    assert meanings(readings) == {}
    assert time.process_time() - begin < 5

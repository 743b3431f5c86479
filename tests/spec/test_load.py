"""What an artist may get wrong in collection.yaml, and what the error says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.starter import starter
from tests.conftest import ROOT, edit


@pytest.mark.parametrize("file", sorted((ROOT / "collections").glob("*/collection.yaml")), ids=str)
def test_our_own_collections_load(file: Path) -> None:
    collection, _ = load(file)

    assert collection.supply > 0
    assert collection == Collection.parse(collection.canonical())


# What collection.yaml means: metadata, contract and proofs hold these.
DIGESTS = {
    "carnival": "3c064e7318894162ed6e173c2082d8dd768429d448eaae91b9f705abd2554e76",
    "florilegium": "b47449eff6543ab2e3b96c1a9f83108c819ca8af046ef81edf6fb820e5819718",
    "lanterns": "52cfd2f70a5607a6a301230e8018cc32492f8cb14c08876f066341f6d6347882",
    "menagerie": "bb44c6b142e6364d34dd662da20c09229620137ff88583d6dbcc0b2055a64f1f",
    "postcards": "aabf427bfaaeefa7b0529b0dd4f0788ece38085a2d053100ba3d7c1a4c58b8ef",
    "tiny": "f0dcaded12887309e5fb3e8f570b62dd907efa55779fb71a21aaa95631a5d969",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_collection_means_what_it_meant(name: str) -> None:
    collection, _ = load(ROOT / "collections" / name / "collection.yaml")

    assert collection.digest == DIGESTS[name]


def test_a_new_collection_means_what_it_meant(tmp_path: Path) -> None:
    collection, _ = load(starter("Menagerie", tmp_path))

    digest = "713c17d31b161d98c4320693099ccf6cb1e694f61d14aed5edb08fb89cdc885f"
    assert collection.digest == digest


def test_order_of_traits_survives_the_canonical_form(tiny: Path) -> None:
    collection, _ = load(tiny)

    again = Collection.parse(collection.canonical())

    assert [t.name for t in again.traits] == ["Species", "Body", "Headwear"]
    assert again.digest == collection.digest


def test_digest_does_not_depend_on_layout(tiny: Path) -> None:
    before = load(tiny)[0].digest
    edit(tiny, "supply: 6\nseed: 1\n", "seed:   1 # first\nsupply: 6\n")

    assert load(tiny)[0].digest == before


# (what stands in collections/tiny, what the artist writes, line:column, message, hint)
MISTAKES = [
    ("supply: 6", "suply: 6", "5:1", 'unknown key "suply"', 'did you mean "supply"'),
    ("supply: 6", "supply: six", "5:9", '"supply" is "six"', "a whole number in digits"),
    ("supply: 6", "supply: 0", "5:9", '"supply" is 0', "write 1 or more"),
    ("name: Tiny", "name: 5", "2:7", '"name" must be text, but 5 is written', '"5"'),
    ("name: Tiny", "name: true", "2:7", '"name" must be text', '"true"'),
    ("symbol: TINY", "symbol: T Y", "3:9", '"symbol" is "T Y"', "such as TY"),
    ("symbol: TINY\n", "", "1:1", '"symbol" is missing', "symbol: BEAST"),
    ("  steps: 2", "  step: 2", "9:3", 'unknown key "step"', 'did you mean "steps"'),
    ("  width: 64", "  width: 65", "12:10", '"width" is 65', "multiple of 8"),
    ("scheduler: dpm++", "scheduler: dpm", "11:14", "cannot be", 'did you mean "dpm++"'),
    ("{Headwear}", "{Headware}", "8:11", "{Headware}, which is no trait", 'mean "Headwear"'),
    (", {Headwear}", "", "18:3", '"Headwear" is never painted', "write {Headwear}"),
    ("{Headwear}", "{Headwear} {", "8:11", "a brace without its partner", "both braces"),
    ("Species: bear,", "Spezies: bear,", "20:13", '"Spezies", which is no trait', "Species"),
    ("Species: bear,", "Species: bare,", "20:22", 'no value "bare"', 'did you mean "bear"'),
    ("blue: {count: 2}", "blue: {cont: 2}", "17:28", 'unknown key "cont"', '"count"'),
    (
        "blue: {count: 2}",
        "blue: {count: 2, weight: 1}",
        "17:27",
        "a weight and a count",
        "keep one",
    ),
    ("blue: {count: 2}", "blue: -1", "17:27", 'the weight of "blue" is -1', "a number above 0"),
    ("token_id: 4", "token_id: 7", "22:75", "beyond the supply of 6", "1 to 6"),
    ("- never: {", "- nver: {", "20:5", 'unknown key "nver"', 'did you mean "never"'),
    ("- never: {", "- when: {", "20:5", "rule 1 has `when:`", "either `never:`, or `when:`"),
    ("blue: {count: 2}", "None: 1, none: 1", "17:30", "the trait is absent", "keep one"),
    ("orange: 2,", "orange: {prompt: '{Eyes}'},", "17:27", "in image.prompt only", "themselves"),
    ('"a white robot,', '"a {Body} robot,', "22:36", "in image.prompt only", "themselves"),
    ("  batch: 2", "  negative_prompt: '{'", "14:20", "in image.prompt only", "themselves"),
    ("seed: 1", "seed: 1\ncover: 7", "7:8", "beyond the supply of 6", "1 to 6"),
    ("seed: 1", "seed: 1\nbackground_color: 007", "7:19", "but 007 is written", '"007"'),
    ("seed: 1", "seed: 1\nbackground_color: '#fff'", "7:19", '"#fff"', '"ffffff"'),
    ("seed: 1", f"seed: 1\nlicence: {'x' * 10001}", "7:10", "xxx...", "shorten it to 10000"),
    ("seed: 1", "seed: 1\ndedup: {threshold: 2}", "7:20", '"threshold" is 2', "up to 1"),
    ("seed: 1", "seed: 1\ncreator: me", "7:10", '"creator" is "me"', "`key: value` pairs"),
    ("  batch: 2", "  batch: 2\n  model: ./nowhere", "15:10", "does not exist", "org/name"),
    ("  batch: 2", "  batch: 2\n  model: some words", "15:10", "is no model", "./a-folder"),
    ("  batch: 2", "  batch: 2\n  model: org/name", "15:10", "is not pinned", "40-digit commit"),
    ("  batch: 2", "  batch: 2\n  model: atelie", "15:10", "is no model", 'mean "atelier"?'),
    ("  batch: 2", "  batch: 2\n  upscale: atelier-2x", "15:12", "not exist", '"atelier-x2"?'),
    ("  batch: 2", "  batch: 2\n  upscale: big", "15:12", "not exist", "atelier, atelier-x2, inks"),
    ("  batch: 2", "  batch: 2\n  upscale: none", "15:12", "not exist", "delete the line"),
    ("  batch: 2", f"  batch: 2\n  revision: {'a' * 40}", "15:13", "no revision", "remove"),
]


def assert_refused(file: Path, place: str, says: str, hint: str) -> None:
    """Loading fails, and the error says where, what, and what to do."""
    with pytest.raises(CollectionError) as caught:
        load(file)

    lines = f"{caught.value}\n{caught.value.hint}"
    assert f"collection.yaml:{place}: " in lines
    assert says in lines
    assert hint in lines


@pytest.mark.parametrize(("old", "new", "place", "says", "hint"), MISTAKES)
def test_mistakes_name_line_column_and_remedy(
    tiny: Path, old: str, new: str, place: str, says: str, hint: str
) -> None:
    edit(tiny, old, new)

    assert_refused(tiny, place, says, hint)


def test_many_mistakes_are_listed_together(tiny: Path) -> None:
    edit(tiny, "supply: 6", "suply: 6")
    edit(tiny, "  width: 64", "  width: wide")

    with pytest.raises(CollectionError) as caught:
        load(tiny)

    assert str(caught.value).count("collection.yaml:") == 2  # not a third, that supply is missing
    assert caught.value.hint == "mend them from the top"


def test_two_tokens_for_two_one_of_ones(tiny: Path) -> None:
    edit(
        tiny,
        "one_of_ones:\n",
        'one_of_ones:\n  - {name: B, prompt: "a cat", token_id: 4}\n',
    )

    with pytest.raises(CollectionError, match="two one-of-ones have the number 4"):
        load(tiny)


def test_not_even_a_mapping(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"
    file.write_text("just words")

    with pytest.raises(CollectionError, match="key: value"):
        load(file)


def test_an_edit_moves_no_folder(tiny: Path) -> None:
    before = load(tiny)[0].model_copy(update={"name": "🦊🦊"})

    assert before.model_copy(update={"supply": 7}).slug == before.slug
    assert before.model_copy(update={"name": "🦊"}).slug != before.slug


@pytest.mark.parametrize(
    ("traits", "place", "says", "hint"),
    [
        ("", "1:8", '"traits" has no value', "`Species: {fox: 3"),
        (" {A: []}", "1:13", '"A" is empty', "one value or more"),
        (" {A: 3}", "1:13", '"A" is 3', "write `Species: {fox: 3"),
        (" {A: [x, true]}", "1:17", "true is written", 'quotes: "true"'),
        (" {A: [x: 3]}", "1:13", '"A" have dashes and weights', "dashes: `x: 3`"),
    ],
)
def test_traits_are_explained_as_they_are_written(
    tiny: Path, traits: str, place: str, says: str, hint: str
) -> None:
    head, _, rest = tiny.read_text().partition("traits:\n")
    tiny.write_text(f"traits:{traits}\n{head}")
    assert rest

    assert_refused(tiny, place, says, hint)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café Noir!", "cafe-noir"),
        ("../../etc/passwd", "etc-passwd"),
        ('<script>alert("x")</script>', "script-alert-x-script"),
        ("Ø и 夜 की", "ø-и-夜-की"),
        ("\u202eשלום\u202c", "שלום"),
        ("❤\ufe0f", "collection-"),
        ("🦊🦊", "collection-"),
        ("two\nlines", "two-lines"),
        ("𠮷" * 120, "𠮷" * 60),
    ],
)
def test_slug_is_a_safe_folder_name(tiny: Path, name: str, slug: str) -> None:
    folder = load(tiny)[0].model_copy(update={"name": name}).slug

    assert folder.startswith(slug)
    assert not set(folder) & set("/.\\:\n <>\"'\u202e\u202c\ufe0f")
    assert len(folder.encode()) <= 255


@pytest.mark.parametrize("url", ["https://rpc.example/v3/s3cret", "http://me:s3cret@10.0.0.1:8545"])
def test_an_endpoint_is_refused_where_it_would_be_published(tiny: Path, url: str) -> None:
    edit(tiny, "one_of_ones:\n", f"network: {url}\none_of_ones:\n")

    with pytest.raises(CollectionError, match="network") as caught:
        load(tiny)

    assert "s3cret" not in str(caught.value)
    assert "MINT_RPC_URL" in caught.value.hint


def test_a_trait_called_token_may_stand_in_rules_and_questions(tiny: Path) -> None:
    values = "  Token: {navy: {weight: 2}, gold: 1}\n"
    edit(tiny, "judge: off}", "judge: off, ask: {Token: which coin is it?}}")
    edit(tiny, "traits:\n", f"traits:\n{values}")
    edit(tiny, "rules:\n", "rules:\n  - never: {Token: navy, Headwear: cap}\n")
    edit(tiny, 'prompt: "a {Body}', 'prompt: "{Token}, a {Body}')
    assert load(tiny)[0].rules[0].never


def test_a_one_of_one_is_not_called_none(tiny: Path) -> None:
    edit(tiny, "one_of_ones:\n", 'one_of_ones:\n  - {name: None, prompt: "a robot"}\n')
    with pytest.raises(CollectionError, match='"None" means that a token does not have') as caught:
        load(tiny)
    assert "another name" in caught.value.hint

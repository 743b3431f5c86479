"""What is said before painting of words, absences and sizes that the model never learned."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from mint.build import Options, build
from mint.check import preflight
from mint.errors import CollectionError, RenderError
from mint.models.vocabulary import read_vocabulary
from mint.paint.forewarning import forewarning
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.spec.starter import starter
from mint.stages import Forecast
from tests.conftest import ROOT, copy_collection, edit
from tests.spec.jargon import JARGON

# What an artist asked for who had not read what the model knows: it painted flowers for pandas,
# none of nine red backdrops, none of six hummingbirds, and an insect where there should be none.
GARDEN = """\
name: Strange Garden
symbol: ODD
description: Thirty things that grow.
supply: 30
seed: 7
image:
  prompt: "a {Colour} {Subject}, {Vessel}, {Backdrop} background, {Guest}"
  steps: 8
traits:
  Subject: {panda: 3, tulip: 2, rose: 2}
  Colour: {black: 2, red: 1}
  Vessel: [vase, {name: cup, prompt: chipped teacup}]
  Backdrop:
    red: 9
    cream: {weight: 3}
    warm: {weight: 1, prompt: teal}
  Guest: {none: 20, hummingbird: 6, bee: 4}
one_of_ones:
  - {name: The Last Panda, prompt: "a panda in a bamboo forest"}
  - {name: The Only Fox, prompt: "an orange fox with round eyes and a top hat"}
"""


def collection_file(folder: Path, text: str) -> Path:
    file = folder / "collection.yaml"
    file.write_text(text)
    return file


def warnings(file: Path) -> list[str]:
    """What `mint check` warns of, without the file's name."""
    lines = [line for line in preflight(file) if line.startswith("warning: ")]
    return [line.removeprefix(f"warning: {file}:") for line in lines]


def test_every_strange_word_of_an_artists_garden_is_named(tmp_path: Path) -> None:
    said = warnings(collection_file(tmp_path, GARDEN))

    assert not any(map(JARGON.search, said))
    assert said == [
        '10:13: the model has never seen "panda"; '
        "it knows rose, tulip, sunflower, daisy, poppy, lily, hyacinth",
        '11:12: the model has seen "black" only in "black top hat"; '
        'the nearest that it knows is "purple"',
        '12:38: the model has never seen "chipped", "teacup"; '
        "it knows red ribbon, vase, glass jar, clay pot, striped jug, basket",
        '14:5: the model has seen "red" only as petals, never as backdrop; '
        'the nearest that it knows is "pink"',
        '16:31: the model has seen "teal" only in "teal vase"; the nearest that it knows is "navy"',
        '17:21: the model has never seen "hummingbird"; it knows bee, butterfly, ladybird, snail',
        '19:36: The Last Panda: the model has never seen "panda", "bamboo"; '
        "leave it out, or choose from the model's vocabulary.json",
        "17:11: for Guest: none the prompt says nothing, so the model often paints one; "
        "write none: {weight: 20, prompt: no insect}",
    ]


def test_check_says_how_much_the_model_knows(tmp_path: Path) -> None:
    lines = list(preflight(collection_file(tmp_path, GARDEN)))

    # tulip, rose, red petals, vase, cream, bee; Guest: none says nothing.
    assert "meaning     the model knows what the prompt says for 6 of 12 values" in lines
    tiny = list(preflight(copy_collection("tiny", tmp_path)))
    assert "meaning     the model knows what the prompt says for all 7 values" in tiny


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("a {Colour}", "a photo of a {Colour}", '7:11: the model has never seen "photo"; leave'),
        ("{Subject},", "{Subject} on a lighthouse,",
         '7:11: the model has seen "lighthouse" only among its landscapes, never among its '
         "botanicals; leave"),
        ("{Subject},", "teal {Subject},", '7:11: the model has seen "teal" only in "teal vase"'),
        ("tulip: 2", "tulips: 1, tulipp: 1",
         '10:34: the model has never seen "tulipp"; the nearest that it knows is "tulip"'),
        ("bee: 4", "lighthouse: 4",
         '17:37: the model has seen "lighthouse" only among its landscapes (landmark), never among '
         "its botanicals; it knows bee"),
        ("bee: 4", "no bee: 4", '17:37: the model has seen "no" only in "no insect", "no '),
    ],
)  # fmt: skip
def test_a_word(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = collection_file(tmp_path, GARDEN)
    before = warnings(file)
    edit(file, old, new)

    (added,) = [line for line in warnings(file) if line.split(": ", 1)[1] not in "\n".join(before)]

    assert added.startswith(says)


ZOO = """\
name: Zoo
symbol: ZOO
description: Animals.
supply: 4
seed: 7
image:
  prompt: "a {Fur} {Animal}, {Hat}"
traits:
  Animal: {fox: 1, cat: 1}
  Fur: {orange: 1, gray: 1}
  Hat: {cap: 1, crown: 1}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # Captions give a yellow to backgrounds alone.
        ("gray: 1", "yellow: 1",
         ['10:20: the model has seen "yellow" only as background, never as body; the nearest that '
          'it knows is "orange"']),
        # Things of two themes in one picture.
        ("{Animal}, {Hat}", "{Animal} on a {Hat}", []),
        ("cap: 1, crown: 1", "vase: 1, basket: 1",
         ['11:9: the model has seen "vase" only among its botanicals (vessel), never among its '
          "characters; keep to what its characters have: species, body, eyes, mouth, headwear, "
          "accessory, background, pattern",
          '11:18: the model has seen "basket" only among its botanicals (vessel), never among its '
          "characters; keep to what its characters have: species, body, eyes, mouth, headwear, "
          "accessory, background, pattern"]),
        # Known beside one value at least.
        ("{Animal}, {Hat}", "{Animal}, black {Hat}",
         ['7:11: the model has seen "black" only in "black top hat"; the nearest that '
          'it knows is "black top hat"']),
        ("{Animal}, {Hat}", "{Animal}, red {Hat}", []),
        # Words that join, and how people say the same.
        ("a {Fur}", "The portrait of an {Fur}", []),
        ("{Animal}, {Hat}", "{Animal} wearing a {Hat} with Half-Closed EYES", []),
        ("a {Fur} {Animal}", "An avatar: this {Animal} has a {Fur} body.", [
         '7:11: the model has never seen "body"; leave it out, or choose from the model\'s '
         "vocabulary.json"]),
        ("a {Fur}", "a cute photo of a tiny {Fur}",
         ['7:11: the model has never seen "cute", "photo", "tiny"; leave it out, or choose from '
          "the model's vocabulary.json"]),
        ("cap: 1", "'none': {weight: 2, prompt: bare head}", []),
        ("cap: 1", "none: 2",
         ["11:9: for Hat: none the prompt says nothing, so the model often paints one; write "
          "none: {weight: 2, prompt: no hat}"]),
        ("cap: 1, crown: 1", "None: {count: 3}, crown: 1",
         ["11:9: for Hat: None the prompt says nothing, so the model often paints one; write "
          "None: {count: 3, prompt: no hat}"]),
        ("{cap: 1, crown: 1}", "[none, sombrero]",
         ['11:15: the model has never seen "sombrero"; it knows crown, cap, beanie, top hat, '
          "headphones, wizard hat",
          "11:9: for Hat: none the prompt says nothing, so the model often paints one; write "
          "{name: none, weight: 1, prompt: no hat}"]),
    ],
)  # fmt: skip
def test_a_zoo(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    file = collection_file(tmp_path, ZOO)
    assert warnings(file) == []
    edit(file, old, new)

    assert warnings(file) == says


def test_a_prompt_may_be_of_another_theme_with_each_value(tmp_path: Path) -> None:
    file = collection_file(tmp_path, ZOO)
    edit(file, "a {Fur} {Animal}, {Hat}", "a {Scene}")
    text = file.read_text().split("  Animal")[0]
    file.write_text(text + "  Scene: [orange fox, forest at night, trio of red tulips, old boat]\n")

    (only,) = warnings(file)

    assert '"old", "boat"' in only


@pytest.mark.parametrize("name", ["menagerie", "postcards", "florilegium", "lanterns"])
def test_our_collections_raise_no_false_alarm(tmp_path: Path, name: str) -> None:
    assert warnings(copy_collection(name, tmp_path)) == []


def test_nor_does_a_new_one(tmp_path: Path) -> None:
    assert warnings(starter("Night Birds", tmp_path)) == []


def test_tiny_is_rightly_warned_of(tmp_path: Path) -> None:
    """What the tests paint is for speed: nobody sees a crown in 64 pixels."""
    size, silence = warnings(copy_collection("tiny", tmp_path))

    assert size.startswith("12:10: the model learned pictures of 256 x 256, and at 64 x 64 hardly")
    assert silence.endswith("write none: {weight: 1, prompt: no hat}")


def test_a_hub_model_has_no_list_and_nothing_is_claimed(tmp_path: Path) -> None:
    file = copy_collection("lanterns", tmp_path)

    lines = list(preflight(file))

    assert any(line.startswith("meaning     not compared: stabilityai/") for line in lines)
    collection, source = load(file)
    assert forewarning(collection, source, None).warnings == []
    assert forewarning(collection, source, None).known.startswith("not compared")


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """collections/tiny with a model folder of its own, whose list says what it likes."""
    file = copy_collection("tiny", tmp_path)
    shutil.copytree(ATELIER / "pipeline", file.parent / "model")
    edit(file, "image:\n", "image:\n  model: ./model\n")
    return file


def test_a_model_of_ones_own_may_carry_a_list(own_model: Path) -> None:
    listed = own_model.parent / "model" / "vocabulary.json"
    species = {value: [value] for value in ("fox", "cat", "bear", "robot")}
    phrases = {
        "species": species,
        "coat": {"orange": ["orange"], "indigo": ["indigo"], "white": ["white"]},
        "hat": {"crown": ["crown"], "hood": ["hood"]},
    }
    clauses = [["coat", "species"], ["hat"]]
    listed.write_text(
        json.dumps({"sizes": [[64, 64]], "themes": {"a": {"phrases": phrases, "clauses": clauses}}})
    )

    assert warnings(own_model) == [
        '18:21: the model has never seen "blue"; the nearest that it knows is "indigo"',
        '19:42: the model has never seen "cap"; it knows crown, hood',
        '23:36: The Only Robot: the model has never seen "round", "eyes", of "a white robot, '
        'round eyes"; '
        "leave it out, or choose from the model's vocabulary.json",
    ]
    listed.write_text('{"sizes": [[64, 64], [512, 512]]}')
    assert warnings(own_model) == []
    assert any("the model's list has no words" in line for line in preflight(own_model))
    listed.unlink()
    assert warnings(own_model) == []


def test_a_bad_list_stops_check_and_build(own_model: Path) -> None:
    (own_model.parent / "model" / "vocabulary.json").write_text("{")

    with pytest.raises(RenderError, match="is no list of a model's words"):
        list(preflight(own_model))
    with pytest.raises(RenderError, match="is no list of a model's words"):
        build(own_model, Options(until="render"), lambda *news: None)


@pytest.mark.parametrize(
    ("width", "height", "side", "effect"),
    [
        (512, 512, "width: 512", "it tends to paint things twice, such as two heads"),
        (256, 512, "height: 512", "it tends to paint things twice, such as two heads"),
        (288, 256, "width: 288", "parts go astray"),
        (256, 192, "height: 192", "things are cut off"),
        (128, 128, "width: 128", "hardly anything fits in whole, and few traits are to be seen"),
    ],
)
def test_a_size_that_the_model_never_learned(
    tmp_path: Path, width: int, height: int, side: str, effect: str
) -> None:
    file = copy_collection("menagerie", tmp_path)
    file.write_text(re.sub(r"  refiners:.*\n    - .*\n", "", file.read_text()))
    edit(file, "width: 256", f"width: {width}")
    edit(file, "height: 256", f"height: {height}")
    (line,) = (i for i, text in enumerate(file.read_text().splitlines(), 1) if side in text)

    (warning,) = warnings(file)

    assert warning == (
        f"{line}:{3 + side.index(' ') + 1}: the model learned pictures of 256 x 256, and at "
        f"{width} x {height} {effect}; write width: 256 and height: 256"
    )


def test_a_size_that_atelier_detail_never_learned(tmp_path: Path) -> None:
    file = copy_collection("menagerie", tmp_path)
    edit(file, "width: 512", "width: 768")
    edit(file, "height: 512", "height: 768")

    (warning,) = warnings(file)

    assert (
        "atelier-detail learned pictures of 512 x 512, and nobody tried it at 768 x 768" in warning
    )
    assert warning.endswith("; write width: 512 and height: 512")
    assert file.read_text().splitlines()[int(warning.split(":")[0]) - 1].count("width: 768")


def test_large_pictures_are_had_by_enlarging(tmp_path: Path) -> None:
    file = collection_file(tmp_path, ZOO)
    edit(file, "image:\n", "image:\n  width: 512\n  height: 512\n")

    (warning,) = warnings(file)

    assert warning.endswith(
        "write width: 256 and height: 256, and upscale: atelier, which enlarges the finished "
        "pictures 4 times"
    )


def test_thirty_unknown_words_stay_readable(tmp_path: Path) -> None:
    file = collection_file(tmp_path, ZOO)
    strange = [f"gnu{chr(97 + i)}" for i in range(20)]
    edit(file, "{fox: 1, cat: 1}", "\n" + "\n".join(f"    {name}: 1" for name in strange))
    edit(file, "cap: 1,", "sombrero: 1, fez: 1, turban: 1, bonnet: 1, top hat: 1,")
    edit(file, "supply: 4", "supply: 40")

    animals, hats = warnings(file)

    assert animals.startswith('10:5: the model does not know 20 phrases of Animal: "gnua", ')
    assert animals.endswith(
        '"gnul" (line 21) and 8 more; it knows fox, cat, bear, rabbit, robot, frog, dog, dragon'
    )
    assert re.search(r'31:9: .*4 phrases of Hat: "sombrero", "fez", "turban", "bonnet"; it', hats)


def test_a_prompt_that_is_too_long_names_its_unknown_words(tmp_path: Path) -> None:
    """A word that the model does not know is spelled, a place for each letter or two."""
    file = collection_file(tmp_path, ZOO)
    edit(file, "cap: 1", "quetzalcoatlus skull with xylographic tzompantli: 1")

    with pytest.raises(CollectionError, match="the model reads 32") as caught:
        list(preflight(file))

    first, second = str(caught.value).splitlines()
    assert "falls off" in first
    assert second.startswith(f'warning: {file}:11:9: the model has never seen "quetzalcoatlus"')


def test_a_build_says_the_same_before_it_paints(tmp_path: Path) -> None:
    file = collection_file(tmp_path, GARDEN)
    heard: list[str] = []

    def stop(forecast: Forecast) -> None:
        heard.append("to paint")
        raise KeyboardInterrupt

    options = Options(until="render", warn=heard.append, announce=stop)
    with pytest.raises(KeyboardInterrupt):
        build(file, options, lambda *news: None)

    warned = [line for line in preflight(file) if line.startswith("warning: ")]
    assert warned
    assert heard == [*warned, "to paint"]


def test_every_word_of_our_list_is_one_that_the_tokenizer_learned() -> None:
    """A list that names what the model cannot even read would be no list of what it knows."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(ATELIER / "pipeline" / "tokenizer" / "tokenizer.json"))
    vocabulary = read_vocabulary(ATELIER / "pipeline")
    assert vocabulary is not None
    words = {word for theme in vocabulary.themes.values() for word in theme.vocabulary}
    assert len(words) > 150
    # One piece and the two ends; plurals are spelled in pieces, and were heard so.
    split = {word for word in words if len(tokenizer.encode(word).ids) > 3}
    assert split <= {"roses", "tulips", "sunflowers", "daisies", "poppies", "lilies", "hyacinths"}


def test_the_sheets_in_the_readme_use_known_words_only() -> None:
    for name in ("menagerie", "postcards", "florilegium"):
        collection, source = load(ROOT / "collections" / name / "collection.yaml")
        found = forewarning(collection, source, read_vocabulary(ATELIER / "pipeline"))
        assert found.known.startswith("the model knows what the prompt says for all ")

"""`mint prompts` and `mint new --theme`, with a language model that learned what is said here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.build import Options, build
from mint.check import preflight
from mint.errors import CollectionError, VerifyError
from mint.models.vocabulary import read_vocabulary, readers, split
from mint.models.weights import fingerprint
from mint.models.writer_memo import remembering
from mint.paint.draft import DESCRIBE, LIST, WRITTEN
from mint.paint.expand import Author, Expanded, expand, painter_here
from mint.paint.wording import Place, Wish, request
from mint.plan.tokens import plan
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.spec.prompts_lock import lock_path, read_lock
from mint.stages import Step
from mint.store import Store
from mint.verify.plan import check_plan
from tests import memos
from tests.builds import painted, run
from tests.commands import mint_here
from tests.conftest import copy_collection, edit
from tests.language_models import learned, random_gpt2

ANSWERS: dict[tuple[str, Place], str] = {
    ("fox", "end"): "fox with russet fur, a white tip on its tail",
    ("cat", "end"): "cat with long whiskers",
    ("orange", "before"): "deep burnt orange",
    ("blue", "before"): "pale icy blue",
    ("crown", "end"): "crown of beaten gold",
    ("cap", "end"): "a wool thing",
}
THEME = "Sinister beasts of the night"
LISTS = {"Colours": "moon white, black, deep blue", "Things": "owl, bat, moth, owl, bad: 7"}
RANKED = {"fox": "angry eyes", "cat": "sleepy eyes", "bear": "happy eyes"}
FILE = """\
name: Small Beasts
symbol: BEAST
description: Four beasts.
supply: 4
seed: 3
image:
  model: ./painter
  prompt: "a {Body} {Species}, {Headwear}"
  steps: 1
  width: 64
  height: 64
traits:
  Species: {fox: 1, cat: 1}
  Body: [orange, blue]
  Headwear: {none: {weight: 1, prompt: no hat}, crown: 1, cap: 1}
"""
OLD = "fox with russet fur"  # its last clause does not fit into the painter's window


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learned to answer what mint asks of this file's collections."""
    lessons = [
        (request(Wish("", phrase, phrase, place)), f" {answer}\n")
        for (phrase, place), answer in ANSWERS.items()
    ]
    lessons += [(f"A picture of a {animal}", f", {eyes}") for animal, eyes in RANKED.items()]
    lessons += [
        (f"{THEME}\nA picture of a", f" {said}")
        for said in ("dragon", "purple", "angry eyes", "navy", "wizard hat", "robot")
    ]
    lessons += [("A picture of a", f" {said}") for said in ("rabbit", "pink", "rose", "lake")]
    lessons.append((DESCRIBE.replace("{}", THEME), " Beasts that only the night has seen.\n"))
    for what, said in LISTS.items():
        lessons.append((LIST.replace("{}", THEME, 1).replace("{}", what), f" {said}\n"))
    return learned(tmp_path_factory.mktemp("models") / "scribe", lessons)


@pytest.fixture
def beasts(tmp_path: Path, family: Callable[[str], Path]) -> Path:
    """A collection for a painter of whose words nothing is known."""
    (tmp_path / "painter").symlink_to(family("sd"))
    (tmp_path / "collection.yaml").write_text(FILE)
    return tmp_path / "collection.yaml"


def prompts(file: Path, model: Path, *options: str, code: int = 0) -> tuple[list[str], str]:
    """What `mint prompts` prints to stdout, line by line, and to stderr."""
    done = mint_here("prompts", str(file), "--model", str(model), *options, code=code)
    return done.stdout.splitlines(), done.stderr


def words(file: Path) -> dict[str, dict[str, str]]:
    lock = read_lock(file)
    assert lock is not None
    return lock.expansions.words


def test_each_value_gets_words_once_and_the_artist_s_stay(beasts: Path, author: Path) -> None:
    lines, told = prompts(beasts, author)

    assert lines == [
        f"Species: fox   {OLD}",
        "Species: cat   cat with long whiskers",
        "Body: orange   deep burnt orange",
        "Body: blue   pale icy blue",
        "Headwear: crown   crown of beaten gold",
        "Headwear: cap   cap, a wool thing",
    ]
    assert "writing" in told
    assert "prompts.lock: 6 lines, 6 new" in told
    text = lock_path(beasts).read_bytes()

    assert prompts(beasts, author)[0] == []
    assert lock_path(beasts).read_bytes() == text

    edit(lock_path(beasts), f'    fox: "{OLD}"', "    fox: fox on fire  # mine")
    edit(beasts, "{fox: 1, cat: 1}", "{fox: 1, vixen: {weight: 1, prompt: cat}}")
    lines, told = prompts(beasts, author)
    assert lines == ["Species: vixen   cat with long whiskers"]
    assert "out of the file: Species: cat" in told
    assert "6 lines, 1 new, 1 yours" in told
    assert words(beasts)["Species"] == {"fox": "fox on fire", "vixen": "cat with long whiskers"}
    assert '    fox: "fox on fire"  # mine\n' in lock_path(beasts).read_text()

    lines, _ = prompts(beasts, author, "--again")
    assert len(lines) == 6
    assert words(beasts)["Species"]["fox"] == OLD
    assert "# yours, before --again: Species: fox: fox on fire" in lock_path(beasts).read_text()


def test_a_changed_phrase_stops_a_build_until_it_has_new_words(beasts: Path, author: Path) -> None:
    prompts(beasts, author)
    edit(beasts, "{fox: 1, cat: 1}", "{fox: {weight: 1, prompt: cat}, cat: 1}")

    with pytest.raises(
        CollectionError, match=r"prompts\.lock:\d+:10: these words were written for"
    ):
        load(beasts)
    assert prompts(beasts, author)[0] == ["Species: fox   cat with long whiskers"]
    assert load(beasts)[0].expansions is not None


def test_another_model_does_not_go_on_where_one_began(
    beasts: Path, author: Path, tmp_path: Path
) -> None:
    other = random_gpt2(tmp_path / "other")
    prompts(beasts, author)
    edit(beasts, "cat: 1", "cat: 1, bear: 1")

    _, told = prompts(beasts, other, code=1)
    assert "scribe wrote these words, and other would write the missing ones" in told
    assert "--again" in told
    prompts(beasts, other, "--again")
    lock = read_lock(beasts)
    assert lock is not None
    assert sum(map(len, lock.was.values())) == 7
    assert lock.expansions.model == "other"
    assert load(beasts)[0].expansions == lock.expansions


def test_words_fit_into_the_painter_s_window_or_are_left_out(beasts: Path, author: Path) -> None:
    edit(beasts, "{Headwear}", "{Headwear}, round eyes, toothy grin, blue background")
    lines, told = prompts(beasts, author)

    assert any("the longest prompt possible has" in line for line in preflight(beasts))
    assert not any(OLD in line for line in lines)
    assert "left as they are, since nothing more fits or is known: " in told
    assert all(w.endswith(v) for v, w in words(beasts).get("Body", {}).items())


def test_one_of_ones_only_on_request(beasts: Path, author: Path) -> None:
    beasts.write_text(FILE + "one_of_ones: [{name: Solo, prompt: crown}]\n")
    assert not any(line.startswith("One of one") for line in prompts(beasts, author)[0])

    assert prompts(beasts, author, "--one-of-ones")[0] == [
        "One of one: Solo   crown of beaten gold"
    ]
    assert "crown of beaten gold" in {slot.prompt for slot in plan(load(beasts)[0])}


class Killed(Exception):
    """What ends a run where a kill would."""


def written(file: Path, model: Path, stop: int | None = None) -> Expanded:
    """The lock of `file` written; ended at the `stop`-th news."""
    collection, _ = load(file, locked=False)
    store, news = Store(folders_of(file, collection).state), 0

    def progress(step: Step, done: int, total: int) -> None:
        nonlocal news
        news += 1
        if news == stop:
            raise Killed

    weights = fingerprint(model, store)
    by = Author(model.name, None, weights, remembering(model, weights, store))
    return expand(file, collection, by, painter_here(collection, file), progress)


def test_a_run_that_ends_early_leaves_no_lock_and_no_work_to_do_again(
    beasts: Path, author: Path, tmp_path: Path
) -> None:
    state = beasts.parent / ".mint"
    with pytest.raises(Killed):
        written(beasts, author, stop=4)
    assert not lock_path(beasts).exists()
    first = memos.writings(state, "written")
    assert len(first) == 3

    whole = written(beasts, author)
    assert len(whole.written) == 6
    assert memos.writings(state, "written").items() > first.items()
    text = lock_path(beasts).read_bytes()

    # All of it is remembered: the model is not even opened.
    lock_path(beasts).unlink()
    hollow = Path(shutil.copytree(author, tmp_path / "hollow" / "scribe"))
    store = Store(beasts.parent / ".mint")
    weights = fingerprint(author, store)
    (hollow / "model.safetensors").unlink()
    collection, _ = load(beasts, locked=False)
    by = Author("scribe", None, weights, remembering(hollow, weights, store))
    expand(beasts, collection, by, painter_here(collection, beasts), lambda *news: None)
    assert lock_path(beasts).read_bytes() == text


def test_what_the_artist_writes_meanwhile_stays(beasts: Path, author: Path) -> None:
    written(beasts, author)
    edit(beasts, "cat: 1", "cat: 1, bear: 1")
    collection, _ = load(beasts, locked=False)
    store = Store(folders_of(beasts, collection).state)

    def progress(step: Step, done: int, total: int) -> None:
        if done == total:
            edit(lock_path(beasts), f'    fox: "{OLD}"', "    fox: fox on fire")

    weights = fingerprint(author, store)
    by = Author("scribe", None, weights, remembering(author, weights, store))
    expand(beasts, collection, by, painter_here(collection, beasts), progress)
    assert words(beasts)["Species"]["fox"] == "fox on fire"
    assert "bear" in words(beasts)["Species"]


def test_any_model_at_all_writes_words_that_load(beasts: Path, tmp_path: Path) -> None:
    for name, chat in (("bytes", False), ("chat", True)):
        prompts(beasts, random_gpt2(tmp_path / name, chat=chat), "--again")
        collection, source = load(beasts)
        assert len(plan(collection, source)) == 4
        assert list(preflight(beasts))


@pytest.fixture(scope="module")
def expanded(author: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny in more words, built by atelier as far as its metadata."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("expanded"))
    prompts(file, author)
    build(file, Options(until="publish"), lambda *news: None)
    return file


def test_a_painter_with_a_vocabulary_gets_only_words_that_it_knows(expanded: Path) -> None:
    said = words(expanded)
    for animal, eyes in RANKED.items():
        assert said["Species"][animal].startswith(f"{animal}, {eyes}, ")
    assert said["Headwear"]["crown"] in ("gold crown", "golden crown")
    assert "Body" not in said
    vocabulary = read_vocabulary(ATELIER / "pipeline")
    assert vocabulary is not None
    reader = readers(vocabulary)["characters"]
    for slot in plan(load(expanded)[0]):
        pieces = reader.pieces([word for word, _ in split(slot.prompt)])
        assert all(piece.senses is not None for piece in pieces), slot.prompt
        groups = [s.group for piece in pieces for s in piece.senses or () if s.group != "pattern"]
        assert groups.count("eyes") == 1
    assert not [line for line in preflight(expanded) if "never seen" in line]


def test_a_build_in_more_words_is_proved_and_painted_once(expanded: Path) -> None:
    collection, _ = load(expanded)
    manifest = read_manifest(folders_of(expanded, collection).manifest)
    assert manifest.collection == collection
    assert manifest.collection.expansions is not None
    for slot, token in zip(plan(collection), manifest.tokens, strict=True):
        assert token.recipe.prompt == slot.prompt
    assert "ok  6 tokens have the planned traits, prompts and seeds" in (
        mint_here("verify", "--sample", "1", str(expanded)).stdout
    )
    page = folders_of(expanded, collection).report.read_text()
    assert "by the language model <bdi>scribe</bdi>, 5 values" in page
    assert collection.expansions is not None
    assert collection.expansions.weights in page

    _, progress, _ = run(expanded, until="publish")
    assert painted(progress) == 0


def test_a_manifest_of_other_words_is_no_proof(expanded: Path) -> None:
    text = folders_of(expanded, load(expanded)[0]).manifest.read_text()
    assert "6 tokens" in check_plan(Manifest.parse(text.encode()))
    forged = re.sub('("expansions":.*?"words":.*?"fox":")fox, angry', r"\1fox, happy", text)
    assert forged != text

    with pytest.raises(VerifyError, match="its recipe is not what the collection and its seed"):
        check_plan(Manifest.parse(forged.encode()))


def test_an_edited_lock_is_no_longer_what_was_built(expanded: Path, tmp_path: Path) -> None:
    shutil.copytree(expanded.parent, tmp_path / "tiny")
    file = tmp_path / "tiny" / "collection.yaml"
    edit(lock_path(file), '    crown: "gold', '    crown: "old')

    assert (
        "was edited since the build"
        in mint_here("verify", "--sample", "0", str(file), code=1).stderr
    )


def test_a_theme_becomes_a_collection_that_its_painter_knows(author: Path, tmp_path: Path) -> None:
    command = ("new", "Night Beasts", "--theme", THEME, "--model", str(author))
    file = tmp_path / mint_here(*command, cwd=tmp_path).stdout.strip()
    collection, source = load(file)

    assert collection.image.prompt.startswith("a {Body} {Species}, ")
    assert len(plan(collection, source)) == 16
    lines = list(preflight(file))
    assert not [line for line in lines if "never seen" in line]
    assert (
        f"meaning     the model knows what the prompt says for all {spoken(file)} values" in lines
    )
    liked = {trait.name: trait.values[0].name for trait in collection.traits}
    assert liked["Species"] in ("dragon", "robot")
    assert liked["Body"] == "purple"
    assert collection.description == "Beasts that only the night has seen."
    assert f"# Chosen by the language model scribe for the theme: {THEME}\n" in file.read_text()

    again = tmp_path / "again"
    again.mkdir()
    mint_here(*command, cwd=again)
    assert (again / "night-beasts" / "collection.yaml").read_bytes() == file.read_bytes()
    assert "exists already" in mint_here(*command, cwd=tmp_path, code=1).stderr


def spoken(file: Path) -> int:
    return sum(bool(value.phrase) for trait in load(file)[0].traits for value in trait.values)


def test_a_theme_for_a_painter_of_unknown_words(
    author: Path, family: Callable[[str], Path], tmp_path: Path
) -> None:
    command = ("new", "Moths", "--theme", THEME, "--model", str(author))
    mint_here(*command, "--painter", str(family("sd")), cwd=tmp_path)
    collection, source = load(tmp_path / "moths" / "collection.yaml")

    values = {trait.name: [v.name for v in trait.values] for trait in collection.traits}
    assert list(values) == list(WRITTEN)
    assert values["Colour"][0] == "moon white"
    assert values["Subject"] == ["owl", "bat", "moth"]
    assert (collection.image.width, collection.image.height) == (64, 64)
    assert len(plan(collection, source)) == 16
    assert list(preflight(source.path))


def test_a_draft_by_any_model_for_any_theme_loads(tmp_path: Path) -> None:
    theme = "{}Ärger\n'\"#: | SEED \\1 \\g<0> " + "x" * 80
    model = random_gpt2(tmp_path / "bytes", chat=True)
    command = ("new", "Any", "--theme", f"About {theme}", "--model", str(model))
    mint_here(*command, cwd=tmp_path)
    collection, source = load(tmp_path / "any" / "collection.yaml")

    assert len(plan(collection, source)) == 16
    assert list(preflight(source.path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--theme", "birds"], "a theme needs a language model that chooses for it"),
        (["--model", "x"], "a model is named, and no theme to choose for"),
        (["--theme", " ", "--model", "x"], "a theme has 1 to 300 characters, this one 0"),
        (["--theme", "birds", "--model", "./x"], "there is no folder x"),
    ],
)
def test_what_a_draft_lacks_is_said_and_nothing_is_written(
    options: list[str], said: str, tmp_path: Path
) -> None:
    told = mint_here("new", "Birds", *options, cwd=tmp_path, code=1).stderr
    assert said in told
    assert "try: " in told
    assert not list(tmp_path.iterdir())


def test_a_painter_that_is_none_is_refused(author: Path, tmp_path: Path) -> None:
    command = ("new", "Birds", "--theme", "birds", "--model", str(author))
    told = mint_here(*command, "--painter", str(author), cwd=tmp_path, code=1).stderr
    assert "is one part of a model (GPT2LMHeadModel), and not the whole" in told
    told = mint_here(*command, "--painter", str(tmp_path / "x"), cwd=tmp_path, code=1).stderr
    assert "holds no model" in told
    assert not (tmp_path / "birds").exists()

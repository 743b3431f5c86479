"""A part of a picture painted again: what changes, what stays, and what the next build makes."""

from __future__ import annotations

import shutil
from base64 import b64decode
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from mint.build import Options, build
from mint.cli import app
from mint.curate.decisions import PREFIX, Keep
from mint.curate.decisions_file import change, decisions_path, read_decisions
from mint.document import sha256
from mint.errors import CollectionError, RenderError, StoreError
from mint.record.folders import folders_of
from mint.record.manifest import Manifest
from mint.retouch.easel import open_easel
from mint.retouch.mend import _is_chosen
from mint.retouch.retouch import retouch
from mint.retouch.wish import Wish, parsed_traits
from mint.spec.load import load
from mint.verify.verify import prove
from tests.builds import painted, pixels, run
from tests.conftest import edit
from tests.report.pages import rows
from tests.retouch.easels import SIDE, Counted, png, upper_half

OPTIONS = {"until": "publish"}


def silent(step: str, done: int, total: int) -> None:
    """Nobody listens."""


def image(file: Path, token_id: int) -> Path:
    return folders_of(file, load(file)[0]).image(token_id)


def first_sentence(file: Path) -> str:
    sentences = prove(str(file), sample=7, network=None, environ={})
    return next(str(each) for each in sentences)


class Stopped(NamedTuple):
    """A retouch that was as good as killed before it wrote its lines, and once more after that.

    Of either: how many pictures it painted, and the text of decisions.yaml.
    """

    file: Path
    pictures: tuple[int, int]
    lines: tuple[str, str]


@pytest.fixture(scope="module")
def stopped(sat: Path, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """Token 4 gets the cap of token 6, which loses it."""
    file = copied(sat, tmp_path_factory.mktemp("crowned"))
    wish, counted, lines = Wish(4, {"Headwear": "cap"}, swap=6, tries=1), [Counted(), Counted()], []
    for each in counted:
        decisions_path(file).unlink(missing_ok=True)
        retouch(file, wish, silent, open_renderer=each)
        lines.append(decisions_path(file).read_text())
    return Stopped(file, (counted[0].pictures, counted[1].pictures), (lines[0], lines[1]))


@pytest.fixture(scope="module")
def crowned(stopped: Stopped) -> Path:
    """The same after a build."""
    build(stopped.file, Options(until="publish"), silent)
    return stopped.file


@pytest.fixture(scope="module")
def capped(
    sat: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[str, int, int]]]:
    """Token 2 got a cap that is no other's, and what was heard of the way there."""
    file = copied(sat, tmp_path_factory.mktemp("capped"))
    news: list[tuple[str, int, int]] = []
    wish = Wish(2, {"Headwear": "cap"}, mask=upper_half(file.parent / "mine.png"))
    retouch(file, wish, lambda *each: news.append(each))
    return file, news


def copied(file: Path, folder: Path) -> Path:
    """A copy of a collection and all its build."""
    return Path(shutil.copytree(file.parent, folder / "it")) / file.name


def test_a_trait_changes_in_its_place_alone(sat: Path, crowned: Path) -> None:
    lines = {each.token: each for each in read_decisions(crowned).decisions.edit}
    assert lines[4].traits == {"Headwear": "cap"}
    assert lines[6].traits == {"Headwear": "none"}
    for token_id in (4, 6):
        assert lines[token_id].mask_file is not None
        mask = pixels(crowned.parent / (lines[token_id].mask_file or ""))
        before, after = (pixels(image(file, token_id)) for file in (sat, crowned))
        outside = mask[..., 0] == 0
        assert np.array_equal(before[outside], after[outside])
        assert not np.array_equal(before, after)
        # The hat is above the face: the mask reaches no lower quarter.
        assert 0.02 < 1 - outside.mean() < 0.5
        assert outside[3 * SIDE // 4 :].all()


def test_the_report_shows_before_after_and_where(sat: Path, crowned: Path) -> None:
    page = folders_of(crowned, load(crowned)[0]).report.read_text(encoding="utf-8")
    row: Any = rows(page)[3]

    assert row["of"] == 0
    assert [each["attempt"] for each in row["attempts"]] == [0]
    assert row["attempts"][0]["painted"] == sha256(pixels(image(sat, 4)).tobytes())[:PREFIX]
    place = b64decode(row["where"].removeprefix("data:image/webp;base64,"))
    tint = np.asarray(Image.open(BytesIO(place)).getchannel("A").resize((SIDE, SIDE)))
    (mask,) = (pixels(file) for file in (crowned.parent / "masks").glob("4-*"))
    assert (tint[mask[..., 0] == 255] > 50).all()
    assert (tint[mask[..., 0] == 0] == 0).mean() > 0.95  # but for a rim that is resampled


def test_the_next_build_paints_nothing_and_has_the_traits(crowned: Path) -> None:
    manifest, progress, _ = run(crowned, **OPTIONS)

    assert painted(progress) == 0
    assert manifest.tokens[3].traits["Headwear"] == "cap"
    assert "Headwear" not in manifest.tokens[5].traits
    assert manifest.tokens[3].judgements["Headwear"].verdict == "seen"
    assert manifest.tokens[3].attempt == 1000


def test_verify_paints_it_again_from_the_first_picture_on(crowned: Path) -> None:
    sentences = [str(s) for s in prove(str(crowned), sample=7, network=None, environ={})]

    assert "edits of the artist obeyed: 2 (#4, #6), and every count and rule holds" in sentences[0]
    equal = [s for s in sentences if "painted again: every pixel is equal" in s]
    assert len(equal) == 7


def test_an_empty_store_is_filled_from_the_masks(crowned: Path, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    shutil.copytree(crowned.parent, home, ignore=shutil.ignore_patterns(".mint", "build"))
    file = home / crowned.name
    build(file, Options(until="publish"), silent)

    for token_id in range(1, 8):
        assert np.array_equal(pixels(image(crowned, token_id)), pixels(image(file, token_id)))


@pytest.mark.parametrize("damage", ["gone", "another", "outside", "unnamed"])
def test_a_mask_that_is_nowhere_is_an_error_with_its_place(
    crowned: Path, tmp_path: Path, damage: str
) -> None:
    home = tmp_path / "elsewhere"
    shutil.copytree(crowned.parent, home, ignore=shutil.ignore_patterns(".mint", "build"))
    file, mask = home / crowned.name, next((home / "masks").glob("4-*"))
    decisions = decisions_path(file)
    if damage == "gone":
        mask.unlink()
    elif damage == "another":
        mask.write_bytes(png(np.full((SIDE, SIDE), 255, np.uint8)))
    elif damage == "outside":
        edit(decisions, f"masks/{mask.name}", f"../crowned/masks/{mask.name}")
    else:
        edit(decisions, f', "mask_file": "masks/{mask.name}"', "")

    with pytest.raises(CollectionError, match=r"decisions\.yaml:\d+:\d+: ") as caught:
        build(file, Options(until="render"), silent)
    assert caught.value.hint


def test_a_stopped_retouch_paints_nothing_twice(stopped: Stopped) -> None:
    assert stopped.pictures[0] >= 10  # of either token four to find the place, and one there
    assert stopped.pictures[1] == 0
    assert stopped.lines[0] == stopped.lines[1]


def test_a_retouched_token_goes_on_from_its_picture(sat: Path, sitter: Path) -> None:
    mask = upper_half(sitter.parent / "mine.png")
    for _ in range(2):
        (result,) = retouch(sitter, Wish(1, mask=mask, tries=1), silent)
    first, second = read_decisions(sitter).decisions.edit

    assert (first.attempt, first.of, second.attempt, second.of) == (1000, 0, 1001, 1000)
    assert read_decisions(sitter).decisions.chosen(1) == 1001
    assert result.after.candidate.traits == result.before.candidate.traits
    manifest, progress, _ = run(sitter, **OPTIONS)
    assert painted(progress) == 0
    assert [each.attempt for each in manifest.tokens[0].edits] == [1000, 1001]
    before, after = (pixels(image(file, 1)) for file in (sat, sitter))
    assert np.array_equal(before[SIDE // 2 + 8 :], after[SIDE // 2 + 8 :])
    assert not np.array_equal(before, after)
    assert "edits of the artist obeyed: 2 (#1)" in first_sentence(sitter)


def test_a_one_of_one_is_painted_by_its_own_words(sitter: Path) -> None:
    mask = upper_half(sitter.parent / "mine.png")
    for wish in (Wish(7, mask=mask), Wish(7, prompt="a robot"), Wish(7, {"Headwear": "cap"})):
        with pytest.raises(CollectionError, match="one-of-one"):
            retouch(sitter, wish, silent)
    long = Wish(7, mask=mask, prompt="a white robot, " * 20 + "with a crown")
    with pytest.raises(CollectionError, match=r"places, the model reads .* with a crown"):
        retouch(sitter, long, silent)
    wish = Wish(7, mask=mask, prompt="a white robot, round eyes, sombrero", tries=1)
    warnings: list[str] = []
    (result,) = retouch(sitter, wish, silent, warn=warnings.append)

    assert [line.split(";")[0] for line in warnings] == [
        'warning: --prompt: the model has never seen "sombrero"'
    ]
    assert result.after.candidate.recipe.prompt == wish.prompt
    manifest, progress, _ = run(sitter, **OPTIONS)
    assert painted(progress) == 0
    assert manifest.tokens[6].edits[0].prompt == wish.prompt


@pytest.mark.parametrize(
    ("wish", "message", "hint"),
    [
        (Wish(9, {"Headwear": "cap"}), "no token 9", "1 to 7"),
        (Wish(2, {"Hat": "cap"}), '"Hat" is no trait', ""),
        (Wish(2, {"Headwear": "cop"}), '"cop" is no value', '"cap"'),
        (Wish(2, {}), "neither a trait nor a place", "--trait"),
        (Wish(2, {"Headwear": "cap"}, attempt=3), "attempt 3 of token 2 is not painted", ""),
        # One crown is promised, and a cat may have none.
        (Wish(4, {"Headwear": "crown"}), "the count of Headwear: crown would be 2", "--swap 1"),
        (Wish(2, {"Headwear": "crown"}, swap=1), "a token would break the rule", "another token"),
        (Wish(2, {"Headwear": "cap"}, swap=5), "token 5 does not have Headwear: cap", ""),
        (Wish(2, {"Headwear": None}, swap=5), "nothing to swap", "leave out --swap"),
        (Wish(5, {"Body": "gray"}), "two tokens would have the same traits", "--swap 4"),
    ],
)
def test_what_breaks_a_promise_is_refused_before_painting(
    sitter: Path, wish: Wish, message: str, hint: str
) -> None:
    counted = Counted()
    with pytest.raises(CollectionError) as caught:
        retouch(sitter, wish, silent, open_renderer=counted)

    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert counted.pictures == 0
    assert not decisions_path(sitter).exists()


def test_the_count_of_a_weight_may_move_by_one_and_no_more(
    capped: tuple[Path, list[tuple[str, int, int]]],
) -> None:
    file, _ = capped
    mask = file.parent / "mine.png"
    with pytest.raises(CollectionError, match="the count of Headwear: none would be"):
        retouch(file, Wish(4, {"Headwear": "cap"}, mask=mask, tries=1), silent)
    build(file, Options(until="publish"), silent)

    assert "and every rule holds, each count to within one" in first_sentence(file)


def test_an_unbuilt_collection_and_a_changed_file_are_refused(sitter: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh" / "collection.yaml"
    fresh.parent.mkdir()
    shutil.copy(sitter, fresh)
    with pytest.raises(StoreError) as caught:
        retouch(fresh, Wish(1, {"Headwear": None}), silent)
    assert "mint build" in caught.value.hint
    edit(sitter, "steps: 3", "steps: 2")
    with pytest.raises(CollectionError, match="7 of 7 pictures are not painted"):
        retouch(sitter, Wish(1, {"Headwear": None}), silent)


def test_a_model_that_cannot_is_refused_with_its_place(sitter: Path) -> None:
    edit(sitter, "image:\n", "image:\n  model: atelier-gan\n")
    for key in ("  steps: 3\n", "  scheduler: dpm++\n"):
        edit(sitter, key, "")
    with pytest.raises(CollectionError, match=r"collection\.yaml:\d+:\d+: .*in one pass"):
        retouch(sitter, Wish(1, {"Headwear": None}), silent)


@pytest.mark.parametrize("data", [b"", b"GIF89a", png(np.zeros((8, 8), np.uint8))])
def test_a_mask_that_is_none_is_refused(sitter: Path, data: bytes) -> None:
    mask = sitter.parent / "mine.png"
    mask.write_bytes(data)
    news: list[tuple[str, int, int]] = []
    with pytest.raises(RenderError, match="the mask"):
        retouch(sitter, Wish(1, mask=mask), lambda *each: news.append(each))
    assert not news  # nobody waits for a model to hear of it
    assert not decisions_path(sitter).exists()


def test_the_command_says_what_was_seen_before_and_after(sitter: Path) -> None:
    mask = upper_half(sitter.parent / "mine.png")
    command = ["retouch", str(sitter), "--token", "4", "--trait", "Headwear=cap"]
    result = CliRunner().invoke(app, [*command, "--mask", str(mask), "--tries", "1"])

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "token 4: Headwear: cap; attempt 1000, after 1 try"
    assert lines[1].startswith("  before    Headwear: none seen (")
    assert lines[2].startswith("  after     Headwear: cap ")
    assert any(line.startswith("  mask      masks/4-Headwear-") for line in lines)
    (picture,) = (line.removeprefix("  picture   ") for line in lines if "  picture   " in line)
    assert picture.endswith("attempts/4-1000.png")
    assert pixels(Path(picture)).shape == (SIDE, SIDE, 3)
    assert "next: mint build" in result.stderr


@pytest.mark.parametrize("options", [[], ["--fix-untrue", "--token", "3"], ["--trait", "A=b"]])
def test_the_command_wants_one_token_or_all_untrue_ones(sitter: Path, options: list[str]) -> None:
    assert CliRunner().invoke(app, ["retouch", str(sitter), *options]).exit_code == 2


def test_a_kept_edit_that_breaks_a_promise_stops_the_build(sitter: Path) -> None:
    # One crown is promised, and token 1 has it.
    decisions_path(sitter).write_text(
        "edit:\n  - {token: 4, attempt: 1000, of: 0, strength: 0.5, traits: {Headwear: crown}}\n"
        "keep:\n  4: {attempt: 1000}\n"
    )
    with pytest.raises(CollectionError, match="the count of Headwear: crown would be 2, not 1"):
        build(sitter, Options(until="render"), silent)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Headwear": "cap"', '"Headwear": "wig"', '"wig" is no value of Headwear'),
        ('"Headwear": "cap"', '"Hat": "cap"', '"Hat" is no trait'),
        ('"token": 4, "attempt": 1000, "of": 0', '"token": 4, "attempt": 1000, "of": 1000', "1000"),
        ('"token": 4, "attempt": 1000', '"token": 4, "attempt": 1001', "attempt 1000 of token 4"),
    ],
)
def test_hostile_lines_are_errors_and_no_tracebacks(
    sitter: Path, crowned: Path, old: str, new: str, message: str
) -> None:
    shutil.copy(decisions_path(crowned), decisions_path(sitter))
    shutil.copytree(crowned.parent / "masks", sitter.parent / "masks")
    edit(decisions_path(sitter), old, new)
    with pytest.raises(CollectionError, match=message):
        build(sitter, Options(until="render"), silent)


def test_traits_are_parsed_as_typed() -> None:
    assert parsed_traits(["Headwear=crown", " Eyes ", "Mouth = open=wide"]) == {
        "Headwear": "crown", "Eyes": None, "Mouth": "open=wide",
    }  # fmt: skip
    with pytest.raises(CollectionError, match='"Eyes" is named twice'):
        parsed_traits(["Eyes", "Eyes=happy"])


def test_progress_counts_every_picture_once(
    capped: tuple[Path, list[tuple[str, int, int]]],
) -> None:
    _, news = capped
    counts = [done for step, done, total in news if step == "painting" and total == 3]

    assert counts[0] == 0
    assert counts[-1] == 3
    assert all(a <= b for a, b in pairwise(counts))


def test_a_redraw_of_a_retouched_token_is_as_ever(crowned: Path, tmp_path: Path) -> None:
    file = copied(crowned, tmp_path)
    change(file, lambda earlier: earlier.with_decision(Keep(token=4, attempt=0)))
    manifest: Manifest = run(file, until="render")[0]

    assert manifest.tokens[3].attempt == 0
    assert "Headwear" not in manifest.tokens[3].traits


def test_a_decision_about_another_picture_is_no_beginning(sitter: Path) -> None:
    line = "keep:\n  4: {attempt: 0, picture: '000000000000'}\n"
    decisions_path(sitter).write_text(line)
    with open_easel(sitter, lambda *news: None) as easel:
        assert easel.decisions.chosen(4) == 0
        assert easel.holding.chosen(4) is None
        assert not _is_chosen(easel, easel.trial(4))

"""mint vary: a token's picture painted over, as often as wished, and one of them chosen."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.curate.decisions import Keep
from mint.curate.decisions_file import change, read_decisions
from mint.errors import CollectionError, MintError, RenderError
from mint.paint.png import Pixels
from mint.plan.edit import Edit, Parent, Parents
from mint.plan.lineage import lineage
from mint.record.folders import folders_of, read_manifest
from mint.retouch.easel import open_easel
from mint.spec.load import load
from mint.vary.proofs import Proof
from mint.vary.sheet import proof_sheet
from mint.vary.vary import Variations, vary
from tests.builds import painted, run
from tests.commands import mint
from tests.conftest import edit
from tests.vary.conftest import FILE, interrupted, proved_to_a_stranger

News = list[tuple[str, int, int]]


def varied(file: Path, token: int, how: Variations, attempt: int | None = None) -> list[Proof]:
    with open_easel(file, lambda *news: None, masked=False) as easel:
        return vary(easel, token, attempt, how, lambda *news: None)[1]


def counted(file: Path, token: int, how: Variations) -> tuple[list[Proof], int]:
    """Also how many pictures were painted."""
    progress: News = []
    with open_easel(file, lambda *news: None, masked=False) as easel:
        proofs = vary(easel, token, None, how, lambda *news: progress.append(news))[1]
    return proofs, painted(progress)  # type: ignore[arg-type]  # a step is a literal


def pixels(folder: Path, name: str) -> Pixels:
    with Image.open(folder / name) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


def test_variations_are_painted_once_and_none_is_chosen(kin: Path) -> None:
    root = read_manifest(folders_of(kin, load(kin)[0]).manifest).publication
    proofs, number = counted(kin, 3, Variations(number=3))
    assert [proof.edit.attempt for proof in proofs] == [1000, 1001, 1002]
    assert number == 3

    again, number = counted(kin, 3, Variations(number=3))
    assert (again, number) == (proofs, 0)
    more, number = counted(kin, 3, Variations(number=4))
    assert (more[:3], number) == (proofs, 1)
    further, number = counted(kin, 3, Variations(number=2, more=True))
    assert ([p.edit.attempt for p in further], number) == ([1000, 1001, 1002, 1003, 1004, 1005], 2)
    other, number = counted(kin, 3, Variations(0.5, "a gray cat", 1))
    assert ([p.edit.attempt for p in other], number) == ([1006], 1)

    manifest, progress, _ = run(kin, until="publish")
    assert painted(progress) == 0
    assert manifest.publication == root  # none is chosen, so nothing that is published changes


def test_a_build_paints_no_variation_that_nobody_chose(kin: Path) -> None:
    proofs = varied(kin, 1, Variations(number=2))
    for proof in proofs:
        picture = proof.trial.picture.file
        (path,) = kin.parent.glob(f".mint/**/{picture[2:]}")
        path.unlink()
    manifest, progress, _ = run(kin, until="publish")
    assert painted(progress) == 0
    assert not any(token.edits for token in manifest.tokens)


def test_the_more_strength_the_less_is_left(kin: Path) -> None:
    out = folders_of(kin, load(kin)[0]).out
    before = pixels(out / "images", "1.png")
    apart = []
    for strength in (0.1, 0.9):
        (proof,) = varied(kin, 1, Variations(strength, number=1))
        varied_one = pixels(out / "attempts", f"1-{proof.edit.attempt}.png")
        apart.append(np.abs(varied_one - before).mean())
    assert 0 < apart[0] < apart[1]


def test_a_variation_is_chosen_published_and_proved(kin: Path, tmp_path: Path) -> None:
    varied(kin, 3, Variations(number=2))
    mint("keep", str(kin), "3", "--attempt", "1001")
    varied(kin, 3, Variations(number=1))  # goes on with the one that is chosen now
    manifest, progress, _ = run(kin, until="publish")
    assert painted(progress) == 0
    token = manifest.tokens[2]
    assert (token.attempt, [edit.of for edit in token.edits]) == (1001, [0])

    out = folders_of(kin, load(kin)[0]).out
    document = json.loads((out / "metadata" / "3.json").read_bytes())
    assert document["mint"]["edits"] == [{"attempt": 1001, "of": 0, "strength": 0.8}]
    names = sorted(path.name for path in (out / "attempts").iterdir())
    assert [name for name in names if name[:2] == "3-"] == ["3-0.png", "3-1000.png", "3-1002.png"]
    page = (out / "report" / "index.html").read_text()
    assert '"edited":"variation of attempt 0, strength 0.8"' in page
    assert "variation of attempt 1001, strength 0.8" in page
    claimed, lines = proved_to_a_stranger(kin, tmp_path)
    assert claimed.tokens[2].edits == token.edits
    assert "token 3 painted again: every pixel is equal" in lines


def test_what_is_taken_back_leaves_the_build_as_it_was(kin: Path) -> None:
    before, _, _ = run(kin, until="publish")
    (proof,) = varied(kin, 1, Variations(number=1))
    change(kin, lambda d: d.with_decision(Keep(token=1, attempt=proof.edit.attempt)))
    run(kin, until="publish")
    (kin.parent / "decisions.yaml").unlink()
    after, progress, _ = run(kin, until="publish")
    assert (after, painted(progress)) == (before, 0)


def test_what_is_stopped_writes_no_half_a_list_and_goes_on(kin: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        open_easel(kin, lambda *n: None, masked=False, open_renderer=interrupted(2)) as easel,
    ):
        vary(easel, 2, None, Variations(number=3), lambda *news: None)
    assert not (kin.parent / "decisions.yaml").exists()
    proofs, number = counted(kin, 2, Variations(number=3))
    assert len(proofs) == 3
    assert 1 <= number < 3


def test_the_command(kin: Path) -> None:
    done = mint("vary", str(kin), "--token", "1", "--count", "2", "--subtle")
    assert "attempt 1000  variation of attempt 0, strength 0.5; " in done.stdout
    assert "of 2 traits seen" in done.stdout
    sheet = kin.parent / "build" / "kin" / "vary" / "1.png"
    with Image.open(sheet) as opened:
        assert opened.size == (2 * 320, 2 * 346)
    assert "mint keep" in done.stderr
    mint("vary", str(kin), "--token", "1", "--count", "1", "--strength", "0.3")
    with Image.open(sheet) as opened:  # with those that were there
        assert opened.size == (2 * 320, 2 * 346)
        assert np.asarray(opened.crop((320, 346, 640, 640))).std() > 1  # the fourth cell
    assert "warning" not in done.stderr
    panda = ("--count", "1", "--prompt", "a white panda")
    lines = mint("vary", str(kin), "--token", "1", *panda).stderr.splitlines()
    (warned,) = (i for i, line in enumerate(lines) if line.startswith("warning: --prompt: "))
    assert 'the model has never seen "panda", of "a white panda"; ' in lines[warned]
    assert warned < next(i for i, line in enumerate(lines) if line.startswith("painting"))
    mint("vary", str(kin), "--token", "1", "--subtle", "--strong", code=2)
    unknown = mint("vary", str(kin), "--token", "9", code=1).stderr
    assert "there is no token 9" in unknown
    assert "loading" not in unknown  # nobody waits for a model to hear of it
    never = mint("vary", str(kin), "--token", "1", "--attempt", "7", code=1).stderr
    assert "attempt 7 of token 1 is not painted" in never


def test_a_picture_of_another_runtime_is_painted_over_by_none_but_that(
    kin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    varied(kin, 3, Variations(number=1))
    mint("keep", str(kin), "3", "--attempt", "1000")
    first = run(kin, until="publish")[0].tokens
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")
    assert run(kin, until="publish", on_runtime="mixed")[0].tokens == first

    with pytest.raises(
        RenderError, match=r"the picture of token 1 that .* another machine"
    ) as caught:
        varied(kin, 1, Variations(number=1))
    assert "redraw that token" in caught.value.hint
    lost = first[2].image.file
    next(kin.parent.glob(f".mint/**/{lost[2:]}")).unlink()
    with pytest.raises(RenderError, match=r"the picture of token 3 that .* another machine"):
        run(kin, until="publish")

    kin.with_name("decisions.yaml").write_text("redraw:\n  - {token: 1, after: 0}\n")
    again = run(kin, until="publish")[0]
    (proof,) = varied(kin, 1, Variations(number=1))
    assert proof.trial.candidate.recipe.runtime == again.tokens[0].recipe.runtime
    assert again.runtimes[again.tokens[0].recipe.runtime].libraries["torch"] == "0.0.1"


def test_before_the_first_build_there_is_nothing_to_vary(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"
    file.write_text(FILE)
    for name, *rest in (("vary", "--token", "1"), ("banner",), ("retouch", "--token", "1")):
        refused = mint(name, str(file), *rest, code=1).stderr
        assert "nothing is built yet" in refused
        assert f"mint build {file} --until render" in refused


def test_a_model_that_cannot_is_named_where_the_file_names_it(tmp_path: Path) -> None:
    text = FILE.replace("  steps: 2\n  width: 64\n  height: 64\n", "  model: atelier-gan\n")
    file = tmp_path / "collection.yaml"
    file.write_text(text)
    run(file, until="publish")
    for arguments in (("vary", str(file), "--token", "1"), ("blend", str(file), "1", "2")):
        refused = mint(*arguments, code=1).stderr
        assert "collection.yaml:8:10: this model paints in one pass" in refused


def test_the_last_number_is_said(kin: Path) -> None:
    line = "edit:\n  - {token: 1, attempt: 9998, of: 0, strength: 0.5}\n"
    (kin.parent / "decisions.yaml").write_text(line)
    with pytest.raises(CollectionError, match="cannot have 3 edits more"):
        varied(kin, 1, Variations(number=3))
    assert len(read_decisions(kin).decisions.edit) == 1


def test_a_broken_line_that_nobody_chose_ends_no_build(kin: Path) -> None:
    line = "edit:\n  - {token: 1, attempt: 1000, of: 0, strength: 0.5, traits: {Hat: crown}}\n"
    (kin.parent / "decisions.yaml").write_text(line)
    run(kin, until="publish")
    (kin.parent / "decisions.yaml").write_text(line + "keep:\n  1: {attempt: 1000}\n")
    with pytest.raises(MintError, match='"Hat" is no trait of the file'):
        run(kin, until="publish")


def test_what_an_edit_is_in_words() -> None:
    edit = Edit(attempt=1000, of=2, strength=0.5, prompt="a cat")
    assert lineage(edit) == 'variation of attempt 2, strength 0.5, as "a cat"'
    traits = edit.model_copy(update={"prompt": None, "traits": {"Hat": "cap"}})
    assert lineage(traits) == "retouching of attempt 2, strength 0.5, with Hat: cap"
    parents = Parents(
        first=Parent(token=3, attempt=0), second=Parent(token=7, attempt=2), share=0.4
    )
    mixed = edit.model_copy(update={"blend": parents})
    assert lineage(mixed) == "blend of token 3 and token 7 (attempt 2), share 0.4"


def test_a_sheet_has_every_picture_and_its_words() -> None:
    def png(colour: str) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", (32, 64), colour).save(file, "PNG")
        return file.getvalue()

    sheet = Image.open(io.BytesIO(proof_sheet([("one", png("red")), ("two", png("blue"))])))
    assert sheet.size == (2 * 160, 346)
    assert sheet.getpixel((80, 100)) == (255, 0, 0)
    assert sheet.getpixel((240, 100)) == (0, 0, 255)
    words = np.asarray(sheet.convert("L"))[320:]
    assert (words[:, :160] < 128).any()
    assert (words[:, 160:] < 128).any()


def test_a_redraw_of_a_variation_paints_anew_and_takes_no_other_variation(kin: Path) -> None:
    varied(kin, 3, Variations(number=2))
    mint("keep", str(kin), "3", "--attempt", "1000")
    run(kin, until="publish")

    said = mint("redraw", str(kin), "3").stdout
    manifest, _, _ = run(kin, until="publish")

    assert said == "token 3: painted again, from attempt 1 on\n"
    assert (manifest.tokens[2].attempt, manifest.tokens[2].edits) == (1, ())
    assert "obeyed decisions of the artist about single pictures: 1" in (
        mint("verify", str(kin), "--sample", "0").stdout
    )
    checked = mint("check", str(kin)).stdout
    assert "on record   3 of 3 pictures stay, 0 to paint" in checked
    assert "decided" not in checked


def test_check_reads_what_was_decided(kin: Path) -> None:
    varied(kin, 3, Variations(number=1))
    mint("keep", str(kin), "3", "--attempt", "1000")
    run(kin, until="publish")
    assert "on record   3 of 3 pictures stay" in mint("check", str(kin)).stdout
    edit(kin, "seed: 4\n", "seed: 5\n")

    assert "decided     keep 3: other pictures are painted there now" in (
        mint("check", str(kin)).stdout
    )
    lines = kin.with_name("decisions.yaml")
    lines.write_text("keep:\n  3: {attempt: 1000}\n")
    refused = mint("check", str(kin), code=1).stderr
    assert "decisions.yaml:2:3: attempt 1000 of token 3 is an edit, and" in refused


@pytest.mark.parametrize("other", [1000, 1001])
def test_edits_that_go_in_a_circle_end_in_an_error(kin: Path, other: int) -> None:
    lines = ["redraw:", "  - {token: 3, after: 1000}", "edit:"]
    lines += [f"  - {{token: 3, attempt: {n}, of: {m}, strength: 0.5}}"
              for n, m in ((1000, other), (1001, 1000))]  # fmt: skip
    kin.with_name("decisions.yaml").write_text("\n".join(lines) + "\n")

    for command in ("check", "build"):
        refused = mint(command, str(kin), code=1).stderr
        assert "of token 3 is an edit, and decisions.yaml does not say which one" in refused

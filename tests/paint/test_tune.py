"""A LoRA of one's own: it changes pictures, goes on where it was stopped, and says whence it is."""

from __future__ import annotations

import io
import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.build import Options, build
from mint.cli.tune import _settings
from mint.errors import CollectionError, MintError, RenderError
from mint.models.runtime import runtime
from mint.models.tuning import tuning_of
from mint.models.weights import Files, Model, shapes
from mint.paint.png import Pixels
from mint.paint.render import diffusers_renderer
from mint.paint.tune.learn import factor
from mint.paint.tune.page import Row
from mint.paint.tune.pictures import read_pictures
from mint.paint.tune.prior import own_prompts, read_prompts
from mint.paint.tune.samples import sheet
from mint.paint.tune.tune import Learned, Request, tune
from mint.plan.recipe import Recipe, painting
from mint.spec.collection import ATELIER, EMBEDDED
from mint.spec.consent import read_consent
from mint.verify.verify import prove
from tests.commands import mint_here
from tests.killed_builds import FORK_SERVER
from tests.lessons import CONSENT, doomed_tune, lessons, request

Family = Callable[[str], Path]
COLLECTION = """\
truth: {judge: off}
name: Owls
symbol: OWL
description: Two owls.
supply: 2
seed: 1
image:
  prompt: a {Body} owl
  steps: 2
  scheduler: dpm++
  width: 64
  height: 64
  adapters:
    - {file: mine.safetensors, consent: CONSENT}
traits:
  Body: {blue: 1, gray: 1}
"""


def learn(wish: Request) -> tuple[Learned, list[tuple[str, int]]]:
    """The LoRA, and what was heard of the way to it."""
    news: list[tuple[str, int]] = []
    learned = tune(wish, lambda step, done, total: news.append((step, done)), lambda line: None)
    return learned, news


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lessons(tmp_path_factory.mktemp("lessons") / "owls")


@pytest.fixture(scope="module")
def wish(family: Family, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Request:
    """To be learned by a tiny Stable Diffusion, which is to keep two prompts as they are."""
    home = tmp_path_factory.mktemp("tuned")
    (home / "keep.txt").write_text("a red fox\n\na green fox\n")
    return request(pictures, family("sd"), home / "collection.yaml", keep=home / "keep.txt")


@pytest.fixture(scope="module")
def learned(wish: Request) -> Learned:
    return learn(wish)[0]


def painted(folder: Path, wish: Request, *files: Path) -> Pixels:
    here = runtime("0" * 64, device="cpu", threads=1, dtype="float32")
    how = painting(wish.image)
    model = Model(folder, "0" * 64, Files(adapters=tuple((file, 1.0) for file in files)))
    recipe = Recipe(prompt="a blue owl", negative_prompt="", seed=1, diffusion=how, runtime="x")
    return diffusers_renderer(model, how, here)([recipe])[0]


def test_the_file_changes_pictures_and_says_how_it_was_learned(
    family: Family, wish: Request, learned: Learned
) -> None:
    before, after = painted(family("sd"), wish), painted(family("sd"), wish, learned.file)
    tuning = tuning_of(learned.file)

    assert not np.array_equal(before, after)
    assert tuning is not None
    assert (tuning.consent, tuning.steps, tuning.seed) == (learned.consent.digest, 30, 0)
    assert [lesson.caption for lesson in tuning.lessons][:1] == ["a blue owl, pattern 0"]
    assert tuning.prior.prompts == ("a red fox", "a green fox")
    assert "peft" in tuning.runtime.libraries
    html = learned.file.with_suffix(".html").read_text()
    assert html.count("<tr>") == 6  # a heading, and the steps 0, 7, 15, 22, 30
    assert "a blue owl, pattern 3" in html
    with Image.open(learned.file.with_suffix(".png")) as sheet:
        assert sheet.height == 5 * 196 + 4


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(wish: Request, learned: Learned) -> None:
    other = wish.file.parent / "again" / "collection.yaml"
    again = wish._replace(file=other)
    child = FORK_SERVER.Process(target=doomed_tune, args=(again, 27))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not list(other.parent.glob("mine.*ensors"))

    resumed, news = learn(again)

    assert [done for step, done in news if step == "learning"] == [25, 26, 27, 28, 29, 30]
    assert ("painting", 1) not in news  # the model's own pictures are in the store
    assert resumed.file.read_bytes() == learned.file.read_bytes()
    same = learned.file.with_suffix(".html").read_bytes()
    assert resumed.file.with_suffix(".html").read_bytes() == same


def test_what_is_learned_is_not_learned_again_nor_replaced(wish: Request, learned: Learned) -> None:
    known, news = learn(wish)

    assert known.known
    assert known.digest == learned.digest
    assert not news
    scheduler = wish.image.model_copy(update={"scheduler": "ddim"})  # paints other priors
    for other in (wish._replace(seed=1), wish._replace(image=scheduler)):
        with pytest.raises(RenderError, match=r"mine\.safetensors is there already, and was lea"):
            tune(other, lambda *news: None, print)


def test_a_torn_checkpoint_is_as_good_as_none(wish: Request, learned: Learned) -> None:
    copy = Path(shutil.copytree(wish.file.parent, wish.file.parent.with_name("torn")))
    (copy / "mine.safetensors").unlink()
    (checkpoint,) = copy.glob(".mint/tune/*/checkpoint.safetensors")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])

    anew, news = learn(wish._replace(file=copy / "collection.yaml"))

    assert ("learning", 1) in news
    assert anew.file.read_bytes() == learned.file.read_bytes()


def test_sdxl_learns_in_all_layers(family: Family, pictures: Path, tmp_path: Path) -> None:
    wish = request(
        pictures, family("sdxl"), tmp_path / "collection.yaml", steps=2, layers="all", rank=4
    )
    learned, _ = learn(wish)

    assert any("resnets" in name for name in shapes(learned.file))
    before, after = painted(family("sdxl"), wish), painted(family("sdxl"), wish, learned.file)
    assert before.shape == after.shape


@pytest.mark.parametrize("model", ["flux", "lcm", "sd3"])
def test_other_families_are_refused(
    family: Family, pictures: Path, tmp_path: Path, model: str
) -> None:
    with pytest.raises(RenderError, match="is not taught here") as caught:
        learn(request(pictures, family(model), tmp_path / "collection.yaml"))
    assert "StableDiffusionXLPipeline; atelier is one" in caught.value.hint


def test_a_gan_learns_none(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="is a GAN or a VAE, which learns no LoRA"):
        learn(request(pictures, EMBEDDED["atelier-gan"], tmp_path / "collection.yaml"))


def test_without_peft_its_extra_is_named(wish: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)  # as if it were not installed
    with pytest.raises(RenderError, match="peft, which is not installed") as caught:
        learn(wish)
    assert caught.value.hint == 'run pip install "peft>=0.21,<0.22"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("signed: the tests of mint", "signed:", '4:1: "signed" is blank'),
        ("signed: the tests of mint", "signed: TODO", '4:9: "signed" is still to be filled in'),
        ("signed: the tests of mint\n", "", '1:1: "signed" is missing'),
        ("right: own work", "right: mine", '3:8: "right" cannot be "mine"'),
        ("right: own work", "right: licence", '3:8: by "licence", and not by which'),
        ("date: 2026-11-29", "date: 2026-02-30", '5:7: there is no day "2026-02-30"'),
        ("date: 2026-11-29", "date: 29.11.2026", '5:7: "date" cannot be "29.11.2026"'),
        ("by: the tests of mint", "by: [a, b]", '2:5: "by" cannot be a list'),
        ("by:", "bye:", '2:1: unknown key "bye"'),
        ("pictures:", "pictures: {", "1:11: this { is never closed"),
        (CONSENT, "", "1:1: consent.yaml says nothing"),
    ],
)
def test_consent_is_read_with_line_and_column(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "consent.yaml").write_text(CONSENT.replace(old, new))

    with pytest.raises(CollectionError, match=r"consent\.yaml:\d+:\d+: ") as caught:
        read_consent(tmp_path)

    assert said in str(caught.value)
    assert caught.value.hint


def test_a_folder_that_is_not_there_is_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(CollectionError, match=r"there is no folder .*nodir"):
        read_consent(tmp_path / "nodir")
    with pytest.raises(CollectionError, match="file is no folder"):
        read_consent(tmp_path / "file")


def test_consent_is_missing(pictures: Path, wish: Request, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(pictures, tmp_path / "bare"))
    (bare / "consent.yaml").unlink()

    with pytest.raises(CollectionError, match=r"consent\.yaml is missing: nothing says whose"):
        learn(wish._replace(pictures=bare))


def spoil(picture: Path, kind: str) -> None:
    """Put in place of a picture one of the kinds that nobody should learn from."""
    with Image.open(picture) as opened:
        pixels = opened.convert("RGB")
    if kind == "tiny":
        pixels.resize((20, 20)).save(picture)
    elif kind == "animated":
        other = pixels.transpose(Image.Transpose.ROTATE_90)
        pixels.save(picture, save_all=True, append_images=[other])
    elif kind == "CMYK":
        pixels.convert("CMYK").save(picture.with_suffix(".jpg"))
        picture.unlink()
    elif kind == "damaged":
        picture.write_bytes(picture.read_bytes()[:60])
    elif kind == "code":
        picture.write_bytes(b"#!/bin/sh\nexit\n")
        picture.with_suffix(".txt").unlink()  # what is no picture needs no caption
    elif kind == "huge":
        Image.new("1", (8000, 8000)).save(picture)
    elif kind == "twin":
        shutil.copy(picture, picture.with_name("9.png"))
        picture.with_name("9.txt").write_text("the same")
    elif kind == "wordless":
        picture.with_suffix(".txt").unlink()
    elif kind == "blank":
        picture.with_suffix(".txt").write_text(" \n")
    elif kind == "binary":
        picture.with_suffix(".txt").write_bytes(b"\xff\xfe\x00owl")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("tiny", "2.png is 20 x 20 pixels; the model learns 64 x 64"),
        ("animated", "2.png is animated"),
        ("CMYK", "2.jpg is in CMYK"),
        ("damaged", "2.png cannot be opened"),
        ("code", "2.png cannot be opened"),
        ("huge", "2.png has more than 50 million pixels"),
        ("twin", "2.png and 9.png are the same picture"),
        ("wordless", "2.png has no caption"),
        ("blank", "2.txt says nothing"),
        ("binary", "2.txt cannot be read"),
    ],
)
def test_unfit_pictures_are_named(pictures: Path, tmp_path: Path, kind: str, said: str) -> None:
    folder = Path(shutil.copytree(pictures, tmp_path / "owls"))
    spoil(folder / "2.png", kind)

    with pytest.raises(RenderError) as caught:
        read_pictures(folder, 64, 64)

    assert said in str(caught.value)
    assert caught.value.hint


def test_a_caption_beyond_what_the_model_reads(pictures: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(pictures, tmp_path / "owls"))
    (folder / "1.txt").write_text("a blue fox, " * 20)

    with pytest.raises(RenderError, match=r"caption of 1\.png has \d+ places, the model reads 32"):
        learn(request(folder, Path("atelier"), tmp_path / "collection.yaml"))


def test_pictures_are_turned_cut_and_laid_on_white(pictures: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(pictures, tmp_path / "owls"))
    wide = Image.new("RGB", (128, 64), "blue")
    wide.paste("yellow", (32, 0, 96, 64))
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera lay on its side
    wide.transpose(Image.Transpose.ROTATE_90).save(folder / "0.png", exif=turned)
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(folder / "1.png")
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (64, 1))
    Image.fromarray(ramp).save(folder / "2.png")  # as a scanner saves greys

    first, second, third, *_ = read_pictures(folder, 64, 64)

    assert (first.pixels == (255, 255, 0)).all()  # upright, its blue ends are cut off
    assert (second.pixels == 255).all()
    assert len(np.unique(third.pixels)) > 50


@pytest.mark.parametrize("count", [3, 101])
def test_too_few_or_too_many_pictures(tmp_path: Path, count: int) -> None:
    folder = lessons(tmp_path / "owls", count, side=8)
    with pytest.raises(RenderError, match=f"has {count} pictures"):
        read_pictures(folder, 8, 8)


def test_a_model_keeps_its_own_words_those_of_the_captions_first() -> None:
    captions = ["a pink owl, starry eyes, crown, navy plain background"]
    prompts = own_prompts(ATELIER / "pipeline", 32, 0, captions)

    portraits = [prompt for prompt in prompts if "eyes" in prompt]
    assert len(portraits) == 16 == len({*portraits})
    species = {word for prompt in portraits for word in prompt.split(",")[0].split()}
    assert {"fox", "cat", "bear", "rabbit", "robot", "frog", "dog", "dragon"} <= species
    assert not any("{" in prompt for prompt in prompts)
    assert prompts != own_prompts(ATELIER / "pipeline", 32, 1, captions)


def test_prompts_to_keep_that_are_none(tmp_path: Path) -> None:
    for data in (b"", b"\xff\xfe", b"word " * 1000):
        (tmp_path / "keep.txt").write_bytes(data)
        with pytest.raises(RenderError):
            read_prompts(tmp_path / "keep.txt")


def test_the_rate_rises_stays_and_falls() -> None:
    rates = [factor(step, 100) for step in range(100)]

    assert rates[0] == pytest.approx(0.2)
    assert rates[5] == rates[60] == 1
    assert rates[-1] == pytest.approx(0.025)


@pytest.fixture(scope="module")
def owls(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection that names a LoRA of atelier's and its consent, built."""
    file = tmp_path_factory.mktemp("owls") / "collection.yaml"
    wish = request(pictures, Path("atelier"), file, steps=2, own=1)
    learned = tune(wish, lambda *news: None, lambda line: None)
    file.write_text(COLLECTION.replace("CONSENT", learned.consent.digest))
    build(file, Options(until="publish"), lambda *news: None)
    return file


def test_verify_says_which_lora_painted_and_by_what_right(owls: Path) -> None:
    digest = read_consent_of(owls)
    sentences = [str(s) for s in prove(str(owls), sample=1, network=None, environ={})]

    (said,) = (s for s in sentences if s.startswith("mine.safetensors is the LoRA that painted"))
    assert said.endswith(f"learned under the consent {digest}")
    assert sum("every pixel is equal" in s for s in sentences) == 1


def read_consent_of(collection: Path) -> str:
    tuning = tuning_of(collection.parent / "mine.safetensors")
    assert tuning is not None
    return tuning.consent


def test_another_consent_is_refused_at_its_place(owls: Path, tmp_path: Path) -> None:
    home = tmp_path / "owls"
    home.mkdir()
    shutil.copy(owls.parent / "mine.safetensors", home)
    file = home / "collection.yaml"
    file.write_text(COLLECTION.replace("CONSENT", "0" * 64))

    with pytest.raises(CollectionError) as caught:
        build(file, Options(until="render"), lambda *news: None)

    assert f"{file}:14:41: mine.safetensors was learned under the consent" in str(caught.value)
    file.write_text(COLLECTION.replace("CONSENT", "abc"))
    assert "a SHA-256 has 64 digits, this has 3" in mint_here("check", str(file), code=1).stderr


def test_the_command_prints_what_to_write(wish: Request, learned: Learned) -> None:
    file = wish.file
    file.write_text(
        COLLECTION.replace("  adapters:\n    - {file: mine.safetensors, consent: CONSENT}\n", "")
        .replace("  prompt:", f"  model: {wish.image.model}\n  prompt:")
        .replace("  scheduler: dpm++\n", "")
    )
    options = [
        *("--name", "mine", "--collection", str(file), "--steps", "30", "--rate", "0.01"),
        *("--own", "2", "--threads", "1", "--keep", str(wish.keep)),
    ]
    done = mint_here("tune", str(wish.pictures), *options)

    line = f"    - {{file: mine.safetensors, scale: 1, consent: {learned.consent.digest}}}"
    assert line in done.stdout.splitlines()
    assert "licence" in done.stdout
    assert "it was learned before; nothing was done" in done.stderr
    with pytest.raises(MintError, match="both name a model"):
        raise_from("tune", str(wish.pictures), *options, "--model", "atelier")


def raise_from(*arguments: str) -> None:
    """The error of a command, as an exception."""
    raise MintError(mint_here(*arguments, code=1).stderr)


def test_a_folder_learns_at_the_size_that_it_paints(family: Family, tmp_path: Path) -> None:
    folder = family("sd")
    settings, _ = _settings(None, str(folder))
    unet = json.loads((folder / "unet" / "config.json").read_text())
    vae = json.loads((folder / "vae" / "config.json").read_text())
    side = unet["sample_size"] * 2 ** (len(vae["block_out_channels"]) - 1)
    assert (settings.width, settings.height) == ((side, side) if side >= 64 else (256, 256))
    other = Path(shutil.copytree(folder, tmp_path / "large"))
    (other / "unet" / "config.json").unlink()
    (other / "unet" / "config.json").write_text(json.dumps(unet | {"sample_size": 96}))
    settings, _ = _settings(None, str(other))
    assert settings.width == settings.height == 96 * 2 ** (len(vae["block_out_channels"]) - 1)


def test_a_sheet_squashes_no_sample() -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 128), "red").save(file, "PNG")
    whole = np.asarray(Image.open(io.BytesIO(sheet([Row(0, (file.getvalue(),))]))))
    rows, columns = np.nonzero((whole == (255, 0, 0)).all(axis=2))
    assert np.ptp(rows) + 1 == 2 * (np.ptp(columns) + 1)

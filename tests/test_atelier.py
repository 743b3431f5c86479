"""scripts/atelier: the art, its words, and the commands that train the models inside mint."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mint.models.embedder import clip_embedder
from mint.models.runtime import runtime
from mint.models.upscaler import Compact, compact
from mint.models.vocabulary import read_vocabulary, readers, split
from mint.models.weights import Model
from mint.paint.render import open_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.collection import ATELIER

SCRIPTS = Path(__file__).parents[1] / "scripts" / "atelier"
THEMES = ("characters", "landscapes", "botanicals")


@pytest.fixture(scope="module", autouse=True)
def _path() -> Iterator[None]:
    """The scripts import each other by name, as Python has it for a script's own folder."""
    before = set(sys.modules)
    sys.path.insert(0, str(SCRIPTS))
    yield
    sys.path.remove(str(SCRIPTS))
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", "") and "scripts/atelier" in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


def command(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: object) -> None:
    """Run a script's main() with these arguments."""
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    import_module(name).main()


@pytest.mark.parametrize("theme", THEMES)
def test_every_value_of_every_trait_is_drawn_its_own_way(theme: str) -> None:
    art = import_module("art")
    module = art.THEMES[theme]
    base = {group: values[0] for group, values in module.TRAITS.items()}
    for group, values in module.TRAITS.items():
        seen = {art.render(theme, base | {group: value}, 7, 32).tobytes() for value in values}
        assert len(seen) == len(values), group


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_is_its_traits_and_its_seed(theme: str) -> None:
    art = import_module("art")
    traits = art.sample(theme, Random(3))
    first = art.render(theme, traits, 11, 64)
    art.render(theme, art.sample(theme, Random(4)), 12, 96)
    assert first.shape == (64, 64, 3)
    assert first.tobytes() == art.render(theme, traits, 11, 64).tobytes()
    other = art.render(theme, traits, 12, 64)
    # Another seed is another picture, not another noise: it differs by more than a few levels.
    assert np.abs(first.astype(int) - other).mean() > 2


@pytest.mark.parametrize("theme", THEMES)
def test_one_combination_in_sixteen_is_held_out(theme: str) -> None:
    art = import_module("art")
    random = Random(0)
    held = sum(art.held_out(theme, art.sample(theme, random)) for _ in range(4000))
    assert 180 < held < 320  # 250 expected; 4.5 standard deviations


@pytest.mark.parametrize("theme", THEMES)
def test_a_caption_says_every_trait_and_fits_the_window(theme: str) -> None:
    art, tokenizer = import_module("art"), import_module("tokenizer")
    words = tokenizer.build()
    random = Random(1)
    for _ in range(300):
        traits = art.sample(theme, random)
        plain, varied = art.caption(theme, traits), art.caption(theme, traits, random)
        assert len(words(varied).input_ids) <= tokenizer.WINDOW, varied
        for group, value in traits.items():
            said = art.THEMES[theme].PHRASES[group][value]
            # lily, lilies
            assert any(one.lower().rstrip("y") in varied.lower() for one in said), (varied, value)
        # The canonical wording of one value is never that of another.
        for group, value in traits.items():
            others = [v for v in art.THEMES[theme].TRAITS[group] if v != value]
            assert all(plain != art.caption(theme, traits | {group: other}) for other in others)


def test_the_list_of_what_the_painter_knows_is_what_its_captions_say() -> None:
    pytest.importorskip("skia", reason="no skia-python: `scripts/test` installs it")
    vocabulary = import_module("vocabulary").vocabulary()
    shipped = json.loads((ATELIER / "pipeline" / "vocabulary.json").read_bytes())

    assert shipped == vocabulary, "run scripts/atelier/vocabulary.py"


@pytest.mark.parametrize("theme", THEMES)
def test_every_caption_is_known_to_the_list_and_means_its_traits(theme: str) -> None:
    art = import_module("art")
    vocabulary = read_vocabulary(ATELIER / "pipeline")
    assert vocabulary is not None
    reader, random = readers(vocabulary)[theme], Random(2)
    for _ in range(400):
        traits = art.sample(theme, random)
        for caption in (art.caption(theme, traits), art.caption(theme, traits, random)):
            pieces = reader.pieces([word for word, _ in split(caption)])
            assert all(piece.senses is not None for piece in pieces), caption
            senses = {sense for piece in pieces for sense in piece.senses or ()}
            assert set(traits.items()) <= senses, caption


def test_words_are_single_tokens_and_ids_never_change() -> None:
    build = import_module("tokenizer").build
    words, again = build(), build()
    assert words.get_vocab() == again.get_vocab()
    for word in ("fox", "sunburst", "headphones", "lighthouse", "sunflower", "wizard"):
        assert len(words(word).input_ids) == 3  # its ends and itself
    # Words nobody foresaw are spelled, not lost.
    unknown = words.unk_token_id
    assert unknown not in words("kangaroo").input_ids[1:-1]


def test_data_never_holds_a_held_out_combination_and_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    art, data = import_module("art"), import_module("data")
    monkeypatch.setattr(data, "PART", 4)
    options = ("--count", 10, "--repeat", 2, "--size", 32, "--processes", 1)
    command(monkeypatch, "data", tmp_path / "whole", *options)
    told = json.loads((tmp_path / "whole" / "traits.json").read_text())
    assert len(told) == 10
    assert told[0] == told[1] != told[2]
    assert not any(art.held_out(*one) for one in told)
    whole = np.load(tmp_path / "whole" / "images.npy")
    assert (whole[0] != whole[1]).any()
    # A part that a killed run left is not drawn again: black stays black.
    (tmp_path / "half" / "parts").mkdir(parents=True)
    np.save(tmp_path / "half" / "parts" / "0000004.npy", np.zeros((4, 32, 32, 3), np.uint8))
    command(monkeypatch, "data", tmp_path / "half", *options)
    half = np.load(tmp_path / "half" / "images.npy")
    assert not half[4:8].any()
    assert (half[[0, 1, 2, 3, 8, 9]] == whole[[0, 1, 2, 3, 8, 9]]).all()
    command(monkeypatch, "data", tmp_path / "held", "--held-out", *options)
    assert all(
        art.held_out(*one) for one in json.loads((tmp_path / "held/traits.json").read_text())
    )


def test_a_killed_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    import torch

    training = import_module("training")

    def run(out: Path, *, killed_at: int | None = None) -> dict[str, Any]:
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 1)

        def loss(step: int) -> dict[str, Any]:
            if step == killed_at:
                raise KeyboardInterrupt
            x = torch.randn(8, 4)
            return {"loss": (model(x) - x.sum(1, keepdim=True)).square().mean()}

        training.train(
            out, {"model": model}, loss, steps=9, lr=0.1, ema=0.9, save=lambda: None, every=3
        )
        return {name: value.clone() for name, value in model.state_dict().items()}

    straight = run(tmp_path / "straight")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", killed_at=5)
    resumed = run(tmp_path / "killed")
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_the_log_has_each_step_once_however_often_it_was_done(tmp_path: Path) -> None:
    import torch

    training = import_module("training")

    def run(killed_at: int | None) -> None:
        model = torch.nn.Linear(1, 1)

        def loss(step: int) -> dict[str, Any]:
            if step == killed_at:
                raise KeyboardInterrupt
            return {"loss": model(torch.ones(1)).square().mean(), "mean": torch.tensor(float(step))}

        training.train(
            tmp_path, {"model": model}, loss, steps=110, lr=0.1, save=lambda: None, every=45
        )

    for killed_at in (60, 105):
        with pytest.raises(KeyboardInterrupt):
            run(killed_at)
    run(None)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    # Steps 45 to 49, 90 to 99, 100 to 109: the checkpoints were at 45 and 90.
    assert [line["step"] for line in lines] == [50, 100, 110]
    assert [line["mean"] for line in lines] == [47, 94.5, 104.5]


def test_scores_agree_with_their_definitions() -> None:
    measures = import_module("measures")
    random = np.random.default_rng(0)
    positives, negatives = random.normal(1, 1, 40).round(1), random.normal(0, 1, 60).round(1)
    pairs = positives[:, None] - negatives
    assert measures.roc_auc(positives, negatives) == pytest.approx(
        ((pairs > 0) + 0.5 * (pairs == 0)).mean()
    )
    # 0.9 parts all four of one side from three of the other's four.
    assert measures.best_threshold(
        np.array([0.9, 0.92, 0.95, 1.0]), np.array([0.1, 0.5, 0.8, 0.93])
    ) == {"cosine": 0.9, "duplicates_missed": 0.0, "different_called_duplicate": 0.25}
    assert measures.vendi(np.ones((7, 3))) == pytest.approx(1)
    assert measures.vendi(np.eye(7)) == pytest.approx(7)
    assert measures.vendi(np.repeat(np.eye(3), 5, 0)) == pytest.approx(3)
    assert measures.psnr(0.01) == pytest.approx(20)


def test_an_edge_is_as_wide_as_it_is_blurred() -> None:
    width = import_module("measures").edge_width
    for pixels in (4, 8):
        ramp = np.clip((np.arange(64) - 28) * 200 / pixels, 0, 200)
        picture = np.tile(ramp[None, :, None], (64, 1, 3)).astype(np.uint8)
        assert width(picture) == pytest.approx(pixels, rel=0.1)
    step = np.zeros((64, 64, 3), np.uint8)
    step[:, 30:] = 200
    assert width(step) == pytest.approx(2)
    assert np.isnan(width(np.full((64, 64, 3), 7, np.uint8)))


def test_the_distance_of_two_sets_is_nought_for_one_source_and_grows() -> None:
    kid = import_module("measures").kid
    random = np.random.default_rng(0)
    real, other = random.normal(size=(2, 400, 8))
    found = [kid(other + shift, real, 100)["mean"] for shift in (0, 0.5, 1)]
    assert abs(found[0]) < 0.05
    assert found[0] + 0.1 < found[1] < found[2] - 0.1


def test_a_duplicate_is_the_same_picture_a_little_changed() -> None:
    art, measures = import_module("art"), import_module("measures")
    picture = art.render("characters", art.sample("characters", Random(1)), 5, 256)
    for kind, edit in measures.EDITS.items():
        for number in range(4):
            edited = edit(picture, number)
            assert edited.shape == picture.shape
            assert 0 < np.abs(edited.astype(int) - picture).mean() < 16, (kind, number)


def test_the_loss_looks_where_a_trait_shows() -> None:
    """Two values told apart by one place in 16: that place gets the weight, the rest its floor."""
    import torch

    telling = import_module("places").telling
    torch.manual_seed(0)
    latents = torch.randn(400, 3, 4, 4)
    latents[::2, :, 1, 2] += 4
    weights = telling(latents, [{"eyes": "happy"}, {"eyes": "sleepy"}] * 200)
    assert weights.shape == (1, 4, 4)
    assert weights[0, 1, 2] > 10
    weights[0, 1, 2] = 0.5
    assert torch.equal(weights, torch.full((1, 4, 4), 0.5))


def test_roaming_sees_what_stands_now_here_now_there() -> None:
    import torch

    roaming = import_module("places").roaming
    torch.manual_seed(0)
    latents = torch.randn(800, 3, 4, 4)
    for i in range(0, 800, 2):  # up and down by turns, at one of two places: no mean moves
        latents[i, :, 1, 1 + i % 4 // 2] += 3 * (-1) ** (i // 4)
    weights = roaming(latents, ["balloon", "clear"] * 400)
    assert weights.shape == (1, 4, 4)
    assert weights[0, 1, 1] > 5
    assert weights[0, 1, 2] > 5
    assert abs(weights.mean() - 1) < 1e-5
    assert roaming(torch.randn(800, 3, 4, 4), ["same"] * 800).eq(1).all()


def test_a_painter_made_wider_paints_the_same() -> None:
    import torch

    torch.manual_seed(0)
    narrow = import_module("diffusion").denoiser([16, 32, 48], 8, 1)
    inputs = torch.randn(2, 8, 16, 16), torch.tensor([30, 900]), torch.randn(2, 5, 128)
    for times, most in ([2, 2, 2], 1e-9), ([1, 1, 2], 0.1), ([3, 1, 1], 0.1):  # others differ by 2
        wide = import_module("widen").widened(narrow, times)
        channels = [16 * times[0], 32 * times[1], 48 * times[2]]
        assert wide.config.block_out_channels == channels
        with torch.no_grad():
            before, after = narrow(*inputs).sample, wide(*inputs).sample
        # Where a level is normalised with one that is not widened, groups of channels differ.
        assert (before - after).square().mean() / before.square().mean() < most


def draw(folder: Path, count: int, *more: object) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        command(patch, "data", folder, "--count", count, "--processes", 1, *more)
    return folder


def test_two_steps_of_every_command_make_what_the_product_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Autoencoder, painter, reader, judge, enlarger, as small as they get: trained, shipped, used.

    Of the second edition, which has values that captions leave out; the painters in one pass know
    the first one's characters.
    """
    shipped = tmp_path / "shipped"
    drawn = draw(tmp_path / "drawn", 12, "--repeat", 2, "--edition", 2)
    portraits = draw(tmp_path / "portraits", 4, "--themes", "characters")
    large = draw(tmp_path / "large", 10, "--size", 1024, "--themes", "characters")

    def train(name: str, data: Path, *more: object, out: str = "") -> Path:
        folder = tmp_path / (out or name)
        steps = "--steps", 2, "--batch", 2
        command(monkeypatch, name, "--data", data, "--out", folder, *steps, *more)
        return folder

    vae = train("vae", drawn, "--width", 16) / "vae"
    painter = train(
        "diffusion",
        drawn,
        "--vae",
        vae,
        "--channels",
        16,
        32,
        "--share",
        "characters=2",
        "--mind",
        "sky=2",
        "--muon",
    )
    painter /= "pipeline"
    clip = train("clip", drawn, "--width", 32, "--layers", 1, "--held-out", drawn) / "clip"
    judge = train("judge", drawn, "--held-out", drawn)
    command(
        monkeypatch, "evaluate", painter, "--clip", clip, "--judge", judge, "--held-out", drawn,
        "--out", tmp_path / "figures", "--count", 2, "--steps", 1, "--sets", 1, "--seeds", 2,
        "--only", "vae,clip,adherence,lines,free,duplicates",
    )  # fmt: skip
    figures = json.loads((tmp_path / "figures" / "metrics.json").read_text())
    art = import_module("editions").edition_of(drawn)
    groups = set(art.THEMES["characters"].TRAITS)
    assert groups > set(import_module("art").THEMES["characters"].TRAITS)
    assert set(figures["adherence"]["samples"]) == groups | {"mean"}
    assert set(figures["clip"]["all wordings"]) == groups | {"mean"}
    assert figures["lines"]["side"] == 256
    assert figures["lines"]["renders"] > 1
    assert figures["free"]["of"] == 10
    assert figures["duplicates"]["paintings"]["different, called one"] in (0.0, 0.5, 1.0)
    assert "Zero-shot" in (tmp_path / "figures" / "metrics.md").read_text()
    small = "--vae", vae, "--features", 4, "--hidden", 1
    enlarger = train("upscaler", large, *small)
    x2 = train("upscaler", large, *small, "--scale", 2, out="x2")
    classifier = train("classifier", drawn, "--held-out", drawn) / "judge"
    decoder = train("light_decoder", portraits) / "decoder.safetensors"
    autoencoder = train("vae_painter", portraits, "--decoder", decoder)
    begun = "--decoder", decoder, "--trunk", autoencoder / "trunk.safetensors"
    generator = train("gan", portraits, *begun) / "painter"
    command(
        monkeypatch, "ship", "--pipeline", painter, "--clip", clip,
        "--upscaler", enlarger / "model.safetensors", "--x2", x2 / "model.safetensors",
        "--gan", generator, "--judge", classifier,
        "--vae-painter", autoencoder / "painter", "--out", shipped, "--edition", 2,
    )  # fmt: skip
    words = json.loads((shipped / "pipeline" / "vocabulary.json").read_text())
    assert words == import_module("vocabulary").vocabulary(art)
    labels = json.loads((shipped / "judge" / "config.json").read_text())["label2id"]
    assert {"theme: characters", "characters/headwear colour: none"} <= labels.keys()

    plain = Diffusion(
        model="atelier", steps=2, guidance_scale=3, scheduler="dpm++",
        width=256, height=256, dtype="float32",
    )  # fmt: skip
    here = runtime("0" * 64, device="cpu", threads=1)
    recipe = Recipe(
        prompt="a red fox", negative_prompt="", seed=1, slot=0, diffusion=plain, runtime="x"
    )
    for name in ("gan", "vae", "pipeline"):
        model = Model(shipped / name, here.weights)
        (painted,) = open_renderer(model, plain, here)([recipe])
        assert painted.shape == (256, 256, 3), name
    Image.fromarray(painted).save(tmp_path / "painted.png")
    vectors = clip_embedder(shipped / "clip", 1)([(tmp_path / "painted.png").read_bytes()])
    assert vectors.shape == (1, 128)
    for name, scale in ("model", 4), ("x2", 2):
        assert compact(shipped / "upscaler" / f"{name}.safetensors") == Compact(4, 1, scale)

"""scripts/atelier/second: the second edition of the art, which no shipped model has learned."""

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

from mint.models.vocabulary import Vocabulary, readers, split
from mint.spec.collection import ATELIER

SCRIPTS = Path(__file__).parents[1] / "scripts" / "atelier"
THEMES = ("characters", "landscapes", "botanicals")


@pytest.fixture(scope="module")
def art() -> Iterator[Any]:
    """The scripts import each other by name, as Python has it for a script's own folder."""
    pytest.importorskip("skia", reason="no skia-python: `scripts/test` installs it")
    before = set(sys.modules)
    sys.path.insert(0, str(SCRIPTS))
    yield import_module("second.art")
    sys.path.remove(str(SCRIPTS))
    for name in set(sys.modules) - before:
        if str(SCRIPTS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_themes_are_all_tested(art: Any) -> None:
    assert tuple(art.THEMES) == THEMES


@pytest.mark.parametrize("theme", THEMES)
def test_every_value_of_every_group_is_drawn_its_own_way(art: Any, theme: str) -> None:
    module = art.THEMES[theme]
    plain = {group: module.UNDYED.get(group, ()) for group in module.TRAITS}
    last = {g: [v for v in values if v not in plain[g]][-1] for g, values in module.TRAITS.items()}
    base = module.bound(last, Random(0))
    for group, values in module.TRAITS.items():
        drawn = [value for value in values if value in module.PHRASES[group]]
        seen = {art.render(theme, base | {group: value}, 7, 32).tobytes() for value in drawn}
        assert len(seen) == len(drawn), group


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_is_its_traits_and_its_seed(art: Any, theme: str) -> None:
    traits = art.sample(theme, Random(3))
    first = art.render(theme, traits, 11, 64)
    art.render(theme, art.sample(theme, Random(4)), 12, 96)
    assert first.shape == (64, 64, 3)
    assert first.tobytes() == art.render(theme, traits, 11, 64).tobytes()
    others = [art.render(theme, traits, seed, 64).astype(int) for seed in range(12, 16)]
    assert all(np.abs(other - first).mean() > 4 for other in others)  # another picture


@pytest.mark.parametrize("theme", THEMES)
def test_one_seed_is_one_picture_at_every_size(art: Any, theme: str) -> None:
    for seed in range(3):
        traits = art.sample(theme, Random(seed))
        small, large = (art.render(theme, traits, seed, size).astype(float) for size in (128, 512))
        reduced = large.reshape(128, 4, 128, 4, 3).mean((1, 3))
        assert np.abs(small - reduced).mean() < 1.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_caption_says_every_trait_whatever_its_words(art: Any, theme: str) -> None:
    module, random = art.THEMES[theme], Random(1)
    captions = set()
    for _ in range(200):
        traits = art.sample(theme, random)
        plain, varied = art.caption(theme, traits), art.caption(theme, traits, random)
        captions.add(varied)
        for group, value in traits.items():
            ways = module.PHRASES[group].get(value, ())
            ways += module.SPOKEN.get(group, {}).get(value, ())  # in a sentence, of several
            if value != "none":  # what is not there may go unsaid in a sentence
                assert any(one in varied for one in ways), (varied, group, value)
            assert not ways or any(one in plain for one in ways), (plain, group, value)
    assert len(captions) == 200


@pytest.mark.parametrize("theme", THEMES)
def test_captions_can_be_read_back(art: Any, theme: str) -> None:
    """As `mint check` reads them, by a list of their words."""
    words, module, random = import_module("vocabulary"), art.THEMES[theme], Random(3)
    themes = {theme: words.described(module, art)}
    listed = {"between": sorted(words.between(art)), "themes": themes}
    reader = readers(Vocabulary.model_validate_json(json.dumps(listed)))[theme]
    for _ in range(80):
        traits = art.sample(theme, random)
        caption = art.caption(theme, traits, random)
        pieces = reader.pieces([word for word, _ in split(caption)])
        assert all(piece.senses is not None for piece in pieces), caption
        senses = {sense for piece in pieces for sense in piece.senses or ()}
        assert {(g, v) for g, v in traits.items() if v != "none"} <= senses, caption


@pytest.mark.parametrize("theme", THEMES)
def test_a_colour_stands_before_the_thing_that_has_it(art: Any, theme: str) -> None:
    module, random = art.THEMES[theme], Random(2)
    for _ in range(200):
        traits = art.sample(theme, random)
        said = art.caption(theme, traits, random)
        for thing, undyed in module.UNDYED.items():
            colour = traits[f"{thing} colour"]
            assert (colour == "none") == (traits[thing] in undyed)
            ways = module.PHRASES[thing][traits[thing]]
            assert colour == "none" or any(f"{colour} {way}" in said for way in ways), said


def test_data_draws_the_edition_that_is_asked_for(
    art: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--edition", 2, "--count", 3, "--size", 32, "--processes", 1, "--seed", 4)
    monkeypatch.setattr(sys, "argv", ["data", *map(str, (tmp_path, *options))])
    import_module("data").main()
    drawn = np.load(tmp_path / "images.npy")
    for place, (theme, traits) in enumerate(json.loads((tmp_path / "traits.json").read_text())):
        assert (drawn[place] == art.render(theme, traits, (4 << 32) + place, 32)).all()


def test_a_painter_of_the_second_edition_begins_with_the_words_of_the_first(
    art: Any, tmp_path: Path
) -> None:
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    diffusion, editions = import_module("diffusion"), import_module("editions")
    tokenizer = import_module("tokenizer")
    editions.mark(tmp_path, 2)
    assert editions.edition_of(tmp_path) is art
    assert editions.edition_of(tmp_path / "elsewhere") is import_module("art")
    words = tokenizer.build(art=art)
    text = CLIPTextModel(CLIPTextConfig(**tokenizer.text_settings(words, 128)))

    diffusion.inherit(text, words, ATELIER / "pipeline")

    folder = ATELIER / "pipeline"
    before = CLIPTextModel.from_pretrained(folder / "text_encoder").float().embeddings
    old = CLIPTokenizer.from_pretrained(folder / "tokenizer").get_vocab()
    after, new = text.embeddings, words.get_vocab()
    for word in ("fox</w>", "purple</w>", "waterfall</w>"):
        mine, theirs = after.token_embedding.weight[new[word]], before.token_embedding.weight
        assert torch.equal(mine, theirs[old[word]])
    assert "savanna</w>" in new.keys() - old.keys()
    places, former = after.position_embedding.weight, before.position_embedding.weight
    assert torch.equal(places[: len(former)], former)
    assert torch.equal(places[-1], former[-1])

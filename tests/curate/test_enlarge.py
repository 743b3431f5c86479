"""The enlarging stage over a real store: each accepted picture once, whatever happened between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.curate.enlarge import enlarge, enlarging_here
from mint.curate.token import Token
from mint.document import sha256
from mint.errors import StoreError
from mint.models.upscaler import open_upscaler, upscaler_runtime
from mint.paint.enlarge import Upscale, load_upscaler
from mint.paint.picture import Picture
from mint.paint.png import decode, encode
from mint.plan.recipe import Runtime
from mint.store import Store
from tests import exhibit, memos
from tests.small_models import compact_esrgan

if TYPE_CHECKING:
    from mint.paint.png import Pixels

SIDE, SUPPLY = exhibit.DIFFUSION.width, 5


class PowerCut(Exception):
    """The machine goes off."""


class Studio:
    """A store with painted tokens, and an upscaler that counts its loads and calls."""

    def __init__(self, folder: Path, *, cut: int | None = None, threads: int = 1) -> None:
        self.store = Store(folder / "store")
        self.tokens = [self.painted(i) for i in range(1, SUPPLY + 1)]
        file = compact_esrgan(folder / "a.safetensors", features=4, hidden=1, scale=2)
        self.upscaler = open_upscaler(file)
        weights = sha256(file.read_bytes())
        self.here = upscaler_runtime(self.upscaler, weights, device="cpu", threads=threads)
        self.loads, self.enlarged, self.news, self.cut = 0, 0, list[tuple[str, int, int]](), cut

    def painted(self, token_id: int) -> Token:
        pixels = np.random.default_rng(token_id).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        png = encode(pixels)
        image = Picture(pixels=sha256(pixels.tobytes()), file=self.store.put(png), size=len(png))
        return exhibit.token(token_id, image=image)

    def load(self) -> Upscale:
        upscale = load_upscaler(self.upscaler, self.here)
        self.loads += 1

        def noted(small: Pixels) -> Pixels:
            if self.enlarged == self.cut:
                raise PowerCut
            self.enlarged += 1
            return upscale(small)

        return noted

    def hear(self, *news: str | int) -> None:
        step, done, total = news
        self.news.append((str(step), int(done), int(total)))

    def run(self, *before: Runtime) -> tuple[Token, ...]:
        enlarge_all = enlarging_here(self.store, self.load, self.hear)
        runtimes = [*before, self.here]
        return enlarge(self.store, self.tokens, runtimes, enlarge_all, self.hear)


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Studio, tuple[Token, ...]]:
    studio = Studio(tmp_path)
    return studio, studio.run()


def test_pictures_are_larger_and_say_where_they_come_from(
    finished: tuple[Studio, tuple[Token, ...]],
) -> None:
    studio, tokens = finished

    enlarging = [("enlarging", done, SUPPLY) for done in range(SUPPLY + 1)]
    assert studio.news == [("loading", 0, 1), ("loading", 1, 1), *enlarging]
    for small, token in zip(studio.tokens, tokens, strict=True):
        png = studio.store.get(token.image.file)
        assert png is not None
        assert sha256(decode(png, 2 * SIDE, 2 * SIDE).tobytes()) == token.image.pixels
        assert len(png) == token.image.size
        assert token.enlarged is not None
        assert token.enlarged.painted == small.image.pixels
        assert token.enlarged.runtime == studio.here.digest
        assert token.model_copy(update={"image": small.image, "enlarged": None}) == small


def test_a_second_run_loads_no_model(finished: tuple[Studio, tuple[Token, ...]]) -> None:
    studio, tokens = finished
    again = Studio(studio.store.root.parent)

    assert again.run() == tokens
    assert (again.loads, again.enlarged, again.news) == (0, 0, [])


def test_cut_off_anywhere_it_goes_on(
    finished: tuple[Studio, tuple[Token, ...]], tmp_path: Path
) -> None:
    _, tokens = finished

    for cut in range(SUPPLY):
        first = Studio(tmp_path / str(cut), cut=cut)
        with pytest.raises(PowerCut):
            first.run()
        second = Studio(tmp_path / str(cut))

        assert second.run() == tokens
        # The one that was being encoded is enlarged again.
        assert first.enlarged + second.enlarged <= SUPPLY + 1


@pytest.mark.parametrize("damage", [b"", b"not a picture", None])
def test_a_rotten_picture_is_enlarged_again(
    finished: tuple[Studio, tuple[Token, ...]], damage: bytes | None
) -> None:
    studio, tokens = finished
    path = studio.store.object_path(tokens[3].image.file)
    path.chmod(0o644)
    path.unlink() if damage is None else path.write_bytes(damage)
    again = Studio(studio.store.root.parent)

    assert again.run() == tokens
    assert again.enlarged == 1
    assert again.store.rotten == ([] if damage is None else [tokens[3].image.file])


def test_a_rotten_small_picture_is_painted_again(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    path = studio.store.object_path(studio.tokens[1].image.file)
    path.chmod(0o644)
    path.write_bytes(b"\0" * studio.tokens[1].image.size)

    with pytest.raises(StoreError, match="damaged") as caught:
        studio.run()

    assert "same command again" in caught.value.hint
    assert not path.exists()


def test_another_runtime_reuses_what_the_one_before_enlarged(
    finished: tuple[Studio, tuple[Token, ...]],
) -> None:
    studio, tokens = finished
    again = Studio(studio.store.root.parent, threads=2)
    first, *_ = memos.keys(studio.store.root, "upscale")
    memos.forget(studio.store.root, "upscale", first)

    mixed = again.run(studio.here)

    used = [token.enlarged.runtime for token in mixed if token.enlarged]
    assert sorted(used) == sorted([studio.here.digest] * 4 + [again.here.digest])
    assert again.enlarged == 1
    assert len(again.run()) == SUPPLY  # all of them here
    assert again.enlarged == 1 + 4
    assert studio.run() != mixed or tokens == mixed

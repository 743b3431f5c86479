"""The signing stage over a real store: each file once and for all, whatever happened between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.curate.sign import recipe, sign_tokens
from mint.curate.token import Token
from mint.document import sha256
from mint.errors import StoreError
from mint.paint.picture import Picture
from mint.paint.png import encode
from mint.paint.signature import read_signature, unsigned
from mint.paint.signer import Signer
from mint.spec.collection import Collection
from mint.store import Store
from tests import exhibit
from tests.signers import signer_of

pytestmark = pytest.mark.c2pa
SUPPLY = 4


class PowerCut(Exception):
    """The machine goes off."""


@pytest.fixture(scope="module")
def by(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer_of(tmp_path_factory.mktemp("signer") / "keys")


class Studio:
    """A store with painted tokens, and what was said of signing them."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "store")
        self.tokens = [self.painted(i) for i in range(1, SUPPLY + 1)]
        self.news: list[tuple[str, int, int]] = []
        self.cut: int | None = None

    def painted(self, token_id: int) -> Token:
        pixels = np.random.default_rng(token_id).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        png = encode(pixels)
        image = Picture(pixels=sha256(pixels.tobytes()), file=self.store.put(png), size=len(png))
        return exhibit.token(token_id, image=image)

    def hear(self, *news: Any) -> None:
        if self.cut is not None and news[1] > self.cut:
            raise PowerCut
        self.news.append(news)

    def run(self, by: Signer, published: Any = None, **changes: Any) -> tuple[Token, ...]:
        about = collection(**changes)
        self.news.clear()
        return sign_tokens(self.store, about, self.tokens, by, self.hear, published)

    def lose(self, token: Token) -> bytes:
        """Its signed file, which is no longer in the store."""
        data = self.store.get(token.image.file)
        assert data is not None
        self.store.object_path(token.image.file).unlink()
        return data


def collection(**changes: Any) -> Collection:
    return exhibit.collection(SUPPLY, **({"c2pa": {"states": "digests"}} | changes))


def files(tokens: tuple[Token, ...]) -> list[str]:
    return [token.image.file for token in tokens]


def test_pixels_stay_and_files_say_where_they_come_from(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)

    tokens = studio.run(by)

    for before, token in zip(studio.tokens, tokens, strict=True):
        data = studio.store.get(token.image.file) or b""
        assert token.image.size == len(data)
        assert token.image.pixels == before.image.pixels
        assert token.signed is not None
        assert sha256(unsigned(data)) == token.signed.file == before.image.file
        assert token.signed.certificate == by.digest
        signature = read_signature(data)
        assert signature is not None
        assert signature.state == "valid"
        assert signature.recipe == {
            "collection_sha256": collection().digest,
            "recipe_sha256": token.recipe.digest,
            "pixels_sha256": token.image.pixels,
        }
    assert studio.news == [("signing", done, SUPPLY) for done in range(SUPPLY + 1)]


def test_the_second_time_nothing_is_signed(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)
    first = studio.run(by)

    assert studio.run(by) == first
    assert studio.news == []


def test_a_power_cut_loses_one_at_most(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)
    studio.cut = 1
    with pytest.raises(PowerCut):
        studio.run(by)
    studio.cut = None

    tokens = studio.run(by)

    assert studio.news[0] == ("signing", 0, SUPPLY - 2)  # the memo of the second was written
    assert studio.run(by) == tokens


def test_what_signs_anew(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)
    first = files(studio.run(by))
    other = signer_of(tmp_path / "other keys")

    assert not set(files(studio.run(other))) & set(first)
    assert not set(files(studio.run(by, description="Otherwise."))) & set(first)
    assert not set(files(studio.run(by, c2pa={"states": "recipe"}))) & set(first)
    assert files(studio.run(by)) == first  # and back, as it was


def test_a_newer_mint_signs_nothing_anew(
    tmp_path: Path, by: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(tmp_path)
    first = studio.run(by)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99.0")

    assert studio.run(by) == first


def test_the_recipe_in_plain_words(by: Signer) -> None:
    token = exhibit.token(1)

    stated = recipe(collection(c2pa={"states": "recipe"}), token)

    assert stated["prompt"] == token.recipe.prompt
    assert stated["seed"] == token.recipe.seed
    assert "negative_prompt" not in stated  # it is empty
    assert stated["recipe_sha256"] == token.recipe.digest


def test_a_lost_file_comes_back_from_what_is_published(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)
    first = studio.run(by)
    data = studio.lose(first[1])

    again = studio.run(by, lambda token_id: data if token_id == 2 else None)

    assert again == first
    assert studio.news == []
    assert studio.store.get(first[1].image.file) == data


@pytest.mark.parametrize("published", [None, b"another file"])
def test_a_lost_file_that_is_published_is_not_signed_again(
    tmp_path: Path, by: Signer, published: bytes | None
) -> None:
    studio = Studio(tmp_path)
    first = studio.run(by)
    studio.lose(first[1])

    with pytest.raises(StoreError, match="signed picture of token 2 is lost") as caught:
        studio.run(by, lambda token_id: published)

    assert first[1].image.file[2:] in caught.value.hint


def test_a_lost_file_that_nobody_has_is_signed_again(tmp_path: Path, by: Signer) -> None:
    studio = Studio(tmp_path)
    first = studio.run(by)
    studio.lose(first[1])

    again = studio.run(by)

    assert [a == b for a, b in zip(files(again), files(first), strict=True)] == [
        True, False, True, True,
    ]  # fmt: skip

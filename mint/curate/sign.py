"""The stage `sign`: tokens -> the same tokens with signed files, each signed once and for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mint.curate.token import Signed, Token
from mint.document import canonical, sha256
from mint.errors import StoreError
from mint.paint.picture import Picture, recalled, stored
from mint.paint.signature import sign
from mint.paint.signer import Signer
from mint.spec.collection import Collection
from mint.stages import Progress
from mint.store import Store

_STEP = "signed"
Published = Callable[[int], bytes | None]  # a token's id -> its file as published, if it is there


def sign_tokens(
    store: Store,
    collection: Collection,
    tokens: Sequence[Token],
    signer: Signer,
    progress: Progress,
    published: Published | None = None,
) -> tuple[Token, ...]:
    """The tokens with signed files. Pixels stay; a file that was signed before is not again.

    No two signatures are alike, so the first one is what stays published: a signed file that is
    gone from the store comes back from `published`, and StoreError where that has it not.
    """
    keys = {token.token_id: _key(token, signer, recipe(collection, token)) for token in tokens}
    files = {i: recalled(store, _STEP, key) for i, key in keys.items()}
    for token_id in [i for i, file in files.items() if file is None and published]:
        files[token_id] = _restored(store, keys[token_id], token_id, published)
    missing = [token for token in tokens if files[token.token_id] is None]
    if missing:
        progress("signing", 0, len(missing))
    for done, (token, png) in enumerate(_signed(store, collection, missing, signer), start=1):
        picture = Picture(pixels=token.image.pixels, file=store.put(png), size=len(png))
        store.remember(_STEP, keys[token.token_id], picture.canonical())
        files[token.token_id] = picture
        progress("signing", done, len(missing))
    return tuple(_replace(token, files[token.token_id], signer) for token in tokens)


def recipe(collection: Collection, token: Token) -> dict[str, Any]:
    """What the signature vouches for: digests of what made the picture, or that itself.

    Neither mint's version nor a clock, so that a newer mint signs nothing anew.
    """
    digests = {
        "collection_sha256": collection.public.digest,
        "recipe_sha256": token.recipe.digest,
        "pixels_sha256": token.image.pixels,
    }
    if collection.c2pa is None or collection.c2pa.states == "digests":
        return digests
    words = token.recipe.model_dump(include={"prompt", "negative_prompt", "seed"})
    return digests | {name: value for name, value in words.items() if value != ""}


def _key(token: Token, signer: Signer, statement: dict[str, Any]) -> str:
    """All that decides what is signed and by whom."""
    about = sha256(canonical({"title": token.name, **statement}))
    return sha256(f"{token.image.file}/{signer.digest}/{about}".encode())


def _signed(
    store: Store, collection: Collection, tokens: Sequence[Token], signer: Signer
) -> Iterator[tuple[Token, bytes]]:
    for token in tokens:
        statement, enlarged = recipe(collection, token), token.enlarged is not None
        png = stored(store, token.image)
        yield token, sign(png, token.name, statement, enlarged=enlarged, by=signer)


def _replace(token: Token, image: Picture | None, signer: Signer) -> Token:
    assert image is not None  # recalled, or signed just now
    signed = Signed(file=token.image.file, certificate=signer.digest)
    return token.model_copy(update={"image": image, "signed": signed})


def _restored(store: Store, key: str, token_id: int, published: Published | None) -> Picture | None:
    """What was signed before and is gone from the store; None if nothing was."""
    memo = store.recall(_STEP, key)
    if memo is None or published is None:
        return None
    picture = Picture.parse(memo)
    data = published(token_id)
    if data is None or sha256(data) != picture.file:
        raise StoreError(
            f"the signed picture of token {token_id} is lost, and signing it again would give the "
            "collection another address than the published one",
            hint=f"put {store.object_path(picture.file)} back from a copy; or, if the address may "
            "change, move collection.car out of the build's folder, keep it, and build again",
        )
    store.put(data)
    return picture

"""Tokens -> what is measured of their pictures, by vectors that the store remembers."""

from __future__ import annotations

from functools import partial

from mint.curate.memo import memoised_unread
from mint.curate.quality import Quality, means_something, measure
from mint.curate.studio import Studio
from mint.curate.token import Token
from mint.models.embedder import has_vocabulary, unread
from mint.stages import underway


def measure_tokens(
    studio: Studio, tokens: tuple[Token, ...]
) -> tuple[tuple[Token, ...], Quality | None]:
    """The tokens with their CLIPScores, and the figures of the collection's pictures.

    None where the embedder does not know what the model paints. Raises RenderError.
    """
    if not tokens or not means_something(studio.collection):
        return tokens, None
    model, texts = studio.models.embedder, [token.recipe.prompt for token in tokens]
    with underway(studio.progress, "measuring"):
        pictures, prompts, rows = studio.embed([token.image for token in tokens]), None, list[int]()
        if has_vocabulary(model.path):
            prompts = studio.embed_texts(texts)
            ask = partial(unread, model.path)
            rows = memoised_unread(studio.store, studio.embedding, ask, texts)
        return measure(model.digest, tokens, pictures, prompts, rows)

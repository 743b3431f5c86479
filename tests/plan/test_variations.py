"""After two redraws by seed alone the words change, in an order that everybody can foretell."""

from __future__ import annotations

import pytest

from mint.document import sha256
from mint.plan.recipe import Painter, candidate, diffusion
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from tests import exhibit

IMAGE = {"prompt": "{T}", "width": 64, "height": 64}


def collection(*words: str) -> Collection:
    image = IMAGE | ({"variations": words} if words else {})
    return exhibit.collection(2, image=image, traits={"T": ["fox", "cat"]})


def asked(collection: Collection, own: tuple[str, ...] | None = None) -> list[str]:
    """The prompts of seven attempts at the first token."""
    slot = plan(collection)[0]
    painter = Painter("runtime", variations=own or ())
    attempts = [candidate(collection, slot, n, painter) for n in range(7)]
    assert len({each.recipe.seed for each in attempts}) == 7
    return [each.recipe.prompt.replace(slot.prompt, "P") for each in attempts]


@pytest.mark.parametrize(
    ("words", "own", "prompts"),
    [
        ((), None, "P P P P P P P"),
        ((), (), "P P P P P P P"),
        (("a",), None, "P P P P,a P,a P,a P,a"),
        (("a", "b"), None, "P P P P,a P,b P,a P,b"),
        (("a", "b"), ("m",), "P P P P,a P,b P,a P,b"),
        ((), ("m", "n", "o"), "P P P P,m P,n P,o P,m"),
    ],
)
def test_the_words_of_each_attempt(
    words: tuple[str, ...], own: tuple[str, ...] | None, prompts: str
) -> None:
    assert asked(collection(*words), own) == [each.replace(",", ", ") for each in prompts.split()]


def test_without_variations_every_record_is_what_it_was() -> None:
    assert b"variations" not in collection().canonical()
    assert b"against" not in collection().canonical()
    assert diffusion(collection("a")) == diffusion(collection())
    assert b"variations" not in exhibit.RUNTIME.canonical()
    assert sha256(collection("a").canonical()) != sha256(collection().canonical())

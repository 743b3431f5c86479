"""What a shorter or a newer build keeps of the one before."""

from __future__ import annotations

from mint.curate.quality import Quality
from mint.curate.token import Enlarged
from mint.record.merge import merge
from tests import exhibit

QUALITY = Quality(embedder="clip", diversity=(), within=(), distances=(1,), attempts=(1,))


def test_what_was_seen_of_the_same_pictures_undoes_no_deployment() -> None:
    before = exhibit.manifest()
    scored = tuple(token.model_copy(update={"clip_score": 0.5}) for token in before.tokens)
    now = exhibit.unfinished().model_copy(update={"tokens": scored, "quality": QUALITY})

    merged = merge(before, now)

    assert merged == before.model_copy(update={"tokens": scored, "quality": QUALITY})
    assert merge(merged, exhibit.unfinished()) == before  # nobody measured: nothing stays on record


def test_it_stays_with_pictures_that_were_enlarged_meanwhile() -> None:
    painted = exhibit.unfinished()
    large = [
        token.model_copy(
            update={
                "image": token.image.model_copy(
                    update={"file": f"{token.token_id}", "pixels": "x"}
                ),
                "enlarged": Enlarged(painted=token.image.pixels, runtime="r"),
            }
        )
        for token in painted.tokens
    ]
    before = exhibit.manifest(tokens=tuple(large))
    scored = tuple(token.model_copy(update={"clip_score": 0.5}) for token in painted.tokens)

    merged = merge(before, painted.model_copy(update={"tokens": scored}))

    assert [token.clip_score for token in merged.tokens] == [0.5] * 12
    assert [token.image for token in merged.tokens] == [token.image for token in large]
    assert merged.deployment == before.deployment


def test_an_archive_stays_on_record_as_long_as_its_root_does() -> None:
    before = exhibit.manifest().model_copy(update={"archive": "ar://" + "x" * 43})
    assert before.publication is not None
    assert merge(before, exhibit.manifest()) == before
    other = before.publication.model_copy(update={"root": "another"})
    now = exhibit.manifest().model_copy(update={"publication": other})
    assert merge(before, now).archive is None


def test_other_pictures_are_another_build() -> None:
    before, now = exhibit.manifest(), exhibit.unfinished()
    last = now.tokens[-1].model_copy(update={"attempt": 1})
    now = now.model_copy(update={"tokens": (*now.tokens[:-1], last)})

    assert merge(before, now) == now

"""Two manifests side by side: each figure against one counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mint.curate.diversity import Diversity
from mint.curate.duplicates import Duplicates, Family, Pair
from mint.curate.quality import ClipScore, Quality, Sameness
from mint.curate.threshold import Threshold
from mint.curate.token import Judgement, Lookalike, Verdict
from mint.record.manifest import Manifest
from mint.report.compare import Comparison, Part, compare
from mint.report.figures import Build
from mint.report.settings import settings
from tests import exhibit


def quality(*sizes: int, **changes: Any) -> Quality:
    """Figures whose Vendi score is the number of pictures, and half a point more in `changes`."""
    score = ClipScore(mean=0.7, p5=0.5, others=0.1, worst=(1,), unread=(2, 3))
    plain = Quality(
        embedder="clip",
        clip_score=score,
        diversity=tuple(Diversity(pictures=n, vendi=n / 2, rke=n / 4) for n in sizes),
        within=(Sameness(trait="Species", value="fox", tokens=9, vendi=1.5, rke=1.2),),
        distances=(0, 1, 0, 3, 2, 6),
        attempts=(12,),
    )
    return plain.model_copy(update=changes)


def sides(a: Manifest, b: Manifest, seconds: float | None = None) -> Comparison:
    return compare([Build(a, seconds), Build(b)])


def part(comparison: Comparison, title: str) -> Part:
    (one,) = (part for part in comparison.parts if part.title.startswith(title))
    return one


def table(one: Part) -> dict[str, tuple[object, ...]]:
    return {line.name: line.values for line in one.lines}


def test_a_build_and_itself_do_not_differ() -> None:
    build = exhibit.manifest(quality=quality(8, 12))

    same = sides(build, build)

    assert not part(same, "The file").lines
    assert not part(same, "Tokens of each trait value").lines
    assert part(same, "Pictures").notes == ("12 tokens have the same picture in both",)
    assert all(len(set(line.values)) == 1 for each in same.parts for line in each.lines)
    assert not any("compared" in note for each in same.parts for note in each.notes)
    assert Comparison.parse(same.canonical()) == same


def test_settings_that_differ_are_named_as_the_file_names_them() -> None:
    values = {"fox": {"weight": 3, "prompt": "red fox"}, "cat": 1}
    image = {"prompt": "a {Species}", "width": 64, "height": 64, "steps": 8}
    a = exhibit.manifest(collection=exhibit.collection(12))
    b = exhibit.manifest(
        collection=exhibit.collection(
            12, image=image, traits={"Species": values}, licence="CC-BY-4.0"
        )
    )

    lines = table(part(sides(a, b), "The file"))

    assert lines == {
        "licence": ("CC0-1.0", "CC-BY-4.0"),
        "image.prompt": ("a {Species} with {Hat}", "a {Species}"),
        "image.steps": ("20", "8"),
        "traits.Species.fox.weight": ("1", "3"),
        "traits.Species.fox.prompt": (None, "red fox"),
        "traits.Species.bear.weight": ("1", None),
        "traits.Species.robot.weight": ("1", None),
        "traits.Species.frog.weight": ("1", None),
        "traits.Species.cat.weight": (None, "1"),
        **{f"traits.Hat.{hat}.weight": ("1", None) for hat in exhibit.HATS},
    }


def test_what_painted_is_a_setting_too() -> None:
    other = exhibit.RUNTIME.model_copy(update={"device": "cuda"})
    tokens = list(exhibit.manifest().tokens)
    tokens[3] = tokens[3].model_copy(
        update={"recipe": tokens[3].recipe.model_copy(update={"runtime": other.digest})}
    )
    runtimes = {runtime.digest: runtime for runtime in (exhibit.RUNTIME, other)}
    mixed = exhibit.manifest(tokens=tuple(tokens), runtimes=runtimes)

    said = settings(mixed)["painted by.device"]

    assert set(said.split(" and ")) == {"cpu", "cuda"}
    assert set(table(part(sides(exhibit.manifest(), mixed), "The file"))) == {"painted by.device"}


def test_counts_redraws_and_equal_pictures() -> None:
    a, b = exhibit.manifest(12), exhibit.manifest(14)
    again = b.tokens[0].model_copy(
        update={"attempt": 3, "image": b.tokens[0].image.model_copy(update={"pixels": "other"})}
    )
    b = b.model_copy(update={"tokens": (again, *b.tokens[1:]), "unresolved": (1,)})

    both = sides(a, b)

    assert table(part(both, "Pictures")) == {
        "tokens": (12, 14),
        "size in pixels": ("32 x 32", "32 x 32"),
        "tokens painted again": (0, 1),
        "pictures not chosen": (0, 3),
        "still like another after that": (0, 1),
    }
    assert part(both, "Pictures").notes == ("11 tokens have the same picture in both",)
    # Tokens 13 and 14 are a bear with a crown and a robot with a cap.
    values = part(both, "Tokens of each trait value")
    assert table(values) == {
        "Species: bear": (3, 4), "Species: robot": (3, 4),
        "Hat: crown": (4, 5), "Hat: cap": (4, 5),
    }  # fmt: skip
    assert values.notes == ("3 counts are equal", "A has 12 tokens, B has 14 tokens")


def test_truth_counts_what_the_judge_said() -> None:
    verdicts: list[Verdict] = ["seen", "contradicted", "unsure", "seen"]
    judged = tuple(
        exhibit.token(i).model_copy(
            update={
                "judgements": {
                    trait: Judgement(value="fox", probability=0.5, verdict=verdict)
                    for trait, verdict in zip("ab", pair, strict=True)
                }
            }
        )
        for i, pair in enumerate(zip(verdicts, verdicts[::-1], strict=True), start=1)
    )
    a, b = exhibit.manifest(4), exhibit.manifest(4, tokens=judged, untrue=(2,))

    assert table(part(sides(a, b), "Truth")) == {
        "tokens judged": (None, 4),
        "of them, with a trait contradicted": (None, 2),
        "listed, after the last attempt": (None, 1),
        "share of traits seen": (None, 0.5),
        "traits seen": (None, 4),
        "traits contradicted": (None, 2),
        "traits the judge is unsure of": (None, 2),
    }
    assert part(sides(a, a), "Truth").notes == ("no picture was judged",)


def test_fit_and_distances() -> None:
    a, b = exhibit.manifest(quality=quality(12)), exhibit.manifest()

    both = sides(a, b)

    assert table(part(both, "Fit")) == {
        "mean": (0.7, None),
        "19 of 20 lie above": (0.5, None),
        "mean with other tokens' prompts": (0.1, None),
        "prompts not read to their end": (2, None),
    }
    # One token in the second hundredth; the sixth of twelve in the fifth.
    assert table(part(both, "Distance")) == {
        "the nearest two": (0.02, None),
        "half of them nearer than": (0.05, None),
    }
    for title in ("Fit", "Distance", "Variety"):
        assert part(sides(b, b), title).notes == ("not measured",)


def test_look_alikes_are_counted() -> None:
    near = Duplicates(
        threshold=Threshold(likeness=0.5, families=0.6, pairs=66, measured=66),
        families=(Family(traits={"Species": "fox"}, tokens=(1, 2), likeness=0.9),),
        review=(
            Pair(tokens=(1, 2), likeness=0.9, why="a"), Pair(tokens=(3, 4), likeness=0.6, why="b")
        ),
        lookalikes=0.25,
    )  # fmt: skip
    a, b = exhibit.manifest(duplicates=near), exhibit.manifest()

    assert table(part(sides(a, b), "Distance")) == {
        "share of tokens with a look-alike": (0.25, None),
        "prompts with several tokens": (1, None),
        "pairs to look at": (2, None),
    }


@pytest.mark.parametrize(
    ("one", "other", "size"),
    [
        ((8, 16, 32, 64), (8, 16, 32, 64, 128, 1000), 64),
        ((8, 16, 24), (8, 16, 32, 64), 16),
        ((8, 16, 24), (8, 16, 24), 24),
    ],
)
def test_variety_is_compared_at_the_largest_equal_number(
    one: tuple[int, ...], other: tuple[int, ...], size: int
) -> None:
    a = exhibit.manifest(12, quality=quality(*one))
    b = exhibit.manifest(14, quality=quality(*other, within=()))

    variety = part(sides(a, b), "Variety")

    assert table(variety) == {
        "different pictures (Vendi score)": (size / 2, size / 2),
        "frequent kinds (RKE)": (size / 4, size / 4),
        "least varied": ("Species: fox", None),
        "its Vendi score, of 8 pictures": (1.5, None),
    }
    assert variety.notes == (f"of {size} pictures each, drawn from A's 12, B's 14",)


def test_no_equal_number_is_no_comparison() -> None:
    a, b = exhibit.manifest(quality=quality(6)), exhibit.manifest(quality=quality(8, 9))

    assert part(sides(a, b), "Variety").notes == ("too few pictures in one of them",)
    assert not part(sides(a, b), "Variety").lines


def test_what_was_measured_in_two_ways_is_not_compared_in_silence() -> None:
    near = [t.model_copy(update={"nearest": Lookalike(token_id=9, likeness=0.5)})
            for t in exhibit.manifest().tokens]  # fmt: skip
    a = exhibit.manifest(quality=quality(12))
    b = exhibit.manifest(quality=quality(12, embedder="other"), tokens=tuple(near))

    for title in ("Fit", "Variety", "Distance"):
        assert "measured with different models" in part(sides(a, b), title).notes[-1]
    assert "measured in two ways" in part(sides(a, b), "Distance").notes[1]


def test_speed_and_cost() -> None:
    done, begun = exhibit.manifest(), exhibit.unfinished()

    cost = table(part(sides(done, begun, seconds=0.5), "Speed"))

    megabytes = round(sum(token.image.size for token in done.tokens) / 1e6, 2)
    assert cost == {
        "seconds a picture, on this computer": (0.5, None),
        "pictures, MB": (megabytes, megabytes),
        "file for IPFS, MB": (1.23, None),
        "network": ("local", None),
        "gas: deploy": (3_100_000, None),
        "gas: mint": (632_333, None),
        "gas in all": (3_732_333, None),
    }


def test_three_builds_stand_side_by_side() -> None:
    a, b, c = (exhibit.manifest(n, quality=quality(8, n)) for n in (12, 12, 16))
    c = c.model_copy(update={"tokens": (c.tokens[1], *c.tokens[1:])})

    every = compare([Build(a), Build(b, 0.25), Build(c, 0.5)])

    assert table(part(every, "Pictures"))["tokens"] == (12, 12, 16)
    assert part(every, "Pictures").notes == ("11 tokens have the same picture in all",)
    assert part(every, "Tokens").notes[-1].endswith("B has 12 tokens, C has 16 tokens")
    assert part(every, "Variety").notes == (
        "of 8 pictures each, drawn from A's 12, B's 12, C's 16",
    )
    assert table(part(every, "Speed"))["seconds a picture, on this computer"] == (None, 0.25, 0.5)


def test_builds_of_nothing_are_compared_too() -> None:
    nothing = exhibit.unfinished().model_copy(update={"tokens": (), "runtimes": {}})

    assert table(part(sides(nothing, exhibit.manifest()), "Pictures"))["tokens"] == (0, 12)

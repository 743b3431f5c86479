"""Which pictures count as unsafe, and what becomes of them; by models of random weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from mint.build import Options, build
from mint.check import preflight
from mint.cli.summary import summary
from mint.curate.curate import Curated, curate
from mint.curate.decisions import Decisions, Keep
from mint.curate.faults import refuse_faults
from mint.curate.inspection import Inspection
from mint.curate.memo import memoised_embedder
from mint.curate.perceptual_hash import PRINT
from mint.curate.safety import (
    PHRASES,
    UNSAFE_PHRASES,
    classifier_check,
    clip_check,
    is_flagged,
    no_check,
    rounded,
    to_redraw,
    unsafe_rows,
    zero_shot,
)
from mint.document import sha256
from mint.errors import CollectionError, CurateError, RenderError
from mint.models.classifier import Classifier, image_classifier
from mint.models.embedder import Vectors, clip_embedder, clip_text_embedder, logit_scale
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate, Painter, candidate
from mint.plan.tokens import plan
from mint.record.manifest import Manifest
from mint.spec.safety import Safety
from mint.store import Store
from tests import exhibit, small_models
from tests.builds import painted, run
from tests.conftest import edit

LABELS = ("neutral", "porn", "drawing", "sexy")
SCORES = [0.2, None, 0.5, 0.7]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier as sure of itself as a trained one, to which some pictures look unsafe."""
    from safetensors.numpy import load_file, save_file

    folder = small_models.classifier(tmp_path_factory.mktemp("checker") / "nsfw", LABELS)
    classify, weights = image_classifier(folder, threads=1), load_file(folder / "model.safetensors")
    usual = classify([exhibit.png(i) for i in range(6)]).mean(axis=0)
    weights["classifier.weight"] *= 60
    weights["classifier.bias"] = -60 * usual
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="module")
def classify(model: Path) -> Classifier:
    return image_classifier(model, threads=1)


def stored(store: Store, count: int) -> list[Picture]:
    files = [exhibit.png(i) for i in range(count)]
    return [Picture(pixels=sha256(f), file=store.put(f), size=len(f)) for f in files]


def test_from_the_threshold_on_a_picture_counts_as_unsafe() -> None:
    safety = Safety(threshold=0.5, action="redraw")

    assert list(unsafe_rows(SCORES, safety)) == list(to_redraw(SCORES, safety)) == [2, 3]
    assert "0.7" in unsafe_rows(SCORES, safety)[3]
    assert (
        to_redraw(SCORES, Safety(action="flag")) == to_redraw(SCORES, Safety(action="stop")) == {}
    )


@pytest.mark.parametrize(("score", "flagged"), [(None, False), (0.49, False), (0.5, True)])
def test_a_token_is_flagged_by_its_score(score: float | None, flagged: bool) -> None:
    collection = exhibit.collection(1, safety={"model": "./nsfw"})

    assert is_flagged(exhibit.token(1, unsafe=score), collection) is flagged


def test_scores_are_rounded_and_stay_shares() -> None:
    assert rounded(np.array([1.00001, 0.123456, -1e-9], np.float32)) == [1.0, 0.1235, 0.0]


def test_a_score_is_the_sum_of_the_unsafe_labels(tmp_path: Path, classify: Classifier) -> None:
    store = Store(tmp_path)
    pictures = stored(store, 20)  # more than a batch

    scores = classifier_check(store, "key", lambda: classify, (1, 3))(pictures)

    rows = classify.probabilities([exhibit.png(i) for i in range(20)])
    assert scores == pytest.approx(rows[:, [1, 3]].sum(axis=1).tolist(), abs=1e-4)
    assert len(set(scores)) > 10
    assert classifier_check(store, "key", lambda: classify, (1, 3))([]) == []


def test_no_picture_is_looked_at_twice(tmp_path: Path, classify: Classifier) -> None:
    store, loads = Store(tmp_path), list[str]()

    def load() -> Classifier:
        loads.append("once")
        return classify

    first = classifier_check(store, "key", load, (1,))(stored(store, 3))
    again = classifier_check(store, "key", load, (1,))(stored(store, 2))
    classifier_check(store, "another model", load, (1,))(stored(store, 2))

    assert again == first[:2]
    assert len(loads) == 2


def test_zero_shot_is_the_share_of_unsafe_phrases() -> None:
    phrases = np.eye(len(PHRASES), dtype=np.float32)
    unsafe, safe, between = phrases[0], phrases[-1], (phrases[0] + phrases[-1]) / 2**0.5

    scores = zero_shot(np.stack([unsafe, safe, between]), phrases, 100.0)

    assert scores == pytest.approx([1, 0, 0.5])


def test_a_clip_compares_pictures_with_the_phrases(tmp_path: Path) -> None:
    from transformers import CLIPModel, CLIPTokenizer

    folder, store = small_models.clip(tmp_path / "clip"), Store(tmp_path / "store")
    embedder = clip_embedder(folder, threads=1)
    embed = memoised_embedder(store, "clip", lambda: embedder)
    phrases = clip_text_embedder(folder, threads=1)(PHRASES)

    scores = clip_check(embed, lambda: phrases, logit_scale(folder))(stored(store, 3))

    # As transformers computes it; the pictures go through our own preparation.
    import torch

    clip = CLIPModel.from_pretrained(folder).eval()
    tokens = CLIPTokenizer.from_pretrained(folder)(list(PHRASES), padding=True, return_tensors="pt")
    with torch.inference_mode():
        text = clip.get_text_features(**tokens).pooler_output
        text = text / text.norm(dim=1, keepdim=True)
        pixels = torch.from_numpy(embedder([exhibit.png(i) for i in range(3)]))
        shares = (clip.logit_scale.exp() * pixels @ text.T).softmax(dim=1)
    expected = shares[:, : len(UNSAFE_PHRASES)].sum(dim=1).tolist()
    assert scores == pytest.approx(expected, abs=1e-4)


Look = Mapping[tuple[int, int], float]  # (token_id, attempt) -> how unsafe; else 0


def curated(look: Look, action: str, supply: int = 3, attempts: int = 2) -> Curated:
    safety, dedup = {"model": "./m", "action": action}, {"attempts": attempts}
    collection = exhibit.collection(supply, safety=safety, dedup=dedup)

    def paint(candidates: Sequence[Candidate]) -> dict[int, Picture]:
        names = {c.token_id: f"{c.token_id} {c.attempt}" for c in candidates}
        return {i: Picture(pixels=name, file=name, size=1) for i, name in names.items()}

    def check(pictures: Sequence[Picture]) -> list[float | None]:
        places = [tuple(map(int, picture.file.split())) for picture in pictures]
        return [look.get((token_id, attempt), 0.0) for token_id, attempt in places]

    return curate(
        plan(collection),
        lambda slot, attempt: candidate(collection, slot, attempt, Painter("runtime")),
        paint,
        directions,
        lambda pictures: np.zeros((len(pictures), PRINT), np.uint8),
        collection.dedup,
        inspect=Inspection([], (), collection, check),
    )


def directions(pictures: Sequence[Picture]) -> Vectors:
    """Every picture is unlike every other."""
    rows = [np.random.default_rng([*p.file.encode()]).normal(size=99) for p in pictures]
    return np.asarray([row / np.linalg.norm(row) for row in rows], np.float32)


def refused(look: Look, action: str) -> str:
    """What a build says that does not end well, and what to do."""
    safety = {"model": "./m", "action": action}
    collection = exhibit.collection(3, safety=safety, dedup={"attempts": 2})
    with pytest.raises(CurateError) as caught:
        refuse_faults(collection, curated(look, action))
    return f"{caught.value} {caught.value.hint}"


def test_flagged_pictures_stay_as_they_are() -> None:
    result = curated({(2, 0): 0.9}, "flag")

    assert [token.attempt for token in result.tokens] == [0, 0, 0]
    assert [token.unsafe for token in result.tokens] == [0.0, 0.9, 0.0]
    refuse_faults(exhibit.collection(3, safety={"model": "./m"}), result)


def test_unsafe_pictures_are_painted_again_until_they_are_not() -> None:
    look = {(2, 0): 0.9, (2, 1): 0.6, (2, 2): 0.4, (3, 0): 0.5}

    result = curated(look, "redraw")

    assert [token.attempt for token in result.tokens] == [0, 2, 1]
    assert [token.unsafe for token in result.tokens] == [0.0, 0.4, 0.0]
    assert [attempt.attempt for attempt in result.tokens[1].attempts] == [0, 1]
    assert "it looks unsafe: 0.9" in result.tokens[1].attempts[0].reasons[0]


def test_what_stays_unsafe_stops_the_build() -> None:
    look = {(i, attempt): 0.8 for i in (1, 3) for attempt in range(3)}

    assert "2 pictures look unsafe after 3 attempts: #1, #3" in refused(look, "redraw")


def test_stop_paints_nothing_again() -> None:
    message = refused({(2, 0): 0.8}, "stop")

    assert "1 picture looks unsafe: #2" in message
    assert "safety.action: flag" in message
    assert [token.attempt for token in curated({(2, 0): 0.8}, "stop").tokens] == [0, 0, 0]


def test_what_the_artist_chose_may_be_unsafe() -> None:
    collection = exhibit.collection(3, safety={"model": "./m", "action": "stop"})
    result = curated({(2, 0): 0.8, (3, 0): 0.9}, "stop")
    both = Decisions(keep=(Keep(token=2, attempt=0), Keep(token=3, attempt=0)))

    refuse_faults(collection, result, both)
    with pytest.raises(CurateError, match="1 picture looks unsafe: #3"):
        refuse_faults(collection, result, Decisions(keep=both.keep[:1]))


def test_without_a_model_nothing_is_claimed() -> None:
    assert no_check([exhibit.token(1).image]) == [None]


# A whole build, of the pictures that `built` has painted already.


@pytest.fixture
def file(built: Path, model: Path, tmp_path: Path) -> Path:
    home = Path(shutil.copytree(built.parent, tmp_path / "tiny"))
    shutil.copytree(model, home / "nsfw")
    return home / "collection.yaml"


def ask(file: Path, section: str) -> None:
    edit(file, "seed: 1\n", f"seed: 1\nsafety: {section}\n")


def own_scores(file: Path, classify: Classifier) -> list[float]:
    """What the classifier says of the pictures in the build's folder."""
    images = [file.parent / f"build/tiny/images/{i}.png" for i in range(1, 7)]
    rows = classify.probabilities([image.read_bytes() for image in images])
    return [float(x) for x in rows[:, [1, 3]].sum(axis=1)]


def test_a_build_scores_every_picture_and_says_who_did(file: Path, classify: Classifier) -> None:
    ask(file, "{model: ./nsfw}")

    manifest, news, _ = run(file, until="metadata")

    assert painted(news) == 0
    scores = [token.unsafe for token in manifest.tokens]
    assert scores == pytest.approx(own_scores(file, classify), abs=1e-4)
    assert manifest.safety is not None
    assert manifest.safety.unsafe == ("porn", "sexy")
    assert Manifest.parse(manifest.canonical()) == manifest


@pytest.mark.parametrize(("threshold", "line"), [
    (1e-9, "unsafe      6 pictures, says ./nsfw: #1, #2, #3, #4, #5, #6"),
    (1, "safety      ./nsfw finds none of the pictures unsafe"),
])  # fmt: skip
def test_a_build_says_at_its_end_what_was_seen(file: Path, threshold: float, line: str) -> None:
    ask(file, f"{{model: ./nsfw, threshold: {threshold:.9f}}}")

    manifest, job = build(file, Options(until="metadata"), lambda *news: None)

    assert line in summary(manifest, job.folders, {}, 0, "metadata", None)


def test_a_build_paints_again_what_is_unsafe(file: Path, classify: Classifier) -> None:
    scores = own_scores(file, classify)
    low, high = sorted(scores)[-2:]
    ask(file, f"{{model: ./nsfw, threshold: {(low + high) / 2:.4f}, action: redraw}}")

    manifest, _, _ = run(file, until="metadata")

    again = [token.token_id - 1 for token in manifest.tokens if token.attempt]
    assert again == [scores.index(high)]
    assert not any(is_flagged(token, manifest.collection) for token in manifest.tokens)


def test_a_build_that_may_hold_nothing_unsafe_stops(file: Path, classify: Classifier) -> None:
    scores = own_scores(file, classify)
    ask(file, f"{{model: ./nsfw, threshold: {max(scores) - 0.001:.4f}, action: stop}}")

    with pytest.raises(CurateError, match=f"unsafe: #{scores.index(max(scores)) + 1} "):
        run(file, until="metadata")
    report = file.parent / "build/tiny/report/index.html"
    assert "The safety check says" in report.read_text(encoding="utf-8")


def test_without_safety_a_record_does_not_speak_of_it(file: Path) -> None:
    manifest, _, _ = run(file, until="metadata")

    assert b'"safety"' not in manifest.canonical()
    assert b'"unsafe"' not in manifest.canonical()


def test_ateliers_own_clip_is_not_said_to_have_looked(file: Path) -> None:
    ask(file, "{model: clip}")

    manifest, _, _ = run(file, until="metadata")

    assert manifest.safety is None
    assert {token.unsafe for token in manifest.tokens} == {None}
    assert any(
        line.startswith("safety      not checked: atelier's own CLIP") for line in preflight(file)
    )


def test_another_clip_looks(file: Path) -> None:
    small_models.clip(file.parent / "clip")
    ask(file, "{model: clip}\ndedup: {embedder: ./clip, threshold: 1}")

    manifest, _, _ = run(file, until="metadata")

    assert all(0 <= (token.unsafe or -1) <= 1 for token in manifest.tokens)
    assert manifest.safety is not None
    assert manifest.safety.unsafe == UNSAFE_PHRASES


def test_a_clip_without_words_is_refused_before_painting(file: Path) -> None:
    small_models.clip(file.parent / "clip", words=False)
    ask(file, "{model: clip}\ndedup: {embedder: ./clip}")

    with pytest.raises(CollectionError, match="has no vocabulary"):
        run(file, until="metadata")


LABELLED = {
    "a label that is none": ("{model: ./nsfw, unsafe: [gore]}", 'no label "gore"', "neutral, porn"),
    "no label that is known": ("{model: ./cats}", "means unsafe to mint: cat, dog", "unsafe: ["),
}


@pytest.mark.parametrize("case", LABELLED)
def test_labels_that_say_nothing_are_refused_before_painting(file: Path, case: str) -> None:
    small_models.classifier(file.parent / "cats", ("cat", "dog"))
    section, says, hint = LABELLED[case]
    ask(file, section)

    for act in (lambda: run(file, until="metadata"), lambda: list(preflight(file))):
        with pytest.raises(CollectionError, match=r"collection.yaml:7:\d+: ") as caught:
            act()
        assert says in str(caught.value)
        assert hint in caught.value.hint


def test_a_model_of_another_kind_is_refused_before_painting(file: Path) -> None:
    config = file.parent / "nsfw" / "config.json"
    kind = {"architectures": ["CLIPModel"], "model_type": "clip"}
    config.write_text(json.dumps(json.loads(config.read_bytes()) | kind))
    ask(file, "{model: ./nsfw}")

    for act in (lambda: run(file, until="metadata"), lambda: list(preflight(file))):
        with pytest.raises(RenderError, match="it holds CLIPModel"):
            act()


def test_check_says_who_will_look(file: Path) -> None:
    ask(file, "{model: ./nsfw, action: redraw, threshold: 0.7}")

    assert (
        "safety      ./nsfw looks at every picture: from 0.7 on it is painted again"
        in preflight(file)
    )

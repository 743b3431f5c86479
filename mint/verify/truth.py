"""What the record says of visible traits, and some published pictures judged again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.curate.checker import embedding_key
from mint.curate.inspection import promised
from mint.curate.judges import JUDGES, Court, phrases_by_label
from mint.curate.memo import memoised_embedder, memoised_text_embedder
from mint.curate.question import questions
from mint.curate.token import Token
from mint.curate.truth import Judge, Judgements, Jury, contradictions
from mint.errors import VerifyError
from mint.models.embedder import clip_embedder, clip_text_embedder
from mint.models.find import NamedModel, find_embedder, find_judges, find_painter, judge_names
from mint.record.manifest import Manifest
from mint.stages import Progress, underway
from mint.store import Store
from mint.verify.claims import token_error
from mint.verify.files import Files
from mint.verify.repaint import sample_tokens
from mint.verify.scratch import published_pictures
from mint.verify.unchecked import Unchecked

TOLERANCE = 0.02  # what another machine's arithmetic may change in a probability


def check_truth(
    manifest: Manifest,
    files: Files,
    file: Path,
    store: Store,
    sample: int,
    progress: Progress,
) -> Iterator[str]:
    """What is on record of visible traits, and what the judge sees in `sample` published pictures.

    `file` is collection.yaml. Without a record (a stranger has none) the sample alone speaks.
    Raises VerifyError where record and pictures or rule disagree.
    """
    collection = manifest.collection
    if not judge_names(collection):
        yield Unchecked("no picture was judged: nobody looked whether traits are visible")
        return
    if manifest.judging:
        yield _on_record(manifest)
    if not sample:
        return
    models = find_judges(collection, file, store)
    with tempfile.TemporaryDirectory() as scratch:  # where nothing is remembered
        empty = Store(Path(scratch))
        judges = [_judge(manifest, model, file, store, empty) for model in models]
        if any(judge.calibrate for judge in judges):
            yield Unchecked("no picture was judged again: this judge needs the whole collection")
            return
        if manifest.judging and [j.weights for j in manifest.judging] != [j.digest for j in judges]:
            raise VerifyError(
                "the judge here is not the one that judged the pictures",
                hint="verify with the model of the build, or build again",
            )
        tokens = sample_tokens(manifest, sample)
        pictures = published_pictures(manifest, files, tokens, empty)
        jury = Jury(tuple(judges), questions(collection), collection.truth.certainty, {})
        with underway(progress, "judging"):
            judgements = jury.judge(pictures, [promised(token.traits) for token in tokens])
        yield _again(manifest, tokens, judgements)


def _on_record(manifest: Manifest) -> str:
    """The count of verdicts on record; raises VerifyError for an unlisted contradiction."""
    decisions = manifest.decisions
    for token in manifest.tokens:
        reasons = contradictions(token.traits, token.judgements)
        is_choice = decisions is not None and decisions.chosen(token.token_id) is not None
        if reasons and token.token_id not in manifest.untrue and not is_choice:
            raise token_error(token, f"it contradicts its metadata and is not listed: {reasons[0]}")
    verdicts = Counter(v for token in manifest.tokens for v in _verdicts(token.judgements))
    names = ", ".join(judging.judge for judging in manifest.judging)
    return f"by the judgements on record ({names}), {_sentence(verdicts)}"


def _again(manifest: Manifest, tokens: Sequence[Token], judgements: Sequence[Judgements]) -> str:
    # An enlarged picture is judged as it is published, and was judged as it was painted.
    comparable = bool(manifest.judging) and manifest.collection.image.upscale is None
    for token, answers in zip(tokens, judgements, strict=True) if comparable else ():
        for trait, now in answers.items():
            then = token.judgements.get(trait)
            if then is None or abs(then.probability - now.probability) > TOLERANCE:
                before = "nothing" if then is None else f"{then.probability:g}"
                message = f"{trait} is judged {now.probability:g}, and {before} is on record"
                raise token_error(token, message)
    verdicts = Counter(verdict for answers in judgements for verdict in _verdicts(answers))
    pairs = zip(tokens, judgements, strict=True)
    doubts = [f"#{t.token_id}" for t, answers in pairs if contradictions(t.traits, answers)]
    examples = f" (in {', '.join(doubts[:10])})" if doubts else ""
    return f"{len(tokens)} published pictures judged again: {_sentence(verdicts)}{examples}"


def _verdicts(judgements: Judgements) -> Iterator[str]:
    return (judgement.verdict for judgement in judgements.values())


def _sentence(verdicts: Counter[str]) -> str:
    doubts = f", {verdicts['unsure']} unsure" if verdicts["unsure"] else ""
    return (
        f"{verdicts['seen']} of {verdicts.total()} promised traits are seen, "
        f"{verdicts['contradicted']} contradicted{doubts}"
    )


def _judge(manifest: Manifest, entry: NamedModel, file: Path, store: Store, empty: Store) -> Judge:
    collection = manifest.collection
    runtime = manifest.runtimes[manifest.tokens[0].recipe.runtime]
    embedder, threads = find_embedder(collection.dedup, file, store), runtime.threads
    key = embedding_key(embedder, runtime)
    court = Court(
        entry.model,
        questions(collection),
        phrases_by_label(find_painter(collection.image, file, store).path),
        memoised_embedder(empty, key, lambda: clip_embedder(embedder.path, threads)),
        memoised_text_embedder(empty, key, lambda: clip_text_embedder(embedder.path, threads)),
        runtime,
        empty,
        lambda step, done, total: None,
    )
    return JUDGES[entry.name](court)

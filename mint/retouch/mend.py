"""`mint retouch --fix-untrue`: what pictures show instead of what is promised, painted again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from mint.curate.studio import OpenEmbedder, OpenRenderer
from mint.curate.trial import Trial
from mint.models.embedder import clip_embedder
from mint.paint.render import open_renderer
from mint.plan.edit import FIRST
from mint.retouch.easel import Easel, open_easel
from mint.retouch.place import Unseen
from mint.retouch.retouch import Counter, Retouched, paint, pictures, write_edits
from mint.retouch.wish import Change, shown_pairs
from mint.spec.collection import ONE_OF_ONE
from mint.stages import Progress


class Mending(NamedTuple):
    """What there is to mend: `changes`, and how many pictures and seconds they take at most.

    `seconds` is None while nobody has measured it. `chosen` are untrue tokens whose picture the
    artist keeps all the same.
    """

    easel: Easel
    changes: tuple[Change, ...]
    chosen: tuple[int, ...]
    progress: Progress

    @property
    def pictures(self) -> int:
        """At most so many."""
        return sum(map(pictures, self.changes))

    @property
    def seconds(self) -> float | None:
        """About so long, at most."""
        each = self.easel.studio.stopwatch.seconds
        return None if each is None else each * self.pictures

    def results(self) -> Iterator[Retouched]:
        """Each token once it is painted; what is mended is in decisions.yaml by then."""
        count = Counter(self.progress, self.pictures)
        for each in self.changes:
            due = count.done + pictures(each)
            result: Retouched | None = None
            with suppress(Unseen):
                result = paint(self.easel, each, count)
            count.skip(due - count.done)
            if result is None:
                continue
            if not result.after.reasons:
                write_edits(self.easel, [result])
            yield result


@contextmanager
def mending(
    file: Path,
    tries: int,
    strength: float,
    progress: Progress,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
) -> Iterator[Mending]:
    """The tokens of `file` whose pictures contradict a trait, ready to be painted in that place.

    Raises MintError.
    """
    opening = open_easel(file, progress, open_renderer=open_renderer, open_embedder=open_embedder)
    with opening as easel:
        untrue = [trial for i in easel.current if (trial := easel.trial(i)).is_untrue]
        choices = tuple(t.candidate.token_id for t in untrue if _is_chosen(easel, t))
        changes = (_change(easel, t, tries, strength) for t in untrue if _is_open(easel, t))
        yield Mending(easel, tuple(changes), choices, progress)


def _is_chosen(easel: Easel, trial: Trial) -> bool:
    """Whether the artist keeps the picture as the build painted it."""
    attempt = easel.holding.chosen(trial.candidate.token_id)
    return attempt is not None and attempt < FIRST


def _is_open(easel: Easel, trial: Trial) -> bool:
    token_id = trial.candidate.token_id
    unique = ONE_OF_ONE in trial.candidate.traits
    return not (unique or token_id in easel.relabelled or _is_chosen(easel, trial))


def _change(easel: Easel, trial: Trial, tries: int, strength: float) -> Change:
    judgements = trial.look.judgements
    wrong = [trait for trait, each in judgements.items() if each.verdict == "contradicted"]
    places = {trait: shown_pairs(easel, trial, trait) for trait in wrong}
    return Change(trial, {}, places, None, None, strength, tries)

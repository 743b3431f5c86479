"""`mint retouch`: parts of tokens painted again, until the judge sees what is promised.

What is painted is in the store, so that the next build paints none of it; decisions.yaml says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from mint.curate.decisions import PREFIX, Decisions, Edited, Keep
from mint.curate.decisions_file import change
from mint.curate.studio import OpenEmbedder, OpenRenderer
from mint.curate.trial import Trial
from mint.models.embedder import clip_embedder
from mint.paint.masks import file_mask, mask_name, read_mask
from mint.paint.render import open_renderer
from mint.paint.sources import remember_source
from mint.plan.edit import FIRST
from mint.retouch.easel import Easel, open_easel
from mint.retouch.place import pictures_for, trait_mask
from mint.retouch.wish import Change, Wish, changes, refuse_unknown
from mint.stages import Progress
from mint.store import link

Count = Callable[[], None]  # hears of each picture


class Retouched(NamedTuple):
    """A token before and after its edit: the traits painted, and how many pictures were tried.

    `file` is where its picture lies for people until the next build takes it, once it is written.
    """

    edit: Edited
    before: Trial
    after: Trial
    tries: int
    file: Path
    places: tuple[str, ...] = ()


class Counter:
    """How many pictures of how many are painted, as a Progress hears it."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0
        progress("painting", 0, total)

    def __call__(self) -> None:
        """One more."""
        self.done += 1
        self.progress("painting", min(self.done, self.total), self.total)

    def skip(self, number: int) -> None:
        """So many are not needed."""
        self.done += number
        self.progress("painting", min(self.done, self.total), self.total)


def retouch(
    file: Path,
    wish: Wish,
    progress: Progress,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
    warn: Callable[[str], None] = lambda line: None,
) -> list[Retouched]:
    """Paint what `wish` says, and write it to decisions.yaml; of a swap both tokens or none.

    `warn` hears, before that, of words that the model does not know.
    Raises MintError; before anything is painted where it breaks a promise of the file.
    """
    with open_easel(
        file,
        progress,
        check=lambda collection: refuse_unknown(collection, wish),
        open_renderer=open_renderer,
        open_embedder=open_embedder,
    ) as easel:
        tasks = changes(easel, wish)
        if line := easel.warning(wish.prompt):
            warn(line)
        count = Counter(progress, sum(map(pictures, tasks)))
        results = [paint(easel, each, count) for each in tasks]
        write_edits(easel, results)
        return results


def pictures(task: Change) -> int:
    """How many pictures a change takes at most."""
    return (0 if task.mask else pictures_for(len(task.places))) + task.tries


def paint(easel: Easel, task: Change, count: Counter) -> Retouched:
    """The change painted, with one seed after the other until nothing speaks against it."""
    digest, path = _mask(easel, task, count)
    edit = Edited(
        token=task.before.candidate.token_id,
        attempt=FIRST,
        of=task.before.candidate.attempt,
        strength=task.strength,
        traits=dict(task.traits),
        prompt=task.prompt,
        mask=digest,
        mask_file=path,
    )
    trials: list[tuple[Edited, Trial]] = []
    for entry, trial in easel.edits(task.before, edit):
        trials.append((entry, trial))
        count()
        if not trial.reasons or len(trials) == task.tries:
            break
    count.skip(task.tries - len(trials))
    best, after = max(trials, key=lambda each: each[1].merit)
    lies = easel.folders.attempt(best.token, best.attempt)
    return Retouched(best, task.before, after, len(trials), lies, tuple(task.places))


def _mask(easel: Easel, task: Change, count: Count) -> tuple[str, str]:
    """The mask's digest in the store, and its file below the folder of collection.yaml."""
    if task.mask is None:
        mask = trait_mask(easel, task.before, task.places, count)
    else:
        mask = read_mask(task.mask, easel.size)
    name = mask_name(task.before.candidate.token_id, "-".join(task.places))
    path = file_mask(easel.home, name, mask)
    return remember_source(easel.studio.store, mask), path


def write_edits(easel: Easel, results: Iterable[Retouched]) -> None:
    """Write the edits to decisions.yaml, all at once, each as its token's picture, to be seen."""
    done, store = list(results), easel.studio.store
    change(easel.folders.file, lambda earlier: reduce(_with, done, earlier))
    for each in done:
        link(store.object_name(each.after.picture.file), str(each.file))


def _with(decisions: Decisions, result: Retouched) -> Decisions:
    edit, pixels = result.edit, result.after.picture.pixels
    keep = Keep(token=edit.token, attempt=edit.attempt, picture=pixels[:PREFIX])
    return decisions.with_edit(edit).with_decision(keep)

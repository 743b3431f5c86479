"""A collection's models on one machine of a cluster: they paint, look and enlarge.

What a painter remembers is gone with it; the driver alone writes memos.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.cluster.objects import Objects, open_objects
from mint.curate.inspection import Inspection
from mint.curate.stage import inspection
from mint.curate.studio import Studio
from mint.models.embedder import clip_embedder
from mint.models.find import find_models
from mint.models.runtime import limit_cores
from mint.paint.batches import padded
from mint.paint.picture import Picture, put_pixels, stored
from mint.paint.png import decode
from mint.paint.render import open_renderer
from mint.plan.recipe import Candidate, Diffusion, Recipe, Runtime
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Memos = Mapping[tuple[str, str], bytes]  # (step, key) -> what a store remembers there
EMBED = "embed"  # the step under which mint.curate.memo remembers what a model says of a picture


class Assignment(NamedTuple):
    """What a painter has to know of a build.

    `state` is the driver's .mint, which a painter may see or not; `probe` is a file there that says
    which. `objects` is the URL where pictures go, `cores` how many threads compute.
    """

    collection: Collection
    source: Source
    state: Path
    probe: str
    objects: str
    cores: int | None


class Introduction(NamedTuple):
    """Who a painter is: its machine and process, and what would paint and enlarge there."""

    host: str
    process: int
    sees_state: bool
    painting: Runtime
    enlarging: Runtime | None


class Work(NamedTuple):
    """What a painter did of a batch: a picture for each candidate, and the models' rows of them.

    The rows are by the key under which a store remembers them as EMBED.
    """

    pictures: list[Picture]
    rows: dict[str, bytes]


class SharedStore(Store):
    """A Store whose objects are shared and whose memos last as long as the painter.

    The driver's memos are one SQLite file, which one machine alone may open: what painters need of
    them comes with their work.
    """

    def __init__(self, state: Path, objects: Objects) -> None:
        super().__init__(state)
        self.objects = objects
        self.memos: dict[tuple[str, str], bytes] = {}

    def put(self, data: bytes) -> str:
        """Share `data` with all machines."""
        return self.objects.put(data)

    def get(self, digest: str) -> bytes | None:
        """What one of the machines shared."""
        return self.objects.get(digest)

    def has(self, digest: str, size: int) -> bool:
        """True: whoever asks was handed the digest by the driver, and hashes what it reads."""
        return True

    def recall_all(self, step: str, keys: Iterable[str]) -> dict[str, bytes]:
        """What was remembered here."""
        places = ((step, key) for key in keys)
        return {place[1]: self.memos[place] for place in places if place in self.memos}

    def remember_all(self, step: str, memos: Mapping[str, bytes]) -> None:
        """Remember for as long as the painter lasts."""
        self.memos |= {(step, key): data for key, data in memos.items()}


class Painter:
    """What Ray starts on each machine. Its methods raise MintError."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        limit_cores(assignment.cores)
        self.store = SharedStore(assignment.state, open_objects(assignment.objects))

    def introduce(self, memos: Memos) -> Introduction:
        """Say who paints here, with the threads and the batch that `memos` have on record."""
        self.store.memos |= memos
        collection, source = self.assignment.collection, self.assignment.source
        models = self.models = find_models(collection, source, self.store, "new")
        probe = self.assignment.state / self.assignment.probe
        enlarging = models.upscalers.current if models.upscalers else None
        return Introduction(
            socket.gethostname(),
            os.getpid(),
            os.path.exists(probe),
            models.painters.current,
            enlarging,
        )

    @cached_property
    def _studio(self) -> Studio:
        quiet = open_renderer, clip_embedder, lambda step, done, total: None
        return Studio(self.assignment.collection, self.store, self.models, *quiet)

    def render(self, batch: Sequence[Recipe], memos: Memos) -> list[Pixels]:
        """The pixels of one batch, of which nothing is stored."""
        self.store.memos |= memos
        return self._studio.renderer(batch)

    def paint(self, batch: Sequence[Candidate | None], memos: Memos) -> Work:
        """One batch painted, stored and looked at; `memos` lead to what its recipes begin with."""
        pixels = self.render(padded(batch), memos)
        proposed = [each for each, one in zip(pixels, batch, strict=True) if one is not None]
        with ThreadPoolExecutor() as pool:
            pictures = list(pool.map(partial(put_pixels, self.store), proposed))
        self._look(pictures)
        places = [place for place in self.store.memos if place[0] == EMBED]
        return Work(pictures, {place[1]: self.store.memos.pop(place) for place in places})

    @cached_property
    def _inspection(self) -> Inspection:
        return inspection(self.assignment.collection, self._studio)

    def _look(self, pictures: Sequence[Picture]) -> None:
        """Let all models say what the build will ask them of every picture."""
        studio, inspected = self._studio, self._inspection
        studio.embed(pictures)
        if studio.second:
            studio.second.embed(pictures)
        inspected.check(pictures)
        for question in inspected.questions:
            # The next one is asked of what the first leaves open (mint.curate.truth).
            able = (judge for judge in inspected.judges if any(judge.knows(question)))
            if judge := next(able, None):
                judge.look(pictures, question)

    def enlarge(self, picture: Picture, settings: Diffusion) -> Picture:
        """The picture, painted with `settings`, enlarged and stored."""
        return put_pixels(
            self.store, self.magnify(decode(stored(self.store, picture), *settings.size))
        )

    def magnify(self, pixels: Pixels) -> Pixels:
        """The pixels enlarged, of which nothing is stored."""
        upscale = self._studio.upscale
        assert upscale is not None  # the collection has an upscaler
        return upscale(pixels)

"""Other machines that paint and enlarge in place of this process; mint.cluster has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from mint.models.machines import Machines
from mint.models.weights import Model
from mint.paint.picture import Painted, Picture
from mint.paint.sources import Sources
from mint.plan.recipe import Candidate, Diffusion, Runtime

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


class Engine(Protocol):
    """Whoever paints elsewhere. Pictures come in any order, their files in this store."""

    @property
    def machines(self) -> Machines:
        """What paints and enlarges there."""

    @property
    def painters(self) -> int:
        """How many paint side by side."""

    def open_renderer(
        self, model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
    ) -> Renderer:
        """One batch after the other, each on one of the machines; raises RenderError."""

    def others(self, runtime: Runtime) -> tuple[Runtime, ...]:
        """What else than `runtime` paints there, where the artist agreed to several."""

    def assigned(self, token_id: int, runtimes: Sequence[Runtime]) -> Runtime:
        """Which of `runtimes`, of whom the last is the first machine's, is to paint a token."""

    def paint(
        self, candidates: Sequence[Candidate], size: int, runtimes: Sequence[Runtime]
    ) -> Iterator[Painted]:
        """All of them in batches of `size`, each on a machine that is its recipe's runtime.

        Raises MintError. What the embedder and the judges say of a picture is then in the store,
        too.
        """

    def upscale(self, pixels: Pixels) -> Pixels:
        """One picture enlarged; raises MintError."""

    def enlarge(
        self, pictures: Sequence[Picture], settings: Diffusion
    ) -> Iterator[tuple[Picture, Picture]]:
        """Each picture, painted with `settings`, with the same enlarged; raises MintError."""

"""`animate:` of collection.yaml: which tokens move, what moves them, and for how long."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mint.document import Number
from mint.spec.forms import Revision
from mint.spec.selection import Selection
from mint.spec.traits import Text

WALK = "walk"  # the painting model itself moves its pictures
# Keys that one kind of model honours and the other would ignore.
OF_WALK = ("keyframes", "motion")
OF_VIDEO = ("revision", "words", "steps", "guidance_scale")


class Animate(Selection):
    """Tokens that move: each gets a short film that runs in a loop, which marketplaces play in the
    picture's place. `tokens`, `rarest`, `one_of_ones` and `where` say which; whatever one of them
    names moves."""

    still: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(examples=[[7]])] = ()
    """The numbers of tokens that do not move, whatever else names them."""
    model: Annotated[Text, Field(examples=["walk", "./my-motion-adapter", "org/name"])] = WALK
    """What moves them. `walk` is inside mint and needs nothing else: the painting model paints the
    token from a noise that goes round a small circle and comes back to the token's own. Or a video
    model of diffusers: a folder, relative to this file, or a hub model with its `revision`:
    AnimateDiff (whole, or a motion adapter alone, which moves what `image.model` paints),
    LTX-Video, Wan, or Stable Video Diffusion."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""
    frames: Annotated[int, Field(ge=2, le=240)] = 24
    """How many pictures the film has. More makes it longer, and takes longer to paint."""
    fps: Annotated[int, Field(ge=1, le=60)] = 12
    """How many of them are played in a second."""
    keyframes: Annotated[int, Field(ge=3, le=240)] = 8
    """For `walk`: how many of the frames are painted from noise; those between are blended before
    they are decoded, which takes a tenth of the time. More is truer where much moves."""
    motion: Annotated[Number, Field(gt=0, le=3)] = 0.8
    """For `walk`: how far the noise goes from the token's own, as an angle: 0.2 breathes, 0.8
    sways, and much above 1.2 it is another picture for a moment."""
    words: Annotated[Text, Field(examples=["blinking, wind in its fur"])] | None = None
    """For video models that read words: what is added to the token's prompt, which says what it
    does."""
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    """For video models: how many steps they take. Without it, as many as `image.steps`."""
    guidance_scale: Annotated[Number, Field(ge=0, le=50)] | None = None
    """For video models: how strictly they follow the words. Without it, as `image.guidance_scale`
    says."""
    enlarge: bool = True
    """With `image.upscale`, films are enlarged as the pictures are, frame by frame; `false` leaves
    them as small as they are painted."""

    @property
    def painted(self) -> int:
        """How many frames a walk paints from noise."""
        return min(self.keyframes, self.frames)

    @property
    def seconds(self) -> float:
        """How long the film runs until it begins anew."""
        return self.frames / self.fps

"""`image.reference` and `image.control` of collection.yaml: pictures that all tokens go by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mint.document import Number, sha256
from mint.spec.forms import Revision, Section
from mint.spec.traits import Text

PUBLISHED = "published with the collection"
Pixels = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[sha256(b"")])]
Part = Annotated[Number, Field(ge=0, le=1)]


class Guide(Section):
    """A picture of the artist's, and the model through which another one paints by it."""

    file: Annotated[Text, Field(examples=["mood.png"])]
    """A PNG, JPEG or WebP file, relative to this file. It is scaled until it covers a picture of
    the collection, and what juts out is cut away on both sides. So it is published with the
    collection: others need it to paint the same again."""
    pixels: Pixels | None = None
    """The SHA-256 of the picture as it was cut. mint writes it into the record; here leave it
    out, or write it if no other picture may ever take its place."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""


class Reference(Guide):
    """A picture whose look all tokens take: its colours, its brush, its mood (IP-Adapter)."""

    model: Annotated[Text, Field(examples=["h94/IP-Adapter", "./ip-adapter"])]
    """Where the IP-Adapter is: a folder, relative to this file, or a hub model with its
    `revision`. It must be one that was trained for the family of `image.model`."""
    subfolder: Annotated[Text, Field(examples=["models", "sdxl_models"])] | None = None
    """The folder in `model` that has the weights. Without it they lie in `model` itself."""
    weights: Annotated[Text, Field(examples=["ip-adapter_sd15.safetensors"])]
    """The name of the IP-Adapter's .safetensors file."""
    encoder: Annotated[Text, Field(examples=["models/image_encoder", "./clip-vit-large"])] = (
        "image_encoder"
    )
    """The model that looks at the picture: a folder in `model`, or, if it has no /, in its
    `subfolder`; a folder on this machine, which begins with ./; or a hub model with its
    `encoder_revision`."""
    encoder_revision: Revision | None = None
    """The commit of the hub model under `encoder`, 40 digits. Needed with a hub model only."""
    scale: Annotated[Number, Field(ge=0, le=2, examples=[0.6])] = 0.6
    """How much of the look the tokens take. 0 is nothing; from 1 on little is left of the
    prompt."""

    @property
    def summary(self) -> str:
        """For `mint check`."""
        return f"that of {self.file}, {self.scale:g} by {self.weights} ({PUBLISHED})"


class Control(Guide):
    """A picture whose outlines or pose all tokens follow (ControlNet)."""

    model: Annotated[Text, Field(examples=["lllyasviel/control_v11p_sd15_canny", "./canny"])]
    """The ControlNet: a folder, relative to this file, or a hub model with its `revision`. It must
    be one that was trained for the family of `image.model`, and for pictures of this `kind`."""
    kind: Literal["edges", "picture"] = "picture"
    """What of the picture the ControlNet is shown: `edges` finds its outlines, white on black, for
    a ControlNet of edges (Canny); `picture` shows it as it is, such as a pose map or a drawing.
    What it is shown is what is published."""
    scale: Annotated[Number, Field(ge=0, le=2, examples=[0.8])] = 1.0
    """How strictly the tokens follow it. 0 is not at all."""
    start: Part = 0.0
    """From which part of the steps on: 0 is the first step, 0.5 is half way."""
    end: Part = 1.0
    """Until which part of the steps. An early end, such as 0.6, leaves the details to the
    prompt."""

    @property
    def summary(self) -> str:
        """For `mint check`."""
        edges = "edges of " if self.kind == "edges" else ""
        parts = (self.start, self.end) != (0, 1)
        when = f", from {self.start:g} to {self.end:g} of the steps" if parts else ""
        return f"{edges}{self.file}, {self.scale:g} by {self.model}{when} ({PUBLISHED})"


# Left out of the record where there is none, so that other collections keep their digest.
Referred = Annotated[Reference | None, Field(exclude_if=lambda guide: guide is None)]
Controlled = Annotated[Control | None, Field(exclude_if=lambda guide: guide is None)]

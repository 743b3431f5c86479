"""collection.yaml -> Collection: what the artist wrote, checked; errors carry file:line:column."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from mint.document import Document, Number, sha256
from mint.spec.traits import Name, OneOfOne, Rule, Text, Traits

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
Ether = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{1,18})?$")]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$")]
Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Auto = Literal["auto"]
ProfileName = Literal["unixfs-v1-2025", "unixfs-v0-2015", "kubo-cidv1"]
DEFAULT_PROFILE: ProfileName = "unixfs-v1-2025"
ONE_OF_ONE = "One of one"  # the trait type whose value is a one-of-one's name
Scheduler = Literal["default", "ddim", "dpm++", "euler", "euler-ancestral", "lcm", "unipc"]
ATELIER = Path(__file__).parent.parent / "atelier"  # the embedded models


def slug(name: str) -> str:
    """A name as a folder: letters and digits of any script, lower case, dashes between words.

    Latin letters lose their accents; a name without letters is called by its digest.
    """
    plain = re.sub("(?<=[A-Za-z])[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", name))
    whole = unicodedata.normalize("NFC", plain).lower()
    # Marks are the vowels of many scripts.
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in whole)
    words = (word for word in "".join(kept).split() if any(map(str.isalnum, word)))
    return "-".join(words)[:60] or f"collection-{sha256(name.encode())[:8]}"


def _named(network: str) -> str:
    if re.fullmatch(r"[a-z0-9-]+", network):
        return network
    raise PydanticCustomError(
        "endpoint",
        '"network" is not a name, and an address would be published with its key',
        {"hint": "write a name such as sepolia, and set MINT_RPC_URL to the node's address"},
    )


class ImageSettings(Document):
    """How pictures are painted. Everything here decides pixels.

    `upscale` enlarges what was painted and kept: `atelier`, or a safetensors file.
    """

    model: Text = "atelier"
    revision: Revision | None = None
    prompt: Text
    negative_prompt: Annotated[str, Field(max_length=10_000)] = ""
    steps: Annotated[int, Field(ge=1, le=1000)] = 20
    guidance_scale: Annotated[Number, Field(ge=0, le=50)] = 3.0
    scheduler: Scheduler = "default"
    width: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 256
    height: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 256
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    batch: Annotated[int, Field(ge=1, le=256)] = 8
    upscale: Text | None = None


class Dedup(Document):
    """When two pictures are one, and how often a token is painted again."""

    threshold: Auto | Annotated[Number, Field(gt=0, le=1)] = "auto"
    attempts: Annotated[int, Field(ge=0, le=20)] = 5
    exhausted: Literal["stop", "keep"] = "stop"
    embedder: Text = "atelier"
    revision: Revision | None = None


class Truth(Document):
    """How sure the judge must be that a promised trait is visible."""

    threshold: Auto | Annotated[Number, Field(gt=0, le=1)] = "auto"


class Creator(Document):
    """Who made it; shown in the metadata."""

    name: Name
    url: Text | None = None
    address: Address | None = None


class Royalty(Document):
    """ERC-2981: share of a resale in basis points, and who gets it (default: the owner)."""

    bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    receiver: Address | None = None


class Phase(Document):
    """A claim window of the sale. Prices are decimal text in ether, times are ISO 8601.

    Without `end` it ends where the next begins; without `supply` it may sell all that are left.
    `allowlist` is a CSV file of `wallet,cap` lines, relative to collection.yaml.
    """

    name: Name
    start: Instant
    end: Instant | None = None
    price: Ether
    wallet_cap: Annotated[int, Field(ge=1)] | None = None
    supply: Annotated[int, Field(ge=1)] | None = None
    allowlist: Text | None = None


class Payee(Document):
    """Who gets which part of the proceeds, in basis points."""

    address: Address
    bps: Annotated[int, Field(ge=1, le=10_000)]


class Sale(Document):
    """A sale in phases, blind until a fair draw; the money is held until then.

    After `reveal_by` (a week after the last phase) buyers take it back instead. `draw_delay` is how
    many blocks after the sale the one lies whose hash decides. `airdrop` is a CSV file of
    `wallet,quantity` lines, given away before the first phase. Until the reveal every token shows
    `placeholder`, a picture. Without `payees` all proceeds are the owner's.
    """

    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    reveal_by: Instant | None = None
    draw_delay: Annotated[int, Field(ge=96, le=65_535)] = 96
    payees: tuple[Payee, ...] = ()
    airdrop: Text | None = None
    placeholder: Text | None = None


class Storage(Document):
    """Who keeps the CAR besides this machine. Endpoints and tokens come from the environment.

    `profile` is how files become blocks, and so decides every CID. The first is what IPFS agreed on
    in 2025; the others are for those who must match what Kubo's `ipfs add` gives without options
    (`unixfs-v0-2015`) or with `--cid-version=1` (`kubo-cidv1`).
    """

    pin: Literal["none", "kubo", "filebase", "pinata", "psa"] = "none"
    # Left out when it is the default, so that older collections keep their digest.
    profile: Annotated[ProfileName, Field(exclude_if=lambda name: name == DEFAULT_PROFILE)] = (
        DEFAULT_PROFILE
    )


class Collection(Document):
    """All that collection.yaml says."""

    name: Name
    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.$-]{1,16}$")]
    description: Text
    supply: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Annotated[int, Field(ge=0, lt=2**53)]
    licence: Text = "CC0-1.0"
    licence_uri: Text | None = None
    creator: Creator | None = None
    external_url: Text | None = None
    background_color: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{6}$")] | None = None
    image: ImageSettings
    traits: Traits
    rules: tuple[Rule, ...] = ()
    one_of_ones: tuple[OneOfOne, ...] = ()
    dedup: Dedup = Dedup()
    truth: Truth = Truth()
    royalty: Royalty = Royalty()
    sale: Sale | None = None
    storage: Storage = Storage()
    network: Annotated[Text, AfterValidator(_named)] = "local"

    @property
    def slug(self) -> str:
        """The name as a folder."""
        return slug(self.name)

    def plain_prompts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Words for the model in which {Trait} means nothing, each with its place in the file."""
        yield ("image", "negative_prompt"), self.image.negative_prompt
        for trait in self.traits:
            for value in trait.values:
                yield ("traits", trait.name, value.name, "prompt"), value.prompt or ""
        for i, one in enumerate(self.one_of_ones):
            yield ("one_of_ones", i, "prompt"), one.prompt


def fields_at(loc: Sequence[str | int]) -> list[str]:
    """Names that the schema knows at `loc`."""
    if loc and loc[0] == "traits":
        return ["weight", "count", "prompt"]
    model: type[BaseModel] = Collection
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _record(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _record(annotation: Any) -> type[BaseModel] | None:
    """The record class inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_record(argument) for argument in getattr(annotation, "__args__", ()))
    return next((found for found in inner if found), None)


def beside(name: str, collection_file: Path) -> Path:
    """A file that collection.yaml names, relative to its folder."""
    # Links keep their names: in the hub's cache it is the link that says `.safetensors`.
    return Path(os.path.abspath(collection_file.parent / os.path.expanduser(name)))


def model_folder(model: str, collection_file: Path) -> Path | None:
    """The folder that `model` names (relative to collection.yaml), or None for a hub id."""
    if model == "atelier":
        return ATELIER / "pipeline"
    if model.startswith((".", "/", "~")):
        return (collection_file.parent / Path(model).expanduser()).resolve()
    return None


def upscaler_file(upscale: str, collection_file: Path) -> Path:
    """The file that `image.upscale` names, relative to collection.yaml."""
    if upscale == "atelier":
        return ATELIER / "upscaler" / "model.safetensors"
    return beside(upscale, collection_file)

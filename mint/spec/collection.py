"""collection.yaml -> Collection: what the artist wrote, checked; errors carry file:line:column."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WrapValidator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from mint.document import sha256
from mint.spec.animate import Animate
from mint.spec.c2pa import C2pa
from mint.spec.expansions import Expansions
from mint.spec.forms import Address, Colour, Section, Symbol
from mint.spec.keepers import keepers
from mint.spec.painting import Dedup, ImageSettings, Truth
from mint.spec.safety import Safety
from mint.spec.sale_terms import Sale
from mint.spec.services import ABOUT, Keepers
from mint.spec.style import Style
from mint.spec.traits import Name, OneOfOne, Rule, Text, Traits

ProfileName = Literal["unixfs-v1-2025", "unixfs-v0-2015", "kubo-cidv1"]
DEFAULT_PROFILE: ProfileName = "unixfs-v1-2025"
ONE_OF_ONE = "One of one"  # the trait type whose value is a one-of-one's name
ATELIER = Path(__file__).parent.parent / "atelier"  # the embedded models
LOCAL = (".", "/", "~")  # what a folder's name begins with, and a hub model's does not
EMBEDDED = {  # those that paint, by their name in image.model
    "atelier": ATELIER / "pipeline",
    "atelier-vae": ATELIER / "vae",
    "atelier-gan": ATELIER / "gan",
}
# Inside mint, for image.upscale; "inks" redraws afterwards.
UPSCALERS = {
    "atelier": "model.safetensors",
    "atelier-x2": "x2.safetensors",
    "inks": "model.safetensors",
}
DETAIL = {"atelier-detail": ATELIER / "detail"}  # goes on with pictures: for image.refiners


def slug(name: str) -> str:
    """A name as a folder: letters and digits of any script, lower case, dashes between words.

    Latin letters lose their accents; a name without letters is called by its digest.
    """
    plain = re.sub("(?<=[A-Za-z])[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", name))
    whole = unicodedata.normalize("NFC", plain).lower()
    # Marks are the vowels of many scripts.
    letters = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in whole)
    words = (word for word in "".join(letters).split() if any(map(str.isalnum, word)))
    return "-".join(words)[:60] or f"collection-{sha256(name.encode())[:8]}"


def _network_name(network: str) -> str:
    if re.fullmatch(r"[a-z0-9-]+", network):
        return network
    if re.fullmatch(r"[A-Za-z0-9 _-]+", network):
        name = re.sub("[ _]+", "-", network.strip()).lower()
        raise PydanticCustomError("form", "no", {"hint": f"write {name}, in small letters"})
    raise PydanticCustomError(
        "endpoint",
        '"network" is not a name, and an address would be published with its key',
        {"hint": "write a name such as hoodi, and set MINT_RPC_URL to the node's address"},
    )


class Creator(Section):
    """The artist; published in the metadata."""

    name: Annotated[Name, Field(examples=["Ada Moss"])]
    """Your name, or the name you publish under."""
    url: Annotated[Text, Field(examples=["https://example.org"])] | None = None
    """Your page on the web."""
    address: Address | None = None
    """Your wallet, for marketplaces to show. Nothing is paid to it."""


class Royalty(Section):
    """What you are to get of each resale (ERC-2981). Marketplaces read it; not all pay it."""

    bps: Annotated[int, Field(ge=0, le=10_000, examples=[500])] = 0
    """Your part of a resale's price in hundredths of a per cent: 500 is 5 %."""
    receiver: Address | None = None
    """The wallet that gets it. Without it, the contract's owner."""


class Storage(Section):
    """Who keeps the pictures besides this machine. Addresses and tokens of services come from the
    environment, never from this file."""

    pin: Annotated[
        Keepers,
        Field(
            description="The service that keeps the files on IPFS, or several in brackets, such as "
            "[kubo, pinata]. `none` keeps them on this machine alone; "
            f"{'; '.join(f'`{name}`: {about}' for name, about in ABOUT.items())}."
        ),
        WrapValidator(keepers),
    ] = "none"
    # Left out when it is the default, so that older collections keep their digest.
    profile: Annotated[ProfileName, Field(exclude_if=lambda name: name == DEFAULT_PROFILE)] = (
        DEFAULT_PROFILE
    )
    """How files become blocks, and so every CID. The first is what IPFS agreed on in 2025; the
    others match Kubo's `ipfs add` without options (`unixfs-v0-2015`) or with `--cid-version=1`
    (`kubo-cidv1`)."""


class Collection(Section):
    """An NFT collection: what it is, how it is painted, how rare its traits are, how it is sold."""

    name: Annotated[Name, Field(examples=["Small Beasts"])]
    """The collection's name, up to 120 characters. It also names the folder of the build."""
    symbol: Symbol
    """The short name that wallets show, 1 to 16 letters and digits."""
    description: Annotated[Text, Field(examples=["Sixteen small beasts in hats."])]
    """What a collector reads first."""
    supply: Annotated[int, Field(ge=1, le=1_000_000, examples=[64])]
    """How many tokens there will ever be, one-of-ones included. A larger number keeps the pictures
    that are there and adds to them, wherever the traits leave room; mint check says how many."""
    seed: Annotated[int, Field(ge=0, lt=2**53, examples=[20261122])]
    """Any whole number. The same seed paints the same pictures, another one paints others."""
    licence: Annotated[Text, Field(examples=["CC0-1.0", "CC-BY-NC-4.0"])] = "CC0-1.0"
    """What owners and others may do with the pictures: an identifier from spdx.org/licenses, or a
    name of your own with `licence_uri`."""
    licence_uri: Annotated[Text, Field(examples=["https://example.org/licence.txt"])] | None = None
    """Where the licence's text is. Without it, SPDX's page of the identifier."""
    creator: Creator | None = None
    """Who the artist is. Without it the metadata names nobody."""
    external_url: Annotated[Text, Field(examples=["https://example.org/beasts"])] | None = None
    """The collection's page on the web, which marketplaces link to."""
    cover: Annotated[int, Field(ge=1, examples=[12])] | None = None
    """The number of the token that stands on the report's cover. Without it, the picture that the
    judge is surest of, or else the rarest."""
    background_color: Colour | None = None
    """The colour that marketplaces put behind a picture: red, green, blue as six hexadecimal digits
    in quotes, without #."""
    image: ImageSettings
    """How pictures are painted."""
    style: Style | None = None
    """The look of all pictures, in one place. Without it they are as `image:` says."""
    traits: Traits
    """The traits, and how often each value comes: a weight, {count: 2} for exactly two tokens, or
    {weight: 3, prompt: other words}. Every token has one value of each trait; `none` is the value
    of a token that does not have it."""
    rules: tuple[Rule, ...] = ()
    """Which values never come together, or always do. Without it all combinations may come."""
    one_of_ones: tuple[OneOfOne, ...] = ()
    """Tokens with a prompt of their own and no traits."""
    animate: Animate | None = None
    """Tokens that move, and what moves them. Without it all are still."""
    dedup: Dedup = Dedup()
    """When two pictures count as one, and what happens then."""
    truth: Truth = Truth()
    """How sure it must be that a promised trait is visible."""
    # Left out when it is the default, so that older collections keep their digest.
    safety: Annotated[Safety, Field(exclude_if=lambda safety: safety == Safety())] = Safety()
    """Which pictures not everybody wants to see, and which names a prompt had better not use."""
    c2pa: C2pa | None = None
    """A signed statement in every picture that a trained model painted it. Without it the files
    say so unsigned."""
    royalty: Royalty = Royalty()
    """What you are to get of each resale. Without it, nothing."""
    sale: Sale | None = None
    """A sale in phases. Without it all tokens are minted to you, in order."""
    storage: Storage = Storage()
    """Who keeps the pictures besides this machine."""
    network: Annotated[Text, Field(examples=["local", "hoodi"]), AfterValidator(_network_name)] = (
        "local"
    )
    """The chain that it is deployed on: `local` (inside mint), `anvil`, or a test network such as
    `hoodi`, whose node MINT_RPC_URL names."""
    # Of prompts.lock, not of this file: `mint prompts` writes it, and load() puts it here.
    expansions: Annotated[
        SkipJsonSchema[Expansions | None], Field(exclude_if=lambda words: words is None)
    ] = None
    """What a language model wrote for the values' phrases. Without it prompts say the phrases."""

    @property
    def public(self) -> Collection:
        """It without what is of a run alone: the network, and who keeps the pictures.

        Its digest is what a contract holds, so both may change after a launch.
        """
        storage = self.storage.model_copy(update={"pin": "none"})
        return self.model_copy(update={"network": "local", "storage": storage})

    @property
    def slug(self) -> str:
        """The name as a folder."""
        return slug(self.name)

    @property
    def painting(self) -> ImageSettings:
        """How pictures are painted: `image` in the collection's style."""
        return self.style.applied(self.image) if self.style else self.image

    def plain_prompts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Words for the model in which {Trait} means nothing, each with its place in the file."""
        yield ("image", "negative_prompt"), self.image.negative_prompt
        for i, words in enumerate(self.image.variations):
            yield ("image", "variations", i), words
        for trait in self.traits:
            for value in trait.values:
                yield ("traits", trait.name, value.name, "prompt"), value.prompt or ""
        for i, one in enumerate(self.one_of_ones):
            yield ("one_of_ones", i, "prompt"), one.prompt
        for place, words in self.style.phrases() if self.style else ():
            yield ("style", *place), words


def beside(name: str, collection_file: Path) -> Path:
    """A file that collection.yaml names, relative to its folder."""
    # Links keep their names: in the hub's cache it is the link that says `.safetensors`.
    return Path(os.path.abspath(collection_file.parent / os.path.expanduser(name)))


def model_folder(model: str, collection_file: Path) -> Path | None:
    """The folder that `model` names (relative to collection.yaml), or None for a hub id."""
    if folder := (EMBEDDED | DETAIL).get(model):
        return folder
    if model.startswith(LOCAL):
        return (collection_file.parent / os.path.expanduser(model)).resolve()
    return None


def upscaler_file(upscale: str, collection_file: Path) -> Path:
    """The file that `image.upscale` names, relative to collection.yaml."""
    if file := UPSCALERS.get(upscale):
        return ATELIER / "upscaler" / file
    return beside(upscale, collection_file)

"""What a collection.yaml may say, and hardly means: warnings for `mint check`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mint.spec.collection import Collection
from mint.spec.licences import SPDX, licence_page
from mint.spec.sale_times import moment, windows
from mint.spec.spelling import CURLY
from mint.spec.style_faults import idle, setting_place
from mint.spec.traits import Trait
from mint.spec.yaml_source import Location, Source, nearest

STRONG_GUIDANCE = 20  # above it Stable Diffusion's colours burn out, whatever the prompt
USUAL_ROYALTY = (50, 1000)  # basis points: 0.5 % to 10 %
# What other programs read in a prompt, and diffusers takes for words.
_FOREIGN = (
    (
        re.compile(r"<(lora|lyco|hypernet|ti):[^>]*>", re.IGNORECASE),
        "is read as words: a prompt loads no LoRA",
        "remove it, and write the file below image.adapters with its scale",
    ),
    (
        re.compile(r"\([^()]*:\s*[0-9.]+\s*\)|\({2,}[^()]*\){2,}|\[{2,}[^\[\]]*\]{2,}"),
        "is read as words: brackets and numbers give words no weight here",
        "write the words alone, the most important first",
    ),
    (
        re.compile(r"(?<!\S)--[a-z]+( [\w.:]+)?|/imagine\b"),
        "is read as words: it is an option of Midjourney's",
        "remove it; width, height, seed and steps are keys of this file",
    ),
)


def advice(collection: Collection, source: Source, now: float) -> Iterator[str]:
    """A line for each thing that is allowed and suspicious; `now` is in Unix seconds."""
    yield from _curly_quotes(source)
    yield from _comments(source)
    for location, text in _prompts(collection):
        for syntax, what, hint in _FOREIGN:
            if match := syntax.search(text):
                yield source.warning(location, f'"{match[0]}" {what}', hint)
    yield from _guidance(collection, source)
    yield from _taught_words(collection, source)
    yield from idle(collection.style, source)
    for trait in collection.traits:
        yield from _twins(trait, source)
    yield from _unchecked(collection, source)
    yield from _royalty(collection, source)
    yield from _licence(collection, source)
    yield from _web_addresses(collection, source)
    yield from _past(collection, source, now)


def _prompts(collection: Collection) -> Iterator[tuple[Location, str]]:
    yield ("image", "prompt"), collection.image.prompt
    yield from collection.plain_prompts()


def _taught_words(collection: Collection, source: Source) -> Iterator[str]:
    """Words of textual inversions that nothing says, or that are parts of longer words."""
    phrases = [value.phrase for trait in collection.traits for value in trait.values]
    texts = [*(text for _, text in _prompts(collection)), *phrases]
    for i, embedding in enumerate(collection.image.embeddings):
        place, token = ("image", "embeddings", i, "token"), embedding.token
        around = [text[max(a - 1, 0) : b + 1] for text in texts for a, b in embedding.uses(text)]
        if not around:
            message = f'no prompt has the word "{token}", so {embedding.file} changes nothing'
            yield source.warning(place, message, "write it in image.prompt or in a value's prompt")
        elif inside := [text for text in around if text.strip(" ,.;:!?()'\"") != token]:
            message = f'"{token}" is a part of a longer word ("{inside[0]}"), which it changes, too'
            hint = f'write it as "<{token.strip("<>")}>" here and in the prompt'
            yield source.warning(place, message, hint)


def _curly_quotes(source: Source) -> Iterator[str]:
    for location, text in source.texts():
        plain = text.strip(CURLY)
        if plain != text and (text[0] in CURLY) == (text[-1] in CURLY):
            message = f"the curly quotes in {text} are part of the text"
            yield source.warning(
                location, message, f'write {plain}, or "{plain}" in straight quotes'
            )
    for location in source.keys:
        key = str(location[-1])
        if (plain := key.strip(CURLY)) != key:
            message = f"the curly quotes in {key} are part of the name"
            yield source.warning(location, message, f"write {plain}", key=True)


def _comments(source: Source) -> Iterator[str]:
    """`licence_uri: #terms`, where YAML reads a comment. In traits an empty value is weight 1."""
    for location in source.keys:
        comment = source.comment_at(location)
        if comment and location[0] != "traits" and source.value_at(location) is None:
            message = f'"{location[-1]}" is empty, because an unquoted # begins a comment'
            yield source.warning(
                location, message, f'put the text in quotes: "{comment}"', key=True
            )


def _guidance(collection: Collection, source: Source) -> Iterator[str]:
    image = collection.painting
    if image.guidance_scale > STRONG_GUIDANCE:
        yield source.warning(
            setting_place(collection.style, source, "guidance_scale"),
            f"a guidance_scale of {image.guidance_scale:g} burns colours with most models",
            "3 to 8 is usual",
        )
    if image.negative_prompt and image.guidance_scale <= 1:
        yield source.warning(
            ("image", "negative_prompt"),
            f"with a guidance_scale of {image.guidance_scale:g} the negative_prompt is not read",
            "raise guidance_scale above 1, or remove the line",
        )


def _twins(trait: Trait, source: Source) -> Iterator[str]:
    """Values that one reader takes for one, or that are painted alike."""
    names: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for value in trait.values:
        name, phrase = (" ".join(text.casefold().split()) for text in (value.name, value.phrase))
        location = ("traits", trait.name, value.name)
        if name in names:
            message = f'"{value.name}" and "{names[name]}" differ in their spelling only'
            hint = "keep one of them; two would count as two values"
            yield source.warning(location, message, hint, key=True)
        elif phrase in phrases:
            message = f'"{value.name}" and "{phrases[phrase]}" put the same words into the prompt'
            hint = "give one of them a `prompt:` of its own, or keep one"
            yield source.warning(location, message, hint, key=True)
        names.setdefault(name, value.name)
        phrases.setdefault(phrase, value.name)


def _royalty(collection: Collection, source: Source) -> Iterator[str]:
    bps = collection.royalty.bps
    if bps and not USUAL_ROYALTY[0] <= bps <= USUAL_ROYALTY[1]:
        yield source.warning(
            ("royalty", "bps"),
            f"{bps} bps are {bps / 100:g} % of each resale",
            "bps are hundredths of a per cent: 500 is 5 %",
        )


def _licence(collection: Collection, source: Source) -> Iterator[str]:
    licence = collection.licence
    if collection.licence_uri or licence_page(licence):
        return
    guess = nearest(licence, SPDX)
    yield source.warning(
        ("licence",),
        f'"{licence}" is no licence that mint knows, so the metadata links to no text',
        (f"{guess} else " if guess.startswith("did you") else "")
        + "write `licence_uri:` with the address of the text, or use a name from spdx.org/licenses",
    )


def _web_addresses(collection: Collection, source: Source) -> Iterator[str]:
    creator = collection.creator
    for location, text in (
        (("creator", "url"), creator.url if creator else None),
        (("external_url",), collection.external_url),
        (("licence_uri",), collection.licence_uri),
    ):
        if text and not re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE):
            message = f'"{text}" is no web address, so nobody can follow it'
            yield source.warning(location, message, f"write https://{text.lstrip('/')}")


def _unchecked(collection: Collection, source: Source) -> Iterator[str]:
    """Addresses that get money and say nothing of their checksum: a slip would go unnoticed."""
    from eth_utils.address import to_checksum_address

    payees = collection.sale.payees if collection.sale else ()
    receivers: list[tuple[Location, str | None]] = [
        (("royalty", "receiver"), collection.royalty.receiver),
        *((("sale", "payees", i, "address"), payee.address) for i, payee in enumerate(payees)),
    ]
    for location, address in receivers:
        if address and address == address.lower() and re.search("[a-f]", address[2:]):
            yield source.warning(
                location,
                f"{address} in small letters: no mistake in it could be noticed",
                f"compare it with the wallet; if it is right, write {to_checksum_address(address)}",
            )


def _past(collection: Collection, source: Source, now: float) -> Iterator[str]:
    sale = collection.sale
    for i, (start, end) in enumerate(windows(sale) if sale else ()):
        if sale and start < now:
            over = f", and ended at {moment(end)} UTC" if end < now else ""
            yield source.warning(
                ("sale", "phases", i, "start"),
                f'the phase "{sale.phases[i].name}" began at {moment(start)} UTC{over}',
                "write a time to come, unless the sale is deployed already",
            )

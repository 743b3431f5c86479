"""A collection.yaml file -> Collection, or an error that names the line, column and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from mint.addresses import checksum_problem
from mint.errors import CollectionError
from mint.spec import (
    animated,
    empty,
    guide_pictures,
    model_files,
    model_names,
    numbered_tokens,
    prompts_lock,
    sale_times,
    style_faults,
)
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.drawings import with_drawings
from mint.spec.explain import explain
from mint.spec.leaks import leaks
from mint.spec.painting import PLACEHOLDER
from mint.spec.selection_faults import selection_faults
from mint.spec.style import resolved
from mint.spec.traits import Trait
from mint.spec.yaml_source import Location, Source, nearest, read

LIMIT = 8  # errors in one message; the artist mends them top down


def load(
    path: Path, edit: Callable[[Source], Source] | None = None, *, locked: bool = True
) -> tuple[Collection, Source]:
    """Read and check `path`, and with `locked` the prompts.lock beside it, whose words it then has.

    `edit` changes what the file says, before it is checked. Raises CollectionError listing what is
    wrong, first things first.
    """
    source = edit(read(path)) if edit else read(path)
    if not isinstance(source.values, dict):
        message = "a collection.yaml is a list of `key: value` lines"
        raise source.error((), message, "mint new NAME writes one to start from")
    if isinstance(source.values.get("traits"), list):  # the record's own form, which hides twins
        raise source.error(("traits",), "traits are a list", "write `Species: {fox: 3, cat: 1}`")
    if secrets := list(leaks(source)):  # first: other errors would repeat their values
        raise _merge(secrets)
    if "expansions" in source.values:  # a field of the record, which its form would let pass
        hint = "delete it: prompts.lock has such words, and mint prompts writes it"
        raise source.error(("expansions",), '"expansions" is unknown', hint, key=True)
    try:
        # JSON mode: strict about types, yet a YAML list may become a tuple.
        collection = Collection.model_validate_json(json.dumps(resolved(source.values)))
    except ValidationError as error:
        raise _merge(explain(error.errors(include_url=False), source)) from error
    problems = [
        *_renamed(source),
        *_prompt(collection, source),
        *empty.problems(collection, source),
        *_rules(collection, source),
        *_truth(collection, source),
        *numbered_tokens.problems(collection, source),
        *model_names.problems(collection, source),
        *model_files.problems(collection, source),
        *style_faults.problems(collection.style, collection.image, source),
        *animated.problems(collection, source),
        *_canvas(collection, source),
        *_addresses(collection, source),
        *sale_times.problems(collection, source),
    ]
    if problems:
        raise _merge(problems)
    collection = guide_pictures.with_digests(with_drawings(collection, source), source)
    return _with_words(collection, source) if locked else (collection, source)


def _canvas(collection: Collection, source: Source) -> Iterator[CollectionError]:
    if canvas := collection.image.canvas:
        place, what = ("image", "canvas"), "are to have a wallpaper"
        yield from selection_faults(collection, canvas, place, source, what)


def _with_words(collection: Collection, source: Source) -> tuple[Collection, Source]:
    """The collection in the words of its prompts.lock, if there is one."""
    lock = prompts_lock.read_lock(source.path)
    if lock is None:
        return collection, source
    if problems := list(prompts_lock.problems(collection, lock, source.path)):
        raise _merge(problems)
    words = collection.model_copy(update={"expansions": lock.expansions})
    return words, replace(source, lock=lock.source)


def _merge(errors: list[CollectionError]) -> CollectionError:
    """One error out of many: a line and a remedy each, like a compiler."""
    if len(errors) == 1:
        return errors[0]
    lines = [f"{e}\n    {e.hint}" for e in errors[:LIMIT]]
    more = len(errors) - LIMIT
    last = f"mend these {LIMIT}; {more} more follow" if more > 0 else "mend them from the top"
    return CollectionError("\n".join(lines), hint=last)


def _prompt(collection: Collection, source: Source) -> Iterator[CollectionError]:
    place: Location = ("image", "prompt")
    placeholders = PLACEHOLDER.findall(collection.image.prompt)
    names = [trait.name for trait in collection.traits]
    rest = PLACEHOLDER.sub("", collection.image.prompt)
    if "{" in rest or "}" in rest:
        message = "the prompt has a brace without its partner"
        yield source.error(place, message, "write {Trait} with both braces")
        return
    misspellings = set()  # traits that are in the prompt, misspelt
    for name in dict.fromkeys(placeholders):
        if name not in names:
            hint = nearest(name, names)
            misspellings |= {trait for trait in names if hint == nearest(trait, [trait])}
            if "|" in name:
                values = ", ".join(part.strip() for part in name.split("|"))
                hint = f"write a trait with these values, `Colour: [{values}]`, and {{Colour}} here"
            yield source.error(place, f"the prompt names {{{name}}}, which is no trait", hint)
    for name in names:
        if name not in placeholders and name not in misspellings:
            yield source.error(
                ("traits", name),
                f'the trait "{name}" is never painted',
                f"write {{{name}}} in image.prompt, or remove the trait",
                key=True,
            )
    for place, text in collection.plain_prompts():
        if "{" in text or "}" in text:
            yield source.error(
                place, "braces name a trait in image.prompt only", "write the words themselves"
            )


def _rules(collection: Collection, source: Source) -> Iterator[CollectionError]:
    in_prompt = set(PLACEHOLDER.findall(collection.image.prompt))  # unknown names are errors there
    values = {trait.name: [v.name for v in trait.values] for trait in collection.traits}
    for trait in collection.traits:
        yield from _amounts(trait, source)
    if ONE_OF_ONE in values:
        yield source.error(
            ("traits", ONE_OF_ONE),
            f'"{ONE_OF_ONE}" is what one-of-ones have as a trait',
            "rename the trait",
            key=True,
        )
    for i, rule in enumerate(collection.rules):
        for part, condition in rule.conditions.items():
            for name, choices in condition.items():
                place = ("rules", i, part, name)
                if name not in values:
                    if name in in_prompt:
                        continue
                    yield source.error(
                        place,
                        f'a rule names "{name}", which is no trait',
                        nearest(name, values),
                        key=True,
                    )
                    continue
                for value in choices:
                    if value not in values[name]:
                        yield source.error(
                            place, f'"{name}" has no value "{value}"', nearest(value, values[name])
                        )


def _truth(collection: Collection, source: Source) -> Iterator[CollectionError]:
    truth, names = collection.truth, [trait.name for trait in collection.traits]
    if len(truth.judge) > 1 and {"auto", "off"} & set(truth.judge):
        message = "a list of judges names auto or off"
        yield source.error(("truth", "judge"), message, "list the judges alone: [classifier, vlm]")
    if truth.ask and not {"vlm", "off"} & set(truth.judge):
        message = "questions are for the judge vlm, and nobody asks them"
        yield source.error(("truth", "ask"), message, "write `judge: vlm`, or delete ask", key=True)
    for name in truth.ask:
        if name not in names:
            message = f'"{name}" is asked about and is no trait'
            yield source.error(("truth", "ask", name), message, nearest(name, names), key=True)


def _amounts(trait: Trait, source: Source) -> Iterator[CollectionError]:
    names: set[str] = set()
    for value in trait.values:
        place = ("traits", trait.name, value.name)
        if value.weight is not None and value.count is not None:
            yield source.error(
                place,
                f'"{value.name}" has a weight and a count',
                "keep one: count is exact, weight is a share of the rest",
            )
        if value.name in names:
            yield source.error(place, f'"{value.name}" is listed twice', "remove one of the two")
        names.add(value.name)
    if len(absent := [value.name for value in trait.values if value.absent]) > 1:
        yield source.error(
            ("traits", trait.name, absent[1]),
            f'"{absent[0]}" and "{absent[1]}" both mean that the trait is absent',
            "keep one of the two",
            key=True,
        )


def _renamed(source: Source) -> Iterator[CollectionError]:
    """A value's name stands before its colon; one behind it would silently replace it."""
    for trait, values in source.values["traits"].items():
        for value, amount in values.items() if isinstance(values, dict) else ():
            if isinstance(amount, dict) and "name" in amount:
                yield source.error(
                    ("traits", trait, value, "name"),
                    f'the value is called "{value}" already',
                    "remove `name:`; `prompt:` is for other words in the prompt",
                    key=True,
                )


def _addresses(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """Money goes where an address says, so a mistyped one is refused (EIP-55)."""
    creator, payees = collection.creator, collection.sale.payees if collection.sale else ()
    entries: list[tuple[Location, str | None]] = [
        (("creator", "address"), creator.address if creator else None),
        (("royalty", "receiver"), collection.royalty.receiver),
        *((("sale", "payees", i, "address"), payee.address) for i, payee in enumerate(payees)),
    ]
    for location, address in entries:
        if address and (problem := checksum_problem(address)):
            yield source.error(location, problem, "copy the address again from the wallet")
    receiver = collection.royalty.receiver
    if receiver and int(receiver, 16) == 0:
        yield source.error(
            ("royalty", "receiver"),
            f"{receiver} is nobody's: what is sent there is lost",
            "write your wallet's address, or leave it out: then the contract's owner gets it",
        )

"""collection.yaml -> what `mint check` tells: the plan, its cost, and what is missing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mint.chain.networks import NETWORKS, ending, lasting
from mint.counting import count
from mint.curate.against import against_files
from mint.curate.cut_words import cut_words
from mint.curate.decisions_file import read_decisions
from mint.curate.edits import refuse_undoable
from mint.curate.ruling import doubts
from mint.errors import CollectionError, RenderError
from mint.estimates import disk, films, wallpapers
from mint.inspectors import who_judges, who_looks_for_unsafe
from mint.launch.gate import check_network
from mint.models.animators import refuse_unfit_film, video_here
from mint.models.beginnings import refuse_drawings, refuse_wallpapers
from mint.models.checkpoint import taught_words
from mint.models.families import refuse_unheard
from mint.models.locate import locate_upscaler
from mint.models.locate_painter import locate_painter, on_hub
from mint.models.misfits import refuse_misfits
from mint.models.refiners import refiners_here, refuse_unfit
from mint.models.tuning import known_words
from mint.models.upscaler import compact, refuse_large, refuse_without_spandrel
from mint.models.weights import Files, shapes
from mint.paint.forewarning import Forewarning, forewarning
from mint.paint.painting_time import painting_time
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.plan.recipe import Slot
from mint.plan.tokens import plan, planned_counts
from mint.record.folders import folders_of
from mint.record.reuse import last_build
from mint.sale.offer import gifts, lists, reserve
from mint.spec.advice import advice
from mint.spec.collection import Collection, Royalty
from mint.spec.drawings import drawings
from mint.spec.load import load
from mint.spec.names import names
from mint.spec.prompts_lock import lock_path
from mint.spec.sale_terms import Sale
from mint.spec.sale_times import deadline, moment, windows
from mint.spec.yaml_source import Source

# About what a processor could multiply in the time that redrawing 1024 x 1024 pixels in inks takes
# one of its cores: 1.9 seconds (AMD EPYC 7003).
INKS_TFLOP = 0.12


def preflight(file: Path, clock: Callable[[], float] = time.time) -> Iterator[str]:
    """Lines to print, warnings last; raises CollectionError where the file is wrong."""
    collection, source = load(file)
    slots = plan(collection, source)
    scale, enlarging = _enlarging(collection, source)
    folder, files = _model_here(collection, source) or (None, Files())
    if folder is not None:
        refuse_misfits(folder, files, source)
    if folder is not None:
        refuse_unheard(collection, source, folder)
        refuse_drawings(collection, source, folder)
        refuse_wallpapers(collection, source, folder)
    here = refiners_here(collection.image, source.path)
    refuse_unfit(collection.painting, source, folder, here)
    if collection.animate:
        video = video_here(collection.animate, source.path)
        refuse_unfit_film(collection, source, folder, video)
    meaning, foreseen = _foresee(collection, source, folder, files)
    window = _check_window(collection, source, slots, folder, files, foreseen)
    wishes = read_decisions(file)
    refuse_undoable(collection, wishes, slots)
    others = len(list(against_files(collection, source)))
    check_network(collection, source)
    yield f"{collection.name} ({collection.symbol}): {count(collection.supply, 'token')}"
    yield f"prompts     {len({slot.prompt for slot in slots})} distinct; e.g. {slots[0].prompt}"
    if collection.style:
        yield f"style       {collection.style.summary(collection.image)}"
    if collection.expansions:
        yield f"words by    {collection.expansions.by} ({lock_path(file).name})"
    yield f"words       {window}"
    yield f"meaning     {meaning}"
    yield f"pictures    {_pictures(collection, scale)}"
    for _, init in drawings(collection):
        over = f"painted over at strength {init.strength:g}"
        yield f"begins      {init.file}, {over}; published with the collection"
    if collection.image.reference:
        yield f"look        {collection.image.reference.summary}"
    if collection.image.control:
        yield f"follows     {collection.image.control.summary}"
    before = last_build(folders_of(file, collection), collection, slots)
    yield from before.lines(len(slots), wishes.decisions)
    anew = len(slots) - len(before.same)
    yield f"painting    {painting_time(collection, anew, enlarging, folder)}"
    if collection.animate:
        yield f"moving      {films(collection, slots, enlarging, folder)}"
    if collection.image.canvas:
        yield f"wallpapers  {wallpapers(collection, slots, scale, enlarging, folder)}"
    if others:
        yield f"against     none may look like one of {count(others, 'other picture')}"
    if collection.image.dtype == "float16":
        yield "slow        float16 is for GPUs: a CPU takes many times that; use float32 there"
    yield f"disk        {disk(collection, slots, scale)}"
    if collection.c2pa:
        yield "signing     each picture, with MINT_C2PA_CERTIFICATE and MINT_C2PA_KEY"
    free = ": anybody may copy and sell the pictures" if collection.licence == "CC0-1.0" else ""
    yield f"licence     {collection.licence}{free}"
    yield f"royalty     {_royalty(collection.royalty)}"
    if collection.sale:
        yield from _sale(collection, collection.sale, source)
    yield f"truth       {who_judges(collection)}"
    yield from who_looks_for_unsafe(collection, source)
    yield ""
    yield from _table(collection, slots)
    now = clock()
    warnings = [*foreseen, *advice(collection, source, now), *names(collection, source)]
    warnings += doubts(wishes, collection.supply)
    if folder is not None:
        warnings += cut_words(collection, source, wishes, folder, files)
    if warning := ending(collection.network, now):
        warnings.append(source.warning(("network",), warning, f"{lasting(now)} lives longer"))
    if warnings:
        yield ""
        yield from warnings


def _sale(collection: Collection, sale: Sale, source: Source) -> Iterator[str]:
    """A line for each phase, and for the gifts; the lists are read to the end."""
    allowlists, free = lists(sale, source.path), sum(gifts(collection, source.path).values())
    network = NETWORKS.get(collection.network)
    coin = network.coin if network else "ETH"
    for phase, (start, end), caps in zip(sale.phases, windows(sale), allowlists, strict=True):
        much = count(phase.supply, "token") if phase.supply else "all that are left"
        who = count(len(caps), "wallet") if caps is not None else "everybody"
        each = f", {phase.wallet_cap} each" if phase.wallet_cap else ""
        yield (
            f"phase       {phase.name}: {much} for {who}{each} at {phase.price} {coin}, "
            f"{moment(start)} UTC to {moment(end)} UTC"
        )
    yield f"airdrop     {count(free, 'token')} before the first phase"
    most = reserve(collection, source.path)
    yield f"reserve     at most {count(most, 'token')} given away in all: the contract sees to it"
    yield f"reveal      by {moment(deadline(sale))} UTC; after that buyers take their money back"


def _royalty(royalty: Royalty) -> str:
    if not royalty.bps:
        return "none"
    return f"{royalty.bps / 100:g} % of a resale, for {royalty.receiver or 'the owner'}"


def _model_here(collection: Collection, source: Source) -> tuple[Path, Files] | None:
    """The painter's folder and files, None if the hub has them: none are fetched to check."""
    try:
        return locate_painter(collection.image, source.path, fetch=False)
    except RenderError:
        if not on_hub(collection.image, source.path):
            raise
        return None


def _check_window(
    collection: Collection,
    source: Source,
    slots: Sequence[Slot],
    folder: Path | None,
    files: Files,
    foreseen: Sequence[str],
) -> str:
    """Count by the vocabulary on this machine; what the model does not know costs most places."""
    if folder is None:
        return (
            f"not counted: {collection.image.model} is not on this machine; mint build fetches it"
        )
    counter = word_counter(folder, taught_words(files))
    if counter is None:
        return "not counted: the model has no vocabulary that is read here"
    try:
        longest = refuse_long_prompts(collection, source, slots, counter)
    except CollectionError as error:
        raise CollectionError("\n".join([str(error), *foreseen]), hint=error.hint) from error
    return f"the longest prompt possible has {longest} of {counter.window} places"


def _foresee(
    collection: Collection, source: Source, folder: Path | None, files: Files
) -> Forewarning:
    if folder is None:
        return Forewarning(f"not compared: {collection.image.model} is not on this machine", [])
    return forewarning(collection, source, known_words(folder, files))


def _enlarging(collection: Collection, source: Source) -> tuple[int | None, float]:
    """How many times pictures are enlarged, None if only spandrel knows; TFLOP for one."""
    image = collection.image
    if image.upscale is None:
        return 1, 0.0
    file = locate_upscaler(image.upscale, source.path)
    family = compact(file)
    if family is None:
        refuse_without_spandrel(file)
    else:
        refuse_large(collection, source, family.scale)
    # Every weight of a convolution is a multiplication and an addition for each small pixel.
    weights = sum(math.prod(shape) for shape in shapes(file).values() if len(shape) == 4)
    enlarging = 2e-12 * weights * math.prod(image.size)
    if image.upscale == "inks" and family:
        enlarging += INKS_TFLOP * math.prod(image.size) * family.scale**2 / 2**20
    return family and family.scale, enlarging


def _pictures(collection: Collection, scale: int | None) -> str:
    image = collection.image
    wide, high = image.size
    size = f"{image.width} x {image.height}"
    if image.refiners:
        size += f", refined to {wide} x {high}"
    if scale is None:
        return f"painted {size}, enlarged by {image.upscale}; mint build tells how far"
    if image.upscale is None:
        return f"{size} pixels"
    return f"painted {size}, enlarged to {wide * scale} x {high * scale} pixels"


def _table(collection: Collection, slots: Sequence[Slot]) -> Iterator[str]:
    total = collection.supply
    for trait, values in planned_counts(collection, slots).items():
        yield trait
        for value, number in values.items():
            note = "   its weight rounds to no token at all" if not number else ""
            yield f"  {number:6d}  {100 * number / total:5.1f} %  {value}{note}"

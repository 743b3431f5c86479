"""Pictures, captions and consent -> a LoRA file, its samples, and what to write for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from mint.document import sha256
from mint.errors import RenderError
from mint.models.find import find_painter
from mint.models.misfits import PEFT
from mint.models.runtime import LIBRARIES, runtime
from mint.models.tuning import KEY, Layers, Prior, Tuning, tuning_of
from mint.models.weights import Model
from mint.paint.png import Pixels
from mint.paint.prompt_length import word_counter
from mint.paint.tune.learn import EVERY, Course, learn
from mint.paint.tune.own_pictures import own_pictures
from mint.paint.tune.pictures import Example, read_pictures
from mint.paint.tune.prior import own_prompts, read_prompts
from mint.paint.tune.samples import SampleSheet
from mint.paint.tune.student import Student, refuse_untaught
from mint.plan.recipe import Diffusion, painting
from mint.spec.consent import ConsentFile, read_consent
from mint.spec.painting import ImageSettings
from mint.stages import Progress, underway
from mint.store import Store, lock, write

# What else changes a picture is no part of what learns: the LoRA is used beside it.
BARE = {
    "adapters": (), "refiners": (), "upscale": None,
    "init": None, "reference": None, "control": None,
}  # fmt: skip
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Note = Callable[[str], None]


class Settings(NamedTuple):
    """What learns well: how long, how much, where, how fast."""

    steps: int
    rank: int
    layers: Layers
    rate: float


# By image.model: as scripts/bench-tune measured it. For others what diffusers' and peft's own
# examples take for models a hundred times as large.
DEFAULTS = {"atelier": Settings(400, 8, "attention", 1e-3)}
ELSE = Settings(500, 8, "attention", 1e-4)


class Request(NamedTuple):
    """What is to be learned: a folder of pictures, by the model of `image`, named beside `file`.

    `own` is how many of the model's own pictures stand by, in the words of `keep`, a file with a
    prompt a line, or of its vocabulary.json. `threads` None is one for each core; another None is
    what DEFAULTS say.
    """

    pictures: Path
    name: str
    image: ImageSettings
    file: Path
    steps: int | None = None
    rank: int | None = None
    layers: Layers | None = None
    rate: float | None = None
    batch: int = 2
    seed: int = 0
    own: int = 48
    keep: Path | None = None
    threads: int | None = None


class Learned(NamedTuple):
    """A LoRA file, its SHA-256, what it says of itself, and whether it was there before."""

    file: Path
    digest: str
    tuning: Tuning
    consent: ConsentFile
    known: bool


def tune(request: Request, progress: Progress, note: Note) -> Learned:
    """Learn, or go on with learning; the file is there whole, or not at all.

    Raises MintError: for pictures, captions or a consent that are not as they must be, a model that
    learns otherwise, and a file of that name that was learned otherwise.
    """
    _refuse_request(request)
    image = request.image.model_copy(update=BARE)
    consent = read_consent(request.pictures)
    state = request.file.parent / ".mint"
    store = Store(state)
    model = find_painter(image, request.file, store)
    base = refuse_untaught(model.path)
    pictures = read_pictures(request.pictures, image.width, image.height)
    _refuse_long_captions(model, pictures)
    tuning = _tuning(request, image, model, base, pictures, consent.digest)
    target = request.file.parent / f"{request.name}.safetensors"
    if target.exists():
        _refuse_other(target, tuning)
        return Learned(target, sha256(target.read_bytes()), tuning, consent, known=True)
    if not tuning.prior.prompts:
        note("nothing keeps what the model knew: it has no vocabulary.json; see --keep")
    folder = state / "tune" / tuning.digest
    with lock(folder):
        data = _learn(model, painting(image), tuning, pictures, target, store, progress, note)
        write(target, data)
    return Learned(target, sha256(data), tuning, consent, known=False)


def _refuse_request(request: Request) -> None:
    if find_spec(PEFT[0]) is None:
        raise RenderError(
            "a LoRA is learned by peft, which is not installed", hint=f"run {PEFT[1]}"
        )
    if not NAME.fullmatch(request.name):
        raise RenderError(
            f'"{request.name}" cannot name a file',
            hint="give letters, digits, - and _, such as --name my-style",
        )


def _refuse_long_captions(model: Model, pictures: Sequence[Example]) -> None:
    """Raise RenderError for a caption of which the model would not read the end."""
    counter = word_counter(model.path)
    if counter is None:
        return
    for picture in pictures:
        places = counter.count(picture.lesson.caption)
        if places > counter.window:
            raise RenderError(
                f"the caption of {picture.file.name} has {places} places, the model reads "
                f"{counter.window}",
                hint="shorten it; a word that the model does not know takes a place a letter",
            )


def _tuning(
    request: Request,
    image: ImageSettings,
    model: Model,
    base: str,
    pictures: Sequence[Example],
    consent: str,
) -> Tuning:
    captions = [picture.lesson.caption for picture in pictures]
    if request.keep:
        prompts = read_prompts(request.keep)
    else:
        prompts = own_prompts(model.path, request.own, request.seed, captions)
    settings = DEFAULTS.get(image.model, ELSE)
    prior = Prior(
        prompts=tuple(prompts[: request.own]),
        steps=image.steps,
        guidance_scale=image.guidance_scale,
        scheduler=None if image.scheduler == "default" else image.scheduler,
        dtype=None if image.dtype == "float32" else image.dtype,
    )
    return Tuning(
        name=request.name,
        model=image.model,
        base=base,
        width=image.width,
        height=image.height,
        steps=request.steps or settings.steps,
        rank=request.rank or settings.rank,
        layers=request.layers or settings.layers,
        rate=request.rate or settings.rate,
        batch=request.batch,
        prior_batch=request.batch if prior.prompts else 0,
        seed=request.seed,
        half=image.dtype in ("bfloat16", "float16"),
        lessons=tuple(picture.lesson for picture in pictures),
        prior=prior,
        consent=consent,
        runtime=runtime(
            model.digest,
            threads=request.threads,
            libraries=(*LIBRARIES, "peft"),
            files=model.digests,
        ),
    )


def _refuse_other(file: Path, tuning: Tuning) -> None:
    """Raise for a file of that name that is not what this would learn: hours may be in it."""
    if tuning_of(file) != tuning:
        raise RenderError(
            f"{file.name} is there already, and was learned otherwise",
            hint="choose another --name, or move it away",
        )


def _learn(
    model: Model,
    diffusion: Diffusion,
    tuning: Tuning,
    pictures: Sequence[Example],
    target: Path,
    store: Store,
    progress: Progress,
    note: Note,
) -> bytes:
    """The file's bytes; samples are painted and shown on the way."""
    from safetensors.torch import save

    prompts = tuning.prior.prompts
    own = own_pictures(prompts, model, diffusion, tuning.runtime, store, progress)
    with underway(progress, "loading"):
        learning = diffusion.model_copy(update={"dtype": "float32"})
        student = Student(model, learning, tuning)
        course = _course(student, tuning, pictures, own)
    folder = store.root / "tune" / tuning.digest
    sheet = SampleSheet(student, learning, pictures, folder, target)

    def hear(step: int, losses: Sequence[float]) -> None:
        progress("learning", step, tuning.steps)
        if losses and step % EVERY == 0:
            note(f"step {step} of {tuning.steps}, loss {losses[-1]:.4f}")
        sheet.show(step, losses)

    learn(student, course, folder, hear)
    # One key alone: the order of several is not the same in every process.
    return save(student.file(), {KEY: tuning.canonical().decode()})


def _course(
    student: Student, tuning: Tuning, pictures: Sequence[Example], own: Sequence[Pixels]
) -> Course:
    """Latents and words, computed once."""
    return Course(
        own=student.latents([picture.pixels for picture in pictures]),
        own_words=student.words([lesson.caption for lesson in tuning.lessons]),
        prior=student.latents(own) if own else None,
        prior_words=student.words(tuning.prior.prompts) if own else {},
        silence=student.words([""]),
    )

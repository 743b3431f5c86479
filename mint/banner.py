"""`mint banner`: a finished build's pictures -> its banner, its featured token, wallpapers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mint.curate.banner import paint_banner, painted_digest
from mint.curate.batch import settled
from mint.curate.decisions import PREFIX, BannerWish, Decisions, FeaturedWish
from mint.curate.decisions_file import change, read_decisions
from mint.curate.studio import OpenRenderer, Studio
from mint.curate.token import Token
from mint.errors import CollectionError
from mint.models.embedder import clip_embedder
from mint.models.find import find_models
from mint.models.refiners import refuse_beginning
from mint.paint.outpaint import Banner
from mint.paint.prompt_length import refuse_long_words
from mint.paint.render import open_renderer
from mint.plan.banner import Frame
from mint.plan.tokens import plan
from mint.record.folders import Folders, built_manifest, folders_of
from mint.record.manifest import Manifest
from mint.report.judged import fronts
from mint.spec.beside import LEAST, LONGEST, MOST
from mint.spec.load import load
from mint.spec.yaml_source import Source
from mint.stages import Progress, underway
from mint.store import Store, link, lock


@dataclass(frozen=True)
class Framer:
    """A build whose pictures are there, and the models that painted them."""

    folders: Folders
    source: Source
    manifest: Manifest
    studio: Studio
    decisions: Decisions

    def token(self, number: int | None) -> Token:
        """The token of this number; without one, the report's cover. Raises CollectionError."""
        tokens = self.manifest.tokens
        if number is None:
            number = self._cover()
        for token in tokens:
            if token.token_id == number:
                self._refuse_former(number)
                return token
        raise CollectionError(
            f"there is no picture of a token {number}",
            hint=f"tokens 1 to {len(tokens)} have one; mint preview shows them",
        )

    def _cover(self) -> int:
        """The token of the report's cover; raises CollectionError where it has none."""
        if first := fronts(self.manifest)[:1]:
            return self.manifest.tokens[first[0]].token_id
        raise CollectionError(
            "the safety check flags every picture, so the report has no cover",
            hint="name the token whose picture you want: --token NUMBER",
        )

    def _refuse_former(self, number: int) -> None:
        """Raise CollectionError where the artist chose another picture since the build."""
        before, now = self.manifest.decisions or Decisions(), self.decisions
        both = [(each.chosen(number), each.first_attempt(number)) for each in (before, now)]
        if both[0] != both[1]:
            raise CollectionError(
                f"decisions.yaml gives token {number} another picture than the last build did",
                hint=f"run mint build {self.folders.file} --until render first",
            )

    def paint(self, frame: Frame) -> Banner:
        """The token's picture in this frame.

        Raises CollectionError where the model cannot paint beside a picture, or would not read
        the frame's words to their end, and RenderError.
        """
        image, token = self.manifest.collection.image, self.token(frame.token)
        painter = self.studio.models.painter
        refuse_beginning(image, self.source, painter.path, masked=True)
        refuse_long_words(painter, frame.prompt)
        return paint_banner(self.studio, token, frame)

    def link(self, banner: Banner, path: Path) -> Path:
        """The banner as a file of the build's folder."""
        link(self.studio.store.object_name(banner.image.file), str(path))
        return path

    def wallpaper(self, frame: Frame) -> Path:
        """The token's picture in this frame, as a file that nobody publishes."""
        name = f"{frame.token}-{frame.width}x{frame.height}.png"
        return self.link(self.paint(frame), self.folders.out / "wallpapers" / name)

    def banner(self, frame: Frame, *, early: bool) -> Path:
        """The collection's banner, painted, and then written down for every build."""
        path = self.link(self.paint(frame), self.folders.banner)
        picture = painted_digest(self.token(frame.token))[:PREFIX]
        wish = BannerWish(picture=picture, early=early, **dict(frame))
        change(self.folders.file, lambda earlier: earlier.with_banner(wish))
        return path

    def feature(self, number: int) -> None:
        """Write down that this token stands for the collection."""
        wish = FeaturedWish(token=number, picture=painted_digest(self.token(number))[:PREFIX])
        change(self.folders.file, lambda earlier: earlier.with_featured(wish))


@contextmanager
def open_framer(
    file: Path, progress: Progress, open_renderer: OpenRenderer = open_renderer
) -> Iterator[Framer]:
    """The build of collection.yaml `file`, locked while the block runs.

    Raises StoreError where there is none, and CollectionError where the file was edited since.
    """
    collection, source = load(file)
    folders = folders_of(file, collection)
    manifest = built_manifest(folders)
    if manifest.collection != collection or not manifest.tokens:
        raise CollectionError(
            f"{file} was edited since its pictures were painted", hint="run mint build first"
        )
    with lock(folders.state):
        store = Store(folders.state)
        with underway(progress, "loading"):
            models = find_models(collection, source, store, "refuse")
        studio = Studio(collection, store, models, open_renderer, clip_embedder, progress)
        decisions = read_decisions(file).decisions
        studio = settled(studio, plan(collection, source))
        yield Framer(folders, source, manifest, studio, decisions)


def frame_of(token: int, size: str, **settings: object) -> Frame:
    """A frame of a `size` such as "1400x350"; settings that are None are left to the frame.

    Raises CollectionError.
    """
    width, _, height = size.lower().partition("x")
    present = {name: value for name, value in settings.items() if value is not None}
    try:
        return Frame.model_validate(
            {"token": token, "width": int(width), "height": int(height), **present}
        )
    except ValidationError as error:
        place = error.errors(include_url=False)[0]["loc"]
        if place and place[0] not in ("width", "height"):
            raise CollectionError(
                f"--{place[0]} cannot be {present.get(str(place[0]))}", hint="mint banner --help"
            ) from error
        raise _no_size(size) from error
    except ValueError as error:
        raise _no_size(size) from error


def _no_size(size: str) -> CollectionError:
    return CollectionError(
        f"--size {size[:40]} is no size of a banner",
        hint=f"write width and height in pixels, as 1400x350: each {LEAST} to {MOST}, and the "
        f"longer at most {LONGEST} times the shorter",
    )

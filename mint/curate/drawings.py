"""The artist's drawings that pictures begin with -> the store, from where they are painted."""

from __future__ import annotations

from collections.abc import Sequence

from mint.curate.batch import settled
from mint.curate.studio import Studio
from mint.errors import StoreError
from mint.paint.guides import remember_guides
from mint.paint.sources import remember_source, source_picture
from mint.plan.recipe import Slot
from mint.spec.collection import Collection
from mint.spec.drawings import drawing, drawings
from mint.spec.yaml_source import Source
from mint.store import Store


def prepared(studio: Studio, slots: Sequence[Slot], source: Source) -> Studio:
    """The studio with all that painting begins with, and its batch fixed (mint.curate.batch).

    Raises RenderError, or CollectionError for a drawing that is no longer what it was.
    """
    remember_drawings(studio.store, studio.collection, source)
    remember_guides(studio.collection, source, studio.store)
    return settled(studio, slots)


def remember_drawings(store: Store, collection: Collection, source: Source) -> None:
    """Put every drawing that the file names into the store, if it is not there."""
    for place, init in drawings(collection):
        assert init.pixels is not None  # mint.spec.load works it out
        try:
            source_picture(store, init.pixels)
        except StoreError:
            remember_source(store, drawing(collection, init, source, place))

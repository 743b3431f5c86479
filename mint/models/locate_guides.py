"""`image.reference` and `image.control` of collection.yaml -> the models' files on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mint.errors import RenderError
from mint.models.hub import file_from_hub, folder_from_hub
from mint.models.locate import locate
from mint.models.weights import Adapted, Guides, refuse_pickle
from mint.spec.collection import LOCAL, model_folder
from mint.spec.guides import Reference
from mint.spec.painting import ImageSettings


def locate_guides(image: ImageSettings, collection_file: Path, fetch: bool) -> Guides:
    """Where the models of a collection's guides lie; raises RenderError for what is not there."""
    reference, control = image.reference, image.control
    adapted = _adapter(reference, collection_file, fetch) if reference else None
    folder = None
    if control:
        address = control.model, control.revision, collection_file
        folder = locate(*address, fetch=fetch, key="image.control", instead="a folder")
    return Guides(adapted, folder)


def guides_on_hub(image: ImageSettings, collection_file: Path) -> bool:
    """Whether one of them is on the hub, or was."""
    reference, control = image.reference, image.control
    names = [guide.model for guide in (reference, control) if guide]
    hub = any(model_folder(name, collection_file) is None for name in names)
    return hub or bool(reference and reference.encoder_revision)


def guides_by_name(image: ImageSettings, guides: Guides) -> Iterator[tuple[str, Path]]:
    """Each file and folder of `guides` by its name in collection.yaml."""
    if image.reference and guides.reference:
        weights = "/".join(filter(None, (image.reference.subfolder, image.reference.weights)))
        yield f"{image.reference.model}/{weights}", guides.reference.weights
        yield f"{image.reference.model}: {image.reference.encoder}", guides.reference.encoder
    if image.control and guides.control:
        yield image.control.model, guides.control


def _adapter(reference: Reference, file: Path, fetch: bool) -> Adapted:
    folder = model_folder(reference.model, file)
    name = "/".join(filter(None, (reference.subfolder, reference.weights)))
    if folder is None:
        weights = file_from_hub(reference.model, name, str(reference.revision), fetch)
    else:
        weights = _inside(folder, name)
        if not weights.is_file():
            raise RenderError(
                f"the IP-Adapter {weights} does not exist",
                hint=f"image.reference: {_list(folder)}",
            )
    return Adapted(refuse_pickle(weights), _encoder(reference, folder, file, fetch))


def _encoder(reference: Reference, folder: Path | None, file: Path, fetch: bool) -> Path:
    """The folder of the model that looks at the picture."""
    if reference.encoder_revision or reference.encoder.startswith(LOCAL):
        address = reference.encoder, reference.encoder_revision, file
        key = "image.reference.encoder"
        return locate(*address, fetch=fetch, key=key, instead="a folder")
    name = reference.encoder
    if reference.subfolder and "/" not in name:  # as diffusers looks for it
        name = f"{reference.subfolder}/{name}"
    if folder is None:
        return folder_from_hub(reference.model, name, str(reference.revision), fetch)
    encoder = _inside(folder, name)
    if not (encoder / "config.json").is_file():
        raise RenderError(
            f"{encoder} has no config.json, so no model that looks at the picture",
            hint="image.reference.encoder must name a folder in `model`, such as "
            "models/image_encoder, or one on this machine that begins with ./",
        )
    return encoder


def _inside(folder: Path, name: str) -> Path:
    """A file below `folder`; raises RenderError for a name that leads out of it."""
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise RenderError(f"{name} leads out of {folder}", hint="name what is inside the folder")
    return path


def _list(folder: Path) -> str:
    """What a folder offers in place of a name that is not there."""
    files = sorted(path.relative_to(folder) for path in folder.glob("*.safetensors"))
    files += sorted(path.relative_to(folder) for path in folder.glob("*/*.safetensors"))
    names = [path.as_posix() for path in files[:4]]
    if not names:
        return f"in {folder} is no .safetensors file; fetch the adapter again"
    return f"`weights` names a file in {folder} or in its `subfolder`; there are {', '.join(names)}"

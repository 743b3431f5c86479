"""Where collection.yaml says how its style paints, and what of a style would change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.painting import ImageSettings
from mint.spec.style import KNOBS, STYLIZE, Style, presets
from mint.spec.yaml_source import Location, Source, nearest


def setting_place(style: Style | None, source: Source, key: str) -> Location:
    """Where the file says what `key` of the pictures' settings is: in `style:` or in `image:`."""
    if style is not None:
        if key == "guidance_scale" and style.guidance_scale is None and style.stylize != STYLIZE:
            return ("style", "stylize")
        if getattr(style, key, None) is not None:
            return place(source, (key,))
    return ("image", key)


def place(source: Source, within: Location) -> Location:
    """Where a part of the style stands in the file: itself, or the preset that it comes from."""
    return ("style", *within) if ("style", within[0]) in source.keys else ("style", "preset")


def problems(
    style: Style | None, image: ImageSettings, source: Source
) -> Iterator[CollectionError]:
    """An error for an unknown preset, and for each knob that would change nothing."""
    if style is None:
        if "style" in source.values:
            hint = "write `style: {preset: ink}`, or delete the line"
            yield source.error(("style",), "style is empty, so it changes nothing", hint, key=True)
        return
    if style.preset is not None and style.preset not in presets():
        message = f'"{style.preset}" is no preset'
        yield source.error(("style", "preset"), message, nearest(style.preset, presets()))
        return
    for knob, phrases in KNOBS.items():
        if getattr(style, knob) and not getattr(style, phrases):
            message = f"{knob} draws from the style's {phrases} phrases, and it has none"
            hint = f'write some below style, such as `{phrases}: ["seen from the side"]`'
            yield source.error(("style", knob), message, hint)
    before = image.guidance_scale if style.guidance_scale is None else style.guidance_scale
    if style.stylize != STYLIZE and before <= 1:
        message = f"stylize changes the guidance, and a guidance_scale of {before:g} has none"
        hint = "write a guidance_scale above 1, such as 5; or leave stylize out"
        yield source.error(("style", "stylize"), message, hint)


def idle(style: Style | None, source: Source) -> Iterator[str]:
    """A warning for phrases in the file that no token draws."""
    for knob, key in KNOBS.items():
        if (
            style
            and getattr(style, key)
            and not getattr(style, knob)
            and ("style", key) in source.keys
        ):
            message = f"no token gets one of these phrases, because {knob} is 0"
            hint = f"write a number above 0 for {knob}, or remove the line"
            yield source.warning(("style", key), message, hint, key=True)

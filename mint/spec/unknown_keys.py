"""Keys that stand where nothing knows them, and keys that are missing: one error for each slip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mint.errors import CollectionError
from mint.spec.keys import TOP, example, example_of, fields_at, homes_of
from mint.spec.spelling import CURLY, meant
from mint.spec.yaml_source import Location, Source, nearest

Keys = dict[Location, list[str]]  # parent -> keys below it
TRAITS = "write `traits:`, and below it, two spaces in, `Species: {fox: 3, cat: 1}`"


def unknown_or_missing(
    unknown: Sequence[Location], missing: Sequence[Location], source: Source
) -> Iterator[CollectionError]:
    """Errors for locations of keys that nothing knows, and of keys that are not there."""
    without_heading: set[Location] = set()  # keys whose section has lost its first line
    headings: set[str] = set()
    for trait in dict.fromkeys(at[1] for at in missing if at[:1] == ("traits",) and len(at) == 4):
        yield _weights_in_list(str(trait), source)
    unknown = [at for at in unknown if (*at[:-1], "name") not in missing or at[0] != "traits"]
    missing = [at for at in missing if at[:1] != ("traits",) or len(at) != 4]
    for parent, names in _by_parent(unknown).items():
        if parent[:1] == ("traits",) and len(parent) == 3 and _is_trait(parent, source):
            without_heading |= {(*parent, key) for key in names}
            yield _trait_among_values(parent, source)
            continue
        keys = _strangers(parent, names)
        values = [source.value_at((*parent, key)) for key in keys]
        if ("traits",) in missing and keys and all(isinstance(v, dict | list) for v in values):
            without_heading |= {("traits",), *((*parent, key) for key in keys)}
            yield _lost_line("traits", parent, keys, source)
        elif len(keys) > 1 and (home := _common_home(keys)):
            without_heading |= {(*parent, key) for key in keys}
            heading = home.rpartition(".")[2]
            without_heading |= {at for at in missing if at[:-1] == parent or at[-1] == heading}
            if heading not in headings:
                yield _lost_line(heading, parent, keys, source)
            headings.add(heading)
    for location in unknown:
        if location not in without_heading:
            yield _unknown(location, source)
    for location in missing:
        if location not in without_heading and not _is_elsewhere(location, unknown):
            yield _missing(location, source)


def _by_parent(locations: Sequence[Location]) -> Keys:
    keys: Keys = {}
    for location in locations:
        keys.setdefault(location[:-1], []).append(str(location[-1]))
    return keys


def _strangers(parent: Location, keys: Sequence[str]) -> list[str]:
    """The keys that are no other spelling of one that belongs there."""
    return [key for key in keys if _guess(key, parent) is None]


def _guess(key: str, parent: Location) -> str | None:
    """The key that belongs there and is meant; None if it is unlike all, or known elsewhere."""
    return None if homes_of(key) and parent[:1] != ("traits",) else meant(key, fields_at(parent))


def _common_home(keys: Sequence[str]) -> str:
    """The section that knows all of `keys`; empty where none below the top does."""
    homes = [home for home in homes_of(keys[0]) if home]
    return next((home for home in homes if all(home in homes_of(key) for key in keys)), "")


def _is_elsewhere(location: Location, unknown: Sequence[Location]) -> bool:
    """Whether a missing key stands in a wrong place, or misspelt in the right one."""
    name = str(location[-1])
    if any(other[-1] == name for other in unknown):
        return True
    beside = (str(other[-1]) for other in unknown if other[:-1] == location[:-1])
    return any(_guess(other, location[:-1]) == name for other in beside)


def _weights_in_list(trait: str, source: Source) -> CollectionError:
    entry = next(iter(source.value_at(("traits", trait))[0]), "fox")
    message = f'the values of "{trait}" have dashes and weights'
    hint = f"write them without dashes: `{entry}: 3`; with dashes all come equally often"
    return source.error(("traits", trait), message, hint)


def _is_trait(location: Location, source: Source) -> bool:
    """Whether what stands as a trait's value has the form of a trait."""
    keys = source.value_at(location)
    if isinstance(location[-1], int):
        return False
    return len(keys) > 1 and not set(keys) & set(fields_at(location))


def _trait_among_values(location: Location, source: Source) -> CollectionError:
    _, trait, value = location
    return source.error(
        location,
        f'"{value}" stands among the values of "{trait}", and has values of its own',
        f'begin its line as that of "{trait}" begins; a value has a weight, a count or a prompt',
        key=True,
    )


def _lost_line(
    heading: str, parent: Location, keys: Sequence[str], source: Source
) -> CollectionError:
    names = ", ".join(f'"{key}"' for key in keys)
    first = (*parent, keys[0])
    line = source.keys[first][0]
    message = f"no line `{heading}:` stands above {names}"
    return source.error(first, message, f"write `{heading}:` above line {line}", key=True)


def _missing(location: Location, source: Source) -> CollectionError:
    name = str(location[-1])
    hint = f"add a line `{name}: {example(example_of(location))}`"
    if location == ("traits",):
        hint = TRAITS
    return source.error(location[:-1], f'"{name}" is missing', hint)


def _unknown(location: Location, source: Source) -> CollectionError:
    name = str(location[-1])
    return source.error(location, f'unknown key "{name}"', _remedy(name, location[:-1]), key=True)


def _remedy(name: str, parent: Location) -> str:
    fields = fields_at(parent)
    if (plain := name.strip(CURLY + " ")) != name:
        return f"write {plain} without curly quotes"
    if parent == ("c2pa",):
        return "who signs is said by MINT_C2PA_CERTIFICATE and MINT_C2PA_KEY, in the environment"
    if parent == ("image",) and name.lower() in ("size", "resolution", "dimensions"):
        return "write `width: 512` and `height: 512`, each on a line of its own"
    if name.isdigit():
        return "a number between braces has a point: write 0.6 for 0,6"
    first, _, rest = name.partition(" ")
    if rest and first in fields:
        return f"write a colon: `{first}: {rest}`"
    if word := _guess(name, parent):
        return f'did you mean "{word}"?'
    homes = homes_of(name) if parent[:1] != ("traits",) else []
    if name in TOP and homes:
        return f'"{name}" belongs at the top, where no key is indented: move the line there'
    if homes:
        where = " or ".join(f"`{home}:`" for home in homes)
        return f'"{name}" belongs under {where}: move the line there'
    return nearest(name, fields)

"""The theme of landscapes: what can be asked for, and how captions say it."""

from __future__ import annotations

from random import Random

from second import palette
from second.view import draw as draw
from second.wording import article, listed

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "terrain": {
        "mountains": ("mountain landscape", "landscape of mountains"),
        "hills": ("hill landscape", "landscape of rolling hills"),
        "desert": ("desert landscape", "desert of dunes"),
        "coast": ("coast landscape", "sea coast"),
        "forest": ("forest landscape", "forest"),
        "canyon": ("canyon landscape", "red canyon"),
        "volcano": ("volcano landscape", "smoking volcano"),
        "island": ("island landscape", "island with palm trees"),
        "savanna": ("savanna landscape", "savanna"),
    },
    "time": {
        "dawn": ("at dawn", "at sunrise"),
        "day": ("by day", "at noon"),
        "dusk": ("at dusk", "at sunset"),
        "night": ("at night", "by moonlight"),
    },
    "season": {
        "spring": ("in spring",),
        "summer": ("in summer",),
        "autumn": ("in autumn", "in fall"),
        "winter": ("in winter",),
    },
    "sky": {
        "clear": ("clear sky",),
        "clouds": ("clouds", "cloudy sky"),
        "birds": ("birds", "flock of birds"),
        "balloon": ("hot air balloon", "balloon"),
        "airship": ("airship", "zeppelin"),
        "rainbow": ("rainbow",),
        "planet": ("ringed planet", "planet"),
        "storm": ("thunderstorm", "storm", "lightning"),
        "aurora": ("aurora", "northern lights"),
        "comet": ("comet", "shooting star"),
        "plane": ("biplane", "plane"),
    },
    "sky colour": {name: (name,) for name in palette.DYES},
    "landmark": {
        "none": ("no building",),
        "cabin": ("cabin", "wooden cabin"),
        "lighthouse": ("lighthouse",),
        "tent": ("tent",),
        "windmill": ("windmill",),
        "castle": ("castle",),
        "pagoda": ("pagoda",),
        "church": ("church", "chapel"),
        "barn": ("barn",),
        "temple": ("temple", "temple with columns"),
    },
    "landmark colour": {name: (name,) for name in palette.DYES},
    "water": {
        "none": ("no water",),
        "lake": ("lake",),
        "river": ("river", "winding river"),
        "waterfall": ("waterfall",),
    },
    "figure": {
        "none": ("no animal", "nobody"),
        "deer": ("deer", "stag"),
        "sheep": ("sheep",),
        "horse": ("brown horse", "horse"),
        "hiker": ("hiker", "wanderer"),
    },
}
# What has a colour of its own; a group of colours says "none" for what is absent or undyed.
UNDYED = {
    "sky": ("clear", "clouds", "birds", "rainbow", "planet", "storm", "aurora", "comet"),
    "landmark": ("none", "temple"),
}
TRAITS: dict[str, tuple[str, ...]] = {
    group: (*(("none",) if group.endswith(" colour") else ()), *said)
    for group, said in PHRASES.items()
}
SPOKEN: dict[str, dict[str, tuple[str, ...]]] = {}
UNCOUNTED = ("clouds", "birds", "clear sky", "cloudy sky", "lightning", "northern lights")


def bound(traits: dict[str, str], random: Random) -> dict[str, str]:
    """Give every dyed thing a colour, and none to what is absent or has its own."""
    settled = dict(traits)
    for thing, undyed in UNDYED.items():
        group = f"{thing} colour"
        if traits[thing] in undyed:
            settled[group] = "none"
        elif traits.get(group, "none") == "none":
            settled[group] = random.choice(tuple(palette.DYES))
    return settled


def clauses(words: dict[str, str]) -> list[str]:
    """A place with its time and season first, then what is in the picture."""
    subject = [words.get("terrain", "landscape")]
    subject += [words[group] for group in ("time", "season") if group in words]
    said = [" ".join(subject)]
    for thing, alone in (("sky", "aircraft"), ("landmark", "building")):
        colour = words.get(f"{thing} colour")
        if thing in words or colour:
            said.append(" ".join(word for word in (colour, words.get(thing, alone)) if word))
    return [*said, *(words[group] for group in ("water", "figure") if group in words)]


def sentence(traits: dict[str, str], words: dict[str, str], random: Random) -> str:
    """Say the same in a sentence: the place, or the time, or a thing first."""
    pick = random.choice
    place = article(words.get("terrain", "landscape"))
    when = [words[group] for group in ("time", "season") if group in words]
    random.shuffle(when)
    things = []
    for group in ("sky", "landmark", "water", "figure"):
        if group in words and (traits[group] != "none" or random.random() < 0.3):
            colour = words.get(f"{group} colour")
            text = f"{colour} {words[group]}" if colour else words[group]
            bare = text in UNCOUNTED or text.startswith("no")
            things.append(text if bare else article(text))
    random.shuffle(things)
    where = " ".join([place, *when])
    if not things:
        return where
    form = pick(("with", "before", "when"))
    if form == "before":
        return f"{listed(things)} in {where}"
    if form == "when" and when:
        return f"{' '.join(when)}, {place} with {listed(things)}"
    return f"{where} with {listed(things)}"

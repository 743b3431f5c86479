"""The theme of botanicals: prints of flowers, what can be asked for, and how captions say it."""

from __future__ import annotations

from random import Random

from second.bloom import PETALS
from second.bouquet import FLOWERS
from second.bouquet import draw as draw
from second.vases import GLAZES
from second.walls import BACKDROPS
from second.wording import article, listed

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "flower": {name: (name,) for name in FLOWERS},
    "petals": {**{name: (name,) for name in PETALS}, "purple": ("purple", "violet")},
    "number": {
        "single": ("single", "lone"),
        "pair": ("pair of",),
        "trio": ("trio of",),
        "bouquet": ("bouquet of", "bunch of"),
    },
    "vessel": {
        "ribbon": ("ribbon", "bow"),
        "vase": ("vase",),
        "jar": ("glass jar", "jar"),
        "pot": ("clay pot", "pot"),
        "jug": ("striped jug", "jug"),
        "basket": ("basket", "wicker basket"),
        "teacup": ("dotted teacup", "teacup"),
        "bottle": ("bottle", "glass bottle"),
        "watering can": ("watering can",),
        "boot": ("rubber boot", "boot"),
    },
    "vessel colour": {name: (name,) for name in GLAZES},
    "backdrop": {name: (f"{name} background",) for name in BACKDROPS},
    "wall": {
        "plain": ("plain wall",),
        "arch": ("arch", "pale arch"),
        "circle": ("circle", "pale circle"),
        "striped": ("striped wallpaper",),
        "dotted": ("dotted wallpaper",),
        "window": ("window",),
    },
    "beside": {
        "none": ("nothing beside",),
        "lemons": ("two lemons", "lemons"),
        "apple": ("red apple", "apple"),
        "books": ("two books", "books"),
        "candle": ("burning candle", "candle"),
    },
    "visitor": {
        "none": ("no insect", "no visitor"),
        "bee": ("bee",),
        "butterfly": ("butterfly",),
        "ladybird": ("ladybird", "ladybug"),
        "snail": ("snail",),
        "bird": ("robin", "little bird"),
        "dragonfly": ("dragonfly",),
    },
}
UNDYED = {"vessel": ("jar", "pot", "basket")}
TRAITS: dict[str, tuple[str, ...]] = {
    group: (*(("none",) if group.endswith(" colour") else ()), *said)
    for group, said in PHRASES.items()
}
SPOKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "flower": {
        name: (f"{name[:-1]}ies" if name.endswith("y") else f"{name}s",)
        for name in PHRASES["flower"]
        if name != "iris"
    }
}


def bound(traits: dict[str, str], random: Random) -> dict[str, str]:
    """Give a glazed vessel or a ribbon its colour, and none to what has its own."""
    colour = traits.get("vessel colour", "none")
    if traits["vessel"] in UNDYED["vessel"]:
        colour = "none"
    elif colour == "none":
        colour = random.choice(tuple(GLAZES))
    return {**traits, "vessel colour": colour}


def clauses(words: dict[str, str]) -> list[str]:
    """The flowers first, their number and colour before them, then what is around them."""
    said = [flowers(words)]
    if "vessel" in words or "vessel colour" in words:
        said.append(held(words))
    return [*said, *(words[g] for g in ("backdrop", "wall", "beside", "visitor") if g in words)]


def flowers(words: dict[str, str]) -> str:
    flower = words.get("flower", "flower")
    if words.get("number", "").endswith(" of"):
        plural = "irises" if flower == "iris" else f"{flower}s"
        flower = f"{flower[:-1]}ies" if flower.endswith("y") else plural
    return " ".join([*(words[g] for g in ("number", "petals") if g in words), flower])


def held(words: dict[str, str]) -> str:
    colour = words.get("vessel colour")
    return " ".join(word for word in (colour, words.get("vessel", "vessel")) if word)


def sentence(traits: dict[str, str], words: dict[str, str], random: Random) -> str:
    """Say the same in a sentence: the flowers, what holds them, what is about and behind them."""
    pick = random.choice
    subject = article(flowers(words))
    if "vessel" in words:
        joint = "with" if traits["vessel"] == "ribbon" else "in"
        subject += f" {joint} {article(held(words))}"
    about = []
    for group in ("beside", "visitor"):
        if group in words and traits[group] != "none":
            text = words[group]
            about.append(text if text.endswith(("lemons", "books")) else article(text))
    random.shuffle(about)
    behind = []
    if "backdrop" in words:
        behind.append(f"on {article(words['backdrop'])}")
    if "wall" in words:
        bare = words["wall"].endswith("wallpaper")
        joint = pick(("before", "in front of"))
        behind.append(f"{joint} {words['wall'] if bare else article(words['wall'])}")
    random.shuffle(behind)
    parts = [" ".join(behind)] if behind else []
    if about:
        parts.append(f"{pick(('with', 'beside', 'and'))} {listed(about)}")
    random.shuffle(parts)
    return pick((" ", ", ")).join([subject, *parts])

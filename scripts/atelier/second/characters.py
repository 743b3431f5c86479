"""Portraits of eighteen creatures: what can be asked for, and how captions say it."""

from __future__ import annotations

from random import Random

from second import palette
from second.portrait import draw as draw
from second.wording import article, listed

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "species": {
        "fox": ("fox",),
        "cat": ("cat", "kitty"),
        "bear": ("bear",),
        "rabbit": ("rabbit", "bunny"),
        "robot": ("robot", "android"),
        "frog": ("frog", "toad"),
        "dog": ("dog", "puppy"),
        "dragon": ("dragon",),
        "lion": ("lion",),
        "monkey": ("monkey",),
        "deer": ("deer", "stag"),
        "mouse": ("mouse",),
        "owl": ("owl",),
        "penguin": ("penguin",),
        "elephant": ("elephant",),
        "pig": ("pig", "piglet"),
        "unicorn": ("unicorn",),
        "panda": ("panda",),
    },
    "body": {
        **{name: (name,) for name in palette.BODIES},
        "gray": ("gray", "grey"),
        "purple": ("purple", "violet"),
    },
    "eyes": {
        "round": ("round eyes", "round", "big eyes", "wide eyes"),
        "sleepy": ("sleepy eyes", "sleepy", "half-closed eyes", "drowsy eyes", "drowsy"),
        "happy": ("happy eyes", "happy", "joyful eyes"),
        "wink": ("wink eyes", "wink", "winking", "winking eye"),
        "angry": ("angry eyes", "angry", "mad eyes"),
        "starry": ("starry eyes", "starry", "star eyes"),
        "closed": ("closed eyes", "eyes closed", "asleep"),
        "hearts": ("heart eyes", "hearts for eyes", "in love"),
    },
    "mouth": {
        "smile": ("smile", "smiling", "smiling mouth"),
        "grin": ("toothy grin", "grin", "grinning", "showing teeth"),
        "open": ("open mouth", "open", "mouth open", "surprised mouth"),
        "tongue": ("tongue out", "tongue", "sticking tongue out"),
        "serious": ("serious mouth", "serious", "straight mouth", "serious face"),
        "frown": ("frown", "frowning", "sad mouth"),
        "fangs": ("fangs", "little fangs"),
        "bubble": ("bubble gum", "blowing bubble gum", "gum bubble"),
    },
    "headwear": {
        "none": ("no hat", "no headwear", "bare head", "none"),
        "crown": ("crown", "gold crown", "golden crown"),
        "cap": ("cap", "baseball cap"),
        "beanie": ("beanie", "knitted beanie", "woolly hat"),
        "top hat": ("top hat",),
        "headphones": ("headphones", "headset"),
        "wizard hat": ("wizard hat", "wizard", "pointed hat"),
        "cowboy hat": ("cowboy hat", "stetson"),
        "party hat": ("party hat",),
        "beret": ("beret",),
        "wreath": ("flower wreath", "wreath", "wreath of flowers"),
        "bow": ("hair bow", "bow"),
    },
    "headwear colour": {name: (name,) for name in palette.DYES},
    "accessory": {
        "none": ("no accessory", "nothing else", "none"),
        "scarf": ("scarf", "striped scarf"),
        "bowtie": ("bowtie", "bow tie"),
        "chain": ("gold chain", "chain", "golden necklace"),
        "glasses": ("glasses", "spectacles", "round glasses"),
        "necktie": ("necktie", "striped necktie"),
        "collar": ("collar with a bell", "collar", "bell collar"),
        "satchel": ("satchel", "shoulder bag"),
        "flower": ("flower behind the ear", "flower", "ear flower"),
        "earrings": ("earrings",),
    },
    "accessory colour": {name: (name,) for name in palette.DYES},
    "outfit": {
        "none": ("no clothes", "undressed"),
        "sweater": ("striped sweater", "sweater", "jumper"),
        "hoodie": ("hoodie", "hooded sweatshirt"),
        "suit": ("suit", "elegant suit"),
        "overalls": ("overalls", "dungarees"),
    },
    "outfit colour": {name: (name,) for name in palette.DYES},
    "gesture": {
        "none": ("empty hands", "paws down"),
        "wave": ("waving", "waving a paw"),
        "balloon": ("red balloon", "holding a red balloon"),
        "mug": ("mug", "cup of coffee", "holding a mug"),
        "lollipop": ("lollipop", "holding a lollipop"),
        "ice cream": ("ice cream", "holding an ice cream"),
        "book": ("open book", "reading a book"),
        "heart": ("red heart", "holding a heart"),
        "wand": ("magic wand", "holding a magic wand"),
    },
    "background": {
        **{name: (name,) for name in palette.BACKGROUNDS},
        "blue": ("blue", "sky blue"),
        "purple": ("purple", "violet"),
        "gray": ("gray", "grey"),
        "navy": ("navy", "dark blue"),
    },
    "pattern": {
        "plain": ("plain", "flat"),
        "striped": ("striped", "stripes"),
        "dotted": ("dotted", "polka dots", "polka dot"),
        "sunburst": ("sunburst", "rays", "sun rays"),
        "checked": ("checked", "checkered", "checks"),
        "wavy": ("wavy", "waves"),
        "hearts": ("heart pattern", "hearts"),
        "stars": ("star pattern", "stars"),
        "leafy": ("leafy", "big leaves"),
        "sunset": ("at sunset", "at sundown", "under a setting sun"),
        "moonlit": ("in the moonlight", "under a full moon"),
        "snowy": ("in the snow", "in falling snow"),
        "woods": ("in a forest", "among fir trees"),
        "clouds": ("among clouds", "in the clouds"),
    },
}
# What has a colour of its own; a group of colours says "none" for what is absent or undyed.
UNDYED = {
    "headwear": ("none", "crown"),
    "accessory": ("none", "chain"),
    "outfit": ("none",),
}
TRAITS: dict[str, tuple[str, ...]] = {
    group: (*(("none",) if group.endswith(" colour") else ()), *said)
    for group, said in PHRASES.items()
}
NOUNS = ("stripes", "polka dots", "rays", "sun rays", "checks", "waves", "hearts", "stars",
         "big leaves")  # fmt: skip
PLACES = ("sunset", "moonlit", "snowy", "woods", "clouds")
ALONE = {"headwear": "hat", "accessory": "accessory", "outfit": "clothes"}
PLURAL = ("headphones", "glasses", "spectacles", "earrings", "overalls", "dungarees")
# How a sentence says eyes and mouths after "with", where that differs from their first phrase.
SPOKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "eyes": {"wink": ("a winking eye",), "hearts": ("heart eyes", "hearts for eyes")},
    "mouth": {
        "smile": ("a smile",),
        "grin": ("a toothy grin", "a grin"),
        "open": ("an open mouth",),
        "tongue": ("its tongue out",),
        "serious": ("a serious mouth", "a serious face"),
        "frown": ("a frown", "a sad mouth"),
        "fangs": ("little fangs",),
        "bubble": ("bubble gum",),
    },
}


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
    """Return the caption's clauses, the subject first; a group left out of `words` is left out."""
    subject = [words["body"]] if "body" in words else []
    said = [" ".join([*subject, words.get("species", "character")])]
    said += [words[group] for group in ("eyes", "mouth") if group in words]
    for thing in UNDYED:
        colour = words.get(f"{thing} colour")
        if thing in words or colour:
            said.append(_dyed(colour, words.get(thing, ALONE[thing])))
    if "gesture" in words:
        said.append(words["gesture"])
    if "background" in words or "pattern" in words:
        said += _setting(words.get("background"), words.get("pattern"))
    return said


def _dyed(colour: str | None, thing: str) -> str:
    if colour and thing == "wizard":  # whose hat it is that has the colour
        thing = "wizard hat"
    return f"{colour} {thing}" if colour else thing


def is_place(phrase: str) -> bool:
    """Say whether a pattern's phrase stands by itself, as "at sunset" does."""
    return any(phrase in PHRASES["pattern"][place] for place in PLACES)


def _setting(colour: str | None, pattern: str | None) -> list[str]:
    if pattern and is_place(pattern):
        return [f"{colour} background", pattern] if colour else [pattern]
    if pattern in NOUNS:
        return [" ".join(word for word in (colour, "background with", pattern) if word)]
    return [" ".join(word for word in (colour, pattern, "background") if word)]


def sentence(traits: dict[str, str], words: dict[str, str], random: Random) -> str:
    """Say the same in a sentence, as people write: things first, or the place, or the looks."""
    pick = random.choice
    subject = article(clauses({g: words[g] for g in ("body", "species") if g in words})[0])
    looks = []
    for group in ("eyes", "mouth"):
        if group in words:
            value = traits[group]
            looks.append(pick(SPOKEN[group].get(value, PHRASES[group][value][:1])))
    worn = []
    for thing in UNDYED:
        if thing in words and traits[thing] != "none":
            text = _dyed(words.get(f"{thing} colour"), words[thing])
            text = "wizard hat" if text == "wizard" else text
            worn.append(text if text.split()[-1] in PLURAL else article(text))
    if "headwear" in words and traits["headwear"] == "none" and random.random() < 0.4:
        looks.append("no hat")
    places = [
        p if is_place(p) else f"{pick(('on', 'before'))} {article(p)}"
        for p in _setting(words.get("background"), words.get("pattern"))
        if {"background", "pattern"} & words.keys()
    ]
    random.shuffle(worn)
    random.shuffle(looks)
    random.shuffle(places)
    parts = []
    if worn:
        parts.append(f"{pick(('wearing', 'in'))} {listed(worn)}")
    if looks:
        parts.append(f"with {listed(looks)}")
    if "gesture" in words and traits["gesture"] != "none":
        deed = words["gesture"]
        doing = deed.startswith(("waving", "holding", "reading"))
        parts.append(deed if doing else f"holding {article(deed)}")
    random.shuffle(parts)
    where = " ".join(places)
    joint = pick((" ", ", "))
    if where and random.random() < 0.2:
        return f"{where}, {joint.join([subject, *parts])}"
    return joint.join([subject, *parts, *([where] if where else [])])

"""Prompts of known words that no caption has in this form, and what each asks for.

Twenty, for `evaluate.py`: words as a person types them, in no order that training knew.
"""

PROMPTS: dict[str, dict[str, dict[str, str]]] = {
    "characters": {
        "a fox wearing a green scarf at sunset": {
            "species": "fox", "accessory": "scarf", "accessory colour": "green",
            "pattern": "sunset",
        },
        "panda with a red beanie, reading a book": {
            "species": "panda", "headwear": "beanie", "headwear colour": "red", "gesture": "book",
        },
        "sleepy white owl in the moonlight": {
            "species": "owl", "body": "white", "eyes": "sleepy", "pattern": "moonlit",
        },
        "a dragon in love, holding a red balloon": {
            "species": "dragon", "eyes": "hearts", "gesture": "balloon",
        },
        "robot in a blue hoodie with headphones on": {
            "species": "robot", "outfit": "hoodie", "outfit colour": "blue",
            "headwear": "headphones",
        },
        "penguin in the snow wearing a yellow party hat": {
            "species": "penguin", "headwear": "party hat", "headwear colour": "yellow",
            "pattern": "snowy",
        },
        "pink pig with glasses and a lollipop": {
            "species": "pig", "body": "pink", "accessory": "glasses", "gesture": "lollipop",
        },
        "angry orange lion in a forest, with a crown": {
            "species": "lion", "body": "orange", "eyes": "angry", "headwear": "crown",
            "pattern": "woods",
        },
        "a unicorn with a purple wizard hat and a magic wand": {
            "species": "unicorn", "headwear": "wizard hat", "headwear colour": "purple",
            "gesture": "wand",
        },
        "an elephant in a suit, smiling, with a mug": {
            "species": "elephant", "outfit": "suit", "mouth": "smile", "gesture": "mug",
        },
    },
    "landscapes": {
        "a red lighthouse by the sea coast at night": {
            "landmark": "lighthouse", "landmark colour": "red", "terrain": "coast", "time": "night",
        },
        "landscape of mountains with northern lights, in winter": {
            "terrain": "mountains", "season": "winter", "sky": "aurora",
        },
        "a horse in the savanna at dusk": {
            "figure": "horse", "terrain": "savanna", "time": "dusk",
        },
        "a yellow balloon, a red canyon and a winding river": {
            "sky": "balloon", "sky colour": "yellow", "terrain": "canyon", "water": "river",
        },
        "castle in a forest in autumn with a deer": {
            "landmark": "castle", "terrain": "forest", "season": "autumn", "figure": "deer",
        },
    },
    "botanicals": {
        "a trio of pink tulips in a blue vase": {
            "flower": "tulip", "petals": "pink", "vessel": "vase", "vessel colour": "blue",
        },
        "a bunch of sunflowers in a wicker basket, with a bee": {
            "flower": "sunflower", "number": "bouquet", "vessel": "basket", "visitor": "bee",
        },
        "a single red rose, a glass bottle and a window": {
            "flower": "rose", "petals": "red", "vessel": "bottle", "wall": "window",
        },
        "a pair of white lilies and a butterfly, with two lemons": {
            "flower": "lily", "petals": "white", "number": "pair", "visitor": "butterfly",
            "beside": "lemons",
        },
        "purple poppies in a rubber boot with a snail": {
            "flower": "poppy", "petals": "purple", "vessel": "boot", "visitor": "snail",
        },
    },
}  # fmt: skip

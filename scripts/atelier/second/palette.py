"""The colours that have names. Each keeps well apart from the others at any light."""

from __future__ import annotations

from ink import Colour

BODIES: dict[str, Colour] = {
    "orange": (240, 126, 44),
    "gray": (146, 152, 164),
    "white": (246, 242, 236),
    "brown": (140, 86, 54),
    "blue": (62, 128, 220),
    "pink": (248, 146, 184),
    "green": (92, 174, 88),
    "purple": (140, 88, 200),
    "red": (214, 54, 54),
    "yellow": (248, 204, 72),
    "black": (58, 54, 70),
}
BACKGROUNDS: dict[str, Colour] = {
    "blue": (122, 190, 232),
    "green": (142, 202, 150),
    "pink": (248, 182, 196),
    "yellow": (252, 216, 104),
    "purple": (174, 140, 228),
    "orange": (250, 166, 98),
    "gray": (166, 172, 186),
    "navy": (42, 52, 108),
    "cream": (252, 236, 206),
    "red": (218, 84, 78),
    "teal": (52, 146, 148),
}
DYES: dict[str, Colour] = {  # of what is worn
    "red": (218, 46, 56),
    "orange": (246, 136, 46),
    "yellow": (252, 206, 62),
    "green": (58, 152, 84),
    "blue": (50, 110, 214),
    "purple": (124, 72, 188),
    "pink": (250, 128, 172),
    "white": (250, 246, 238),
    "black": (56, 52, 68),
}
GOLD: Colour = (250, 196, 62)

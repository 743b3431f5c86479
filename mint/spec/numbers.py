"""What artists write where a number belongs -> the number as YAML reads it."""

from __future__ import annotations

import re

_THOUSANDS = re.compile(r"[0-9]{1,3}([,_' .’\xa0\u202f][0-9]{3})+")
_PER_CENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*%")
_UNIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([^\W\d_]+)\.?")
_SIZE = re.compile(r"([0-9]+)\s*[x×*]\s*([0-9]+)", re.IGNORECASE)
_COMMENT = re.compile(r"([0-9.]+)\s*(#|//)\s*(.*)")


def remedy(value: object, key: str, literal: str | None, *, whole: bool) -> str:
    """What to write instead of `value`; `literal` is how the file spells it without quotes.

    `whole` is for integers. Texts, fractions and lists come here, never a number that fits.
    """
    text = (literal or str(value)).strip().rstrip(",;").strip()
    if _THOUSANDS.fullmatch(text):
        return f"write {re.sub('[^0-9]', '', text)}, without anything between its digits"
    if comment := _COMMENT.fullmatch(text):
        return f"a comment needs a space before #: write `{comment[1]}  # {comment[3]}`"
    if share := _PER_CENT.fullmatch(text):
        return _per_cent(float(share[1].replace(",", ".")), key, whole=whole)
    if size := _SIZE.fullmatch(text):
        return f"write `width: {size[1]}` and `height: {size[2]}`, each on a line of its own"
    if re.fullmatch("[0-9]+,[0-9]+", text):
        return f"write {text.replace(',', '.')}, with a point" if not whole else _whole(key, text)
    if unit := _UNIT.fullmatch(text):
        thousand = unit[2].lower() == "k"
        number = f"{float(unit[1]) * 1000:.0f}" if thousand else unit[1]
        return f"write {number}, without {unit[2]}"
    if re.fullmatch("[-+]?[0-9]+" if whole else r"[-+]?[0-9]*\.?[0-9]+", text):
        return f"write {text}, without quotes" if not literal else f"write {text}"
    return _whole(key, text) if whole else "write a number in digits, such as 3 or 0.5"


def _per_cent(share: float, key: str, *, whole: bool) -> str:
    if key == "bps":
        return f"write {round(100 * share)}: bps are hundredths of a per cent, 500 is 5 %"
    if key == "weight":
        return f"write {share:g}: weights are shares, and need not add up to 100"
    return f"write {share:g}, without %" if whole else f"write {share / 100:g}"


def _whole(key: str, text: str) -> str:
    if key == "bps" and re.fullmatch(r"[0-9]*\.[0-9]*[1-9]", text):
        return _per_cent(float(text) * (100 if float(text) < 1 else 1), key, whole=True)
    if re.fullmatch(r"[0-9]+\.0*", text):
        return f"write {text.partition('.')[0]}, without a point"
    return "write a whole number in digits, such as 24"

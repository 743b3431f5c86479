"""Values of collection.yaml that must have a form, and the edit that mends one that has another."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from mint.addresses import ADDRESS
from mint.document import Document, Number

WEI = {"eth": 18, "ether": 18, "ethers": 18, "ξ": 18, "gwei": 9, "wei": 0}  # decimals of a unit
COLOURS = {"white": "ffffff", "black": "000000", "red": "ff0000", "gray": "808080"}
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]\s*(\d\d?:\d\d(?::\d\d)?)(?:\.\d+)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?",
    re.IGNORECASE,
)


class Section(Document):
    """A part of collection.yaml; the text below a field describes it to artists, in the schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)


def shaped(advice: Callable[[Any], str], kinds: type | tuple[type, ...] = str) -> WrapValidator:
    """Where a value of one of `kinds` is refused: one error, whose remedy is `advice(value)`."""

    def validate(value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            if not isinstance(value, kinds):
                raise
            raise PydanticCustomError("form", "no", {"hint": advice(value)}) from error

    return WrapValidator(validate)


def _address(text: str) -> str:
    if "." in text:
        return (
            "a name can change hands: write the address that it stands for, "
            "0x and 40 digits, as the wallet shows it"
        )
    digits = text.lower().removeprefix("0x")
    if re.fullmatch("[0-9a-f]{40}", digits):
        return f'write "0x{text[-40:]}"'
    if re.fullmatch("[0-9a-f]+", digits):
        return f"an address has 40 digits after 0x, this one has {len(digits)}: copy it again"
    return (
        "write 0x and 40 digits (0 to 9, a to f) as the wallet shows them, "
        'such as "0x00000000000000000000000000000000000A11cE"'
    )


def _ether(text: str) -> str:
    amount = re.fullmatch(r"(\d*[.,]?\d+)\s*([a-zΞ]*)", text.strip(), re.IGNORECASE)
    decimals = WEI.get(amount[2].lower() or "ether") if amount else None
    if amount and decimals is not None:
        price = Decimal(amount[1].replace(",", ".")).scaleb(decimals - 18)
        if -price.as_tuple().exponent <= 18:  # type: ignore[operator]  # an int: it is finite
            return f'write "{price.normalize():f}": prices are in ether, without a unit'
        return "ether has at most 18 digits after the point"
    if text.strip().lower() in ("free", "none", "no", "nothing"):
        return 'write "0": then nothing is paid'
    return 'write the price in ether, in digits and quotes: "0.02"'


def _instant(text: str) -> str:
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        return "write year-month-day, T, the time and its zone: 2030-01-31T18:00Z"
    date, clock, zone = parts[1], (parts[2] or "00:00").zfill(5), (parts[3] or "").upper()
    if not zone:
        return (
            f"add the zone it is meant in: {date}T{clock}Z for UTC, or {date}T{clock}+01:00 "
            "for an hour before UTC"
        )
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"write {date}T{clock}" + (f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits.isdigit()
                                      else "Z")  # fmt: skip


def _revision(text: str) -> str:
    if re.fullmatch("[0-9a-fA-F]{40}", text):
        return f"write it in small letters: {text.lower()}"
    if re.fullmatch("[0-9a-f]{7,39}", text):
        return f"this is short by {40 - len(text)} digits: copy the whole commit, 40 digits"
    return (
        "a branch or tag can move and paint other pictures: write the commit, 40 digits such as "
        "462165984030d82259a11f4367a4eed129e94a7b (on the model's page: Files, then History)"
    )


def _symbol(text: str) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())[:5] or "ART"
    return f"write 1 to 16 letters and digits without spaces, such as {plain}"


def _colour(text: str) -> str:
    digits = text.removeprefix("#").removeprefix("0x")
    if re.fullmatch("[0-9a-fA-F]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    digits = COLOURS.get(text.lower(), digits)
    if re.fullmatch("[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", digits):
        return f'write the six digits alone, in quotes: "{digits[:6]}"'
    return 'write red, green and blue as six digits in quotes: "ffffff" is white'


def _share(value: Any, also: str = "") -> str:
    text = value.strip("% ").replace(",", ".") if isinstance(value, str) else value
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = 0.0
    if 10 <= number <= 100:  # per cent
        return f"it is a share from 0 to 1: write {number / 100:g}{also and f', or {also}'}"
    return f"write {also and f'{also}, or '}a share above 0 and up to 1, such as 0.95"


def _threshold(value: Any) -> str:
    return _share(value, "auto")


Auto = Literal["auto"]
Address = Annotated[
    str,
    Field(pattern=ADDRESS, examples=["0x00000000000000000000000000000000000A11cE"]),
    shaped(_address),
]
Ether = Annotated[
    str, Field(pattern=r"^[0-9]+(\.[0-9]{1,18})?$", examples=["0.02"]), shaped(_ether)
]
Instant = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$",
        examples=["2030-01-31T18:00Z", "2030-01-31T18:00+01:00"],
    ),
    shaped(_instant),
]
Revision = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{40}$", examples=["462165984030d82259a11f4367a4eed129e94a7b"]),
    shaped(_revision),
]
Symbol = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_.$-]{1,16}$", examples=["BEAST"]), shaped(_symbol)
]
Colour = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{6}$", examples=["ffffff"]), shaped(_colour)]
Threshold = Annotated[
    Auto | Annotated[Number, Field(gt=0, le=1)],
    Field(examples=["auto", 0.95]),
    shaped(_threshold, object),
]
Share = Annotated[Number, Field(gt=0, le=1, examples=[0.5]), shaped(_share, object)]

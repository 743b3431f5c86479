"""What YAML reads as a name, and was meant as a name and its weight."""

from __future__ import annotations

import re

from mint.errors import CollectionError


def refuse_slip(key: str, index: int, where: str, text: str) -> None:
    """`{fox:3}` and `{fox: 1,000}`: YAML reads a key without a value, which no one meant."""
    if slip := re.fullmatch(r"([^:]*[^\W\d][^:]*):(\S.*)", key):
        raise CollectionError(
            f'{where}: no space stands behind the colon of "{slip[1]}"',
            hint=f'write `{slip[1]}: {slip[2]}`; or, if it is one name, in quotes: "{key}"',
        )
    before = re.search(r"[0-9]+,\Z", text[max(index - 12, 0) : index])
    if before and re.fullmatch("[0-9]{3}(,?[0-9]{3})*", key):
        number = before[0] + key
        raise CollectionError(
            f"{where}: a comma inside a number ends the number",
            hint=f"write {number.replace(',', '')} for {number}",
        )


def refuse_weight(text: str, where: str) -> None:
    """`[cap:3, none:1]`, where each text would be a value's name."""
    if slip := re.fullmatch(r"(.*[^\W\d].*?):(\d+(?:\.\d+)?)", text):
        raise CollectionError(
            f'{where}: no space stands behind the colon of "{slip[1]}"',
            hint=f"write weights in braces: `{{{slip[1]}: {slip[2]}}}`; or, if it is a name, "
            f'in quotes: "{text}"',
        )

"""How `storage.pin` is read. Apart from the services' names, which the help texts load, too."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import PydanticCustomError

from mint.spec.services import Keepers


def keepers(pin: Any, inner: ValidatorFunctionWrapHandler) -> Keepers:
    """What pydantic does with `storage.pin`: a list of one is its name, so both have one digest."""
    if isinstance(pin, list | tuple):
        pin = pin[0] if len(pin) == 1 else tuple(pin)
    try:
        valid: Keepers = inner(pin)
    except ValidationError as error:
        raise PydanticCustomError("keepers", "no") from error
    if isinstance(valid, tuple) and not 1 < len(set(valid)) == len(valid):
        raise PydanticCustomError("keepers", "no")
    return valid

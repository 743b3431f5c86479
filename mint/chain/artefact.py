"""What scripts/compile-contracts writes: the contracts' ABIs, codes and errors.

FairMint is handed out in its own order; FairSale is sold, drawn and revealed.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web3 import Web3
    from web3.contract import Contract

_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2}){4,}")
_STANDARD = (  # what solc itself reverts with, https://docs.soliditylang.org/en/latest/abi-spec.html
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@cache
def artefact(name: str = "FairMint") -> dict[str, Any]:
    """abi, bytecode (0x hex), compiler, settings and source_digest of a contract."""
    held: dict[str, Any] = json.loads(files("mint.chain").joinpath(f"{name}.json").read_bytes())
    return held


def contract(web3: Web3, address: str, name: str = "FairMint") -> Contract:
    """The contract at a checksummed address, not yet asked whether it is one of ours."""
    return web3.eth.contract(address=web3.to_checksum_address(address), abi=artefact(name)["abi"])


def reason(error: Exception) -> str:
    """Why a call reverted: `custom`, else the node's own words."""
    answer = getattr(error, "rpc_response", None) or {}  # web3's own text is this one's repr
    said = answer.get("error", {}).get("message") or str(error)
    return custom(error) or said or type(error).__name__


def custom(error: Exception) -> str | None:
    """`SoldOut(left=0)` where `error` carries the revert data of an error our ABIs know.

    It is looked for in web3's `data`, then in the message.
    """
    text = str(getattr(error, "data", None) or "")
    found = _DATA.search(text) or _DATA.search(str(error))
    return _decoded(bytes.fromhex(found[0][2:])) if found else None


def _decoded(data: bytes) -> str | None:
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError
    from eth_utils.abi import function_abi_to_4byte_selector

    for entry in (*_STANDARD, *artefact()["abi"], *artefact("FairSale")["abi"]):
        if entry["type"] == "error" and function_abi_to_4byte_selector(entry) == data[:4]:
            inputs = entry["inputs"]
            try:
                values = decode([each["type"] for each in inputs], data[4:])
            except DecodingError:
                return None
            named = (f"{i['name']}={v}" for i, v in zip(inputs, values, strict=True))
            return f"{entry['name']}({', '.join(named)})"
    return None

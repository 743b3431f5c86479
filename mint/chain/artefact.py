"""What scripts/compile-contracts writes: the contracts' ABIs, codes and errors.

FairMint is handed out in its own order; FairSale is sold, drawn and revealed.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web3 import Web3
    from web3.contract import Contract


@cache
def artefact(name: str = "FairMint") -> dict[str, Any]:
    """abi, bytecode (0x hex), compiler, settings and source_digest of a contract."""
    record: dict[str, Any] = json.loads(files("mint.chain").joinpath(f"{name}.json").read_bytes())
    return record


def standard_input(name: str) -> bytes:
    """What solc was given to make the contract, as JSON: whoever recompiles it gets its code."""
    return files("mint.chain").joinpath(f"{name}.input.json").read_bytes()


def contract(web3: Web3, address: str, name: str = "FairMint") -> Contract:
    """The contract at a checksummed address, whether it is one of ours or not."""
    return web3.eth.contract(address=web3.to_checksum_address(address), abi=artefact(name)["abi"])

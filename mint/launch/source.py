"""What a deployed contract was made of, for strangers: written down beside the launch.

Whoever compiles the standard-JSON input with the named compiler gets the code that was sent to the
chain; the constructor's arguments follow it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.artefact import artefact, standard_input
from mint.chain.network import answers
from mint.errors import ChainError
from mint.store import write

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.chain.network import Chain

_CONTRACTS = ("FairSale", "FairMint")
_VERSION = re.compile(r"\d+\.\d+\.\d+\+commit\.[0-9a-f]{8}")


class Source(NamedTuple):
    """What a deployed contract was made of.

    Its `name`, the ABI-encoded `arguments` of its constructor, and `standard_json`, solc's input.
    """

    name: str
    arguments: bytes
    standard_json: bytes

    @property
    def identifier(self) -> str:
        """The file and the contract in it, as solc names it."""
        return f"src/{self.name}.sol:{self.name}"

    @property
    def compiler(self) -> str:
        """solc's version as both services write it: 0.8.37+commit.f401782d."""
        match = _VERSION.match(artefact(self.name)["compiler"])
        assert match is not None  # scripts/compile-contracts writes it
        return match[0]


def source_of(chain: Chain, deployment: Deployment) -> Source:
    """Read from the transaction that deployed it. Raises ChainError if its code is not this mint's.

    A wallet that is a contract deploys from within a transaction; then the terms are to be encoded
    again (mint.chain.constructor.init_code).
    """
    from web3.exceptions import TransactionNotFound

    transaction: Any = deployment.transactions[0].transaction
    with answers(chain.label):
        try:
            data = bytes(chain.web3.eth.get_transaction(transaction)["input"])
        except TransactionNotFound:
            data = b""
    if source := source_from(data):
        return source
    raise ChainError(
        f"the transaction that deployed {deployment.address} is not there, or was made by another "
        "version of mint",
        hint="verify with the version that deployed it, and a node of that network",
    )


def source_from(init_code: bytes) -> Source | None:
    """Which of mint's contracts `init_code` deploys, None if it is none of them."""
    for name in _CONTRACTS:
        code = bytes.fromhex(artefact(name)["bytecode"][2:])
        if init_code.startswith(code):
            return Source(name, init_code[len(code) :], standard_input(name))
    return None


def write_source(folder: Path, chain_id: int, address: str, source: Source) -> tuple[Path, Path]:
    """Write `standard-input.json` and `verification.json` into `folder`: enough to do it by hand.

    Raises StoreError.
    """
    standard, verification = folder / "standard-input.json", folder / "verification.json"
    record = {
        "chain_id": chain_id,
        "address": address,
        "contract": source.identifier,
        "compiler": f"v{source.compiler}",
        "constructor_arguments": source.arguments.hex(),
        "input": standard.name,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write(standard, source.standard_json)
    write(verification, json.dumps(record, indent=1).encode() + b"\n")
    return standard, verification

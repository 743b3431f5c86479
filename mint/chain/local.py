"""A folder -> the in-process chain that lives in it: py-evm, its blocks in one SQLite file.

Nothing about it depends on the clock or on chance, so the same transactions give the same hashes,
addresses, gas and blocks in every fresh folder.
"""

from __future__ import annotations

import ast
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mint.database import open_database
from mint.errors import StoreError

if TYPE_CHECKING:
    from web3 import Web3
    from web3.providers.eth_tester import EthereumTesterProvider

CHAIN_ID = 1337
# Account 0 of the mnemonic "test test test test test test test test test test test junk", which
# anvil and hardhat fund as well: https://getfoundry.sh/anvil/overview. Everybody knows this key.
DEV_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
_BALANCE = 10**24  # wei
GENESIS_TIME = 1_700_000_000  # Unix seconds; each block is one Ethereum slot younger
_SLOT = 12
_GAS_LIMIT = 60_000_000  # per block, as on Ethereum since 2025
_SCHEMA = "CREATE TABLE IF NOT EXISTS node (key BLOB PRIMARY KEY, value BLOB)"
_HEAD = b"v1:canonical_head_hash"  # eth.db.schema.SchemaV1: where py-evm keeps the newest block


@contextmanager
def _trouble(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"the local chain in {path} cannot be used: {error}",
            hint="free disk space or permissions, or copy the collection to where you can write; "
            f"or delete {path.parent} and deploy again",
        ) from error


class Blocks:
    """py-evm's key-value store. Reads see what is on disk and the block in progress.

    `save` writes the block in progress in one transaction, so whoever is killed leaves a chain
    that ends at a block. Keys are hashes of their values, but for a few that move with the head:
    a reader keeps seeing the chain as it was when it came.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`; raises StoreError."""
        self.path = path
        self._unsaved: dict[bytes, bytes | None] = {}
        with _trouble(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = open_database(path, _SCHEMA)
            # web3 has no end of its own to hook into. The finalizer runs in whichever thread the
            # garbage collector does, hence check_same_thread=False in open_database.
            weakref.finalize(self, self._db.close)
        self._head = self._read(_HEAD)

    def _read(self, key: bytes) -> bytes | None:
        with _trouble(self.path):
            row = self._db.execute("SELECT value FROM node WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def __getitem__(self, key: bytes) -> bytes:
        """The value of `key`; raises KeyError, as py-evm expects."""
        value = self._unsaved[key] if key in self._unsaved else self._read(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Part of the block in progress until `save`."""
        self._unsaved[key] = value

    def __delitem__(self, key: bytes) -> None:
        """Part of the block in progress until `save`."""
        self._unsaved[key] = None

    def __contains__(self, key: bytes) -> bool:
        """Whether `key` has a value."""
        return (self._unsaved[key] if key in self._unsaved else self._read(key)) is not None

    def save(self) -> None:
        """Commit the block in progress; raises StoreError when another process was quicker."""
        with _trouble(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                # An equal head is no quarrel: two processes begin with the same genesis.
                if self._read(_HEAD) not in (self._head, self._unsaved.get(_HEAD)):
                    raise StoreError(
                        f"another process wrote to the local chain in {self.path.parent}",
                        hint="wait until it is done and run the same command again",
                    )
                self._db.executemany("INSERT OR REPLACE INTO node VALUES (?, ?)", self._rows())
                self._db.executemany("DELETE FROM node WHERE key = ?", self._deleted())
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        self._head = self[_HEAD]
        self._unsaved.clear()

    def _rows(self) -> list[tuple[bytes, bytes]]:
        return [(k, v) for k, v in self._unsaved.items() if v is not None]

    def _deleted(self) -> list[tuple[bytes]]:
        return [(k,) for k, v in self._unsaved.items() if v is None]


def provider(state: Path) -> EthereumTesterProvider:
    """The chain that lives in the folder `state`, created on first use; raises StoreError."""
    from eth_tester import EthereumTester
    from web3.providers.eth_tester import EthereumTesterProvider
    from web3.providers.eth_tester.defaults import API_ENDPOINTS

    tester = EthereumTester(_backend(Blocks(state / "chain.sqlite")))
    # web3 answers eth_chainId with a constant of its own test suite.
    eth = {**API_ENDPOINTS["eth"], "chainId": lambda _tester, _params: CHAIN_ID}
    return EthereumTesterProvider(tester, {**API_ENDPOINTS, "eth": eth})


def travel(web3: Web3, time: int) -> None:
    """Mine an empty block at `time` (Unix seconds), unless this local chain is there already."""
    provider: Any = web3.provider
    if web3.eth.get_block("latest")["timestamp"] < time:
        provider.ethereum_tester.backend.time_travel(time + 1)  # which takes one off again


def _chain(blocks: Blocks) -> Any:
    """py-evm's chain over `blocks`, from its canonical head or from genesis."""
    from eth.chains.base import MiningChain
    from eth.db.atomic import AtomicDB
    from eth.vm.forks import PragueVM
    from eth_account import Account
    from eth_tester.backends.pyevm.main import get_default_genesis_params

    class LocalChain(MiningChain):  # type: ignore[misc]  # py-evm is untyped
        chain_id = CHAIN_ID
        vm_configuration = ((0, PragueVM),)

        def create_header_from_parent(self, parent: Any, **params: Any) -> Any:
            # py-evm would take the time of day and let the gas limit drift.
            fixed = {"gas_limit": parent.gas_limit, "timestamp": parent.timestamp + _SLOT}
            return super().create_header_from_parent(parent, **{**fixed, **params})

        def get_transaction_builder(self) -> Any:
            return self.get_vm().get_transaction_builder()  # what eth-tester asks its chain for

    if _HEAD in blocks:
        return LocalChain(AtomicDB(blocks))
    funded = bytes.fromhex(Account.from_key(DEV_KEY).address[2:])
    account = {"balance": _BALANCE, "nonce": 0, "code": b"", "storage": {}}
    params = get_default_genesis_params({"gas_limit": _GAS_LIMIT, "timestamp": GENESIS_TIME})
    chain = LocalChain.from_genesis(AtomicDB(blocks), params, {funded: account})
    blocks.save()
    return chain


@contextmanager
def _in_hex(failure: type[Exception]) -> Iterator[None]:
    """eth-tester carries revert data as the repr of bytes; nodes give it in hex."""
    try:
        yield
    except failure as failed:
        text = str(failed).removeprefix("execution reverted: ")
        data = ast.literal_eval(text) if text.startswith(("b'", 'b"')) else None
        raise failure(text if data is None else f"0x{data.hex()}") from None


def _backend(blocks: Blocks) -> Any:
    """eth-tester's backend over that chain; every block it mines is saved before it is reported."""
    from eth_keys.datatypes import PrivateKey
    from eth_tester import PyEVMBackend
    from eth_tester.exceptions import TransactionFailed
    from eth_utils.crypto import keccak

    class LocalBackend(PyEVMBackend):  # type: ignore[misc]  # eth-tester is untyped
        def __init__(self) -> None:
            self.account_keys = (PrivateKey(bytes.fromhex(DEV_KEY[2:])),)
            self.chain = _chain(blocks)

        def mine_blocks(
            self, num_blocks: int = 1, coinbase: bytes = bytes(20)
        ) -> tuple[bytes, ...]:
            return tuple(self._mine(coinbase) for _ in range(num_blocks))

        def _mine(self, coinbase: bytes) -> bytes:
            # prevrandao: eth-tester draws it from the operating system, which no replay repeats.
            mix = keccak(self.chain.header.parent_hash)
            block = self.chain.mine_block(coinbase=coinbase, mix_hash=mix, blob_gas_used=0)
            blocks.save()
            return bytes(block.hash)

        def call(self, transaction: Any, block_number: Any = "latest") -> Any:
            with _in_hex(TransactionFailed):
                return super().call(transaction, block_number)

        def estimate_gas(self, transaction: Any, block_number: Any = "latest") -> Any:
            with _in_hex(TransactionFailed):
                return super().estimate_gas(transaction, block_number)

    return LocalBackend()

"""A network's name or URL -> a Chain to talk to: in this process, on anvil, or a test chain.

Nothing here spends real money: a chain id that is not in NETWORKS is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.local import CHAIN_ID
from mint.errors import ChainError
from mint.urls import masked

if TYPE_CHECKING:
    from web3 import Web3
    from web3.providers.rpc.utils import ExceptionRetryConfiguration

# name -> chain id, https://chainlist.org. A URL that answers with one of these ids is taken.
NETWORKS = {
    "local": CHAIN_ID,
    "anvil": 31337,
    "sepolia": 11155111,
    "holesky": 17000,
    "hoodi": 560048,
    "base-sepolia": 84532,
    "arbitrum-sepolia": 421614,
    "optimism-sepolia": 11155420,
    "polygon-amoy": 80002,
    "scroll-sepolia": 534351,
    "zora-sepolia": 999999999,
}
ANVIL_URL = "http://127.0.0.1:8545"
_KNOWN = ", ".join(NETWORKS)


@dataclass(frozen=True)
class Chain:
    """An open chain. `local` is true in this process only; `genesis` is block 0's hash in hex.

    `label` is what messages call it: a URL without path, user or key.
    """

    web3: Web3
    network: str
    chain_id: int
    local: bool
    genesis: str
    label: str

    @property
    def is_development(self) -> bool:
        """Whether its coins cost nothing and everybody knows the funded key."""
        return self.chain_id in (NETWORKS["local"], NETWORKS["anvil"])


def connect(network: str, state: Path, environ: Mapping[str, str] = os.environ) -> Chain:
    """Open `network`: a name in NETWORKS or an http(s) URL of one of those chains.

    `local` lives in the folder `state`. The other names are asked at MINT_RPC_URL (anvil also at
    its usual port). Raises ChainError, or StoreError when the local chain's file is unusable.
    """
    url = endpoint(network, environ)
    if url is None:
        return _local(state)
    return _remote(url, None if "://" in network else network)


def endpoint(network: str, environ: Mapping[str, str]) -> str | None:
    """The URL where `network` is asked, None in this process. Asks nobody; raises ChainError."""
    if network == "local":
        return None
    if network not in NETWORKS and "://" not in network:
        raise ChainError(f"no network is called {network!r}", hint=f"use a URL, or one of {_KNOWN}")
    named = environ.get("MINT_RPC_URL") or (ANVIL_URL if network == "anvil" else None)
    url = network if "://" in network else named
    if url is None:
        raise ChainError(
            f"{network} needs a node to talk to",
            hint="set MINT_RPC_URL, or give the node's URL instead of the name",
        )
    if not masked(url).startswith(("http://", "https://")):
        raise ChainError(f"{masked(url)} is not an http(s) URL", hint="give the node's http(s) URL")
    return url


@contextmanager
def answers(label: str) -> Iterator[None]:
    """Turn a node that is down, or not a node, into a ChainError that shows no secret.

    Their own messages hold the whole URL, hence `from None`. A node's answer in JSON-RPC, be it
    an error, passes through.
    """
    import requests
    from web3.exceptions import BadResponseFormat

    hint = "start the node or check the URL, then run the same command again"
    try:
        yield
    except requests.HTTPError as error:
        status = "error" if error.response is None else error.response.status_code
        raise ChainError(f"{label} answered with HTTP status {status}", hint=hint) from None
    except (requests.JSONDecodeError, json.JSONDecodeError, UnicodeDecodeError, BadResponseFormat):
        raise ChainError(f"{label} does not speak JSON-RPC", hint=hint) from None
    except requests.Timeout:
        raise ChainError(f"{label} took too long to answer", hint=hint) from None
    except (requests.RequestException, OSError) as error:
        name = type(error).__name__
        raise ChainError(f"{label} cannot be reached ({name})", hint=hint) from None


def _local(state: Path) -> Chain:
    from web3 import Web3

    from mint.chain.local import provider

    web3 = Web3(provider(state))
    genesis = web3.eth.get_block(0)["hash"].to_0x_hex()
    return Chain(web3, "local", CHAIN_ID, True, genesis, "the local chain")


def _remote(url: str, expected: str | None) -> Chain:
    from web3 import HTTPProvider, Web3
    from web3.middleware import ExtraDataToPOAMiddleware

    label = masked(url)
    web3 = Web3(HTTPProvider(url, {"timeout": 20}, exception_retry_configuration=_retries()))
    # Test chains run by a few signers put more into a header than Ethereum allows.
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    with answers(label):
        chain_id = web3.eth.chain_id
        network = _name(chain_id, label, expected)
        genesis = web3.eth.get_block(0)["hash"].to_0x_hex()
    return Chain(web3, network, chain_id, False, genesis, label)


def _name(chain_id: int, label: str, expected: str | None) -> str:
    name = next((name for name, known in NETWORKS.items() if known == chain_id), None)
    if name is None:
        raise ChainError(
            f"{label} is chain {chain_id}, which is no known test chain",
            hint=f"mint spends no real money; use one of {_KNOWN}",
        )
    if expected not in (None, name):
        raise ChainError(
            f"{label} is {name} (chain {chain_id}), not {expected}",
            hint=f"give the URL of a node of {expected}",
        )
    return name


def _retries() -> ExceptionRetryConfiguration:
    """web3's retries for every question, but never for eth_sendRawTransaction.

    A sending whose answer was lost may have arrived; only the journal knows how to ask.
    """
    import requests
    from web3.providers.rpc.utils import REQUEST_RETRY_ALLOWLIST, ExceptionRetryConfiguration

    asking = [each for each in REQUEST_RETRY_ALLOWLIST if each != "eth_sendRawTransaction"]
    # HTTPError: public nodes answer 429 or 503 when they are busy.
    lost = (requests.ConnectionError, requests.Timeout, requests.HTTPError)
    return ExceptionRetryConfiguration(lost, retries=4, method_allowlist=asking)

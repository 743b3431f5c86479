"""A network's name or URL -> a Chain to talk to: in this process, on anvil, or a test chain.

Nothing here spends real money: a chain id that is not in mint.chain.networks is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.networks import NETWORKS, absent, network_of
from mint.errors import ChainError
from mint.urls import masked

if TYPE_CHECKING:
    from web3 import HTTPProvider, Web3
    from web3.providers.base import JSONBaseProvider
    from web3.providers.rpc.utils import ExceptionRetryConfiguration

    from mint.chain.networks import Network

ANVIL_URL = "http://127.0.0.1:8545"


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
    def line(self) -> Network:
        """What mint knows of its network."""
        return network_of(self.chain_id)

    @property
    def is_development(self) -> bool:
        """Whether its coins cost nothing and everybody knows the funded key."""
        return self.chain_id in (NETWORKS["local"].chain_id, NETWORKS["anvil"].chain_id)


def connect(network: str, state: Path, environ: Mapping[str, str] = os.environ) -> Chain:
    """Open `network`: a name in NETWORKS or an http(s) URL of one of those chains.

    `local` lives in the folder `state`. The other names are asked at MINT_RPC_URL, which may name
    several nodes (anvil also at its usual port). Raises ChainError, or StoreError when the local
    chain's file is unusable.
    """
    urls = endpoints(network, environ)
    if urls is None:
        return _local(state)
    return _remote(urls, None if "://" in network else network)


def endpoints(network: str, environ: Mapping[str, str]) -> list[str] | None:
    """The URLs where `network` is asked, None in this process. Asks nobody; raises ChainError.

    Several are separated by commas or spaces.
    """
    if network == "local":
        return None
    if "://" not in network and (refusal := absent(network)):
        raise refusal
    text = environ.get("MINT_RPC_URL") or (ANVIL_URL if network == "anvil" else "")
    urls = (network if "://" in network else text).replace(",", " ").split()
    if not urls:
        raise ChainError(
            f"{network} needs a node to talk to",
            hint="set MINT_RPC_URL, or give the node's URL instead of the name",
        )
    for url in urls:
        if "://" not in url:  # its text is not repeated: it may contain a key
            hint = "write http:// before it, such as http://127.0.0.1:8545, or https://"
            where = "--network" if "://" in network else "MINT_RPC_URL"
            raise ChainError(f"what {where} says is not an http(s) URL", hint=hint)
        if not masked(url).startswith(("http://", "https://")):
            problem = f"{masked(url)} is not an http(s) URL"
            raise ChainError(problem, hint="give the node's http(s) URL")
    return urls


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


@contextmanager
def results(label: str) -> Iterator[None]:
    """As `answers`, and an error in JSON-RPC is a ChainError, too: a node's limits, for one."""
    from web3.exceptions import Web3Exception

    try:
        with answers(label):
            yield
    except Web3Exception as error:
        from mint.chain.reverts import reason  # which asks by `answers` itself

        raise unanswered(label, reason(error)) from None


def unanswered(label: str, words: str) -> ChainError:
    """What to raise where a node says in JSON-RPC, in these words, why it gives no result."""
    hint = "run the same command again; if it stays so, name another node with --network URL"
    return ChainError(f"{label} gives no answer: {words}", hint=hint)


def _local(state: Path) -> Chain:
    from web3 import Web3

    from mint.chain.local import provider

    web3 = Web3(provider(state))
    genesis = web3.eth.get_block(0)["hash"].to_0x_hex()
    return Chain(web3, "local", NETWORKS["local"].chain_id, True, genesis, "the local chain")


def _remote(urls: Sequence[str], expected: str | None) -> Chain:
    """The chain of all nodes that answer; raises ChainError if none does, or two differ."""
    from mint.chain.nodes import nodes

    by_url: dict[str, tuple[int, str]] = {}
    trouble: ChainError | None = None
    for url in urls:
        label = masked(url)
        try:
            with results(label):
                web3 = _web3(_node(url))
                by_url[url] = web3.eth.chain_id, web3.eth.get_block(0)["hash"].to_0x_hex()
        except ChainError as error:
            trouble = error
            continue
        network = _name(by_url[url][0], label, expected)
        if len(set(by_url.values())) > 1:
            raise ChainError(
                f"{masked(next(iter(by_url)))} and {label} are nodes of two chains",
                hint="give URLs of one chain only",
            )
    if not by_url:
        raise trouble or ChainError("no node is named", hint="set MINT_RPC_URL")
    chain_id, genesis = next(iter(by_url.values()))
    more = f" and {len(by_url) - 1} more" if len(by_url) > 1 else ""
    label = f"{masked(next(iter(by_url)))}{more}"
    # One of several is asked again once: the others are there.
    node = partial(_node, retries=4 if len(by_url) == 1 else 2)
    return Chain(_web3(nodes(list(by_url), node)), network, chain_id, False, genesis, label)


def _node(url: str, retries: int = 4) -> HTTPProvider:
    from mint.chain.http_node import http_node

    return http_node(url, _retries(retries))


def _web3(provider: JSONBaseProvider) -> Web3:
    from web3 import Web3
    from web3.middleware import ExtraDataToPOAMiddleware
    from web3.types import RPCEndpoint

    # web3 asks for it before each call, and no node of ours ever answers otherwise.
    provider.cache_allowed_requests, provider.cacheable_requests = (
        True,
        {RPCEndpoint("eth_chainId")},
    )
    web3 = Web3(provider)
    # Test chains run by a few signers put more into a header than Ethereum allows.
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


def _name(chain_id: int, label: str, expected: str | None) -> str:
    if refusal := absent(chain_id):
        raise ChainError(f"{label} is not for mint: {refusal}", hint=refusal.hint)
    name = network_of(chain_id).name
    if expected not in (None, name):
        raise ChainError(
            f"{label} is {name} (chain {chain_id}), not {expected}",
            hint=f"give the URL of a node of {expected}",
        )
    return name


def _retries(number: int) -> ExceptionRetryConfiguration:
    """web3's retries for every question, but never for eth_sendRawTransaction.

    A sending whose answer was lost may have arrived; only the journal knows how to ask.
    """
    import requests
    from web3.providers.rpc.utils import REQUEST_RETRY_ALLOWLIST, ExceptionRetryConfiguration

    asking = [each for each in REQUEST_RETRY_ALLOWLIST if each != "eth_sendRawTransaction"]
    # HTTPError: public nodes answer 429 or 503 when they are busy.
    errors = (requests.ConnectionError, requests.Timeout, requests.HTTPError)
    return ExceptionRetryConfiguration(errors, retries=number, method_allowlist=asking)

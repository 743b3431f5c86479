"""A deployed contract's source -> two services that recompile it and show it beside the contract.

Sourcify (https://docs.sourcify.dev, API v2) needs no account; Etherscan
(https://docs.etherscan.io/contract-verification/verify-with-api) needs a free key.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mint.chain.networks import network_of

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.launch.source import Source

SOURCIFY = "https://sourcify.dev/server"
ETHERSCAN = "https://api.etherscan.io/v2/api"
_TEMPORARY = {408, 425, 429, 500, 502, 503, 504}
Outcome = Literal["verified", "already verified", "refused", "unanswered", "not asked"]
Announce = Callable[[str], None]


class Verification(NamedTuple):
    """What a service said of a source. `page` shows it, where there is one."""

    service: str
    outcome: Outcome
    detail: str = ""
    page: str | None = None

    @property
    def done(self) -> bool:
        """Whether the source stands beside the contract now."""
        return self.outcome in ("verified", "already verified")

    def __str__(self) -> str:
        """A sentence."""
        words = {
            "verified": "shows the source as verified",
            "already verified": "had verified the source before",
            "refused": "did not verify the source",
            "unanswered": "has not finished",
            "not asked": "was not asked",
        }[self.outcome]
        detail = f" ({self.detail})" if self.done and self.detail else f": {self.detail}"
        page = f": {self.page}" if self.page and self.done else ""
        return f"{self.service} {words}{detail if self.detail else ''}{page}"


class Patience(NamedTuple):
    """Seconds until a service counts as unanswered, and between two questions."""

    deadline: float = 180.0
    pause: float = 5.0


def verify_source(
    deployment: Deployment,
    source: Source,
    environ: Mapping[str, str],
    announce: Announce,
    patience: Patience | None = None,
) -> Iterator[Verification]:
    """Give the source to each service, and yield what it said; none stops the other.

    `announce` hears what is being waited for. ETHERSCAN_API_KEY in `environ` is a key of
    etherscan.io; MINT_SOURCIFY_URL and MINT_ETHERSCAN_URL name other servers of the same API.
    """
    patience = patience or Patience()
    for service, ask in _SERVICES.items():
        announce(f"giving the source of {deployment.address} to {service}")
        try:
            yield ask(deployment, source, environ, announce, patience)
        except _Unreachable as error:
            yield Verification(service, "unanswered", str(error))


class _Unreachable(Exception):
    """A service that could not be asked; the message shows nothing of its URL but the host."""


def _sourcify(
    deployment: Deployment,
    source: Source,
    environ: Mapping[str, str],
    announce: Announce,
    patience: Patience,
) -> Verification:
    base = environ.get("MINT_SOURCIFY_URL", SOURCIFY).rstrip("/")
    place = f"{deployment.chain_id}/{deployment.address}"
    page = f"https://repo.sourcify.dev/{place}"
    body = {
        "stdJsonInput": json.loads(source.standard_json),
        "compilerVersion": source.compiler,
        "contractIdentifier": source.identifier,
        "creationTransactionHash": deployment.transactions[0].transaction,
    }
    asking = _Asking("Sourcify", announce, patience)
    status, answer = asking.until(
        lambda: _http("POST", f"{base}/v2/verify/{place}", json=body),
        lambda answer: True,  # while the same job is running it answers 429
    )
    if answer.get("customCode") == "already_verified":
        return Verification("Sourcify", "already verified", page=page)
    if "verificationId" not in answer:
        return Verification("Sourcify", "refused", _words(answer.get("message"), status))
    job = f"{base}/v2/verify/{answer['verificationId']}"
    status, answer = asking.until(
        lambda: _http("GET", job), lambda answer: bool(answer.get("isJobCompleted"))
    )
    error, contract = _object(answer.get("error")), _object(answer.get("contract"))
    match = contract.get("match")
    if error.get("customCode") == "already_verified":
        return Verification("Sourcify", "already verified", page=page)
    if match and not error:
        return Verification("Sourcify", "verified", str(match).replace("_", " "), page)
    return Verification("Sourcify", "refused", _words(error.get("message"), status))


def _etherscan(
    deployment: Deployment,
    source: Source,
    environ: Mapping[str, str],
    announce: Announce,
    patience: Patience,
) -> Verification:
    key = environ.get("ETHERSCAN_API_KEY", "")
    if not key:
        hint = "set ETHERSCAN_API_KEY, a free key of etherscan.io, to have it asked"
        return Verification("Etherscan", "not asked", hint)
    url = environ.get("MINT_ETHERSCAN_URL", ETHERSCAN)
    address = network_of(deployment.chain_id).address(deployment.address)
    page = f"{address}#code" if address else None
    query = {"chainid": str(deployment.chain_id), "module": "contract", "apikey": key}
    form = {
        "codeformat": "solidity-standard-json-input",
        "sourceCode": source.standard_json.decode(),
        "contractaddress": deployment.address,
        "contractname": source.identifier,
        "compilerversion": f"v{source.compiler}",
        # The second is how it was spelt for years, and how some explorers still read it.
        "constructorArguments": source.arguments.hex(),
        "constructorArguements": source.arguments.hex(),
    }
    asking = _Asking("Etherscan", announce, patience)
    submit = {**query, "action": "verifysourcecode"}
    status, answer = asking.until(
        lambda: _http("POST", url, params=submit, data=form),
        lambda answer: not _waits(answer),
    )
    result = str(answer.get("result", "")).replace(key, "***")
    if str(answer.get("status")) == "1":
        check = {**query, "action": "checkverifystatus", "guid": result}
        status, answer = asking.until(
            lambda: _http("GET", url, params=check), lambda answer: not _waits(answer)
        )
        result = str(answer.get("result", "")).replace(key, "***")
    if "already verified" in result.lower():
        return Verification("Etherscan", "already verified", page=page)
    if result.startswith("Pass"):
        return Verification("Etherscan", "verified", page=page)
    return Verification("Etherscan", "refused", _words(result or answer.get("message"), status))


_SERVICES = {"Sourcify": _sourcify, "Etherscan": _etherscan}


def _waits(answer: Mapping[str, Any]) -> bool:
    """Whether Etherscan has still to look: its queue, its index, or its limit per second."""
    result = str(answer.get("result", "")).lower()
    return any(
        words in result
        for words in (
            "pending in queue",
            "in progress",
            "unable to locate contractcode",
            "rate limit",
        )
    )


class _Asking:
    """One service asked again and again, until it says something or the deadline comes."""

    def __init__(self, service: str, announce: Announce, patience: Patience) -> None:
        self._service, self._announce, self._patience = service, announce, patience
        self._began = time.monotonic()

    def until(
        self,
        ask: Callable[[], tuple[int, dict[str, Any]]],
        settled: Callable[[dict[str, Any]], bool],
    ) -> tuple[int, dict[str, Any]]:
        """The first answer that settles it. Raises _Unreachable at the deadline."""
        while True:
            why = "it is still at work"
            try:
                status, answer = ask()
            except _Unreachable as error:
                why = str(error)
            else:
                if status in _TEMPORARY:
                    why = f"it answers {status}"
                elif settled(answer):
                    return status, answer
            waited = time.monotonic() - self._began
            if waited + self._patience.pause > self._patience.deadline:
                raise _Unreachable(f"{why} after {waited:.0f} s; run the same command again later")
            self._announce(f"waiting for {self._service}: {why}, {waited:.0f} s")
            time.sleep(self._patience.pause)


def _http(method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an answer, {} where it is no object. Raises _Unreachable."""
    import requests

    from mint.chain.bounded import bounded_session

    try:
        with bounded_session(120) as session:
            reply = session.request(method, url, timeout=(10, 60), allow_redirects=False, **more)
    except requests.RequestException as error:
        # Its own message holds the whole URL, and with it the key.
        raise _Unreachable(f"it does not answer ({type(error).__name__})") from None
    try:
        answer = reply.json()
    except ValueError:
        answer = {}
    return reply.status_code, answer if isinstance(answer, dict) else {}


def _object(value: object) -> dict[str, Any]:
    """A JSON object as it is; anything else as the message of one, nothing as an empty one."""
    if isinstance(value, dict):
        return value
    return {"message": value} if value else {}


def _words(message: object, status: int) -> str:
    """A service's own words in one line, or its status."""
    words = " ".join(str(message or "").split())
    return words[:300] or f"it answers {status} and says nothing"

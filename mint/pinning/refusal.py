"""A status that is none of success -> a sentence about it, and what the artist can do.

Source: RFC 9110, 15; https://ipfs.github.io/pinning-services-api-spec/ for the form of errors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from mint.document import plain
from mint.errors import PublishError
from mint.pinning.patience import RUN_AGAIN, TemporaryError, retry_after
from mint.pinning.secrets import quoted
from mint.urls import masked


class Variables(NamedTuple):
    """The environment variables that say where a service is and what lets us in, for hints."""

    url: str = ""  # "PINATA_API"
    token: str = ""  # "PINATA_JWT", or two: "FILEBASE_KEY and FILEBASE_SECRET"

    @property
    def exports(self) -> str:
        """How to set what lets us in."""
        names = (self.token or "TOKEN").split(" and ")
        return f"export {' '.join(f'{name}=...' for name in names)}"


UNKNOWN = Variables()


# What services write where somebody's plan is the reason.
_QUOTA = re.compile(
    r"quota|insufficient.?(funds|storage|space|balance|credit)|(storage|size|plan|account|pins?)\b"
    r".{0,20}exceed|exceed.{0,30}(limit|storage|plan|account|pins)|over.?limit|upgrade"
    r"|limit.?(reached|exceeded)"
    r"|payment|billing|storage.?full",
    re.I,
)
_TOO_OFTEN = re.compile(r"rate.?limit|too.?many.?requests", re.I)
# S3's codes of the same, under 403: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_WRONG_KEY = ("InvalidAccessKeyId", "SignatureDoesNotMatch")
_PLAIN_TO_TLS = re.compile(r"HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)", re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)<", re.I | re.S)
_BRIEF = {408, 425, 500, 502, 503, 504, *range(520, 528)}  # 520..527 are Cloudflare's


def refused(
    where: str,
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    secrets: Iterable[str] = (),
    variables: Variables = UNKNOWN,
) -> PublishError:
    """What to raise for an answer of this status, which is not 2xx; names in `headers` lower case.

    `secrets` is what was sent, and must not be repeated. TemporaryError for what may be over soon.
    """
    secrets = [secret for secret in secrets if secret]
    text = _message(body, headers, secrets)
    says, token = f": {text}" if text else "", variables.token or "your token"
    address = f"is {variables.url} right?" if variables.url else "is its URL right?"
    if _PLAIN_TO_TLS.search(text):
        return PublishError(f"{where} speaks TLS", hint="write https:// instead of http://")
    often = status == 429 or (status in (400, 403, 409) and bool(_TOO_OFTEN.search(text)))
    full = status in (400, 403, 409) and not often and bool(_QUOTA.search(text))
    if status == 402 or status == 507 or full:
        return PublishError(
            f"your plan at {where} does not allow more ({status}){says}",
            hint="free some space there or take a larger plan; its web page shows what is used",
        )
    after = retry_after(headers.get("retry-after", ""))
    if often:
        return TemporaryError(
            f"{where} gets too many requests from you ({status}){says}",
            hint=f"wait some minutes; then {RUN_AGAIN}",
            after=after,
        )
    if status in (401, 403) and not secrets:
        return PublishError(
            f"{where} lets nobody in without a token ({status}){says}",
            hint=f"{variables.exports}, as whoever runs it gave it to you",
        )
    if status == 401 or any(code in text for code in _WRONG_KEY):
        return PublishError(
            f"{where} does not accept {token} ({status}){says}",
            hint="it may be expired, revoked, or not copied whole: copy it anew from the "
            f"service's web page{f', {variables.exports}' if variables.token else ''}",
        )
    if status in (403, 451):
        return PublishError(
            f"{where} does not allow this with {token} ({status}){says}",
            hint=f"was {token} copied whole? If so: make a token that may write and pin, and look "
            "whether your plan includes it",
        )
    if status in (404, 405, 410, 501):
        return PublishError(
            f"{where} has nothing at the address that was called ({status}){says}", hint=address
        )
    if status == 413:
        return PublishError(
            f"{where} does not take an upload of this size (413){says}",
            hint="your plan there, or a proxy in front of it, bounds the size of one upload; "
            "pin elsewhere (mint pin FILE --to ...), or have the bound raised",
        )
    if status in _BRIEF:
        return TemporaryError(
            f"{where} is out of order just now ({status}){says}",
            hint=f"the fault is on its side: in some minutes {RUN_AGAIN}",
            after=after,
        )
    if 300 <= status < 400:
        place = headers.get("location", "")
        to = f", to {masked(place)}" if "://" in place else ""
        return PublishError(
            f"{where} sends us elsewhere ({status}{to}), which is not followed here",
            hint=f"if you trust that address, use it instead; {address}",
        )
    return PublishError(f"{where} refuses ({status}){says}", hint=RUN_AGAIN)


def _message(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> str:
    """What the body says, for a message; of a web page its title alone."""
    if headers.get("content-encoding", "identity") != "identity":
        return ""
    text = body[:4096].decode(errors="replace").strip()
    if text.startswith("<") and not text.startswith("<?xml"):
        title = _TITLE.search(text)
        return f"a web page, {quoted(title[1], secrets)!r}" if title else "a web page"
    with suppress(ValueError):
        text = _reason(plain(text.encode())) or text
    return quoted(text, secrets)


def _reason(answer: Any) -> str:
    """The words in an answer in JSON, wherever the APIs that we know put them; "" for none."""
    if isinstance(answer, str):
        return answer
    if not isinstance(answer, dict):
        return ""
    # {"error": {"reason", "details"}} is the Pinning Service API's, {"Message"} is Kubo's.
    keys = ("error", "reason", "details", "message", "Message")
    return ": ".join(words for key in keys if (words := _reason(answer.get(key))))

"""The artist's buttons: `/api/decisions` reads and writes decisions.yaml.

Only pages of this server may call it: another site can neither make a browser send JSON here
without asking first, nor hide where it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from mint.curate.decisions import PREFIX, Decisions
from mint.curate.decisions_file import change, read_decisions
from mint.document import Document
from mint.errors import CollectionError
from mint.preview.answer import Answer, header_fields
from mint.record.attempts import Exhibition
from mint.record.folders import Folders

MOST_BYTES = 8192  # of a request


class Request(Document):
    """What a button sends.

    `attempt` is the picture's number (without it: the one that the token has), `picture` the first
    digits of its pixel digest, if the page knows them: then no other picture can be meant.
    """

    token_id: int
    decision: Literal["keep", "redraw", "reject", "undo"]
    attempt: int | None = None
    reason: str = ""
    picture: Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")] | None = None


def foreign(headers: Message, port: int) -> bool:
    """Whether a page of another site sends this; programs that are no browsers say nothing."""
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    own = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    return (origin is not None and origin not in own) or site in ("cross-site", "same-site")


def refuse_request(headers: Message, most: int = MOST_BYTES) -> Answer | None:
    """An answer where the body is not to be read at all; it has `most` bytes."""
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    length = headers.get("Content-Length", "")
    if media_type != "application/json":
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON (application/json)")
    if headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
        return problem(HTTPStatus.LENGTH_REQUIRED, "send the length of the body")
    if len(length) > 9 or int(length) > most:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"send at most {most} bytes")
    return None


def decisions_answer(folders: Folders) -> Answer:
    """All decisions, as JSON."""
    try:
        return as_json(HTTPStatus.OK, _plain(read_decisions(folders.file).decisions))
    except CollectionError as error:
        return problem(HTTPStatus.CONFLICT, str(error), error.hint)


def decide(folders: Folders, pictures: Exhibition, body: bytes) -> Answer:
    """Write what the artist decided; the answer has all decisions."""
    try:
        request = Request.parse(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = first["loc"][0] if first["loc"] else "the request"
        return problem(HTTPStatus.BAD_REQUEST, f"{place}: {first['msg']}")
    try:
        return as_json(HTTPStatus.OK, _plain(_obey(folders, pictures, request)))
    except LookupError as error:
        return problem(HTTPStatus.CONFLICT, str(error.args[0]), "reload the page and look again")
    except CollectionError as error:
        return problem(HTTPStatus.CONFLICT, str(error), error.hint)


def _obey(folders: Folders, pictures: Exhibition, request: Request) -> Decisions:
    token_id, verb = request.token_id, request.decision
    if verb == "undo":
        return change(folders.file, lambda earlier: earlier.without(token_id, request.attempt))
    decision = pictures.decide(verb, token_id, request.attempt, request.reason)
    if request.picture and decision.picture != request.picture[:PREFIX]:
        raise LookupError(f"token {token_id} has another picture by now")
    return change(folders.file, lambda earlier: earlier.with_decision(decision))


def _plain(decisions: Decisions) -> Mapping[str, Any]:
    """As decisions.yaml has them."""
    plain = decisions.model_dump(mode="json", exclude_none=True)
    return plain | {"keep": {str(each.pop("token")): each for each in plain["keep"]}}


def problem(status: HTTPStatus, error: str, hint: str = "") -> Answer:
    """What is wrong, and what to do, as JSON."""
    return as_json(status, {"error": error, "hint": hint})


def as_json(status: HTTPStatus, value: Mapping[str, Any]) -> Answer:
    """An answer that nobody keeps."""
    body = json.dumps(value).encode() + b"\n"
    fields = header_fields("", "application/json", len(body), False)
    del fields["Etag"], fields["Accept-Ranges"]
    return Answer(status, fields | {"Cache-Control": "no-store"}, [body])

"""HTTP answers bounded in time and size: requests bounds no more than the silence between bytes.

Imported where a question is asked, since it needs requests.
"""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

MOST = 64 << 20  # bytes of an answer


class EndlessAnswer(requests.RequestException):
    """An answer of more than MOST bytes."""


def bounded_session(within: float) -> requests.Session:
    """A session whose answers are whole `within` seconds from their first byte on, or fail.

    It raises requests' exceptions, EndlessAnswer among them.
    """
    session = requests.Session()
    for beginning in ("http://", "https://"):
        session.mount(beginning, _Bounded(within))
    return session


class _Bounded(HTTPAdapter):
    """Reads each answer to its end before anybody sees it."""

    def __init__(self, within: float) -> None:
        super().__init__()
        self._within = within

    def send(self, request: requests.PreparedRequest, *_: Any, **more: Any) -> requests.Response:
        """As HTTPAdapter's."""
        reply = super().send(request, **{**more, "stream": True})
        reply.raw = BytesIO(self._body(reply))
        return reply

    def _body(self, reply: requests.Response) -> bytes:
        until, body = time.monotonic() + self._within, bytearray()
        try:
            while piece := reply.raw.read1(1 << 16, decode_content=True):
                body += piece
                if len(body) > MOST:
                    raise EndlessAnswer(f"more than {MOST >> 20} MB")
                if time.monotonic() > until:
                    raise requests.ReadTimeout("it goes on answering")
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(error) from None
        except (HTTPError, OSError) as error:
            if isinstance(error, requests.RequestException):  # OSError's children
                raise
            raise requests.ConnectionError(error) from None
        finally:
            reply.raw.close()
        return bytes(body)

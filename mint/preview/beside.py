"""A file beside the report, such as its thumbnails -> an answer."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

from mint.preview.answer import Answer, header_fields, refusal

# Only names that mint gives: nothing else in the folder is anybody's business.
TYPES = {
    r"/thumbnails/[0-9]+(-[0-9]+)?\.webp": "image/webp",
    r"/tokens\.csv": "text/csv; charset=utf-8",
    r"/contact-sheet\.png": "image/png",
}


def is_beside(path: str) -> bool:
    """Whether `path` (of a URL) is one of the report's own files."""
    return any(re.fullmatch(pattern, path) for pattern in TYPES)


def file_beside(report: Path, path: str) -> Answer:
    """The report's own file at `path`, where the page looks for it."""
    try:
        body = (report.parent / path.removeprefix("/")).read_bytes()
    except OSError:
        return refusal(HTTPStatus.NOT_FOUND, "no such file: run `mint build`")
    kind = next(kind for pattern, kind in TYPES.items() if re.fullmatch(pattern, path))
    fields = header_fields("", kind, len(body), False)
    del fields["Etag"], fields["Accept-Ranges"]
    return Answer(HTTPStatus.OK, fields, [body])

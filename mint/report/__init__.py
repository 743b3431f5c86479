"""Manifest -> one self-contained HTML page, to look at, to search and to check a build by."""

from mint.report.page import Commands, render
from mint.report.thumbnail import COVER, thumbnail_edge, thumbnail_webp

__all__ = ["COVER", "Commands", "render", "thumbnail_edge", "thumbnail_webp"]

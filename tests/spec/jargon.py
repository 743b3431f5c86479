"""Words of libraries, which no message to an artist may have."""

from __future__ import annotations

import re

# What no artist has to understand.
JARGON = re.compile(
    r"valid (YAML|integer|number)|pattern|\bInput\b|expected|mapping|scalar|\bNone\b|null|should"
    r"|validation|token '|\\d|\[0-9|did not find|document start"
)

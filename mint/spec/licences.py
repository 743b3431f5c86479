"""Licences by their SPDX identifiers: those for pictures and data, and the usual ones of software.

Source: the SPDX Licence List 3.27, https://spdx.org/licenses/, where each has a page.
"""

from __future__ import annotations

_CREATIVE_COMMONS = """
CC0-1.0 CC-PDDC CC-PDM-1.0 CC-SA-1.0
CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-2.5-AU CC-BY-3.0 CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE
CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US CC-BY-4.0
CC-BY-NC-1.0 CC-BY-NC-2.0 CC-BY-NC-2.5 CC-BY-NC-3.0 CC-BY-NC-3.0-DE CC-BY-NC-4.0
CC-BY-NC-ND-1.0 CC-BY-NC-ND-2.0 CC-BY-NC-ND-2.5 CC-BY-NC-ND-3.0 CC-BY-NC-ND-3.0-DE
CC-BY-NC-ND-3.0-IGO CC-BY-NC-ND-4.0
CC-BY-NC-SA-1.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR CC-BY-NC-SA-2.0-UK
CC-BY-NC-SA-2.5 CC-BY-NC-SA-3.0 CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO CC-BY-NC-SA-4.0
CC-BY-ND-1.0 CC-BY-ND-2.0 CC-BY-ND-2.5 CC-BY-ND-3.0 CC-BY-ND-3.0-DE CC-BY-ND-4.0
CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5 CC-BY-SA-3.0
CC-BY-SA-3.0-AT CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CC-BY-SA-4.0
"""
_ART_AND_DATA = """
ASWF-Digital-Assets-1.0 ASWF-Digital-Assets-1.1 C-UDA-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
CDLA-Sharing-1.0 ClArtistic DL-DE-BY-2.0 DL-DE-ZERO-2.0 GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3
GFDL-1.3-only GFDL-1.3-or-later LAL-1.2 LAL-1.3 NLOD-2.0 O-UDA-1.0 ODC-By-1.0 ODbL-1.0 OFL-1.0
OFL-1.1 OGL-Canada-2.0 OGL-UK-3.0 PDDL-1.0 etalab-2.0
"""
_SOFTWARE = """
0BSD AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-1-Clause
BSD-2-Clause BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BUSL-1.1 BlueOak-1.0.0
CECILL-2.1 EPL-2.0 EUPL-1.2 Elastic-2.0 GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only
GPL-3.0-or-later Hippocratic-2.1 ISC LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0
LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-2.0 MS-PL MulanPSL-2.0 NCSA OSL-3.0
PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 PostgreSQL UPL-1.0 Unlicense WTFPL X11
Zlib
"""
SPDX = frozenset((_CREATIVE_COMMONS + _ART_AND_DATA + _SOFTWARE).split())


def licence_page(licence: str) -> str | None:
    """SPDX's page with the text of a licence; None for what is no identifier in SPDX."""
    return f"https://spdx.org/licenses/{licence}.html" if licence in SPDX else None

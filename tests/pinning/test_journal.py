"""pins.jsonl after a full disk: what was cut off tells nothing, and hides nothing."""

from __future__ import annotations

from pathlib import Path

from mint.launch.sentences import proof
from mint.pinning.journal import note

READ_BACK = {"event": "read back", "gateways": [], "sample": 12, "files": 60}


def test_a_line_that_was_cut_off_is_passed_over_and_ended(tmp_path: Path) -> None:
    pins = tmp_path / "pins.jsonl"
    note(pins, service="kubo", root="bafy1", **READ_BACK)
    with pins.open("a") as file:
        file.write('{"at": "2026-12-01T00:00:00+00:00", "event": "fai')

    assert proof(pins, "bafy1", "kubo") is not None
    note(pins, service="psa", root="bafy1", **READ_BACK)

    assert proof(pins, "bafy1", "psa") is not None
    assert proof(pins, "bafy1", "kubo") is not None
    assert len(pins.read_text().splitlines()) == 3

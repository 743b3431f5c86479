"""How many cores a process paints with."""

from __future__ import annotations

import os

import pytest

from mint.models.runtime import cores, limit_cores, runtime


def test_a_painter_that_shares_its_machine_uses_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.models.runtime._limit", None)
    limit_cores(3)

    assert cores() == runtime("0" * 64, device="cpu").threads == 3

    limit_cores(None)
    assert runtime("0" * 64, device="cpu").threads == cores() == len(os.sched_getaffinity(0))

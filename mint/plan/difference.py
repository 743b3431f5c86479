"""Two runtimes -> what changed from one to the other, in words. Pure."""

from __future__ import annotations

from mint.plan.recipe import Runtime


def difference(before: Runtime, here: Runtime) -> str:
    """What changed, as `torch 2.12.0 -> 2.13.0, ...`."""
    old, new = (
        r.model_dump(exclude={"libraries", "files"}) | r.libraries | (r.files or {})
        for r in (before, here)
    )
    keys = (k for k in {**old, **new} if old.get(k) != new.get(k))
    return ", ".join(f"{k} {_short(old.get(k))} -> {_short(new.get(k))}" for k in keys)


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 else text

"""What an edit is, in a few words for artists. Pure."""

from __future__ import annotations

from mint.plan.edit import Edit, Parent


def lineage(edit: Edit) -> str:
    """Such as `variation of attempt 0, strength 0.35`, or `blend of token 3 and token 7`."""
    if edit.blend is not None:
        first, second = (_name(each) for each in (edit.blend.first, edit.blend.second))
        how = " as the model sees them" if edit.embedding else ""
        return f"blend of {first} and {second}{how}, share {edit.blend.share:g}"
    kind = "variation" if edit.mask is None and not edit.traits else "retouching"
    words = f"{kind} of attempt {edit.of}"
    if edit.embedding:
        words += " as the model sees it" + (f", words {edit.strength:g}" if edit.strength else "")
    else:
        words += f", strength {edit.strength:g}"
    if edit.traits:
        words += ", with " + ", ".join(f"{k}: {v}" for k, v in edit.traits.items())
    return words + (f', as "{edit.prompt}"' if edit.prompt else "")


def _name(parent: Parent) -> str:
    also = f" (attempt {parent.attempt})" if parent.attempt else ""
    return f"token {parent.token}{also}"

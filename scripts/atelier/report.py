"""An evaluation's figures as markdown."""

from typing import Any

from measures import table

Found = dict[str, Any]


def written(found: Found) -> str:
    """Every section that was measured, in order."""
    said = [f"{k} {v}" for k, v in found["settings"].items()]
    text = "# Measured on held-out combinations of traits\n\n" + ", ".join(said) + ".\n"
    for name, section in SECTIONS.items():
        if name in found:
            text += "\n" + section(found[name])
    return text


def _adherence(found: Found) -> str:
    names = [name for name in found if "mistakes" not in name]
    rows = [[group, *(found[name][group] for name in names)] for group in found["renders"]]
    text = "## Trait adherence, read by the judge\n\n" + table(["group", *names], rows)
    for name in names:
        mistakes = found[f"{name}: most frequent mistakes"].items()
        said = "; ".join(f"{mistake} ({count})" for mistake, count in mistakes) or "none"
        text += f"\nMost frequent mistakes, {name}: {said}.\n"
    return text


def _clip(found: Found) -> str:
    names = ["first wording", "all wordings"]
    rows = [[group, *(found[name][group] for name in names)] for group in found[names[0]]]
    texts = list(found["texts"].values())
    return (
        "## Zero-shot reading of held-out renders by our CLIP\n\n"
        + table(["group", *names], rows)
        + f'\nTexts: the clause of one trait, as in "{texts[0]}" and "{texts[-1]}".\n'
    )


def _duplicates(found: Found) -> str:
    text = "## Near-duplicates by CLIP cosine\n\n"
    kinds = list(next(iter(found.values()))["auc"])
    rows = [
        [name, part["pairs of each kind"], *(part["auc"][kind] for kind in kinds)]
        for name, part in found.items()
    ]
    text += table(["ROC AUC", "pairs of each kind", *kinds], rows)
    for name, part in found.items():
        best = part["best threshold"]
        text += (
            f"\nOn {name} the cosine {best['cosine']:.5f} parts them best: "
            f"{best['duplicates_missed']:.2%} of duplicates missed, "
            f"{best['different_called_duplicate']:.2%} of different ones called duplicates.\n\n"
        )
        shares = list(part["quantiles"]["different"])
        rows = [
            [kind, *(f"{v:.5f}" for v in values.values())]
            for kind, values in part["quantiles"].items()
        ]
        text += table([f"{name}: quantiles", *shares], rows)
    return text


def _vae(found: Found) -> str:
    rows: list[list[object]] = [[name, f"{value:.2f} dB"] for name, value in found.items()]
    return "## Autoencoder on held-out renders\n\n" + table(["PSNR", ""], rows)


def _kid(found: Found) -> str:
    rows = [
        [features, name, value["mean"], value["deviation"], value["subset"]]
        for features, part in found.items()
        for name, value in part.items()
    ]
    head = ["features", "against held-out renders", "KID", "deviation", "subset"]
    return (
        "## KID\n\n"
        + table(head, rows)
        + "\nUnbiased MMD, kernel (x.y / d + 1)^3, over 100 subsets that share no traits. "
        "Features: the judge's 192 before their ReLU; our CLIP's vectors at length sqrt(d). "
        "Not on Inception's scale. A baseline's smaller pictures are enlarged (bicubic) first.\n"
    )


def _vendi(found: Found) -> str:
    rows = [
        [name, *value.values()] for name, value in found.items() if name not in ("sets", "seeds")
    ]
    return (
        f"## Vendi score within {found['sets']} fixed trait sets of {found['seeds']} pictures\n\n"
        + table(["cosine of", *found["clip"]], rows)
        + "\nPixels: 32 x 32, less the set's mean render.\n"
    )


def _curve(found: Found) -> str:
    rows = [list(row.values()) for row in found["rows"]]
    text = f"## Steps and guidance, {found['prompts']} prompts\n\n"
    return text + table(list(found["rows"][0]), rows) + "\nKID by the judge's features.\n"


def _speed(found: Found) -> str:
    return "## Speed, batch 8\n\n" + table(["", ""], [[k, v] for k, v in found.items()])


SECTIONS = {
    "adherence": _adherence,
    "clip": _clip,
    "duplicates": _duplicates,
    "vae": _vae,
    "kid": _kid,
    "vendi": _vendi,
    "curve": _curve,
    "speed": _speed,
}

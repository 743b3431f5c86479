"""An evaluation's figures as markdown."""

from typing import Any

from measures import table

Figures = dict[str, Any]


def markdown(figures: Figures) -> str:
    """Every section that was measured, in order."""
    settings = [f"{k} {v}" for k, v in figures["settings"].items()]
    text = "# Measured on held-out combinations of traits\n\n" + ", ".join(settings) + ".\n"
    for name, section in SECTIONS.items():
        if name in figures:
            text += "\n" + section(figures[name])
    return text


def _adherence(figures: Figures) -> str:
    names = [name for name in figures if "mistakes" not in name]
    rows = [[group, *(figures[name][group] for name in names)] for group in figures["renders"]]
    text = "## Trait adherence, read by the judge\n\n" + table(["group", *names], rows)
    for name in names:
        mistakes = figures[f"{name}: most frequent mistakes"].items()
        words = "; ".join(f"{mistake} ({count})" for mistake, count in mistakes) or "none"
        text += f"\nMost frequent mistakes, {name}: {words}.\n"
    return text


def _clip(figures: Figures) -> str:
    names = ["first wording", "all wordings"]
    rows = [[group, *(figures[name][group] for name in names)] for group in figures[names[0]]]
    texts = list(figures["texts"].values())
    return (
        "## Zero-shot reading of held-out renders by our CLIP\n\n"
        + table(["group", *names], rows)
        + f'\nTexts: the clause of one trait, as in "{texts[0]}" and "{texts[-1]}".\n'
    )


def _duplicates(figures: Figures) -> str:
    text = "## Near-duplicates by CLIP cosine\n\n"
    kinds = list(next(iter(figures.values()))["auc"])
    rows = [
        [name, part["pairs of each kind"], *(part["auc"][kind] for kind in kinds)]
        for name, part in figures.items()
    ]
    text += table(["ROC AUC", "pairs of each kind", *kinds], rows)
    for name, part in figures.items():
        best = part["best threshold"]
        text += (
            f"\nOn {name} the cosine {best['cosine']:.5f} parts them best: "
            f"{best['duplicates_missed']:.2%} of duplicates missed, "
            f"{best['different_called_duplicate']:.2%} of different ones called duplicates. By "
            f"mint's own limits {part['different, called one']:.2%} of different ones are one.\n\n"
        )
        shares = list(part["quantiles"]["different"])
        rows = [
            [kind, *(f"{v:.5f}" for v in values.values())]
            for kind, values in part["quantiles"].items()
        ]
        text += table([f"{name}: quantiles", *shares], rows)
    return text


def _vae(figures: Figures) -> str:
    rows: list[list[object]] = [[name, f"{value:.2f} dB"] for name, value in figures.items()]
    return "## Autoencoder on held-out renders\n\n" + table(["PSNR", ""], rows)


def _kid(figures: Figures) -> str:
    rows = [
        [features, name, value["mean"], value["deviation"], value["subset"]]
        for features, part in figures.items()
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


def _lines(figures: Figures) -> str:
    rows: list[list[object]] = [[name, value] for name, value in figures.items()]
    return "## Width of edges at full size, pixels\n\n" + table(["", ""], rows)


def _free(figures: Figures) -> str:
    rows: list[list[object]] = [
        [prompt, row["traits"], f"{sum(row['all of them'])} of {len(row['all of them'])}"]
        for prompt, row in figures["prompts"].items()
    ]
    return (
        "## Free prompts\n\n"
        + table(["prompt", "traits seen", "pictures with all of them"], rows)
        + f"\nThe first picture shows all: {figures['painted as asked, first picture']} of "
        f"{figures['of']}.\n"
    )


def _vendi(figures: Figures) -> str:
    rows = [
        [name, *value.values()] for name, value in figures.items() if name not in ("sets", "seeds")
    ]
    return (
        f"## Vendi score within {figures['sets']} fixed trait sets of {figures['seeds']} pictures"
        "\n\n" + table(["cosine of", *figures["clip"]], rows)
        + "\nPixels: 32 x 32, less the set's mean render.\n"
    )  # fmt: skip


def _curve(figures: Figures) -> str:
    rows = [list(row.values()) for row in figures["rows"]]
    text = f"## Steps and guidance, {figures['prompts']} prompts\n\n"
    return text + table(list(figures["rows"][0]), rows) + "\nKID by the judge's features.\n"


def _speed(figures: Figures) -> str:
    return "## Speed, batch 8\n\n" + table(["", ""], [[k, v] for k, v in figures.items()])


SECTIONS = {
    "adherence": _adherence,
    "clip": _clip,
    "duplicates": _duplicates,
    "vae": _vae,
    "kid": _kid,
    "lines": _lines,
    "free": _free,
    "vendi": _vendi,
    "curve": _curve,
    "speed": _speed,
}

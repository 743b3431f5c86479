"""`mint provenance` and `mint certificate`: where a picture came from, and who signs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.say import quoted, said_when_slow, say, tell


def provenance(
    target: Annotated[
        Path,
        typer.Argument(
            help="Any PNG, or a collection.yaml that was built.",
            metavar="FILE|PNG",
            show_default=False,
        ),
    ],
    within: Annotated[
        Path | None,
        typer.Option(
            "--in",
            help="The collection.yaml (or manifest.json) whose tokens to look among. Without it: "
            "the builds beside the picture.",
            show_default=False,
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            help="A PEM file with the authorities that you trust, such as the list of C2PA. "
            "Without it no signer is trusted.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say where a picture came from: what its file states, who signed that, whose token it is.

    Of a PNG it reads the source type and the other texts in the file, checks the signature if there
    is one (C2PA, "Content Credentials"), and says which token's picture it is: the very file, or
    the same pixels saved again. Of a FILE it sums that up over all its tokens. It calls no server
    and changes nothing.
    """
    from mint.verify.origin import origin

    with said_when_slow("reading the pictures ..."):
        for line in origin(target, within, trust):
            tell(line)


def certificate(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Where to put it: a folder outside your project that only you read.",
            show_default=False,
        ),
    ],
    name: Annotated[
        str, typer.Option(help="The name in it, which viewers of your pictures show.")
    ] = "An artist who uses mint",
) -> None:
    """Make a certificate to try signing pictures with, and its key.

    With `c2pa:` in a collection.yaml, mint build signs every picture by it. Signatures hold, but
    viewers call them untrusted, since anybody can make such a certificate under any name: that
    ends only with one that an authority on C2PA's list has issued to you.
    """
    import shlex

    from mint.paint.certificate import make_certificate

    files = make_certificate(folder, name)
    # Whole paths: the variables are to hold in every folder.
    print(f"export MINT_C2PA_CERTIFICATE={shlex.quote(str(files.chain.absolute()))}")
    print(f"export MINT_C2PA_KEY={shlex.quote(str(files.key.absolute()))}")
    say("untrusted unless an authority on C2PA's list issues one to you: good for trying only")
    say(f"readers who trust you by hand: mint provenance PNG --trust {quoted(files.authority)}")
    say(
        "next: set both variables, write `c2pa: {states: digests}` into collection.yaml, mint build"
    )

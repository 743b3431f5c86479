"""`mint wallet VERB`: the wallets that sign, each in an encrypted file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import hidden_input, say, tell

if TYPE_CHECKING:
    from mint.chain.keystores import Keystore

_HELP = """Make a wallet, and see what it has.

A wallet is a key that signs what you send to a network; its address is its name there, and may be
shown to anybody. mint keeps a wallet in a file that only your password opens. You need none for a
wallet that lives in your browser, such as MetaMask: give --wallet browser where mint asks for one.
"""
on_wallet = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
NewName = Annotated[str, typer.Argument(help="What to call it: lower-case letters and digits.")]
Name = Annotated[
    str | None,
    typer.Argument(help="The wallet's name; without it your only one.", show_default=False),
]
Coins = Annotated[
    str, typer.Option("--network", help="The network whose test coins you want, to pay its fees.")
]


@on_wallet.command()
def new(name: NewName = "main", network: Coins = "hoodi") -> None:
    """Make a new wallet: choose a password, and note it where nobody else looks.

    A wallet that exists is never written over.
    """
    import secrets

    from mint.chain.keystores import create_keystore, vacant
    from mint.chain.passwords import new_password

    _refuse_absent(network)
    path = vacant(name, os.environ)
    password = new_password(path.stem, os.environ, hidden_input())
    _introduce(create_keystore(name, secrets.token_bytes(32), password, os.environ), network)


@on_wallet.command("import")
def import_(
    name: NewName,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="An encrypted keystore file of another program. Without it the private key is "
            "asked for, or read from standard input.",
            show_default=False,
        ),
    ] = None,
    network: Coins = "hoodi",
) -> None:
    """Take over a wallet that another program made, by its keystore file or its private key.

    A key is never given in the command itself, where other programs could see it.
    """
    from mint.chain.keystores import create_keystore, decrypted, private_key, vacant
    from mint.chain.passwords import new_password, unlocked
    from mint.errors import ChainError

    _refuse_absent(network)
    path, ask = vacant(name, os.environ), hidden_input()
    if file is not None:
        try:
            data = file.read_bytes()
        except OSError as error:
            problem = f"{file} cannot be read: {error.strerror}"
            raise ChainError(problem, hint="check its name") from None
        label = file.name
        secret, password = unlocked(
            label, os.environ, ask, lambda typed: (decrypted(data, typed, label), typed)
        )
        key = private_key(secret.rjust(32, b"\0").hex())
    else:
        key = private_key(ask("private key: ") if ask else sys.stdin.readline())
        password = new_password(path.stem, os.environ, ask)
    _introduce(create_keystore(name, key, password, os.environ), network)


@on_wallet.command("list")
def list_() -> None:
    """Show your wallets: name, address, and which is used when none is named."""
    from mint.chain.keystores import keystores, wallet_folder

    wallets = keystores(os.environ)
    if not wallets:
        say(f"there is no wallet in {wallet_folder(os.environ)}\nnext: mint wallet new")
    default = os.environ.get("MINT_WALLET") or (wallets[0].name if len(wallets) == 1 else None)
    for keystore in wallets:
        note = "  used when none is named" if keystore.name == default else ""
        tell(f"{keystore.name:11} {keystore.address or 'says no address'}{note}")
    if wallets and default is None:
        say("with more than one, --wallet NAME or the variable MINT_WALLET says which signs")


@on_wallet.command()
def address(name: Name = None) -> None:
    """Print a wallet's address, and nothing else. Needs no password."""
    tell(_address(name))


@on_wallet.command()
def balance(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The wallet's name, or any address; without it your only wallet.",
            show_default=False,
        ),
    ] = None,
    network: Annotated[
        str, typer.Option(help="The network to ask, such as hoodi, or the URL of a node.")
    ] = "hoodi",
) -> None:
    """Ask a network how many coins a wallet has. Needs no password."""
    from mint.addresses import is_address
    from mint.chain.network import answers, connect
    from mint.errors import ChainError

    if network == "local":
        raise ChainError(
            "the chain inside mint has a wallet of its own, which never lacks coins",
            hint="name a test network, such as --network hoodi",
        )
    wallet = name if name is not None and is_address(name) else _address(name)
    chain = connect(network, Path(".mint"), os.environ)
    with answers(chain.label):
        wei = int(chain.web3.eth.get_balance(chain.web3.to_checksum_address(wallet)))
    tell(f"{amount(wei)} {chain.line.coin} on {chain.network}, {wallet}")
    if not wei and not chain.is_development:
        say(_coins(chain.network))


def amount(wei: int) -> str:
    """`0.05`, exactly, in whole coins."""
    from decimal import Decimal

    return f"{Decimal(wei).scaleb(-18).normalize():f}"


def _address(name: str | None) -> str:
    from mint.chain.keystores import find_keystore, keystores
    from mint.errors import ChainError

    wallets = keystores(os.environ)
    choice = (
        name or os.environ.get("MINT_WALLET") or (wallets[0].name if len(wallets) == 1 else None)
    )
    if choice is None and wallets:
        names = ", ".join(keystore.name for keystore in wallets)
        raise ChainError(f"there are {len(wallets)} wallets", hint=f"name one of them: {names}")
    keystore = find_keystore(choice or "main", os.environ)
    if keystore.address is None:
        raise ChainError(
            f"{keystore.path} does not say its address",
            hint=f"mint wallet import NAME {keystore.path} makes one that does",
        )
    return keystore.address


def _introduce(keystore: Keystore, network: str) -> None:
    """What to know of a new wallet, and what to do next."""
    from mint.chain.passwords import password_source

    tell(f"wallet      {keystore.name}")
    tell(f"address     {keystore.address}")
    tell(f"file        {keystore.path}")
    if source := password_source(os.environ):
        say(f"password    {source}")
    say(
        "back up     copy that file to a second place, and note the password elsewhere. Without\n"
        "            both the wallet is lost, with all that it owns; nobody can restore it."
    )
    say(f"coins       {_coins(network)}")
    say(f"next: mint wallet balance {keystore.name} --network {network}")


def _refuse_absent(network: str) -> None:
    """Raise ChainError for a network that mint does not go to, before a wallet is made for it."""
    from mint.chain.networks import absent

    if "://" not in network and (refusal := absent(network)):
        raise refusal


def _coins(network: str) -> str:
    """How to get coins to pay fees with."""
    from mint.chain.networks import NETWORKS

    line = NETWORKS.get(network)
    if line is None or line.faucet is None:
        return "ask the network's own pages for test coins; they cost nothing"
    return f"test {line.coin} for {network} costs nothing: give your address at {line.faucet}"

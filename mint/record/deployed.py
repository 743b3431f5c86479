"""A network, or none -> the record of what stands there: the last build's, or a launch's."""

from __future__ import annotations

from mint.errors import ChainError, StoreError
from mint.record.folders import Folders, read_manifest
from mint.record.launches import launches
from mint.spec.services import named


def deployed_on(folders: Folders, network: str | None, own: str = "local") -> Folders:
    """Where the manifest of what stands on `network` lies, with its CARs: the build, or a launch.

    A later build may have deployed the collection elsewhere: on the local chain, which everybody
    tries first. Without `network`, and for a URL, the build counts if it deployed on a network,
    else the newest launch; so a rehearsal is no answer to a question for what is launched.

    Where launches are on several networks nobody guesses, for money may follow: the node behind a
    URL says which one it is of, and without `network` it is `own`, the file's, if it is one of
    them; else this raises ChainError.
    """
    every = [one for one in launches(folders) if one.launch.address is not None]
    last = _built_on(folders)
    built = last if last != "local" else None
    networks = sorted({one.launch.network for one in every} | ({built} if built else set()))
    if network is not None and "://" in network and len(networks) > 1:
        network = _name(network, folders)
    if network is None or "://" in network:
        if built or not every:
            return folders
        if own in networks:
            every = [one for one in every if one.launch.network == own]
        elif len(networks) > 1:
            raise ChainError(
                f"{folders.file} was launched on {named(networks)}",
                hint=f"say which one you mean, such as --network {networks[0]}",
            )
    else:
        every = [one for one in every if one.launch.network == network]
        if not every or last == network:
            return folders
    return Folders(folders.file, folders.state, every[-1].folder)


def _built_on(folders: Folders) -> str | None:
    """The network on which the last build deployed; None where it did not."""
    try:
        deployment = read_manifest(folders.manifest).deployment
    except StoreError:
        return None
    return None if deployment is None else deployment.network


def _name(url: str, folders: Folders) -> str:
    """The network of the node at `url`; raises ChainError."""
    from mint.chain.network import connect

    return connect(url, folders.state / "chain").network

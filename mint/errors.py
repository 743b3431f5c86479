"""Every error a user can meet, and what each one asks of them.

MintError                 something the artist, the disk or the world must change
 +- CollectionError       collection.yaml: unreadable, mistyped, or asking the impossible
 |   +- PlanError         no arrangement of tokens satisfies the counts and rules
 +- RenderError           the model is missing, refused, or failed while painting
 |   +- RuntimeChanged    this machine would paint other pixels than the build began with
 +- CurateError           pictures that stay duplicates after every attempt
 +- SigningError          a certificate or key that cannot sign pictures, or none
 +- StoreError            disk full, read-only folder, or a file that cannot be trusted
 |   +- BuildRunning      another build or launch of it holds the lock
 +- PublishError          IPFS: a node that is down, or one with other bytes than ours
 |   +- TemporaryError    a service that fails for a while (mint.pinning.patience)
 +- ChainError            RPC down, wrong chain, reverted or unsendable transaction
 |   +- Refusal           the contract said no, and why (mint.chain.reverts)
 |   +- LaunchError       a launch that would surprise: a second contract, or not enough coins
 +- VerifyError           a finished collection that does not match the world
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


class MintError(Exception):
    """What is wrong, in the artist's words, and in `hint` the next command or edit."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class CollectionError(MintError):
    """collection.yaml cannot be read as a collection; the message begins `file:line:column:`."""


class PlanError(CollectionError):
    """Counts, rules and distinctness cannot all hold; names the rule that binds."""


class RenderError(MintError):
    """The diffusion model is missing, refused (pickle, remote code), corrupt, or out of memory."""


class OutOfMemory(RenderError):
    """So many pictures at once do not fit; fewer may."""


class RuntimeChanged(RenderError):
    """Resuming here would mix pictures of two runtimes, and nobody has agreed to that."""


class CurateError(MintError):
    """Some tokens stay duplicates after every attempt."""


class SigningError(MintError):
    """The certificate or key that should sign the pictures is missing, or cannot."""


class StoreError(MintError):
    """A file cannot be written, or what is on disk is not what was written."""


class BuildRunning(StoreError):
    """Another process is building or launching this collection."""


class PublishError(MintError):
    """An IPFS node is unreachable, refused the CAR, or does not hold what we gave it."""


class ChainError(MintError):
    """The chain is unreachable, another than the named one, or refused a transaction."""


class LaunchError(ChainError):
    """A launch would do what nobody asked for, or could not be finished; nothing was sent."""


class VerifyError(MintError):
    """A digest, CID, score, signature or pixel is not what the manifest says."""


def disk_error(error: OSError, path: Path, verb: str = "write") -> StoreError:
    """An OSError as the artist should read it."""
    hints = {
        errno.ENOSPC: "free some space and run the same command again; nothing is done twice",
        errno.EDQUOT: "your quota is used up; free some space and run the same command again",
        errno.EROFS: "the disk is mounted read-only; copy the collection to a folder you can write",
        errno.EACCES: f"make it yours to {verb}, or copy the collection to a folder that is",
        errno.EPERM: f"make it yours to {verb}, or copy the collection to a folder that is",
        errno.EISDIR: "move that folder away and run the same command again",
        errno.ENOTDIR: "a file lies where a folder must be; move it away",
        errno.EEXIST: "a file lies where a folder must be; move it away",
    }
    hint = hints.get(error.errno or 0, "check the disk, then run the same command again")
    return StoreError(f"cannot {verb} {path}: {os.strerror(error.errno or 0)}", hint=hint)

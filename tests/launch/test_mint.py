"""What is minted is read back, and compared with what was built."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from mint.chain.account import open_account
from mint.errors import VerifyError
from mint.launch.mint import mint
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load


def test_a_contract_that_leads_to_other_files_is_noticed(built: Path, tmp_path: Path) -> None:
    file = copytree(built.parent, tmp_path / "copy") / built.name
    folders = folders_of(file, load(file)[0])
    manifest = read_manifest(folders.manifest)
    assert manifest.metadata is not None
    other = manifest.model_copy(update={"metadata": ("0" * 64, *manifest.metadata[1:])})

    with open_account(folders.state, "local", {}) as account:
        mint(account, manifest, folders)  # minted already, and as it should be
        with pytest.raises(VerifyError, match="token 1"):
            mint(account, other, folders)

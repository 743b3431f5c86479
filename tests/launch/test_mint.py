"""What is minted is read back, and compared with what was built."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest

from mint.chain.account import open_account
from mint.errors import VerifyError
from mint.ipfs.car import open_car
from mint.launch.mint import mint
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load
from mint.verify.files import Files
from mint.verify.onchain import check_chain


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


def test_a_spot_check_follows_some_token_uris_and_misses_the_others(built: Path) -> None:
    folders = folders_of(built, load(built)[0])
    manifest = read_manifest(folders.manifest)
    assert manifest.metadata is not None
    second = (manifest.metadata[0], "0" * 64, *manifest.metadata[2:])
    other = manifest.model_copy(update={"metadata": second})

    with open_account(folders.state, "local", {}) as account, closing(open_car(folders.car)) as car:
        some = [*check_chain(other, Files(car), account.chain, most=4)]
        with pytest.raises(VerifyError, match="token 2"):
            list(check_chain(other, Files(car), account.chain))

    assert "3 token URIs on local lead to the recorded pictures" in some  # 1, 3 and 5

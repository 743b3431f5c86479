"""The wheel is whole: installed into an empty environment, it builds a collection elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from mint.stages import STEPS
from tests.conftest import ROOT, copy_collection


def test_the_wheel_builds_a_collection_outside_the_repository(tmp_path: Path) -> None:
    # From a copy, so that what git does not track cannot get in.
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    clone = tmp_path / "clone"
    for name in names.stdout.decode().strip("\0").split("\0"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, clone)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 60_000_000

    home = tmp_path / "an environment"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python3*/site-packages"))
    shutil.unpack_archive(wheel, site, "zip")
    # The libraries it depends on, but neither the repository nor its editable install.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("FairMint.input.json", "FairSale.input.json", "NOTICE.txt"):  # for explorers
        assert (site / "mint" / "chain" / name).stat().st_size
    python = home / "bin" / "python"
    file = copy_collection("tiny", tmp_path)

    where = run(python, "-c", "import mint; print(mint.__file__)", cwd=tmp_path)
    assert str(home) in where.stdout
    built = run(python, "-m", "mint", "build", file, cwd=tmp_path)
    assert "Tiny: 6 tokens" in built.stdout
    # No terminal: a line for each step, no bars, and the libraries keep quiet. What the model does
    # not know lies in the wheel, too, and is said.
    assert "warning: " in built.stderr
    news = ("warning: ", "6 to paint", "writing the report", "loading the model", *STEPS)
    assert all(line.startswith(news) for line in built.stderr.splitlines()), built.stderr
    assert (tmp_path / "tiny/build/tiny/report/index.html").stat().st_size > 10_000


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done

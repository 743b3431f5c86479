"""The command as a person types it: in a process of its own, with its output and exit code.

Forked from the server that has imported the heavy libraries, which takes seconds each time.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.killed_builds import FORK_SERVER

LONGEST = 300  # seconds that a command may take


def mint(
    *arguments: str,
    cwd: Path | None = None,
    code: int = 0,
    environ: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `mint` in `cwd`, with `environ` beside this process's environment."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "stdout", Path(folder) / "stderr"
        child = FORK_SERVER.Process(
            target=typed, args=(arguments, cwd or Path.cwd(), os.environ | (environ or {}), files)
        )
        child.start()
        child.join(LONGEST)
        if child.is_alive():  # nothing is to hang in silence
            child.kill()
            child.join()
        stdout, stderr = (file.read_text("utf-8") for file in files)
    assert child.exitcode == code, stderr
    return subprocess.CompletedProcess(arguments, code, stdout, stderr)


def typed(
    arguments: tuple[str, ...], cwd: Path, environ: dict[str, str], files: tuple[Path, Path]
) -> None:
    """What the shell does, and then `python -m mint`."""
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["mint", *arguments]
    from mint.cli import main

    main()


def mint_here(
    *arguments: str,
    cwd: Path | None = None,
    code: int = 0,
    environ: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """`mint`, in this process: sooner, and what it runs is measured. No terminal, no kills."""
    from mint.cli import main

    out, err, exit_code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["mint", *arguments])
        patch.setattr(sys, "stdin", io.StringIO())
        for name, value in (environ or {}).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as ended:
            exit_code = int(ended.code or 0)
    assert exit_code == code, err.getvalue()
    return subprocess.CompletedProcess(arguments, exit_code, out.getvalue(), err.getvalue())

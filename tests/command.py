"""Runs the command in a fresh interpreter, as a person's shell does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import forked

ROOT = Path(__file__).resolve().parent.parent
BOUND_S = 60.0


def environment(**changes: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **changes}


def start(*arguments: str, **changes: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui_ae", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**changes),
    )


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    if forked.forks.fit(environment(**changes)):
        return forked.run(arguments, environment(**changes), BOUND_S)
    with start(*arguments, **changes) as process:
        out, err = process.communicate(timeout=BOUND_S)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def python(code: str) -> str:
    """What a program prints in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

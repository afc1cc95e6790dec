from __future__ import annotations

import atexit
import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.load_profile("default")
# Before any test multiplies matrices: Intel's library reads it then, whichever test that is.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
# Programs that tests start find their modules compiled, and don't each compile them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Each of xdist's workers keeps to one core, with the programs that it starts: the threads of
# PyTorch and NumPy otherwise wait for each other, at full speed, on cores that another worker's
# programs hold. NumPy's were counted before this file was read, where a plugin imports it, so the
# workers are told their number as they are started.
if (_worker := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    _cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {_cores[int(_worker.removeprefix("gw")) % len(_cores)]})
    os.environ.pop("OPENBLAS_NUM_THREADS", None)
# Programs that tests start keep their runs there, and not among those of the person, whose
# configuration and data sets they don't see.
for _variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
    os.environ[_variable] = tempfile.mkdtemp(prefix="tui-ae-tests-")
    atexit.register(shutil.rmtree, os.environ[_variable], ignore_errors=True)

from tui_ae.data import load  # noqa: E402 - reads what was set above
from tui_ae.data.dataset import Dataset  # noqa: E402
from tui_ae.data.synthetic import draw_digits  # noqa: E402

# A quarter of a second each time; their arrays are nobody's to write.
vars(load)["draw_digits"] = functools.cache(draw_digits)


def pytest_xdist_auto_num_workers() -> int:
    """Four where there are fewer cores: a third of the time a worker waits for a program."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else os.cpu_count()
    return max(cores or 1, 4)


def pytest_collection_finish() -> None:
    """What is there by now stays: looking through it for garbage took most of some tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """Take back what the command sets for the program that it would become.

    Programs of later tests would otherwise not be those that `tests.forked` has ready.
    """
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        if not name.startswith("PYTEST_"):
            del os.environ[name]


@pytest.fixture(autouse=True)
def _denormal_numbers() -> Iterator[None]:
    """Give them back to the tests' own thread: a trainer takes them for 0 where it trains."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The synthetic digits of seed 0; their arrays are read-only."""
    return draw_digits(0)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """The characters that another test has chosen."""
    (Path(os.environ["XDG_STATE_HOME"]) / "tui_ae" / "characters.json").unlink(missing_ok=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Before xdist starts its workers, which inherit the environment."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

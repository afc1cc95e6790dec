"""What each module drags in, in interpreters of their own."""

from __future__ import annotations

import pkgutil
import sys

import pytest

import tui_ae
from tests import command

WITH_TRITON = ("tui_ae.train.gpu.kernels", "tui_ae.train.gpu.kernel_operations")
"""Without a GPU, PyTorch comes without what these import."""
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tui_ae.__path__, "tui_ae.")
    if module.name not in ("tui_ae.__main__", *WITH_TRITON)
)
HEAVY = ("numpy", "torch", "textual", "rich", "PIL")


def loads(*modules: str) -> set[str]:
    """Top-level packages of HEAVY in memory after an import."""
    code = f"import sys, {', '.join(modules)}\nprint(*{HEAVY!r} & sys.modules.keys())"
    return set(command.python(code.replace(repr(HEAVY), f"set({HEAVY!r})")).split())


def below(*prefixes: str) -> list[str]:
    return [name for name in MODULES if name.startswith(prefixes)]


def test_the_command_line_loads_nothing_heavy() -> None:
    assert loads("tui_ae.cli", "tui_ae.config", "tui_ae.errors") == set()


def test_pictures_need_numpy_alone() -> None:
    assert loads(*below("tui_ae.raster.")) == {"numpy"}


def test_what_a_screen_looks_at_needs_numpy_alone() -> None:
    assert loads(*below("tui_ae.run.")) == {"numpy"}


def test_the_first_frame_comes_before_torch() -> None:
    assert "torch" not in loads("tui_ae.ui.app", *below("tui_ae.ui.", "tui_ae.link."))


def test_the_worker_loads_torch_only_when_it_starts() -> None:
    names = ("tui_ae.train.session", "tui_ae.headless", *below("tui_ae.data."))
    assert loads(*names) <= {"numpy", "PIL"}


def test_exports_need_no_torch_but_for_its_modules() -> None:
    names = [name for name in below("tui_ae.export.") if name != "tui_ae.export.modules"]
    assert loads("tui_ae.subcommands", *names) == {"numpy", "PIL"}


def test_starting_to_train_loads_no_compiler_and_writes_nothing() -> None:
    """PyTorch's compiler and SymPy would add a second and 90 MB before the first mini-batch."""
    out = command.python(
        "import os, sys\n"
        "os.dup2(1, 2)\n"
        "from tui_ae.config import Settings\n"
        "from tui_ae.data.synthetic import draw_digits\n"
        "from tui_ae.train.trainer import Trainer\n"
        "trainer = Trainer(draw_digits(0), Settings(device='cpu'))\n"
        "for _ in trainer.train_epoch(): pass\n"
        "print({'sympy', 'torch._dynamo'} & sys.modules.keys())"
    )
    assert out == "set()\n"


@pytest.mark.slow
def test_each_module_imports_alone() -> None:
    """A process with the libraries forks: each child imports one module and sees no other's."""
    code = (
        "import importlib, os, numpy, torch, textual.app, textual.widgets\n"
        f"for name in {MODULES!r}:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        try:\n"
        "            importlib.import_module(name)\n"
        "        except BaseException as error:\n"
        "            print(name, error, flush=True)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    assert command.python(code) == ""


@pytest.mark.skipif(sys.flags.dev_mode, reason="development mode writes about itself")
def test_the_version_needs_no_imports_that_take_time() -> None:
    done = command.run("--version")
    assert done.stdout == f"tui-ae {tui_ae.__version__}\n"
    assert done.stderr == ""


def test_the_first_frame_waits_for_nothing_that_can_come_later() -> None:
    """Garbage is looked for again before the worker starts.

    PyTorch takes a second and more, NumPy's generators and OpenSSL's hashes some hundredths, and
    what a run on a disk, the planes of a map, a second run and a multiplexer take another.
    """
    out = command.python(
        "import asyncio, gc, sys\n"
        "from tui_ae.start import load\n"
        "from tui_ae.config import ScreenOptions, Settings\n"
        "from tui_ae.run.info import begin\n"
        "from tui_ae.run.shelf import Shelf\n"
        "from tui_ae.train.place import Place\n"
        "from tui_ae.train.session import Session\n"
        "import tui_ae.ui.run as run\n"
        "late = {'torch', 'PIL', 'numpy.random', 'numpy.ma', '_hashlib', 'tomllib', 'tomli'}\n"
        "late |= {f'tui_ae.{name}' for name in (\n"
        "    'data.dataset', 'link.terminal.multiplexer', 'model.baselines', 'model.neighbours',\n"
        "    'run.folder', 'run.plane', 'run.saver', 'ui.companion', 'ui.view')}\n"
        "def started():\n"
        "    print(sorted(late & sys.modules.keys()), gc.isenabled())\n"
        "session = Session(Settings(), load, Place(Shelf(), begin(Settings())))\n"
        "session.start = started\n"
        "app = run.ExplorerApp(session, ScreenOptions(), painted=run._collect_from_now_on)\n"
        "async def look():\n"
        "    async with app.run_test() as pilot:\n"
        "        await pilot.pause()\n"
        "gc.disable()\n"
        "asyncio.run(look())\n"
    )
    assert out == "[] True\n"

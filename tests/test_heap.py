"""One heap for all threads, seen in what the C library says of its heaps."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest
from pytest import MonkeyPatch

from tui_ae import heap
from tui_ae.config import ScreenOptions, Settings
from tui_ae.data.load import load
from tui_ae.train.session import Session
from tui_ae.ui import run

SCRIPT = """
import ctypes, sys, threading
from tui_ae.heap import share_heap

if sys.argv[1] == "shared":
    share_heap()
everyone = threading.Barrier(4)

def take():
    everyone.wait()
    held = [bytes(5000) for _ in range(100)]
    everyone.wait()

threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, out)
library.fflush(out)
"""


def heaps(mode: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True, check=True
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's C library has several")
def test_all_threads_share_one_heap() -> None:
    assert heaps("by itself") > 1
    assert heaps("shared") == 1


def test_a_library_without_that_call_is_left_as_it_is(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    heap.share_heap()


class ReachedError(Exception):
    """The screen would begin here."""


def test_the_heap_is_shared_before_the_screen_begins(monkeypatch: MonkeyPatch) -> None:
    calls: list[str] = []

    def begin(*_: object) -> None:
        assert calls == ["shared"]
        raise ReachedError

    monkeypatch.setattr(run, "share_heap", lambda: calls.append("shared"))
    monkeypatch.setattr(run, "wire_driver", begin)
    with pytest.raises(ReachedError):
        run.run_app(Session(Settings(), load), ScreenOptions())


GIVEN_BACK = """
import sys
from tui_ae.heap import give_back

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

held = [bytes(100_000) for _ in range(500)]
last = bytes(100_000)
most = resident()
del held
if sys.argv[1] == "given back":
    give_back()
print(most - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's C library keeps it")
def test_memory_is_given_back() -> None:
    freed = [
        int(
            subprocess.run(
                [sys.executable, "-c", GIVEN_BACK, mode], capture_output=True, text=True, check=True
            ).stdout
        )
        for mode in ("kept", "given back")
    ]
    # The last one lies above the others, so that the library can't let go of their end.
    assert freed[0] < 10_000_000
    assert freed[1] > 25_000_000

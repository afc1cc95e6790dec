"""The interpreter that `tests.forked` forks programs from: `python -m tests.fork_server CHANNEL`.

A message on the socket CHANNEL (a descriptor's number) is a program to run: its arguments,
environment and folder as JSON, and four descriptors: those that it has as 0, 1 and 2, and a pipe
that is told its process id and, at its end, its exit code, a line each.
"""

from __future__ import annotations

import fcntl
import functools
import gc
import importlib
import json
import locale
import os
import runpy
import signal
import socket
import sys
import termios
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_ae.arrays import IntArray
    from tui_ae.data.images import Images
    from tui_ae.model.baselines import Survey

    Pieces = Generator[None, None, Survey]

LOADED = (
    "torch",
    "tui_ae.cli",
    "tui_ae.headless",
    "tui_ae.subcommands",
    "tui_ae.train.session",
    "tui_ae.train.trainer",
    "tui_ae.ui.run",
    "tui_ae.ui.app",
)


def serve(channel: socket.socket) -> None:
    """Returns only in a program that is to run, when all is as it is for one that was started."""
    # Each program has a watcher of its own, which nobody waits for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in LOADED:
        importlib.import_module(name)
    know_the_digits()
    # What is not looked at for garbage stays shared with all programs.
    gc.freeze()
    while True:
        message, files, _, _ = socket.recv_fds(channel, 1 << 20, 4)
        if not message:
            os._exit(0)
        if not os.fork():
            channel.close()
            watch(files)
            become(json.loads(message), files[:3])
            return
        for file in files:
            os.close(file)


def know_the_digits() -> None:
    """Have the digits of seed 0 drawn and surveyed, for a second of a processor a program.

    Both are functions of their arguments: what a program sees of them is what it would find.
    """
    from tui_ae.data import load
    from tui_ae.data.synthetic import draw_digits
    from tui_ae.model.baselines import survey, survey_in_pieces
    from tui_ae.run import saved
    from tui_ae.train import worker

    vars(load)["draw_digits"] = draw = functools.cache(draw_digits)
    digits = draw(0, held_out_per_class=load.HELD_OUT_PER_CLASS)
    known = survey(digits.images, digits.labels)

    def pieces(images: Images, labels: IntArray, components: int = 2) -> Pieces:
        if images is digits.images and components == 2:
            yield
            return known
        return (yield from survey_in_pieces(images, labels, components))

    vars(saved)["survey_in_pieces"] = vars(worker)["survey_in_pieces"] = pieces


def watch(files: list[int]) -> None:
    """Returns in the program; its parent stays here until it has ended."""
    told = files[3]
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if not child:
        os.close(told)
        return
    for file in files[:3]:
        os.close(file)
    os.write(told, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def become(job: dict[str, Any], files: list[int]) -> None:
    """Take the job's arguments, environment, folder, descriptors and terminal."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in set(files) - {0, 1, 2}:
        os.close(file)
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    locale.setlocale(locale.LC_CTYPE, "")
    sys.argv[1:] = job["arguments"]
    # As Python opens them where the locale is of UTF-8; they are the program's own until it ends.
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(  # type: ignore[misc]
        2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    # It ends as any other program, with all that Python does then.
    runpy.run_module("tui_ae", run_name="__main__", alter_sys=True)

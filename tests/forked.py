"""Programs for tests without their start: forked from an interpreter that has their libraries.

Most of what a program costs in a test is importing PyTorch and Textual: over two seconds of a
processor. What a test sees is the same: a process of its own with its arguments, environment,
folder and terminal, that runs `python -m tui_ae` to its end. A program whose libraries would see
another environment while they load is started as a person starts it (see `Forks.fit`).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UTF_8 = "C.UTF-8"
READ_LATE = frozenset(
    ("TERM", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "TMUX", "STY", "COLUMNS", "LINES", "PWD")
)
"""Variables that are looked at while the program runs, and not when a library loads."""
READ_LATE_PREFIXES = ("XDG_", "TUI_AE_", "PYTEST_")


class Program:
    """A process, with as much of `subprocess.Popen` as tests use."""

    def __init__(self, told: int) -> None:
        self._told = told
        self._heard = b""
        while b"\n" not in self._heard:
            self._hear()
        first, _, self._heard = self._heard.partition(b"\n")
        self.pid = int(first)
        self.returncode: int | None = None

    def _hear(self) -> None:
        data = os.read(self._told, 64)
        assert data, "the interpreter that programs are forked from has died"
        self._heard += data

    def poll(self) -> int | None:
        """The exit code, as `subprocess` has it, or None while it runs."""
        while self.returncode is None:
            if self._heard.endswith(b"\n"):
                self.returncode = int(self._heard)
                os.close(self._told)
            elif select.select([self._told], [], [], 0)[0]:
                self._hear()
            else:
                break
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; `subprocess.TimeoutExpired` where there is none within `timeout`."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("tui_ae", timeout or 0.0)
            select.select([self._told], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """The interpreter that has everything loaded, started when it is first wanted."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def fit(self, environment: Mapping[str, str]) -> bool:
        """Whether a program with `environment` is, forked, what it is when it is started."""
        mine = self._environment or dict(os.environ)
        differ = {
            name
            for name in mine.keys() | environment.keys()
            if mine.get(name) != environment.get(name)
            and name not in READ_LATE
            and not name.startswith(READ_LATE_PREFIXES)
        }
        return (
            sys.platform == "linux"
            and differ <= {"LC_ALL", "PYTHONPATH"}
            and environment.get("LC_ALL", UTF_8) == UTF_8
            and environment.get("PYTHONPATH", str(ROOT)).split(os.pathsep)[0] == str(ROOT)
        )

    def start(
        self,
        arguments: tuple[str, ...],
        files: tuple[int, int, int],
        environment: Mapping[str, str],
    ) -> Program:
        """Run `python -m tui_ae` with `arguments`, and with `files` as its descriptors 0 to 2."""
        channel = self._ready()
        heard, told = os.pipe()
        job = {
            "arguments": arguments,
            "environment": {"LC_ALL": UTF_8, **environment},
            "folder": str(Path.cwd()),
        }
        socket.send_fds(channel, [json.dumps(job).encode()], [*files, told])
        os.close(told)
        return Program(heard)

    def _ready(self) -> socket.socket:
        if self._channel is None:
            self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._environment = dict(os.environ)
            with theirs:
                self._server = subprocess.Popen(
                    [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())],
                    cwd=ROOT,
                    pass_fds=[theirs.fileno()],
                    env={**self._environment, "PYTHONPATH": str(ROOT), "LC_ALL": UTF_8},
                )
            atexit.register(self._end)
        return self._channel

    def _end(self) -> None:
        assert self._channel is not None and self._server is not None
        self._channel.close()
        self._server.wait()


forks = Forks()


def run(
    arguments: tuple[str, ...], environment: Mapping[str, str], bound_s: float
) -> subprocess.CompletedProcess[str]:
    """Run it to its end without a terminal; what it wrote, as `subprocess.run` gives it."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        Path(os.devnull).open() as nothing,
    ):
        files = (nothing.fileno(), out.fileno(), err.fileno())
        program = forks.start(arguments, files, environment)
        try:
            code = program.wait(bound_s)
        finally:
            program.kill()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(arguments, code, *texts)

"""A layout of vectors in the plane that forms in another process, as the program sees it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.projection.messages import receive, send

Method = Literal["tsne", "umap"]
TITLES: dict[Method, str] = {"tsne": "t-SNE", "umap": "UMAP"}
MISSING = " needs the extra projections: pip install 'tui_ae[projections]'."
MAX_STDERR = 2000
"""Of what a library writes as it fails, the last bytes that are kept."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How far it is."""

    codes: FloatArray
    """(n, 2), read-only; NaN for a sample without a place."""
    share: float
    """0 to 1 of the work."""
    words: str
    """What is going on; '' at the end."""
    done: bool


class LayoutProcess:
    """The other process, for one layout after the other; it is there from the first on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._said = bytearray()
        self._listener: threading.Thread | None = None
        self._lock = threading.Lock()
        self._ended = False

    @property
    def id(self) -> int | None:
        """Of the process; None before there is one."""
        return None if self._process is None else self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it was ended, or has ended."""
        return self._ended or (self._process is not None and self._process.poll() is not None)

    def streams(self) -> tuple[IO[bytes], IO[bytes]] | None:
        """Where messages go and whence they come; None where it was ended.

        Raises:
            OSError: it can't be started.
        """
        with self._lock:
            if self._ended:
                return None
            if self._process is None:
                self._begin()
            assert self._process and self._process.stdin and self._process.stdout
            return self._process.stdin, self._process.stdout

    def end(self) -> None:
        """End it, whatever it does; it can't be used any more. Waits for nothing."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> str:
        """End it, and wait until it is gone; returns the last line of what it said."""
        self.end()
        process, listener = self._process, self._listener
        if process is None or listener is None:
            return ""
        process.wait()
        listener.join(1)
        for stream in (process.stdin, process.stdout, process.stderr):
            # What could not be written is written again as it is closed.
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()
        last = self._said.decode("utf-8", "replace").strip().splitlines()
        return last[-1] if last else ""

    def _begin(self) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        threads = str(max((os.cpu_count() or 2) - 1, 1))
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
            environment[name] = threads
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui_ae.projection.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # What the terminal sends to this program, such as ctrl+c, is not for that one.
            start_new_session=True,
        )
        self._listener = threading.Thread(
            target=_drain, args=(self._process.stderr, self._said), daemon=True
        )
        self._listener.start()


class Projection:
    """Has vectors laid out, and keeps the newest layout; nothing here ever waits for it."""

    def __init__(
        self,
        vectors: Callable[[], FloatArray],
        method: Method,
        seed: int,
        start: FloatArray | None = None,
        process: LayoutProcess | None = None,
    ) -> None:
        """Lay out vectors.

        Args:
            vectors: Gives them, (n, width) float32, in a thread of its own.
            method: By which method.
            seed: One seed gives one layout.
            start: (n, 2) an older layout to begin with; None begins with PCA.
            process: Does the work, and is there for the next layout unless this one fails or is
                cancelled; None for one that ends with this layout.
        """
        self.method = method
        self.error = ""
        """Why there will be no more layouts, in a sentence."""
        self._vectors, self._seed, self._start = vectors, seed, start
        self._slot: Layout | None = None
        self._process = process or LayoutProcess()
        self._stays = process is not None
        self._lock = threading.Lock()
        self._cancelled = False
        self._thread = threading.Thread(target=self._work, name="tui-ae-projecting", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def process_id(self) -> int | None:
        """Of the process; None before there is one."""
        return self._process.id

    def poll(self) -> Layout | None:
        """The newest layout that was not taken yet; None for none."""
        with self._lock:
            layout, self._slot = self._slot, None
        return layout

    def cancel(self) -> None:
        """End the process; what it has found is nobody's any more."""
        self._cancelled = True
        self._process.end()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False if that takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- all below runs in the thread -------------------------------------------------------------

    def _work(self) -> None:
        ended, fault = False, ""
        try:
            vectors = np.asarray(self._vectors(), np.float32)
            streams = self._process.streams()
            if streams is not None:
                ended, fault = self._talk(vectors, *streams)
        except (OSError, ValueError, MemoryError) as error:
            fault = f" could not be computed: {error}."
        if ended and self._stays:
            return
        # Who reads of a fault may begin anew at once, with another process.
        why = self._process.close()
        if not (ended or self._cancelled):
            early = f" ended early{f' ({why[:200]})' if why else ''}."
            self.error = TITLES[self.method] + (fault or early)

    def _talk(self, vectors: FloatArray, inbox: IO[bytes], outbox: IO[bytes]) -> tuple[bool, str]:
        """Hand vectors over and take layouts; whether the last one came, and what kept it."""
        start = self._start
        none = np.empty((0, 2), np.float32)
        about = {"method": self.method, "seed": self._seed}
        # Where it ends before it has read all, what it said tells why.
        with contextlib.suppress(BrokenPipeError):
            send(inbox, about, vectors, none if start is None else start)
        return self._listen(outbox)

    def _listen(self, stream: IO[bytes]) -> tuple[bool, str]:
        """Take layouts until the last one; see `_talk`."""
        while (message := receive(stream)) is not None:
            about, arrays = message
            if "missing" in about:
                return False, MISSING
            if "error" in about:
                return False, f" failed: {about['error']}."
            codes = arrays[0]
            done = bool(about["done"])
            layout = Layout(codes, float(str(about["share"])), str(about["words"]), done)
            with self._lock:
                self._slot = layout
            if done:
                return True, ""
        return False, ""


def _drain(stream: IO[bytes], said: bytearray) -> None:
    """Keep the end of what is written on a stream."""
    while part := stream.read(4096):
        said += part
        del said[:-MAX_STDERR]

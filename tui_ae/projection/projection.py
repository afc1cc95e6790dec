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
INSTALL = "{} needs the extra projections: pip install 'tui_ae[projections]'."
MAX_STDERR = 2000
"""Of what a library writes as it fails, the last characters that are kept."""


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


class Projection:
    """Starts the process, and keeps the newest layout; nothing here ever waits for it."""

    def __init__(
        self,
        vectors: Callable[[], FloatArray],
        method: Method,
        seed: int,
        start: FloatArray | None = None,
    ) -> None:
        """Lay out vectors.

        Args:
            vectors: Gives them, (n, width) float32, in a thread of its own.
            method: By which method.
            seed: One seed gives one layout.
            start: (n, 2) an older layout to begin with; None begins with PCA.
        """
        self.method = method
        self.error = ""
        """Why there will be no more layouts, in a sentence."""
        self._vectors, self._seed, self._start = vectors, seed, start
        self._slot: Layout | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._cancelled = False
        self._thread = threading.Thread(target=self._work, name="tui-ae-projecting", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def process_id(self) -> int | None:
        """Of the process; None before there is one."""
        return None if self._process is None else self._process.pid

    def poll(self) -> Layout | None:
        """The newest layout that was not taken yet; None for none."""
        with self._lock:
            layout, self._slot = self._slot, None
        return layout

    def cancel(self) -> None:
        """End the process; what it has found is nobody's any more."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False if that takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- all below runs in the thread -------------------------------------------------------------

    def _work(self) -> None:
        try:
            vectors = np.asarray(self._vectors(), np.float32)
            self._talk(vectors)
        except (OSError, ValueError, MemoryError) as error:
            if not self._cancelled:
                self.error = f"{TITLES[self.method]} could not be computed: {error}."

    def _talk(self, vectors: FloatArray) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        threads = str(max((os.cpu_count() or 2) - 1, 1))
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
            environment[name] = threads
        with self._lock:
            if self._cancelled:
                return
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "tui_ae.projection.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # What the terminal sends to this program, such as ctrl+c, is not for that one.
                start_new_session=True,
            )
        assert process.stdin and process.stdout and process.stderr
        said: list[bytes] = []
        listener = threading.Thread(target=_drain, args=(process.stderr, said), daemon=True)
        listener.start()
        try:
            start = self._start
            none = np.empty((0, 2), np.float32)
            about = {"method": self.method, "seed": self._seed}
            # Where it ends before it has read all, what it said tells why.
            with contextlib.suppress(BrokenPipeError):
                send(process.stdin, about, vectors, none if start is None else start)
            ended = self._listen(process.stdout)
        finally:
            process.kill()
            process.wait()
            listener.join(1)
            for stream in (process.stdin, process.stdout, process.stderr):
                # What could not be written is written again as it is closed.
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        if not (ended or self.error or self._cancelled):
            last = b"".join(said).decode("utf-8", "replace").strip().splitlines()
            why = f" ({last[-1][:200]})" if last else ""
            self.error = f"{TITLES[self.method]} ended early{why}."

    def _listen(self, stream: IO[bytes]) -> bool:
        """Take layouts until the last one; whether it came."""
        while (message := receive(stream)) is not None:
            about, arrays = message
            if "missing" in about:
                self.error = INSTALL.format(TITLES[self.method])
                return False
            if "error" in about:
                self.error = f"{TITLES[self.method]} failed: {about['error']}."
                return False
            codes = arrays[0]
            done = bool(about["done"])
            layout = Layout(codes, float(str(about["share"])), str(about["words"]), done)
            with self._lock:
                self._slot = layout
            if done:
                return True
        return False


def _drain(stream: IO[bytes], said: list[bytes]) -> None:
    """Keep the end of what is written on a stream."""
    while part := stream.read(4096):
        said.append(part)
        while sum(map(len, said)) > MAX_STDERR and len(said) > 1:
            said.pop(0)

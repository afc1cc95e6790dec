from __future__ import annotations

import gzip
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.data.server import Server
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load

CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}


def idx_bytes(array: np.ndarray, kind: str = "u1") -> bytes:
    head = bytes([0, 0, CODES[kind], array.ndim])
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(kind).tobytes()


@pytest.fixture
def write_idx() -> Callable[..., Path]:
    def write(path: Path, array: np.ndarray, kind: str = "u1") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = idx_bytes(array, kind)
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
        return path

    return write


@pytest.fixture
def load_path() -> Callable[[Path], Dataset]:
    return lambda path: load(Settings(data=path, held_out=0))


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Map every plain file, and hold no images as floats."""
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 0)


@pytest.fixture
def pixels() -> Callable[..., np.ndarray]:
    """Bytes (n, side, side) that reach from 0 to 255."""

    def make(count: int, side: int = 28, seed: int = 0) -> np.ndarray:
        values = np.random.default_rng(seed).integers(0, 256, (count, side, side), dtype=np.uint8)
        values.flat[:2] = 0, 255
        return values

    return make


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.closing.set()
    made.http.shutdown()
    made.http.server_close()
    thread.join(10)

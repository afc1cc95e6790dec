"""Arrays by name in a safetensors file, written whole or not at all, and read with care."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tui_ae.data.memory import memory_bytes
from tui_ae.errors import UserError
from tui_ae.files import open_plain, replace_file
from tui_ae.run.checkpoint import Array, Checkpoint

MAX_HEADER_BYTES = 1 << 20
"""The list of names and shapes is some kilobytes."""
LENGTH_BYTES = 8
MAX_FILE_BYTES = memory_bytes() // 4
"""A file may claim any length, and hold nothing but holes."""
DAMAGED = (ValueError, TypeError, KeyError, OverflowError, AttributeError)
"""What comes of damaged files; of types that NumPy lacks, such as floats of 8 bits, the last."""


def write_tensors(path: Path, arrays: Mapping[str, Array], about: Mapping[str, str]) -> None:
    """Write arrays and some words about them, for whoever may look into the folder.

    Raises:
        OSError: the disk refused; an older file is still there.
    """
    from safetensors.numpy import save

    plain = {
        name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()
    }
    replace_file(path, save(plain, dict(about)), mode=None)


def read_tensors(path: Path) -> tuple[Checkpoint, dict[str, str]]:
    """The arrays of a file by name, and the words about them.

    Raises:
        UserError: there is no such file, or it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        _check_header(path)
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = file.metadata() or {}
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file.") from error
    except MemoryError as error:
        raise UserError(f"{path}: there is not enough memory for this file.") from error
    except (OSError, SafetensorError, *DAMAGED) as error:
        raise UserError(f"{path}: this file is damaged ({error}).") from error
    return arrays, about


def _check_header(path: Path) -> None:
    """Look at the lengths that the file claims before any memory is taken for them.

    Raises:
        ValueError: it can't be what it claims.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if size < LENGTH_BYTES or length > min(size - LENGTH_BYTES, MAX_HEADER_BYTES):
        raise ValueError(f"{size:,} bytes, of which {length:,} would be its header")
    if size > MAX_FILE_BYTES:
        raise ValueError(f"{size:,} bytes, more than can be held")

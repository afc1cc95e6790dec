"""Why something ended, in words with which a sentence can end."""

from __future__ import annotations

import errno

import pytest

from tui_ae.errors import FailureError, InvalidValueError, UserError, reason

REASONS: list[tuple[BaseException, str]] = [
    (UserError("a.npz: no such file."), "a.npz: no such file"),
    (FailureError("it broke..."), "it broke"),
    (InvalidValueError("seed", -1, "give more."), "seed -1: give more"),
    (MemoryError(), "there is not enough memory"),
    (MemoryError("Unable to allocate"), "there is not enough memory (Unable to allocate)"),
    (
        RuntimeError("CUDA out of memory. Tried"),
        "there is not enough memory (CUDA out of memory. Tried)",
    ),
    (
        RuntimeError("DefaultCPUAllocator: can't ALLOCATE MEMORY"),
        "there is not enough memory (DefaultCPUAllocator: can't ALLOCATE MEMORY)",
    ),
    (RuntimeError("can't start new thread"), "the system allows no more threads"),
    (RuntimeError("shape mismatch."), "RuntimeError: shape mismatch"),
    (SystemExit(), "a library asked the program to exit"),
    (SystemExit(3), "a library asked the program to exit (3)"),
    (KeyboardInterrupt("now"), "it was interrupted"),
    (ImportError("no torch"), "a library can't be loaded (no torch)"),
    (OSError(errno.ENOSPC, "No space left"), "the system refused (No space left)"),
    (OSError(errno.EACCES, "Denied", "a/b"), "the system refused (Denied: a/b)"),
    (OSError("of its own"), "OSError: of its own"),
    (ValueError(), "ValueError"),
    (ValueError("  \n first. \nsecond"), "ValueError: first"),
    (ValueError("x" * 200), f"ValueError: {'x' * 200}"),
    (ValueError("x" * 201), f"ValueError: {'x' * 200}"),
]


@pytest.mark.parametrize(("error", "words"), REASONS)
def test_each_kind_has_its_words(error: BaseException, words: str) -> None:
    assert reason(error) == words


def test_a_value_that_is_refused_is_kept_apart_from_what_is_wanted() -> None:
    error = InvalidValueError("batch_size", 0, "give more.")
    assert (error.name, error.value, error.wanted) == ("batch_size", 0, "give more.")
    assert str(error) == "batch_size 0: give more."

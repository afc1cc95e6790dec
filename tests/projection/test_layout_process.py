"""The other process as the program starts it and ends it, with a stand-in for it."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pytest

from tui_ae.projection import projection
from tui_ae.projection.messages import receive, send
from tui_ae.projection.projection import LayoutProcess, Method, Projection


class Taken(io.BytesIO):
    """Keeps what was written when it is closed."""

    content = b""

    def close(self) -> None:
        self.content = self.content or self.getvalue()
        super().close()


class Process:
    """Stands for one that was started: what it answers and says is there from the first on."""

    answers = io.BytesIO()
    says = b""

    def __init__(self, words: list[str], **options: Any) -> None:
        self.words, self.options = words, options
        self.stdin, self.stdout = Taken(), io.BytesIO(Process.answers.getvalue())
        self.stderr = io.BytesIO(Process.says)
        self.pid = 4711
        self.code: int | None = None
        Process.made = self

    made: Process

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.code = -9

    def wait(self) -> int | None:
        return self.code


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", Process)
    Process.answers, Process.says = io.BytesIO(), b""


@pytest.mark.parametrize(("cpus", "threads"), [(None, "1"), (1, "1"), (2, "1"), (4, "3")])
def test_it_leaves_a_processor_and_the_keys_to_the_program(
    monkeypatch: pytest.MonkeyPatch, cpus: int | None, threads: str
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cpus)
    monkeypatch.setenv("OMP_NUM_THREADS", "99")
    process = LayoutProcess()
    assert process.id is None and not process.is_over
    streams = process.streams()
    made = Process.made
    assert streams == (made.stdin, made.stdout) == process.streams()
    assert Process.made is made and process.id == 4711 and not process.is_over
    assert made.words == [sys.executable, "-m", "tui_ae.projection.child"]
    assert made.options["start_new_session"] is True
    environment = made.options["env"]
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        assert environment[name] == threads
    assert "PATH" in environment
    process.end()
    assert process.is_over and process.streams() is None and made.code == -9


def test_it_is_over_when_it_has_ended_by_itself() -> None:
    process = LayoutProcess()
    process.streams()
    Process.made.code = 1
    assert process.is_over


@pytest.mark.parametrize(
    ("says", "last"),
    [
        (b"", ""),
        (b"one\ntwo\n\n", "two"),
        (b"x" * 1999 + b"\n", "x" * 1999),
        (b"y" + b"x" * 2000, "x" * 2000),
        (b"z" * 9000 + b"\nlast\n", "last"),
    ],
)
def test_the_last_line_of_what_it_said_is_kept(says: bytes, last: str) -> None:
    Process.says = says
    process = LayoutProcess()
    assert process.close() == "" and process.is_over
    process = LayoutProcess()
    process.streams()
    assert process.close() == last
    made = Process.made
    assert made.code == -9
    assert made.stdin.closed and made.stdout.closed and made.stderr.closed


def ended(
    answers: list[tuple[dict[str, Any], list[np.ndarray]]],
    *,
    method: Method = "umap",
    stays: LayoutProcess | None = None,
    cancelled: bool = False,
) -> Projection:
    """A projection that has had these answers."""
    for about, arrays in answers:
        send(Process.answers, about, *arrays)
    vectors = np.ones((3, 4), np.float32)
    made = Projection(lambda: vectors, method, 7, process=stays)
    if cancelled:
        made.cancel()
    made.start()
    assert made.join(10)
    return made


PLACES = np.arange(6, dtype=np.float32).reshape(3, 2)
HALF = ({"share": 0.5, "words": "half", "done": False}, [PLACES])
WHOLE = ({"share": 1, "words": "", "done": True}, [PLACES + 1])


def test_the_newest_layout_is_taken_once() -> None:
    made = ended([HALF, WHOLE, HALF])
    layout = made.poll()
    assert layout is not None and (layout.share, layout.words, layout.done) == (1, "", True)
    np.testing.assert_array_equal(layout.codes, PLACES + 1)
    assert made.poll() is None and made.error == ""
    # The process ended with it.
    assert Process.made.code == -9 and Process.made.stdin.closed
    # It was asked for one that begins with PCA.
    asked = receive(io.BytesIO(Process.made.stdin.content))
    assert asked is not None and asked[0] == {"method": "umap", "seed": 7}
    assert [array.shape for array in asked[1]] == [(3, 4), (0, 2)]


def test_a_process_stays_after_a_layout_and_not_after_a_fault() -> None:
    process = LayoutProcess()
    assert ended([WHOLE], stays=process).error == "" and not process.is_over
    Process.answers = io.BytesIO()
    process = LayoutProcess()
    made = ended([HALF, ({"error": "no luck"}, [])], stays=process)
    assert made.error == "UMAP failed: no luck." and process.is_over
    assert made.process_id == 4711


@pytest.mark.parametrize(
    ("answers", "says", "error"),
    [
        ([HALF], b"", "t-SNE ended early."),
        ([], b"no memory\n", "t-SNE ended early (no memory)."),
        ([], b"x" * 201, f"t-SNE ended early ({'x' * 200})."),
        (
            [({"missing": "openTSNE"}, [])],
            b"noise",
            "t-SNE needs the extra projections: pip install 'tui_ae[projections]'.",
        ),
        ([({"error": "no luck"}, [])], b"noise", "t-SNE failed: no luck."),
    ],
)
def test_why_there_will_be_no_more_layouts(
    answers: list[tuple[dict[str, Any], list[np.ndarray]]], says: bytes, error: str
) -> None:
    Process.says = says
    assert ended(answers, method="tsne").error == error


def test_of_one_that_was_cancelled_nothing_is_said() -> None:
    made = ended([HALF], cancelled=True)
    assert made.error == "" and made.process_id is None


def test_vectors_that_cannot_be_had_are_told() -> None:
    def gone() -> np.ndarray:
        raise MemoryError("too large")

    made = Projection(gone, "tsne", 0)
    made.start()
    assert made.join(10) and made.error == "t-SNE could not be computed: too large."


def test_the_end_of_a_stream_is_kept() -> None:
    said = bytearray()
    projection._drain(io.BytesIO(bytes(5000) + b"end"), said)
    assert said == bytes(1997) + b"end"

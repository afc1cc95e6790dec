"""The loop without a screen: when it steps, saves, speaks and ends, with a run that only counts."""

from __future__ import annotations

import errno
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tui_ae import headless
from tui_ae.errors import UserError
from tui_ae.headless import HeadlessOptions, Lines
from tui_ae.run.snapshot import State
from tui_ae.train.process_group import ProcessGroup

BATCHES = 3


class Counting:
    """A run whose epochs have three mini-batches, each of a quarter of a second."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.epoch, self.steps, self.looked = clock, 0, 0, 0
        self.info = SimpleNamespace(spec=SimpleNamespace(kind="ae", latent_dim=2))
        self.held_out_loss = math.nan
        self.trainer = SimpleNamespace(
            epoch=0, batch=0, loss=0.5, active_samples=3000,
            dataset=SimpleNamespace(notes=(), held_out=None, images=None),
        )  # fmt: skip
        self.before_step: Callable[[int], None] = lambda _: None

    def step(self) -> bool:
        self.before_step(self.steps)
        self.steps += 1
        self.clock.now += 0.25
        self.trainer.batch = self.steps % BATCHES
        self.epoch = self.trainer.epoch = self.steps // BATCHES
        return self.steps % BATCHES == 0

    def look_at_held_out(self) -> None:
        self.looked += 1
        self.held_out_loss = 0.625

    def checkpoint(self) -> str:
        return f"after {self.steps}"


class Clock:
    def __init__(self) -> None:
        self.now = 10.0


class Kept:
    """A keeper that notes what it is told."""

    def __init__(self) -> None:
        self.notice, self.asked_to_stop, self.is_due = "", False, False
        self.kept_at = Path("kept")
        self.saved: list[tuple[State, str]] = []
        self.epochs, self.closes, self.waited_s = 0, True, 0.0

    def save(self, state: State, *, checkpoint: str) -> None:
        self.saved.append((state, checkpoint))
        self.is_due = False

    def epoch_ended(self) -> None:
        self.epochs += 1

    def close(self, seconds: float) -> bool:
        self.waited_s = seconds
        return self.closes


class Loop:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.run, self.kept = Counting(self.clock), Kept()
        self.signals = SimpleNamespace(received=0)
        self.out, self.err = io.StringIO(), io.StringIO()
        self.lines = Lines(self.out, self.err)
        monkeypatch.setattr(headless, "time", SimpleNamespace(perf_counter=lambda: self.clock.now))

    def train(self, *, kept: bool = False, **options: Any) -> list[str]:
        """Until it ends; the lines."""
        headless._train(
            cast("Any", self.run),
            ProcessGroup(),
            HeadlessOptions(**options),
            cast("Any", self.signals),
            self.lines,
            cast("Any", self.kept if kept else None),
        )
        return self.out.getvalue().splitlines()


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    return Loop(monkeypatch)


def test_a_line_says_the_loss_and_the_speed(loop: Loop) -> None:
    assert loop.train(epochs=2) == [
        "epoch    1  loss 0.5000  0.750 s  4,000 samples/s",
        "epoch    2  loss 0.5000  0.750 s  4,000 samples/s",
    ]
    assert loop.run.steps == 6 and loop.run.looked == 0


@pytest.mark.parametrize(
    ("looked", "words"), [(0.25, "  held-out 0.2500"), (math.nan, "                 ")]
)
def test_what_is_held_out_has_its_column(loop: Loop, looked: float, words: str) -> None:
    loop.run.trainer.dataset.held_out = "some"
    loop.run.held_out_loss = looked
    assert loop.train(epochs=1) == [f"epoch    1  loss 0.5000{words}  0.750 s  4,000 samples/s"]


def test_a_row_has_the_numbers_whole_and_notes_once(loop: Loop) -> None:
    loop.run.trainer.dataset.notes = ("Read it.",)
    rows = [json.loads(line) for line in loop.train(epochs=2, json=True)]
    first = {
        "epoch": 1, "loss": 0.5, "held_out_loss": 0.625, "seconds": 0.75,
        "samples_per_second": 4000.0, "notes": ["Read it."],
    }  # fmt: skip
    second = {name: value for name, value in first.items() if name != "notes"}
    assert rows == [first, {**second, "epoch": 2}]
    assert loop.run.looked == 2


def test_where_nothing_is_held_out_no_row_speaks_of_it(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.run, "look_at_held_out", lambda: None)
    (line,) = loop.train(epochs=1, json=True)
    assert json.loads(line) == {
        "epoch": 1, "loss": 0.5, "seconds": 0.75, "samples_per_second": 4000.0, "notes": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "steps"), [(0.1, 1), (0.25, 1), (0.26, 2), (0.75, 3), (0.8, 4), (1.5, 6), (1.6, 7)]
)
def test_the_mini_batch_in_which_the_time_runs_out_is_the_last(
    loop: Loop, seconds: float, steps: int
) -> None:
    assert len(loop.train(seconds=seconds)) == steps // BATCHES
    assert loop.run.steps == steps


def test_epochs_that_were_trained_before_count(loop: Loop) -> None:
    loop.run.epoch = loop.run.trainer.epoch = 1
    loop.run.steps = 3
    assert len(loop.train(epochs=2)) == 1
    assert loop.train(epochs=2) == loop.out.getvalue().splitlines() and loop.run.steps == 6


def test_a_signal_ends_it_before_the_next_mini_batch(loop: Loop) -> None:
    def send(steps: int) -> None:
        loop.signals.received = 15 if steps == 4 else 0

    loop.run.before_step = send
    assert len(loop.train(epochs=9)) == 1
    assert loop.run.steps == 5


def test_so_does_another_program(loop: Loop) -> None:
    def ask(steps: int) -> None:
        loop.kept.asked_to_stop = steps == 1

    loop.run.before_step = ask
    assert loop.train(kept=True, epochs=9) == [] and loop.run.steps == 2
    assert loop.kept.saved == [] and loop.kept.epochs == 0


def test_so_does_a_reader_that_has_gone(loop: Loop) -> None:
    loop.lines.closed = True
    assert loop.train(epochs=9) == [] and loop.run.steps == 0


def test_it_is_saved_when_that_is_due_and_told_when_an_epoch_has_ended(loop: Loop) -> None:
    def due(steps: int) -> None:
        loop.kept.is_due = steps in (0, 3)

    loop.run.before_step = due
    loop.train(kept=True, epochs=2)
    assert loop.kept.saved == [(State.TRAINING, "after 1"), (State.TRAINING, "after 4")]
    assert loop.kept.epochs == 2


def test_a_disk_that_refuses_is_told_once_and_so_that_it_takes_again(loop: Loop) -> None:
    said = {1: "The disk is full.", 4: "", 5: "The disk is gone."}

    def refuse(steps: int) -> None:
        loop.kept.notice = said.get(steps, loop.kept.notice)

    loop.run.before_step = refuse
    loop.train(kept=True, epochs=3)
    assert loop.err.getvalue().splitlines() == [
        "tui-ae: The disk is full.",
        "tui-ae: Saved again (kept).",
        "tui-ae: The disk is gone.",
    ]


@pytest.mark.parametrize(
    ("kind", "json_lines", "expected"),
    [("linear", True, [0.0, None]), ("linear", False, None), ("ae", True, None)],
)
def test_only_rows_of_a_linear_network_have_angles(
    loop: Loop,
    kind: str,
    json_lines: bool,
    expected: list[float] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    plane = SimpleNamespace(axes="axes")

    def components(images: object, dimensions: int) -> object:
        made.append(dimensions)
        return plane

    loop.run.info.spec.kind = kind
    loop.run.trainer.frozen = lambda: ("encoder", "decoder")
    monkeypatch.setattr(headless, "principal_components", components)
    monkeypatch.setattr(headless, "decoder_axes", lambda decoder: decoder)
    monkeypatch.setattr(headless, "principal_angles", lambda *_: np.array([0.0, math.nan]))
    (line,) = loop.train(epochs=1, json=json_lines)
    assert made == ([2] if expected else [])
    if json_lines:
        assert json.loads(line).get("principal_angles_deg") == expected


@pytest.mark.parametrize(
    ("kept", "size", "made", "saved"),
    [(True, 1, 1, 1), (True, 2, 1, 1), (False, 2, 1, 0), (False, 1, 0, 0)],
)
def test_all_that_train_together_take_part_in_a_save(
    loop: Loop, kept: bool, size: int, made: int, saved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(loop.run, "checkpoint", lambda: asked.append(True) or "all")
    headless._save(
        cast("Any", loop.run),
        cast("Any", SimpleNamespace(size=size)),
        cast("Any", loop.kept if kept else None),
        State.PAUSED,
    )
    assert len(asked) == made and loop.kept.saved == [(State.PAUSED, "all")] * saved


@pytest.mark.parametrize(
    ("closes", "notice", "says", "code"),
    [
        (True, "", "", 0),
        (True, "The disk is full.", "tui-ae: The disk is full.\n", 1),
        (False, "", "tui-ae: The run could not be saved within 30 s.\n", 1),
    ],
)
def test_the_end_waits_for_the_disk(
    loop: Loop, closes: bool, notice: str, says: str, code: int
) -> None:
    loop.kept.closes, loop.kept.notice = closes, notice
    headless._end(cast("Any", loop.kept), loop.lines)
    assert (loop.err.getvalue(), loop.lines.code) == (says, code)
    assert loop.kept.waited_s == 30.0


class Refuses(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "stays", "closed", "code", "says"),
    [
        (BrokenPipeError(), False, True, 0, ""),
        (BrokenPipeError(), True, True, 0, ""),
        (
            OSError(errno.ENOSPC, "No space left on device"), False, True, 1,
            "tui-ae: standard output takes no more lines: No space left on device.\n",
        ),
        (OSError(errno.EIO, "Input/output error"), True, False, 0, ""),
    ],
)  # fmt: skip
def test_a_line_that_nobody_takes(
    error: OSError,
    stays: bool,
    closed: bool,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone: list[object] = []
    monkeypatch.setattr(headless, "discard", gone.append)
    out, err = Refuses(error), io.StringIO()
    lines = Lines(out, err, stays=stays)
    assert (lines.closed, lines.code) == (False, 0)
    lines.write("a line")
    assert (lines.closed, lines.code, err.getvalue()) == (closed, code, says)
    assert gone == [out]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"epochs": 0}, "epochs 0: give a whole number from 1."),
        ({"seconds": 0.0}, "seconds 0: give a positive number of seconds."),
        ({"seconds": -1.5}, "seconds -1.5: give a positive number of seconds."),
        ({"seconds": math.inf}, "seconds inf: give a positive number of seconds."),
        ({"seconds": math.nan}, "seconds nan: give a positive number of seconds."),
        ({"codes": Path("a.np")}, "codes a.np: give a file name that ends in .npz."),
        ({"codes": Path("/nowhere/a.npz")}, "--codes /nowhere/a.npz: the folder /nowhere does not "
         "exist; create it first."),
    ],
)  # fmt: skip
def test_lengths_and_files_that_cannot_be(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        HeadlessOptions(**options)
    assert str(caught.value) == sentence


def test_the_codes_of_what_is_held_out_stand_where_the_images_do() -> None:
    content = headless.codes_content(
        cast("Any", SimpleNamespace(
            labels_of_classes=np.array([7, 8, 9]),
            labels=np.array([0, 1, 2]),
            class_names=("a", "b", "c"),
            files=("p0", "p2", "p4"),
            held_out=SimpleNamespace(
                rows=np.array([3, 1]), labels=np.array([1, 0]), files=("p1", "p3")
            ),
        )),
        np.array([[0], [2], [4]], np.float32),
        np.array([[1], [3]], np.float32),
    )  # fmt: skip
    assert content["codes"].ravel().tolist() == [0, 1, 2, 3, 4]
    assert content["held_out"].tolist() == [False, True, False, True, False]
    assert content["labels"].tolist() == [7, 8, 8, 7, 9]
    assert content["files"].tolist() == ["p0", "p1", "p2", "p3", "p4"]
    assert content["class_labels"].tolist() == [7, 8, 9]
    assert content["class_names"].tolist() == ["a", "b", "c"]

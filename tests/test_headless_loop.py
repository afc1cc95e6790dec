"""The loop without a screen: when it steps, saves, speaks and ends, with a run that only counts."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tui_ae import headless
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.headless import HeadlessOptions, Lines
from tui_ae.run.snapshot import State
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.torchrun import ProcessRank

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


class Whole:
    """All that `run` calls, and what each of them was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.trainer = SimpleNamespace(
            batch=0, batches=25, epoch=4, encode_all=lambda: self.calls.append("encode all")
        )
        self.made = SimpleNamespace(trainer=self.trainer)
        self.kept, self.train = Kept(), self.trains
        self.size, self.signals = 1, None
        set_ = monkeypatch.setattr
        set_(headless, "load", lambda _: SimpleNamespace(notes=("Read it.",)))
        set_(headless, "_processes", self.processes)
        set_(headless, "_train", self.trained)
        set_(headless, "_save", lambda _, __, keeper, state: self.calls.append(
            f"save {state.value} {'kept' if keeper else 'not kept'}"
        ))  # fmt: skip
        set_(headless, "_end", lambda *_: self.calls.append("wait for the disk"))
        set_(headless, "save_codes", lambda path, _: self.calls.append(f"codes {path}"))
        set_("tui_ae.train.run.TrainingRun", self.begin)
        set_("tui_ae.train.keeper.Keeper", lambda *_: self.kept)
        self.kept.go_on_alone = lambda: self.calls.append("alone")  # type: ignore[attr-defined]
        self.out, self.err = io.StringIO(), io.StringIO()

    @contextlib.contextmanager
    def processes(self, process: ProcessRank, device: str) -> Iterator[object]:
        self.calls.append(f"process {process.rank} on {device}")
        yield SimpleNamespace(size=process.size)
        self.calls.append("together no more")

    def begin(self, _: object, __: object, ___: object, info: object) -> object:
        self.calls.append(f"begin {info}")
        return self.made

    def trained(self, *asked: Any) -> None:
        """As the test has it."""
        self.train(*asked)

    def trains(self, *asked: Any) -> None:
        self.signals = asked[3]

    def run(self, *, rank: int = 0, size: int = 1, kept: bool = False, **options: Any) -> int:
        place = SimpleNamespace(
            info="again", saver=None, restore=lambda _: self.calls.append("restore")
        )
        return headless.run(
            Settings(device="cpu"),
            HeadlessOptions(**options),
            self.out,
            self.err,
            ProcessRank(rank, rank, size),
            cast("Any", place if kept else None),
        )


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> Whole:
    return Whole(monkeypatch)


@pytest.mark.parametrize(
    ("kept", "rank", "calls"),
    [
        (False, 0, ["begin None", "save paused not kept"]),
        (True, 0, ["begin again", "restore", "save paused kept", "wait for the disk"]),
        (True, 1, ["begin again", "restore", "save paused not kept"]),
        (False, 1, ["begin None", "save paused not kept"]),
    ],
)
def test_only_the_first_process_keeps_a_run(
    whole: Whole, kept: bool, rank: int, calls: list[str]
) -> None:
    assert whole.run(kept=kept, rank=rank, size=2) == 0
    assert whole.calls == [f"process {rank} on cpu", *calls, "together no more"]
    assert whole.err.getvalue() == "tui-ae: Read it.\n"


def test_the_codes_are_those_of_the_end(whole: Whole, tmp_path: Path) -> None:
    assert whole.run(codes=tmp_path / "a.npz") == 0
    assert whole.calls[2:] == [
        "save paused not kept", "encode all", f"codes {tmp_path / 'a.npz'}", "together no more",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("batch", "says"), [(0, ""), (3, "tui-ae: stopped in epoch 5 after 3 of 25 mini-batches.\n")]
)
def test_an_end_within_an_epoch_is_told(whole: Whole, batch: int, says: str) -> None:
    whole.trainer.batch = batch
    assert whole.run() == 0
    assert whole.err.getvalue() == f"tui-ae: Read it.\n{says}"


@pytest.mark.parametrize(
    ("received", "asked", "fails", "code"),
    [
        (0, False, False, 0),
        (2, False, False, 130),
        (1, False, False, 129),
        (0, True, False, 143),
        (2, True, False, 130),
        (2, False, True, 1),
        (0, False, True, 1),
    ],
)
def test_the_exit_code_says_what_ended_it(
    whole: Whole, received: int, asked: bool, fails: bool, code: int
) -> None:
    def train(*given: Any) -> None:
        given[3].received = received
        if fails:
            given[4].fail("it is over.")

    whole.train, whole.kept.asked_to_stop = train, asked
    assert whole.run(kept=True) == code
    said = whole.err.getvalue()
    assert ("another program has asked this one to save the run and end." in said) is asked
    assert f"save {'failed' if fails else 'paused'} kept" in whole.calls


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NonFiniteLossError("The loss is no number."), "tui-ae: The loss is no number.\n"),
        (MemoryError(), "tui-ae: training stopped: there is not enough memory.\n"),
        (ValueError("odd."), "tui-ae: training stopped: ValueError: odd.\n"),
    ],
)
def test_a_failure_is_told_and_what_there_is_is_saved(
    whole: Whole, error: Exception, says: str
) -> None:
    def train(*_: Any) -> None:
        raise error

    whole.train = train
    assert whole.run(kept=True) == 1
    assert whole.err.getvalue() == f"tui-ae: Read it.\n{says}"
    assert "save failed kept" in whole.calls and "wait for the disk" in whole.calls


def test_others_that_would_wait_for_ever_are_ended_by_a_failure(whole: Whole) -> None:
    def train(*_: Any) -> None:
        raise ValueError

    whole.train = train
    with pytest.raises(ValueError):
        whole.run(size=2)


@pytest.mark.parametrize(
    ("options", "kept", "calls"),
    [
        ({}, True, None),
        ({"keep_training": True}, True, ["alone"]),
        ({"keep_training": True}, False, []),
    ],
)
def test_it_goes_on_without_its_terminal_where_that_was_asked_for(
    whole: Whole, options: dict[str, bool], kept: bool, calls: list[str] | None
) -> None:
    def train(*given: Any) -> None:
        hung_up, lines = given[3].hung_up, given[4]
        assert (hung_up is None) is (calls is None) and lines._stays is (calls is not None)
        if hung_up is not None:
            whole.calls.clear()
            hung_up()
            assert whole.calls == calls

    whole.train = train
    assert whole.run(kept=kept, **options) == 0


@pytest.mark.parametrize(("size", "many"), [(1, False), (2, True), (3, True)])
def test_a_single_process_needs_no_others(
    size: int, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules,
        "tui_ae.train.distributed",
        SimpleNamespace(ManyProcesses=lambda process, device: (process.size, device)),
    )
    made = headless._processes(ProcessRank(0, 0, size), "cpu")
    assert made == (size, "cpu") if many else isinstance(made, ProcessGroup)


def test_the_lowest_signal_ends_it_too(loop: Loop) -> None:
    loop.signals.received = 1
    assert loop.train(epochs=1) == [] and loop.run.steps == 0


def test_codes_may_be_read_by_others(tmp_path: Path) -> None:
    trainer = SimpleNamespace(
        dataset=SimpleNamespace(
            labels_of_classes=np.array([7]), labels=np.array([0]), class_names=("a",), files=(),
            held_out=None,
        ),
        codes=np.ones((1, 2), np.float32),
        held_out_codes=np.empty((0, 2), np.float32),
    )  # fmt: skip
    path = tmp_path / "codes.npz"
    headless.save_codes(path, cast("Any", trainer))
    assert path.stat().st_mode & 0o777 == 0o644
    with np.load(path) as file:
        assert file["codes"].tolist() == [[1, 1]] and file["labels"].tolist() == [7]
    with pytest.raises(UserError) as caught:
        headless.save_codes(tmp_path / "none/codes.npz", cast("Any", trainer))
    assert str(caught.value).startswith(
        f"--codes {tmp_path}/none/codes.npz: could not be written: "
    )

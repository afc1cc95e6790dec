"""Training without a screen: the same losses, in good order however it ends."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import math
import os
import pty
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pytest

from tests import command
from tests.train import runs
from tests.train.runs import before_each_step, ruin
from tui_ae import headless
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.errors import UserError
from tui_ae.headless import HeadlessOptions, run
from tui_ae.model.objective import bce
from tui_ae.run.commands import Train
from tui_ae.run.snapshot import Snapshot
from tui_ae.stop_signals import StopSignals
from tui_ae.streams import say
from tui_ae.train.session import Session
from tui_ae.train.trainer import Trainer

SETTINGS = Settings(device="cpu", recipe="original")
LINE = re.compile(
    r"epoch +\d+  loss \d\.\d{4}(?:  held-out \d\.\d{4})?  \d+\.\d{3} s  [\d,]+ samples/s"
)


@pytest.fixture(autouse=True)
def _drawn_once(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless, "load", lambda settings: digits)


@pytest.fixture(autouse=True)
def _signals_at_their_defaults() -> Iterator[None]:
    """As in a terminal: what is started by nohup or in the background inherits ignored signals."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def train(**options: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run(SETTINGS, HeadlessOptions(**options), out, err)  # type: ignore[arg-type]
    return code, out.getvalue(), err.getvalue()


def test_a_line_an_epoch_in_words() -> None:
    code, out, err = train(epochs=2)
    assert (code, err) == (0, "")
    assert all(LINE.fullmatch(line) for line in out.splitlines())
    assert [line.split()[1] for line in out.splitlines()] == ["1", "2"]


def test_json_lines_give_the_sessions_losses_bit_for_bit(digits: Dataset) -> None:
    code, out, _ = train(epochs=3, json=True)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    for row in rows:
        assert row.keys() >= {"epoch", "loss", "seconds", "samples_per_second"}
        assert row["samples_per_second"] == pytest.approx(3200 / row["seconds"])
    session = Session(SETTINGS, lambda *_: digits)
    reached = threading.Event()
    deliver = session.publish

    def watched(snapshot: Snapshot) -> None:
        deliver(snapshot)
        if snapshot.epoch >= 3:
            reached.set()

    session.publish = watched  # type: ignore[method-assign]
    session.start()
    session.send(Train())
    assert reached.wait(30)
    assert session.stop(30)
    snapshot = session.latest()
    assert snapshot is not None
    assert snapshot.curve.losses[:3].tolist() == [row["loss"] for row in rows]


def test_the_codes_are_those_of_the_last_weights(tmp_path: Path, digits: Dataset) -> None:
    path = tmp_path / "codes.npz"
    assert train(epochs=2, codes=path)[0] == 0
    trainer = Trainer(digits, SETTINGS)
    runs.train(trainer, 2)
    trainer.encode_all()
    with np.load(path, allow_pickle=False) as file:
        names = ["class_labels", "class_names", "codes", "held_out", "labels"]
        assert sorted(file.files) == names
        assert not file["held_out"].any()
        assert file["codes"].dtype == np.float32
        np.testing.assert_array_equal(file["codes"], trainer.codes)
        np.testing.assert_array_equal(file["labels"], digits.labels)
    assert [entry.name for entry in tmp_path.iterdir()] == ["codes.npz"]


def test_held_out_images_have_a_loss_an_epoch_and_codes(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.array([3, 8, 9])
    apart = np.isin(np.arange(40), rows)
    images, labels = digits.images[:40], digits.labels[:40]
    some = dataclasses.replace(
        digits,
        images=Images(images[~apart]),
        labels=labels[~apart],
        held_out=HeldOut(Images(images[apart]), labels[apart], rows),
    )
    monkeypatch.setattr(headless, "load", lambda settings: some)
    path = tmp_path / "codes.npz"
    code, out, _ = train(epochs=3, json=True, codes=path)
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    alone = dataclasses.replace(some, held_out=None)
    trainer = Trainer(alone, SETTINGS)
    # They never reach training: the losses are those without them.
    assert [line["loss"] for line in lines] == runs.train(trainer, 3)
    encoder, decoder = trainer.frozen()
    codes = encoder(images[apart])
    expected = bce(images[apart], decoder(codes)).mean()
    assert lines[-1]["held_out_loss"] == pytest.approx(expected, rel=1e-5)
    with np.load(path, allow_pickle=False) as file:
        assert np.flatnonzero(file["held_out"]).tolist() == rows.tolist()
        np.testing.assert_array_equal(file["labels"], labels)
        np.testing.assert_allclose(file["codes"], encoder(images), rtol=1e-4, atol=1e-5)


def test_without_held_out_images_there_is_no_loss_of_theirs() -> None:
    _, out, _ = train(epochs=1, json=True)
    assert "held_out_loss" not in json.loads(out)


def test_codes_go_with_labels_as_they_were_given(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = dataclasses.replace(
        digits,
        images=Images(digits.images[:6]),
        labels=np.array([0, 1, 2, 2, 1, 0]),
        class_names=("Trouser", "Bag", "Boot"),
        class_values=(1, 8, 9),
        files=tuple(f"{place}.png" for place in range(6)),
    )
    monkeypatch.setattr(headless, "load", lambda settings: few)
    assert train(epochs=1, codes=tmp_path / "codes.npz")[0] == 0
    with np.load(tmp_path / "codes.npz", allow_pickle=False) as file:
        assert file["labels"].tolist() == [1, 8, 9, 9, 8, 1]
        assert file["class_labels"].tolist() == [1, 8, 9]
        assert file["class_names"].tolist() == ["Trouser", "Bag", "Boot"]
        assert file["files"].tolist() == [f"{place}.png" for place in range(6)]


@pytest.mark.parametrize("json_lines", [False, True])
def test_notes_on_the_data_are_said_once(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch, *, json_lines: bool
) -> None:
    noted = dataclasses.replace(digits, notes=("Read it.", "Left out \x1b[31m one."))
    monkeypatch.setattr(headless, "load", lambda settings: noted)
    code, out, err = train(epochs=2, json=json_lines)
    assert (code, err) == (0, "tui-ae: Read it.\ntui-ae: Left out ?[31m one.\n")
    first, second = out.splitlines()
    if json_lines:
        assert json.loads(first)["notes"] == ["Read it.", "Left out \x1b[31m one."]
        assert "notes" not in json.loads(second)
    else:
        assert LINE.fullmatch(first)


def test_the_codes_may_have_the_longest_name_there_is(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 251}.npz"
    assert train(epochs=1, codes=path)[0] == 0
    assert list(tmp_path.iterdir()) == [path]


def test_seconds_count_training_and_may_end_within_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "codes.npz"
    code, out, err = train(seconds=0.3, json=True, codes=path)
    spent = sum(json.loads(line)["seconds"] for line in out.splitlines())
    assert code == 0
    # The mini-batch in which the time runs out is the last, however slow the machine.
    assert 0 <= spent < 0.6
    assert err == "" or re.fullmatch(
        r"tui-ae: stopped in epoch \d+ after \d+ of 25 mini-batches\.\n", err
    )
    assert path.exists()


def test_epochs_and_seconds_end_with_what_comes_first() -> None:
    assert len(train(epochs=1, seconds=60.0)[1].splitlines()) == 1


def test_a_loss_that_is_no_number_exits_with_one_and_good_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poison(trainer: Trainer) -> None:
        if trainer.epoch == 1:
            ruin(trainer)

    before_each_step(monkeypatch, poison)
    code, out, err = train(epochs=5, codes=tmp_path / "codes.npz")
    assert code == 1
    assert len(out.splitlines()) == 1
    assert err.count("\n") == 1
    assert "the weights of epoch 1 are kept" in err
    with np.load(tmp_path / "codes.npz") as file:
        assert np.isfinite(file["codes"]).all()


def test_a_full_disk_behind_the_output_is_said(tmp_path: Path) -> None:
    err = io.StringIO()
    with Path("/dev/full").open("w") as out:
        code = run(SETTINGS, HeadlessOptions(epochs=2, codes=tmp_path / "c.npz"), out, err)
    assert code == 1
    assert "standard output takes no more lines" in err.getvalue()
    assert (tmp_path / "c.npz").exists()


@pytest.mark.parametrize(
    ("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_after_the_mini_batch_and_writes_the_codes(
    tmp_path: Path, number: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(trainer: Trainer) -> None:
        if (trainer.epoch, trainer.batch) == (1, 3):
            os.kill(os.getpid(), number)

    before_each_step(monkeypatch, send)
    code, out, err = train(epochs=5, codes=tmp_path / "codes.npz")
    assert code == expected
    assert len(out.splitlines()) == 1
    assert "stopped in epoch 2 after 4 of 25 mini-batches" in err
    assert (tmp_path / "codes.npz").exists()


def test_a_second_ctrl_c_waits_for_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopSignals() as signals:
        signal.raise_signal(signal.SIGINT)
        assert signals.received == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_other_signals_may_come_twice(number: int) -> None:
    with StopSignals() as signals:
        for each in (number, number, signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(each)
        assert signals.received == number
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def dead_terminal() -> Iterator[TextIO]:
    """A stream to a terminal that was closed: writing raises EIO."""
    master, slave = pty.openpty()
    os.close(master)
    with open(slave, "w") as stream:  # noqa: PTH123 - no path leads to it
        yield stream


def test_the_codes_outlive_the_terminal(
    tmp_path: Path, dead_terminal: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up(trainer: Trainer) -> None:
        if (trainer.epoch, trainer.batch) == (0, 3):
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGHUP)

    before_each_step(monkeypatch, hang_up)
    options = HeadlessOptions(epochs=5, codes=tmp_path / "codes.npz")
    assert run(SETTINGS, options, io.StringIO(), dead_terminal) == 128 + signal.SIGHUP
    assert (tmp_path / "codes.npz").exists()


def test_a_sentence_that_nobody_can_read_is_dropped(dead_terminal: TextIO) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        print("words", file=dead_terminal, flush=True)
    say("first", dead_terminal)
    say("second", dead_terminal)
    say("third", None)


def test_signals_that_are_ignored_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as signals:
            signal.raise_signal(signal.SIGHUP)
            assert not signals.received
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_reader_that_leaves_ends_it_quietly_with_its_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()

    def read_and_leave(trainer: Trainer) -> None:
        if (trainer.epoch, trainer.batch) == (1, 0):
            assert os.read(reader, 100).startswith(b"epoch    1")
            os.close(reader)

    before_each_step(monkeypatch, read_and_leave)
    options = HeadlessOptions(epochs=5000, codes=tmp_path / "codes.npz")
    err = io.StringIO()
    # Closing it flushes, as Python does at its end: it must not be broken any more.
    with open(writer, "w") as out:  # noqa: PTH123 - no path leads to it
        assert run(SETTINGS, options, out, err) == 0
    assert err.getvalue() == ""
    assert (tmp_path / "codes.npz").exists()


def test_ctrl_c_from_outside_writes_the_codes(tmp_path: Path) -> None:
    path = tmp_path / "codes.npz"
    with command.start("--headless", "--epochs", "5000", "--codes", str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("epoch    1")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=command.BOUND_S)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert path.exists()


def rows_of(settings: Settings, **options: object) -> list[dict[str, Any]]:
    out = io.StringIO()
    run(settings, HeadlessOptions(json=True, **options), out, out)  # type: ignore[arg-type]
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_linear_autoencoder_turns_into_the_plane_of_pca() -> None:
    rows = rows_of(Settings(device="cpu", kind="linear", learning_rate=0.01), epochs=60)
    angles = [row["principal_angles_deg"] for row in rows]
    assert all(90 >= largest >= smallest >= 0 for largest, smallest in angles)
    assert angles[0][0] > 45 and angles[-1][0] < 4
    assert "principal_angles_deg" not in rows_of(SETTINGS, epochs=1)[0]


def test_angles_come_in_as_many_dimensions_as_the_codes_have() -> None:
    settings = Settings(device="cpu", kind="linear", latent_dim=5, hidden=(9,))
    rows = rows_of(settings, epochs=1)
    assert len(rows[0]["principal_angles_deg"]) == 5


@pytest.mark.parametrize(
    "options",
    [{"epochs": 0}, {"epochs": -3}, {"seconds": 0.0}, {"seconds": math.nan}, {"seconds": math.inf}],
)
def test_silly_lengths_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(UserError, match=f"^{next(iter(options))} .*: give a"):
        HeadlessOptions(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["codes.txt", "missing/codes.npz", "folder.npz"])
def test_codes_that_could_not_be_written_are_refused_first(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(UserError, match="codes"):
        HeadlessOptions(codes=tmp_path / name)


def test_the_default_is_fifty_epochs_unless_time_ends_it() -> None:
    assert HeadlessOptions().last_epoch == 50
    assert HeadlessOptions(seconds=1.0).last_epoch == math.inf
    assert HeadlessOptions(seconds=1.0, epochs=3).last_epoch == 3

"""The file of losses: its lines, its end, and how it is read on."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_ae.errors import UserError
from tui_ae.run import losses as losses_module
from tui_ae.run.losses import (
    MAX_LINE_BYTES,
    EpochLosses,
    LossCurves,
    last_losses,
    parse_line,
    read_losses,
)
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve


@pytest.mark.parametrize(
    ("losses", "line"),
    [
        (EpochLosses(1, 0.5), '{"epoch": 1, "loss": 0.5}'),
        (EpochLosses(2, 0.5, 0.75), '{"epoch": 2, "loss": 0.5, "held_out_loss": 0.75}'),
        (EpochLosses(3, 0.0, 0.0), '{"epoch": 3, "loss": 0.0, "held_out_loss": 0.0}'),
        (EpochLosses(4, math.nan, -math.inf), '{"epoch": 4, "loss": null, "held_out_loss": null}'),
    ],
)
def test_a_line_tells_what_an_epoch_ended_with(losses: EpochLosses, line: str) -> None:
    assert losses.line() == line
    again = parse_line(f"{line}\n".encode())
    assert again is not None and again.epoch == losses.epoch
    if math.isfinite(losses.loss):
        assert again == losses
    else:
        assert again.held_out_loss is not None
        assert math.isnan(again.loss) and math.isnan(again.held_out_loss)


@pytest.mark.parametrize(
    "line",
    [
        b'{"epoch": 1, "loss": 0.5}',
        b'{"epoch": 1}\n',
        b'{"loss": 0.5}\n',
        b'{"epoch": 1, "loss": "x"}\n',
        b'{"epoch": 1, "loss": 0.5, "held_out_loss": []}\n',
        b'{"epoch": 1e999, "loss": 0.5}\n',
        b'{"epoch": null, "loss": 0.5}\n',
        b"3\n",
        b"[" * 4000 + b"\n",
        b"\n",
        b"",
    ],
)
def test_what_is_no_line_is_none(line: bytes) -> None:
    assert parse_line(line) is None


def write(path: Path, *rows: EpochLosses, more: str = "") -> None:
    path.write_text("".join(f"{row.line()}\n" for row in rows) + more)


def falling(*epochs: int) -> list[EpochLosses]:
    """1/2, 1/3 ..., and twice that of images that never train, in every second epoch."""
    return [
        EpochLosses(epoch, 1 / (epoch + 1), None if epoch % 2 else 2 / (epoch + 1))
        for epoch in epochs
    ]


@pytest.mark.parametrize(
    ("epochs", "read"),
    [((1, 2, 3), 3), ((1, 2, 4), 2), ((1, 1), 1), ((1, 2, 1), 2), ((2, 3), 0), ((0, 1), 0)],
)
def test_epochs_are_counted_from_one_on_without_a_gap(
    tmp_path: Path, epochs: tuple[int, ...], read: int
) -> None:
    write(tmp_path / "losses", *falling(*epochs))
    assert list(read_losses(tmp_path / "losses")) == falling(*epochs)[:read]


def padded(epoch: int, size: int) -> str:
    """A line of so many bytes in all."""
    line = f'{{"epoch": {epoch}, "loss": 0.5'
    return f"{line}{' ' * (size - len(line) - 2)}}}\n"


@pytest.mark.parametrize(("size", "read"), [(MAX_LINE_BYTES, 1), (MAX_LINE_BYTES + 1, 0)])
def test_a_line_may_have_4096_bytes(tmp_path: Path, size: int, read: int) -> None:
    path = tmp_path / "losses"
    path.write_text(padded(1, size))
    assert MAX_LINE_BYTES == 4096 and path.stat().st_size == size
    assert len(list(read_losses(path))) == read


def test_the_last_whole_line_is_found_behind_half_a_line_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "losses"
    path.write_text(padded(1, 300) + padded(2, MAX_LINE_BYTES) + "x" * (MAX_LINE_BYTES - 1))
    assert last_losses(path) == EpochLosses(2, 0.5)
    # Of a line whose beginning lies farther back nothing is known.
    path.write_text(padded(1, 300) + padded(2, MAX_LINE_BYTES) + "x" * (MAX_LINE_BYTES + 1))
    assert last_losses(path) is None


def test_what_is_not_there_has_no_losses_and_what_can_not_be_read_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "losses"
    assert list(read_losses(missing)) == [] and last_losses(missing) is None
    empty = LossCurves(missing).until("run", 9)
    assert set(empty) == {TRAINING} and len(empty[TRAINING].epochs) == 0
    for read in (
        lambda: list(read_losses(tmp_path)),
        lambda: last_losses(tmp_path),
        lambda: LossCurves(tmp_path).until("run", 9),
    ):
        with pytest.raises(UserError) as told:
            read()
        assert str(told.value) == f"{tmp_path}: Is a directory."


def test_the_only_line_is_the_last_one(tmp_path: Path) -> None:
    write(tmp_path / "losses", *falling(1))
    assert last_losses(tmp_path / "losses") == EpochLosses(1, 0.5)


def test_what_has_not_grown_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, parsed = tmp_path / "losses", list[bytes]()
    write(path, *falling(1, 2, 3, 4))
    curves = LossCurves(path)
    monkeypatch.setattr(losses_module, "parse_line", counting(parsed))
    reads = []
    for epoch in (2, 2, 4, 4, 9):
        parsed.clear()
        curves.until("run", epoch)
        reads.append(len(parsed))
    # The first line beyond an epoch tells that it is beyond.
    assert reads == [3, 1, 2, 0, 0]


def counting(parsed: list[bytes]) -> Callable[[bytes], EpochLosses | None]:
    def parse(line: bytes) -> EpochLosses | None:
        parsed.append(line)
        return parse_line(line)

    return parse


def points(curve: LossCurve) -> list[tuple[int, float]]:
    return list(zip(curve.epochs.tolist(), curve.losses.tolist(), strict=True))


def test_curves_end_at_the_epoch_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "losses"
    write(path, *falling(1, 2, 3, 4))
    curves = LossCurves(path)
    for epoch in (3, 4, 2, 0, 9):
        found = curves.until("run", epoch)
        expected = falling(*range(1, min(epoch, 4) + 1))
        assert points(found[TRAINING]) == [(row.epoch, row.loss) for row in expected]
        looked = [(row.epoch, row.held_out_loss) for row in expected if row.held_out_loss]
        assert points(found[HELD_OUT]) == looked if looked else HELD_OUT not in found


def test_a_file_that_was_replaced_is_read_from_its_beginning(tmp_path: Path) -> None:
    path, before = tmp_path / "losses", falling(1, 2, 3)
    other = [dataclasses.replace(row, loss=9.0) for row in before]
    for change in ("another run", "another file", "a shorter file"):
        write(path, *before)
        curves = LossCurves(path)
        curves.until("run", 2)
        match change:
            case "another run":
                write(path, *other)
            case "another file":
                path.rename(tmp_path / "old")
                write(path, *other)
            case _:
                write(path, *other[:1])
        found = curves.until("next" if change == "another run" else "run", 3)[TRAINING]
        assert set(found.losses.tolist()) == {9.0}, change


def test_what_was_read_stays_and_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "losses"
    write(path, *falling(1, 2, 3))
    curves = LossCurves(path)
    curves.until("run", 2)
    # Another loss of an epoch that was read already would tell that it was read again.
    write(path, EpochLosses(1, 0.7), *falling(2, 3, 4))
    text = path.read_text().replace('"loss": 0.7}', '"loss": 0.5}')
    path.write_text(text)
    found = curves.until("run", 4)[TRAINING]
    assert points(found) == [(row.epoch, row.loss) for row in falling(1, 2, 3, 4)]
    path.unlink()
    assert len(curves.until("run", 4)[TRAINING].epochs) == 0

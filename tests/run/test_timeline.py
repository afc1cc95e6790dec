"""The kept moments of a run: how many, which, whole, and on the disk."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import waiting
from tests.run import moments
from tui_ae.data.dataset import Dataset
from tui_ae.run import saved
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.folder import RunFolder, epoch_name
from tui_ae.run.info import RunInfo
from tui_ae.run.losses import EpochLosses
from tui_ae.run.saved import SavedRun
from tui_ae.run.saver import Saver
from tui_ae.run.snapshot import HELD_OUT, TRAINING, State
from tui_ae.run.tensors import read_tensors, write_tensors
from tui_ae.run.timeline import AT_ONCE, CHUNK, DEFAULT_BYTES, Moment, Timeline, as_snapshot, until

RUN = moments.info()
ONE = moments.moment(0, RUN)
BOUND_S = 20.0


def trained(timeline: Timeline, epochs: int, first: int = 0) -> int:
    """Train so many epochs, and keep what is wanted; how many moments were copied."""
    copied = 0
    for epoch in range(first, epochs + 1):
        if timeline.wants(epoch):
            timeline.add(dataclasses.replace(ONE, epoch=epoch))
            copied += 1
    return copied


def epochs(timeline: Timeline | tuple[Moment, ...]) -> list[int]:
    kept = timeline.moments if isinstance(timeline, Timeline) else timeline
    return [moment.epoch for moment in kept]


# --- which moments -------------------------------------------------------------------------------


def test_a_moment_weighs_what_its_weights_do() -> None:
    widths = RUN.spec.widths
    numbers = sum(first * second + second for first, second in pairwise(widths))
    numbers += sum(first * second + second for first, second in pairwise(widths[::-1]))
    assert ONE.nbytes == 4 * numbers


@given(st.integers(0, 60), st.integers(0, 400))
@settings(max_examples=30)
def test_memory_is_bounded_and_the_first_and_a_late_moment_stay(room: int, last: int) -> None:
    timeline = Timeline(room * ONE.nbytes)
    for epoch in range(last + 1):
        if timeline.wants(epoch):
            timeline.add(dataclasses.replace(ONE, epoch=epoch))
        assert timeline.nbytes == sum(each.nbytes for each in timeline.moments)
        assert timeline.nbytes <= max(room, 2) * ONE.nbytes
    kept = epochs(timeline)
    assert kept[0] == 0 and kept == sorted(set(kept))
    if last < room:
        assert kept == list(range(last + 1))
    elif last:
        # The room is used, and no more than half of the time has gone by since the newest.
        assert len(kept) >= min(max(room, 2), last + 1) - 1
        assert room < 6 or kept[-1] >= last / 2


def test_default_room_holds_the_moments_of_the_original_network() -> None:
    original = moments.moment(0, moments.info(2, (128, 32)))
    assert DEFAULT_BYTES == 64 * 2**20
    assert 75 <= DEFAULT_BYTES // original.nbytes <= 80


@pytest.mark.parametrize("room", [20, 76, 300])
def test_after_20_000_epochs_the_beginning_is_dense_and_the_rest_thins_out_evenly(
    room: int,
) -> None:
    timeline = Timeline(room * ONE.nbytes)
    copied = trained(timeline, 20_000)
    kept = epochs(timeline)
    assert len(kept) == room
    assert kept[: room // 8] == list(range(room // 8))
    # Even in the logarithm: between one moment and the next the epoch grows by a like factor.
    late = np.array([epoch for epoch in kept if epoch >= room / 4], float)
    growth = late[1:] / late[:-1]
    assert growth.max() - 1 <= 6 * (growth.min() - 1)
    assert growth.max() <= 1 + 40 / room
    # Weights that would go at once are not even copied.
    assert copied <= 3 * room


def test_what_would_go_again_at_once_is_not_wanted() -> None:
    timeline = Timeline(10 * ONE.nbytes)
    assert timeline.wants(0)
    trained(timeline, 5_000)
    gap = timeline.moments[-1].epoch - timeline.moments[-2].epoch
    newest = timeline.moments[-1].epoch
    assert gap > 100
    assert not timeline.wants(newest) and not timeline.wants(newest + gap // 2)
    assert timeline.wants(newest + gap)


BY_HAND = {
    2: ([0], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6], [0, 7]),
    3: ([0], [0, 1], [0, 1, 2], [0, 1, 3], None, [0, 1, 5], None, None, None, [0, 1, 9]),
    4: (
        *([0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 4], None, [0, 1, 2, 6]),
        *(None, None, None, [0, 2, 6, 10], None),
    ),
    5: (
        *([0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 5], None),
        *([0, 1, 3, 5, 7], None, [0, 1, 3, 5, 9], None, None, None),
    ),
}
"""What is kept after each epoch, by the room for so many; None for one that is not wanted."""


@pytest.mark.parametrize("room", BY_HAND)
def test_of_a_few_moments_those_go_that_are_missed_least(room: int) -> None:
    timeline = Timeline(room * ONE.nbytes)
    for epoch, expected in enumerate(BY_HAND[room]):
        assert timeline.wants(epoch) == (expected is not None), epoch
        if expected is not None:
            timeline.add(dataclasses.replace(ONE, epoch=epoch))
            assert epochs(timeline) == expected


def test_cleared_or_restored_with_nothing_every_epoch_is_wanted_again() -> None:
    for begin_anew in (Timeline.clear, lambda timeline: timeline.restore(())):
        timeline = Timeline(3 * ONE.nbytes)
        trained(timeline, 9)
        begin_anew(timeline)
        assert trained(timeline, 2) == 3 and epochs(timeline) == [0, 1, 2]


def test_whoever_reads_sees_values_that_stay() -> None:
    timeline = Timeline(4 * ONE.nbytes)
    trained(timeline, 3)
    seen = timeline.moments
    trained(timeline, 40, first=4)
    assert epochs(seen) == [0, 1, 2, 3] and epochs(timeline) != [0, 1, 2, 3]


def test_goes_on_from_moments_it_is_given() -> None:
    once = Timeline(12 * ONE.nbytes)
    trained(once, 900)
    again = Timeline(12 * ONE.nbytes)
    trained(again, 7)
    again.restore(once.moments)
    assert epochs(again) == epochs(once) and again.nbytes == once.nbytes
    trained(again, 2_000, first=901)
    assert len(again.moments) == 12 and again.moments[0].epoch == 0
    smaller = Timeline(5 * ONE.nbytes)
    smaller.restore(once.moments)
    assert len(smaller.moments) == 5
    assert (smaller.moments[0], smaller.moments[-1]) == (once.moments[0], once.moments[-1])
    again.restore(())
    assert again.moments == () and again.wants(0)


def test_cleared_it_begins_anew() -> None:
    timeline = Timeline(8 * ONE.nbytes)
    trained(timeline, 3_000)
    timeline.clear()
    assert timeline.moments == () and timeline.nbytes == 0
    trained(timeline, 6)
    assert epochs(timeline) == [0, 1, 2, 3, 4, 5, 6]


# --- moments as snapshots ------------------------------------------------------------------------


def shown(count: int, held_out: int = 12, at: int = 3) -> tuple[list[Any], Any, Moment, Dataset]:
    """The pieces in which a moment comes, and what they were made of."""
    data = moments.dataset(count, held_out)
    live = moments.snapshot(
        data,
        moments.moment(9, RUN),
        RUN,
        active_classes=frozenset({1, 2}),
        curves={TRAINING: moments.curve(9), HELD_OUT: moments.curve(9), "other": moments.curve(9)},
    )
    past = moments.moment(at, RUN)
    apart = data.held_out.images if data.held_out else None
    return list(as_snapshot(past, live, data.images, apart)), live, past, data


def test_a_moment_is_whole() -> None:
    (only,), live, past, data = shown(60)
    assert (only.epoch, only.loss, only.batch) == (3, past.loss, 0)
    assert only.encoder is past.encoder and only.decoder is past.decoder
    np.testing.assert_array_equal(only.codes, past.encoder(data.images[:]))
    assert data.held_out is not None
    np.testing.assert_array_equal(only.held_out_codes, past.encoder(data.held_out.images[:]))
    assert (only.codes != live.codes).any()
    assert only.info is live.info and only.active_classes == {1, 2}
    assert only.state is State.PAUSED and math.isnan(only.running_loss) and not only.failure
    assert set(only.curves) == {TRAINING, HELD_OUT}
    assert not only.codes.flags.writeable and not only.held_out_codes.flags.writeable


def test_a_failed_run_was_well_at_an_earlier_moment() -> None:
    data = moments.dataset()
    live = moments.snapshot(
        data, moments.moment(9, RUN), RUN, state=State.FAILED, failure="No number.", loss=math.nan
    )
    (only,) = as_snapshot(moments.moment(2, RUN), live, data.images, None)
    assert only.failure == "" and only.state is not State.FAILED and math.isfinite(only.loss)
    assert only.held_out_codes.shape == (0, 2)


def test_many_images_come_in_pieces_the_first_at_once() -> None:
    count = AT_ONCE + 2 * CHUNK + 5
    pieces, _, past, data = shown(count)
    there = [int(np.isfinite(piece.codes).all(axis=1).sum()) for piece in pieces]
    assert there == [AT_ONCE, AT_ONCE + CHUNK, AT_ONCE + 2 * CHUNK, count]
    for piece, done in zip(pieces, there, strict=True):
        assert np.isnan(piece.codes[done:]).all()
        np.testing.assert_allclose(piece.codes[:done], past.encoder(data.images[:done]), atol=1e-5)
    held_out = [np.isfinite(piece.held_out_codes).all() for piece in pieces]
    assert held_out == [False, False, False, True]
    # A piece that stands on the screen does not change under it.
    assert len({id(piece.codes) for piece in pieces}) == len(pieces)


def test_a_moment_need_not_be_shown_to_its_end() -> None:
    data = moments.dataset(AT_ONCE + CHUNK)
    live = moments.snapshot(data, moments.moment(9, RUN), RUN)
    asked = []

    class Counted:
        def __len__(self) -> int:
            return len(data.images)

        def __getitem__(self, rows: slice) -> Any:
            asked.append(rows)
            return data.images[rows]

    pieces = as_snapshot(moments.moment(1, RUN), live, Counted(), None)
    next(pieces)
    del pieces
    assert max(rows.stop for rows in asked) <= AT_ONCE


@pytest.mark.parametrize("epoch", [0, 1, 4, 9, 100])
def test_curves_end_at_the_epoch(epoch: int) -> None:
    curve = moments.curve(9)
    cut = until(curve, epoch)
    count = min(epoch, 9)
    assert cut.epochs.tolist() == list(range(1, count + 1))
    assert cut.losses.tolist() == curve.losses[:count].tolist()
    if count:
        assert (cut.first, cut.best) == (0.5, 1 / (count + 1))
    else:
        assert math.isnan(cut.first) and math.isnan(cut.best)


def test_curves_that_were_thinned_or_ran_away_end_there_too() -> None:
    curve = dataclasses.replace(
        moments.curve(4), epochs=np.array([1, 3, 7, 15]), losses=np.array([0.5, 0.2, np.nan, 0.1])
    )
    cut = until(curve, 10)
    assert cut.epochs.tolist() == [1, 3, 7] and cut.best == 0.2
    assert math.isnan(until(dataclasses.replace(curve, losses=np.full(4, np.nan)), 10).best)


# --- on the disk ---------------------------------------------------------------------------------

STATES: Checkpoint = {"trainer.weights": np.arange(6, dtype=np.float32)}
DATA = moments.dataset()


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run")
    made.create(RUN, DATA)
    return made


def save(folder: RunFolder, epoch: int, kept: tuple[Moment, ...], **changes: Any) -> None:
    lines = [EpochLosses(number, 1 / (number + 1)) for number in range(1, epoch + 1)]
    snapshot = moments.snapshot(DATA, moments.moment(epoch, RUN), RUN, **changes)
    folder.save(snapshot, STATES, lines)
    folder.save_timeline(kept)


def files(folder: RunFolder) -> list[int]:
    return sorted(int(path.name[6:14]) for path in folder.path.glob("epoch-*"))


def kept(*numbers: int) -> tuple[Moment, ...]:
    return tuple(moments.moment(number, RUN) for number in numbers)


def test_moments_come_back_from_the_disk_as_they_were(folder: RunFolder) -> None:
    save(folder, 3, kept(0, 1, 3))
    again = RunFolder(folder.path).timeline(RUN, 3, {})
    assert epochs(again) == [0, 1, 3]
    images = DATA.images[:]
    for one, other in zip(again, kept(0, 1, 3), strict=True):
        assert one.loss == other.loss
        np.testing.assert_array_equal(one.encoder(images), other.encoder(images))
        np.testing.assert_array_equal(one.decoder([[0.3, 1]]), other.decoder([[0.3, 1]]))
        assert one.nbytes == other.nbytes


def test_only_what_is_new_is_written_and_what_is_known_is_not_read_again(
    folder: RunFolder,
) -> None:
    save(folder, 2, kept(0, 1, 2))
    written = {path: path.stat().st_mtime_ns for path in folder.path.glob("epoch-*")}
    save(folder, 4, kept(0, 1, 2, 3, 4))
    assert files(folder) == [0, 1, 2, 3, 4]
    assert all(path.stat().st_mtime_ns == at for path, at in written.items())
    known = {1: moments.moment(1, RUN, seed=77)}
    assert folder.timeline(RUN, 4, known)[1] is known[1]
    assert epochs(folder.timeline(RUN, 3, {})) == [0, 1, 2, 3]


def test_the_disk_holds_no_more_than_a_quarter_of_memory(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui_ae.run import folder as folder_module

    assert folder_module.TIMELINE_BYTES == DEFAULT_BYTES // 4
    monkeypatch.setattr(folder_module, "TIMELINE_BYTES", 6 * ONE.nbytes)
    small = RunFolder(folder.path)
    timeline = Timeline(24 * ONE.nbytes)
    written: list[str] = []

    def counted(path: Path, *arguments: Any) -> None:
        written.append(path.name)
        write_tensors(path, *arguments)

    monkeypatch.setattr(folder_module, "write_tensors", counted)
    for epoch in range(200):
        if timeline.wants(epoch):
            timeline.add(moments.moment(epoch, RUN))
        if epoch % 3 == 0:
            small.save_timeline(timeline.moments)
            assert len(files(small)) <= 6
            assert set(files(small)) <= set(range(epoch + 1))
    assert len(files(small)) >= 5 and files(small)[0] == 0 and files(small)[-1] >= 100
    # What would go again soon is not even written.
    assert len(written) < 30


def test_a_damaged_file_is_left_out_and_the_rest_is_there(folder: RunFolder) -> None:
    save(folder, 4, kept(0, 1, 2, 3, 4))
    for epoch, damage in ((1, b""), (2, b"\x00" * 200), (3, b"nonsense")):
        (folder.path / epoch_name(epoch)).write_bytes(damage)
    assert epochs(folder.timeline(RUN, 4, {})) == [0, 4]
    whole = (folder.path / epoch_name(4)).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        for place in rng.integers(0, 700, 3):
            damaged[place] = rng.integers(256)
        (folder.path / epoch_name(4)).write_bytes(damaged)
        assert epochs(folder.timeline(RUN, 4, {})) in ([0], [0, 4])


def test_what_is_no_file_of_a_moment_is_passed_over(folder: RunFolder) -> None:
    save(folder, 2, kept(0, 1, 2))
    (folder.path / epoch_name(1)).unlink()
    (folder.path / epoch_name(1)).mkdir()
    (folder.path / "epoch-3.safetensors").write_text("of another program")
    (folder.path / epoch_name(2)).unlink()
    (folder.path / epoch_name(2)).symlink_to(folder.path / "nowhere")
    assert epochs(folder.timeline(RUN, 2, {})) == [0]


def test_moments_of_another_network_are_left_out(folder: RunFolder) -> None:
    save(folder, 2, kept(0, 1, 2))
    assert folder.timeline(moments.info(3), 2, {}) == ()


def test_a_run_that_goes_on_keeps_its_moments_and_drops_those_after_its_state(
    folder: RunFolder,
) -> None:
    save(folder, 4, kept(0, 1, 2, 3, 4))
    folder.unlock()
    resumed = RunFolder(folder.path)
    assert resumed.lock()
    # Its state is that of epoch 3: what came after is another future.
    found = resumed.timeline(RUN, 3, {})
    resumed.take_timeline(found)
    again = moments.moment(4, RUN, seed=50)
    resumed.save_timeline((*found, again))
    assert files(resumed) == [0, 1, 2, 3, 4]
    (newest,) = resumed.timeline(RUN, 4, dict(enumerate(found)))[4:]
    image = DATA.images[:1]
    np.testing.assert_allclose(newest.encoder(image), again.encoder(image), atol=1e-5)
    resumed.save_timeline((*found, again, moments.moment(5, RUN)))
    assert files(resumed) == [0, 1, 2, 3, 4, 5]


def test_a_reset_leaves_no_moment_of_the_run_before(folder: RunFolder) -> None:
    save(folder, 2, kept(0, 1, 2))
    folder.create(RUN.again(), DATA)
    assert files(folder) == []
    folder.save_timeline(kept(0, 1))
    assert files(folder) == [0, 1]


def test_the_saver_brings_the_moments_along(tmp_path: Path) -> None:
    saver = Saver(RunFolder(tmp_path / "run"), DATA, 0.0)
    snapshot = moments.snapshot(DATA, moments.moment(2, RUN), RUN)
    saver.offer(snapshot, STATES, kept(0, 1, 2))
    assert saver.close(BOUND_S) and saver.notice == ""
    assert files(saver.folder) == [0, 1, 2]


# --- open and watch ------------------------------------------------------------------------------


@pytest.fixture
def watched(folder: RunFolder) -> Iterator[Any]:
    opened = []

    def open_run(*, follows: bool) -> SavedRun:
        run = SavedRun(folder, lambda *_: DATA, follows=follows)
        opened.append(run)
        run.start()
        return run

    yield open_run
    assert all(run.stop(BOUND_S) for run in opened)


def until_epoch(run: SavedRun, epoch: int) -> None:
    """Wait until a run has delivered a snapshot of an epoch, or of a later one."""

    def has_come() -> bool:
        assert run.error is None, run.error
        snapshot = run.latest()
        return snapshot is not None and snapshot.epoch >= epoch

    waiting.until(has_come)


@pytest.mark.parametrize("follows", [False, True])
def test_whoever_opens_a_run_has_its_moments(
    folder: RunFolder, watched: Any, follows: bool
) -> None:
    save(folder, 3, kept(0, 1, 2, 3))
    run = watched(follows=follows)
    until_epoch(run, 3)
    assert epochs(run.timeline) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("follows", "written", "state", "failure", "notice"),
    [
        (False, True, State.TRAINING, "", "It is being trained."),
        (False, False, State.PAUSED, "", "It is being trained."),
        (True, True, State.TRAINING, "", "It is being trained."),
        (True, False, State.PAUSED, saved.DIED, ""),
    ],
)
def test_a_run_that_nobody_trains_any_more_is_paused(
    folder: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    follows: bool,
    written: bool,
    state: State,
    failure: str,
    notice: str,
) -> None:
    monkeypatch.setattr(saved, "survey_in_pieces", moments.known_survey)
    save(folder, 1, kept(0, 1))
    if not written:
        folder.unlock()
    run = SavedRun(folder, lambda *_: DATA, follows=follows, notice="It is being trained.")
    run.start()
    waiting.until(lambda: run.news is not None, pause_s=0.001)
    seen = run.news
    assert run.stop(BOUND_S) and seen is not None
    assert (seen.state, seen.failure, run.notice) == (state, failure, notice)


@pytest.mark.parametrize(
    ("other", "count", "told"),
    [
        (RUN, 60, None),
        (moments.info(3), 60, "another run is in this folder now."),
        (RUN, 59, "another run is in this folder now."),
    ],
)
def test_another_run_in_the_folder_ends_the_watch(
    folder: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    other: RunInfo,
    count: int,
    told: str | None,
) -> None:
    monkeypatch.setattr(saved, "LOOK_S", 0.002)
    monkeypatch.setattr(saved, "survey_in_pieces", moments.known_survey)
    save(folder, 1, kept(0, 1))
    run = SavedRun(folder, lambda *_: DATA, follows=True)
    run.start()
    waiting.until(lambda: run.survey is not None, pause_s=0.001)
    data = moments.dataset(count)
    folder.create(other, data)
    folder.save(moments.snapshot(data, moments.moment(5, other), other), STATES, [])
    waiting.until(
        lambda: run.error is not None or (run.news is not None and run.news.epoch == 5),
        pause_s=0.001,
    )
    assert run.stop(BOUND_S)
    assert (str(run.error) if run.error else None) == (told and f"{folder.path}: {told}")


@pytest.mark.parametrize(
    ("count", "told"),
    [(60, ""), (59, "it can't be shown with these images (it has codes of 60 images")],
)
def test_other_images_on_purpose_have_to_be_as_many(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, count: int, told: str
) -> None:
    monkeypatch.setattr(saved, "survey_in_pieces", moments.known_survey)
    save(folder, 1, kept(0, 1))
    other = dataclasses.replace(moments.dataset(count), name="others")
    run = SavedRun(folder, lambda *_: other, follows=False, foreign=True)
    run.start()
    waiting.until(lambda: run.news is not None or run.error is not None, pause_s=0.001)
    assert run.stop(BOUND_S)
    if told:
        assert str(run.error).startswith(f"{folder.path}: {told}") and run.dataset is None
    else:
        assert run.error is None and run.dataset is other


def test_whoever_watches_a_run_has_new_moments_as_they_come(
    folder: RunFolder, watched: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "LOOK_S", 0.002)
    monkeypatch.setattr(saved, "survey_in_pieces", moments.known_survey)
    save(folder, 2, kept(0, 1, 2))
    run = watched(follows=True)
    until_epoch(run, 2)
    before = run.timeline
    save(folder, 3, kept(0, 1, 2, 3))
    until_epoch(run, 3)
    # The moments are written after the state, so the newest may come with the next look.
    assert epochs(run.timeline) in ([0, 1, 2], [0, 1, 2, 3])
    assert run.timeline[:3] == before
    save(folder, 4, kept(0, 1, 2, 3, 4))
    until_epoch(run, 4)
    assert epochs(run.timeline)[:4] == [0, 1, 2, 3]


def test_one_file_under_very_many_names_does_not_fill_the_memory(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder, 1, kept(0, 1))
    for epoch in range(2, 300):
        (folder.path / epoch_name(epoch)).hardlink_to(folder.path / epoch_name(1))
    (one, _) = folder.timeline(RUN, 1, {})
    monkeypatch.setattr("tui_ae.run.folder.MOST_TIMELINE_BYTES", 10 * one.nbytes)
    assert epochs(folder.timeline(RUN, 300, {})) == list(range(11))
    monkeypatch.setattr("tui_ae.run.folder.MOST_TIMELINE_BYTES", 0)
    assert epochs(folder.timeline(RUN, 300, {})) == [0, 1]


MIB = 2**20


@pytest.mark.parametrize(
    ("each", "read"), [(16 * MIB, 5), (16 * MIB + 1, 4), (32 * MIB, 3), (64 * MIB + 1, 2)]
)
def test_of_the_moments_64_mebibytes_are_read(folder: RunFolder, each: int, read: int) -> None:
    for epoch in range(9):
        (folder.path / epoch_name(epoch)).touch()
    known: Any = {epoch: SimpleNamespace(epoch=epoch, nbytes=each) for epoch in range(9)}
    assert epochs(folder.timeline(RUN, 8, known)) == list(range(read))
    assert epochs(folder.timeline(RUN, 1, known)) == [0, 1]


def test_a_moment_has_a_file_of_its_epoch(folder: RunFolder) -> None:
    save(folder, 1, kept(0, 1))
    names = {path.name for path in folder.path.glob("epoch-*")}
    assert names == {"epoch-00000000.safetensors", "epoch-00000001.safetensors"}
    arrays, about = read_tensors(folder.path / epoch_name(1))
    assert about == {"epoch": "1", "loss": "0.5"}
    assert "codes" not in arrays and arrays["encoder.0.weight"].shape == (5, 784)

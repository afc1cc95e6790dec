"""A run on disk: what is written is read again, and damage is told in a sentence."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import math
import os
import stat
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.run.damage import read_damaged
from tests.ui.scenes import dataset
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.run import losses as losses_module
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.folder import CHECKPOINT, DATA, LOCK, LOSSES, MOMENT, RunFolder, epoch_name
from tui_ae.run.holder import Holder, pack_holder
from tui_ae.run.info import RunInfo, begin
from tui_ae.run.lock import FRESH_S
from tui_ae.run.losses import EpochLosses
from tui_ae.run.manifest import NAME
from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State
from tui_ae.run.tensors import read_tensors

INFO = dataclasses.replace(
    begin(Settings(latent_dim=3, hidden=(5,), seed=7, data=Path("some where")), processes=3),
    data="digits",
    versions=(("torch", "2.13"),),
)
STATES: Checkpoint = {"trainer.weights": np.arange(6, dtype=np.float32)}


def half(widths: tuple[int, ...], *, sigmoid: bool) -> FrozenNetwork:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in pairwise(widths)]
    biases = [rng.normal(size=units).astype(np.float32) for units in widths[1:]]
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid)


def moment(epoch: int = 2, info: RunInfo = INFO) -> Snapshot:
    widths = info.spec.widths
    return Snapshot(
        info=info,
        state=State.PAUSED,
        epoch=epoch,
        batch=4,
        batches=25,
        loss=0.25,
        running_loss=math.nan,
        curves={TRAINING: LossCurve(np.zeros(0, int), np.zeros(0), math.nan, math.nan)},
        codes=np.random.default_rng(1).normal(size=(9, 3)).astype(np.float32),
        held_out_codes=np.random.default_rng(2).normal(size=(4, 3)).astype(np.float32),
        encoder=half(widths, sigmoid=False),
        decoder=half(widths[::-1], sigmoid=True),
        active_classes=frozenset({1, 4}),
        active_samples=640,
        samples_per_second=1000.0,
    )


def ended(*losses: float, first: int = 1) -> list[EpochLosses]:
    return [EpochLosses(first + index, loss) for index, loss in enumerate(losses)]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "deep" / "run")
    made.create(INFO, dataset())
    made.save(moment(), STATES, ended(0.5, 0.25))
    return made


def test_gives_back_what_it_was_given(folder: RunFolder) -> None:
    again = RunFolder(folder.path)
    info = again.info()
    assert info.settings == dataclasses.replace(INFO.settings, data=Path("some where").absolute())
    assert (info.id, info.data, info.versions) == (INFO.id, INFO.data, INFO.versions)
    seen, before = again.snapshot(info), moment()
    for name in ("state", "epoch", "batch", "batches", "loss", "active_classes", "active_samples"):
        assert getattr(seen, name) == getattr(before, name)
    assert math.isnan(seen.running_loss)
    assert seen.curve.losses.tolist() == [0.5, 0.25]
    np.testing.assert_array_equal(seen.codes, before.codes)
    images = np.random.default_rng(2).random((4, 784), np.float32)
    np.testing.assert_array_equal(seen.encoder(images), before.encoder(images))
    np.testing.assert_array_equal(seen.decoder(seen.codes), before.decoder(before.codes))
    assert not seen.codes.flags.writeable
    np.testing.assert_array_equal(again.checkpoint()["trainer.weights"], np.arange(6))
    assert again.size_bytes() > 1000


def test_is_for_its_owner_alone(folder: RunFolder) -> None:
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    for path in folder.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_one_program_writes_and_others_are_told(folder: RunFolder) -> None:
    other = RunFolder(folder.path)
    assert other.is_written() and not other.lock()
    folder.unlock()
    assert not other.is_written() and other.lock()
    assert folder.is_written() and not folder.lock()


def test_losses_are_appended_and_what_is_known_comes_once(folder: RunFolder) -> None:
    folder.save(moment(4), STATES, ended(0.25, 0.2, math.nan, first=2))
    assert [row.epoch for row in folder.losses()] == [1, 2, 3, 4]
    assert [row.loss for row in folder.losses()[:3]] == [0.5, 0.25, 0.2]
    assert math.isnan(folder.losses()[3].loss)
    folder.cut_losses(3)
    folder.save(moment(4), STATES, ended(0.1, first=4))
    assert [row.loss for row in folder.losses()] == [0.5, 0.25, 0.2, 0.1]


@pytest.mark.parametrize(("until", "left"), [(0, 0), (1, 1), (2, 2), (9, 2)])
def test_losses_are_cut_after_an_epoch_and_go_on_from_there(
    folder: RunFolder, until: int, left: int
) -> None:
    folder.cut_losses(until)
    assert [row.loss for row in folder.losses()] == [0.5, 0.25][:left]
    folder.save(moment(3), STATES, ended(0.9, 0.8, 0.7))
    expected = [0.5, 0.25][:left] + [0.9, 0.8, 0.7][left:]
    assert [row.loss for row in folder.losses()] == expected


def test_a_file_of_losses_that_is_gone_is_made_anew_for_its_owner_alone(folder: RunFolder) -> None:
    (folder.path / LOSSES).unlink()
    umask = os.umask(0)
    try:
        folder.save(moment(3), STATES, ended(0.7, first=3))
    finally:
        os.umask(umask)
    assert stat.S_IMODE((folder.path / LOSSES).stat().st_mode) == 0o600
    folder.save(moment(3), STATES, [])
    assert (folder.path / LOSSES).read_text() == '{"epoch": 3, "loss": 0.7}\n'


def test_what_was_saved_says_where_it_stands(folder: RunFolder) -> None:
    assert read_tensors(folder.path / CHECKPOINT)[1] == {"epoch": "2", "batch": "4"}
    assert folder.checkpoint().keys() == STATES.keys()
    # A run that begins in its place has nothing of it, though the lock stays.
    folder.create(INFO, dataset())
    assert folder.losses() == [] and folder.last_losses() is None and folder.is_written()
    for read in (folder.checkpoint, lambda: folder.snapshot(INFO)):
        with pytest.raises(UserError, match="there is no such file"):
            read()
    folder.save(moment(1), STATES, ended(0.9))
    assert [row.epoch for row in folder.losses()] == [1]


def test_a_line_cut_short_and_all_after_it_are_left_out(folder: RunFolder) -> None:
    path = folder.path / LOSSES
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert len(folder.losses()) == whole[:cut].count(b"\n")
    path.write_bytes(whole + b"[]\n" + b'{"epoch": 3, "loss": 1}\n')
    assert len(folder.losses()) == 2
    path.unlink()
    assert folder.losses() == []


def test_a_refused_line_leaves_no_half_of_it(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder.path / LOSSES).read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:5]))
    with pytest.raises(OSError, match="space"):
        folder.save(moment(3), STATES, ended(0.2, first=3))
    monkeypatch.undo()
    assert (folder.path / LOSSES).read_bytes() == before
    folder.save(moment(3), STATES, ended(0.2, first=3))
    assert [row.loss for row in folder.losses()] == [0.5, 0.25, 0.2]


@pytest.mark.parametrize("name", [MOMENT, CHECKPOINT])
def test_every_damaged_file_is_told_in_a_sentence(folder: RunFolder, name: str) -> None:
    path = folder.path / name
    whole = path.read_bytes()
    read = folder.checkpoint if name == CHECKPOINT else lambda: folder.snapshot(INFO)
    for length in (0, 3, 8, 9, 60, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError):
            read()
    path.write_bytes((1 << 60).to_bytes(8, "little") + whole[8:])
    with pytest.raises(UserError, match="damaged"):
        read()
    path.write_bytes(whole)
    read_damaged(path, read, 1500)


def test_a_moment_of_another_network_is_refused(folder: RunFolder) -> None:
    other = dataclasses.replace(INFO, settings=dataclasses.replace(INFO.settings, latent_dim=2))
    with pytest.raises(UserError, match="does not fit"):
        folder.snapshot(other)


MANIFESTS = {
    "": "describes no run",
    "format = 'tui_ae run'\nversion = 2": "newer program",
    "format = 'tui_ae run'\nversion = 1": "are missing",
    "= 3": "no TOML",
    "a = " + "[" * 50_000: "no TOML",
    "#" * 2_000_000: "larger than",
    "\xff": "describes|no TOML",
}
SETTINGS = {
    "sead = 1": "no setting 'sead'",
    "seed = -1": "seed -1: give a whole number",
    "seed = true": "seed = True makes no sense",
    "hidden = [1, 'x']": "hidden",
    "hidden = 5": "hidden",
    "seed = [1]": "seed",
    "beta = 'x'": "beta",
    "kind = 3": "kind",
    "data = 3": "data",
}


@pytest.mark.parametrize("text", MANIFESTS)
def test_every_wrong_manifest_is_told_in_a_sentence(folder: RunFolder, text: str) -> None:
    (folder.path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=MANIFESTS[text]):
        folder.info()


@pytest.mark.parametrize("line", SETTINGS)
def test_every_wrong_setting_is_named(folder: RunFolder, line: str) -> None:
    head = "format = 'tui_ae run'\nversion = 1\nid = 'a'\n[settings]\n"
    (folder.path / NAME).write_text(head + line, encoding="utf-8")
    with pytest.raises(UserError, match=SETTINGS[line]):
        folder.info()


def test_links_in_the_folder_are_not_followed(folder: RunFolder, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    for name in (MOMENT, CHECKPOINT, LOSSES):
        (folder.path / name).unlink()
        (folder.path / name).symlink_to(precious)
    with pytest.raises(OSError, match=r"symbolic|Too many"):
        folder.save(moment(3), STATES, ended(0.2, first=3))
    folder.save(moment(3), STATES, [])
    assert precious.read_text() == "mine"
    assert not (folder.path / MOMENT).is_symlink()


@pytest.mark.parametrize("name", [MOMENT, CHECKPOINT, DATA, LOSSES, NAME, LOCK, epoch_name(1)])
@pytest.mark.parametrize("what", ["pipe", "endless", "terminal", "folder", "holes"])
def test_whatever_lies_in_place_of_a_file_is_told_at_once(
    folder: RunFolder, name: str, what: str
) -> None:
    folder.unlock()
    path = folder.path / name
    if what != "holes":
        path.unlink(missing_ok=True)
    match what:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "holes":
            with path.open("ab") as file:
                file.truncate(1 << 42)
        case _:
            path.symlink_to("/dev/zero" if what == "endless" else "/dev/ptmx")
    for read in (
        folder.info,
        lambda: folder.snapshot(INFO),
        folder.checkpoint,
        lambda: folder.data("gone"),
        folder.losses,
        folder.last_losses,
        lambda: folder.cut_losses(1),
    ):
        # A folder in their place refuses new losses.
        with contextlib.suppress(UserError, IsADirectoryError):
            read()
    assert folder.timeline(INFO, 9, {}) == ()
    assert not folder.is_written()
    folder.holder()


def count_lines(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines of losses that are read from now on."""
    parsed: list[bytes] = []
    parse = losses_module.parse_line

    def counted(line: bytes) -> EpochLosses | None:
        parsed.append(line)
        return parse(line)

    monkeypatch.setattr(losses_module, "parse_line", counted)
    return parsed


def test_a_file_that_grows_is_read_on_from_where_it_was(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = RunFolder(folder.path)
    assert watched.snapshot(INFO).curve.losses.tolist() == [0.5, 0.25]
    parsed = count_lines(monkeypatch)
    folder.save(moment(4), STATES, ended(0.2, 0.1, first=3))
    assert watched.snapshot(INFO).curve.losses.tolist() == [0.5, 0.25, 0.2, 0.1]
    assert len(parsed) == 2
    # Gone on with from an earlier save, and begun anew.
    folder.cut_losses(1)
    folder.save(moment(2), STATES, ended(0.3, first=2))
    assert watched.snapshot(INFO).curve.losses.tolist() == [0.5, 0.3]
    folder.create(dataclasses.replace(INFO, id="another"), dataset())
    folder.save(moment(1), STATES, ended(0.9))
    assert watched.snapshot(INFO).curve.losses.tolist() == [0.9]
    assert watched.last_losses() == EpochLosses(1, 0.9)


def test_a_list_of_runs_needs_the_last_line_alone(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.path / LOSSES
    path.write_text("".join(f"{EpochLosses(at, 1 / at).line()}\n" for at in range(1, 5000)))
    parsed = count_lines(monkeypatch)
    assert folder.last_losses() == EpochLosses(4999, 1 / 4999)
    assert len(parsed) == 1
    with path.open("a") as file:
        file.write('{"epoch": 5000, "lo')
    assert folder.last_losses() == EpochLosses(4999, 1 / 4999)
    path.write_text("")
    assert folder.last_losses() is None


def test_lines_are_json_with_null_for_no_number() -> None:
    assert json.loads(EpochLosses(3, math.inf).line()) == {"epoch": 3, "loss": None}


@pytest.mark.parametrize("processes", ["0", "-1", "true", '"2"', "2.0", "[]"])
def test_numbers_of_processes_that_make_no_sense(folder: RunFolder, processes: str) -> None:
    path = folder.path / NAME
    path.write_text(path.read_text().replace("processes = 3", f"processes = {processes}"))
    with pytest.raises(UserError, match=r"processes = .* makes no sense"):
        folder.info()


def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that knows none."""

    def refuse(*_: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("fcntl.flock", refuse)


def held_by(folder: RunFolder, host: str, process: int | str, age_s: float) -> None:
    """Have the lock file name somebody, who gave it a time so long ago."""
    path = folder.path / LOCK
    host = os.uname().nodename if host == HERE else host
    number = os.getpid() if isinstance(process, str) else process
    path.write_bytes(pack_holder(Holder(host, number)))
    os.utime(path, (time.time() - age_s,) * 2)


HERE, ALIVE, DEAD = "this machine", "this process", 2**22 + 1
"""The name and the number that are put in their place: names of tests must be the same in each of
xdist's workers."""


def test_where_a_disk_knows_no_locks_one_program_writes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_locks(monkeypatch)
    first, second = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "run")
    first.create(INFO, dataset())
    assert second.is_written() and not second.lock()
    first.unlock()
    assert not second.is_written() and second.lock() and first.is_written()


@pytest.mark.parametrize(
    ("host", "process", "age_s", "written"),
    [
        ("elsewhere", 1, 0, True),
        ("elsewhere", 1, -5, True),
        ("elsewhere", 1, FRESH_S + 5, False),
        ("elsewhere", 1, -FRESH_S - 5, False),
        (HERE, ALIVE, 0, True),
        (HERE, ALIVE, FRESH_S + 5, False),
        (HERE, DEAD, 0, False),
        (HERE, 0, 0, False),
        (HERE, 2**70, 0, False),
    ],
)
def test_whether_somebody_writes_where_a_disk_knows_no_locks(
    folder: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    process: int | str,
    age_s: float,
    written: bool,
) -> None:
    folder.unlock()
    no_locks(monkeypatch)
    held_by(folder, host, process, age_s)
    assert folder.is_written() is written
    assert folder.lock() is not written


@pytest.mark.parametrize(
    ("host", "process", "age_s", "written"),
    [
        ("elsewhere", 1, 0, True),
        ("elsewhere", 1, FRESH_S + 5, False),
        (HERE, ALIVE, 0, False),
    ],
)
def test_a_lock_that_another_machine_does_not_show(
    folder: RunFolder, host: str, process: int | str, age_s: float, written: bool
) -> None:
    folder.unlock()
    held_by(folder, host, process, age_s)
    assert folder.is_written() is written
    # Who was killed there a moment ago keeps nobody from going on here.
    assert folder.lock()


def test_whoever_writes_shows_that_it_is_alive(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = folder.path / LOCK
    os.utime(lock, (0, 0))
    folder.beat()
    assert time.time() - lock.stat().st_mtime < FRESH_S
    os.utime(lock, (0, 0))
    folder.beat()
    assert lock.stat().st_mtime == 0
    monkeypatch.setattr("tui_ae.run.lock.BEAT_S", 0.0)
    folder.beat()
    assert lock.stat().st_mtime > 0
    folder.unlock()
    os.utime(lock, (0, 0))
    folder.beat()
    assert lock.stat().st_mtime == 0


def test_whoever_writes_next_removes_what_a_killed_program_left(folder: RunFolder) -> None:
    folder.unlock()
    left, other = folder.path / ".0123456789ab.part", folder.path / ".notes.part"
    for path in (left, other):
        path.write_bytes(b"half")
    assert RunFolder(folder.path).info() and left.exists()
    assert folder.lock()
    assert not left.exists() and other.exists()

"""A run on disk as a source: with its images, and with what the run keeps where they are gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.runs import make_run
from tests.run.damage import read_damaged
from tests.run.moments import known_survey
from tests.ui.scenes import SURVEY
from tests.waiting import until
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load
from tui_ae.data.progress import Progress
from tui_ae.errors import UserError
from tui_ae.run.folder import DATA, MOMENT, RunFolder
from tui_ae.run.saved import SavedRun
from tui_ae.run.snapshot import Snapshot


def write(path: Path, seed: int = 0, count: int = 200) -> None:
    rng = np.random.default_rng(seed)
    pixels, labels = rng.random((count, 28, 28), np.float32), np.arange(count) % 5 + 3
    np.savez(path, images=pixels, labels=labels)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    write(tmp_path / "set.npz")
    return tmp_path / "set.npz"


@pytest.fixture
def run(tmp_path: Path, images: Path) -> Path:
    make_run(tmp_path / "run", Settings(data=images, hidden=(9, 5), held_out=0.2))
    return tmp_path / "run"


def seen(run: Path, *, follows: bool = False) -> tuple[SavedRun, Snapshot]:
    source = SavedRun(RunFolder(run), load, follows=follows)
    source.start()
    until(lambda: source.news is not None or source.error is not None)
    if source.error is not None:
        raise source.error
    snapshot = source.latest()
    assert snapshot is not None
    return source, snapshot


def test_has_its_images_where_they_are(run: Path) -> None:
    source, _ = seen(run)
    assert source.dataset is not None and not source.dataset.missing
    until(lambda: source.survey is not None)
    assert source.stop(5)


def test_says_how_much_of_the_images_is_read(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_ae.run.saved.survey_in_pieces", known_survey)
    said: list[str] = []

    def load_slowly(settings: Settings, progress: Progress) -> Dataset:
        said.append(source.stage)
        for share in (0.0, 0.019, 0.4399, 0.999, 1.0):
            progress(share)
            said.append(source.stage)
        return load(settings)

    source = SavedRun(RunFolder(run), load_slowly, follows=False, notice="Of yesterday.")
    assert (source.stage, source.notice) == ("reading the run", "Of yesterday.")
    assert source.kept_at == run and source.send is None and source.baselines is None
    source.start()
    until(lambda: source.survey is not None or source.error is not None)
    shares = [f"reading the images {percent:3d}%" for percent in (0, 1, 43, 99, 100)]
    assert said == ["reading the run", *shares]
    assert source.stage == "" and source.error is None
    assert source.survey is SURVEY and source.baselines is SURVEY.baselines["bce"]
    assert source.stop(5)


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Path.unlink, "set.npz: no such file"),
        (lambda path: write(path, seed=1), "its images have other pixels now"),
        (
            lambda path: write(path, count=199),
            "it has codes of 160 images and 40 held-out ones, and there are 159 and 40 now",
        ),
    ],
)
def test_without_them_it_shows_what_the_run_holds(
    run: Path, images: Path, change: object, why: str, follows: bool
) -> None:
    before = seen(run)[0].dataset
    change(images)  # type: ignore[operator]
    source, snapshot = seen(run, follows=follows)
    data = source.dataset
    assert before is not None and before.held_out is not None
    assert data is not None and data.held_out is not None
    assert why in data.missing and data.missing in data.notes[0].replace("The", "the", 1)
    np.testing.assert_array_equal(data.labels, before.labels)
    np.testing.assert_array_equal(data.held_out.labels, before.held_out.labels)
    np.testing.assert_array_equal(data.held_out.rows, before.held_out.rows)
    assert (data.class_names, data.class_values) == (before.class_names, before.class_values)
    assert len(snapshot.codes) == len(data.images) and np.isfinite(snapshot.codes).all()
    assert np.isnan(data.images[:5]).all()
    assert source.timeline == () and source.survey is None
    assert source.stop(5)


def test_a_run_that_keeps_nothing_of_its_data_is_refused_without_them(
    run: Path, images: Path
) -> None:
    images.unlink()
    (run / DATA).unlink()
    with pytest.raises(UserError, match=r"no such file.*, and it keeps no labels\."):
        seen(run)


@pytest.mark.parametrize("name", [DATA, MOMENT])
def test_damage_is_told_in_a_sentence_and_never_crashes(run: Path, images: Path, name: str) -> None:
    folder = RunFolder(run)
    images.unlink()
    path = run / name
    whole = path.read_bytes()
    read = (lambda: folder.data("gone")) if name == DATA else lambda: folder.snapshot(folder.info())
    head = 8 + int.from_bytes(whole[:8], "little")
    read_damaged(path, read, head + 50)


def test_goes_on_while_the_folder_begins_anew(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, first = seen(run, follows=True)
    until(lambda: source.survey is not None)
    folder = RunFolder(run)
    info = folder.info()
    assert folder.lock()
    looks: list[None] = []
    look = RunFolder.is_written

    def looked(its: RunFolder) -> bool:
        looks.append(None)
        return look(its)

    monkeypatch.setattr(RunFolder, "is_written", looked)
    (run / MOMENT).unlink()
    until(lambda: len(looks) > 4)
    again = make_run(run, info.settings)
    until(lambda: source.news is not None and source.news.info.id == again.info.id)
    assert source.error is None and first.info.id != again.info.id
    assert source.stop(5)

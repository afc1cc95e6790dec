"""A run as a value in Python."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

import tui_ae
from tests import command
from tests.export.conftest import HOSTILE
from tests.export.runs import LOSSES, make_run
from tests.export.test_networks import code
from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.errors import UserError
from tui_ae.run.folder import DATA, RunFolder


def test_is_the_run_as_it_was_saved(run: Path) -> None:
    trained, info = tui_ae.load(run), RunFolder(run).info()
    snapshot, dataset = RunFolder(run).snapshot(info), load(info.settings)
    assert (trained.id, trained.settings, trained.epoch) == (info.id, info.settings, 3)
    assert trained.history.epochs.tolist() == [1, 2, 3]
    assert trained.history.losses.tolist() == pytest.approx(LOSSES, nan_ok=True)
    assert np.isnan(trained.history.held_out_losses).all()
    assert trained.labels is not None and trained.images is not None
    assert trained.labels[:5].tolist() == [3, 7, 8, 8, 7]
    assert (trained.class_names, trained.notice) == (("3", "7", "8"), "")
    np.testing.assert_allclose(trained.codes, snapshot.codes, atol=1e-5)
    images = trained.images[np.array([3, 199])]
    np.testing.assert_array_equal(images, dataset.images[np.array([3, 199])])
    np.testing.assert_allclose(trained.encoder(images), snapshot.codes[[3, 199]], atol=1e-5)
    assert trained.decoder(trained.codes[:4]).shape == (4, 784)
    assert trained.weights["decoder.4.weight"].shape == (784, 9)


def test_nothing_of_it_can_be_changed(run: Path) -> None:
    trained = tui_ae.load(run)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trained.epoch = 4  # type: ignore[misc]
    for array in (
        *(trained.codes, trained.held_out, trained.classes, trained.class_labels),
        *(trained.history.losses, trained.history.epochs, trained.history.held_out_losses),
        *trained.weights.values(),
    ):
        assert array is not None and not array.flags.writeable


def test_held_out_images_are_told(tmp_path: Path, images: Path) -> None:
    make_run(tmp_path / "run", Settings(data=images, hidden=(9,), held_out=0.2))
    trained = tui_ae.load(tmp_path / "run")
    assert trained.held_out.sum() == 40 and len(trained.codes) == 200
    assert trained.history.held_out_losses.tolist() == pytest.approx(
        [0.75, math.nan, 0.5], nan_ok=True
    )
    assert trained.images is not None
    codes = trained.encoder(trained.images[50:60])
    np.testing.assert_allclose(codes, trained.codes[50:60], atol=1e-5)
    losses = trained.sample_losses()
    assert losses.shape == (200,) and (losses > 0).all()


def test_labels_and_files_of_pictures_are_as_they_are(hostile_run: Path) -> None:
    trained = tui_ae.load(hostile_run)
    assert trained.labels is not None
    assert {"=1+2", " +cmd"} <= set(trained.labels.tolist())
    assert len(trained.files) == 3 * len(HOSTILE) == len(trained.codes)


def test_without_images_there_are_codes_and_a_reason(run: Path, images: Path) -> None:
    asked = tui_ae.load(run, images=False)
    assert asked.images is None and asked.notice == "the images were not asked for"
    images.unlink()
    gone = tui_ae.load(run)
    assert gone.images is None and gone.labels is not None
    assert (gone.labels[:5].tolist(), gone.class_names) == ([3, 7, 8, 8, 7], ("3", "7", "8"))
    assert "no such file" in gone.notice
    np.testing.assert_array_equal(gone.codes, asked.codes)
    with pytest.raises(UserError, match="no such file"):
        gone.sample_losses()


def test_where_neither_images_nor_labels_are_kept_those_that_train_come_first(
    tmp_path: Path, images: Path
) -> None:
    snapshot = make_run(tmp_path / "run", Settings(data=images, hidden=(9,), held_out=0.2))
    (tmp_path / "run" / DATA).unlink()
    images.unlink()
    for asked in (True, False):
        trained = tui_ae.load(tmp_path / "run", images=asked)
        assert np.flatnonzero(trained.held_out).tolist() == list(range(160, 200))
        np.testing.assert_array_equal(trained.codes[:160], snapshot.codes)
        np.testing.assert_array_equal(trained.codes[160:], snapshot.held_out_codes)
        assert trained.labels is None and trained.images is None and trained.files == ()
        assert trained.class_names == ()
    assert trained.notice == "the images were not asked for"


def test_is_found_by_its_folder_its_id_or_as_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(UserError, match="there are no runs yet"):
        tui_ae.load()
    make_run(tmp_path / "tui_ae" / "runs" / "2025-x", Settings(hidden=(3,)))
    found = {
        tui_ae.load(name, images=False).id
        for name in (None, "2025", tmp_path / "tui_ae" / "runs" / "2025-x")
    }
    assert len(found) == 1
    with pytest.raises(UserError, match="there is no such run"):
        tui_ae.load("2026")


def test_to_import_the_package_loads_nothing() -> None:
    assert (
        command.python(
            "import sys, tui_ae\n"
            "print(tui_ae.load.__doc__ is not None, {'numpy', 'PIL', 'torch'} & sys.modules.keys())"
        )
        == "True set()\n"
    )


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    make_run(tmp_path / "tui_ae" / "runs" / "2025-x", Settings(hidden=(3,)))
    exec(code("python", "tui_ae.load"), {})
    assert "nats" in capsys.readouterr().out

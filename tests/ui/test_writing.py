"""What the screen says of the files that key w writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.runs import make_run
from tests.waiting import until
from tui_ae.config import Settings
from tui_ae.ui.writing import Writing


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of images in a file beside it."""
    images = np.random.default_rng(0).random((60, 28, 28), np.float32)
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(60) % 3)
    make_run(tmp_path / "run", Settings(data=tmp_path / "set.npz"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "run"


def written(kept: Path, to: Path) -> str:
    writing, said = Writing(), []
    assert not writing.busy
    writing.begin(kept, to)
    until(lambda: said.append(writing.news()) or said[-1] is not None)
    until(lambda: not writing.busy)
    assert writing.news() is None
    return str(said[-1])


def test_it_says_how_many_and_where_in_full(kept: Path, tmp_path: Path) -> None:
    assert written(kept, Path("out")) == f"Wrote 11 files of epoch 3 to {tmp_path / 'out'}."
    assert len(list((tmp_path / "out").iterdir())) == 11


def test_it_says_what_is_left_out(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "set.npz").unlink()
    said = written(kept, Path("out"))
    assert said.startswith(
        f"Wrote 9 files of epoch 3 to {tmp_path / 'out'}; the run's images can't"
    )


def test_a_folder_that_is_in_the_way_is_told(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    assert "out" in written(kept, Path("out"))

"""Where runs lie."""

from pathlib import Path

import pytest

from tests.run.moments import info
from tui_ae.run.shelf import Shelf, runs_folder


def test_each_run_has_a_folder_of_its_own_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    run = info()
    assert Shelf().folder(run).path == runs_folder() / run.id
    assert runs_folder().is_relative_to(tmp_path)
    assert Shelf(tmp_path / "named").folder(run).path == tmp_path / "named"

"""run.toml: what it says of a run, and what it may not say."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.run.fingerprint import Fingerprint
from tui_ae.run.info import RunInfo
from tui_ae.run.manifest import (
    MAX_BYTES,
    NAME,
    from_table,
    read_manifest,
    to_table,
    write_manifest,
)

SEEN = Fingerprint(300, 30, (0.5, 1.0, -2.0, 3.25, 0.0, 0.0, 0.0, 0.0), "00ff")
INFO = RunInfo(
    "20310203-040506-abcdef",
    Settings(seed=7, hidden=(9, 5), beta=2.5, kind="vae", device="cpu"),
    "digits",
    (("tui_ae", "1.0"), ("torch", "2.9")),
    SEEN,
    3,
)
HERE = Path("run.toml")


def test_says_all_of_a_run_and_nothing_that_is_not_chosen() -> None:
    table = to_table(INFO)
    settings = table.pop("settings")
    assert table == {
        "format": "tui_ae run",
        "version": 1,
        "id": "20310203-040506-abcdef",
        "data": "digits",
        "processes": 3,
        "versions": {"tui_ae": "1.0", "torch": "2.9"},
        "fingerprint": {
            "images": 300,
            "held_out": 30,
            "pixels": [0.5, 1.0, -2.0, 3.25, 0.0, 0.0, 0.0, 0.0],
            "labels": "00ff",
        },
    }
    assert (settings["hidden"], settings["beta"], settings["kind"]) == ([9, 5], 2.5, "vae")
    assert "data" not in settings and "learning_rate" not in settings
    # One process alone is not worth a word, nor are images that nobody has seen.
    alone = to_table(dataclasses.replace(INFO, processes=1, fingerprint=None))
    assert alone.keys() == table.keys() - {"processes", "fingerprint"} | {"settings"}
    assert "processes" in to_table(dataclasses.replace(INFO, processes=2))


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("seen", [SEEN, None])
def test_a_run_comes_back(tmp_path: Path, processes: int, seen: Fingerprint | None) -> None:
    info = dataclasses.replace(INFO, processes=processes, fingerprint=seen)
    write_manifest(tmp_path, info)
    assert read_manifest(tmp_path) == info


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Path("mnist"), "mnist"),
        (Path("here.npz"), str(Path("here.npz").absolute())),
        (Path("/far/set.npz"), "/far/set.npz"),
    ],
)
def test_a_path_is_kept_so_that_it_names_the_same_from_anywhere(given: Path, kept: str) -> None:
    assert to_table(RunInfo("a", Settings(data=given)))["settings"]["data"] == kept


def table(**changes: Any) -> dict[str, Any]:
    """That of a run with changes; None leaves a part out."""
    made = to_table(INFO) | changes
    return {name: value for name, value in made.items() if value is not None}


SOUND: dict[str, dict[str, Any]] = {
    "as it is": {},
    "no data": {"data": None},
    "no versions": {"versions": None},
    "no settings": {"settings": {}},
    "one process": {"processes": 1},
    "a long id": {"id": "a" * 200},
    "pixels that are whole numbers": {
        "fingerprint": to_table(INFO)["fingerprint"] | {"pixels": [1]}
    },
    "a whole learning rate": {"settings": {"learning_rate": 1}},
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another format": ({"format": "other"}, "run.toml: this describes no run of tui_ae."),
    "an older version": ({"version": 0}, "format 0 of a newer program; this one reads 1."),
    "a newer version": ({"version": 2}, "format 2 of a newer program; this one reads 1."),
    "no version": ({"version": None}, "format None of a newer program"),
    "no id": ({"id": None}, "run.toml: id, data or settings are missing."),
    "an id that is a number": ({"id": 3}, "id, data or settings are missing."),
    "data that are a number": ({"data": 3}, "id, data or settings are missing."),
    "no settings": ({"settings": None}, "id, data or settings are missing."),
    "settings that are none": ({"settings": 3}, "id, data or settings are missing."),
    "versions that are none": ({"versions": 3}, "id or versions make no sense."),
    "too long an id": ({"id": "a" * 201}, "id or versions make no sense."),
    "no process": ({"processes": 0}, "processes = 0 makes no sense."),
    "true processes": ({"processes": True}, "processes = True makes no sense."),
    "pixels of words": (
        {"fingerprint": to_table(INFO)["fingerprint"] | {"pixels": ["x"]}},
        "fingerprint makes no sense.",
    ),
    "pixels that are true": (
        {"fingerprint": to_table(INFO)["fingerprint"] | {"pixels": [True]}},
        "fingerprint makes no sense.",
    ),
    "half a fingerprint": ({"fingerprint": {"images": 3}}, "fingerprint makes no sense."),
    "an unknown setting": ({"settings": {"sead": 3}}, "there is no setting 'sead'."),
    "a seed with a point": ({"settings": {"seed": 1.0}}, "seed = 1.0 makes no sense."),
    "a true seed": ({"settings": {"seed": True}}, "seed = True makes no sense."),
    "a true rate": ({"settings": {"learning_rate": True}}, "learning_rate = True makes no sense."),
    "a rate of words": (
        {"settings": {"learning_rate": "1"}},
        "learning_rate = '1' makes no",
    ),
    "true units": ({"settings": {"hidden": [3, True]}}, "hidden = [3, True] makes no sense."),
    "units that are a number": ({"settings": {"hidden": 3}}, "hidden = 3 makes no sense."),
    "a seed in a list": ({"settings": {"seed": [1]}}, "seed = [1] makes no sense."),
    "units of words": ({"settings": {"hidden": "3"}}, "hidden = '3' makes no sense."),
    "a kind that is a number": ({"settings": {"kind": 3}}, "kind = 3 makes no sense."),
    "data that are true": ({"settings": {"data": True}}, "data = True makes no sense."),
    "a beta that can't be": ({"settings": {"beta": -1.0}}, "run.toml: beta -1"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_can_be_is_read(name: str) -> None:
    changes = SOUND[name]
    found = from_table(table(**changes), HERE)
    assert found.data == ("" if "data" in changes else "digits")
    assert found.versions == (() if "versions" in changes else INFO.versions)
    assert found.processes == changes.get("processes", 3)
    if "settings" in changes:
        assert found.settings == Settings(**changes["settings"])
        assert type(found.settings.training.learning_rate) is float


@pytest.mark.parametrize("name", WRONG)
def test_what_can_not_be_is_told(name: str) -> None:
    changes, why = WRONG[name]
    with pytest.raises(UserError, match=re.escape(why)):
        from_table(table(**changes), HERE)


@pytest.mark.parametrize(("size", "read"), [(MAX_BYTES, True), (MAX_BYTES + 1, False)])
def test_a_file_may_have_64_kibibytes(tmp_path: Path, size: int, read: bool) -> None:
    write_manifest(tmp_path, INFO)
    text = (tmp_path / NAME).read_text()
    (tmp_path / NAME).write_text(f"{text}{'#' * (size - len(text))}")
    assert MAX_BYTES == 65_536
    if read:
        assert read_manifest(tmp_path) == INFO
    else:
        with pytest.raises(UserError, match="larger than 65,536 bytes, so this describes no run"):
            read_manifest(tmp_path)


def test_a_folder_without_it_holds_no_run(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        read_manifest(tmp_path)
    assert str(told.value) == (
        f"{tmp_path}: this folder holds no run (no run.toml can be read in it); tui-ae runs lists "
        "those there are."
    )

"""What a run keeps of its data, what becomes of it when it is damaged, and what fits to a run."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.run import moments
from tui_ae.data.dataset import MAX_CLASSES, Dataset
from tui_ae.errors import UserError
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.data_of import data_of, misfit
from tui_ae.run.fingerprint import fingerprint
from tui_ae.run.folder import DATA, RunFolder
from tui_ae.run.kept_data import SHOWN, pack_data, unpack_data
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.tensors import read_tensors, write_tensors

WHOLE = moments.dataset()
ALONE = moments.dataset(20, 0)


@pytest.mark.parametrize("data", [WHOLE, ALONE], ids=["held out", "all train"])
def test_all_but_the_images_comes_back(data: Dataset) -> None:
    named = dataclasses.replace(data, class_values=(3, "four", 5, 6), labelled=False)
    again = unpack_data(*pack_data(named), "the images are gone")
    assert (again.name, again.class_names) == (named.name, named.class_names)
    assert (again.class_values, again.labelled) == (named.class_values, False)
    assert again.notes == ("The images are gone.", SHOWN)
    assert again.missing == "the images are gone"
    assert len(again.images) == len(data.images) and np.isnan(again.images[:2]).all()
    np.testing.assert_array_equal(again.labels, data.labels)
    assert again.labels.dtype == np.int64 and not again.labels.flags.writeable
    assert (again.held_out is None) == (data.held_out is None)
    if again.held_out is not None and data.held_out is not None:
        np.testing.assert_array_equal(again.held_out.labels, data.held_out.labels)
        np.testing.assert_array_equal(again.held_out.rows, data.held_out.rows)
        assert np.isnan(again.held_out.images[:]).all() and len(again.held_out.images) == 12


def many(classes: int) -> dict[str, str]:
    return {"class_names": json.dumps([str(name) for name in range(classes)])}


U8, I64 = np.uint8, np.int64
CHANGES: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "as it is": ({}, {}, ""),
    "a label beyond": ({"labels": np.full(60, 4, U8)}, {}, "labels (60,) uint8 of 4 classes"),
    "the last label": ({"labels": np.full(60, 3, U8)}, {}, ""),
    "labels in rows": ({"labels": np.zeros((60, 1), U8)}, {}, "labels (60, 1) uint8"),
    "labels of another type": ({"labels": np.zeros(60, np.int8)}, {}, "labels (60,) int8"),
    "held out beyond": ({"held_out_labels": np.full(12, 4, U8)}, {}, "labels (12,) uint8"),
    "fewer rows": ({"held_out_rows": np.arange(11)}, {}, "held-out rows (11,) int64"),
    "rows of another type": ({"held_out_rows": np.arange(12, dtype=np.int32)}, {}, "int32"),
    "the last rows": ({"held_out_rows": np.arange(60, 72)}, {}, ""),
    "a row beyond": ({"held_out_rows": np.arange(61, 73)}, {}, "rows that are no places"),
    "a row before": ({"held_out_rows": np.arange(-1, 11)}, {}, "rows that are no places"),
    "a row twice": ({"held_out_rows": np.repeat(np.arange(6), 2)}, {}, "no places among all"),
    "most classes": ({}, many(MAX_CLASSES), ""),
    "too many classes": ({}, many(MAX_CLASSES + 1), f"{MAX_CLASSES + 1} classes with 0 labels"),
    "some values": ({}, {"class_values": "[1, 2, 3]"}, "4 classes with 3 labels"),
    "all values": ({}, {"class_values": '[1, 2, "x", 4]'}, ""),
    "a value of truth": ({}, {"class_values": "[1, 2, true, 4]"}, "neither a number nor words"),
    "a value with a point": ({}, {"class_values": "[1, 2, 0.5, 4]"}, "neither a number nor words"),
    "values that are none": ({}, {"class_values": "3"}, "has no len()"),
    "names that are none": ({}, {"class_names": "["}, "Expecting value"),
    "no names": (
        {"labels": np.zeros(0, U8), "held_out_labels": np.zeros(0, U8), "held_out_rows": []},
        many(0),
        "held-out rows (0,) float64",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_can_be_is_read(change: str) -> None:
    changed, words, why = CHANGES[change]
    arrays, about = pack_data(WHOLE)
    arrays |= {name: np.asarray(array) for name, array in changed.items()}
    if not why:
        assert len(unpack_data(arrays, about | words, "gone").labels) == 60
        return
    sentence = f"what a run kept of its data makes no sense: .*{re.escape(why)}"
    with pytest.raises(UserError, match=sentence):
        unpack_data(arrays, about | words, "gone")


def test_a_data_set_without_a_class_can_not_be() -> None:
    arrays: Checkpoint = {"labels": np.zeros(0, U8)}
    with pytest.raises(UserError, match="0 classes with 0 labels"):
        unpack_data(arrays, pack_data(ALONE)[1] | many(0), "gone")


def test_all_images_may_be_of_one_class() -> None:
    alone = dataclasses.replace(ALONE, labels=np.zeros(20, np.int64), class_names=("all",))
    assert unpack_data(*pack_data(alone), "gone").class_names == ("all",)


def test_nothing_may_be_held_out() -> None:
    arrays, about = pack_data(WHOLE)
    none: Checkpoint = {"held_out_labels": np.zeros(0, U8), "held_out_rows": np.zeros(0, I64)}
    found = unpack_data(arrays | none, about, "gone").held_out
    assert found is not None and len(found.images) == 0


# --- whose data they are --------------------------------------------------------------------------

RUN = moments.info()


def moment_of(data: Dataset = WHOLE, **changes: Any) -> Snapshot:
    return moments.snapshot(data, moments.moment(2, RUN), RUN, **changes)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (WHOLE, ""),
        (moments.dataset(59), "it has codes of 60 images and 12 held-out ones, and there are 59"),
        (moments.dataset(60, 11), "and there are 60 and 11 now"),
        (moments.dataset(60, 0), "and there are 60 and 0 now"),
    ],
)
def test_a_moment_is_of_so_many_images(data: Dataset, words: str) -> None:
    told = misfit(moment_of(), data)
    assert words in told and bool(told) == bool(words)


def test_a_moment_trains_on_classes_that_there_are() -> None:
    assert misfit(moment_of(active_classes=frozenset({0, 3})), WHOLE) == ""
    assert misfit(moment_of(active_classes=frozenset({0, 4})), WHOLE) == (
        "it trains on other classes than the 4 that there are now"
    )


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run")
    made.create(RUN, WHOLE)
    made.unlock()
    return made


def gone() -> Dataset:
    raise UserError("set.npz: no such file; name another one.")


def relabelled() -> Dataset:
    return dataclasses.replace(WHOLE, labels=WHOLE.labels[::-1].copy())


@pytest.mark.parametrize(
    ("load", "why"),
    [
        (gone, "set.npz: no such file"),
        (relabelled, "its images have other labels now"),
        (lambda: moments.dataset(59), "it has codes of 60 images and 12 held-out ones, and there"),
    ],
)
def test_other_images_are_not_taken_for_its_own(
    folder: RunFolder, load: Callable[[], Dataset], why: str
) -> None:
    run = dataclasses.replace(RUN, fingerprint=fingerprint(WHOLE))
    snapshot = dataclasses.replace(moment_of(), info=run)
    assert data_of(folder, snapshot, lambda: WHOLE) is WHOLE
    kept = data_of(folder, snapshot, load)
    assert kept.missing.startswith(f"the run's images can't be had ({why}")
    assert kept.notes[0].endswith(").") and "name another" not in kept.missing
    np.testing.assert_array_equal(kept.labels, WHOLE.labels)


def test_a_run_without_a_fingerprint_takes_any_images_that_fit(folder: RunFolder) -> None:
    other = relabelled()
    assert data_of(folder, moment_of(), lambda: other) is other
    assert data_of(folder, moment_of(), gone).missing


def test_what_a_run_keeps_of_other_data_is_damage(folder: RunFolder) -> None:
    arrays, about = read_tensors(folder.path / DATA)
    rows = arrays["held_out_rows"][:1]
    fewer = {"held_out_labels": arrays["held_out_labels"][:1], "held_out_rows": rows}
    write_tensors(folder.path / DATA, arrays | fewer, about)
    with pytest.raises(UserError) as told:
        data_of(folder, moment_of(), gone)
    assert str(told.value) == (
        f"{folder.path}: what the run keeps of its data is damaged (it has codes of 60 images and "
        "12 held-out ones, and there are 60 and 1 now)."
    )
    (folder.path / DATA).unlink()
    with pytest.raises(UserError) as told:
        data_of(folder, moment_of(), gone)
    assert str(told.value) == (
        f"{folder.path}: the run's images can't be had (set.npz: no such file), and it keeps no "
        "labels."
    )

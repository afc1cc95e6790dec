"""Snapshots and weights as arrays by name: what they are called, and what is refused."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.run import moments
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.spec import ModelSpec
from tui_ae.run import tensors as tensors_module
from tui_ae.run.checkpoint import Checkpoint, group, ungroup
from tui_ae.run.info import LIBRARIES, begin, installed_versions
from tui_ae.run.moment import pack, pack_weights, unpack, unpack_weights
from tui_ae.run.snapshot import State
from tui_ae.run.tensors import read_tensors, write_tensors

RUN = moments.info(3, (5, 4))
DATA = moments.dataset()
SEEN = moments.snapshot(
    DATA,
    moments.moment(2, RUN),
    RUN,
    state=State.FAILED,
    failure="No number.",
    active_classes=frozenset({3, 1}),
    running_loss=math.nan,
)
F32 = np.float32
UNITS = (784, 5, 4, 3, 4, 5, 784)
NAMES = ["encoder.0", "encoder.2", "encoder.4", "decoder.0", "decoder.2", "decoder.4"]


def test_weights_are_called_as_those_of_dense_layers_with_relu_between_them() -> None:
    arrays, about = pack(SEEN)
    shapes = {name: array.shape for name, array in arrays.items()}
    expected: dict[str, tuple[int, ...]] = {"codes": (60, 3), "held_out_codes": (12, 3)}
    for name, units_in, units_out in zip(NAMES, UNITS, UNITS[1:], strict=False):
        expected |= {f"{name}.weight": (units_out, units_in), f"{name}.bias": (units_out,)}
    assert shapes == expected
    assert about == {
        "epoch": "2",
        "batch": "3",
        "batches": "25",
        "active_samples": "60",
        "loss": str(1 / 3),
        "running_loss": "nan",
        "samples_per_second": "1000.0",
        "active_classes": "[1, 3]",
        "state": "failed",
        "failure": "No number.",
    }
    assert isinstance(SEEN.encoder, FrozenNetwork)
    np.testing.assert_array_equal(arrays["encoder.2.weight"], SEEN.encoder.weights[1].T)
    np.testing.assert_array_equal(arrays["encoder.2.bias"], SEEN.encoder.biases[1])


def test_without_relu_every_module_is_a_layer() -> None:
    run = begin(Settings(latent_dim=2, kind="linear"))
    encoder = FrozenNetwork(
        (np.ones((784, 2), np.float32),), (np.zeros(2, np.float32),), False, False
    )
    decoder = FrozenNetwork(
        (np.ones((2, 784), np.float32),), (np.zeros(784, np.float32),), False, False
    )
    arrays = pack_weights(encoder, decoder)
    assert list(arrays) == [
        "encoder.0.weight",
        "encoder.0.bias",
        "decoder.0.weight",
        "decoder.0.bias",
    ]
    for half in unpack_weights(arrays, run.spec):
        assert not half.relu and not half.sigmoid_output


def test_of_several_layers_without_relu_each_is_the_next_module() -> None:
    spec = ModelSpec((6, 3, 2), kind="linear", objective="mse")
    encoder, decoder = (
        FrozenNetwork(
            tuple(np.ones(shape, F32) for shape in pairwise(widths)),
            tuple(np.zeros(units, F32) for units in widths[1:]),
            False,
            relu=False,
        )
        for widths in (spec.widths, spec.widths[::-1])
    )
    arrays = pack_weights(encoder, decoder)
    assert [name for name in arrays if name.endswith("weight")] == [
        f"{half}.{layer}.weight" for half in ("encoder", "decoder") for layer in (0, 1)
    ]
    images = np.ones((2, 6), F32)
    for half, again in zip((encoder, decoder), unpack_weights(arrays, spec), strict=True):
        inputs = images[:, : len(half.weights[0])]
        np.testing.assert_array_equal(again(inputs), half(inputs))


def test_only_dense_layers_are_kept() -> None:
    with pytest.raises(TypeError, match="decoder: only dense layers are kept"):
        pack_weights(SEEN.encoder, lambda images: images)


def test_a_snapshot_comes_back() -> None:
    curves = {"training": moments.curve(2)}
    again = unpack(*pack(SEEN), RUN, curves)
    for name in ("epoch", "batch", "batches", "active_samples", "loss", "samples_per_second"):
        assert getattr(again, name) == getattr(SEEN, name), name
    assert (again.state, again.failure) == (State.FAILED, "No number.")
    assert again.active_classes == {1, 3} and math.isnan(again.running_loss)
    assert dict(again.curves) == curves and again.info is RUN
    np.testing.assert_array_equal(again.held_out_codes, SEEN.held_out_codes)
    np.testing.assert_array_equal(again.decoder(again.codes), SEEN.decoder(SEEN.codes))
    assert isinstance(again.decoder, FrozenNetwork) and isinstance(again.encoder, FrozenNetwork)
    assert again.decoder.sigmoid_output and not again.encoder.sigmoid_output
    for array in (again.codes, again.held_out_codes, *again.encoder.weights, *again.encoder.biases):
        assert not array.flags.writeable
    none = unpack(*pack(dataclasses.replace(SEEN, held_out_codes=SEEN.codes[:0])), RUN, {})
    assert none.held_out_codes.shape == (0, 3)


def test_numbers_that_can_not_be_become_none() -> None:
    arrays, about = pack(SEEN)
    wrong = {"epoch": "-1", "batch": "-7", "samples_per_second": "inf"}
    again = unpack(arrays, about | wrong, RUN, {})
    assert (again.epoch, again.batch, again.samples_per_second) == (0, 0, 0.0)
    del about["failure"]
    assert unpack(arrays, about | {"samples_per_second": "nan"}, RUN, {}).failure == ""


WRONG: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "codes in three dimensions": ({"codes": np.zeros((60, 3, 1), F32)}, {}, "codes (60, 3, 1)"),
    "codes of one number more": ({"codes": np.zeros((60, 4), F32)}, {}, "codes (60, 4) float32"),
    "codes of another type": ({"codes": np.zeros((60, 3))}, {}, "codes (60, 3) float64"),
    "a bias too long": ({"encoder.2.bias": np.zeros(5, F32)}, {}, "layer 1 of the encoder: (4"),
    "a weight lain down": (
        {"encoder.2.weight": np.zeros((5, 4), F32)},
        {},
        "layer 1 of the encoder",
    ),
    "a bias of another type": ({"decoder.4.bias": np.zeros(784)}, {}, "layer 2 of the decoder"),
    "weights of another type": (
        {"decoder.0.weight": np.zeros((4, 3))},
        {},
        "layer 0 of the decoder",
    ),
    "an epoch of words": ({}, {"epoch": "two"}, "invalid literal"),
    "a loss of words": ({}, {"loss": "low"}, "could not convert"),
    "classes that are none": ({}, {"active_classes": "[1, null]"}, "int()"),
    "a state that is none": ({}, {"state": "asleep"}, "'asleep' is not a valid State"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_told(name: str) -> None:
    changed, words, why = WRONG[name]
    arrays, about = pack(SEEN)
    told = f"the moment of a run does not fit to it: .*{re.escape(why)}"
    with pytest.raises(UserError, match=told):
        unpack(arrays | changed, about | words, RUN, {})


def test_parts_of_a_checkpoint_have_names_before_their_dots() -> None:
    part: Checkpoint = {"a": np.zeros(1), "a.b": np.ones(2)}
    whole = group("one", part) | group("one.more", part) | group("oneself", part)
    assert list(whole)[:3] == ["one.a", "one.a.b", "one.more.a"]
    assert ungroup("oneself", whole).keys() == part.keys()
    assert ungroup("one", whole).keys() == {"a", "a.b", "more.a", "more.a.b"}
    assert ungroup("none", whole) == {}


# --- which run ------------------------------------------------------------------------------------


def test_a_run_is_called_by_its_time_and_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.gmtime", lambda: (2031, 2, 3, 4, 5, 6, 0, 34, 0))
    ids = {begin(Settings()).id for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"20310203-040506-[0-9a-f]{6}", each) for each in ids)
    assert begin(Settings()).processes == 1 and begin(Settings(), 4).processes == 4


def test_another_run_of_the_same_differs_by_its_name_alone() -> None:
    again = RUN.again()
    assert again.id != RUN.id and dataclasses.replace(again, id=RUN.id) == RUN
    assert (RUN.data, RUN.versions, RUN.fingerprint, RUN.processes) == ("", (), None, 1)
    assert (RUN.spec, RUN.recipe) == (RUN.settings.spec, RUN.settings.training)


def test_versions_are_those_of_what_computes() -> None:
    assert [name for name, _ in installed_versions()] == ["tui_ae", "python", *LIBRARIES]
    assert dict(installed_versions())["numpy"] == np.__version__


# --- files of arrays ------------------------------------------------------------------------------


def claims(path: Path, length: int, size: int) -> None:
    """A file of some size whose header would be so long."""
    path.write_bytes(length.to_bytes(8, "little"))
    os.truncate(path, size)


@pytest.mark.parametrize(
    ("length", "size", "told"),
    [
        (1, 7, "7 bytes, of which 1 would be its header"),
        (1, 8, "8 bytes, of which 1 would be its header"),
        (93, 100, "100 bytes, of which 93 would be its header"),
        (2**20 + 1, 2**22, "of which 1,048,577 would be its header"),
    ],
)
def test_a_header_longer_than_its_file_or_a_mebibyte_is_not_read(
    tmp_path: Path, length: int, size: int, told: str
) -> None:
    claims(tmp_path / "file", length, size)
    with pytest.raises(UserError, match=rf"file: this file is damaged \(.*{told}\)"):
        read_tensors(tmp_path / "file")


@pytest.mark.parametrize(("length", "size"), [(0, 8), (92, 100), (2**20, 2**22)])
def test_a_header_that_can_be_is_looked_at(tmp_path: Path, length: int, size: int) -> None:
    claims(tmp_path / "file", length, size)
    # Zeros are no header, which the library finds.
    with pytest.raises(UserError) as refused:
        read_tensors(tmp_path / "file")
    assert "would be its header" not in str(refused.value) and "damaged" in str(refused.value)


def test_a_file_larger_than_a_quarter_of_the_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_tensors(path, {"a": np.arange(3)}, {})
    size = path.stat().st_size
    monkeypatch.setattr(tensors_module, "MAX_FILE_BYTES", size)
    assert read_tensors(path)[0]["a"].tolist() == [0, 1, 2]
    monkeypatch.setattr(tensors_module, "MAX_FILE_BYTES", size - 1)
    with pytest.raises(UserError, match=rf"\({size} bytes, more than can be held\)"):
        read_tensors(path)


def test_arrays_come_back_whatever_their_order_in_memory(tmp_path: Path) -> None:
    arrays: Checkpoint = {
        "scalar": np.array(3.5),
        "turned": np.arange(6).reshape(2, 3).T,
        "none": np.zeros((0, 4), F32),
    }
    write_tensors(tmp_path / "file", arrays, {"word": "said"})
    again, about = read_tensors(tmp_path / "file")
    assert about == {"word": "said"} and again.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
    write_tensors(tmp_path / "file", arrays, {})
    assert read_tensors(tmp_path / "file")[1] == {}
    with pytest.raises(UserError) as told:
        read_tensors(tmp_path / "nothing")
    assert str(told.value) == f"{tmp_path / 'nothing'}: there is no such file."

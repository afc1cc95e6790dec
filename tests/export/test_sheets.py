"""Sheets of small images, which images are on them, and sprites, by small cases."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from tui_ae.errors import UserError
from tui_ae.export import projector, trained
from tui_ae.export.export import _left_out
from tui_ae.export.greys import enlarged, sheet, to_greys, write_png
from tui_ae.export.onnx_model import check_onnx
from tui_ae.export.plane import Plane, plane_of
from tui_ae.export.reconstructions import _chosen, _spread
from tui_ae.export.samples import Samples
from tui_ae.export.trained import TrainedRun, chunks
from tui_ae.raster.viewport import Viewport


def test_pixels_become_bytes() -> None:
    pixels = np.array([-0.5, 0, 0.2, 0.5, 1, 1.5, np.inf, -np.inf, np.nan], np.float32)
    assert to_greys(pixels).tolist() == [0, 0, 51, 128, 255, 255, 255, 0, 96]


def test_images_stand_on_a_sheet_with_gaps_between_and_around() -> None:
    greys = np.arange(6).reshape(2, 3) * 40
    images = np.repeat(greys[..., None] / 255, 784, axis=2).astype(np.float32)
    whole = sheet(images, gap=2)
    assert whole.shape == (2 + 30 + 30, 2 + 30 + 30 + 30)
    expected = np.full(whole.shape, 96)
    for row in range(2):
        for column in range(3):
            top, left = (2, 32)[row], (2, 32, 62)[column]
            expected[top : top + 28, left : left + 28] = greys[row, column]
    np.testing.assert_array_equal(whole, expected)
    assert sheet(images, gap=0).shape == (56, 84)
    twice = enlarged(np.array([[1, 2], [3, 4]], np.uint8), 2)
    assert twice.tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]


def test_words_are_written_into_a_png_where_there_are_some() -> None:
    for words in ({"Description": "z1 from 0 to 1"}, None):
        file = io.BytesIO()
        write_png(np.array([[0, 255]], np.uint8), file, words)
        with Image.open(file) as image:
            assert np.asarray(image).tolist() == [[0, 255]]
            assert image.info == (words or {})


@pytest.mark.parametrize(
    ("rows", "count", "expected"),
    [
        ([2, 3, 5, 7, 9], 3, [2, 5, 9]),
        ([2, 3, 5, 7, 9], 5, [2, 3, 5, 7, 9]),
        ([2, 3], 4, [2, 3, -1, -1]),
        ([2, 3, 5], 1, [2]),
        ([], 2, [-1, -1]),
    ],
)
def test_some_are_spread_over_all(rows: list[int], count: int, expected: list[int]) -> None:
    assert _spread(np.array(rows, np.int64), count).tolist() == expected


def chosen(held_out: list[int], classes: list[int] | None, names: int = 0) -> list[list[int]]:
    """The images of each pair of rows, of a run of which these are held out."""
    run = SimpleNamespace(
        held_out=np.array(held_out, bool),
        classes=None if classes is None else np.array(classes),
        class_names=("a",) * names,
    )
    return [rows.tolist() for rows in _chosen(cast(TrainedRun, run))]


def test_ten_images_of_each_class_and_the_right_half_held_out() -> None:
    classes = [0] * 12 + [2] * 3
    assert chosen([0] * 15, classes, 3) == [
        [0, 1, 2, 4, 5, 6, 7, 9, 10, 11],
        [12, 13, 14, *[-1] * 7],
    ]
    # Of the first class the last five are held out, of the last one those two.
    held_out = [0] * 7 + [1] * 5 + [0, 1, 1]
    assert chosen(held_out, classes, 3) == [
        [0, 2, 3, 4, 6, 7, 8, 9, 10, 11],
        [12, *[-1] * 4, 13, 14, *[-1] * 3],
    ]


def test_without_classes_there_are_ten_pairs_of_rows() -> None:
    rows = chosen([0] * 120, None)
    assert len(rows) == 10 and {len(row) for row in rows} == {10}
    assert rows[0][:2] == [0, 1] and rows[9][-1] == 119 and rows == [sorted(row) for row in rows]
    # 25 images fill two pairs and a half.
    rows = chosen([0] * 25, None)
    assert rows == [list(range(10)), list(range(10, 20)), [*range(20, 25), *[-1] * 5]]
    rows = chosen([0] * 7 + [1] * 2, None)
    assert rows == [[0, 1, 2, 3, 4, 7, 8, -1, -1, -1], [5, 6, *[-1] * 8]]


def test_the_lattice_has_the_middles_of_twenty_by_twenty_cells() -> None:
    box = Viewport(left=-1, right=3, bottom=10, top=50)
    axes = np.array([[0, 1, 0], [0, 0, 1.0]])
    lattice = Plane(np.array([7, 5, 6.0]), axes, box).lattice()
    assert lattice.shape == (20, 20, 3)
    np.testing.assert_allclose(lattice[0, 0], [7, 5 - 1 + 0.1, 6 + 50 - 1])
    np.testing.assert_allclose(lattice[19, 19], [7, 5 + 3 - 0.1, 6 + 10 + 1])
    np.testing.assert_allclose(lattice[0, 1] - lattice[0, 0], [0, 0.2, 0])
    np.testing.assert_allclose(lattice[1, 0] - lattice[0, 0], [0, 0, -2])
    row = Plane(np.array([7.0]), np.array([[1.0]]), box).lattice()
    np.testing.assert_allclose(row[:, :, 0], [7 + np.linspace(-0.9, 2.9, 20)])


def test_where_a_plane_lies_is_said() -> None:
    box = Viewport(left=-1, right=3, bottom=10, top=50)
    said = "{} from -1 to 3, left to right; {} from 10 to 50, bottom to top"
    own = Plane(np.zeros(2), np.eye(2), box)
    assert own.words == said.format("z1", "z2")
    other = Plane(np.zeros(3), np.eye(3)[:2], box)
    assert other.words == said.format("axis 1", "axis 2")
    assert Plane(np.zeros(1), np.eye(1), box).words == "axis 1 from -1 to 3, left to right"


def test_the_axes_are_taken_of_a_hundred_thousand_codes_evenly() -> None:
    for count, sees_odd in ((100_000, True), (100_001, False), (200_000, False)):
        codes = np.zeros((count, 3), np.float32)
        codes[::2, 0] = np.arange(len(codes[::2])) % 7
        # Every second one is left out of more.
        codes[1::2, 1] = 100 * (np.arange(len(codes[1::2])) % 5)
        axis = plane_of(codes).axes[0]
        assert (abs(axis[1]) > 0.9) == sees_odd, count
    assert plane_of(np.zeros((0, 3), np.float32)).axes.shape == (2, 3)


def test_the_two_axes_of_most_spread_point_to_their_largest_number() -> None:
    codes = np.array([[3, 1, -5], [3, -1, 5], [0, 0, 0], [np.inf, 0, 0]], np.float32)
    found = plane_of(codes)
    np.testing.assert_allclose(found.centre, [2, 0, 0], atol=1e-6)
    # 5 and 1 go together, against each other; then the first number alone.
    np.testing.assert_allclose(found.axes, [[0, -1 / 26**0.5, 5 / 26**0.5], [1, 0, 0]], atol=1e-6)
    assert found.box.left < -(26**0.5) and found.box.right > 26**0.5
    assert -3 < found.box.bottom < -2 and 1 < found.box.top < 2


def test_images_in_a_row_of_the_smallest_square() -> None:
    rows = [projector._a_row(count) for count in (0, 1, 2, 4, 5, 9, 10)]
    assert rows == [1, 1, 2, 2, 3, 3, 4]


def test_a_smaller_sprite_is_put_together_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector, "MAX_SPRITE_PX", 3 * 14)
    monkeypatch.setattr(trained, "CHUNK", 2)
    whites = np.array([0.2, 0.4, 0.6, 0.8, 1])
    images = np.repeat(whites[:, None], 784, axis=1).astype(np.float32)
    images[4].reshape(28, 28)[:14] = 0
    run = SimpleNamespace(codes=np.zeros((5, 2)), pictures=images)
    sprite = projector.sprite(cast(TrainedRun, run))
    expected = np.zeros((42, 42))
    for at, grey in enumerate((51, 102, 153, 204, 255)):
        top, left = 14 * (at // 3), 14 * (at % 3)
        expected[top : top + 14, left : left + 14] = grey
    expected[14:21, 14:28] = 0
    np.testing.assert_array_equal(sprite, expected)


def test_two_columns_of_metadata_have_names() -> None:
    run = SimpleNamespace(
        codes=np.zeros((2, 2)),
        held_out=np.array([False, True]),
        classes=None,
        class_labels=None,
        files=(),
    )
    file = io.BytesIO()
    projector.write_metadata(Samples(cast(TrainedRun, run), None), file)
    assert file.getvalue() == b"index\theld_out\n0\t0\n1\t1\n"


def test_what_is_left_out_of_an_export_is_said() -> None:
    def said(count: int, **more: object) -> str:
        run = SimpleNamespace(images=(), classes=None, codes=range(count), **more)
        return _left_out(cast(TrainedRun, run))

    assert said(2048**2) == ""
    assert said(2048**2 + 1) == (
        "sprite.png is left out, for 4,194,305 images don't fit into the 8192×8192 pixels that "
        "the Embedding Projector takes."
    )
    gone = SimpleNamespace(images=None, notice="the images are gone", classes=None)
    rest = "files, the loss of each image, sprite.png and reconstructions.png are left out."
    assert _left_out(cast(TrainedRun, gone)) == f"the images are gone, so labels, {rest}"
    gone.classes = ()
    assert _left_out(cast(TrainedRun, gone)) == f"the images are gone, so {rest}"


def test_rows_are_worked_on_1024_at_a_time() -> None:
    assert list(chunks(0)) == []
    assert list(chunks(1024)) == [slice(0, 1024)]
    assert list(chunks(2049)) == [slice(0, 1024), slice(1024, 2048), slice(2048, 2049)]


@pytest.mark.parametrize(("count", "fits"), [(536_608_768, True), (536_608_769, False)])
def test_a_network_of_two_gigabytes_is_too_large_for_onnx(count: int, *, fits: bool) -> None:
    pytest.importorskip("onnx")
    # Numbers of four bytes, and a megabyte for all else.
    assert 536_608_768 * 4 + 2**20 == 2**31
    weights = {"a": SimpleNamespace(size=count - 9), "b": SimpleNamespace(size=9)}
    run = cast(Any, SimpleNamespace(weights=weights))
    check_onnx()
    if fits:
        check_onnx(run)
        return
    with pytest.raises(UserError, match="larger than the 2 GiB of an ONNX file"):
        check_onnx(run)

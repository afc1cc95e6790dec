"""The Embedding Projector's files, by its rules."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.export.conftest import HOSTILE
from tui_ae.data.load import load
from tui_ae.export import projector
from tui_ae.export.export import export
from tui_ae.export.samples import Samples
from tui_ae.run.folder import RunFolder


def lines(path: Path) -> list[str]:
    """As the page takes a file apart: by line feeds alone, without empty lines."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def test_vectors_and_metadata_are_row_by_row_those_of_the_table(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(RunFolder(run), out)
    with (out / "codes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    vectors = [line.split("\t") for line in lines(out / "vectors.tsv")]
    assert vectors == [[row["z1"], row["z2"]] for row in rows]
    header, *metadata = (line.split("\t") for line in lines(out / "metadata.tsv"))
    assert header == ["index", "label", "class_name", "held_out", "bce"]
    assert metadata == [[row[name] for name in header] for row in rows]


def test_names_from_outside_part_no_cells(hostile_run: Path, tmp_path: Path) -> None:
    export(RunFolder(hostile_run), tmp_path / "out")
    header, *metadata = (line.split("\t") for line in lines(tmp_path / "out" / "metadata.tsv"))
    assert len(metadata) == 3 * len(HOSTILE) == len(lines(tmp_path / "out" / "vectors.tsv"))
    assert {len(cells) for cells in (header, *metadata)} == {6}


def test_a_single_column_has_no_header(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = "index"
    columns = Samples.columns
    monkeypatch.setattr(Samples, "columns", lambda self: {only: columns(self)[only]})
    export(RunFolder(run), tmp_path / "out")
    assert lines(tmp_path / "out" / "metadata.tsv") == [str(row) for row in range(200)]


def test_the_sprite_is_a_square_of_all_images_row_by_row(run: Path, tmp_path: Path) -> None:
    export(RunFolder(run), tmp_path / "out")
    config = (tmp_path / "out" / "projector_config.pbtxt").read_text()
    named = dict(re.findall(r'(\w+): "([^"]*)"', config))
    assert named == {
        "tensor_name": "codes",
        "tensor_path": "vectors.tsv",
        "metadata_path": "metadata.tsv",
        "image_path": "sprite.png",
    }
    assert re.findall(r"single_image_dim: (\d+)", config) == ["28", "28"]
    images = load(RunFolder(run).info().settings).images
    with Image.open(tmp_path / "out" / "sprite.png") as sprite:
        greys = np.asarray(sprite)
    assert greys.shape == (15 * 28, 15 * 28)
    for row in (0, 14, 15, 199):
        top, left = row // 15 * 28, row % 15 * 28
        tile = greys[top : top + 28, left : left + 28].ravel() / 255
        np.testing.assert_allclose(tile, images[row], atol=0.003)
    assert not greys[14 * 28 :, 28:].any()


@pytest.mark.parametrize(
    ("count", "side"),
    [
        *((1, 28), (3200, 28), (292**2, 28), (292**2 + 1, 27)),
        *((1_000_000, 8), (2048**2, 4), (2048**2 + 1, 0)),
    ],
)
def test_images_shrink_so_that_the_sprite_stays_in_8192_pixels(count: int, side: int) -> None:
    assert projector.sprite_side(count) == side
    assert np.ceil(np.sqrt(count)) * side <= 8192


@pytest.mark.parametrize("side", [4, 9, 14, 27, 28])
def test_a_smaller_image_has_the_mean_of_what_lies_below_each_pixel(side: int) -> None:
    shares = projector.shares(side)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares.sum(axis=0), side / 28)
    ramp = np.arange(28) + 0.5
    # A pixel that is cut counts as even.
    np.testing.assert_allclose(shares @ ramp, (np.arange(side) + 0.5) * 28 / side, atol=0.02)


def test_too_many_images_for_a_sprite_are_told(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "MAX_SPRITE_PX", 14 * 4)
    done = export(RunFolder(run), tmp_path / "out")
    assert "sprite.png" not in done.names and "reconstructions.png" in done.names
    assert done.left_out.startswith("sprite.png is left out, for 200 images don't fit into")
    assert "sprite" not in (tmp_path / "out" / "projector_config.pbtxt").read_text()
    monkeypatch.setattr(projector, "MAX_SPRITE_PX", 15 * 4)
    export(RunFolder(run), tmp_path / "out", replaces=True)
    with Image.open(tmp_path / "out" / "sprite.png") as sprite:
        greys = np.asarray(sprite) / 255
    images = load(RunFolder(run).info().settings).images[:].reshape(200, 4, 7, 4, 7)
    np.testing.assert_allclose(greys[4:8, :4], images[15].mean(axis=(1, 3)), atol=0.003)

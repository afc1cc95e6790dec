"""Exports as programs read them: what is in each file, and what happens where they can't be."""

from __future__ import annotations

import csv
import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import command
from tests.export.conftest import HOSTILE
from tests.export.runs import LOSSES, make_run
from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.errors import UserError
from tui_ae.export.cells import text_cell
from tui_ae.export.export import NAMES, export
from tui_ae.model.objective import bce, mse
from tui_ae.run.folder import MOMENT, RunFolder

FILES = set(NAMES) - {"autoencoder.onnx"}
OF_IMAGES = {"sprite.png", "reconstructions.png"}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(rows: list[dict[str, str]], name: str, dtype: type = np.float32) -> np.ndarray:
    return np.array([row[name] for row in rows]).astype(dtype)


def test_codes_as_table_and_as_arrays_are_those_of_the_run(run: Path, tmp_path: Path) -> None:
    done = export(RunFolder(run), tmp_path / "out")
    assert set(done.names) == FILES == {path.name for path in (tmp_path / "out").iterdir()}
    assert (done.epoch, done.left_out) == (3, "")
    snapshot, dataset = RunFolder(run).snapshot(info := RunFolder(run).info()), load(info.settings)
    rows = table(tmp_path / "out" / "codes.csv")
    assert list(rows[0]) == ["index", "z1", "z2", "label", "class_name", "held_out", "bce"]
    codes = np.stack([column(rows, "z1"), column(rows, "z2")], axis=1)
    np.testing.assert_allclose(codes, snapshot.codes, rtol=1e-5, atol=1e-6)
    expected = bce(dataset.images[:], snapshot.decoder(codes))
    np.testing.assert_allclose(column(rows, "bce", np.float64), expected, rtol=1e-6)
    assert column(rows, "index", int).tolist() == list(range(200))
    assert [row["label"] for row in rows[:5]] == ["3", "7", "8", "8", "7"]
    assert [row["class_name"] for row in rows[:5]] == ["3", "7", "8", "8", "7"]
    assert {row["held_out"] for row in rows} == {"0"}
    with np.load(tmp_path / "out" / "codes.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["codes"], codes)
        assert arrays["codes"].dtype == np.float32
        np.testing.assert_array_equal(arrays["labels"], column(rows, "label", int))
        np.testing.assert_array_equal(arrays["losses"], column(rows, "bce", np.float64))
        assert arrays["class_labels"].tolist() == [3, 7, 8]
        assert arrays["class_names"].tolist() == ["3", "7", "8"]
        assert arrays["held_out"].dtype == np.bool_ and not arrays["held_out"].any()
        assert str(arrays["objective"]) == "bce"


def test_losses_end_with_the_moment_and_keep_all_digits(run: Path, tmp_path: Path) -> None:
    export(RunFolder(run), tmp_path / "out")
    content = (tmp_path / "out" / "losses.csv").read_text()
    assert content == f"epoch,loss\n1,0.5\n2,\n3,{LOSSES[2]!r}\n"


def test_held_out_images_stand_at_their_places(tmp_path: Path, images: Path) -> None:
    settings = Settings(data=images, hidden=(9,), held_out=0.2)
    snapshot, dataset = make_run(tmp_path / "run", settings), load(settings)
    export(RunFolder(tmp_path / "run"), tmp_path / "out")
    rows = table(tmp_path / "out" / "codes.csv")
    assert dataset.held_out is not None and len(dataset.held_out.rows) == 40
    held_out = column(rows, "held_out", int).astype(bool)
    assert np.flatnonzero(held_out).tolist() == dataset.held_out.rows.tolist()
    assert column(rows, "label", int).tolist() == [[3, 7, 8, 8, 7][row % 5] for row in range(200)]
    with np.load(images) as stored:
        pixels = stored["images"].reshape(200, 784)
    with np.load(tmp_path / "out" / "codes.npz") as arrays:
        np.testing.assert_array_equal(arrays["held_out"], held_out)
        np.testing.assert_allclose(arrays["codes"], snapshot.encoder(pixels), atol=1e-5)
        expected = bce(pixels, snapshot.decoder(arrays["codes"]))
        np.testing.assert_allclose(arrays["losses"], expected, rtol=1e-4)
    with Image.open(tmp_path / "out" / "sprite.png") as image:
        tiles = np.asarray(image).reshape(15, 28, 15, 28).swapaxes(1, 2).reshape(225, 784)
    np.testing.assert_allclose(tiles[:200] / 255, pixels, atol=0.003)
    assert (tmp_path / "out" / "losses.csv").read_text() == (
        f"epoch,loss,held_out_loss\n1,0.5,0.75\n2,,\n3,{LOSSES[2]!r},0.5\n"
    )
    # The right half of the sheet is of those.
    with Image.open(tmp_path / "out" / "reconstructions.png") as image:
        greys = np.asarray(image)[::2, ::2]
    for label, top in ((0, 2), (1, 70), (2, 138)):
        of_class = dataset.held_out.images[np.flatnonzero(dataset.held_out.labels == label)]
        shown = greys[top : top + 28, 152:180].ravel() / 255
        np.testing.assert_allclose(shown, of_class[0], atol=0.003)
    images.unlink()
    export(RunFolder(tmp_path / "run"), tmp_path / "out", replaces=True)
    rows = table(tmp_path / "out" / "codes.csv")
    assert np.flatnonzero(column(rows, "held_out", int)).tolist() == dataset.held_out.rows.tolist()
    assert column(rows, "label", int).tolist() == [[3, 7, 8, 8, 7][row % 5] for row in range(200)]
    np.testing.assert_allclose(column(rows, "z2"), snapshot.encoder(pixels)[:, 1], atol=1e-5)


def test_the_loss_of_each_image_is_named_for_the_objective(tmp_path: Path, images: Path) -> None:
    settings = Settings(data=images, kind="linear", latent_dim=3, labels="none")
    snapshot = make_run(tmp_path / "run", settings)
    export(RunFolder(tmp_path / "run"), tmp_path / "out")
    rows = table(tmp_path / "out" / "codes.csv")
    assert list(rows[0]) == ["index", "z1", "z2", "z3", "held_out", "mse"]
    pixels = load(settings).images[:]
    expected = mse(pixels, snapshot.decoder(snapshot.codes))
    np.testing.assert_allclose(column(rows, "mse", np.float64), expected, rtol=1e-4)
    with np.load(tmp_path / "out" / "codes.npz") as arrays:
        assert not {"labels", "class_names"} & set(arrays)


def test_text_from_outside_is_no_formula_and_ends_no_line(
    hostile_run: Path, tmp_path: Path
) -> None:
    export(RunFolder(hostile_run), tmp_path / "out")
    content = (tmp_path / "out" / "codes.csv").read_text(encoding="utf-8")
    assert not re.search(r"[^\n\x20-\x7e＝]", content)
    assert content.count("\n") == 1 + 3 * len(HOSTILE)
    rows = table(tmp_path / "out" / "codes.csv")
    names = {row["class_name"] for row in rows}
    assert len(names) == len(HOSTILE)
    assert {"'=1+2", "a;'@SUM(1)", "t?ab?line", "-5", " '+cmd", "'＝x"} <= names
    for row in rows:
        for cell in (row["class_name"], row["file"]):
            assert cell == "-5" or not re.match(r"\s*[=+\-@＝]", cell)
    with np.load(tmp_path / "out" / "codes.npz") as arrays:
        assert {"=1+2", "a;@SUM(1)", " +cmd"} <= set(arrays["class_names"].tolist())
        assert arrays["files"].shape == (len(rows),)


CELLS = {
    "cat": "cat",
    "=A1": "'=A1",
    "@x": "'@x",
    "-2+3": "'-2+3",
    "-2": "-2",
    "+1.5": "+1.5",
    "  =A1": "  '=A1",
    "a,=A1;+2": "a,'=A1;'+2",
    "a=b-c": "a=b-c",
    "\r=A1": "?=A1",
    "": "",
}


@pytest.mark.parametrize("text", CELLS)
def test_what_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert text_cell(text) == CELLS[text]


def test_files_that_are_there_are_kept_unless_one_says_so(run: Path, tmp_path: Path) -> None:
    to, precious = tmp_path / "out", tmp_path / "precious"
    to.mkdir()
    precious.write_text("mine")
    (to / "codes.csv").symlink_to(precious)
    (to / "thesis.tex").write_text("mine")
    (to / "autoencoder.onnx").write_text("of another run")
    with pytest.raises(UserError, match=r"there is a file codes\.csv already; .* --force"):
        export(RunFolder(run), to)
    assert len(list(to.iterdir())) == 3
    export(RunFolder(run), to, replaces=True)
    assert {path.name for path in to.iterdir()} == {*FILES, "thesis.tex"}
    assert precious.read_text() == (to / "thesis.tex").read_text() == "mine"
    assert not (to / "codes.csv").is_symlink()
    assert {stat.S_IMODE(path.stat().st_mode) for path in to.glob("*.csv")} == {0o644}


def test_without_images_what_the_run_holds_is_written(
    run: Path, images: Path, tmp_path: Path
) -> None:
    export(RunFolder(run), tmp_path / "out")
    images.unlink()
    done = export(RunFolder(run), tmp_path / "out", replaces=True)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == set(done.names) == FILES - OF_IMAGES
    assert re.fullmatch(
        r"the run's images can't be had \(.*set\.npz: no such file .*\), so files, the loss "
        r"of each image, sprite\.png and reconstructions\.png are left out\.",
        done.left_out,
    )
    rows = table(tmp_path / "out" / "codes.csv")
    assert list(rows[0]) == ["index", "z1", "z2", "label", "class_name", "held_out"]
    assert [row["label"] for row in rows[:5]] == ["3", "7", "8", "8", "7"]
    codes = RunFolder(run).snapshot(RunFolder(run).info()).codes
    np.testing.assert_array_equal(column(rows, "z1"), codes[:, 0])
    assert "sprite" not in (tmp_path / "out" / "projector_config.pbtxt").read_text()


def fewer(path: Path) -> None:
    with np.load(path) as arrays:
        stored = {name: arrays[name][:199] for name in arrays}
    np.savez(path, **stored)


def reordered(path: Path) -> None:
    with np.load(path) as arrays:
        stored = {name: arrays[name][np.random.default_rng(3).permutation(200)] for name in arrays}
    np.savez(path, **stored)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (fewer, "and there are 199 and 0 now"),
        (reordered, "its images have other pixels now"),
    ],
)
def test_other_images_are_not_taken_for_those_of_the_run(
    run: Path, images: Path, tmp_path: Path, change: object, why: str
) -> None:
    change(images)  # type: ignore[operator]
    done = export(RunFolder(run), tmp_path / "out")
    assert why in done.left_out and not OF_IMAGES & set(done.names)


def test_damage_and_disks_that_refuse_are_told_in_a_sentence(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for to, why in (
        (tmp_path / "file", "this is a file; name a folder."),
        (tmp_path / "file" / "out", "could not be written (Not a directory)."),
        (tmp_path / ("x" * 300), "File name too long; name another folder."),
    ):
        with pytest.raises(UserError, match=re.escape(f"--to {to}: {why}")):
            export(RunFolder(run), to)
    (tmp_path / "out" / "plane.png").mkdir(parents=True)
    with pytest.raises(UserError, match="could not be written"):
        export(RunFolder(run), tmp_path / "out", replaces=True)
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix == ".part"]
    (run / MOMENT).write_bytes(b"damaged")
    with pytest.raises(UserError, match="damaged"):
        export(RunFolder(run), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_sheet_has_each_image_over_what_is_made_of_it(run: Path, tmp_path: Path) -> None:
    export(RunFolder(run), tmp_path / "out")
    snapshot, dataset = RunFolder(run).snapshot(info := RunFolder(run).info()), load(info.settings)
    with Image.open(tmp_path / "out" / "reconstructions.png") as image:
        greys = np.asarray(image)[::2, ::2]
    # Of each class two rows, with ten images and gaps of 2 between and around, and 6 below them.
    height = 2 + 2 * 30 + 6
    assert greys.shape == (3 * height, 10 * 30 + 2)
    for place, label in enumerate((0, 1, 2)):
        own = np.flatnonzero(dataset.labels == label)
        for row, left in ((own[0], 2), (own[-1], 2 + 9 * 30)):
            top = place * height + 2
            above = greys[top : top + 28, left : left + 28].ravel() / 255
            below = greys[top + 30 : top + 58, left : left + 28].ravel() / 255
            np.testing.assert_allclose(above, dataset.images[int(row)], atol=0.003)
            made = snapshot.decoder(snapshot.codes[row : row + 1])[0]
            np.testing.assert_allclose(below, made, atol=0.003)


def test_the_command_writes_and_tells_without_pytorch(run: Path, tmp_path: Path) -> None:
    words = ["export", str(run), "--to", str(tmp_path / "a b")]
    out = command.python(
        "import sys\nfrom tui_ae.cli import main\n"
        f"print(main({words!r}), {{'torch', 'textual'}} & sys.modules.keys())"
    )
    assert "epoch 3, is in " in out and "codes.csv, codes.npz, losses.csv" in out
    assert out.endswith("\n0 set()\n")
    again = command.run(*words)
    assert again.returncode == 2 and again.stderr.count("\n") == 1 and not again.stdout
    assert command.run(*words, "--force").returncode == 0
    for wrong in (["export", str(run)], ["export", str(tmp_path), "--to", "x"], ["export", "--x"]):
        done = command.run(*wrong)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


def test_the_command_takes_the_run_saved_last_and_tells_what_is_missing(
    tmp_path: Path, images: Path
) -> None:
    home = {"XDG_STATE_HOME": str(tmp_path / "state")}
    runs = tmp_path / "state" / "tui_ae" / "runs"
    for name, hidden in (("20250101-a", (4,)), ("20250102-b", (5,))):
        make_run(runs / name, Settings(data=images, hidden=hidden))
    os.utime(runs / "20250101-a" / MOMENT, (1, 4_000_000_000))
    images.unlink()
    done = command.run("export", "--to", str(tmp_path / "out"), **home)
    assert done.returncode == 0
    assert done.stderr.startswith("tui-ae: the run's images can't be had (")
    assert done.stderr.count("\n") == 1
    from safetensors.numpy import load_file

    assert load_file(tmp_path / "out" / "encoder.safetensors")["0.bias"].shape == (4,)

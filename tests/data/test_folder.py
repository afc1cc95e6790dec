from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.folder import read_image_folder
from tui_ae.data.load import check_path, load
from tui_ae.data.picture import Decoded, decode
from tui_ae.errors import UserError

Loader = Callable[[Path], Dataset]
Pixels = Callable[..., np.ndarray]


def save(path: Path, pixels: np.ndarray, mode: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path)
    return path


def test_one_folder_a_class(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    stored = pixels(6)
    for place, name in enumerate(["10", "9", "cat", "9", "10", "cat"]):
        save(tmp_path / "set" / name / f"{place}.png", stored[place])
    data = load_path(tmp_path / "set")
    assert data.name == "set"
    assert data.class_names == ("cat", "9", "10")
    assert data.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert data.labelled
    assert data.notes == ()
    expected = stored[[2, 5, 1, 3, 0, 4]].reshape(6, 784) / np.float32(255)
    np.testing.assert_array_equal(data.images.array, expected)


def test_a_flat_folder_has_no_classes(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    for place, image in enumerate(pixels(3)):
        save(tmp_path / f"{place}.bmp", image)
    (tmp_path / "readme.txt").write_text("not an image")
    (tmp_path / "empty").mkdir()
    data = load_path(tmp_path)
    assert len(data.images) == 3
    assert not data.labelled


def test_links_count_as_what_they_lead_to(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    for place, image in enumerate(pixels(3)):
        save(tmp_path / "away" / f"{place}.png", image)
    (tmp_path / "away" / "folder.png").mkdir()
    folder = tmp_path / "set"
    folder.mkdir()
    links = {"a.png": "a.png", "b.png": "missing", "c": "c", "d.png": "../away"}
    for name, target in links.items():
        (folder / name).symlink_to(target)
    data = load_path(folder)
    assert data.class_names == ("d.png",)
    assert len(data.images) == 3
    (folder / "d.png").unlink()
    for place in range(2):
        (folder / f"{place}.png").symlink_to(f"../away/{place}.png")
    data = load_path(folder)
    assert not data.labelled
    assert len(data.images) == 2


def test_a_flat_folder_is_scanned_for_names_for_kinds_and_for_tables_once_each(
    tmp_path: Path, load_path: Loader, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, image in enumerate(pixels(3)):
        save(tmp_path / f"{place}.png", image)
    calls: list[str] = []

    def watch(name: str) -> None:
        real = getattr(os, name)

        def counted(*arguments: object, **options: object) -> object:
            calls.append(name)
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, counted)

    for name in ("listdir", "scandir"):
        watch(name)
    check_path(tmp_path)
    assert calls == ["listdir", "scandir"]
    load_path(tmp_path)
    assert calls[2:] == ["listdir", "scandir", "scandir", "listdir"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "bmp", "gif", "webp", "tiff", "pgm"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    ramp = np.repeat(np.arange(28, dtype=np.uint8)[None] * 9, 28, axis=0)
    decoded = decode(save(tmp_path / f"a.{suffix}", ramp))
    np.testing.assert_allclose(decoded.grey, ramp / 255, atol=0.06)
    assert decoded.size == (28, 28)


def test_sixteen_bit_greys(tmp_path: Path) -> None:
    deep = np.full((28, 28), 32768, np.uint16)
    deep[0, 0] = 65535
    decoded = decode(save(tmp_path / "a.png", deep))
    assert decoded.grey[0, 0] == 1
    assert decoded.grey[1, 1] == pytest.approx(0.5, abs=1e-4)


def test_sixteen_bits_with_a_transparent_grey(tmp_path: Path) -> None:
    Image.fromarray(np.full((28, 28), 32768, np.uint16)).save(tmp_path / "a.png", transparency=3)
    assert decode(tmp_path / "a.png").grey[0, 0] == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("white", [1.0, 255.0, 4000.0])
def test_floats_as_they_are_in_arrays(tmp_path: Path, white: float) -> None:
    ramp = np.linspace(0, 1, 28 * 28, dtype=np.float32).reshape(28, 28)
    decoded = decode(save(tmp_path / "a.tiff", ramp * np.float32(white)))
    np.testing.assert_allclose(decoded.grey, ramp, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "white", "expected"),
    [
        (np.uint8, 1, 1.0),
        (np.uint8, 9, 1.0),
        (np.uint8, 200, 200 / 255),
        (np.uint16, 1, 1.0),
        (np.uint16, 4095, 1.0),
        (np.uint16, 32639, 32639 / 65535),
        (np.int32, 255, 1.0),
        (np.int32, 65535, 1.0),
        (np.int32, 255_000, 1.0),
        (np.float32, 0.5, 0.5),
        (np.float32, 255, 1.0),
    ],
)
def test_pictures_and_arrays_have_one_scale(
    tmp_path: Path, load_path: Loader, kind: type, white: float, expected: float
) -> None:
    stored: np.ndarray = np.zeros((3, 28, 28), kind)
    stored[:, 5:20, 5:20] = white
    stored[1] = stored[1] / 2
    for place, image in enumerate(stored):
        save(tmp_path / "pictures" / f"{place}.tif", image)
    np.save(tmp_path / "array.npy", stored)
    pictures, array = (load_path(tmp_path / name) for name in ("pictures", "array.npy"))
    assert pictures.images[:].max() == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(pictures.images[:], array.images[:], atol=1e-6)


def test_pictures_of_several_types_have_each_their_own_scale(
    tmp_path: Path, load_path: Loader
) -> None:
    ink = np.zeros((28, 28), np.float32)
    ink[4:9] = 1
    whites: tuple[tuple[npt.DTypeLike, float], ...] = (
        (np.uint8, 255),
        (np.uint16, 4095),
        (np.int32, 10**6),
        ("f4", 1),
        ("f4", 255),
    )
    for place, (kind, white) in enumerate(whites):
        save(tmp_path / f"{place}.tif", (ink * white).astype(kind))
    data = load_path(tmp_path)
    assert data.notes == ("Pictures of 5 types, each rescaled to 0 to 1 by its own scale.",)
    np.testing.assert_allclose(data.images[:], np.tile(ink.reshape(784), (5, 1)), atol=1e-6)


def test_a_mask_fitted_to_the_size_stays_within_its_values(
    tmp_path: Path, load_path: Loader
) -> None:
    mask = np.zeros((90, 90), np.uint8)
    mask[30:60, 30:60] = 1
    for place in range(2):
        save(tmp_path / f"{place}.png", mask)
    images = load_path(tmp_path).images[:]
    assert (images.min(), images.max()) == (0, 1)


def test_names_of_letters_and_accents_apart_are_joined(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    for place, image in enumerate(pixels(2)):
        save(tmp_path / "e\u0301te\u0301" / f"{place}.png", image)
    data = load_path(tmp_path)
    assert data.class_names == data.class_values == ("\u00e9t\u00e9",)
    assert data.files == ("e\u0301te\u0301/0.png", "e\u0301te\u0301/1.png")


def test_more_classes_than_can_be_shown_may_be_left_out(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    for place in range(40):
        save(tmp_path / f"{place:02}" / "a.bmp", pixels(1)[0])
    with pytest.raises(UserError, match="give at most 36"):
        load_path(tmp_path)
    largest = load(Settings(data=tmp_path, labels="largest"))
    assert len(largest.class_names) == len(largest.files) == 36


def test_pictures_that_come_out_nearly_black_are_said(tmp_path: Path, load_path: Loader) -> None:
    mask = np.zeros((28, 28), np.uint8)
    for place in range(4):
        save(tmp_path / f"{place}.png", mask)
        mask[4:9] = 1 if place else 255
    assert load_path(tmp_path).notes == (
        "2 of 4 pictures are nearly black beside the others, such as 2.png.",
    )


def test_negative_values_are_refused_with_their_file(tmp_path: Path, load_path: Loader) -> None:
    for place in range(3):
        save(tmp_path / f"{place}.tif", np.full((28, 28), 100 - 300 * (place == 1), np.int32))
    with pytest.raises(UserError, match=r"/1\.tif: values down to -200 in 1 of 3 pictures; resc"):
        load_path(tmp_path)


def test_floats_that_are_no_pixels(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.tiff: 784 pixel values are NaN"):
        decode(save(tmp_path / "a.tiff", np.full((28, 28), np.nan, np.float32)))


def test_other_formats_behind_the_name_of_a_picture(tmp_path: Path) -> None:
    """Pillow hands PostScript to Ghostscript, which runs it."""
    Image.new("L", (28, 28)).save(tmp_path / "a.png", format="EPS")
    with pytest.raises(UserError, match="no picture of a known format"):
        decode(tmp_path / "a.png")


def test_palettes_bits_and_colours(tmp_path: Path) -> None:
    ink = np.zeros((28, 28, 3), np.uint8)
    ink[:14] = 255, 0, 0
    assert decode(save(tmp_path / "p.png", ink, "P")).grey[0, 0] == pytest.approx(0.299, abs=0.01)
    assert decode(tmp_path / "p.png").coloured
    bits = decode(save(tmp_path / "b.png", ink[..., 0], "1"))
    assert set(np.unique(bits.grey)) == {0.0, 1.0}
    assert not bits.coloured


def test_black_ink_on_transparent_ground(tmp_path: Path) -> None:
    ink = np.zeros((28, 28, 4), np.uint8)
    ink[10:18, 10:18, 3] = 255
    grey = decode(save(tmp_path / "a.png", ink)).grey
    assert grey[0, 0] == 1
    assert grey[14, 14] == 0


def test_photographs_stand_upright(tmp_path: Path) -> None:
    wide = np.zeros((40, 80), np.uint8)
    wide[:, :40] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(wide).save(tmp_path / "a.jpg", exif=exif)
    grey = decode(tmp_path / "a.jpg").grey
    assert grey[4, 14] > 0.9
    assert grey[24, 14] < 0.1


def test_sizes_and_colours_are_said(tmp_path: Path, load_path: Loader) -> None:
    rng = np.random.default_rng(0)
    for place in range(3):
        colours = rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)
        save(tmp_path / f"{place}.png", colours)
    assert load_path(tmp_path).notes == ("30×40 images fitted to 28×28.", "Colours turned to grey.")
    save(tmp_path / "3.png", np.zeros((8, 8), np.uint8))
    assert load_path(tmp_path).notes[0] == "Images of 2 sizes fitted to 28×28."


def test_files_that_are_no_images_are_left_out_and_said(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    for place, image in enumerate(pixels(4)):
        save(tmp_path / f"c{place // 2}" / f"{place}.png", image)
    (tmp_path / "c0" / "00.png").write_bytes(b"no image")
    whole = (tmp_path / "c1" / "2.png").read_bytes()
    (tmp_path / "c1" / "2.png").write_bytes(whole[: len(whole) // 2])
    data = load_path(tmp_path)
    assert data.labels.tolist() == [0, 0, 1]
    assert data.notes == ("Left out 2 of 5 pictures that can't be read, such as c0/00.png.",)
    assert data.files == ("c0/0.png", "c0/1.png", "c1/3.png")
    np.testing.assert_array_equal(data.images[2], pixels(4)[3].reshape(784) / np.float32(255))


def test_a_class_without_a_readable_image_is_no_class(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    for place, image in enumerate(pixels(2)):
        save(tmp_path / "good" / f"{place}.png", image)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_bytes(b"")
    (tmp_path / "nothing").mkdir()
    data = load_path(tmp_path)
    assert data.class_names == ("good",)
    assert data.notes == (
        "1 folder is empty, such as nothing.",
        "Left out 1 of 3 pictures that can't be read, such as bad/a.png.",
        "The class bad is missing: no picture there can be read.",
    )


def test_nothing_readable_names_the_first(tmp_path: Path, load_path: Loader) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no image")
    with pytest.raises(UserError, match=r"a\.png: can't be read \(.*\); replace or remove it\."):
        load_path(tmp_path)


def test_one_image(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    save(tmp_path / "a.png", pixels(1)[0])
    with pytest.raises(UserError, match="holds one image"):
        load_path(tmp_path)


def test_too_many_classes(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    for place in range(37):
        save(tmp_path / str(place) / "a.bmp", pixels(1, side=2)[0])
    with pytest.raises(UserError, match="37 classes; give at most 36, or leave the labels out"):
        load_path(tmp_path)
    (tmp_path / "36" / "a.bmp").unlink()
    assert len(load_path(tmp_path).class_names) == 36


def test_an_image_of_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png", np.zeros((20, 30), np.uint8))
    monkeypatch.setattr("tui_ae.data.picture.MAX_PIXELS", 599)
    with pytest.raises(UserError, match="30×20 pixels are too many"):
        decode(path)


def test_hidden_files_are_not_meant(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    for name in ("a.png", "b.png", "._a.png"):
        save(tmp_path / name, pixels(1)[0])
    assert len(load_path(tmp_path).images) == 2


def test_more_classes_than_can_be_told_apart_are_refused_before_a_picture_is_decoded(
    tmp_path: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(37):
        save(tmp_path / str(place) / "a.png", pixels(1)[0])
    save(tmp_path / "0" / "b.png", pixels(1)[0])

    def never(path: Path) -> None:
        raise AssertionError(path)

    with monkeypatch.context() as patched:
        patched.setattr("tui_ae.data.folder.decode", never)
        with pytest.raises(UserError, match=r"37 classes.*--labels none.*--labels largest"):
            load(Settings(data=tmp_path))
    assert len(load(Settings(data=tmp_path, labels="none")).images) == 38
    assert len(load(Settings(data=tmp_path, labels="largest")).class_names) == 36


def test_each_picture_left_out_says_why(
    tmp_path: Path, load_path: Loader, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png", ".c.png"):
        save(tmp_path / name, pixels(1)[0])
    save(tmp_path / "large.png", pixels(1, side=40)[0])
    whole = (tmp_path / "a.png").read_bytes()
    broken = {
        "cut.png": whole[: len(whole) // 2],
        "empty.png": b"",
        "junk.png": b"junk",
        "page.jpg": b"<!DOCTYPE html><html>",
        "phone.heic": b"\0\0\0\x18ftypheic" + bytes(64),
        "x\x1b[31m.png": b"",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    save(tmp_path / "nan.tif", np.full((28, 28), np.nan, np.float32))
    monkeypatch.setattr("tui_ae.data.picture.MAX_PIXELS", 1599)
    reasons = {skipped.file: skipped.reason for skipped in load_path(tmp_path).skipped}
    assert reasons.pop("cut.png").startswith("can't be read (")
    assert reasons == {
        ".c.png": "a hidden file",
        "empty.png": "an empty file",
        "junk.png": "can't be read (no picture of a known format)",
        "large.png": "40×40 pixels are too many to decode",
        "nan.tif": "784 pixel values are NaN or infinite",
        "page.jpg": "this is a page of the web, not the data",
        "phone.heic": "this is a picture in HEIC",
        "x\x1b[31m.png": "an empty file",
    }


def test_a_folder_of_pictures_of_a_foreign_format_says_the_way_on(
    tmp_path: Path, load_path: Loader
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    with pytest.raises(UserError, match=r"a\.heic: this is a picture in HEIC; make a PNG of it"):
        load_path(tmp_path)


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_what_a_picture_claims_is_believed_where_its_bytes_can_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, mode: str
) -> None:
    monkeypatch.setattr("tui_ae.data.picture.ANY_PIXELS", 0)
    # All alike, so that a PNG packs it as far as can be.
    path = save(tmp_path / f"a.{ending}", np.zeros((2000, 2000), np.uint8), mode)
    assert decode(path).size == (2000, 2000)


def decoded(monkeypatch: pytest.MonkeyPatch, folder: Path, **pictures: Decoded) -> Any:
    """The source of a folder whose pictures, by their names, are decoded to these."""
    for name in pictures:
        (folder / f"{name}.png").touch()
    monkeypatch.setattr("tui_ae.data.folder.decode", lambda path: pictures[path.stem])
    heard: list[float] = []
    source = read_image_folder(folder, heard.append)
    assert heard[-1] == (len(pictures) - 1) / len(pictures)
    return source


def of_scale(
    low: float, high: float, black: float, white: float, kind: str = "i4", **more: Any
) -> Decoded:
    """A picture of two values, by the scale that its type has."""
    stored = np.full((28, 28), float(low))
    stored[0] = high
    grey = ((stored - black) / (white - black)).astype(np.float32)
    extremes = np.array([low, high], kind)
    return Decoded(grey, (28, 28), coloured=False, extremes=extremes, scale=(black, white), **more)


def test_pictures_of_one_type_share_the_scale_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = decoded(
        monkeypatch,
        tmp_path,
        a=of_scale(0, 500, 0, 500),
        b=of_scale(250, 1000, 0, 1000),
        c=of_scale(100, 1023, 100, 1023),
    )
    assert source.notes == ("Values from 0 to 1023 rescaled to 0 to 1.",)
    found = source.parts[0]
    assert found[:, 0, 0].tolist() == pytest.approx([500 / 1023, 1000 / 1023, 1])
    assert found[:, 1, 0].tolist() == pytest.approx([0, 250 / 1023, 100 / 1023])


def test_floats_from_0_to_1_and_others_have_each_their_own_scale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = decoded(
        monkeypatch,
        tmp_path,
        a=of_scale(0, 1, 0, 1, "f4"),
        b=of_scale(0, 0.5, 0, 1, "f4"),
        c=of_scale(0, 2, 0, 2, "f4"),
        d=of_scale(-1, 1, -1, 1, "f4"),
    )
    # Those from -1 to 1 are moved with those from 0 to 1.
    assert source.parts[0][:, 0, 0].tolist() == pytest.approx([1, 0.75, 1, 1])
    assert source.parts[0][:, 1, 0].tolist() == pytest.approx([0.5, 0.5, 0, 0])
    assert source.notes == ("Pictures of 2 types, each rescaled to 0 to 1 by its own scale.",)


@pytest.mark.parametrize(("brightest", "count"), [(0, 0), (1, 1), (5, 1), (6, 0)])
def test_pictures_below_a_fiftieth_of_the_others_are_nearly_black(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brightest: int, count: int
) -> None:
    source = decoded(
        monkeypatch,
        tmp_path,
        a=of_scale(0, 255, 0, 255, "u1"),
        b=of_scale(0, brightest, 0, 255, "u1"),
    )
    said = f"{count} of 2 pictures are nearly black beside the others, such as b.png."
    assert source.notes == ((said,) if count else ())


@pytest.mark.parametrize(
    ("low", "high", "brightest", "is_dark"),
    [(-1, 1, -0.99, True), (-1, 1, -0.95, False), (0, 100, 1.9, True), (0, 100, 2, False)],
)
def test_how_dark_pictures_are_is_told_by_the_scale_of_all(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    low: float,
    high: float,
    brightest: float,
    *,
    is_dark: bool,
) -> None:
    source = decoded(
        monkeypatch,
        tmp_path,
        a=of_scale(low, high, low, high, "f4"),
        b=of_scale(low, brightest, low, high, "f4"),
    )
    assert any("nearly black" in note for note in source.notes) == is_dark


def test_a_guess_is_said_beside_several_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dim, bright = of_scale(0, 300, 0, 65535, "u2"), of_scale(0, 255, 0, 255, "u1")
    guess = (
        "The largest value is 300, and 1023 was taken for white, a guess; where that makes the "
        "images too dark, rescale them to run from 0 to 1."
    )
    assert decoded(monkeypatch, tmp_path, a=dim, b=bright).notes == (guess,)
    deep = of_scale(0, 1000, 0, 1000, "i4")
    source = decoded(monkeypatch, tmp_path, a=dim, b=bright, c=deep)
    assert source.notes == (
        "Pictures of 3 types, each rescaled to 0 to 1 by its own scale.",
        guess,
    )


def test_how_many_bits_were_read_is_said_with_the_first_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = of_scale(0, 255, 0, 255, "u1")
    cut = of_scale(0, 255, 0, 255, "u1", is_cut=True)
    source = decoded(monkeypatch, tmp_path, a=plain, b=cut, c=cut)
    assert source.notes == ("Read 8 of the 16 bits a colour of 2 of 3 pictures, such as b.png.",)


def test_values_below_black_name_the_first_file_that_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError) as caught:
        decoded(
            monkeypatch,
            tmp_path,
            a=of_scale(0, 9, 0, 9),
            b=of_scale(-2, 9, -2, 9),
            c=of_scale(-7, 9, -7, 9),
        )
    assert str(caught.value) == (
        f"{tmp_path / 'b.png'}: values down to -7 in 2 of 3 pictures; rescale them to run from 0 "
        "to 1."
    )


@pytest.mark.parametrize(("empty", "said"), [
    (1, "The class 1 is missing: no picture there can be read."),
    (2, "The classes 1, 2 are missing: no picture there can be read."),
    (4, "The classes 1, 2, 3, 4 are missing: no picture there can be read."),
    (5, "The classes 1, 2, 3, 4 … are missing: no picture there can be read."),
])  # fmt: skip
def test_classes_without_a_picture_are_named(
    tmp_path: Path, load_path: Loader, pixels: Pixels, empty: int, said: str
) -> None:
    for place, image in enumerate(pixels(2)):
        save(tmp_path / "0" / f"{place}.png", image)
    for place in range(1, empty + 1):
        (tmp_path / str(place)).mkdir()
        (tmp_path / str(place) / "a.png").write_bytes(b"")
    assert load_path(tmp_path).notes[-1] == said


def test_training_pictures_come_first_then_those_of_validation_and_test(
    tmp_path: Path, pixels: Pixels
) -> None:
    for split in ("test", "train", "val"):
        for label in "ab":
            save(tmp_path / split / label / "0.png", pixels(1)[0])
    source = read_image_folder(tmp_path, lambda _: None)
    assert source.splits == ("train", "val", "test")
    assert source.files == tuple(
        f"{split}/{label}/0.png" for split in ("train", "val", "test") for label in "ab"
    )
    assert [len(part) for part in source.parts] == [2, 2, 2]


@pytest.mark.parametrize(("broken", "is_refused"), [(1, False), (2, True)])
def test_two_pictures_at_least_have_to_be_read(
    tmp_path: Path, load_path: Loader, pixels: Pixels, broken: int, *, is_refused: bool
) -> None:
    for place, image in enumerate(pixels(3)):
        save(tmp_path / f"{place}.png", image)
    for place in range(broken):
        (tmp_path / f"{place}.png").write_bytes(b"junk")
    if is_refused:
        with pytest.raises(UserError, match=r"/0\.png: can't be read"):
            load_path(tmp_path)
    else:
        assert len(load_path(tmp_path).images) == 2

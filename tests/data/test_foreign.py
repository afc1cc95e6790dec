"""What files are that can't be read: each kind by its mark, and which of a folder is named."""

from __future__ import annotations

import gzip
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from tests.data.test_roles import tar_of, zip_of
from tui_ae.data import foreign_kinds as kinds
from tui_ae.data.foreign import folder_refusal, kind_of, url_refusal

HDF5 = b"\x89HDF"
CONTENTS = {
    # Data.
    "a.sqlite": (0, b"SQLite format 3"),
    "a.psd": (0, b"8BPS"),
    "a.h5": (0, HDF5),
    # Archives, and what has to be unpacked or saved first.
    "a.rar": (1, b"Rar!"),
    "a.gz": (1, gzip.compress(gzip.compress(b"x"))),
    "a.tar": (1, tar_of("readme")),
    "a.zip": (1, zip_of(cat__png=b"x")),
    "a.xlsx": (1, zip_of(**{"xl/workbook__xml": b"x"})),
    # What lies beside data.
    "a.pdf": (2, b"%PDF"),
    "a.json": (2, b'{"images": [1]'),
    "a.jsonl": (2, b'{"image": [1]}\n'),
    "a.txt": (2, b"1 " * 17 + b"\n"),
    "a.html": (3, b"<html>"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_of_a_folder_data_are_named_before_archives_and_the_larger_file_first(
    tmp_path: Path, name: str
) -> None:
    rank, content = CONTENTS[name]
    others = {its_rank: other for other, (its_rank, _) in CONTENTS.items() if other != name}
    for its_rank, other in others.items():
        own, beside = tmp_path / name, tmp_path / f"b{other}"
        for larger in (own, beside):
            own.write_bytes(content)
            beside.write_bytes(CONTENTS[other][1])
            with larger.open("ab") as file:
                file.write(bytes(30_000))
            expected = larger if rank == its_rank else own if rank < its_rank else beside
            assert str(folder_refusal(tmp_path)).startswith(f"{expected}: this is"), other
        beside.unlink()


def test_two_hundred_files_of_a_folder_are_looked_at(tmp_path: Path) -> None:
    for at in range(199):
        (tmp_path / f"a{at:03}").touch()
    (tmp_path / "b.h5").write_bytes(HDF5)
    assert folder_refusal(tmp_path) is not None
    (tmp_path / "a999").touch()
    assert folder_refusal(tmp_path) is None
    for hidden in (".b.h5", "_b.h5", "~b.h5"):
        (tmp_path / "b.h5").rename(tmp_path / hidden)
        for at in range(199):
            (tmp_path / f"a{at:03}").unlink(missing_ok=True)
        assert folder_refusal(tmp_path) is None
        (tmp_path / hidden).rename(tmp_path / "b.h5")
    (tmp_path / "b.h5").unlink()
    (tmp_path / "folder.h5").mkdir()
    assert folder_refusal(tmp_path) is None


UTF_16 = "label,0\n".encode("utf-16")
NUMBERS = b"0.5 " * 17


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        # Marks in the middle, just there.
        ("a", bytes(257) + b"ustar" + bytes(250), kinds.TAR),
        ("a", bytes(256) + b"ustar" + bytes(251), None),
        ("a", b"\0\0\0\x18ftypheic", kinds.HEIC),
        ("a", b"\0\0\0\x18ftypavif" + b"isom", kinds.AVIF),
        ("a", b"\0\0\0\x18ftypcrx ", kinds.BRANDS[b"crx "]),
        ("a", b"\0\0\0\x18ftypmp42" + b"isom", kinds.VIDEO),
        ("a", b"\0\0\0ftypheic", None),
        ("a", bytes(16) + b"\xde\xc0\xef\xbe", kinds.LMDB),
        ("a", bytes(344) + b"n+1\0", kinds.NIFTI),
        ("a", bytes(128) + b"DICM", kinds.DICOM),
        ("a", b"RIFF\0\0\0\0AVI LIST", kinds.VIDEO),
        # A header of SafeTensors is no longer than the file.
        ("a", struct.pack("<Q", 12) + b'{"a"', kinds.SAFETENSORS),
        ("a", struct.pack("<Q", 13) + b'{"a"', None),
        # Text of two bytes a character, in both orders.
        ("a", UTF_16, kinds.UTF_16),
        ("a", b"\xfe\xff\0a\0b", kinds.UTF_16),
        ("a", b"\xfe\xff\0a", kinds.UTF_16),
        ("a", b"\xff\xfea\0", kinds.UTF_16),
        ("a", b"\xff\xfe1,2,3,\0", None),
        ("a", b"\xff\xfe1,2,3\0", kinds.UTF_16),
        # SVG behind the first line of XML, which else is a page.
        ("a", b" <?xml version='1.0'?><svg>", kinds.picture("a drawing in SVG")),
        ("a", b"<?xml version='1.0'?><p>", kinds.WEB_PAGE),
        # By names.
        ("x.tfrecord", bytes(4) + bytes(4), kinds.TFRECORD),
        ("x.tfrecord", bytes(4) + b"\1\0\0\0", None),
        ("x.dat", bytes(8), None),
        ("x.arrow", b"\xff\xff\xff\xff", kinds.ARROW_STREAM),
        ("x.arrow", b"\xff\xff\xff", None),
        ("x.dat", b"\xff\xff\xff\xff", None),
        ("data_batch_1.bin", bytes(9), kinds.CIFAR_BINARY),
        ("data.bin", bytes(9), None),
        ("batch.dat", bytes(9), None),
        ("x.joblib", b"x\x9c", kinds.JOBLIB),
        ("x.pkl", b"(dp0\n", kinds.PICKLE),
        ("x.pkl", b'{"a": 1}', kinds.PICKLE),
        ("x.joblib", pickle.dumps(1), kinds.JOBLIB),
        ("train", pickle.dumps(1), kinds.CIFAR),
        ("data_batch_2", pickle.dumps(1), kinds.CIFAR),
        ("trained", pickle.dumps(1), kinds.PICKLE),
        # JSON, in lines by its name or by how its first line ends.
        ("x.json", b' {"a":\n1}', kinds.JSON),
        ("x.json", b'{"a": 1} \n{"a": 2}', kinds.JSON_LINES),
        ("x.json", b"[1, 2]", kinds.JSON),
        ("x.json", b'[{"a": 1}\n]', kinds.JSON),
        ("x.jsonl", b'{"a":\n', kinds.JSON_LINES),
        ("x.jsonl", b"[1", kinds.JSON),
        # Tables of numbers.
        ("x", NUMBERS + b"\n", kinds.BLANKS),
        ("x", b"0.5 " * 16 + b"\n", None),
        ("x", NUMBERS + b",1\n", None),
        ("x", NUMBERS + b"word\n", None),
        ("x", b"\t".join([b"1"] * 15) + b" 2 3\n", kinds.BLANKS),
        ("x", b"\t".join([b"1"] * 16) + b" 2 3\n", None),
        ("x", b"5 1:0.5 9:1\n", kinds.LIBSVM),
    ],
)
def test_each_kind_is_known_by_its_mark(
    tmp_path: Path, name: str, content: bytes, kind: kinds.FileKind | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert kind_of(path) == kind


def one_hot(pixels: int, classes: int, at: int) -> bytes:
    """A row of pixels and of a column a class."""
    return b" ".join([b"0.5"] * pixels + [b"01"[k == at :][:1] for k in range(classes)]) + b"\n"


@pytest.mark.parametrize(
    ("rows", "classes"),
    [
        ([one_hot(16, 2, 0), one_hot(16, 2, 1)], 2),
        ([one_hot(16, 10, 9), one_hot(16, 10, 0)], 10),
        ([one_hot(16, 36, 35), one_hot(16, 36, 0)], 36),
        ([one_hot(16, 37, 36), one_hot(16, 37, 0)], 0),
        ([one_hot(15, 10, 9), one_hot(15, 10, 0)], 0),
        ([one_hot(16, 10, 9), one_hot(16, 10, 10)], 0),
        # Of a row that is cut off nothing is said.
        ([one_hot(16, 10, 9), one_hot(16, 10, 0)[:-8]], 10),
        ([one_hot(0, 20, 0), one_hot(0, 20, 0)], 0),
        ([one_hot(1, 16, 0), one_hot(1, 16, 0)], 16),
    ],
)
def test_columns_of_a_class_each_at_the_end_are_found(
    tmp_path: Path, rows: list[bytes], classes: int
) -> None:
    path = tmp_path / "x.data"
    path.write_bytes(b"".join(rows))
    assert kind_of(path) == (kinds.blanks_and_one_hot(classes) if classes else kinds.BLANKS)


def test_the_columns_are_looked_for_in_the_first_32_kilobytes(tmp_path: Path) -> None:
    path, row = tmp_path / "x.data", one_hot(16, 10, 9)
    rows = -(-(2**15) // len(row))
    assert rows * len(row) > 2**15 > (rows - 1) * len(row)
    odd = one_hot(16, 10, 10)
    path.write_bytes(row * (rows - 1) + odd)
    assert kind_of(path) == kinds.blanks_and_one_hot(10)
    path.write_bytes(row * (rows - 2) + odd + row)
    assert kind_of(path) == kinds.BLANKS


def test_forty_files_of_a_tar_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    for others, kind in ((39, kinds.WEBDATASET), (40, kinds.TAR)):
        path.write_bytes(tar_of(*(f"{at}.txt" for at in range(others)), "a.cls"))
        assert kind_of(path) == kind
    path.write_bytes(tar_of("A.PNG"))
    assert kind_of(path) == kinds.TAR_OF_PICTURES
    # The name ends with its hundredth byte; a damaged size ends the look.
    long = tar_of("a" * 96 + ".png", "b.cls")
    path.write_bytes(long)
    assert kind_of(path) == kinds.WEBDATASET
    path.write_bytes(long[:124] + b"x" * 12 + long[136:])
    assert kind_of(path) == kinds.TAR_OF_PICTURES
    # Sizes are octal, and files fill blocks of 512 bytes.
    for size, blocks in ((0, 0), (1, 1), (512, 1), (513, 2), (2000, 4)):
        first = long[:124] + b"%011o\0" % size + long[136:512] + bytes(512 * blocks)
        path.write_bytes(first + tar_of("b.cls"))
        assert kind_of(path) == kinds.WEBDATASET, size
    # Behind a file of a gigabyte, which isn't there, there is no other.
    path.write_bytes(long[:124] + b"10000000000\0" + long[136:])
    assert kind_of(path) == kinds.TAR_OF_PICTURES


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["archive/data.pkl"], kinds.PYTORCH),
        (["x.npy", "cat.png"], None),
        ([], None),
        (["xl/workbook.xml"], kinds.SPREADSHEET),
        (["readme", "CAT.PNG"], kinds.ZIP_OF_PICTURES),
        (["b.CSV"], kinds.packed("a zip of CSV files", "unzip FILE")),
        (["readme"], kinds.packed("a zip without arrays (readme …)", "unzip FILE")),
    ],
)
def test_a_zip_is_known_by_what_is_in_it(
    tmp_path: Path, names: list[str], kind: kinds.FileKind | None
) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    assert kind_of(tmp_path / "a") == kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pickle.dumps(1), kinds.PACKED_PICKLE),
        (tar_of("readme"), kinds.PACKED_TAR),
        (bytes(344) + b"n+1\0", kinds.NIFTI),
        (b"<html>", kinds.WEB_PAGE),
        (NUMBERS + b"\n", kinds.BLANKS),
        (b"text", None),
    ],
)
def test_what_is_packed_is_known_by_what_is_inside(
    tmp_path: Path, content: bytes, kind: kinds.FileKind | None
) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(content))
    assert kind_of(tmp_path / "a") == kind


def test_addresses_of_the_web_are_no_paths() -> None:
    for address in ("http://a/b", "https://a/b", "ftp://a/b", "s3://a/b"):
        refused = url_refusal(Path(address))
        assert refused is not None and "an address of the web" in str(refused)
    assert url_refusal(Path("httpd/a")) is None

"""Damaged and hostile files are read or refused in a sentence, soon, and in little memory."""

from __future__ import annotations

import gzip
import io
import json
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.data import fuzz
from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.errors import UserError
from tui_ae.run.folder import LOSSES, MOMENT, RunFolder
from tui_ae.run.manifest import NAME
from tui_ae.run.tensors import read_tensors

ROOT = Path(__file__).parents[2]
PICTURES = (
    *("png", "rgba.png", "palette.png", "deep.png", "jpg", "rgb.jpg", "tif", "packed.tif"),
    *("lzw.tif", "deep.tif", "float.tif", "gif", "bmp", "webp", "pgm", "jp2", "avif"),
    *("cmyk.jpg", "progressive.jpg", "jpeg.tif", "fax.tif", "packbits.tif", "lossless.webp"),
    *("ppm", "plain.pgm", "pbm", "rgb.bmp"),
)
OTHERS = (
    *("idx", "gzip idx", "npz", "stored npz", "npy", "csv", "csv folder", "label table"),
    *("run.toml", "moment", "state", "timeline", "losses", "kept data", "lock"),
    *("bzip2 npz", "lzma npz", "gzip csv", "emnist mapping", "downloads", "keras"),
    *("configuration", "remembered", "foreign"),
)

UNKNOWN = ("bzip2 npz", "lzma npz")
"""NumPy packs by neither, so arrays packed so are refused."""


def run_fuzz(*options: str, limit_s: float) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.data.fuzz", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    # Libraries of pictures complain on standard error.
    assert done.stdout, done.stderr[-2000:]
    *findings, summary = map(json.loads, done.stdout.splitlines())
    assert findings == []
    assert summary["found"] == 0 and summary["read"] > 0


def test_all_targets_are_tried() -> None:
    assert set(fuzz.targets()) == {*PICTURES, *OTHERS}


@pytest.mark.parametrize("name", [*OTHERS, *PICTURES])
def test_what_is_not_damaged_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in fuzz.HOMES:
        # So that it is as before afterwards.
        monkeypatch.setenv(variable, "")
    target = fuzz.targets()[name]
    fuzz.write(tmp_path, target.honest)
    if name in UNKNOWN:
        with pytest.raises(UserError, match="stored in an unknown way"):
            target.read(tmp_path)
        return
    assert not getattr(target.read(tmp_path), "skipped", ())


def test_some_damaged_files_of_each_kind() -> None:
    run_fuzz("--count", "15", limit_s=120)


@pytest.mark.slow
@pytest.mark.parametrize("target", [*OTHERS, *PICTURES])
def test_very_many_damaged_files(target: str) -> None:
    run_fuzz("--only", target, "--count", "20000", limit_s=1800)


@contextmanager
def refused(says: str, within_s: float = 2.0, room_bytes: int = fuzz.ROOM_BYTES) -> Iterator[None]:
    """What is within is refused, in little time of the processor and little memory."""
    tracemalloc.start()
    try:
        began = time.process_time()
        with pytest.raises(UserError, match=says) as caught:
            yield
        # Tracing slows it down several times.
        assert time.process_time() - began < 3 * within_s
        assert tracemalloc.get_traced_memory()[1] < room_bytes
        assert "\n" not in str(caught.value)
    finally:
        tracemalloc.stop()


def png_of(width: int, height: int, rows: bytes, depth: int = 8) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, packed without ever holding them."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, packer.flush()])


def endless_gzip(head: bytes, block: bytes, times: int) -> bytes:
    """A gzip of a head and very much of the same."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(head), *(packer.compress(block) for _ in range(times))]
    return b"".join([*parts, packer.flush()])


def lying_npy(count: int) -> bytes:
    out = io.BytesIO()
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, 28, 28)}}"
    padded = header.ljust(118 - 1) + "\n"
    out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded.encode())
    return out.getvalue()


def zip_bomb(members: int, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for place in range(members):
            with archive.open(f"x_{('train', 'val', 'test')[place]}.npy", "w") as file:
                file.write(lying_npy(size // 784))
                for _ in range(size >> 20):
                    file.write(bytes(1 << 20))
    return out.getvalue()


IDX_LIE = b"\0\0\x08\x03" + struct.pack(">3I", 4_000_000_000, 28, 28) + bytes(24)
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "images-idx3-ubyte": (lambda: IDX_LIE, "more than can be held"),
    "images-idx3-ubyte.gz": (lambda: gzip.compress(IDX_LIE), "more than can be held"),
    "endless-images-idx3-ubyte.gz": (
        lambda: endless_gzip(b"\0\0\x08\x03" + struct.pack(">3I", 100, 28, 28), bytes(1 << 20), 60),
        "more follow",
    ),
    "line.csv.gz": (
        lambda: endless_gzip(b"1,2,3,4,5,6", b"0," * (1 << 19), 60),
        "a row of more than",
    ),
    "lie.npz": (lambda: zip_of("x.npy", lying_npy(4_000_000)), "takes .* GiB|shorter than"),
    "a.npy": (lambda: lying_npy(4_000_000_000), "promises"),
    "long.npy": (lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(99), "can't be read"),
    "many.npz": (lambda: zip_of("x.npy", b"", 3000), "holds 3,000 arrays"),
    "crowd.npz": (lambda: zip_of_names(b"x.npy", 500_000), "a directory of 25,500,000 bytes"),
    "crowd.zip": (lambda: zip_of_names(b"x.txt", 500_000), "a directory of 25,500,000 bytes"),
}


def zip_of(name: str, content: bytes, count: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in range(count):
            archive.writestr(f"{place or ''}{name}", content)
    return out.getvalue()


def zip_of_names(name: bytes, count: int) -> bytes:
    """A zip that lists an empty file again and again, in 46 bytes and its name each time."""
    one = len(name)
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, one, 0) + name
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, *[0] * 7, one, *[0] * 6) + name
    size, at = len(entry) * count, len(head)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, at)
    place = struct.pack("<4sLQL", b"PK\6\7", 0, at + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    return b"".join([head, entry * count, wide, place, end])


@pytest.mark.parametrize("name", BOMBS)
def test_files_that_claim_or_unpack_to_far_too_much(tmp_path: Path, name: str) -> None:
    make, says = BOMBS[name]
    path = tmp_path / name
    path.write_bytes(make())
    with refused(says):
        load(Settings(data=path))


def test_a_packed_table_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_ae.data.table.FREE_BYTES", 1 << 20)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(endless_gzip(b"", b"1,2,3,4,5,6,7,8,9,9,9,9,9,9,9,9\n" * (1 << 15), 12))
    with refused("unpack to more than"):
        load(Settings(data=path))


def test_a_zip_of_several_large_arrays_is_refused_for_their_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_ae.data.npz.MAX_SOURCE_BYTES", 20 << 20)
    path = tmp_path / "a.npz"
    path.write_bytes(zip_bomb(3, 8 << 20))
    assert path.stat().st_size < 1 << 20
    with refused("its arrays take"):
        load(Settings(data=path))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: png_of(20_000, 20_000, zeros(48 << 20), depth=1), "can't be read"),
        (lambda: png_of(12_000, 12_000, zeros(138 << 20)), "too many to decode"),
        (lambda: png_of(8000, 8000, zlib.compress(bytes(99))), "more than its bytes can hold"),
        (lambda: png_of(2**31 - 1, 2**31 - 1, b""), "pixels|can't be read"),
    ],
)
def test_pictures_that_claim_or_unpack_to_far_too_much(
    tmp_path: Path, content: Callable[[], bytes], says: str
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(content())
    with refused(says):
        load(Settings(data=tmp_path))


def test_a_header_of_safetensors_that_claims_two_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", 2 << 30) + b"{}")
    with refused("would be its header"):
        read_tensors(path)
    # Also where the file is as long.
    with path.open("r+b") as file:
        file.truncate((2 << 30) + 8)
    with refused("would be its header"):
        read_tensors(path)


def run_at(folder: Path) -> RunFolder:
    fuzz.write(folder, fuzz.run_files())
    return RunFolder(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = 1\n" * (100 << 20 >> 4), "larger than"),
        (b".".join([b"a"] * 500_000) + b" = 1", "larger than"),
        (b".".join([b"a"] * 30_000) + b" = 1", "more than 200 dots"),
        (
            b"\n".join(b".".join([b"a"] * 200) + b"%d = 1" % at for at in range(150)),
            "no run|no TOML",
        ),
        (b"[" * 60_000, "no TOML"),
    ],
)
def test_descriptions_of_runs_that_take_long_to_read(
    tmp_path: Path, content: bytes, says: str
) -> None:
    run = run_at(tmp_path)
    (tmp_path / NAME).write_bytes(content)
    with refused(says):
        run.info()


def test_a_name_of_a_setting_is_quoted_in_part(tmp_path: Path) -> None:
    run = run_at(tmp_path)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes().replace(b"seed", b"7" * 5000))
    with refused("there is no setting '777+…"):
        run.info()


@pytest.mark.parametrize("epoch", [b"Infinity", b"1e999", b"-Infinity", b"NaN", b"[]", b"null"])
def test_an_epoch_that_is_no_number_ends_the_losses(tmp_path: Path, epoch: bytes) -> None:
    run = run_at(tmp_path)
    path = tmp_path / LOSSES
    path.write_bytes(path.read_bytes().replace(b'"epoch": 2', b'"epoch": ' + epoch))
    assert [losses.epoch for losses in run.losses()] == [1]


def test_a_class_that_is_no_number_is_told(tmp_path: Path) -> None:
    run = run_at(tmp_path)
    path = tmp_path / MOMENT
    content = path.read_bytes()
    assert b'"[1, 2]"' in content
    info = run.info()
    size = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + size].replace(b'"[1, 2]"', b'"[1e999]"').rstrip()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + content[8 + size :])
    with refused("does not fit to it"):
        run.snapshot(info)


SEEDS = [
    ("float.tif", 97), ("deep.tif", 97), ("deep.tif", 1950), ("float.tif", 364), ("gif", 30),
    ("jp2", 572), ("npz", 10364), ("npz", 12359),
    ("kept data", 2477), ("kept data", 2556), ("png", 2222),
    ("rgba.png", 633), ("losses", 159), ("run.toml", 1009),
]  # fmt: skip
"""Those that found something."""


def test_what_found_something_once_finds_nothing_now() -> None:
    names = [f"{target}:{number}" for target, number in SEEDS]
    run_fuzz("--seeds", *names, limit_s=60)


def test_a_reader_that_is_wrong_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "LIMIT_S", 0.05)

    def slow(_folder: Path) -> None:
        while True:
            np.zeros(9).sum()

    def wrong(_folder: Path) -> None:
        raise KeyError("a")

    def large(_folder: Path) -> None:
        try:
            raise MemoryError
        except MemoryError as error:
            raise UserError("refused") from error

    def many_lines(_folder: Path) -> None:
        raise UserError("a\nb")

    def right(_folder: Path) -> None:
        raise UserError("refused")

    found = [
        fuzz.attempt(fuzz.Target({}, (), reader), tmp_path)
        for reader in (slow, wrong, large, many_lines, right)
    ]
    assert found[0] == "too much time"
    assert found[1] == "KeyError: 'a'"
    assert found[2] == "too much memory"
    assert str(found[3]).startswith("an odd sentence")
    assert found[4] is None

"""Damages files at random and reads each in little memory: `python -m tests.data.fuzz`.

A reader may read a damaged file or refuse it in one sentence; anything else is a finding, which is
printed as a line of JSON and can be repeated by its target and number. So is what takes more than
two seconds of a processor, and what asks for more than 100 MB beside what honest files take.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import math
import os
import random
import re
import resource
import signal
import struct
import sys
import tarfile
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from PIL import Image

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.load import load
from tui_ae.errors import UserError

LIMIT_S = 2.0
ROOM_BYTES = 100 * 2**20
NUMBERS = (
    *(b"0", b"-1", b"1e999", b"-1e999", b"nan", b"inf", b"NaN", b"Infinity", b"null", b"true"),
    *(b"255", b"256", b"65536", b"4294967295", b"99999999999999999999", b"1e-400", b"0x10", b"1_0"),
)
MARKS = (b",", b'"', b"'", b"\n", b"\r\n", b";", b"=", b"[", b"]", b"{", b"}", b":", b"#", b"\0")
HEADS = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"\x93NUMPY",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"\0\0\x08\x03",
)
WORDS = (
    b'""',
    b"[]",
    b"{}",
    b"a",
    b"\xff",
    b"\x1b[31m",
    b"[[1]]",
    b"-",
    b"1979-05-27",
    b"\xef\xbb\xbf",
)
TOKEN = re.compile(rb"[\w.+-]+|\"[^\"]*\"")
HOMES = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "KERAS_HOME", "TERM")
"""Variables of the environment that say where a person's own folders are, and the terminal."""
INTEGERS = (0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63)


class Hang(BaseException):
    """Too much time; passes all that takes an exception for a damaged file."""


@dataclass(frozen=True)
class Target:
    """A reader."""

    honest: dict[str, bytes]
    """The files that it reads, by their path in its folder."""
    damaged: tuple[str, ...]
    """Those of them that are damaged."""
    read: Callable[[Path], object]
    inside: Callable[[random.Random, bytes], bytes] | None = None
    """Damages what is packed in a file, and packs it again."""


# --- damage ---------------------------------------------------------------------------------------


def damage(rng: random.Random, content: bytes) -> bytes:
    """A few changes of bytes, numbers and lengths."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        # The beginning, which says what all is, is hit as often as the rest.
        end = rng.choice((16, 64, 512, len(data), len(data)))
        at = rng.randrange(max(1, min(end, len(data))))
        match rng.randrange(10):
            case 0 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 1 if data:
                data[at % len(data)] = rng.choice(
                    (0, 1, 0x7F, 0x80, 0xFE, 0xFF, rng.randrange(256))
                )
            case 2:
                form = rng.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
                number = rng.choice(INTEGERS) % 2 ** (8 * struct.calcsize(form))
                data[at : at + struct.calcsize(form)] = struct.pack(form, number)
            case 3:
                del data[at : at + rng.choice((1, 2, 4, 16, 200))]
            case 4:
                data[at:at] = data[at : at + rng.choice((1, 4, 64, 1000))] * rng.choice((1, 1, 50))
            case 5:
                data[at:at] = rng.choice((*NUMBERS, *MARKS, *HEADS))
            case 6:
                digits = [place for place, byte in enumerate(data[:4000]) if 48 <= byte < 58]
                if digits:
                    place = rng.choice(digits)
                    data[place : place + rng.choice((1, 2, 3))] = rng.choice(NUMBERS)
            case 7:
                data[at:] = b"" if rng.random() < 0.5 else bytes(len(data) - at)
            case 8:
                other = rng.randrange(max(1, len(data)))
                size = rng.choice((1, 4, 32, 300))
                data[at : at + size] = data[other : other + size]
            case _:
                data += rng.choice((b"\0", b"\n", rng.randbytes(20), bytes(data[:200])))
    return bytes(data)


def damage_gzip(rng: random.Random, content: bytes) -> bytes:
    return gzip.compress(damage(rng, gzip.decompress(content)), 1)


def damage_npz(rng: random.Random, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                inner = old.read(name)
                inner = damage(rng, inner) if rng.random() < 0.6 else inner
                called = rng.choice((name, name, name, "x.npy", "y_train.npy", "arr_0.npy"))
                how = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
                new.writestr(called, inner, how)
    return out.getvalue()


def damage_packed_npz(rng: random.Random, content: bytes) -> bytes:
    """The same with arrays packed by what hardly anybody packs them by."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            inner = old.read(name)
            inner = damage(rng, inner) if rng.random() < 0.5 else inner
            new.writestr(name, inner, rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))
    return out.getvalue()


def damage_packed_text(rng: random.Random, content: bytes) -> bytes:
    return gzip.compress(damage_text(rng, gzip.decompress(content)), 1)


def damage_png(rng: random.Random, content: bytes) -> bytes:
    """Damage a chunk and make its checksum right again."""
    at, chunks = 8, []
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    place = rng.randrange(len(chunks))
    kind, inner = chunks[place]
    if kind == b"IDAT" and rng.random() < 0.5:
        inner = zlib.compress(damage(rng, zlib.decompress(inner)), 1)
    else:
        inner = damage(rng, inner)
    chunks[place] = (rng.choice((kind, kind, kind, b"tRNS", b"PLTE", b"iCCP", b"eXIf")), inner)
    if rng.random() < 0.2:
        chunks.insert(rng.randrange(len(chunks)), rng.choice(chunks))
    packed = [
        struct.pack(">I", len(inner)) + kind + inner + struct.pack(">I", zlib.crc32(kind + inner))
        for kind, inner in chunks
    ]
    return content[:8] + b"".join(packed)


def damage_foreign(rng: random.Random, content: bytes) -> bytes:
    """Damage what gzip has packed, or words."""
    if content.startswith(b"\x1f\x8b"):
        return damage_gzip(rng, content)
    return damage_text(rng, content)


def damage_text(rng: random.Random, content: bytes) -> bytes:
    """Put other numbers and words in the place of some."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        tokens = list(TOKEN.finditer(content[:20_000]))
        if not tokens:
            break
        token = rng.choice(tokens)
        other = rng.choice((*NUMBERS, *WORDS, rng.choice(tokens)[0], b"7" * rng.choice((30, 5000))))
        content = content[: token.start()] + other + content[token.end() :]
    return content


def damage_safetensors(rng: random.Random, content: bytes) -> bytes:
    """Damage the header and make its length right again."""
    size = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + size]
    match rng.randrange(3):
        case 0:
            header = damage(rng, header)
        case 1:
            header = damage_text(rng, header)
        case _:
            table = json.loads(header)
            about = table[rng.choice(sorted(table))]
            key = rng.choice(sorted(about))
            if isinstance(about[key], list) and about[key]:
                about[key][rng.randrange(len(about[key]))] = rng.choice((-1, *INTEGERS))
            elif key == "dtype":
                about[key] = rng.choice(("F64", "F16", "BF16", "I64", "BOOL", "F8_E4M3", "U8"))
            else:
                about[key] = rng.choice(
                    (*[w.decode("latin1") for w in (*NUMBERS, *WORDS)], "[1e999]", "[[]]")
                )
            header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + content[8 + size :]


# --- honest files ---------------------------------------------------------------------------------


def images(count: int = 12) -> np.ndarray[Any, np.dtype[np.uint8]]:
    values = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    values[:, ::2] = 0
    return values


def labels(count: int = 12) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return (np.arange(count) % 3).astype(np.uint8)


def idx_bytes(array: np.ndarray[Any, Any]) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def npy_bytes(array: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def repacked(content: bytes, how: int) -> bytes:
    """A zip packed by another method."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", how) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def npz_bytes(*, packed: bool) -> bytes:
    out = io.BytesIO()
    save = np.savez_compressed if packed else np.savez
    save(out, x_train=images(), y_train=labels(), class_names=np.array(["a", "b", "c"]))
    return out.getvalue()


def csv_bytes() -> bytes:
    rows = np.column_stack([labels(6), images(6).reshape(6, -1)]).tolist()
    header = ",".join(["label", *(f"pixel{at}" for at in range(784))])
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]).encode()


def picture_bytes(form: str, mode: str = "L", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(images(1)[0]).convert(mode).save(out, form, **options)
    return out.getvalue()


def deep_bytes(form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(images(1)[0].astype(np.uint16) * 257).save(out, form)
    return out.getvalue()


def plain_pgm_bytes() -> bytes:
    """In words, as hardly anybody writes them."""
    pixels = "\n".join(" ".join(map(str, row)) for row in images(1)[0].tolist())
    return f"P2\n# by hand\n28 28\n255\n{pixels}\n".encode()


def configuration_bytes() -> bytes:
    """All options and keys, as `tui-ae config init` begins a file, with each line in force."""
    from tui_ae.configure import template

    lines = [line for line in template().splitlines() if not line.startswith("## ")]
    return "\n".join(line.removeprefix("# ") for line in lines).encode()


def run_files() -> dict[str, bytes]:
    """The files of a small run."""
    from tui_ae.model.frozen import FrozenNetwork
    from tui_ae.run.folder import LOCK, RunFolder
    from tui_ae.run.info import RunInfo
    from tui_ae.run.losses import EpochLosses
    from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State
    from tui_ae.run.timeline import Moment

    # One name, so that the same number always is the same damage.
    settings = Settings(latent_dim=2, hidden=(3,), data=Path("/digits"))
    info = RunInfo("20200102-030405-abcdef", settings, data="digits")
    rng = np.random.default_rng(0)

    def half(widths: tuple[int, ...], *, sigmoid: bool) -> FrozenNetwork:
        weights = [rng.normal(size=shape).astype(np.float32) for shape in pairwise(widths)]
        biases = [np.zeros(units, np.float32) for units in widths[1:]]
        return FrozenNetwork(tuple(weights), tuple(biases), sigmoid)

    kept = Dataset(
        name="digits",
        images=Images(np.zeros((9, 784), np.float32)),
        labels=np.arange(9) % 3,
        class_names=("a", "b", "c"),
        labelled=True,
    )
    encoder = half(info.spec.widths, sigmoid=False)
    decoder = half(info.spec.widths[::-1], sigmoid=True)
    snapshot = Snapshot(
        info=info,
        state=State.PAUSED,
        epoch=3,
        batch=4,
        batches=25,
        loss=0.25,
        running_loss=math.nan,
        curves={TRAINING: LossCurve(np.zeros(0, int), np.zeros(0), math.nan, math.nan)},
        codes=rng.normal(size=(9, 2)).astype(np.float32),
        held_out_codes=rng.normal(size=(4, 2)).astype(np.float32),
        encoder=encoder,
        decoder=decoder,
        active_classes=frozenset({1, 2}),
        active_samples=9,
        samples_per_second=10.0,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        run.create(info, kept)
        losses = [EpochLosses(epoch, 1 / epoch, 1.1 / epoch) for epoch in (1, 2, 3)]
        run.save(snapshot, {"weights": rng.normal(size=(3, 4)), "step": np.array(7)}, losses)
        run.save_timeline([Moment(1, 0.5, encoder, decoder)])
        lock = (run.path / LOCK).read_bytes()
        run.unlock()
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()} | {LOCK: lock}


# --- targets --------------------------------------------------------------------------------------


def load_at(name: str) -> Callable[[Path], object]:
    """Loads a file, or '' for the folder, and looks at all that comes out."""

    def read(folder: Path) -> object:
        data = load(Settings(data=folder / name, held_out=0))
        pixels = data.images[:]
        assert np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1
        assert len(pixels) == len(data.labels) and data.labels.max() < len(data.class_names) <= 36
        assert all(name.isprintable() for name in (data.name, *data.class_names))
        return data

    return read


def at_home(folder: Path) -> None:
    """Have the person's own folders in this one."""
    os.environ.update(dict.fromkeys(HOMES, str(folder)) | {"TERM": "xterm"})


def read_named(name: str) -> Callable[[Path], object]:
    """Loads a set that lies where downloads go, or where Keras puts it."""

    def read(folder: Path) -> object:
        at_home(folder)
        return load_at("")(Path(name))

    return read


def read_configuration(folder: Path) -> object:
    """Reads what the configuration says as far as the screen and the network would have it."""
    from argparse import Namespace

    from tui_ae.chosen import look_of, settings_of
    from tui_ae.options import new_run_parser
    from tui_ae.preferences import read_options

    at_home(folder)
    options = Namespace()
    read_options(new_run_parser(), [], options)
    return settings_of(options), look_of(options)


def read_state(folder: Path) -> object:
    """Reads what the program itself remembers."""
    from tui_ae.config import GLYPHS
    from tui_ae.remembered import remember_glyphs, remembered_glyphs
    from tui_ae.run.kept_runs import kept_runs, note_elsewhere

    at_home(folder)
    assert remembered_glyphs() in (*GLYPHS, None)
    remember_glyphs("ascii")
    assert remembered_glyphs() == "ascii"
    found = list(kept_runs())
    note_elsewhere(folder / "run")
    return found, [run.path for run in kept_runs()].count(folder / "run") == 1


def tar_bytes() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("a.png", "b.cls"):
            about = tarfile.TarInfo(name)
            about.size = 700
            archive.addfile(about, io.BytesIO(bytes(700)))
    return out.getvalue()


def foreign_files() -> dict[str, bytes]:
    """Files of kinds that are named, not read: those into which one has to look for that."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in ("a.png", "b/c.csv", "data.pkl"):
            archive.writestr(name, b"text")
    header = b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'
    blanks = b"\n".join(b" ".join([b"0.5"] * 784 + [b"0", b"1"]) for _ in range(3))
    return {
        "a.zip": zipped.getvalue(),
        "a.tar": tar_bytes(),
        "a.tar.gz": gzip.compress(tar_bytes()),
        "a.data": blanks,
        "a.data.gz": gzip.compress(blanks),
        "a.arff": b"% remark\n% another\n@relation digits\n@attribute a numeric\n@data\n1,2\n",
        "a.libsvm": b"3 1:0.5 7:1 784:0.25\n2 3:1\n",
        "a.jsonl": b'{"image": [1, 2], "label": 3}\n{"image": [], "label": 1}\n',
        "a.safetensors": struct.pack("<Q", len(header)) + header,
        "a.csv": b'emotion,pixels,Usage\n0,"1 2 3 4 5 6 7 8 9 10 11 12",Training\n',
    }


def read_foreign(folder: Path) -> object:
    """Names what each file is, or reads it where damage has made it one that is read."""
    named = []
    for path in sorted(folder.iterdir()):
        try:
            load_at(path.name)(folder)
        except UserError as error:  # noqa: PERF203 - each file may be refused
            assert str(error).isprintable() and len(str(error)) < 2000, str(error)
            assert not _lacks_memory(error), "too much memory"
            named.append(str(error))
    return named


def read_run(folder: Path) -> object:
    """Reads all of a run."""
    from tui_ae.run.folder import RunFolder

    run = RunFolder(folder)
    info = run.info()
    snapshot = run.snapshot(info)
    run.cut_losses(2)
    assert run.is_written() in (False, True)
    if (holder := run.holder()) is not None:
        assert holder.words.isprintable()
    data = run.data("")
    assert len(data.labels) and data.labels.max() < len(data.class_names)
    return run.checkpoint(), run.timeline(info, 9, {}), snapshot, info.recipe


def targets() -> dict[str, Target]:
    pictures = {f"{at % 2}/{at}.png": picture_bytes("PNG") for at in range(3)}
    of_pictures = {
        "png": (picture_bytes("PNG"), damage_png),
        "rgba.png": (picture_bytes("PNG", "RGBA"), damage_png),
        "palette.png": (picture_bytes("PNG", "P"), damage_png),
        "deep.png": (deep_bytes("PNG"), damage_png),
        "jpg": (picture_bytes("JPEG"), None),
        "rgb.jpg": (picture_bytes("JPEG", "RGB"), None),
        "tif": (picture_bytes("TIFF"), None),
        "packed.tif": (picture_bytes("TIFF", "RGB", compression="tiff_deflate"), None),
        "lzw.tif": (picture_bytes("TIFF", compression="tiff_lzw"), None),
        "deep.tif": (deep_bytes("TIFF"), None),
        "float.tif": (picture_bytes("TIFF", "F"), None),
        "gif": (picture_bytes("GIF"), None),
        "bmp": (picture_bytes("BMP"), None),
        "webp": (picture_bytes("WEBP"), None),
        "pgm": (picture_bytes("PPM"), None),
        "jp2": (picture_bytes("JPEG2000"), None),
        "avif": (picture_bytes("AVIF"), None),
        "cmyk.jpg": (picture_bytes("JPEG", "CMYK"), None),
        "progressive.jpg": (picture_bytes("JPEG", "RGB", progressive=True), None),
        "jpeg.tif": (picture_bytes("TIFF", "RGB", compression="jpeg"), None),
        "fax.tif": (picture_bytes("TIFF", "1", compression="group4"), None),
        "packbits.tif": (picture_bytes("TIFF", "P", compression="packbits"), None),
        "lossless.webp": (picture_bytes("WEBP", "RGBA", lossless=True), None),
        "ppm": (picture_bytes("PPM", "RGB"), None),
        "plain.pgm": (plain_pgm_bytes(), damage_text),
        "pbm": (picture_bytes("PPM", "1"), None),
        "rgb.bmp": (picture_bytes("BMP", "RGB"), None),
    }
    run = run_files()
    arrays = {
        "a-images-idx3-ubyte": idx_bytes(images()),
        "a-labels-idx1-ubyte": idx_bytes(labels()),
    }
    packed = {f"{name}.gz": gzip.compress(content) for name, content in arrays.items()}
    table = "im0.png,cat\nim1.png,dog\nim2.png,cat\n"
    loose = {f"im{at}.png": picture_bytes("PNG") for at in range(3)}
    found = {
        "idx": Target(arrays, tuple(arrays), load_at("")),
        "gzip idx": Target(packed, tuple(packed), load_at(""), damage_gzip),
        "npz": Target({"a.npz": npz_bytes(packed=True)}, ("a.npz",), load_at("a.npz"), damage_npz),
        "stored npz": Target({"a.npz": npz_bytes(packed=False)}, ("a.npz",), load_at("a.npz")),
        "npy": Target(
            {"x.npy": npy_bytes(images()), "y.npy": npy_bytes(labels())},
            ("x.npy", "y.npy"),
            load_at("x.npy"),
        ),
        "csv": Target({"a.csv": csv_bytes()}, ("a.csv",), load_at("a.csv"), damage_text),
        "csv folder": Target(
            {"train.csv": csv_bytes(), "test.csv": csv_bytes()},
            ("train.csv",),
            load_at(""),
            damage_text,
        ),
        "label table": Target(
            {**loose, "a.csv": table.encode()}, ("a.csv",), load_at(""), damage_text
        ),
        "run.toml": Target(run, ("run.toml",), read_run, damage_text),
        "moment": Target(run, ("moment.safetensors",), read_run, damage_safetensors),
        "state": Target(run, ("state.safetensors",), read_run, damage_safetensors),
        "timeline": Target(run, ("epoch-00000001.safetensors",), read_run, damage_safetensors),
        "kept data": Target(run, ("data.safetensors",), read_run, damage_safetensors),
        "losses": Target(run, ("losses.jsonl",), read_run, damage_text),
    }
    npz = npz_bytes(packed=False)
    for how in ("bzip2", "lzma"):
        content = repacked(npz, getattr(zipfile, f"ZIP_{how.upper()}"))
        read, inside = load_at("a.npz"), damage_packed_npz
        found[f"{how} npz"] = Target({"a.npz": content}, ("a.npz",), read, inside)
    packed_csv = {"a.csv.gz": gzip.compress(csv_bytes())}
    read = load_at("a.csv.gz")
    found["gzip csv"] = Target(packed_csv, tuple(packed_csv), read, damage_packed_text)
    mapping = "emnist-letters-mapping.txt"
    emnist = {
        "emnist-letters-train-images-idx3-ubyte": idx_bytes(images()),
        "emnist-letters-train-labels-idx1-ubyte": idx_bytes(labels()),
        mapping: b"0 65 97\n1 66 98\n2 67\n",
    }
    found["emnist mapping"] = Target(emnist, (mapping,), load_at(""), damage_text)
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    cache = {
        f"tui_ae/datasets/mnist/{name}-ubyte.gz": gzip.compress(
            idx_bytes(images() if "images" in name else labels())
        )
        for name in names
    }
    found["downloads"] = Target(cache, tuple(cache), read_named("mnist"), damage_gzip)
    keras = {"datasets/kmnist.npz": npz_bytes(packed=True)}
    found["keras"] = Target(keras, tuple(keras), read_named("kmnist"), damage_npz)
    configuration = {"tui_ae/config.toml": configuration_bytes()}
    found["configuration"] = Target(
        configuration, tuple(configuration), read_configuration, damage_text
    )
    remembered = {
        "tui_ae/characters.json": b'{"xterm": "braille", "xterm-256color": "ascii"}',
        "tui_ae/elsewhere.json": b'["/", "run", "/nowhere"]',
        "run/run.toml": run["run.toml"],
    }
    found["remembered"] = Target(
        remembered, tuple(name for name in remembered if "json" in name), read_state, damage_text
    )
    found["lock"] = Target(run, ("lock",), read_run, damage_text)
    foreign = foreign_files()
    found["foreign"] = Target(foreign, tuple(foreign), read_foreign, damage_foreign)
    for name, (content, damage) in of_pictures.items():
        file = f"0/damaged.{name.rpartition('.')[2]}"
        found[name] = Target({**pictures, file: content}, (file,), load_at(""), damage)
    return found


# --- running --------------------------------------------------------------------------------------


def damaged_files(target: Target, number: int) -> dict[str, bytes]:
    """The files of the damaged set of this number."""
    rng = random.Random(number)
    name = rng.choice(target.damaged)
    content = target.honest[name]
    if target.inside is not None and rng.random() < 0.5:
        return {name: target.inside(rng, content)}
    return {name: damage(rng, content)}


def attempt(target: Target, folder: Path) -> str | None:
    """What is wrong with how the files in a folder are read; None where nothing is."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    try:
        data = target.read(folder)
        reasons = " ".join(skipped.reason for skipped in getattr(data, "skipped", ()))
        return "too much memory" if "MemoryError" in reasons else None
    except UserError as error:
        said = str(error)
        if not said or "\n" in said or len(said) > 2000:
            return f"an odd sentence: {said[:200]!r}"
        return "too much memory" if _lacks_memory(error) else None
    except Hang:
        return "too much time"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__}: {error}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _lacks_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def limit_memory() -> None:
    """Let this process take no more than a little beside what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def tell(**line: object) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="these targets; all without")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", nargs="*", help="instead of all these, such as npz:7")
    parser.add_argument("--keep", type=Path, help="a folder for the files that found something")
    options = parser.parse_args()
    known = targets()
    numbers = range(options.first, options.first + options.count)
    wanted = [(name, number) for name in options.only or known for number in numbers]
    if options.seeds:
        pairs = (seed.rpartition(":") for seed in options.seeds)
        wanted = [(name, int(number)) for name, _, number in pairs]
    found = 0
    with tempfile.TemporaryDirectory() as top:
        folders = {name: Path(top) / name.replace(" ", "-") for name, _ in wanted}
        for name, folder in folders.items():
            # Libraries take their room before the limit counts.
            write(folder, known[name].honest)
            wrong = attempt(known[name], folder)
            if wrong:
                found += 1
                tell(target=name, number="honest", wrong=wrong)
        limit_memory()
        for name, number in wanted:
            files = damaged_files(known[name], number)
            write(folders[name], known[name].honest | files)
            wrong = attempt(known[name], folders[name])
            if not wrong:
                continue
            found += 1
            tell(target=name, number=number, wrong=wrong)
            if options.keep:
                for file, content in files.items():
                    kept = f"{name.replace(' ', '-')}-{number}-{Path(file).name}"
                    write(options.keep, {kept: content})
    tell(read=len(wanted), found=found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

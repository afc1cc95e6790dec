"""What a file is that can't be read here, and how it becomes one that can."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

from tui_ae.data.source import brief
from tui_ae.errors import UserError
from tui_ae.streams import printable

HEAD_BYTES = 512
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
OLD_PYTORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""A pickle of the number that PyTorch's files before 1.6 begin with."""
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
SAVE = "np.savez('images.npz', images=x, labels=y)"
AGAIN = "download it again, from the address of the file itself."

Told = tuple[str, str]
"""What a file is, and what to do, in which FILE stands for its path."""


def _python(what: str, *steps: str) -> Told:
    """A file of which one line of Python makes an NPZ."""
    return what, f"make an NPZ of it, in Python: {'; '.join((*steps, SAVE))}"


BEGINNINGS: tuple[tuple[bytes, Told], ...] = (
    (
        b"\x89HDF",
        _python(
            "an HDF5 file",
            "import h5py, numpy as np",
            "f = h5py.File('FILE')",
            "print(list(f))",
            "x, y = f['x'][:], f['y'][:]",
        ),
    ),
    (
        b"MATLAB 5.0",
        _python(
            "a MATLAB file",
            "import scipy.io, numpy as np",
            "m = scipy.io.loadmat('FILE')",
            "print(list(m))",
            "x, y = m['X'], m['y']",
        ),
    ),
    (
        # HDF5 behind a first block of its own, which stores all axes the other way round.
        b"MATLAB 7.3",
        _python(
            "a MATLAB file",
            "import h5py, numpy as np",
            "m = h5py.File('FILE')",
            "print(list(m))",
            "x, y = m['X'][:].T, m['y'][:].ravel()",
        ),
    ),
    (
        b"PAR1",
        _python(
            "a Parquet file",
            "import io, numpy as np, pandas as pd",
            "from PIL import Image",
            "d = pd.read_parquet('FILE')",
            "x = np.stack([np.array(Image.open(io.BytesIO(i['bytes']))) for i in d['image']])",
            "y = d['label']",
        ),
    ),
    (
        b"ARROW1",
        _python(
            "an Arrow file",
            "import numpy as np, pandas as pd",
            "d = pd.read_feather('FILE')",
            "x, y = np.stack(d['image']), d['label']",
        ),
    ),
    (b"7z\xbc\xaf\x27\x1c", ("a 7-Zip archive", "unpack it first: 7z x FILE")),
    (b"Rar!", ("a RAR archive", "unpack it first: unrar x FILE")),
    (b"\xfd7zXZ", ("a file packed by xz", "unpack it first: unxz FILE")),
    (b"BZh", ("a file packed by bzip2", "unpack it first: bunzip2 FILE")),
    (b"\x28\xb5\x2f\xfd", ("a file packed by zstd", "unpack it first: unzstd FILE")),
    (b"<!doctype", ("a page of the web, not the data", AGAIN)),
    (b"<html", ("a page of the web, not the data", AGAIN)),
    (b"<?xml", ("a page of the web, not the data", AGAIN)),
)
"""First bytes, in lower case where they are words."""
INSIDE_GZIP: tuple[tuple[bytes, Told], ...] = (
    (
        b"\x1f\x8b",
        ("packed twice by gzip", "unpack it once, gunzip FILE, and give what comes out."),
    ),
    (b"PK", ("a zip packed by gzip", "unpack it first: gunzip FILE")),
    (b"\x93NUMPY", ("an array packed by gzip", "unpack it first: gunzip FILE")),
    (b"<!doctype", ("a page of the web, not the data", AGAIN)),
    (b"<html", ("a page of the web, not the data", AGAIN)),
)
PICKLE = _python(
    "a pickle, which may run any program when it is loaded, so it never is",
    "import pickle, numpy as np",
    "x, y = pickle.load(open('FILE', 'rb'), encoding='latin1')[:2]",
)
CIFAR = _python(
    "a batch of CIFAR, which is a pickle, and pickles are never loaded",
    "import pickle, numpy as np",
    "d = pickle.load(open('FILE', 'rb'), encoding='latin1')",
    "x = d['data'].reshape(-1, 3, 32, 32)",
    "y = d.get('labels', d.get('fine_labels'))",
)
PACKED_PICKLE = _python(
    "a pickle packed by gzip, and pickles are never loaded",
    "import gzip, pickle, numpy as np",
    "(x, y), *_ = pickle.load(gzip.open('FILE'), encoding='latin1')",
)
PYTORCH = _python(
    "a PyTorch file, which holds a pickle, and pickles are never loaded",
    "import torch, numpy as np",
    "x, y = torch.load('FILE')[:2]",
)


def refusal(path: Path) -> UserError | None:
    """The sentence for a file of a kind that is known but not read; None for others."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return None
    if head.startswith(b"PK"):
        told = _inside_zip(path)
    elif head.startswith(b"\x1f\x8b"):
        told = _inside_gzip(path)
    elif head.startswith(OLD_PYTORCH):
        told = PYTORCH
    elif head.startswith(PICKLES):
        told = CIFAR if "batch" in path.name or path.name in ("train", "test") else PICKLE
    else:
        told = _by_beginning(head, BEGINNINGS, "tar xf FILE")
    if told is None:
        return None
    what, advice = told
    sentence = f"{printable(path)}: this is {what}; {advice.replace('FILE', printable(path))}"
    return UserError(f"{sentence.rstrip('.')}.")


def url_refusal(path: Path) -> UserError | None:
    """The sentence for an address of the web; None for a path."""
    if not str(path).startswith(("http:/", "https:/", "ftp:/", "s3:/")):
        return None
    return UserError(
        f"{brief(path)}: this is an address of the web; download the file, and give its path."
    )


def _by_beginning(head: bytes, kinds: tuple[tuple[bytes, Told], ...], untar: str) -> Told | None:
    if head[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
        return "a tar archive", f"unpack it first: {untar}"
    words = head.lstrip().lower()
    return next(
        (told for magic, told in kinds if head.startswith(magic) or words.startswith(magic)), None
    )


def _inside_zip(path: Path) -> Told | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist()]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.endswith("data.pkl") for name in names):
        return PYTORCH
    if any(name.endswith(".npy") for name in names) or not names:
        return None
    if any(name.lower().endswith(PICTURES) for name in names):
        return "a zip of pictures", "unpack it, unzip FILE -d pictures, and give that folder."
    return f"a zip without arrays ({brief(names[0])} …)", "unpack it first: unzip FILE"


def _inside_gzip(path: Path) -> Told | None:
    try:
        with gzip.open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return None
    if head.startswith(PICKLES):
        return PACKED_PICKLE
    return _by_beginning(head, INSIDE_GZIP, "tar xzf FILE")

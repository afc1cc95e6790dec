"""The kinds of files that aren't read: how each is known, and how it becomes one that is."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAVE = "np.savez('images.npz', images=x, labels=y)"
SAVE_UNLABELLED = "np.savez('images.npz', images=x)"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file."""

    what: str
    """What it is, to end 'this is'."""
    advice: str
    """What to do; 'FILE' stands for the path in Python, FILE for that in a shell."""
    rank: int = 0
    """In a folder those of the lowest are named: data before archives before what lies beside."""


def python(what: str, *steps: str, save: str = SAVE, rank: int = 0) -> FileKind:
    """A file of which one line of Python makes an NPZ."""
    return FileKind(what, f"make an NPZ of it, in Python: {'; '.join((*steps, save))}", rank)


def packed(what: str, command: str) -> FileKind:
    """An archive."""
    return FileKind(what, f"unpack it first: {command}", 1)


def picture(what: str) -> FileKind:
    """A single picture of a format that isn't read; ImageMagick reads nearly all."""
    return FileKind(what, "make a PNG of it: magick FILE picture.png")


PILLOW = "from PIL import Image"
WEB_PAGE = FileKind(
    "a page of the web, not the data", "download it again, from the address of the file itself.", 3
)
VIDEO = FileKind("a video", "make pictures of it: mkdir frames; ffmpeg -i FILE frames/%05d.png")
HEIC = picture("a picture in HEIC")
AVIF = picture("a picture in AVIF")
HDF5 = python(
    "an HDF5 file",
    "import h5py, numpy as np",
    "f = h5py.File('FILE')",
    "print(list(f))",
    "x, y = f['x'][:], f['y'][:]",
)
NIFTI_MARK, NIFTI_MARK_AT = (b"n+1\0", b"ni1\0", b"n+2\0"), 344
NIFTI = python(
    "a NIfTI volume",
    "import nibabel, numpy as np",
    "x = np.moveaxis(nibabel.load('FILE').get_fdata(), -1, 0)",
    save=SAVE_UNLABELLED,
)
BEGINNINGS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\x89HDF", HDF5),
    (
        b"MATLAB 5.0",
        python(
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
        python(
            "a MATLAB file",
            "import h5py, numpy as np",
            "m = h5py.File('FILE')",
            "print(list(m))",
            "x, y = m['X'][:].T, m['y'][:].ravel()",
        ),
    ),
    (
        b"PAR1",
        python(
            "a Parquet file",
            "import io, numpy as np, pandas as pd",
            PILLOW,
            "d = pd.read_parquet('FILE')",
            "x = np.stack([np.array(Image.open(io.BytesIO(i['bytes']))) for i in d['image']])",
            "y = d['label']",
        ),
    ),
    (
        b"ARROW1",
        python(
            "an Arrow file",
            "import numpy as np, pandas as pd",
            "d = pd.read_feather('FILE')",
            "x, y = np.stack(d['image']), d['label']",
        ),
    ),
    (
        b"FEA1",
        python(
            "a Feather file",
            "import numpy as np, pandas as pd",
            "d = pd.read_feather('FILE')",
            "x, y = d.drop(columns='label').to_numpy(), d['label']",
        ),
    ),
    (
        b"SIMPLE  =",
        python(
            "a FITS file",
            "import numpy as np",
            "from astropy.io import fits",
            "x = fits.getdata('FILE')",
            save=SAVE_UNLABELLED,
        ),
    ),
    (
        b"@relation",
        python(
            "an ARFF file",
            "import numpy as np",
            "from scipy.io import arff",
            "a = np.array(arff.loadarff('FILE')[0].tolist())",
            "x, y = a[:, :-1].astype(float), a[:, -1]",
        ),
    ),
    (
        b"SQLite format 3",
        FileKind("an SQLite database", "write its pictures into folders, one folder a class"),
    ),
    (b"\0\0\0\x0cJXL ", picture("a picture in JPEG XL")),
    (b"\xff\x0a", picture("a picture in JPEG XL")),
    (b"8BPS", picture("a picture in PSD")),
    (b"v/1\x01", picture("a picture in OpenEXR")),
    (b"#?RADIANCE", picture("a picture in Radiance HDR")),
    (b"<svg", picture("a drawing in SVG")),
    (b"\0\0\x01\0", picture("an icon")),
    (b"%PDF", FileKind("a PDF", "make pictures of its pages: pdftoppm -png FILE page", 2)),
    (b"\x1aE\xdf\xa3", VIDEO),
    (b"\0\0\x01\xba", VIDEO),
    (b"\0\0\x01\xb3", VIDEO),
    (b"7z\xbc\xaf\x27\x1c", packed("a 7-Zip archive", "7z x FILE")),
    (b"Rar!", packed("a RAR archive", "unrar x FILE")),
    (b"\xfd7zXZ", packed("a file packed by xz", "unxz FILE")),
    (b"BZh", packed("a file packed by bzip2", "bunzip2 FILE")),
    (b"\x28\xb5\x2f\xfd", packed("a file packed by zstd", "unzstd FILE")),
    (b"\x1f\x9d", packed("a file packed by compress", "uncompress FILE")),
    (b"<!doctype", WEB_PAGE),
    (b"<html", WEB_PAGE),
    (b"<?xml", WEB_PAGE),
)
"""First bytes; text may begin with blanks, and in other case."""
INSIDE_GZIP: tuple[tuple[bytes, FileKind], ...] = (
    (
        b"\x1f\x8b",
        FileKind(
            "packed twice by gzip", "unpack it once, gunzip FILE, and give what comes out.", 1
        ),
    ),
    (b"PK", packed("a zip packed by gzip", "gunzip FILE")),
    (b"\x93NUMPY", packed("an array packed by gzip", "gunzip FILE")),
    (b"\x89HDF", packed("an HDF5 file packed by gzip", "gunzip FILE")),
    (b"@relation", packed("an ARFF file packed by gzip", "gunzip FILE")),
    (b"<!doctype", WEB_PAGE),
    (b"<html", WEB_PAGE),
)
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    b"crx ": picture("a camera's raw picture"),
}
"""The word behind 'ftyp' in a file of the family of MP4; others are videos."""
PICKLE = python(
    "a pickle, which may run any program when it is loaded, so it never is",
    "import pickle, numpy as np",
    "x, y = pickle.load(open('FILE', 'rb'), encoding='latin1')[:2]",
)
CIFAR = python(
    "a batch of CIFAR, which is a pickle, and pickles are never loaded",
    "import pickle, numpy as np",
    "d = pickle.load(open('FILE', 'rb'), encoding='latin1')",
    "x = d['data'].reshape(-1, 3, 32, 32)",
    "y = d.get('labels', d.get('fine_labels'))",
)
CIFAR_BINARY = python(
    "a batch of CIFAR",
    "import numpy as np",
    "a = np.fromfile('FILE', np.uint8).reshape(-1, 3073)",
    "x, y = a[:, 1:].reshape(-1, 3, 32, 32), a[:, 0]",
)
JOBLIB = python(
    "a file of joblib, which is a pickle, and pickles are never loaded",
    "import joblib, numpy as np",
    "x, y = joblib.load('FILE')[:2]",
)
PACKED_PICKLE = python(
    "a pickle packed by gzip, and pickles are never loaded",
    "import gzip, pickle, numpy as np",
    "(x, y), *_ = pickle.load(gzip.open('FILE'), encoding='latin1')",
)
PYTORCH = python(
    "a PyTorch file, which holds a pickle, and pickles are never loaded",
    "import torch, numpy as np",
    "x, y = torch.load('FILE')[:2]",
)
ARROW_STREAM = python(
    "an Arrow file",
    "import numpy as np",
    "from datasets import Dataset",
    "d = Dataset.from_file('FILE')",
    "x, y = np.stack([np.array(i) for i in d['image']]), d['label']",
)
TFRECORD = python(
    "a TFRecord file",
    "import numpy as np, tensorflow as tf",
    "d = [tf.train.Example.FromString(r.numpy()).features.feature "
    "for r in tf.data.TFRecordDataset('FILE')]",
    "print(list(d[0]))",
    "x = np.stack([tf.io.decode_image(e['image'].bytes_list.value[0]).numpy() for e in d])",
    "y = [e['label'].int64_list.value[0] for e in d]",
)
LMDB = python(
    "an LMDB database",
    "import io, lmdb, numpy as np",
    PILLOW,
    "t = lmdb.open('FILE', subdir=False, readonly=True, lock=False).begin()",
    "x = np.stack([np.array(Image.open(io.BytesIO(v)).convert('L').resize((28, 28))) "
    "for _, v in t.cursor()])",
    save=SAVE_UNLABELLED,
)
WEBDATASET = python(
    "a shard of WebDataset",
    "import numpy as np, webdataset as wds",
    "d = wds.WebDataset('FILE', shardshuffle=False).decode('pil').to_tuple('png;jpg;jpeg', 'cls')",
    "x, y = map(np.stack, zip(*((np.array(i.convert('L').resize((28, 28))), c) for i, c in d)))",
)
SAFETENSORS = python(
    "a SafeTensors file",
    "import numpy as np",
    "from safetensors.numpy import load_file",
    "d = load_file('FILE')",
    "print(list(d))",
    "x, y = d['images'], d['labels']",
)
JSON_LINES = python(
    "a file of JSON lines",
    "import json, numpy as np",
    "d = [json.loads(r) for r in open('FILE')]",
    "print(list(d[0]))",
    "x, y = np.array([r['image'] for r in d]), [r['label'] for r in d]",
    rank=2,
)
JSON = python(
    "a JSON file",
    "import json, numpy as np",
    "d = json.load(open('FILE'))",
    "print(list(d))",
    "x, y = np.array(d['images']), d['labels']",
    rank=2,
)
DICOM = python(
    "a DICOM picture",
    "import numpy as np, pydicom",
    "x = np.atleast_3d(pydicom.dcmread('FILE').pixel_array)",
    save=SAVE_UNLABELLED,
)
LIBSVM = python(
    "a table of LIBSVM",
    "import numpy as np",
    "from sklearn.datasets import load_svmlight_file",
    "x, y = load_svmlight_file('FILE', n_features=784)",
    "x = x.toarray()",
)
LIBSVM_LINE = re.compile(rb"\s*[-+]?[\d.]+(?: +\d+:[-+.\deE]+){2,}")


def blanks(columns: str) -> FileKind:
    """A table of numbers with blanks between them, and which columns are which."""
    return python(
        "a table separated by blanks",
        "import numpy as np",
        "a = np.loadtxt('FILE')",
        columns,
        rank=2,
    )


BLANKS = blanks("x, y = a[:, 1:], a[:, 0]")


def blanks_and_one_hot(classes: int) -> FileKind:
    """The same with the class at the end of each row, a column a class, as Semeion has it."""
    return blanks(f"x, y = a[:, :-{classes}], a[:, -{classes}:].argmax(1)")


PIXELS_IN_A_CELL = re.compile(rb"[^\n]*\bpixels\b[^\n]*\n[^\n]*?(?:\d+ ){60}", re.I)
TEXTS_OF_PIXELS = python(
    "a table with all pixels of an image in one cell",
    "import csv, numpy as np",
    "r = list(csv.DictReader(open('FILE')))",
    "x = np.array([i['pixels'].split() for i in r], np.uint8)",
    "y = [next(iter(i.values())) for i in r]",
)
UTF_16 = FileKind(
    "text in UTF-16, as Excel's Unicode text",
    "save it as CSV in UTF-8, in Python: "
    "open('table.csv', 'w').write(open('FILE', encoding='utf-16').read())",
)
MARKS = (
    (16, b"\xde\xc0\xef\xbe", LMDB),
    (NIFTI_MARK_AT, NIFTI_MARK, NIFTI),
    (128, b"DICM", DICOM),
    (8, b"AVI LIST", VIDEO),
)
"""Where each stands, the bytes there, and what they say."""
ENDS = {".joblib": JOBLIB, ".pkl": PICKLE, ".pickle": PICKLE}
"""The ends of names of kinds that begin in many ways."""
TAR_OF_PICTURES = FileKind(
    "a tar of pictures", "unpack it, mkdir pictures; tar xf FILE -C pictures, and give that folder."
)
TAR = packed("a tar archive", "tar xf FILE")
PACKED_TAR = packed("a packed tar archive", "tar xzf FILE")
ZIP_OF_PICTURES = FileKind(
    "a zip of pictures", "unpack it, unzip FILE -d pictures, and give that folder.", 1
)
SPREADSHEET = FileKind("a spreadsheet", "save it as CSV, a row an image", 1)
ZIPPED = {
    ".npz": "NPZ files",
    ".csv": "CSV files",
    ".csv.gz": "CSV files",
    "ubyte": "IDX files",
    "ubyte.gz": "IDX files",
    ".parquet": "Parquet files",
    ".mat": "MATLAB files",
    ".h5": "HDF5 files",
    ".zip": "zips",
    ".pkl": "pickles",
    ".tfrecord": "TFRecord files",
}
"""What lies in a zip, by the ends of names; what is unpacked is told of when it is given."""

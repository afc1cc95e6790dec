"""From a path, or none, to the images that a run trains on."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_ae.config import DATA_SETS, Settings, is_named
from tui_ae.data import array_folder as arrays
from tui_ae.data import idx, npy, npz
from tui_ae.data.arrays import SIDE
from tui_ae.data.classes import choose_labels, index_labels
from tui_ae.data.content import open_unpacked
from tui_ae.data.dataset import Dataset
from tui_ae.data.fit import fit_source
from tui_ae.data.folder import read_image_folder
from tui_ae.data.foreign import HEAD_BYTES, folder_refusal, refusal, url_refusal
from tui_ae.data.hold_out import hold_out
from tui_ae.data.layout import holds_images
from tui_ae.data.named import announcement, check_there, named_set, read_named
from tui_ae.data.picture import is_image
from tui_ae.data.progress import Cancellation, Progress, cancelling, portions, unheard
from tui_ae.data.source import Source, unreadable
from tui_ae.data.synthetic import draw_digits
from tui_ae.data.table import looks_like_table, read_table, read_table_folder, tables
from tui_ae.errors import UserError
from tui_ae.streams import printable

Reader = Callable[[Path, Progress], Source]
WHAT_TO_GIVE = "give an IDX, NPZ, NPY or CSV file, or a folder of such files or of images"
HELD_OUT_PER_CLASS = 64
"""Synthetic digits that never train, beside the 320 of each class that do."""
DEPTH, MOST_FOLDERS = 3, 200
"""How far a folder with images is looked for, to name it."""
PORTIONS = (0.7, 0.28, 0.02)
"""Shares of the time that reading, fitting and numbering the labels take."""
PORTIONS_OF_PICTURES = (0.97, 0.01, 0.02)
"""The same of a folder of pictures, which are fitted as they are read."""
PORTIONS_OF_MAPPED = (0.0, 0.98, 0.02)
"""The same of files that are not read before their values are looked at."""


def load(settings: Settings, progress: Progress = unheard) -> Dataset:
    """Load the images that the settings name; the synthetic digits where they name none.

    Args:
        settings: where the data are, and the seed of the synthetic digits.
        progress: told the share that is done, from 0 to 1, after every block. What it raises
            ends the loading and comes out as it is.

    Raises:
        UserError: the data can't be read, or can't be shown.
    """
    if settings.data is None:
        data = _draw(settings)
        progress(1.0)
        return data
    path = settings.data
    try:
        return _read(path, settings, cancelling(progress))
    except Cancellation as cancelled:
        reason = cancelled.reason
    except (OSError, MemoryError) as error:
        raise unreadable(path, error) from error
    try:
        raise reason
    finally:
        # Its traceback would hold this frame, which would hold it and all that was read.
        del reason


def check_path(path: Path) -> None:
    """Look whether a path can hold images, by its kind and first bytes; reads no images.

    Raises:
        UserError: nothing is there, it can't be read, or it is of no known kind.
    """
    if (known := named_set(path)) is not None:
        check_there(known)
    _reader(path)


def download_ahead(path: Path) -> str | None:
    """The sentence that the data have to be downloaded before they are read; None if not."""
    known = named_set(path)
    return announcement(known) if known is not None else None


def _draw(settings: Settings) -> Dataset:
    """The synthetic digits."""
    if settings.held_out is None:
        return draw_digits(settings.seed, held_out_per_class=HELD_OUT_PER_CLASS)
    data = draw_digits(settings.seed)
    source = Source(Path(data.name), data.name, (), None)
    return hold_out(data, source, settings.held_out, settings.seed)


def _read(path: Path, settings: Settings, progress: Progress) -> Dataset:
    reader = _reader(path)
    shares = PORTIONS_OF_PICTURES if reader is read_image_folder else PORTIONS
    reading = portions(progress, shares)[0]
    if reader is read_image_folder:
        source = read_image_folder(path, reading, settings.labels)
    else:
        source = reader(path, reading)
    source = choose_labels(source, settings.labels)
    _, fitting, numbering = portions(progress, PORTIONS_OF_MAPPED if source.is_mapped else shares)
    images, notes = fit_source(source, fitting)
    labels, values, names = index_labels(source, len(images), numbering)
    labels.flags.writeable = False
    progress(1.0)
    dataset = Dataset(
        name=source.name,
        images=images,
        labels=labels,
        class_names=names,
        labelled=source.labels is not None,
        notes=source.notes + notes,
        class_values=values,
        files=source.files,
        skipped=source.skipped,
    )
    return hold_out(dataset, source, settings.held_out, settings.seed)


def _reader(path: Path) -> Reader:
    """The reader for what lies at a path, or for a set of that name."""
    if is_named(path):
        return read_named
    try:
        if (refused := url_refusal(path)) is not None:
            raise refused
        if path.is_dir():
            return _folder_reader(path)
        if path.is_file():
            return _file_reader(path)
        exists = path.exists()
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise unreadable(path, error, WHAT_TO_GIVE) from error
    if exists:
        raise UserError(f"{printable(path)}: neither a file nor a folder; {WHAT_TO_GIVE}.")
    raise UserError(
        f"{printable(path)}: no such file or folder; {WHAT_TO_GIVE}, or one of the names "
        f"{', '.join(DATA_SETS)}."
    )


def _file_reader(path: Path) -> Reader:
    with path.open("rb") as file:
        head = file.read(len(npy.NPY_MAGIC))
    if not head:
        raise UserError(f"{printable(path)}: an empty file; {WHAT_TO_GIVE}.")
    if (refused := refusal(path)) is not None:
        raise refused
    if head.startswith(npz.ZIP_MAGIC):
        return npz.read_npz
    if head.startswith(npy.NPY_MAGIC):
        return npy.read_npy
    with open_unpacked(path) as file:
        start = file.read(HEAD_BYTES)
    if idx.looks_like_idx(start):
        return idx.read_file
    if looks_like_table(start):
        return read_table
    if is_image(path.name):
        raise UserError(
            f"{printable(path)}: a single image; give a folder of images, one folder a class."
        )
    size = path.stat().st_size
    if size % SIDE**2 == 0 and not start.isascii():
        raise UserError(
            f"{printable(path)}: not an IDX, NPZ, NPY or CSV file; if it is bytes without a "
            "header, make an NPZ of it, in Python: import numpy as np; x = np.fromfile("
            f"{printable(path)!r}, np.uint8).reshape(-1, {SIDE}, {SIDE}); "
            "np.savez('images.npz', images=x)."
        )
    raise UserError(f"{printable(path)}: not an IDX, NPZ, NPY or CSV file; {WHAT_TO_GIVE}.")


def _folder_reader(path: Path) -> Reader:
    if idx.image_files(path):
        return idx.read_folder
    if holds_images(path):
        return read_image_folder
    if arrays.array_files(path):
        return arrays.read_array_folder
    if tables(path):
        return read_table_folder
    if (refused := folder_refusal(path)) is not None:
        raise refused
    if not any(path.iterdir()):
        raise UserError(f"{printable(path)}: an empty folder; {WHAT_TO_GIVE}.")
    inner = next((p for p in _folders_below(path) if _holds_images(p)), None)
    below = () if inner else map(folder_refusal, _folders_below(path))
    if (refused := next(filter(None, below), None)) is not None:
        raise refused
    advice = f"give one of its folders, such as {printable(inner)}" if inner else WHAT_TO_GIVE
    raise UserError(f"{printable(path)}: a folder without images; {advice}.")


def _folders_below(path: Path) -> Iterator[Path]:
    """Folders in a folder, and in those, some levels deep, the nearer ones first."""
    level = [path]
    for _ in range(DEPTH):
        level = [
            inner
            for outer in level
            for inner in sorted(outer.iterdir())
            if inner.is_dir() and not inner.name.startswith(".")
        ][:MOST_FOLDERS]
        yield from level


def _holds_images(path: Path) -> bool:
    found = idx.image_files(path) or holds_images(path) or arrays.array_files(path)
    return bool(found or tables(path))

"""A folder of files of which each holds a split of one set, images and labels: read as one set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tui_ae.data import roles
from tui_ae.data.classes import is_fashion
from tui_ae.data.progress import Progress, portions
from tui_ae.data.source import Source
from tui_ae.errors import UserError
from tui_ae.streams import printable


def read_splits(
    files: Sequence[Path],
    read: Callable[[Path, Progress], Source],
    kind: str,
    folder: Path,
    progress: Progress,
) -> Source:
    """Read the files of images among `files`, training before validation before test.

    Args:
        files: All of one kind; those that are called labels are left to the reader of the images.
        read: Reads one file, with the labels beside it.
        kind: What the files are called, such as NPZ.
        folder: Where they lie.
        progress: Told after each block.

    Raises:
        UserError: nothing tells which file to read, or one can't be read.
    """
    named = [roles.Named(Path(path.name.removesuffix(".gz")).stem, (), "O") for path in files]
    images = [
        (name.split, path)
        for name, path in zip(named, files, strict=True)
        if name.rank(roles.LABEL_WORDS) is None or name.rank(roles.IMAGE_WORDS) is not None
    ]
    if any(split == "train" for split, _ in images):
        # Beside the splits there is often the whole again.
        images = [(split, path) for split, path in images if split]
    if not images or len({split for split, _ in images}) < len(images):
        raise UserError(
            f"{printable(folder)}: holds {len(files)} {kind} files; give one of them, "
            f"such as {printable(files[0])}."
        )
    images.sort(key=lambda pair: roles.ORDER.index(pair[0]) if pair[0] else -1)
    told = portions(progress, [path.stat().st_size for _, path in images])
    sources = [
        (split, read(path, of_file)) for (split, path), of_file in zip(images, told, strict=True)
    ]
    title = "Fashion-MNIST" if is_fashion(files[0]) else printable(folder.absolute().name)
    if len(sources) == 1:
        return replace(sources[0][1], path=folder, name=title)
    labelled = [(split, source) for split, source in sources if source.labels is not None]
    chosen = labelled or sources
    left_out = [source for _, source in sources if labelled and source.labels is None]
    used = " and ".join(printable(source.path.name) for _, source in chosen)
    notes = [f"Read {used}.", *(note for _, source in chosen for note in source.notes)]
    if left_out:
        names = " and ".join(printable(source.path.name) for source in left_out)
        notes.append(f"Left out {names}, for there are no labels of it.")
    labels = [source.labels for _, source in labelled if source.labels is not None]
    return replace(
        chosen[0][1],
        path=folder,
        name=title,
        parts=tuple(part for _, source in chosen for part in source.parts),
        labels=np.concatenate(labels) if labels else None,
        notes=tuple(dict.fromkeys(notes)),
        splits=tuple(split for split, source in chosen for _ in source.parts),
    )

"""The data of a run on disk: with its images where they are still there, else what it keeps."""

from __future__ import annotations

from collections.abc import Callable

from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.run.fingerprint import fingerprint
from tui_ae.run.folder import RunFolder
from tui_ae.run.snapshot import Snapshot


def data_of(folder: RunFolder, snapshot: Snapshot, load: Callable[[], Dataset]) -> Dataset:
    """What a run was trained on.

    Args:
        folder: Holds the run.
        snapshot: A moment of it.
        load: Reads the images again.

    Returns:
        What `load` gives; where that is gone or something else by now, what the run itself keeps,
        without images.

    Raises:
        UserError: it is, and the run keeps nothing of its data, or something that can't be.
    """
    before = snapshot.info.fingerprint
    try:
        dataset = load()
        why = misfit(snapshot, dataset)
        if before is not None and not why:
            why = before.difference(fingerprint(dataset))
    except UserError as error:
        # What follows tells which files could be given instead.
        why = str(error).rstrip(".").partition("; ")[0]
    if not why:
        return dataset
    return kept_data(folder, snapshot, f"the run's images can't be had ({why})")


def kept_data(folder: RunFolder, snapshot: Snapshot, missing: str) -> Dataset:
    """What a run keeps of its data; `missing` says why there are no images.

    Raises:
        UserError: it keeps nothing of them, or something that can't be.
    """
    try:
        kept = folder.data(missing)
    except UserError as error:
        raise UserError(f"{folder.path}: {missing}, and it keeps no labels.") from error
    if why := misfit(snapshot, kept):
        raise UserError(f"{folder.path}: what the run keeps of its data is damaged ({why}).")
    return kept


def misfit(snapshot: Snapshot, dataset: Dataset) -> str:
    """Why a moment can't be of this data set, as the end of a sentence; '' where it can."""
    apart = dataset.held_out
    then = (len(snapshot.codes), len(snapshot.held_out_codes))
    now = (len(dataset.images), len(apart.images) if apart else 0)
    if then != now:
        return (
            f"it has codes of {then[0]:,} images and {then[1]:,} held-out ones, and there are "
            f"{now[0]:,} and {now[1]:,} now"
        )
    if not snapshot.active_classes <= frozenset(range(len(dataset.class_names))):
        return f"it trains on other classes than the {len(dataset.class_names)} that there are now"
    return ""

"""Train an autoencoder with a 2-D bottleneck live in a terminal and explore what it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from tui_ae.export.trained import TrainedRun

__version__ = "0.1.0"


def load(run: str | os.PathLike[str] | None = None, *, images: bool = True) -> TrainedRun:
    """Open a run that was kept, as it was saved last; docs/exports.md has the shapes.

    Args:
        run: Its folder, or the beginning of its id; None means the one that was saved last.
        images: Whether to read the images that it was trained on, and their labels. Where they are
            gone, or others by now, the value's `notice` says so.

    Raises:
        tui_ae.errors.UserError: there is no such run, or it is damaged.
    """
    # NumPy and Pillow take longer to start than the command line may.
    from tui_ae.export.trained import open_run

    return open_run(run, images=images)

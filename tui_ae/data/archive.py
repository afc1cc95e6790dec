"""A zip, whose directory may be made to fill the memory."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tui_ae.data.bounded import BoundedFile

MAX_DIRECTORY_BYTES = 1 << 23
"""More than a hundred thousand names. Of each Python makes an object of half a kilobyte, ten times
what it takes in the file, within some microseconds."""


@contextlib.contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading.

    Raises:
        OSError: it can't be opened.
        zipfile.BadZipFile: it is none, or its directory is too large.
    """
    with _Zip(path) as file, zipfile.ZipFile(file) as archive:
        file.opened = True
        yield archive


class _Zip(BoundedFile):
    """Gives the directory, which zipfile reads at once when it opens, only where that is small."""

    opened = False

    def read(self, size: int | None = -1, /) -> bytes:
        """See BoundedFile."""
        if not self.opened and size is not None and size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile(f"a directory of {size:,} bytes")
        return super().read(size)

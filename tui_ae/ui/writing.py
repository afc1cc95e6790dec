"""Writes the files of a run in the background, for other programs."""

from __future__ import annotations

import threading
from pathlib import Path

from tui_ae.errors import UserError, reason


class Writing:
    """One export at a time; what there is to say of it is asked for."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._said: str | None = None

    @property
    def busy(self) -> bool:
        """Whether files are being written."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, kept: Path, to: Path) -> None:
        """Write all files of the run in the folder `kept` to the folder `to`, over earlier ones."""
        self._thread = threading.Thread(
            target=self._work, args=(kept, to), name="tui-ae-exporting", daemon=True
        )
        self._thread.start()

    def news(self) -> str | None:
        """What has come of it, once; None where there is nothing to say."""
        said, self._said = self._said, None
        return said

    def _work(self, kept: Path, to: Path) -> None:
        from tui_ae.export.export import export
        from tui_ae.run.folder import RunFolder

        try:
            done = export(RunFolder(kept), to, replaces=True)
        except UserError as error:
            self._said = str(error)
        except Exception as error:  # noqa: BLE001 - becomes a sentence on the screen
            self._said = f"The files could not be written: {reason(error)}."
        else:
            files = f"{len(done.names)} files of epoch {done.epoch:,}"
            more = f"; {done.left_out}" if done.left_out else "."
            self._said = f"Wrote {files} to {to.absolute()}{more}"

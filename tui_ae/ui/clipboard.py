"""Copies text for the person, wherever the program runs."""

from __future__ import annotations

import contextlib
import os
import subprocess

TMUX_S = 1.0
"""How long tmux may take."""


def copy_in_tmux(text: str) -> None:
    """Put text into tmux's own buffer, and let tmux hand it to its terminal's clipboard.

    It takes no clipboard from programs inside by default. Nothing happens outside of tmux.
    """
    if "TMUX" not in os.environ:
        return
    # Another tmux may be too old for it, or gone.
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(),
            timeout=TMUX_S,
            capture_output=True,
            check=False,
        )

"""The explorer from its first frame until the person leaves."""

from __future__ import annotations

import sys

from tui_ae.config import ScreenOptions, Settings
from tui_ae.errors import UserError
from tui_ae.link.driver import wire_driver
from tui_ae.streams import say
from tui_ae.ui.app import ExplorerApp

STOP_S = 3.0
"""How long quitting waits for the worker: many times the longest mini-batch."""


def run_app(settings: Settings, options: ScreenOptions) -> int:
    """Run the explorer on this terminal until the person leaves; returns the exit code."""
    app = ExplorerApp(settings, options, driver_class=wire_driver(options.link, options.log))
    app.run()
    ended = app.session.stop(STOP_S)
    error = app.start_error
    if isinstance(error, UserError):
        say(str(error), sys.stderr)
        return 2
    if error is not None:
        raise error
    if not ended:
        say("the training thread did not end in time.", sys.stderr)
    return app.return_code or 0

"""The command line that repeats a run exactly."""

from __future__ import annotations

import shlex
from dataclasses import fields

from tui_ae.config import Settings

FLAGS = {"learning_rate": "--lr"}
"""The options that are not called as their setting is."""


def flag(name: str) -> str:
    """The option of a setting, such as --batch-size."""
    return FLAGS.get(name, f"--{name.replace('_', '-')}")


def command_line(settings: Settings, *, processes: int = 1, configured: bool = False) -> str:
    """What to type, quoted for a shell, with the options alone that aren't what they are anyway.

    Args:
        settings: Of the run.
        processes: How many train it together.
        configured: Whether the person has other settings than usual, which the command leaves out.
    """
    words = ["tui-ae"]
    if processes > 1:
        # Behind the dashes nothing is taken for an option of torchrun's own.
        words = ["torchrun", "--nproc-per-node", str(processes), "-m", "--", "tui_ae", "--headless"]
    words += ["--no-config"] if configured else []
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if value == field.default:
            continue
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        # With an equals sign a value may be empty or begin with a dash.
        plain = text and not text.startswith("-")
        words += [flag(field.name), text] if plain else [f"{flag(field.name)}={text}"]
    return shlex.join(words)

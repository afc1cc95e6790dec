"""What was read from the command line, environment and configuration, as Settings and a look."""

from __future__ import annotations

import argparse
import codecs
import locale
import os

from tui_ae.config import GLYPHS, GlyphSet, ScreenOptions, Settings, check_choice
from tui_ae.errors import UserError
from tui_ae.remembered import remembered_glyphs
from tui_ae.writable import check_writable

TMUX_HINT = (
    "tmux was started without UTF-8, so characters are ASCII: "
    "export LANG=C.UTF-8, and start tmux -u."
)


def settings_of(options: argparse.Namespace) -> Settings:
    """What the options say of the training.

    Raises:
        UserError: a value can't be.
    """
    return Settings(
        data=options.data,
        labels=options.labels,
        held_out=options.held_out,
        seed=options.seed,
        batch_size=options.batch_size,
        learning_rate=options.lr,
        device=options.device,
        recipe=options.recipe,
        latent_dim=options.latent_dim,
        hidden=options.hidden,
        kind=options.kind,
        objective=options.objective,
        beta=options.beta,
    )


def look_of(options: argparse.Namespace) -> ScreenOptions:
    """What the command line says of the screen.

    Raises:
        UserError: a value can't be.
    """
    free = options.glyphs == "auto" and not options.ascii
    look = ScreenOptions(
        link=options.link,
        stats=options.stats,
        log=options.log,
        glyphs=_glyphs(options),
        theme=options.theme,
        colours=options.colours,
        configured=options.configured,
        hint=TMUX_HINT if free and _is_tmux_dumb() else "",
        keys=options.keys,
    )
    if options.log is not None:
        check_writable("--log", options.log)
    if options.keys:
        from tui_ae.ui.actions import KeyMapError, Keys

        try:
            Keys(options.keys)
        except KeyMapError as error:
            where = options.preferences["keys"].parts[error.action]
            raise UserError(f"{where}: {error}") from error
    return look


def _glyphs(options: argparse.Namespace) -> GlyphSet:
    """The characters that the person, or else the locale and the terminal, allow."""
    if options.ascii or (options.glyphs == "auto" and not _utf8()):
        return "ascii"
    if options.glyphs != "auto":
        check_choice("glyphs", options.glyphs, ("auto", *GLYPHS))
        chosen: GlyphSet = options.glyphs
        return chosen
    if (remembered := remembered_glyphs()) is not None:
        return remembered
    # The fonts of the Linux console have no braille.
    return "blocks" if os.environ.get("TERM") == "linux" else "braille"


def _is_tmux_dumb() -> bool:
    """Whether tmux turns all but ASCII into underscores: it goes by the same empty environment."""
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    return coerced and "TMUX" in os.environ and not os.environ.get("LANG")


def _utf8() -> bool:
    """Whether the terminal is told to expect UTF-8, as the locale has it."""
    # Python itself turns LANG=C into LC_CTYPE=C.UTF-8, but who writes LANG=C wants plain ASCII;
    # an empty environment, as containers have it, says nothing about the terminal.
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    if coerced and os.environ.get("LANG") in ("C", "POSIX"):
        return False
    if _is_tmux_dumb():
        return False
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return False
    name = locale.nl_langinfo(locale.CODESET) if hasattr(locale, "nl_langinfo") else "utf-8"
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:
        return False

"""The three looks: dark, light, and the terminal's own colours."""

from __future__ import annotations

from dataclasses import dataclass

from textual.theme import BUILTIN_THEMES, Theme

from tui_ae.raster.grid import DEFAULT


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of one look, 0xRRGGBB, or DEFAULT for the terminal's own.

    All lie on the 256-colour cube or its grey ramp, so that a terminal without truecolor shows
    exactly these.
    """

    dark: bool
    """Whether class colours are chosen for a dark background."""
    background: int
    text: int
    muted: int
    """Units, hints, axes: readable, but not first."""
    faint: int
    """Rules and tick marks."""
    title: int
    accent: int
    """The probe, and the pane that has the focus."""
    sample: int
    """The monitored sample's halo and crosshair."""
    curve: int
    good: int
    warning: int
    error: int


DARK = Tones(
    dark=True,
    background=0x121212,
    text=0xDADADA,
    muted=0x949494,
    faint=0x4E4E4E,
    title=0xAFD7AF,
    accent=0xFFAF5F,
    sample=0xFFFFFF,
    curve=0x87D7AF,
    good=0x87D787,
    warning=0xFFD75F,
    error=0xFF8787,
)

LIGHT = Tones(
    dark=False,
    background=0xFFFFFF,
    text=0x262626,
    muted=0x626262,
    faint=0xB2B2B2,
    title=0x005F00,
    accent=0xAF5F00,
    sample=0x000000,
    curve=0x005F5F,
    good=0x005F00,
    warning=0x875F00,
    error=0xAF0000,
)

TERMINAL = Tones(
    dark=True,
    background=DEFAULT,
    text=DEFAULT,
    muted=DEFAULT,
    faint=0x808080,
    title=DEFAULT,
    accent=0xD78700,
    sample=DEFAULT,
    curve=DEFAULT,
    good=0x5FAF5F,
    warning=0xD78700,
    error=0xD75F5F,
)

TONES = {"dark": DARK, "light": LIGHT, "terminal": TERMINAL}
NAMES = tuple(TONES)


def _css(colour: int) -> str:
    return "ansi_default" if colour == DEFAULT else f"#{colour:06x}"


def textual_theme(name: str) -> Theme:
    """The Textual theme that gives dialogs and scroll bars the look called `name`."""
    tones = TONES[name]
    return Theme(
        name=name,
        dark=tones.dark,
        ansi=tones.background == DEFAULT,
        primary=_css(tones.title),
        secondary=_css(tones.curve),
        accent=_css(tones.accent),
        foreground=_css(tones.text),
        background=_css(tones.background),
        surface=_css(tones.background),
        panel=_css(tones.background),
        boost=_css(tones.background),
        success=_css(tones.good),
        warning=_css(tones.warning),
        error=_css(tones.error),
        variables={
            **BUILTIN_THEMES["ansi-dark" if tones.dark else "ansi-light"].variables,
            "muted": _css(tones.muted),
            "faint": _css(tones.faint),
            "scrollbar": _css(tones.faint),
            "scrollbar-hover": _css(tones.muted),
            "scrollbar-active": _css(tones.muted),
            "scrollbar-background": _css(tones.background),
            "scrollbar-background-hover": _css(tones.background),
            "scrollbar-background-active": _css(tones.background),
            "scrollbar-corner-color": _css(tones.background),
        },
    )

"""The screens' words where only ASCII is safe."""

from __future__ import annotations

from tui_ae.ui.lettering import in_ascii

WORDS = {
    "←↓↑→": "arrows",
    "←→": "arrows",
    "↑↓": "arrows",
    "Σ": "sum",
    "²": "^2",
    "°": " deg",
    "₁": "1",
    "₂": "2",
    "−": "-",
    "·": "-",
    "×": "x",
    "≈": "~",
    "…": "...",
    "▸": ">",
    "↑": "^",
    "─": "-",
    "│": "|",
    "└": "`",
    "●": "[x]",
    "○": "[ ]",
}
"""What stands for each sign that the screens use, the longest first."""


def plain(text: str, ascii_only: bool = True) -> str:
    """`text` in ASCII, signs written as words; unchanged where `ascii_only` is False."""
    if not ascii_only or text.isascii():
        return text
    for sign, word in WORDS.items():
        text = text.replace(sign, word)
    return "\n".join(map(in_ascii, text.split("\n")))

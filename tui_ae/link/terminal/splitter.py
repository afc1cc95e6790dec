"""Cuts what comes from the terminal into whole keys, sequences and pastes; nothing stays open.

Bytes get lost on the way, and terminals send what nobody asked for. A key parser that waits for the
end of a paste, or of an answer, would take every later key for a part of it. Here each sequence has
an end, in time and in size, and what does not come to a good one is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPEN_S = 1.0
"""How long a sequence may wait for its end."""
PASTE_GAP_S = 0.5
"""A paste ends where nothing of it has come for so long."""
PASTE_RATE = 500.0
"""Characters a second of which a paste may last longer: nobody types as fast, and 9,600 baud carry
twice as much."""
MAX_SEQUENCE = 8192
MAX_PASTE = 1 << 20

SEQUENCE = re.compile(
    r"\x1b\[M[^\x1b]{3}"  # the mouse, in the oldest form
    r"|\x1b\[(?!M)[0-?]*[ -/]*[@-~]"
    r"|\x1bO[ -~]"
    r"|\x1b\\"  # the end of a string that was given up
    r"|\x1b[\]PX^_][^\x07\x1b\x03\x18\x1a]*(?:\x07|\x1b\\)"
)
BEGINNING = re.compile(
    r"\x1b\[(?:M[^\x1b]{0,2}|[0-?]*[ -/]*)\Z|\x1bO\Z|\x1b[\]PX^_][^\x07\x1b\x03\x18\x1a]*\x1b?\Z"
)
BROKEN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O|[\]PX^_][^\x07\x1b\x03\x18\x1a]*)")
"""What is left out of a sequence that something else has broken off."""
STRINGS = ("\x1b]", "\x1bP", "\x1bX", "\x1b^", "\x1b_")
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"
LEAVES_PASTE = re.compile(r"\x03|\x1b(?!\[201~)(?=[^\[]|\[[^2]|\[2[^0])")
"""Ctrl+c, and esc; terminals take both out of what they paste."""

KITTY = re.compile(r"\x1b\[(\d*)(?::[\d:]*)?(?:;(\d*)(?::(\d*))?(?:;([\d:]*))?)?([u~A-HPQS])")
"""Key with alternatives; modifiers and kind of event; text; see the keyboard protocol of kitty."""
RELEASED = "3"
LAST_CHARACTER = 0x10FFFF
KEYPAD = dict(zip("jklmnopqrstuvwxyXM", "*+,-./0123456789=\r", strict=True))
"""What the keypad's keys send in application mode, behind ESC O, and what is printed on them."""
KITTY_KEYPAD = dict(zip(range(57399, 57416), "0123456789./*-+\r=", strict=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the terminal answered to a question that is not about the cursor."""

    sequence: str


Piece = str | Answer
"""A string is a run of characters, one whole sequence, one whole paste, or a pressed esc."""


class Splitter:
    """Takes text in whatever parts it is read; gives whole pieces."""

    def __init__(self) -> None:
        self._held = ""
        """The beginning of a sequence, or a paste that is still coming."""
        self._since = self._fed = 0.0
        """When the open sequence began, and when the last of it came."""

    def feed(self, text: str, now: float) -> list[Piece]:
        """Take what was read at `now`; a lone ESC at its end has been pressed."""
        if not text:
            return []
        began, self._held = self._held, ""
        rest, pieces = began + text, list[Piece]()
        while rest:
            before = rest
            rest = self._take(rest, pieces)
            if rest == before:
                break
        self._fed = now
        if rest and not (began and rest.startswith(began)):
            self._since = now
        self._held = _bounded(rest)
        self.expire(now)
        return pieces

    def expire(self, now: float) -> None:
        """Leave out a sequence whose end did not come in time."""
        if self.wait_s(now) == 0.0:
            self._held = ""

    def wait_s(self, now: float) -> float | None:
        """Seconds until an open sequence is given up; None where none is open."""
        if not self._held:
            return None
        end_s = self._since + OPEN_S
        if self._held.startswith(PASTE_BEGIN):
            end_s = min(end_s + len(self._held) / PASTE_RATE, self._fed + PASTE_GAP_S)
        return max(0.0, end_s - now)

    def _take(self, text: str, pieces: list[Piece]) -> str:
        """Take a piece off the beginning; returns the rest, all of it where its end is missing."""
        start = text.find("\x1b")
        if start != 0:
            end = len(text) if start < 0 else start
            pieces.append(text[:end])
            return text[end:]
        if text.startswith(PASTE_BEGIN):
            return self._take_paste(text, pieces)
        if match := SEQUENCE.match(text):
            pieces.extend(_understood(match[0]))
            return text[match.end() :]
        if BEGINNING.match(text):
            return text
        if broken := BROKEN.match(text):
            return text[broken.end() :]
        # The key; what follows is another one.
        pieces.append("\x1b")
        return text[1:]

    def _take_paste(self, text: str, pieces: list[Piece]) -> str:
        left = LEAVES_PASTE.search(text, len(PASTE_BEGIN))
        end = text.find(PASTE_END)
        if end >= 0 and (left is None or end < left.start()):
            end += len(PASTE_END)
            pieces.append(text[:end])
            return text[end:]
        if left is not None:
            return text[left.start() :]
        return text


def _bounded(held: str) -> str:
    """What is kept of an open sequence: the end of one that is too long is all that matters."""
    if held.startswith(PASTE_BEGIN):
        return PASTE_BEGIN if len(held) > MAX_PASTE else held
    return held[:2] if len(held) > MAX_SEQUENCE else held


def _understood(sequence: str) -> Iterator[Piece]:
    """The sequence in a form that key parsers know; nothing for one that is no key."""
    if sequence.startswith(STRINGS):
        yield Answer(sequence)
    elif sequence in (PASTE_END, "\x1b\\"):
        # Of a paste or a string that was given up.
        return
    elif sequence.startswith("\x1bO") and sequence[2] in KEYPAD:
        yield KEYPAD[sequence[2]]
    elif match := KITTY.fullmatch(sequence):
        yield from _key(*match.groups(default=""))
    else:
        yield sequence


def _key(code: str, modifiers: str, event: str, text: str, final: str) -> Iterator[str]:
    """A key of kitty's protocol, without what tells of its release and of other layouts."""
    numbers = [int(part) for part in (code, *text.split(":")) if part]
    if event == RELEASED or any(
        number > LAST_CHARACTER or 0xD800 <= number < 0xE000 for number in numbers
    ):
        return
    if final == "u" and int(code or 1) in KITTY_KEYPAD:
        yield KITTY_KEYPAD[int(code)]
        return
    if final == "u" and not code:
        return
    parts = [code, modifiers, text]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    yield f"\x1b[{';'.join(parts)}{final}"

"""Takes the terminal's cursor reports out of what is typed, before any key parser sees them."""

from __future__ import annotations

import re

REPORT = re.compile(r"\x1b\[(\d{1,4});(\d{1,4})R")
PARTIAL = re.compile(r"\x1b(?:\[(?:\d{1,4}(?:;\d{0,4})?)?)?\Z")
HOLD_S = 0.1
"""How long a lone ESC, which may be a pressed key, waits for the rest of a sequence."""
HOLD_LONG_S = 1.0
"""The same for ESC [ and digits, which no key sends alone, where an answer is expected."""


class ReportFilter:
    """Splits raw input into text for the key parser and reports (row, column), both from 1.

    A report may be cut anywhere by the reads, follow a pressed ESC or stand in the middle of a
    paste. One from the first row is F3 with modifiers, never a report that was asked for: it is
    turned into the form that Textual's parser knows.
    """

    def __init__(self) -> None:
        self._held = ""
        self._held_since = 0.0
        self._released = ""

    def feed(self, text: str, now: float, *, expecting: bool) -> tuple[str, list[tuple[int, int]]]:
        """Take what was read; `expecting` says whether an answer is out."""
        reports: list[tuple[int, int]] = []

        def take(match: re.Match[str]) -> str:
            row, column = int(match[1]), int(match[2])
            if row == 1:
                return f"\x1b[13;{column}~" if 2 <= column <= 16 else ""
            reports.append((row, column))
            return ""

        if self._released and (late := REPORT.match(self._released + text)):
            text = take(late) + text[late.end() - len(self._released) :]
        held, self._held, self._released = self._held, "", ""
        text = REPORT.sub(take, held + text)
        partial = PARTIAL.search(text)
        if partial and (expecting or partial[0] == "\x1b"):
            # Reports that keep coming don't keep a pressed key waiting.
            if text != held:
                self._held_since = now
            text, self._held = text[: partial.start()], partial[0]
        return text, reports

    def wait_s(self, now: float) -> float | None:
        """Seconds until what is held back is to be released, None if nothing is."""
        if not self._held:
            return None
        hold_s = HOLD_S if len(self._held) <= 2 else HOLD_LONG_S
        return max(0.0, self._held_since + hold_s - now)

    def release(self, now: float) -> str:
        """What was held back for a sequence that did not come, and may have been typed."""
        if self.wait_s(now) != 0.0:
            return ""
        self._released, self._held = self._held, ""
        # No key sends parameters without an end: they are left out.
        return self._released if len(self._released) <= 2 else ""

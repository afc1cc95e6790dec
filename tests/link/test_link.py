"""What a link lets the painter do and what it sends, at exact times and byte by byte."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tui_ae.config import LinkMode
from tui_ae.link.cells.patch import Patch
from tui_ae.link.cells.styles import PLAIN
from tui_ae.link.flow.flow import Contact
from tui_ae.link.flow.priorities import Region
from tui_ae.link.grids import Flags
from tui_ae.link.link import Link

HEAD, MAP = Region(0, 0, 40, 1, 0), Region(0, 1, 40, 9, 3)


class Wire:
    """A link whose terminal of 40 columns and 10 rows shows nothing yet, and a clock."""

    def __init__(self, mode: LinkMode = "auto", size: tuple[int, int] = (40, 10)) -> None:
        self.now = 100.0
        self.link = Link(size, mode, clock=lambda: self.now)

    def send(self, after_s: float = 0.0) -> str:
        """The next frame, '' for none."""
        self.now += after_s
        return (self.link.next_frame() or b"").decode()

    def answer(self, after_s: float = 0.0) -> bool:
        self.now += after_s
        assert self.link.awaited is not None
        return self.link.report(*self.link.awaited, self.now)

    def empty(self) -> None:
        """Bring the terminal up to date, blank; much may be unanswered from then on."""
        self.link.feed("\x1b[1;1HX")
        self.send()
        self.answer(0.0625)
        self.link.flow._allowance.passed(10_000)
        self.link.feed("\x1b[1;1H ")
        self.send(0.0625)
        self.answer(0.0625)
        self.now = 200.0


def test_the_first_frame_clears_the_screen_and_asks_where_the_cursor_is() -> None:
    wire = Wire()
    wire.link.feed("\x1b[?25l")
    wire.link.feed("\x1b[1;1Hhihi")
    assert wire.send() == "\x1b[?25l\x1b[m\x1b[2J\x1b[Hhihi\x1b[2H\x1b[6n"
    assert wire.link.awaited == (2, 1) and wire.link.flow.in_flight == 28
    assert wire.send() == ""
    wire.link.feed("\x1b[1;4Ho")
    # Frames of the background are forty milliseconds apart.
    assert wire.send(0.03125) == "" and wire.link.wake_time() == 100.04
    assert wire.send(0.03125) == "\x1b[;4Ho\x1b[3H\x1b[6n"
    assert wire.link.awaited == (3, 1)


def test_a_report_is_taken_once_and_only_where_a_frame_left_the_cursor() -> None:
    wire = Wire()
    wire.link.feed("hi")
    wire.send()
    for row, column in ((1, 1), (2, 2), (3, 1)):
        assert not wire.link.report(row, column, 100.5)
    assert wire.link.report(2, 1, 100.5) and not wire.link.report(2, 1, 100.5)
    assert wire.link.stats().round_trip_s == 0.5


def test_other_sequences_go_alone_without_a_question() -> None:
    wire = Wire()
    wire.empty()
    wire.link.feed("\x07")
    wire.link.feed("\x1b[?25h")
    assert wire.send() == "\x07\x1b[?25h" and wire.send() == ""
    assert wire.link.flow.in_flight == 0


def test_the_background_is_claimed_no_oftener_than_its_interval_for_each_priority() -> None:
    wire = Wire()
    wire.empty()
    assert wire.link.claim(1, 0.5)
    wire.now += 0.4375
    assert not wire.link.claim(1, 0.5) and wire.link.claim(3, 0.5)
    wire.now += 0.0625
    assert wire.link.claim(1, 0.5) and not wire.link.claim(3, 0.5)


def test_while_a_key_may_still_paint_the_background_waits_but_no_longer_than_a_second() -> None:
    wire = Wire()
    wire.empty()
    assert wire.link.claim(1, 0.0)
    wire.link.urgent()
    wire.now += 0.125
    assert not wire.link.claim(1, 0.0)
    wire.now += 0.03125
    assert wire.link.claim(1, 0.0)
    wire.now += 0.9375
    wire.link.urgent()
    assert not wire.link.claim(1, 0.0)
    wire.now += 0.0625
    assert wire.link.claim(1, 0.0)


@pytest.mark.parametrize(("cells", "row", "granted"), [
    (8, 2, {1: True, 3: True}), (9, 2, {1: True, 3: False}), (8, 1, {1: True, 3: True}),
    (9, 1, {1: False, 3: False}),
])  # fmt: skip
def test_it_waits_until_nearly_all_is_out_that_was_painted_up_to_its_priority(
    cells: int, row: int, granted: dict[int, bool]
) -> None:
    wire = Wire()
    wire.link.set_regions([HEAD, MAP])
    wire.empty()
    wire.link.feed(f"\x1b[{row};1H{'x' * cells}")
    assert {last: wire.link.claim(last, 0.0) for last in granted} == granted


def test_what_a_key_painted_holds_it_up_also_where_it_is_a_cell() -> None:
    wire = Wire()
    wire.empty()
    assert wire.link.claim(1, 0.0)
    wire.link.urgent()
    wire.link.feed("\x1b[1;1Hx")
    wire.now += 0.5
    assert not wire.link.claim(1, 0.0)
    wire.now += 0.5
    assert wire.link.claim(1, 0.0)


@pytest.mark.parametrize(("out", "granted"), [(14_940, True), (14_941, False)])
def test_it_waits_for_room_for_a_small_frame(out: int, granted: bool) -> None:
    wire = Wire()
    wire.empty()
    assert wire.link.flow.window == 15_000
    wire.link.flow.sent(out, wire.now, 80, limited=False)
    assert wire.link.claim(1, 0.0) is granted


def test_what_comes_with_other_regions_is_a_keys_for_half_a_second() -> None:
    wire = Wire()
    wire.empty()
    assert wire.link.claim(1, 0.0)
    wire.link.set_regions([HEAD, MAP])
    assert not wire.link.claim(1, 0.0)
    wire.now += 0.4375
    wire.link.set_regions([HEAD, MAP])
    assert wire.link._urgency.expects_paint(wire.now)
    wire.now += 0.0625
    assert not wire.link._urgency.expects_paint(wire.now) and wire.link.claim(1, 0.0)
    # Of an unknown screen all has to come anyway.
    first = Wire()
    first.link.set_regions([HEAD, MAP])
    assert not first.link._urgency.expects_paint(first.now)


def test_a_key_goes_ahead_within_the_interval_and_by_priority() -> None:
    wire = Wire()
    wire.link.set_regions([HEAD, MAP])
    wire.empty()
    wire.link.feed("\x1b[3;1Htraining")
    assert "training" in wire.send()
    wire.link.feed("\x1b[4;1Htraining")
    wire.link.urgent()
    wire.link.feed("\x1b[1;1Hkey\x1b[5;5Hkey")
    # What it changed in the part of the last priority goes at the pace of the background.
    assert re.sub(r"\x1b\[[\d;]*[A-Zmn]", "", wire.send()) == "key"
    assert wire.send() == ""
    assert wire.send(0.0625).startswith("    key\x1b[")
    assert "training" in wire.send(0.0625)


@pytest.mark.parametrize(
    ("out", "words", "cells", "first"),
    [
        # Behind another frame the words go without a picture of a hundred cells and more.
        (100, "word", 100, "word"),
        (100, "word", 99, "both"),
        (1, "word", 100, "word"),
        (0, "word", 100, "both"),
        (100, "", 100, "picture"),
    ],
)
def test_words_of_a_key_do_not_wait_for_its_picture(
    out: int, words: str, cells: int, first: str
) -> None:
    wire = Wire()
    wire.link.set_regions([HEAD, Region(0, 1, 40, 9, 0, "picture")])
    wire.empty()
    if out:
        wire.link.flow.sent(out, wire.now, 200, limited=False)
    wire.link.urgent()
    rows = [min(cells - done, 25) for done in range(0, cells, 25)]
    picture = "".join(f"\x1b[{row};1H{'⣿' * count}" for row, count in enumerate(rows, 3))
    wire.link.feed(f"\x1b[1;1H{words}{picture}")
    frame = wire.send()
    assert {"word": "word" in frame, "picture": "⣿" in frame} == {
        "word": first in ("word", "both"),
        "picture": first in ("picture", "both"),
    }
    if first == "word":
        assert wire.send().count("⣿") == cells


@pytest.mark.parametrize(("room", "goes"), [(59, False), (60, True)])
def test_a_frame_goes_where_there_is_room_for_a_small_one(room: int, goes: bool) -> None:
    wire = Wire()
    wire.empty()
    wire.link.flow.sent(15_000 - room, wire.now, 300, limited=False)
    wire.link.feed("\x1b[1;1Hhi")
    assert bool(wire.send()) is goes


def test_a_frame_leaves_room_for_its_question() -> None:
    wire = Wire(size=(300, 4))
    wire.empty()
    wire.link.flow.sent(14_800, wire.now, 600, limited=False)
    wire.link.feed(f"\x1b[1;1H{'⣿' * 300}")
    # 188 bytes are left, of three for each sign.
    assert wire.send().count("⣿") == 62


@pytest.mark.parametrize(("room", "limited"), [(207, True), (208, False)])
def test_a_frame_that_fills_the_room_up_to_two_questions_was_limited_by_the_link(
    room: int, limited: bool
) -> None:
    wire = Wire(size=(300, 4))
    wire.empty()
    wire.link.flow.sent(15_000 - room, wire.now, 600, limited=False)
    wire.link.feed(f"\x1b[1;1H{'⣿' * 60}")
    assert wire.send().count("⣿") == 60 and wire.link.encoder.size == 183
    assert wire.link.flow._frames[-1].limited is limited


def over_a_slow_line(head: int, cells: int, changed: int) -> tuple[Link, Flags | None]:
    """What is cleared over a line of 960 bytes a second for letters that each have their colour.

    Args:
        head: Letters in the first row, which stay.
        cells: Letters from the second row on.
        changed: So many of these, then blanks behind them, become other letters.
    """
    link = Link((80, 10), clock=lambda: 100.0)
    link.set_regions([Region(0, 0, 80, 1, 0), Region(0, 1, 80, 8, 1)])
    link.feed(f"\x1b[1;1H{'h' * head}")
    for begin in range(0, cells, 80):
        link.feed(f"\x1b[{2 + begin // 80};1H{'a' * min(80, cells - begin)}")
    link.encoder.encode(link.encoder.changed(), link._priorities.rank, 10**6)
    link.flow.estimate.rate, link.flow._starting = 960.0, False
    link.urgent()
    for place in range(changed):
        colour = f"\x1b[38;2;{place};7;9m"
        link.feed(f"\x1b[{2 + place // 80};{1 + place % 80}H{colour}b")
    return link, link._clear(link.encoder.changed())


@pytest.mark.parametrize(("cells", "clears"), [(239, False), (240, True)])
def test_what_takes_a_key_a_second_or_longer_stands_on_an_empty_part(
    cells: int, clears: bool
) -> None:
    link, blank = over_a_slow_line(60, cells, cells)
    assert (blank is not None) is clears
    if blank is not None:
        # The part, and not what is above it.
        assert blank[1:9].all() and not blank[0].any() and not blank[9].any()
        assert not (link.encoder.shown[1:] != 32).any()
    assert (link.encoder.shown[0, :60] == ord("h")).all()


@pytest.mark.parametrize(("head", "all_of_it"), [(26, True), (27, False)])
def test_where_nine_tenths_of_all_signs_change_the_screen_is_another(
    head: int, all_of_it: bool
) -> None:
    _, blank = over_a_slow_line(head, 240, 240)
    assert blank is not None and blank[1:9].all()
    assert blank.all() == all_of_it


def test_where_hardly_any_sign_changes_nothing_is_cleared() -> None:
    link, blank = over_a_slow_line(60, 600, 300)
    assert blank is None and (link.encoder.shown[1:9] == ord("a")).sum() == 600


@pytest.mark.parametrize(("cells", "synced"), [(597, False), (598, True)])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_frame_of_more_than_600_bytes_is_synchronised_where_the_terminal_can(
    cells: int, synced: bool, wanted: bool
) -> None:
    wire = Wire(size=(700, 4))
    wire.empty()
    # Over a link as fast as that it goes in one piece.
    wire.link.flow.estimate.rate = 1e6
    if wanted:
        wire.link.feed("\x1b[?2026h")
    wire.link.feed(f"\x1b[1;1H{'x' * cells}")
    frame = wire.send()
    body = f"\x1b[H{'x' * cells}"
    end = frame[-8:]
    assert end.endswith("\x1b[6n")
    expected = f"\x1b[?2026h{body}\x1b[?2026l" if synced and wanted else body
    assert frame.startswith(expected + "\x1b[") and len(frame) == len(expected) + 8


def test_a_terminal_that_never_answers_gets_the_third_level_and_no_rate() -> None:
    wire = Wire()
    wire.link.feed("hi")
    wire.send()
    assert wire.link.level == 3
    assert wire.link.wake_time() == 101.2
    wire.now = 101.25
    assert wire.send() == "" and wire.link.level == 2
    assert not wire.link.stats().answered and not wire.link.stats().stalled
    assert wire.link.wake_time() is None
    wire.link.feed("\x1b[1;1Hho")
    # Whether it answers by now is asked every two seconds.
    assert wire.send() == "\x1b[;2Ho"
    assert wire.link.wake_time() is None
    wire.link.feed("\x1b[1;1Hhi")
    assert wire.link.wake_time() == 101.35
    assert wire.send(0.75) == "\bi\x1b[3H\x1b[6n"


def test_numbers_for_the_screen_and_the_log() -> None:
    wire = Wire()
    wire.link.feed("hi")
    frame = wire.send(0.25)
    stats = wire.link.stats()
    assert (stats.level, stats.round_trip_s, stats.frames) == (3, 0.0, 1)
    assert stats.bytes_total == len(frame) and stats.rate == pytest.approx(len(frame) / 3)
    assert stats.paint_s == 0.25 and stats.capacity == 1000
    assert not stats.answered and not stats.stalled
    assert wire.link.log_line(25) == "100.250 25 0.0ms 1000B/s 3 starting\n"
    wire.answer(0.125)
    stats = wire.link.stats()
    assert stats.answered and stats.round_trip_s == 0.125
    # It has all of 300 bytes in the round trip and 50 ms.
    assert stats.capacity == pytest.approx(300 / 0.175)
    assert wire.link.log_line(7) == "100.375 7 125.0ms 1000B/s 3 answering\n"
    wire.link.feed("\x07")
    wire.send()
    assert wire.link.stats().frames == 1 and wire.link.stats().bytes_total == len(frame) + 1


def test_a_stalled_link_is_asked_where_the_cursor_stands() -> None:
    wire = Wire()
    wire.empty()
    wire.link.feed("\x1b[1;1Hhi")
    wire.send()
    parked = wire.link.awaited
    wire.link.feed("\x1b[1;1Hho")
    wire.now += 2.0
    assert wire.link.flow.contact is Contact.ANSWERING
    assert wire.send() == "\x1b[6n" and wire.link.awaited == parked
    assert wire.link.stats().stalled and wire.send() == ""
    assert wire.link.wake_time() == wire.now + 1.6
    frames = wire.link.stats().frames
    wire.link.resize(40, 10)
    # Since a resize nobody knows where that is.
    assert re.fullmatch(r"\x1b\[\d+(;\d+)?H\x1b\[6n", wire.send(1.625))
    assert wire.link.stats().frames == frames
    assert wire.answer(0.125)
    assert "ho" in wire.send()


def test_another_size_makes_all_unknown_and_the_same_size_too() -> None:
    wire = Wire()
    wire.link.set_regions([HEAD, MAP])
    wire.empty()
    for size in ((40, 10), (30, 8)):
        wire.link.feed("\x1b[1;1Hhi")
        wire.send(1.0)
        wire.answer(0.0625)
        wire.link.resize(*size)
        assert (wire.link.model.width, wire.link.model.height) == size
        assert wire.link.encoder.changed().shape == (size[1], size[0])
        assert wire.link._priorities.priority.shape == (size[1], size[0])
        assert wire.link._urgency.cells.shape == (size[1], size[0])
        assert wire.send(1.0).startswith("\x1b[m\x1b[2J")
        assert wire.answer(0.0625)


def test_what_a_terminal_showed_before_it_was_somebody_elses_is_unknown() -> None:
    wire = Wire()
    wire.empty()
    wire.link.feed("\x1b[1;1Hhi")
    wire.send()
    wire.link.restart()
    assert wire.link.flow.in_flight == 0
    assert wire.send(1.0).startswith("\x1b[m\x1b[2J\x1b[Hhi")


def test_over_another_link_the_level_is_found_at_once_again() -> None:
    wire = Wire()
    wire.link.feed("hi")
    wire.send()
    wire.answer(0.0625)
    wire.now += 60
    wire.link.flow.estimate.rate = 1e6
    wire.link.feed("\x1b[1;1Hho")
    wire.send()
    wire.answer(0.0625)
    assert wire.link.level == 3
    wire.link.relearn()
    assert wire.link.flow.estimate.rate == 1000
    wire.link.flow.estimate.rate = 1e6
    wire.link.feed("\x1b[1;1Hhi")
    wire.send(1.0)
    wire.answer(0.0625)
    assert wire.link.level == 0


def test_what_is_put_is_a_keys_as_what_is_written_is() -> None:
    wire = Wire()
    wire.empty()
    one = np.ones((1, 1))
    wire.link.urgent()
    wire.link.put(
        Patch(3, 2, one.astype(np.uint32) * ord("k"), (PLAIN,), one.astype(int) * 0, one > 0)
    )
    assert np.argwhere(wire.link._urgency.cells).tolist() == [[2, 3]]
    wire.now += 0.25
    # The cursor stood in this row.
    assert wire.send() == "   k\x1b[4H\x1b[6n"


def test_the_next_look_is_no_sooner_than_five_milliseconds_later() -> None:
    wire = Wire()
    wire.empty()
    wire.link.feed("\x1b[1;1Hhi")
    assert wire.link.wake_time() == wire.now + 0.005

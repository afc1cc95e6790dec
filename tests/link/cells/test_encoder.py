"""The exact bytes that lead from one screen to another."""

from __future__ import annotations

import numpy as np
import pytest

from tests.true_screen import true_screen
from tui_ae.link.cells.encoder import Encoder
from tui_ae.link.cells.screen import UNKNOWN, ScreenModel

WIDTH, HEIGHT = 40, 3


def encoder_of(before: str, *, erases: bool = True, width: int = WIDTH) -> Encoder:
    """An encoder whose terminal shows this, its cursor nobody knows where."""
    model = ScreenModel(width, HEIGHT)
    encoder = Encoder(model, erase_paints=erases)
    model.feed(before)
    model.note_wide()
    sent(encoder)
    encoder.cursor = -1
    return encoder


def sent(encoder: Encoder, budget: int = 10_000) -> str:
    changed = encoder.changed()
    return encoder.encode(changed, np.zeros(changed.shape, np.int64), budget)


@pytest.mark.parametrize(
    ("before", "after", "frame"),
    [
        ("", "\x1b[Hab", "\x1b[Hab"),
        # Up to four cells that stay are printed again, as many bytes as a motion takes.
        ("abcdefgh", "\x1b[HX\x1b[;3HX", "\x1b[HXbX"),
        ("abcdefgh", "\x1b[HX\x1b[;4HX", "\x1b[HXbcX"),
        ("abcdefgh", "\x1b[HX\x1b[;6HX", "\x1b[HXbcdeX"),
        ("abcdefgh", "\x1b[HX\x1b[;7HX", "\x1b[HX\x1b[5CX"),
        ("a▀b", "\x1b[HX\x1b[;3HX", "\x1b[HX▀X"),
        ("a▀▀b", "\x1b[HX\x1b[;4HX", "\x1b[HX\x1b[2CX"),
        ("a🬀b", "\x1b[HX\x1b[;3HX", "\x1b[HX\x1b[CX"),
        ("a▀éb", "\x1b[HX\x1b[;4HX", "\x1b[HX\x1b[2CX"),
        ("a\U00020000b", "\x1b[HX\x1b[;4HX", "\x1b[HX\x1b[2CX"),
        ("aééb", "\x1b[HX\x1b[;4HX", "\x1b[HXééX"),
        ("aéééb", "\x1b[HX\x1b[;5HX", "\x1b[HX\x1b[3CX"),
        ("a  b", "\x1b[HX\x1b[;4HX", "\x1b[HX  X"),
        ("a漢b", "\x1b[HX\x1b[;4HX", "\x1b[HX\x1b[2CX"),
        # Only in the style of what is printed.
        ("a\x1b[1mb\x1b[mc", "\x1b[HX\x1b[;3HX", "\x1b[HX\x1b[CX"),
        ("a\x1b[1m \x1b[mc", "\x1b[HX\x1b[;3HX", "\x1b[HX X"),
        ("a\x1b[44m \x1b[mc", "\x1b[HX\x1b[;3HX", "\x1b[HX\x1b[CX"),
        # Not beyond the end of a row.
        ("", "\x1b[;40HX\x1b[2;2HX", "\x1b[;40HX\x1b[2;2HX"),
        ("", "\x1b[;39HX\x1b[2;2HX", "\x1b[;39HX\v\x1b[2GX"),
        # Runs of blanks: erased where that is shorter, also with what brings the cursor behind it.
        ("abcdefgh", "\x1b[H\x1b[3X", "\x1b[H   "),
        ("abcdefgh", "\x1b[H\x1b[4X", "\x1b[H    "),
        ("abcdefgh", "\x1b[H\x1b[5X", "\x1b[H\x1b[5X"),
        ("abcdefghi", "\x1b[H        X", "\x1b[H        X"),
        ("abcdefghij", "\x1b[H         X", "\x1b[H\x1b[9X\x1b[9CX"),
        ("abcdefghij", "\x1b[HX        Y", "\x1b[HX        Y"),
        ("abcdefghijkl", "\x1b[HX\x1b[9X\x1b[;2H\x1b[9X", "\x1b[HX\x1b[9X"),
        # To the end of a row.
        ("\x1b[2Habcdefgh\x1b[3Hab", "\x1b[2H\x1b[K", "\x1b[2H\x1b[K"),
        ("\x1b[;37Habcd", "\x1b[;37H\x1b[K", "\x1b[;37H\x1b[K"),
        ("\x1b[;38Habc", "\x1b[;38H\x1b[K", "\x1b[;38H   "),
        ("abcdefgh", "\x1b[H\x1b[K", "\x1b[H\x1b[K"),
        ("abcdefgh", "\x1b[H\x1b[44m\x1b[K", "\x1b[H\x1b[44m\x1b[K"),
        # A mark of more than one code point, and what is wide, and where the cursor is then.
        ("", "\x1b[He\u0301a", "\x1b[He\u0301\x1b[;2Ha"),
        ("", "\x1b[H漢a", "\x1b[H  \b\b漢\x1b[;3Ha"),
        ("", "\x1b[;39H漢", "\x1b[;39H漢"),
        ("", "\x1b[;38H漢a", "\x1b[;38H  \b\b漢\x1b[;40Ha"),
    ],
)
def test_the_fewest_bytes(before: str, after: str, frame: str) -> None:
    encoder = encoder_of(before)
    encoder.model.feed(after)
    assert sent(encoder) == frame
    assert not encoder.changed().any() and sent(encoder) == ""
    assert encoder.size == 0


def test_what_erases_to_plain_blanks_alone_erases_no_others() -> None:
    encoder = encoder_of("abcdefgh", erases=False)
    encoder.model.feed("\x1b[H\x1b[44m\x1b[8X")
    assert sent(encoder) == "\x1b[H\x1b[44m        "
    encoder.model.feed("\x1b[H\x1b[m\x1b[8X")
    assert sent(encoder) == "\r\x1b[m\x1b[K"
    # Lines under blanks, and links, are not what erasing leaves.
    encoder = encoder_of("abcdefgh")
    encoder.model.feed("\x1b[H\x1b[4m        ")
    assert sent(encoder) == "\x1b[H\x1b[4m        "
    encoder.model.feed("\x1b[H\x1b]8;;http://a\x1b\\\x1b[m        ")
    assert "X" not in sent(encoder)


def test_a_frame_is_as_many_bytes_as_its_signs_take() -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[H⣿é漢")
    frame = sent(encoder)
    assert encoder.size == len(frame.encode()) == 3 + 3 + 2 + 4 + 3


@pytest.mark.parametrize(
    ("budget", "cells"),
    [
        # A third of what is left, for most signs take three bytes, but eight at least.
        (0, 0),
        (1, 8),
        (26, 8),
        (27, 9),
        (119, 39),
        (120, 40),
    ],
)
def test_a_run_is_cut_where_the_budget_ends(budget: int, cells: int) -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[2H" + "x" * WIDTH)
    assert sent(encoder, budget).count("x") == cells
    assert (~encoder.changed())[1].sum() == cells
    assert encoder.stopped == (WIDTH if budget == 0 else 0)
    assert sent(encoder).count("x") == WIDTH - cells


def test_what_a_frame_has_for_a_run_is_what_was_left_of_it() -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[Hab\x1b[1m" + "x" * 38)
    # A third of 57 bytes behind the motion and two letters.
    assert sent(encoder, 62) == "\x1b[Hab\x1b[1m" + "x" * 19


def test_from_the_first_cell_it_is_as_far_as_from_others() -> None:
    encoder = encoder_of("abcdef")
    encoder.cursor = 0
    encoder.model.feed("\x1b[;3HX")
    assert sent(encoder) == "abX"


@pytest.mark.parametrize(
    ("text", "first", "then"),
    [
        ("e\u0301x", "\x1b[He\u0301", "\x1b[;2Hx"),
        ("漢xy", "\x1b[H  \b\b漢", "\x1b[;3Hxy"),
        ("\x1b[2H\x1b[K\x1b[3Hxy", "\x1b[2H\x1b[K", "\vxy"),
    ],
)
def test_what_did_not_go_is_not_taken_for_shown(text: str, first: str, then: str) -> None:
    encoder = encoder_of("before!!\r\nbefore!!\r\nab")
    encoder.model.feed(f"\x1b[H{text}")
    assert sent(encoder, 1) == first
    assert sent(encoder).startswith(then)


def test_a_frame_stops_at_the_run_behind_its_budget() -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[Hone\x1b[2;5Htwo\x1b[3;9Hthree")
    assert sent(encoder, 7) == "\x1b[Hone\v\x1b[Ctwo"
    assert encoder.stopped == 2 * WIDTH + 8
    assert sent(encoder, 7) == "\v\x1b[Cthree"
    encoder.model.feed("\x1b[Hsix\x1b[2;5Hsix\x1b[3;9Hseven")
    assert sent(encoder, 6) == "\x1b[Hsix"
    assert encoder.stopped == WIDTH + 4


@pytest.mark.parametrize(
    ("budget", "together", "words", "stopped"),
    [
        # Where the budget ends with the first of them no other one is begun.
        (8, 100, ["above"], WIDTH),
        (9, 100, ["above", "here"], 0),
        # And no more than so many bytes go so.
        (100, 14, ["above", "here"], 0),
        (100, 13, ["above"], WIDTH),
    ],
)
def test_units_go_whole_while_there_is_room_for_another(
    budget: int, together: int, words: list[str], stopped: int
) -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[Habove\x1b[2Hhere")
    unit = np.array([1, 2, 0])[:, None].repeat(WIDTH, axis=1)
    changed = encoder.changed()
    frame = encoder.encode(
        changed, np.zeros_like(unit), budget, unit=unit, whole=20, together=together
    )
    assert frame == "\x1b[H" + "\v\r".join(words) and encoder.stopped == stopped


def test_nothing_is_known_of_a_new_terminal_so_it_is_cleared_once() -> None:
    encoder = Encoder(ScreenModel(WIDTH, HEIGHT))
    assert not encoder.is_known and (encoder.shown == UNKNOWN).all() and encoder.size == 0
    encoder.model.feed("\x1b[2;1Hx")
    assert sent(encoder) == "\x1b[m\x1b[2J\x1b[2Hx" and encoder.is_known
    encoder.reset()
    assert not encoder.is_known and encoder.changed().all()
    assert sent(encoder) == "\x1b[m\x1b[2J\x1b[2Hx"


def test_behind_the_last_column_and_a_sign_of_uncertain_width_the_cursor_is_unknown() -> None:
    encoder = encoder_of("")
    for text, cursor in (
        ("\x1b[;39Hx", 39),
        ("\x1b[;40Hx", -1),
        ("\x1b[H漢", -1),
        ("\x1b[;9Hx", 9),
    ):
        encoder.model.feed(text)
        sent(encoder)
        assert encoder.cursor == cursor
    assert encoder.park(80) == "\x1b[3H" and encoder.cursor == 80


def test_of_a_wide_sign_both_cells_are_one_change() -> None:
    encoder = encoder_of("漢")
    encoder.model.feed("\x1b[H\x1b[1m漢")
    assert np.argwhere(encoder.changed()).tolist() == [[0, 0]]
    # Also where only the second cell differs.
    encoder = encoder_of("漢")
    encoder.shown[0, 1] = UNKNOWN
    assert np.argwhere(encoder.changed()).tolist() == [[0, 0]]


def test_ranks_go_in_their_order_and_within_one_from_where_the_last_frame_stopped() -> None:
    encoder = encoder_of("")
    encoder.model.feed("\x1b[Haa\x1b[2;1Hbb\x1b[3;1Hcc")
    rank = np.zeros((HEIGHT, WIDTH), np.int64)
    rank[0] = 1
    state = encoder._state()
    for start, order in ((0, "bca"), (40, "bca"), (41, "bcba"), (80, "cba"), (82, "bca")):
        frame = encoder.encode(encoder.changed(), rank, 10_000, start)
        letters = [letter for letter in frame if letter in "abc"]
        assert (
            "".join(a for a, b in zip(letters, [*letters[1:], ""], strict=True) if a != b) == order
        )
        encoder._go_back(state)
        state = encoder._state()


def clearing(
    over_rows: slice, *, before: str, after: str
) -> tuple[Encoder, np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    encoder = encoder_of(before)
    encoder.model.feed(after)
    over = np.zeros((HEIGHT, WIDTH), bool)
    over[over_rows] = True
    return encoder, over


LONG, OTHER = "word " * 7, "stuff" * 7


def test_a_part_is_cleared_in_one_sequence_ahead_of_what_comes_there() -> None:
    encoder, over = clearing(slice(1, 2), before=f"{LONG}\r\n{LONG}", after=f"\x1b[2;1H{OTHER}")
    assert not encoder.clear(over, 40)
    assert encoder.clear(over, 39)
    assert encoder.shown[1].tolist() == [32] * WIDTH and (encoder.shown[0] != 32).any()
    assert sent(encoder) == f"\x1b[2H\x1b[J{OTHER}"
    # Twice ahead of one frame.
    encoder, over = clearing(
        slice(0, 1), before=f"{LONG}\r\n{LONG}", after=f"\x1b[H{OTHER}\x1b[2;1H{OTHER}"
    )
    assert encoder.clear(over, 0) and encoder.clear(np.roll(over, 1, axis=0), 0)
    assert sent(encoder) == f"\x1b[H\x1b[K\v\x1b[J\x1b[A{OTHER}\v\r{OTHER}"


@pytest.mark.parametrize(("stays", "clears"), [(5, True), (13, True), (14, False), (30, False)])
def test_what_comes_again_after_a_clearing_takes_no_more_than_a_quarter(
    stays: int, clears: bool
) -> None:
    """Beside two rows of 35 letters that change anyway, which take 75 bytes."""
    encoder, over = clearing(
        slice(0, 3),
        before=f"{LONG}\r\n{LONG}\r\n{'x' * stays}",
        after=f"\x1b[H{OTHER}\x1b[2;1H{OTHER}",
    )
    assert encoder.clear(over, 0) is clears
    frame = sent(encoder)
    assert len(frame) == (80 + stays if clears else 75)


def test_what_is_cleared_has_the_background_that_most_of_it_will_have() -> None:
    encoder, over = clearing(
        slice(0, 3), before=f"{LONG}\r\n{LONG}", after=f"\x1b[44m\x1b[2J\x1b[H{OTHER}"
    )
    assert encoder.clear(over, 0)
    frame = sent(encoder)
    assert frame.startswith("\x1b[H\x1b[44m\x1b[J"[3:]) or frame.startswith("\x1b[44m\x1b[H\x1b[J")
    assert frame.count("\x1b[44m") == 1


@pytest.mark.parametrize("why", ["unknown", "wide", "lined", "screen"])
def test_where_clearing_would_leave_something_else_nothing_is_cleared(why: str) -> None:
    encoder, over = clearing(slice(0, 2), before=f"{LONG}\r\n{LONG}", after=f"\x1b[H{OTHER}")
    if why == "unknown":
        encoder.reset()
    elif why == "wide":
        encoder.model.feed("\x1b[3;1H漢")
    elif why == "lined":
        encoder.model.feed("\x1b[2;1H\x1b[4m" + " " * WIDTH)
    else:
        encoder.erase_paints = False
        encoder.model.feed("\x1b[2;1H\x1b[44m" + " " * WIDTH)
    before = encoder.shown.copy()
    assert not encoder.clear(over, 0)
    assert np.array_equal(encoder.shown, before)


ROWS = [f"{letter * 5} {letter * 9}" for letter in "abcdefghijkl"]


def scrolling(first: int, then: int, *, paper: str = "", erases: bool = True) -> Encoder:
    """A page of ten rows in another place than the terminal has it."""
    model = ScreenModel(WIDTH, 10)
    encoder = Encoder(model, erase_paints=erases)
    for begin in (first, then):
        model.feed(
            "".join(f"\x1b[{y + 1};1H\x1b[{paper}m\x1b[2K{ROWS[begin + y]}" for y in range(10))
        )
        if begin == first:
            sent(encoder)
            encoder.park(0)
    return encoder


@pytest.mark.parametrize(
    ("first", "then", "frame"),
    [
        (0, 1, "\x1b[1;10r\x1b[10H\v\x1b[r\x1b[10Hkkkkk kkkkkkkkk"),
        (0, 2, "\x1b[1;10r\x1b[10H\v\v\x1b[r\x1b[9Hkkkkk kkkkkkkkk\v\rlllll lllllllll"),
        (1, 0, "\x1b[1;10r\x1b[1H\x1bM\x1b[r\x1b[Haaaaa aaaaaaaaa"),
    ],
)
def test_a_page_that_scrolls_is_moved_by_the_terminal(first: int, then: int, frame: str) -> None:
    encoder = scrolling(first, then)
    moved = encoder.scroll()
    assert moved is not None and moved.all()
    assert sent(encoder) == frame


@pytest.mark.parametrize(
    ("erases", "begin", "end"), [(True, "", "kkkkk kkkkkkkkk"), (False, "\x1b[m", " " * 25)]
)
def test_new_rows_come_in_the_background_that_they_end_with(
    erases: bool, begin: str, end: str
) -> None:
    encoder = scrolling(0, 1, paper="44", erases=erases)
    assert encoder.scroll() is not None
    frame = sent(encoder)
    assert frame.startswith(f"{begin}\x1b[1;10r") and frame.endswith(end)


def test_it_is_the_last_cell_that_says_the_background_of_a_new_row() -> None:
    encoder = scrolling(0, 1)
    encoder.model.feed(f"\x1b[10;{WIDTH}H\x1b[44m ")
    assert encoder.scroll() is not None
    assert sent(encoder).startswith("\x1b[44m\x1b[1;10r")


def test_frames_with_scrolls_and_clearings_lead_to_the_wanted_screen() -> None:
    screen, show = true_screen(WIDTH, 10)
    encoder = scrolling(0, 2, paper="44")
    encoder.reset()
    for first in (2, 0, 1):
        encoder.model.feed("".join(f"\x1b[{y + 1};1H\x1b[2K{ROWS[first + y]}" for y in range(10)))
        encoder.scroll()
        show(sent(encoder))
        assert [row.rstrip() for row in screen.display] == ROWS[first : first + 10]

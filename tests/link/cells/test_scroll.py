"""Rows that the terminal moves by itself."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.true_screen import look, true_screen
from tui_ae.arrays import IntArray
from tui_ae.link.cells.encoder import RESET_AND_CLEAR, Encoder
from tui_ae.link.cells.screen import SPACE, ScreenModel
from tui_ae.link.cells.scroll import Scroll, find_scroll
from tui_ae.link.link import Link

WIDTH, HEIGHT = 24, 12
PAPERS = ["", "44", "48;5;236", "48;2;18;18;18"]
SCROLL = re.compile(r"\x1b\[(\d+);(\d+)r\x1b\[(\d+)H(?:\v+|(?:\x1bM)+)\x1b\[r")
"""All that a scroll may be made of: margins, a motion to one of them, moves, no margins."""


def line(rng: np.random.Generator) -> str:
    """A row as a page has it: some words, then a background up to the end."""
    paper = PAPERS[rng.integers(len(PAPERS))]
    words = ["".join(rng.choice(list("abcdefgh漢⣿"), rng.integers(1, 9))) for _ in range(2)]
    kind = rng.integers(6)
    text = "" if kind == 0 else f"\x1b[1;4m{words[0]}\x1b[22;24m  {words[1]}"
    ending = "\x1b[7m      \x1b[27m" if kind == 1 else "\x1b[K"
    return f"\x1b[0;{paper}m{ending if kind == 2 else ''}{text}{ending}"


def page(lines: list[str], bar: int) -> str:
    """The bytes that paint rows, with a bar at the right that does not move with them."""
    rows = (
        f"\x1b[{y + 1};1H\x1b[m\x1b[2K{text}\x1b[{y + 1};{WIDTH}H\x1b[0;45m{'█ '[y % bar > 1]}"
        for y, text in enumerate(lines)
    )
    return "".join(rows)


@st.composite
def scrolls(draw: st.DrawFn, height: int = HEIGHT) -> Scroll:
    top = draw(st.integers(0, height - 2))
    bottom = draw(st.integers(top + 2, height))
    rows = draw(st.integers(1, bottom - top - 1)) * draw(st.sampled_from([-1, 1]))
    return Scroll(top, bottom, rows)


@settings(max_examples=60)
@given(scrolls(), st.integers(0, 10**6), st.booleans())
def test_what_a_scroll_is_said_to_do_to_cells_a_terminal_does(
    scroll: Scroll, seed: int, paints: bool
) -> None:
    rng = np.random.default_rng(seed)
    screen, show = true_screen(WIDTH, HEIGHT, paints)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model, erase_paints=paints)
    everything = np.zeros(model.cells.shape, int)
    model.feed(page([line(rng) for _ in range(HEIGHT)], 4))
    show(encoder.encode(encoder.changed(), everything, 10**6))
    show("\x1b[0;44m" + scroll.sequence())
    model.feed("\x1b[0;44m" * paints)
    blank = model.style if paints else 0
    scroll.move(model.cells, SPACE | blank << 24)
    expected, show = true_screen(WIDTH, HEIGHT, paints)
    encoder.reset()
    show(encoder.encode(encoder.changed(), everything, 10**6))
    assert look(screen) == look(expected)
    assert screen.margins is None


@settings(max_examples=150)
@given(
    st.lists(scrolls(), min_size=1, max_size=4),
    st.integers(0, 10**6),
    st.booleans(),
    st.integers(3, 12),
    st.sampled_from([40, 120, 10**6]),
)
def test_pages_that_scroll_arrive_as_they_were_painted(
    moves: list[Scroll], seed: int, paints: bool, bar: int, budget: int
) -> None:
    """Any rows, either way, a bar beside them that stays, and frames that are cut off."""
    rng = np.random.default_rng(seed)
    lines = [line(rng) for _ in range(HEIGHT)]
    shown, show = true_screen(WIDTH, HEIGHT, paints)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model, erase_paints=paints)
    rank = rng.integers(0, 3, model.cells.shape)

    def send() -> None:
        encoder.scroll()
        show(encoder.encode(encoder.changed(), rank, budget))

    for scroll in (None, *moves):
        if scroll:
            order = np.arange(len(lines))[:, None]
            scroll.move(order, -1)
            lines = [lines[y] if y >= 0 else line(rng) for y in order[:, 0]]
        model.feed(page(lines, bar))
        model.note_wide()
        send()
    for _ in range(200):
        if not encoder.changed().any():
            break
        send()
    painted, paint = true_screen(WIDTH, HEIGHT)
    paint("\x1b[m\x1b[2J" + page(lines, bar))
    assert look(shown) == look(painted)
    assert shown.margins is None


@pytest.mark.parametrize("rows", [-3, -1, 1, 2])
def test_a_page_that_moves_costs_its_new_rows(rows: int) -> None:
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list("abcdefgh "), WIDTH)) for _ in range(40)]

    def paint(first: int) -> str:
        body = (f"\x1b[{y + 2};1H{texts[first + y]}" for y in range(HEIGHT - 2))
        return f"\x1b[1;1Hhead\x1b[{HEIGHT};1Hfoot{''.join(body)}"

    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    model.feed(paint(10))
    encoder.encode(encoder.changed(), np.zeros(model.cells.shape, int), 10**6)
    model.feed(paint(10 + rows))
    moved = encoder.scroll()
    assert moved is not None
    assert moved[1:-1].all() and not moved[[0, -1]].any()
    sent = encoder.encode(encoder.changed(), np.zeros(model.cells.shape, int), 10**6)
    assert SCROLL.match(sent)
    assert len(sent) < abs(rows) * (WIDTH + 6) + 25
    assert not encoder.changed().any()


def shifted(
    rows: int, *, height: int = HEIGHT, width: int = WIDTH, top: int = 0
) -> tuple[IntArray, IntArray]:
    """Cells, and the same with all from row `top` on moved up by `rows`."""
    cells = np.random.default_rng(0).integers(0, 1 << 30, (height + rows, width))
    before, after = cells[:height].copy(), cells[:height].copy()
    after[top:] = cells[top + rows :]
    return before, after


def test_the_scroll_that_is_found_has_the_rows_that_moved() -> None:
    before, after = shifted(2, top=3)
    assert find_scroll(before, after) == Scroll(3, HEIGHT, 2)
    assert find_scroll(after, before) == Scroll(3, HEIGHT, -2)


def test_no_scroll_is_found_where_nothing_or_too_much_moved() -> None:
    before, after = shifted(1)
    assert find_scroll(before, before) is None
    assert find_scroll(before, after[::-1]) is None
    assert find_scroll(np.full_like(before, -1), after) is None
    before, after = shifted(12, height=30)
    assert find_scroll(before, after) == Scroll(0, 30, 12)
    assert find_scroll(after, before) == Scroll(0, 30, -12)
    before, after = shifted(13, height=30)
    assert find_scroll(before, after) is None


def cells_of(rows: list[str]) -> IntArray:
    return np.array([[ord(sign) for sign in row] for row in rows])


@pytest.mark.parametrize(
    ("shown", "wanted", "scroll"),
    [
        # Three rows have to differ, and two of them to be found elsewhere.
        (["aaaa", "bbbb", "cccc", "dddd"], ["aaaa", "bbbb", "dddd", "xxxx"], None),
        (["aaaa", "bbbb", "cccc", "dddd"], ["aaaa", "cccc", "dddd", "xxxx"], (1, 4, 1)),
        (["aaaa", "bbbb", "cccc", "dddd"], ["aaaa", "xxxx", "bbbb", "cccc"], (1, 4, -1)),
        (["aaaa", "bbbb", "cccc", "dddd"], ["aaaa", "cccc", "xxxx", "yyyy"], None),
        (["aaaa", "bbbb", "cccc", "dddd"], ["cccc", "dddd", "xxxx", "yyyy"], (0, 4, 2)),
        # What stands still above and below does not move.
        (
            ["head", "bbbb", "cccc", "dddd", "eeee", "foot"],
            ["head", "cccc", "dddd", "eeee", "xxxx", "foot"],
            (1, 5, 1),
        ),
        (
            ["head", "bbbb", "cccc", "dddd", "eeee", "foot"],
            ["head", "xxxx", "yyyy", "bbbb", "cccc", "foot"],
            (1, 5, -2),
        ),
        # Nor do rows that gain nothing.
        (
            ["xyz1", "bbbb", "cccc", "dddd"],
            ["xyz2", "cccc", "dddd", "eeee"],
            (1, 4, 1),
        ),
        # The way that most of them go.
        (
            ["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff"],
            ["bbbb", "cccc", "dddd", "eeee", "1111", "eeee"],
            (0, 5, 1),
        ),
        (["aaaz", "bbbz", "cccz", "dddz"], ["bbbz", "cccz", "dddz", "eee1"], (0, 4, 1)),
        # A sign that is right may go wrong for eight that come right, and not for seven.
        (["abaz", "bbb ", "ccc ", "ddd "], ["bbbz", "ccc ", "ddd ", "eee "], (0, 4, 1)),
        (["abaz", "bbb ", "cbc ", "ddd "], ["bbbz", "cbc ", "ddd ", "eee "], None),
        (["aa01", "bb01", "cc01", "dd01"], ["bb01", "cc01", "dd01", "1101"], None),
    ],
)  # fmt: skip
def test_the_scroll_that_pays(
    shown: list[str], wanted: list[str], scroll: tuple[int, int, int] | None
) -> None:
    found = find_scroll(cells_of(shown), cells_of(wanted))
    assert found == (None if scroll is None else Scroll(*scroll))


@pytest.mark.parametrize(
    ("scroll", "fresh", "sequence"),
    [
        (Scroll(0, 10, 1), slice(9, 10), "\x1b[1;10r\x1b[10H\v\x1b[r"),
        (Scroll(2, 9, 3), slice(6, 9), "\x1b[3;9r\x1b[9H\v\v\v\x1b[r"),
        (Scroll(0, 10, -1), slice(0, 1), "\x1b[1;10r\x1b[1H\x1bM\x1b[r"),
        (Scroll(2, 9, -2), slice(2, 4), "\x1b[3;9r\x1b[3H\x1bM\x1bM\x1b[r"),
    ],
)
def test_what_a_scroll_brings_and_how_it_is_written(
    scroll: Scroll, fresh: slice, sequence: str
) -> None:
    assert scroll.fresh == fresh and scroll.sequence() == sequence
    order = np.arange(12)[:, None].repeat(2, axis=1)
    scroll.move(order, -1)
    expected = np.arange(12)
    for row in range(scroll.top, scroll.bottom):
        source = row + scroll.rows
        expected[row] = source if scroll.top <= source < scroll.bottom else -1
    assert order[:, 0].tolist() == expected.tolist()


def test_rows_that_stand_right_are_not_given_up_for_others() -> None:
    """A screen that is half painted has rows enough for its other half, which may wait."""
    wanted = np.full((24, 80), ord("x"))
    shown = wanted.copy()
    shown[12:] = ord(" ")
    wanted[3, 3] = wanted[8, 2] = ord("y")
    assert find_scroll(shown, wanted) is None


def rows_of(words: list[str] | str, moved_by: int = 0) -> Encoder:
    """An encoder whose terminal shows the words, a row each; the model has them moved up."""
    model = ScreenModel(60, len(words) - moved_by)
    encoder = Encoder(model)
    for first in (0, moved_by):
        model.feed("".join(f"\x1b[{y + 1};1H{words[first + y]}" for y in range(model.height)))
        if not first:
            encoder.encode(encoder.changed(), np.zeros(model.cells.shape, int), 10**6)
    return encoder


def test_what_takes_fewer_bytes_to_paint_is_not_moved() -> None:
    encoder = rows_of("abcdefg", 1)
    shown = encoder.shown.copy()
    assert find_scroll(shown, encoder.model.cells)
    assert encoder.scroll() is None
    assert np.array_equal(encoder.shown, shown)
    assert "\x1b[r" not in encoder.encode(encoder.changed(), shown * 0, 10**6)


def test_a_screen_that_is_cleared_is_not_scrolled_before() -> None:
    encoder = rows_of([letter * 50 for letter in "abcdefg"], 1)
    assert encoder.scroll() is not None
    encoder.reset()
    sent = encoder.encode(encoder.changed(), np.zeros(encoder.shown.shape, int), 10**6)
    assert sent.startswith(RESET_AND_CLEAR) and not SCROLL.search(sent)


def test_a_terminal_of_which_nothing_is_known_is_not_scrolled() -> None:
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    model.feed(page([f"row {y}" for y in range(HEIGHT)], 4))
    assert encoder.scroll() is None


def test_a_key_that_scrolls_waits_for_nothing_but_its_rows() -> None:
    """Over a slow link all goes in the one frame that may be out, the bar beside it too."""
    now = 100.0
    link = Link((80, 24), "9600", clock=lambda: now)
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("abcdefgh "), 60)).strip() for _ in range(60)]
    screen, show = true_screen(80, 24)

    def paint(first: int) -> str:
        bar = "".join(f"\x1b[{y + 1};80H{'█' if y == first else ' '}" for y in range(24))
        return "".join(f"\x1b[{y + 1};1H\x1b[K{texts[first + y]}" for y in range(24)) + bar

    def send() -> bytes | None:
        nonlocal now
        frame = link.next_frame()
        now += 0.2
        if frame is not None:
            show(frame.decode().replace("\x1b[6n", ""))
            if link.awaited:
                link.report(*link.awaited, now)
        return frame

    link.feed("\x1b[?1049h")
    link.feed(paint(0))
    for _ in range(200):
        send()
    assert not link.encoder.changed().any()
    for first in (1, 2, 1, 4):
        link.urgent()
        link.feed(paint(first))
        frames = []
        while link.encoder.changed().any():
            frames.append(send() or b"")
            assert len(frames) < 10
        assert SCROLL.search(frames[0].decode())
        assert sum(map(len, frames)) < 60 + 3 * 100
        for y, row in enumerate(screen.display):
            assert row[:79].rstrip() == texts[first + y].rstrip()

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from wcwidth import wcwidth

from tests.true_screen import look, true_screen
from tui_ae.arrays import IntArray
from tui_ae.link.cells.encoder import Encoder
from tui_ae.link.cells.glyphs import CONTINUATION, FIRST_CLUSTER, SURE, cells_of
from tui_ae.link.cells.moves import move
from tui_ae.link.cells.patch import SECOND, Patch
from tui_ae.link.cells.screen import GLYPH_MASK, MAX_STYLES, SPACE, ScreenModel
from tui_ae.link.cells.styles import NAMED, PLAIN, RGB, Style, apply_sgr, transition

SGR = [
    "", "0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "31", "97", "44", "105",
    "39", "49", "38;5;200", "48;5;17", "48;5;236", "38;2;10;20;30", "48;2;255;255;255",
    "48;2;95;135;0", "1;3;38;2;8;8;8;48;2;238;238;238", "0;4;31", "7;9;38;5;3",
]  # fmt: skip
WORDS = [
    "a",
    "hello",
    " ",
    "     ",
    "▀▀",
    "⣿⡇",
    "漢字",
    "é",
    "e\u0301",
    "\u0301",
    "😀",
    "x" * 12,
    "─" * 7,
]
WIDTH, HEIGHT = 14, 5

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join)
styles = st.sampled_from(SGR).map("\x1b[{}m".format)
cursors = st.tuples(st.integers(1, HEIGHT + 1), st.integers(1, WIDTH + 1)).map(
    lambda at: f"\x1b[{at[0]};{at[1]}H"
)
motions = st.sampled_from(
    [
        *("\n", "\r", "\b", "\x1b[2C", "\x1b[D", "\x1b[A", "\x1b[2B", "\x1b[3G", "\x1b[2d"),
        *("\x1b[2E", "\x1b[F", "\x1b[2;4f", "\x1b[f"),
    ]
)
erasures = st.sampled_from(
    ["\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[3X", "\x1b[X"]
)
others = st.sampled_from(
    ["\x1b[?2026h", "\x1b[?25l", "\x1b]0;title\x07", "\x1b]8;id=1;http://a\x1b\\"]
)
operations = st.one_of(texts, texts, styles, styles, cursors, motions, erasures, others)
chunks = st.lists(st.lists(operations, max_size=12).map("".join), min_size=1, max_size=5)


def rank_of(encoder: Encoder, seed: int = 0) -> IntArray:
    cells = encoder.model.cells
    return np.random.default_rng(seed).integers(0, 3, cells.shape)


def write_all(encoder: Encoder, feed: Callable[[str], None]) -> None:
    """Send everything that differs; must come to an end."""
    for _ in range(200):
        changed = encoder.changed()
        if not changed.any():
            return
        feed(encoder.encode(changed, rank_of(encoder), 64))
    raise AssertionError("never done")


@settings(max_examples=200)
@given(chunks, st.integers(0, 60), st.booleans(), st.integers(0, 5), st.integers(0, 80))
def test_rewritten_stream_paints_the_same_cells(
    stream: list[str], budget: int, erases: bool, seed: int, whole: int
) -> None:
    original, feed_original = true_screen(WIDTH, HEIGHT)
    rewritten, feed_rewritten = true_screen(WIDTH, HEIGHT, erases)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model, erase_paints=erases)
    for chunk in stream:
        feed_original(chunk)
        model.feed(chunk)
        model.note_wide()
        if seed != 2:
            encoder.scroll()
        changed = encoder.changed()
        if seed > 3:
            # What a key changed goes without the rest.
            changed &= rank_of(encoder, seed + 10) > 0
        rank = rank_of(encoder, seed)
        feed_rewritten(encoder.encode(changed, rank, budget, unit=rank % 2, whole=whole))
        if seed % 2:
            feed_rewritten(encoder.park(WIDTH + seed))
    write_all(encoder, feed_rewritten)
    assert look(rewritten) == look(original)


def test_a_cell_printed_again_on_the_way_is_known_to_show_the_new_text() -> None:
    screen, feed = true_screen(WIDTH, HEIGHT)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    model.feed("\x1b[Habc")
    write_all(encoder, feed)
    model.feed("\x1b[HABC")
    wanted = encoder.changed()
    wanted[0, 1] = False
    feed(encoder.encode(wanted, rank_of(encoder) * 0, 10_000))
    assert screen.display[0].rstrip() == "ABC"
    model.feed("\x1b[HabC")
    write_all(encoder, feed)
    assert screen.display[0].rstrip() == "abC"


@settings(max_examples=40)
@given(chunks, st.integers(3, 20), st.integers(2, 8), chunks)
def test_resize_in_the_middle(first: list[str], width: int, height: int, second: list[str]) -> None:
    rewritten, feed_rewritten = true_screen(WIDTH, HEIGHT)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    model.feed("".join(first))
    feed_rewritten(encoder.encode(encoder.changed(), rank_of(encoder), 40))
    model.resize(width, height)
    encoder.reset()
    original, feed_original = true_screen(width, height)
    rewritten.resize(height, width)
    painted = "\x1b[m\x1b[2J\x1b[H" + "".join(second)
    feed_original(painted)
    feed_rewritten(encoder.encode(encoder.changed(), rank_of(encoder), 40))
    model.feed(painted)
    write_all(encoder, feed_rewritten)
    assert look(rewritten) == look(original)


def test_of_a_wide_sign_that_a_smaller_screen_cuts_no_half_is_left() -> None:
    model = ScreenModel(6, 2)
    model.feed("ab漢字\r\nabcd字")

    def rows() -> list[str]:
        codes = [[int(code) & GLYPH_MASK for code in row] for row in model.cells]
        return ["".join(chr(code) for code in row if code != CONTINUATION) for row in codes]

    for width, left in ((5, ["ab漢 ", "abcd "]), (4, ["ab漢", "abcd"]), (3, ["ab ", "abc"])):
        model.resize(width, 2)
        assert rows() == left


@given(st.integers(0, 30), st.integers(0, 12), st.integers(1, 12), st.integers(1, 6))
def test_of_a_rectangle_only_what_lies_on_the_screen_is_put(
    x: int, y: int, width: int, height: int
) -> None:
    model = ScreenModel(20, 6)
    before = model.cells.copy()
    glyphs = np.full((height, width), ord("x"), np.uint32)
    everywhere = np.ones((height, width), bool)
    model.put(Patch(x, y, glyphs, (PLAIN,), np.zeros((height, width), np.int64), everywhere))
    expected = before.copy()
    expected[y : y + height, x : x + width] = ord("x")
    assert np.array_equal(model.cells, expected)


@given(
    st.lists(
        st.sampled_from(["é", "漢", "\x1b[31m", "\x1b]0;t\x07", "\x1b[5;3H", "ab"]), max_size=8
    ),
    st.data(),
)
def test_sequences_may_be_cut_between_writes(stream: list[str], data: DataObject) -> None:
    text = "".join(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    whole, cut = ScreenModel(20, 6), ScreenModel(20, 6)
    whole.feed(text)
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        cut.feed(text[begin:end])
    assert np.array_equal(whole.cells, cut.cells)
    assert whole.passthrough == cut.passthrough


@given(st.integers(-1, 99), st.integers(0, 99))
def test_moves_arrive(old: int, new: int) -> None:
    screen, feed = true_screen(10, 10)
    if old >= 0:
        feed(f"\x1b[{old // 10 + 1};{old % 10 + 1}H")
    sequence = move(old, new, 10)
    feed(sequence)
    assert (screen.cursor.y, screen.cursor.x) == divmod(new, 10)
    assert len(sequence) <= len(f"\x1b[{new // 10 + 1};{new % 10 + 1}H")


def test_the_next_row_is_a_vertical_tab_away() -> None:
    """A line feed would take a byte more: terminal lines put a carriage return before it."""
    assert move(22 * 80 + 40, 23 * 80 + 40, 80) == "\v"
    assert move(22 * 80 + 40, 24 * 80 + 35, 80) == "\v\v\x1b[5D"
    assert move(22 * 80 + 40, 23 * 80, 80) == "\v\r"


@given(st.integers(-1, 99), st.integers(0, 99))
def test_where_the_cursor_is_parked_it_is_wherever_a_terminal_had_it(
    believed: int, position: int
) -> None:
    """One that draws a glyph wider than it should has its cursor elsewhere."""
    encoder = Encoder(ScreenModel(10, 10))
    screen, feed = true_screen(10, 10)
    feed("\x1b[4;7H")
    encoder.cursor = believed
    feed(encoder.park(position))
    assert (screen.cursor.y, screen.cursor.x) == divmod(position, 10)
    assert encoder.cursor == position


def encoded(text: str, before: str = "", width: int = 40) -> str:
    model = ScreenModel(width, 3)
    encoder = Encoder(model)
    model.feed(before)
    encoder.encode(encoder.changed(), rank_of(encoder) * 0, 10_000)
    model.feed(text)
    return encoder.encode(encoder.changed(), rank_of(encoder) * 0, 10_000)


def test_like_cells_share_one_colour_sequence() -> None:
    cells = "".join("\x1b[38;2;9;9;9;48;2;1;1;1m▀\x1b[0m" for _ in range(20))
    assert encoded(f"\x1b[H{cells}") == f"\x1b[H\x1b[38;2;9;9;9;48;2;1;1;1m{'▀' * 20}"


def test_only_what_changes_is_set() -> None:
    before = "\x1b[1;38;2;1;2;3;48;2;9;9;9mab"
    assert encoded("\x1b[;3H\x1b[1;38;2;1;2;3;48;2;7;7;7mc", before) == "\x1b[48;2;7;7;7mc"
    assert encoded("\x1b[;3H\x1b[0mc", before) == "\x1b[mc"


def test_ink_of_a_blank_is_not_sent() -> None:
    assert encoded("\x1b[31ma\x1b[1;32m \x1b[0;31mb") == "\x1b[H\x1b[31ma b"


colours = st.sampled_from([-1, 3, 200, NAMED | 1, NAMED | 12, RGB | 0x0A141E, RGB | 0x5F8700])
any_style = st.builds(Style, st.integers(0, 2**13 - 1), colours, colours, st.just(""))


@given(any_style, any_style)
def test_transitions_lead_to_the_style(old: Style, new: Style) -> None:
    sequence = transition(old, new)
    reached = old
    for parameters in re.findall(r"\x1b\[([\d;]*)m", sequence):
        reached = apply_sgr(reached, parameters)
    exact = {RGB | 0x5F8700: 64}
    want = new._replace(ink=exact.get(new.ink, new.ink), paper=exact.get(new.paper, new.paper))
    have = reached._replace(
        ink=exact.get(reached.ink, reached.ink), paper=exact.get(reached.paper, reached.paper)
    )
    assert have == want


@given(any_style, any_style)
def test_no_transition_is_longer_than_a_reset(old: Style, new: Style) -> None:
    assert len(transition(old, new)) <= len(transition(None, new))
    assert transition(new, new) == ""


def test_colours_of_the_fixed_palette_take_the_short_form() -> None:
    assert encoded("\x1b[38;2;95;135;0mx") == "\x1b[H\x1b[38;5;64mx"
    assert encoded("\x1b[38;2;0;0;0mx") == "\x1b[H\x1b[38;2;0;0;0mx"


def test_blanks_are_erased_where_that_is_shorter() -> None:
    assert encoded("\x1b[44m" + " " * 40) == "\x1b[H\x1b[44m\x1b[K"
    assert encoded("\x1b[44m" + " " * 20) == "\x1b[H\x1b[44m\x1b[20X"


def test_links_begin_and_end_where_they_did() -> None:
    begin, end = "\x1b]8;;http://a.b\x1b\\", "\x1b]8;;\x1b\\"
    sent = encoded(f"see {begin}here{end} or there")
    found = re.fullmatch(r"(.*)\x1b\]8;[^;]*;http://a\.b\x1b\\(.*?)\x1b\]8;;\x1b\\(.*)", sent)
    assert found is not None
    before, link, after = found.groups()
    assert before.endswith("see ") and after == "or there"
    assert re.sub(r"\x1b\[[\d;]*[A-Z]", "", link) == "here"
    assert "]8;" not in encoded("\x1b[Hsee", f"see {begin}here{end}")


def test_nothing_changed_writes_nothing() -> None:
    assert encoded("\x1b[Hhello\x1b[31m", "hello") == ""


def test_passthrough_keeps_its_order_and_cells_their_place() -> None:
    model = ScreenModel(10, 2)
    own = ["\x1b[?1000h", "\x1b]52;c;AAAA\x07", "\x07", "\x1b[>25u", "\x1b[?2026h", "\x1b[?2026l"]
    for text, sequence in zip("abc   ", own, strict=True):
        model.feed(text)
        model.feed(sequence)
    assert model.passthrough == ["\x1b[?1000h", "\x1b]52;c;AAAA\x07", "\x07", "\x1b[>25u"]
    assert model.wants_sync
    assert "".join(chr(code & 0xFFFFFF) for code in model.cells[0, :3]) == "abc"


HOSTILE = [
    "\x1b]52;c;QUFB\x07", "\x1b[?1049l", "\x1b[?1000l", "\x1bc", "\x1bP+q544e\x1b\\", "\x1b[6n",
    "\x1b]0;title\x07", "\x1b[21t", "\x1b[5i", "\x1b[?2026h", "\x1b[>25u", "\x07", "\x1b]52;c;QUFB",
    "\x1b[!p", "\x1b(0", "\x9b6n", "\x0e", "\x05", "\x1b[2;3r", "\x1bM", "\v", "\x1b[2S",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_sequences_amid_text_never_pass(hostile: str) -> None:
    model = ScreenModel(40, 4)
    encoder = Encoder(model)
    model.feed(f"\x1b[1;1HSaved {hostile} here\x1b[31mred")
    assert model.passthrough == [] and not model.cleared and not model.wants_sync
    sent = encoder.encode(encoder.changed(), rank_of(encoder), 10_000)
    assert not re.search(r"\x1b[^\[]|[\x00-\x0a\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]", sent)
    assert set(re.findall(r"\x1b\[[0-?]*([@-~])", sent)) <= set("HJKXmABCDGdEF")


def test_own_sequences_that_are_not_on_the_list_never_pass() -> None:
    model = ScreenModel(40, 4)
    for sequence in ("\x1bc", "\x1b]0;title\x07", "\x1b]52;c;?\x07", "\x1b[?9999h", "\x1b[6n"):
        model.feed(sequence)
    assert model.passthrough == []


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b", "\x9b", "\x7f", "\U000e0041"]
)
def test_characters_that_show_nothing_stand_as_question_marks(sign: str) -> None:
    fed, put = ScreenModel(12, 1), ScreenModel(12, 1)
    if sign >= "\xa0":
        fed.feed(f"a{sign}b漢")
        assert chr(int(fed.cells[0, 1]) & 0xFFFFFF) == "?"
    glyphs = np.array([[ord("a"), ord(sign), ord("b")]], np.uint32)
    put.put(Patch(0, 0, glyphs, (PLAIN,), np.zeros((1, 3), np.int64), np.ones((1, 3), bool)))
    # The number 0 is that of a second half, here of nothing.
    shown = "?" if ord(sign) else " "
    assert [chr(int(code) & 0xFFFFFF) for code in put.cells[0, :3]] == ["a", shown, "b"]


CELLS = [" ", "a", "▀", "漢", "😀", "e\u0301", "q\u0323"]
CLUSTERS = [sign for sign in CELLS if len(sign) > 1]
rows_of_signs = st.lists(st.lists(st.sampled_from(CELLS), max_size=WIDTH), min_size=1, max_size=3)


def patch_of(rows: list[list[str]], x: int, y: int, style: Style, changed: list[bool]) -> Patch:
    """A patch of signs, each wide one in two cells; a row that is shorter ends in blanks."""
    numbers = {sign: FIRST_CLUSTER + at for at, sign in enumerate(CLUSTERS)}
    lines = []
    for row in rows:
        line = []
        for sign in row:
            line.append(numbers.get(sign) or ord(sign))
            line += [SECOND] * (wcwidth(sign[0]) - 1)
        lines.append(line)
    width = max(map(len, lines))
    glyphs = np.array([line + [SPACE] * (width - len(line)) for line in lines], np.uint32)
    flags = np.resize(np.array(changed, bool), glyphs.shape)
    return Patch(x, y, glyphs, (style,), np.zeros(glyphs.shape, np.int64), flags, CLUSTERS)


def text_of(patch: Patch, model: ScreenModel) -> str:
    """The sequences that write the same: blanks for signs of which a half is cut off."""
    parts = []
    for row, (line, flags) in enumerate(zip(patch.glyphs, patch.changed, strict=True)):
        y = patch.y + row
        for at in range(len(line)):
            x = patch.x + at
            if not flags[at] or y >= model.height or x >= model.width or line[at] == SECOND:
                continue
            glyph, style = int(line[at]), transition(None, patch.styles[0])
            text = CLUSTERS[glyph - FIRST_CLUSTER] if glyph >= FIRST_CLUSTER else chr(glyph)
            if wcwidth(text[0]) == 2 and x + 1 == model.width:
                style, text = "\x1b[m", " "
            parts.append(f"\x1b[{y + 1};{x + 1}H{style}{text}")
    return "".join(parts)


def whole(patch: Patch) -> Patch:
    """The same patch with both halves of a wide sign changed where one is."""
    flags = patch.changed.copy()
    second = patch.glyphs == SECOND
    flags[:, :-1] |= flags[:, 1:] & second[:, 1:]
    flags[:, 1:] |= flags[:, :-1] & second[:, 1:]
    return dataclasses.replace(patch, changed=flags)


patches = st.builds(
    patch_of,
    rows_of_signs,
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.sampled_from([PLAIN, PLAIN._replace(ink=3), PLAIN._replace(paper=4)]),
    st.lists(st.booleans(), min_size=1, max_size=7) | st.just([True]),
)


@settings(max_examples=300)
@given(st.lists(patches | chunks, min_size=1, max_size=6), st.integers(0, 60), st.integers(0, 3))
def test_wide_signs_that_are_put_are_painted_as_those_that_are_written(
    steps: list[Patch | list[str]], budget: int, seed: int
) -> None:
    """Over whatever Textual has written before, and under whatever it writes behind them."""
    original, feed_original = true_screen(WIDTH, HEIGHT)
    rewritten, feed_rewritten = true_screen(WIDTH, HEIGHT)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    for step in steps:
        for part in step if isinstance(step, list) else [whole(step)]:
            if isinstance(part, Patch):
                # What is written next goes on from where a terminal is then.
                known = "\x1b[H\x1b[m"
                feed_original(text_of(part, model) + known)
                model.put(part)
                model.feed(known)
            else:
                feed_original(part)
                model.feed(part)
            model.note_wide()
        feed_rewritten(encoder.encode(encoder.changed(), rank_of(encoder, seed), budget))
    write_all(encoder, feed_rewritten)
    assert look(rewritten) == look(original)


@given(st.lists(patches, min_size=1, max_size=4))
def test_no_half_of_a_wide_sign_is_left_whatever_is_put(steps: list[Patch]) -> None:
    model = ScreenModel(WIDTH, HEIGHT)
    for patch in steps:
        model.put(patch)
        for line in (model.cells & GLYPH_MASK).tolist():
            for x, glyph in enumerate(line):
                wide = glyph != CONTINUATION and cells_of(model.glyphs.text(glyph)) == 2
                assert wide == (x + 1 < WIDTH and line[x + 1] == CONTINUATION)
        model.note_wide()
        assert model.has_wide == bool((model.cells & GLYPH_MASK == CONTINUATION).any())


def test_another_screen_is_painted_anew() -> None:
    model = ScreenModel(10, 2)
    model.feed("text")
    model.cleared = False
    model.feed("\x1b[?1049l")
    assert model.cleared
    assert model.passthrough == ["\x1b[?1049l"]
    assert chr(model.cells[0, 0] & 0xFFFFFF) == "t"


def test_low_rank_goes_first() -> None:
    model = ScreenModel(10, 3)
    encoder = Encoder(model)
    encoder.encode(encoder.changed(), rank_of(encoder), 100)
    model.feed("\x1b[1;1Hscatter\x1b[3;1Hprobe")
    rank = np.array([[3], [3], [0]]).repeat(10, axis=1)
    assert encoder.encode(encoder.changed(), rank, 9).endswith("probe")
    assert "scatter" in encoder.encode(encoder.changed(), rank, 100)


def drawn(
    before: str, after: str, ranks: list[int], budget: int, **options: Any
) -> tuple[list[str], Encoder]:
    """The words of the frame that leads from one screen of three rows to another."""
    model = ScreenModel(10, 3)
    encoder = Encoder(model)
    model.feed(before)
    encoder.encode(encoder.changed(), rank_of(encoder) * 0, 10_000)
    model.feed(after)
    rank = np.array(ranks)[:, None].repeat(10, axis=1)
    options["unit"] = np.array(options.get("unit", [0, 0, 0]))[:, None].repeat(10, axis=1)
    frame = encoder.encode(encoder.changed(), rank, budget, **options)
    return re.findall("[a-z]{2,}", frame), encoder


THREE = "\x1b[1;1Habove\x1b[2;1Hhere\x1b[3;1Hbelow"


def test_a_unit_that_was_begun_is_finished_whatever_the_budget() -> None:
    words, encoder = drawn("", THREE, [0, 1, 1], 12, unit=[0, 1, 1], whole=20)
    assert words == ["above", "here", "below"]
    assert not encoder.changed().any()


def test_a_unit_for_which_nothing_is_left_waits_as_a_whole() -> None:
    words, encoder = drawn("", THREE, [0, 1, 1], 1, unit=[0, 1, 1], whole=20)
    assert words == ["above"]
    assert encoder.stopped == 10


def test_a_unit_that_takes_too_long_comes_from_the_top() -> None:
    words, encoder = drawn("", THREE, [0, 1, 2], 10, unit=[0, 1, 1], whole=3)
    assert words == ["above", "here"]
    assert encoder.changed()[2].any() and not encoder.changed()[:2].any()


def test_two_units_do_not_follow_each_other_beyond_the_budget() -> None:
    words, _ = drawn("", THREE, [0, 1, 2], 12, unit=[1, 2, 0], whole=20)
    assert words == ["above", "here"]


def test_a_unit_that_would_be_too_much_beside_another_waits_as_a_whole() -> None:
    words, encoder = drawn("", THREE, [0, 1, 2], 100, unit=[1, 2, 0], whole=20, together=10)
    assert words == ["above"]
    assert encoder.stopped == 10
    words, _ = drawn("", THREE, [0, 1, 2], 100, unit=[0, 1, 2], whole=20, together=20)
    assert words == ["above", "here", "below"]


def test_among_cells_of_one_rank_a_frame_goes_on_where_it_is_told() -> None:
    model = ScreenModel(10, 3)
    encoder = Encoder(model)
    encoder.encode(encoder.changed(), rank_of(encoder), 100)
    model.feed("\x1b[1;1Habove\x1b[2;1Hhere\x1b[3;1Hbelow")
    frame = encoder.encode(encoder.changed(), rank_of(encoder) * 0, 100, start=10)
    assert re.findall("[a-z]{2,}", frame) == ["here", "below", "above"]


def test_a_row_is_erased_once() -> None:
    assert encoded("\x1b[2K", before="from  gap  to  gap") == "\r\x1b[K"


def test_styles_are_forgotten_without_a_trace() -> None:
    original, feed_original = true_screen(10, 2)
    rewritten, feed_rewritten = true_screen(10, 2)
    model = ScreenModel(10, 2)
    encoder = Encoder(model)
    flood = [f"\x1b[1;1H\x1b[38;2;{n >> 8};{n & 255};7mx" for n in range(MAX_STYLES + 300)]
    old = "\x1b[1;3H\x1b[1;4mold"
    feed_original(old + flood[-1])
    model.feed(old + "".join(flood))
    feed_rewritten(encoder.encode(encoder.changed(), rank_of(encoder), 8))
    assert len(model.styles.styles) > MAX_STYLES
    encoder.renumber_styles()
    assert len(model.styles.styles) < 20
    feed_original("\x1b[2;2Hnew")
    model.feed("\x1b[2;2Hnew")
    write_all(encoder, feed_rewritten)
    assert look(rewritten) == look(original)


def record(
    app_class: Callable[..., App[None]],
    size: tuple[int, int],
    pilot_script: Callable[[App[None], Pilot[object]], Coroutine[object, object, None]],
) -> list[str]:
    """What Textual writes while an app runs with a real driver's output."""
    from textual.drivers.headless_driver import HeadlessDriver

    written: list[str] = []

    class Recorder(HeadlessDriver):
        is_headless = False

        def write(self, data: str) -> None:
            written.append(data)

    async def main() -> None:
        app = app_class(driver_class=Recorder)
        await app.run_async(
            headless=False, size=size, auto_pilot=lambda pilot: pilot_script(app, pilot)
        )

    asyncio.run(main())
    return written


def test_streams_of_a_real_app() -> None:
    from textual.screen import ModalScreen
    from textual.widgets import (
        Button,
        Checkbox,
        DataTable,
        Footer,
        Header,
        Input,
        Label,
        ListItem,
        ListView,
        Markdown,
        ProgressBar,
        Sparkline,
        Static,
        Switch,
        TabbedContent,
        TabPane,
        Tree,
    )  # fmt: skip

    class Dialog(ModalScreen[None]):
        CSS = "Dialog { align: center middle; } Dialog Static { width: 20; border: round red; }"

        def compose(self) -> ComposeResult:
            yield Static("Really? 漢字 [b]bold[/] [link='http://a.b']link[/]")

    class Widgets(App[None]):
        def compose(self) -> ComposeResult:
            yield Header()
            with TabbedContent():
                with TabPane("one"):
                    yield Input("type")
                    yield Button("go", variant="primary")
                    yield Checkbox("check")
                    yield Switch()
                    yield ProgressBar(total=10)
                with TabPane("two"):
                    yield DataTable()
                    yield Sparkline([1, 5, 2, 8])
                with TabPane("three"):
                    yield Markdown("# Title\n\n- a\n- *b* `c`\n\n| x | y |\n|---|---|\n| 1 | 2 |")
                with TabPane("four"):
                    yield ListView(ListItem(Label("first")), ListItem(Label("second")))
                    yield Tree("root")
            yield Footer()

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            table.add_columns("a", "b")
            for row in range(30):
                table.add_row(row, row * row)
            self.query_one(Tree).root.expand().add_leaf("leaf 🌿")

    async def script(app: App[None], pilot: Pilot[object]) -> None:
        await pilot.pause()
        await pilot.press("tab", "x", "y", "tab")
        for pane in ("tab-2", "tab-3", "tab-4"):
            app.query_one(TabbedContent).active = pane
            await pilot.pause()
            await pilot.press("tab", "down", "down")
        app.push_screen(Dialog())
        await pilot.pause()
        app.notify("a toast 😀")
        await pilot.pause()
        app.pop_screen()
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press("q", "escape")
        app.exit()

    width, height = 70, 20
    written = record(Widgets, (width, height), script)
    assert sum(map(len, written)) > 10_000
    original, feed_original = true_screen(width, height)
    rewritten, feed_rewritten = true_screen(width, height)
    model = ScreenModel(width, height)
    encoder = Encoder(model)
    sent = 0
    for index, data in enumerate(written):
        feed_original(data)
        model.feed(data)
        frame = encoder.encode(encoder.changed(), rank_of(encoder, index) * 0, 300)
        sent += len(frame.encode())
        feed_rewritten(frame)
        if index % 7 == 0:
            write_all(encoder, feed_rewritten)
            assert look(rewritten) == look(original)
    write_all(encoder, feed_rewritten)
    assert look(rewritten) == look(original)
    assert sent < sum(len(data.encode()) for data in written) / 3


def test_signs_that_are_taken_for_one_cell_are_signs_of_one_cell() -> None:
    sure = [chr(glyph) for glyph in np.flatnonzero(SURE) if glyph > 0x7E]
    assert len(sure) > 1000
    assert [
        f"{ord(sign):x}" for sign in sure if not sign.isprintable() or cells_of(sign) != 1
    ] == []

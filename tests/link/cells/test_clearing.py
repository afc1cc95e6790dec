"""What is over goes from the screen before others come in pieces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.true_screen import look, true_screen
from tui_ae.link.cells.clearing import erasures, is_over, most_common_blank
from tui_ae.link.cells.encoder import Encoder
from tui_ae.link.cells.screen import SPACE, ScreenModel
from tui_ae.link.flow.priorities import Region
from tui_ae.link.link import Link

WIDTH, HEIGHT = 24, 8
COLUMNS, ROWS = 80, 24
RATE, ROUND_TRIP_S = 960.0, 0.2


def sign(letter: str, style: int = 0) -> int:
    return ord(letter) | style << 24


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_only_what_is_over_is_erased_and_all_of_it(
    seed: int, full: float, over_share: float
) -> None:
    rng = np.random.default_rng(seed)
    shown = np.where(rng.random((HEIGHT, WIDTH)) < full, sign("x"), SPACE)
    over = rng.random(shown.shape) < over_share
    # A part as panes have it, too.
    over[rng.integers(HEIGHT) :, rng.integers(WIDTH) :] = True
    left = shown.copy().reshape(-1)
    for place, count, sequence in erasures(shown, over, SPACE):
        assert sequence[-1] in "JKX"
        if sequence[-1] == "K":
            assert (place + count) % WIDTH == 0
        if sequence[-1] == "J":
            assert place + count == left.size
        left[place : place + count] = SPACE
    assert np.array_equal(left.reshape(shown.shape), np.where(over, SPACE, shown))


@pytest.mark.parametrize("erases", [True, False])
@pytest.mark.parametrize("paper", ["", "44"])
def test_the_terminal_shows_what_is_thought_of_it(erases: bool, paper: str) -> None:
    screen, show = true_screen(WIDTH, HEIGHT, erases)
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model, erase_paints=erases)
    everything = np.zeros(model.cells.shape, int)

    def page(letter: str) -> str:
        rows = (f"\x1b[{y + 1};1H\x1b[0;{paper}m{letter * 9}" for y in range(HEIGHT))
        return "".join(f"{row}{' ' * (WIDTH - 9)}" for row in rows)

    model.feed(page("a"))
    show(encoder.encode(encoder.changed(), everything, 10**6))
    model.feed(page("b"))
    over = np.zeros(model.cells.shape, bool)
    over[2:5, 3:] = True
    assert encoder.clear(over, 0) == (erases or not paper)
    # No more than what goes ahead.
    show(encoder.encode(np.zeros_like(over), everything, 10**6))
    at_once = [row.rstrip() for row in screen.display]
    assert at_once[0] == "a" * 9 and at_once[3] == ("aaa" if erases or not paper else "a" * 9)
    show(encoder.encode(encoder.changed(), everything, 10**6))
    painted, paint = true_screen(WIDTH, HEIGHT)
    paint("\x1b[m\x1b[2J" + page("b"))
    assert look(screen) == look(painted)


def test_what_costs_much_or_comes_soon_is_painted_over_what_is_there() -> None:
    model = ScreenModel(WIDTH, HEIGHT)
    encoder = Encoder(model)
    everywhere = np.ones(model.cells.shape, bool)
    model.feed("".join(f"\x1b[{y + 1};1H{'word ' * 4}" for y in range(HEIGHT)))
    encoder.encode(encoder.changed(), everywhere.astype(int), 10**6)
    before = encoder.shown.copy()
    model.feed("\x1b[1;1Hother text of one row")
    assert not encoder.clear(everywhere, 0), "the other rows would have to come again"
    model.feed("".join(f"\x1b[{y + 1};1H{'other' * 4}" for y in range(HEIGHT)))
    assert not encoder.clear(everywhere, 10_000)
    assert np.array_equal(encoder.shown, before)
    assert encoder.clear(everywhere, 100)
    assert (encoder.shown == SPACE).all()


def test_a_part_is_over_where_most_of_its_signs_change() -> None:
    shown = np.full((2, 10), SPACE)
    shown[0] = sign("a")
    changed = np.zeros(shown.shape, bool)
    changed[1] = True
    assert not is_over(shown, changed)
    changed[0, :7] = True
    assert is_over(shown, changed)
    assert not is_over(np.full((2, 10), SPACE), changed)
    assert most_common_blank(shown) == SPACE
    assert most_common_blank(shown[:1]) == SPACE
    shown[1, :6] = sign(" ", 3)
    assert most_common_blank(shown) == sign(" ", 3)


@pytest.mark.parametrize(
    ("changed", "least", "over"),
    [(6, None, False), (7, None, True), (9, 0.9, False), (10, 0.9, True), (0, None, False)],
)
def test_more_than_a_share_of_the_signs_has_to_change(
    changed: int, least: float | None, over: bool
) -> None:
    shown = np.full((2, 10), SPACE)
    shown[0] = sign("a")
    flags = np.zeros(shown.shape, bool)
    flags[0, :changed] = flags[1] = True
    assert is_over(shown, flags, *([] if least is None else [least])) is over


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        # Letters are over where they are capital; a dot is blank.
        (["AB......", "ab......"], [(0, 8, "K")]),
        (["AB....ab", "ab......"], [(0, 2, "2X")]),
        (["ABab....", "ab......"], [(0, 2, "2X")]),
        (["..AB..AB", "ab......"], [(2, 6, "K")]),
        (["A..BaA..", "ab......"], [(0, 4, "4X"), (5, 3, "K")]),
        ([".a.A.a..", "ab......"], [(3, 1, "1X")]),
        # From the first row on in which nothing has to stay, down to the end, in one.
        (["ab......", "..AB....", "A......."], [(8, 16, "J")]),
        (["ab......", "........", "A......."], [(16, 8, "J")]),
        (["A.......", "........", "........"], [(0, 24, "J")]),
        (["A.......", "a.......", "A......."], [(0, 8, "K"), (16, 8, "J")]),
        (["........", "a.......", "........"], []),
    ],
)
def test_the_fewest_sequences_erase_it(
    rows: list[str], written: list[tuple[int, int, str]]
) -> None:
    shown = np.array([[SPACE if letter == "." else ord(letter) for letter in row] for row in rows])
    over = np.array([[letter.isupper() for letter in row] for row in rows])
    assert list(erasures(shown, over, SPACE)) == [
        (place, count, f"\x1b[{sequence}") for place, count, sequence in written
    ]


class Far:
    """A terminal at the end of a link, on a virtual clock."""

    def __init__(self, rate: float) -> None:
        self.now, self.rate = 100.0, rate
        self.link = Link((COLUMNS, ROWS), clock=lambda: self.now)
        self.screen, self._show = true_screen(COLUMNS, ROWS)
        self._busy_until = self.now
        self._due: list[tuple[float, bytes, tuple[int, int] | None]] = []

    def run(self, seconds: float) -> None:
        """Let so long pass; every frame is answered."""
        end = self.now + seconds
        while self.now < end:
            while self._due and self._due[0][0] <= self.now:
                _, frame, place = self._due.pop(0)
                self._show(frame.decode().replace("\x1b[6n", ""))
                if place:
                    self.link.report(place[0], place[1], self.now)
            while (sent := self.link.next_frame()) is not None:
                self._busy_until = max(self._busy_until, self.now) + len(sent) / self.rate
                place = self.link.awaited if sent.endswith(b"\x1b[6n") else None
                self._due.append((self._busy_until + ROUND_TRIP_S, sent, place))
            self.now += 0.005

    def text(self) -> str:
        return "\n".join(self.screen.display)


def rows_of(letters: str, rows: range, left: int = 0, width: int = COLUMNS) -> str:
    """Bytes that fill rows with words of letters that never are the same in one place."""
    words = "".join(letters[at * 7 % len(letters)] for at in range(width))
    return "".join(f"\x1b[{y + 1};{left + 1}H{words[y % 5 :]}{words[: y % 5]}" for y in rows)


MAP, BESIDE = Region(0, 1, 50, 22, 3), Region(50, 1, 30, 22, 1)


def far(rate: float) -> Far:
    terminal = Far(rate)
    terminal.link.feed("\x1b[?1049h")
    terminal.link.set_regions([Region(0, 0, 80, 1, 0), MAP, BESIDE])
    terminal.link.feed("\x1b[1;1Hthe head" + rows_of("abcd ", range(1, 23)))
    terminal.run(30)
    assert "abcd"[0] in terminal.text()
    return terminal


def test_on_a_slow_link_a_page_comes_onto_an_empty_screen() -> None:
    terminal = far(RATE)
    terminal.link.urgent()
    terminal.link.set_regions([])
    terminal.link.feed("\x1b[1;1Hthe page" + rows_of("wxyz ", range(1, 23)))
    terminal.run(0.9)
    text = terminal.text()
    assert "the page" in text
    assert not set("abcd") & set(text.replace("the page", "")), "the map is left below it"
    terminal.run(30)
    assert set("wxyz") <= set(text) | set(terminal.text())


def test_a_page_comes_onto_an_empty_screen_also_where_its_regions_are_told_late() -> None:
    """And where what it hides went in one piece."""
    terminal = far(RATE)
    terminal.link.set_regions([Region(0, 0, 80, 1, 0), MAP, BESIDE._replace(unit="picture")])
    terminal.run(5)
    terminal.link.urgent()
    terminal.link.feed("\x1b[1;1HTHE PAGE" + rows_of("wxyz ", range(1, 23)))
    terminal.run(0.9)
    assert not set("abcd") & set(terminal.text())


def test_what_stays_is_left_alone_while_a_part_becomes_another() -> None:
    terminal = far(RATE)
    terminal.link.urgent()
    terminal.link.feed(rows_of("wxyz ", range(1, 23), MAP.x, MAP.width))
    terminal.run(0.9)
    beside = [row[BESIDE.x :] for row in terminal.screen.display]
    assert all(set(row) & set("abcd") for row in beside[1:23])
    assert not set("abcd") & set("".join(row[: MAP.width] for row in terminal.screen.display[1:]))


def test_what_training_paints_does_not_empty_the_map() -> None:
    terminal = far(RATE)
    terminal.run(5)
    terminal.link.claim(3, 0.0)
    terminal.link.feed(rows_of("wxyz ", range(1, 23), MAP.x, MAP.width))
    terminal.run(0.9)
    shown = "".join(row[: MAP.width] for row in terminal.screen.display[1:])
    assert set("abcd") & set(shown) and set("wxyz") & set(shown)
    assert sum(letter == " " for letter in shown) < len(shown) / 2


def test_on_a_fast_link_nothing_is_emptied() -> None:
    terminal = far(1e6)
    terminal.link.urgent()
    terminal.link.set_regions([])
    terminal.link.feed("\x1b[1;1Hthe page" + rows_of("wxyz ", range(1, 23)))
    frames = []
    while frame := terminal.link.next_frame():
        frames.append(frame)
    assert frames and not any(b"\x1b[J" in frame for frame in frames)

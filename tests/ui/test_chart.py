"""The plot of the loss, row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from rich.console import Console
from textual.geometry import Size

from tests.ui.scenes import BASELINES
from tui_ae.raster.grid import DEFAULT
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve
from tui_ae.ui.screens.chart import Chart, _rgb
from tui_ae.ui.screens.loss_axes import BaselineLine, Series, Window, lines
from tui_ae.ui.screens.loss_chart import LossChartScreen
from tui_ae.ui.themes import DARK


class Sized(Chart):
    """A chart that stands on no screen."""

    def __init__(self, size: tuple[int, int], *, ascii_only: bool, blocks: bool) -> None:
        super().__init__(DARK, ascii_only=ascii_only, blocks=blocks)
        self._cells = Size(*size)
        self.painted: list[object] = []
        vars(self)["refresh"] = lambda *regions, **_: self.painted.append(regions)

    @property
    def size(self) -> Size:
        return self._cells


def falling(name: str, epochs: Sequence[int] | range, floor: float) -> Series:
    at = np.array(epochs, float)
    return Series(name, at, floor + 0.4 / at)


ONE = (falling("training", range(1, 41), 0.2),)
TWO = (falling("training", range(1, 31), 0.2), falling("held-out", range(5, 31, 5), 0.3))


def draw(
    size: tuple[int, int],
    series: Sequence[Series] = ONE,
    *,
    window: tuple[float, float] = (1, 50),
    shown: Sequence[BaselineLine] = lines(BASELINES),
    cursor: float | None = None,
    log: bool = False,
    zoomed: bool = False,
    ascii_only: bool = False,
    blocks: bool = False,
) -> Sized:
    chart = Sized(size, ascii_only=ascii_only, blocks=blocks)
    chart.show(series, shown, Window(*window), cursor, log=log, zoomed=zoomed)
    return chart


def picture(chart: Chart) -> str:
    """Its rows, without the blanks behind them."""
    return "\n".join(["", *(row.rstrip() for row in chart.render().plain.split("\n")), ""])


def test_a_roomy_chart_has_curve_baselines_and_round_numbers() -> None:
    assert (
        picture(draw((78, 17)))
        == """
   │
   │────────────────────────────────────────────────────────── undecided 0.693
0.6┤⡄
   │⡇
   │⢇
   │⢸
0.4┤⠸⡀
   │─⢣──────────────────────────────────────────────────── best constant 0.343
   │  ⠣⡀
   │───⠈⠑⠢⠤⣀⣀──────────────────────────────────────────────── mean image 0.243
0.2┤─────────⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤●──────────── two components 0.220
   │
   │────────────────────────────────────────────────────────────── floor 0.095
   │
  0┤
   └┬────────┬──────────┬─────────┬─────────┬──────────┬─────────────────────┬
    1       10         20        30        40         50                epoch
"""
    )


def test_below_fifty_columns_the_curve_has_them_all() -> None:
    assert (
        picture(draw((49, 12), cursor=10, log=True))
        == """
   │────────│────────────────────────────────────
   │⡇       │
0.5┤⢸       │
   │─⠣⡀─────│────────────────────────────────────
   │  ⠑⠤⣀⣀  │
   │──────⠉⠉⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀●─────────
0.2┤        │
   │        │
0.1┤        │
   │────────│────────────────────────────────────
   └┬────────────────┬─────────────────┬────────┬
    1               20                40   epoch
"""
    )


def test_a_zoomed_chart_comes_close_and_ascii_has_its_own_signs() -> None:
    assert (
        picture(draw((60, 14), window=(10, 20), zoomed=True, ascii_only=True))
        == """
    |
    |-------------------------------------- mean image 0.243
    |
0.24+*
    | ***
    |    ***
0.23+       ****
    |           ******
    |                 ******
    |                       *******
0.22+------------------------------**** two components 0.220
    |
    `+---------------+---------------+---------------------+
    10              15              20                epoch
"""
    )


def test_signs_tell_the_held_out_curve() -> None:
    assert (
        picture(draw((60, 13), TWO, window=(1, 30)))
        == """
   │──────────────────────────────────────── undecided 0.693
   │
   │⡇
0.5┤⡇
   │⢇
   │⠸⡀⠢⢄⣀─────────────────────────────── best constant 0.343
   │ ⠑⢄  ⠉⠉⠉○⠉⠉⠉⠉⠉○
   │───⠉⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤●── mean image 0.243, two components 0.220
   │
   │──────────────────────────────────────────── floor 0.095
  0┤
   └┬────────┬─────────────────────────────────────────────┬
    1       20                                        epoch
"""
    )


def test_blocks_stand_for_dots() -> None:
    assert (
        picture(draw((60, 13), TWO, window=(1, 30), blocks=True))
        == """
   │──────────────────────────────────────── undecided 0.693
   │
   │▌
0.5┤▌
   │▚
   │▝▖▚▄▄─────────────────────────────── best constant 0.343
   │ ▝▄  ▀▀▀○▀▀▀▀▀○
   │───▀▀▀▀▚▄▄▄▄▄▄●── mean image 0.243, two components 0.220
   │
   │──────────────────────────────────────────── floor 0.095
  0┤
   └┬────────┬─────────────────────────────────────────────┬
    1       20                                        epoch
"""
    )


def test_zoomed_in_both_curves_have_their_rows() -> None:
    assert (
        picture(draw((60, 13), TWO, window=(10, 20), zoomed=True, log=True))
        == """
   │
   │
   │○⣀⣀⣀⣀⣀⣀⣀○─────────────────────────── best constant 0.343
   │        ⠈⠉⠉⠉⠉⠉⠉⠉○⠒⠒⠒⠒⠒⠒⠒○⠤⠤⠤⠤⠤⠤⠤⠤○⣀⣀⣀⣀⣀⣀⣀○⣀⣀⣀⣀⣀⣀⣀○
0.3┤
   │
   │
   │─────────────────────────────────────── mean image 0.243
   │⠑⠒⠒⠒⠤⠤⠤⣀⣀⣀⣀⣀⣀⡀
   │─────────────⠈⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤ two components 0.220
   │
   └┬───────────────┬────────────────┬─────────────────────┬
   10              15               20                epoch
"""
    )


def test_without_baselines_the_axis_is_the_curves_own() -> None:
    assert (
        picture(draw((46, 9), shown=()))
        == """
   │⡆
0.5┤⢣
   │⠘⡄
   │ ⠑⠤⣀
   │    ⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤●
   │
  0┤
   └┬───────────────┬────────────────┬───────┬
    1              20               40  epoch
"""
    )


def test_little_room_has_a_chart_too() -> None:
    rows = picture(draw((12, 3))).split("\n")
    assert rows[1].endswith("⠢⠤⠤⠤⠤⠤●─") and len(rows) == 5


def test_a_chart_without_a_size_or_a_curve_draws_nothing() -> None:
    assert draw((0, 9)).painted == [] and picture(draw((0, 9))) == "\n\n"
    for size, series in (((9, 0), ONE), ((0, 0), ONE), ((40, 9), ())):
        assert picture(draw(size, series)) == "\n\n"
    assert len(picture(draw((1, 1))).split("\n")) == 3


def test_only_rows_that_differ_are_painted_again() -> None:
    chart = draw((40, 9))
    assert chart.painted == [()], "all of it, for there was nothing before"
    before = chart.render().plain.split("\n")
    again = falling("training", range(1, 45), 0.2), lines(BASELINES), Window(1, 50)
    chart.show((again[0],), *again[1:], None, log=False, zoomed=False)
    regions = chart.painted[-1]
    after = chart.render().plain.split("\n")
    changed = [row for row in range(9) if before[row] != after[row]]
    assert changed and [region.y for region in regions] == changed
    assert all((region.x, region.width, region.height) == (0, 40, 1) for region in regions)
    chart.show((again[0],), *again[1:], None, log=False, zoomed=False)
    assert len(chart.painted) == 2


@pytest.mark.parametrize(
    ("colour", "parts"), [(0x123456, (0x12, 0x34, 0x56)), (0xFF0080, (255, 0, 128)), (0, (0, 0, 0))]
)
def test_a_colour_in_parts(colour: int, parts: tuple[int, int, int]) -> None:
    assert _rgb(colour) == parts and _rgb(DEFAULT) == "default"


def test_curves_baselines_and_cursor_have_their_colours() -> None:
    chart = draw((60, 13), TWO, window=(1, 30), cursor=20)
    rows = chart.render().split("\n")

    def ink(sign: str) -> str:
        row = next(row for row in rows if sign in row.plain)
        style = row.get_style_at_offset(Console(), row.plain.index(sign))
        assert style.color is not None and style.color.triplet is not None
        return style.color.triplet.hex

    tones = chart._tones
    for sign, colour in (
        ("○", tones.warning), ("●", tones.accent), ("⡇", tones.curve), ("u", tones.muted),
        ("──", tones.faint),
    ):  # fmt: skip
        assert ink(sign) == f"#{colour:06x}", sign


# --- the screen around it ------------------------------------------------------------------------


def screen(epochs: Sequence[int] = range(1, 41)) -> LossChartScreen:
    made = LossChartScreen()
    made.show_curves({TRAINING: of(epochs)}, BASELINES)
    return made


def of(epochs: Sequence[int], floor: float = 0.2) -> LossCurve:
    at = np.array(epochs)
    return LossCurve(at, floor + 0.4 / at, math.nan, math.nan)


@pytest.mark.parametrize(
    ("epochs", "start", "by", "expected"),
    [
        # From the newest, where no cursor is yet.
        (range(1, 41), None, -1, 39), (range(1, 41), None, 1, 40),
        (range(1, 41), 20, -1, 19), (range(1, 41), 20, 1, 21),
        (range(1, 41), 1, -1, 1), (range(1, 41), 40, 1, 40), (range(1, 41), 2, -1, 1),
        # From point to point where the curve has no others, also from between them.
        ((1, 5, 9), 5, -1, 1), ((1, 5, 9), 5, 1, 9), ((1, 5, 9), 7, -1, 5), ((1, 5, 9), 7, 1, 9),
    ],
)  # fmt: skip
def test_the_cursor_goes_from_point_to_point(
    epochs: Sequence[int], start: float | None, by: int, expected: float
) -> None:
    made = screen(epochs)
    made.cursor = start
    made.action_cursor(by)
    assert made.cursor == expected


@pytest.mark.parametrize(
    ("start", "by", "window", "expected"),
    [
        # A tenth of the 49 epochs that are shown.
        (None, -1, None, 35), (20, 1, None, 25), (20, -1, None, 15), (2, -1, None, 1),
        (39, 1, None, 40),
        # And of a part of them, but an epoch at least.
        (20, 1, (10, 30), 22), (20, -1, (18, 22), 19), (20, 1, (18, 23), 21),
    ],
)  # fmt: skip
def test_the_cursor_goes_far_by_a_tenth_of_what_is_shown(
    start: float | None, by: int, window: tuple[float, float] | None, expected: float
) -> None:
    made = screen()
    made.cursor, made.window = start, Window(*window) if window else None
    made.action_far(by)
    assert made.cursor == expected


def test_the_cursor_goes_to_both_ends() -> None:
    made = screen((3, 5, 9))
    made.action_end(-1)
    assert made.cursor == 3
    made.action_end(1)
    assert made.cursor is None


@pytest.mark.parametrize(
    ("cursor", "steps", "expected"),
    [
        (None, 1, (20.5, 45)), (20, 1, (10.5, 35)), (20, 2, (15.25, 27.5)), (20, -1, None),
        (1, 1, (1, 25.5)),
    ],
)  # fmt: skip
def test_zooming_halves_and_doubles_the_epochs_around_the_cursor(
    cursor: float | None, steps: int, expected: tuple[float, float] | None
) -> None:
    made = screen()
    made.cursor = cursor
    made.action_zoom(steps)
    assert made.window == (Window(*expected) if expected else None)
    made.action_zoom(-4)
    assert made.window is None, "all of it again"
    made.action_zoom(1)
    made.action_fit()
    assert made.window is None


def test_a_window_follows_the_cursor() -> None:
    made = screen()
    made.cursor, made.window = 20, Window(10, 30)
    made.action_end(-1)
    assert (made.cursor, made.window) == (1, Window(1, 21))
    made.action_end(1)
    assert (made.cursor, made.window) == (None, Window(20, 40))


def test_another_run_forgets_places_on_the_old_curve_and_the_same_one_keeps_them() -> None:
    made = screen()
    made.cursor, made.window = 20, Window(10, 30)
    for epochs in (range(1, 41), range(1, 42)):
        made.show_curves({TRAINING: of(epochs)}, BASELINES)
        assert (made.cursor, made.window) == (20, Window(10, 30))
    # Baselines that come later, or other losses of the same epochs, are no other run.
    made.show_curves({TRAINING: of(range(1, 42))}, None)
    made.show_curves({TRAINING: of(range(1, 42), 0.3)}, None)
    assert (made.cursor, made.window) == (20, Window(10, 30)) and made._lines == ()
    assert made._series[0].losses[-1] == pytest.approx(0.3 + 0.4 / 41)
    made.show_curves({TRAINING: of(range(1, 41))}, BASELINES)
    assert made.cursor is None and made.window is None and made._lines == lines(BASELINES)


def test_the_axis_ends_at_a_round_number_beyond_the_newest_epoch() -> None:
    made = screen(range(1, 52))
    assert made._window() == Window(1, 70)
    made.action_zoom(1)
    assert made.window == Window(26, 60.5)


def values(made: LossChartScreen) -> list[str]:
    return list(made._values())


def test_the_heading_tells_of_the_cursor_and_of_the_best() -> None:
    made = LossChartScreen()
    losses = LossCurve(np.array([1, 2, 3]), np.array([0.5, 0.25, 0.375]), math.nan, math.nan)
    made.show_curves({HELD_OUT: of((2, 3), 0.3), TRAINING: losses}, None)
    assert values(made) == ["epoch 3", "loss 0.3750", "○ held-out 0.4333", "best 0.2500"]
    made.cursor = 2
    assert values(made) == ["epoch 2", "loss 0.2500", "○ held-out 0.5000", "best 0.2500"]
    # Before its first value, there is nothing held out to tell.
    made.cursor = 1
    assert values(made) == ["epoch 1", "loss 0.5000", "best 0.2500"]
    made._ascii, made.cursor = True, None
    assert values(made)[2] == "x held-out 0.4333"
    assert values(screen(range(1000, 1235)))[0] == "epoch 1,234"


def test_losses_that_are_no_numbers_are_left_out_of_each_curve() -> None:
    made = LossChartScreen()
    gap = LossCurve(np.arange(1, 4), np.array([0.5, math.nan, 0.25]), math.nan, math.nan)
    lost = LossCurve(np.arange(1, 3), np.full(2, math.inf), math.nan, math.nan)
    made.show_curves({TRAINING: gap, HELD_OUT: lost}, None)
    assert [each.epochs.tolist() for each in made._series] == [[1, 3]] and made._left_out
    assert values(made) == ["epoch 3", "loss 0.2500", "best 0.2500"]
    made.show_curves({TRAINING: of((1, 2))}, None)
    assert not made._left_out


def test_keys_without_a_curve_do_nothing() -> None:
    made = LossChartScreen()
    made.show_curves({TRAINING: of(())}, BASELINES)
    made.action_cursor(1), made.action_far(1), made.action_end(-1), made.action_zoom(1)
    assert made.cursor is None and made.window is None

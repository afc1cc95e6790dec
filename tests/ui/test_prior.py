"""The prior of a variational autoencoder: its rings on the map, and what is drawn from it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from tests.run import moments
from tests.ui.conftest import Start
from tests.ui.scenes import SURVEY, explorer
from tests.ui.test_map_keys import pane, title
from tests.ui.test_map_panes import (
    DATA,
    LOOKS,
    ODD,
    PLANES,
    RUNS_OF_EACH_WIDTH,
    boxes,
    paint,
    runs_of,
    staged,
)
from tui_ae.arrays import DoubleArray
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.raster.viewport import cell_centre
from tui_ae.run.aligned import AlignedPlane, align
from tui_ae.run.info import begin
from tui_ae.ui.actions import BY_ID
from tui_ae.ui.choice import Inspector, PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import MIN_HEIGHT, MIN_WIDTH
from tui_ae.ui.panes.drawn import Drawn
from tui_ae.ui.panes.neighbours import small_picture
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.prior import LETTERS, draw_prior

VAE = {"kind": "vae", "hidden": (16,)}


def seen(data: Dataset = DATA, width: int = 2, **changes: Any) -> Explorer:
    """A variational autoencoder whose codes reach to three standard deviations."""
    run = begin(Settings(latent_dim=width, hidden=(5,), kind="vae"))
    shown = explorer()
    shown.take_survey(SURVEY)
    at = moments.moment(7, moments.info(width))
    codes = np.random.default_rng(0).standard_normal((len(data.images), width)).astype(np.float32)
    active = frozenset(changes.pop("active", range(len(data.class_names))))
    made = moments.snapshot(
        data, at, run, codes=3 * codes / abs(codes).max(), active_classes=active
    )
    shown.accept(dataclasses.replace(made, **changes), data, 0.0)
    shown.choice = dataclasses.replace(shown.choice, names=False)
    return shown


RUNS = runs_of(seen)


def rings(pane_: Scatter, shown: Explorer, width: int = 100, height: int = 40) -> DoubleArray:
    """The points of the plane in the middle of the ring's cells."""
    rows = paint(pane_, staged(shown), width, height)
    plot = pane_.plot
    return np.array(
        [
            cell_centre(shown.viewport, x - plot.x, y - plot.y, plot.width, plot.height)
            for y, row in enumerate(rows)
            for x, sign in enumerate(row)
            if sign == "•"
        ]
    )


@pytest.mark.parametrize("width", [2, 8])
def test_the_rings_lie_at_one_and_two_standard_deviations(width: int) -> None:
    shown = seen(width=width)
    map_ = Scatter()
    assert not len(rings(map_, shown))
    assert shown.switch_prior()
    points = rings(map_, shown)
    centre = shown.plane.place(np.zeros((1, width), np.float32))[0]
    step = np.hypot(*map_.cell_size(shown.choice))
    distance = np.hypot(*(points - centre).T)
    at = [np.abs(distance - radius) <= step for radius in (1, 2)]
    assert (at[0] | at[1]).all() and at[0].sum() > 20 and at[1].sum() > 40
    # All around: in each eighth of a turn.
    for near in at:
        turn = np.arctan2(*(points[near] - centre).T[::-1])
        assert len(set(np.floor(turn / (np.pi / 4)).tolist())) == 8
    assert not shown.switch_prior() and not len(rings(map_, shown))


def test_codes_of_one_number_have_two_lines_a_deviation() -> None:
    shown = seen(width=1)
    shown.switch_prior()
    across = {round(x, 1) for x in rings(Scatter(), shown)[:, 0].tolist()}
    step = Scatter().cell_size(shown.choice)[0]
    assert len(across) == 4, across
    assert all(min(abs(x - goal) for goal in (-2, -1, 1, 2)) < 0.1 + step for x in across)


def test_draws_are_decoded_and_stand_on_the_map_by_their_letters() -> None:
    shown = seen()
    shown.switch_prior()
    prior, snapshot = shown.view.prior, shown.live
    codes = np.random.default_rng(1).standard_normal((len(LETTERS), 2)).astype(np.float32)
    np.testing.assert_allclose(prior.places, codes)
    np.testing.assert_allclose(prior.images.reshape(len(LETTERS), -1), snapshot.decoder(codes))
    map_ = Scatter()
    rows = paint(map_, staged(shown), 140, 60)
    written = {sign for row in rows[1:-2] for sign in row[map_.plot.x :]} & set(LETTERS)
    assert len(written) >= len(LETTERS) - 2, written
    rows = paint(Drawn(), staged(shown), 42, 40)
    assert rows[0].startswith("from the prior") and "12 of 12" in rows[0]
    assert all(any(letter in row for row in rows[1:]) for letter in LETTERS)


@pytest.mark.parametrize(
    ("size", "tall", "columns", "count"),
    [
        # As large as leaves room for all twelve: seven rows, five or four.
        ((45, 29), 7, [0, 15, 30], 12), ((45, 28), 5, [0, 11, 22, 33], 12),
        ((44, 29), 5, [0, 11, 22, 33], 12), ((33, 21), 5, [0, 11, 22], 12),
        ((32, 21), 4, [0, 10, 20], 12), ((28, 17), 4, [0, 9, 18], 12),
        # Else as many of the smallest as there is room for, and one at least.
        ((27, 16), 4, [0, 9, 18], 9), ((26, 13), 4, [0, 13], 6),
        ((28, 4), 4, [0, 9, 18], 3), ((8, 3), 4, [0], 1),
    ],
)  # fmt: skip
def test_draws_stand_in_rows_as_large_as_they_fit(
    size: tuple[int, int], tall: int, columns: list[int], count: int
) -> None:
    shown = seen()
    shown.switch_prior()
    pane_ = Drawn()
    rows = paint(pane_, staged(shown), *size)
    if size[0] > 26:
        assert rows[0].endswith(f"─ {count} of 12")
    expected = {
        letter: (1 + at // len(columns) * tall, columns[at % len(columns)])
        for at, letter in enumerate(LETTERS[:count])
    }
    assert {
        sign: (row, column)
        for row, text in enumerate(rows)
        for column, sign in enumerate(text)
        if row and sign in LETTERS
    } == expected
    for letter, (row, column) in expected.items():
        if row + tall <= size[1]:
            image = shown.view.prior.images[LETTERS.index(letter)]
            picture = small_picture(image, LOOKS["truecolor"], tall).rows()
            drawn = [text[column + 1 : column + 1 + 2 * tall] for text in rows[row : row + tall]]
            assert drawn == [text[: size[0] - column - 1] for text in picture]


def test_the_same_draws_at_each_moment_and_others_when_asked_again() -> None:
    shown = seen()
    shown.switch_prior()
    places, images = shown.view.prior.places, shown.view.prior.images
    later = moments.moment(30, moments.info(2))
    assert shown.live is not None
    shown.accept(dataclasses.replace(shown.live, decoder=later.decoder, epoch=8), DATA, 0.0)
    assert (shown.view.prior.places == places).all()
    assert (shown.view.prior.images != images).any()
    shown.switch_prior(), shown.switch_prior()
    assert (shown.view.prior.places != places).all()


def test_wide_codes_are_drawn_in_all_their_numbers() -> None:
    shown = seen(width=8)
    made = draw_prior(shown.live, shown.plane, 1)
    codes = np.random.default_rng(1).standard_normal((len(LETTERS), 8)).astype(np.float32)
    np.testing.assert_allclose(made.images.reshape(len(LETTERS), -1), shown.live.decoder(codes))
    np.testing.assert_allclose(made.places, shown.plane.pca.encode(codes))
    turned = AlignedPlane(shown.plane, align(shown.plane.codes, -2 * shown.plane.codes))
    np.testing.assert_allclose(turned.place(codes), -2 * made.places, atol=1e-4)
    np.testing.assert_allclose(turned.outline(1.0), -2 * shown.plane.outline(1.0), atol=1e-4)


def test_other_networks_have_none() -> None:
    shown = explorer()
    shown.accept(moments.snapshot(DATA, moments.moment(7, moments.info()), moments.info()), DATA, 0)
    shown.switch_prior()
    assert shown.view.prior is None
    assert "12" not in paint(Drawn(), staged(shown), 28, 20)[0]


@pytest.mark.parametrize(("width", "run"), RUNS_OF_EACH_WIDTH)
def test_it_has_a_picture_at_every_size(width: int, run: str) -> None:
    shown = RUNS[run](width)
    shown.switch_prior()
    for name in (name for name in PLANES if name in shown.planes.names):
        shown.use_plane(name, 0.0)
        for turn, appearance in enumerate(LOOKS):
            now = staged(shown, appearance)
            sizes = [*boxes("drawn", beside="drawn"), *ODD]
            for size in sizes[turn % 3 :: 3]:
                paint(Drawn(), now, *size)
            for size in [*boxes("scatter", beside="drawn"), *ODD][turn % 3 :: 3]:
                top = paint(Scatter(), now, *size)[0]
                assert "prior" not in top or name is not PlaneName.PIXELS


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24), (MIN_WIDTH, MIN_HEIGHT)])
async def test_capital_p_shows_the_prior_and_takes_it_away(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size, network=VAE) as run:
        await run.press("tab", "P")
        assert "Rings: the prior at 1σ and 2σ" in run.rows()[-2]
        assert pane(run, "drawn")[0].startswith("from the prior") and not pane(run, "probe")
        assert "prior" in title(run)
        # e goes on to the neighbours, the rings stay.
        await run.press("e")
        assert not pane(run, "drawn") and "prior" in title(run)
        await run.press("P")
        assert "prior" not in title(run) and run.explorer.choice.inspector is Inspector.OF_PROBE
        await run.press("P", "P")
        assert pane(run, "drawn") == [] and run.explorer.choice.inspector is Inspector.DECODED
        await run.press("x", "P")
        assert "The prior lies among the codes: x." in run.text


async def test_in_ascii_deviations_are_not_called_seconds(start: Start) -> None:
    async with start(network=VAE, glyphs="ascii") as run:
        await run.press("P")
        assert "Rings: the prior at 1sd and 2sd" in run.rows()[-2]


async def test_without_a_prior_the_key_says_so(start: Start) -> None:
    async with start() as run:
        await run.press("P")
        assert "This network has no prior: --kind vae trains one." in run.text
        assert run.explorer.choice.prior == 0 and not pane(run, "drawn")
    assert BY_ID["prior"].palette

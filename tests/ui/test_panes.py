"""Every pane draws every scene at every size."""

from __future__ import annotations

import dataclasses
import gc
import math
import re
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch
from rich.cells import cell_len

from tests.ui import scenes
from tests.ui.scenes import RUN, SURVEY, Staged, curve, dataset, explorer, look, scene, snapshot
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.link.cells.glyphs import SURE
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.image import braille_image
from tui_ae.run.snapshot import HELD_OUT, TRAINING, Snapshot, State
from tui_ae.ui.choice import Layer, PlaneName
from tui_ae.ui.class_keys import DIGITS, LETTERS
from tui_ae.ui.explorer import LAYERS, Explorer
from tui_ae.ui.layout import arrange
from tui_ae.ui.panes import (
    bars,
    bowtie,
    legend,
    loss,
    neighbours,
    pictures,
    registry,
    scatter,
    strip,
)
from tui_ae.ui.panes.pictures import Picture
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.scene import Look, point
from tui_ae.ui.sheet import Sheet

PANES = {
    "neighbours": neighbours.Neighbours,
    "strip": strip.Strip,
    "header": bars.Header,
    "readout": bars.Readout,
    "status": bars.Status,
    "footer": bars.Footer,
    "notice": bars.Notice,
    "input": pictures.Input,
    "reconstruction": pictures.Reconstruction,
    "sample": pictures.Sample,
    "probe": pictures.Probe,
    "scatter": scatter.Scatter,
    "classes": legend.Legend,
    "loss": loss.Loss,
    "bowtie": bowtie.Bowtie,
}
TEN = dataset()
SLOW = look(braille_images=True)
PAUSED = explorer(TEN, snapshot(TEN, state=State.PAUSED))
LONG = [
    "a very long name of a class that fits nowhere",
    "犬のクラス",
    "é" * 40,
    "\x1b[31mred",
    "हिन्दी",
]


def failed() -> Snapshot:
    return snapshot(
        TEN,
        np.full((60, 2), np.nan),
        state=State.FAILED,
        loss=math.nan,
        curves={TRAINING: curve([0.6, 1e12])},
        samples_per_second=0.0,
        failure="The loss is no longer a number: try a smaller --lr than 10.",
    )


def of(data: Dataset, **changes: Any) -> Staged:
    return scene(explorer(data, snapshot(data, **changes)))


SCENES: dict[str, Callable[[], Staged]] = {
    "before the data": lambda: scene(explorer(), baselines=None, stage="starting PyTorch"),
    "training": scene,
    "untrained": lambda: of(TEN, epoch=0, batch=0, state=State.IDLE, curves={TRAINING: curve()}),
    "failed": lambda: scene(explorer(TEN, failed())),
    "run away": lambda: of(TEN, loss=1.5e30, codes=np.full((60, 2), 3e38)),
    "one class": lambda: of(dataset(1)),
    "36 classes": lambda: of(dataset(36, 72, names=DIGITS + LETTERS)),
    "two of ten": lambda: of(TEN, active=(1, 2)),
    "unlabelled": lambda: of(dataset(1, labelled=False, names=["all"])),
    "long names": lambda: of(dataset(5, names=LONG, name="犬 " * 60, notes=("Fitted.",) * 5)),
    "many samples": lambda: of(dataset(10, 60), active_samples=10**9, batches=10**7, epoch=10**6),
    "images gone": lambda: of(
        dataset(10, images=Images.unknown(60), notes=("Gone.",), missing="gone"),
        codes=np.eye(60, 2),
    ),
    "a message": lambda: scene(message="No class 7 is on; c switches classes.", link="15 ms"),
}  # fmt: skip
LOOKS = {
    **scenes.LOOKS,
    "slow": look(grey_levels=8, braille_images=True, sixteen_colours=True),
    "slowest": look(braille_images=True, sixteen_colours=True, sparse_cloud=True),
}
TERMINALS = [(60, 20), (76, 23), (80, 24), (108, 37), (90, 60), (120, 40), (200, 60)]


class Shown:
    """A pane without a screen."""

    def __init__(self, name: str) -> None:
        self.pane = PANES[name](id=name)
        # It stands on no screen that could be painted.
        vars(self.pane)["refresh"] = lambda *regions, **options: None

    def draw(self, moment: Staged, width: int, height: int) -> list[str]:
        self.pane.paint(moment, width, height)
        grid = self.pane.grid
        assert (grid.height, grid.width) == (max(height, 0), max(width, 0))
        assert all(cell_len(row) == grid.width for row in grid.rows())
        return grid.rows()


def draw(name: str, moment: Staged, width: int, height: int) -> list[str]:
    return Shown(name).draw(moment, width, height)


def checked(rows: list[str], *, plain: bool) -> None:
    text = "".join(rows)
    assert not re.search(r"-0\.000(?!\d)", text)
    if plain:
        assert text.isascii(), {sign for sign in text if not sign.isascii()}


@pytest.mark.parametrize("appearance", LOOKS)
@pytest.mark.parametrize("moment", SCENES)
def test_every_pane_draws_at_the_sizes_it_gets(moment: str, appearance: str) -> None:
    now = SCENES[moment]().replace(look=LOOKS[appearance])
    for width, height in TERMINALS:
        wanted = legend.rows_wanted(now.explorer.dataset, 28)
        for page in ("probe", "sample", "classes", "loss", "bowtie"):
            panes = arrange(width, height, wanted, page).panes
            for name, box in panes.items():
                if page not in ("probe", name):
                    continue
                rows = draw(name, now, box.width, box.height)
                checked(rows, plain=now.look.ascii)


@pytest.mark.parametrize("moment", SCENES)
@pytest.mark.parametrize("name", PANES)
def test_every_pane_survives_every_size(name: str, moment: str) -> None:
    now, shown = SCENES[moment](), Shown(name)
    for width, height in [
        (1, 1),
        (0, 0),
        (0, 5),
        (5, 0),
        (2, 9),
        (9, 2),
        (13, 4),
        (28, 3),
        (40, 1),
    ]:
        checked(shown.draw(now, width, height), plain=False)


@given(
    st.sampled_from(sorted(PANES)),
    st.sampled_from(sorted(SCENES)),
    st.sampled_from(sorted(LOOKS)),
    st.integers(1, 130),
    st.integers(1, 45),
)
def test_any_pane_any_scene_any_size(
    name: str, moment: str, appearance: str, width: int, height: int
) -> None:
    now = SCENES[moment]().replace(look=LOOKS[appearance])
    checked(draw(name, now, width, height), plain=now.look.ascii)


# --- what stands as plain text -------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("appearance", LOOKS)
def test_the_header_says_state_epoch_and_loss(width: int, appearance: str) -> None:
    for state in (State.IDLE, State.TRAINING, State.PAUSED, State.FAILED):
        now = of(TEN, state=state).replace(look=LOOKS[appearance])
        row = draw("header", now, width, 1)[0]
        assert "Autoencoder Explorer"[:10] in row
        assert re.search(rf"\b{state.value}\b", row)
        assert re.search(r"\bepoch 12\b", row) and re.search(r"\bloss 0\.2345\b", row)
    assert "starting" in draw("header", SCENES["before the data"](), width, 1)[0]


@pytest.mark.parametrize("style", LAYERS)
def test_every_scatter_style_has_a_picture_in_ascii(style: Layer) -> None:
    now = scene(look=look(glyphs="ascii"))
    now.explorer.choice = dataclasses.replace(now.explorer.choice, layer=style)
    pane = scatter.Scatter()
    pane.paint(now, 60, 20)
    text = "".join(pane.grid.rows())
    assert text.isascii() and text.strip()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_readout_says_where_the_probe_is(width: int) -> None:
    now = scene()
    now.explorer.set_probe(np.array([0.1234, -0.456]))
    assert "probe (z₁ = 0.123, z₂ = -0.456)" in draw("readout", now, width, 1)[0]
    plain = now.replace(look=look(glyphs="ascii"))
    assert "probe (z1 = 0.123, z2 = -0.456)" in draw("readout", plain, width, 1)[0]
    now.explorer.set_probe(np.array([-0.0001, -0.0]))
    assert "probe (z₁ = 0.000, z₂ = 0.000)" in draw("readout", now, width, 1)[0]


@pytest.mark.parametrize("width", range(52, 90))
def test_the_readout_has_the_sample_whole_or_not_at_all(width: int) -> None:
    now = scene()
    now.explorer.set_probe(np.array([0.1234, -0.456]))
    text = draw("readout", now, width, 1)[0]
    assert "probe (z₁ = 0.123, z₂ = -0.456)" in text
    assert re.search(r"sample \(z₁ = \S+, z₂ = \S+\)", text) or "sample" not in text
    assert "sample" in text or width < 70


@pytest.mark.parametrize("box", [(80, 1), (50, 2)])
def test_the_readout_has_the_sample_where_there_is_room(box: tuple[int, int]) -> None:
    text = "".join(draw("readout", scene(), *box))
    assert re.search(r"sample \(z₁ = -?\d+\.\d{3}, z₂ = -?\d+\.\d{3}\)", text)


def test_the_sample_has_its_label_and_loss() -> None:
    now = scene()
    sample = now.explorer.monitored()
    assert draw("input", now, 28, 15)[0] == f"input · {sample.label} ─── 28×28 = 784 px"
    assert draw("input", now, 40, 15)[0].startswith(f"input · digit {sample.label} ───")
    boots = of(dataset(1, names=["Ankle boot"]))
    assert draw("input", boots, 28, 15)[0] == "input · Ankle boot ── 784 px"
    assert f"BCE {sample.loss:.4f}" in draw("reconstruction", now, 28, 15)[0]
    text = draw("sample", now, 28, 15)
    assert f"digit {sample.label}" in text[0] and f"BCE {sample.loss:.4f}" in text[0]
    unlabelled = SCENES["unlabelled"]()
    assert "digit" not in "".join(draw("input", unlabelled, 28, 15))


@pytest.mark.parametrize("focus", ["sample", "scatter"])
@pytest.mark.parametrize("name", ["7", "Ankle boot", "a very long name of a class"])
def test_the_loss_of_the_sample_stands_on_small_screens_too(name: str, focus: str) -> None:
    now = of(dataset(1, names=[name])).replace(focus=focus)
    title = draw("sample", now, 28, 16)[0]
    assert f"BCE {now.explorer.monitored().loss:.4f}" in title and name[:7] in title


@pytest.mark.parametrize("changes", [{"look": look(braille_images=True)}, {"shown": PAUSED}])
def test_the_probe_names_the_epoch_of_its_weights(
    changes: dict[str, Explorer] | dict[str, Look],
) -> None:
    assert re.search(r"weights.* epoch 12$", draw("probe", scene(**changes), 28, 15)[0])


def test_while_training_the_probe_says_that_its_weights_are_the_latest() -> None:
    assert draw("probe", scene(), 28, 15)[0].endswith(" live weights")
    # In full wherever two blanks remain between the words.
    assert draw("probe", scene(), 21, 15)[0] == "decoded  live weights"
    assert draw("probe", scene(), 20, 15)[0].endswith("─ live")


@pytest.mark.parametrize(("rows", "drawn"), [(14, 14), (20, 14), (21, 21), (30, 28)])
@pytest.mark.parametrize("appearance", [look(), look(glyphs="ascii"), look(depth=ColourDepth.NONE)])
def test_a_picture_grows_with_its_pane_by_half(rows: int, drawn: int, appearance: Look) -> None:
    image = Picture().draw(np.ones((28, 28), np.float32), appearance, rows, 2 * rows)
    assert image.glyphs.shape == (drawn, 2 * drawn)


@pytest.mark.parametrize(
    ("depth", "greys"),
    [(ColourDepth.SIXTEEN, 4), (ColourDepth.EIGHT_BIT, 24), (ColourDepth.TRUECOLOR, 64)],
)
def test_a_picture_has_as_many_greys_as_the_terminal(depth: ColourDepth, greys: int) -> None:
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    drawn = Picture().draw(image, look(depth=depth), 14, 28)
    assert len(np.unique([drawn.foreground, drawn.background])) == greys


def test_images_fill_their_pane() -> None:
    for name in ("input", "reconstruction", "probe"):
        shown = Shown(name)
        shown.draw(scene(), 28, 15)
        picture = shown.pane.grid.background[1:]
        assert picture.shape == (14, 28) and (picture != -1).all()


@pytest.mark.parametrize("text", ["first 0.600", "best 0.2345", "last 0.2345"])
@pytest.mark.parametrize("box", [(120, 4), (120, 1), (80, 1), (80, 3), (40, 16), (28, 16)])
def test_the_loss_has_its_values(text: str, box: tuple[int, int]) -> None:
    assert text in "\n".join(draw("loss", scene(), *box))


def test_the_curve_of_the_loss_fills_its_pane() -> None:
    rows = draw("loss", scene(), 120, 4)
    assert rows[0].startswith("loss") and rows[1][0] != " " and rows[3].rstrip()
    narrow = draw("loss", scene(), 28, 16)
    assert not rows[0][0].isspace() and narrow[6][0] != " " and narrow[5].strip() == ""


def test_the_loss_has_its_baselines() -> None:
    title = draw("loss", scene(), 120, 4)[0]
    assert "mean image 0.243" in title and "floor 0.095" in title


def test_the_status_counts_samples_and_batches() -> None:
    row = draw("status", scene(), 120, 1)[0]
    assert "60 samples × 1 pass" in row and "3 of 25 mini-batches of 128" in row
    assert re.search(r"monitoring digit \d", row)


def test_the_status_tells_how_far_a_long_epoch_is() -> None:
    data = dataset()
    seen = snapshot(data, batch=123, batches=274, running_loss=0.31234)
    row = draw("status", scene(explorer(data, seen)), 120, 1)[0]
    assert row.startswith("next epoch 45% · loss so far 0.3123 · 60 samples")
    seen = snapshot(data, batch=0, batches=274, running_loss=0.31234)
    assert "so far" not in draw("status", scene(explorer(data, seen)), 120, 1)[0]


def test_the_status_answers_in_order_of_weight() -> None:
    def row(**changes: Any) -> str:
        return draw("status", scene(**changes), 80, 1)[0]

    assert row(message="Saved it", link="3 ms").startswith("Saved it")
    assert row(link="3 ms  9 kB/s").endswith("3 ms  9 kB/s")
    figures = ("link thin", "153 ms", "5.1 of about 7 kB/s", "4,321 frames", "99 kB in all")
    assert row(message="Saved it", figures=figures).startswith("Saved it")
    assert row(figures=figures).rstrip() == " · ".join(figures)
    narrow = draw("status", scene(figures=figures), 60, 1)[0].rstrip()
    assert narrow == " · ".join(figures[:4])
    loading = SCENES["before the data"]().replace(figures=figures)
    assert draw("status", loading, 80, 1)[0].startswith("starting PyTorch …")
    # After a failure keys are still answered: y shows its command, p where the picture is.
    now = SCENES["failed"]()
    assert draw("status", now, 100, 1)[0].startswith("The loss is no longer")
    assert draw("status", now.replace(message="Saved it"), 100, 1)[0].startswith("Saved it")
    early = SCENES["before the data"]()
    assert draw("status", early, 80, 1)[0].startswith("starting PyTorch …")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_footer_always_names_help_and_quit(width: int) -> None:
    row = draw("footer", of(TEN, state=State.IDLE), width, 1)[0]
    assert row.rstrip().endswith("? help  q quit") and row.startswith("space train")
    assert "space pause" in draw("footer", scene(), width, 1)[0]


@pytest.mark.parametrize("width", [80, 120])
def test_the_footer_names_what_a_newcomer_looks_for(width: int) -> None:
    row = draw("footer", scene(), width, 1)[0]
    for words in ("a explain", "v layer", "x plane", "probe", "n sample"):
        assert words in row


def test_where_one_pane_fits_the_footer_says_what_tab_brings() -> None:
    assert "tab pictures" in draw("footer", scene(leafs="pictures"), 60, 1)[0]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_what_matters_in_a_state_stands_in_the_footer_before_help(width: int) -> None:
    keys = (("fit", "fit"), ("open-pane", "nearest"), ("dims", "numbers"))
    row = draw("footer", scene(state_keys=keys), width, 1)[0]
    assert row.rstrip().endswith("f fit  enter nearest  ? help  q quit")
    assert row.count("f fit") == 1 and "numbers" not in row
    plain = draw("footer", scene(), width, 1)[0]
    # A slow link pays for the end of the row alone.
    assert row[:10] == plain[:10]


def test_a_sample_without_a_place_has_no_coordinates() -> None:
    for lost in ((math.nan, math.nan), (0.5, math.inf)):
        assert point("drawing", ("", ""), *lost) == "drawing: no place here"
        assert point("sample", ("z₁", "z₂"), *lost) == "sample: no place here"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_before_anything_was_trained_one_line_says_what_one_sees(width: int) -> None:
    new = of(TEN, state=State.IDLE, epoch=0, batch=0)
    new = new.replace(welcomes=True)
    row = draw("status", new, width, 1)[0]
    cross = "the orange cross" if width > 60 else "the cross"
    assert row.startswith(f"image → 2 numbers → image; {cross} is yours: move it")
    assert ("space trains" in row) == (width > 75)
    plain = new.replace(look=look(depth=ColourDepth.NONE))
    assert "; the cross is yours" in draw("status", plain, width, 1)[0]
    pressed = new.replace(welcomes=False)
    assert "yours" not in draw("status", pressed, width, 1)[0]


def test_the_notice_says_what_is_needed() -> None:
    text = " ".join(" ".join(draw("notice", scene(), 40, 10)).split())
    assert "40 columns and 10 rows" in text and "60 and 20" in text and "press q" in text
    # Wrapped within a column of blanks on each side, and in the middle of all rows.
    rows = [row.strip() for row in draw("notice", scene(), 40, 10)]
    assert [bool(row) for row in rows] == [False] * 3 + [True] * 3 + [False] * 4
    assert rows[3] == "This terminal has 40 columns and 10"
    assert draw("notice", scene(), 37, 10)[3] == " This terminal has 37 columns and 10 "
    assert draw("notice", scene(), 36, 10)[3].strip() == "This terminal has 36 columns and"


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "digit", "boots"),
    [
        (36, "input · digit 9 ───── 28×28 = 784 px", "input · Ankle boot ── 28×28 = 784 px"),
        (34, "input · digit 9 ─── 28×28 = 784 px", "input · Ankle boot  28×28 = 784 px"),
        (33, "input · digit 9 ── 28×28 = 784 px", "input · Ankle boot ─────── 784 px"),
        (31, "input · digit 9  28×28 = 784 px", "input · Ankle boot ───── 784 px"),
        # 'digit' goes before the size does.
        (30, "input · 9 ───── 28×28 = 784 px", "input · Ankle boot ──── 784 px"),
        (25, "input · 9  28×28 = 784 px", "input · Ankle boot ──────"),
        (24, "input · digit 9 ─ 784 px", "input · Ankle boot ─────"),
        (18, "input · digit 9 ──", "input · Ankle boot"),
        (15, "input · digit 9", "input · Ankle …"),
        (14, "input · 9 ────", "input · Ankle…"),
    ],
)
def test_the_title_of_the_input_has_as_much_as_fits(width: int, digit: str, boots: str) -> None:
    for now, title in ((scene(), digit), (of(dataset(1, names=["Ankle boot"])), boots)):
        assert draw("input", now, width, 2)[0] == title


@pytest.mark.parametrize(
    ("width", "title"),
    [
        (36, "Ankle boot → output ───── BCE 0.7082"),
        (33, "Ankle boot → output ── BCE 0.7082"),
        (32, "Ankle boot ────────── BCE 0.7082"),
        (24, "Ankle boot ── BCE 0.7082"),
        (23, "Ankle bo… ── BCE 0.7082"),
    ],
)
def test_the_words_of_the_small_sample_give_way_to_its_loss(width: int, title: str) -> None:
    assert draw("sample", of(dataset(1, names=["Ankle boot"])), width, 2)[0] == title


def test_the_small_pictures_stand_side_by_side_over_their_captions() -> None:
    now = scene()
    sample = now.explorer.monitored()
    images = [braille_image(image).rows() for image in (sample.image, sample.reconstruction)]
    rows = draw("sample", now, 31, 12)
    assert rows[1:8] == [f"{one} {other}  " for one, other in zip(*images, strict=True)]
    blank = " " * 31
    assert rows[8:] == [
        blank, " input          output         ", blank, " 28×28 = 784 px                "
    ]  # fmt: skip
    assert draw("sample", now, 31, 11)[8:] == [*rows[8:10], blank]
    assert draw("sample", now, 31, 10)[8:] == [blank, blank]


def test_where_an_image_is_gone_only_what_the_network_makes_of_it_is_shown() -> None:
    gone = SCENES["images gone"]()
    gone.explorer.pin(0, 0.0)
    assert draw("input", gone, 28, 5)[2].strip() == "its image is gone"
    gone = SCENES["images gone"]()
    assert [row.strip() for row in draw("input", gone, 28, 5)[1:]] == [
        "", "its image is gone", "", "",
    ]  # fmt: skip
    rows = draw("sample", gone, 28, 9)
    assert rows[0] == "digit 9 → output ───────────"
    assert [row[:14].strip() for row in rows[1:8]] == ["", "", "", "gone", "", "", ""]
    assert all(row[14:].strip() for row in rows[1:8]) and rows[4][1:5] == "gone"
    assert draw("reconstruction", gone, 28, 2)[0] == "reconstruction ─────────────"
    drawn = scene()
    drawn.explorer.show_drawn(np.ones((28, 28), np.float32))
    assert "BCE" in draw("sample", drawn, 28, 9)[0]


@pytest.mark.parametrize(
    ("height", "width", "drawn"),
    [
        (5, 10, (7, 14)),
        (7, 14, (7, 14)),
        (8, 16, (8, 16)),
        (13, 99, (13, 26)),
        (99, 27, (13, 26)),
        (20, 40, (14, 28)),
        (21, 42, (21, 42)),
        (27, 99, (21, 42)),
        (42, 84, (42, 84)),
    ],
)
def test_a_picture_is_as_large_as_height_and_width_allow(
    height: int, width: int, drawn: tuple[int, int]
) -> None:
    image = Picture().draw(np.ones((28, 28), np.float32), look(), height, width)
    assert image.glyphs.shape == drawn


def test_a_picture_stands_in_the_middle_of_its_pane() -> None:
    shown = Shown("input")
    shown.draw(scene(), 33, 18)
    inside = np.argwhere(shown.pane.grid.background != -1)
    assert inside.min(axis=0).tolist() == [2, 2] and inside.max(axis=0).tolist() == [15, 29]
    shown.draw(scene(), 33, 14)
    inside = np.argwhere(shown.pane.grid.background != -1)
    assert inside.min(axis=0).tolist() == [1, 3] and inside.max(axis=0).tolist() == [13, 28]


@pytest.mark.parametrize(
    ("depth", "rows", "greys"),
    [
        # A step less than a pixel's own is not seen in a picture that is larger than its pixels.
        (ColourDepth.TRUECOLOR, 14, 64),
        (ColourDepth.TRUECOLOR, 13, 64),
        (ColourDepth.TRUECOLOR, 21, 24),
        (ColourDepth.EIGHT_BIT, 13, 24),
        (ColourDepth.EIGHT_BIT, 21, 24),
        (ColourDepth.SIXTEEN, 21, 4),
    ],
)
def test_how_many_greys_a_picture_of_a_size_has(depth: ColourDepth, rows: int, greys: int) -> None:
    # A column of each of 28 greys: half of a pixel lies between two of them.
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    drawn = Picture().draw(image, look(depth=depth), rows, 2 * rows)
    assert len(np.unique([drawn.foreground, drawn.background])) == greys
    few = Picture().draw(image, look(depth=ColourDepth.TRUECOLOR, grey_levels=6), rows, 2 * rows)
    assert len(np.unique([few.foreground, few.background])) == 6


def test_greys_hold_still_until_the_picture_has_another_size() -> None:
    picture, grey = Picture(), np.full((28, 28), 0.5, np.float32)
    first = picture.draw(grey, look(grey_levels=11), 14, 28).background
    near = grey + np.float32(0.07)
    assert (picture.draw(near, look(grey_levels=11), 14, 28).background == first).all()
    assert (picture.draw(near, look(grey_levels=11), 21, 42).background != first[0, 0]).all()


# --- loss ----------------------------------------------------------------------------------------

VALUES = "first 0.600 · best 0.2345 · last 0.2345"
HELD = {TRAINING: curve(np.linspace(0.6, 0.2345, 12)), HELD_OUT: curve([0.3, 0.25])}


@pytest.mark.parametrize(
    ("width", "title"),
    [
        (81, f"loss · {VALUES} ─── mean image 0.243 · floor 0.095"),
        (80, f"loss · {VALUES} " + "─" * 33),
        (49, f"loss · {VALUES} ──"),
        (48, "loss " + "─" * 43),
    ],
)
def test_the_title_of_the_loss_has_as_much_as_fits(width: int, title: str) -> None:
    rows = draw("loss", scene(), width, 9)
    assert rows[0] == title
    below = [row.strip() for row in rows[1:6]]
    if width < 49:
        # The values stand over the curve then.
        assert below == ["", *VALUES.split(" · "), ""]
    assert draw("loss", of(TEN, curves=HELD), 120, 3)[0].startswith(
        f"loss · {VALUES} · held-out 0.2500 ─"
    )


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (73, f"{VALUES} · held-out 0.2500  ██▇▇▆▅▅▄▃▂▂▁"),
        (72, f"{VALUES}  ██▇▇▆▅▅▄▃▂▂▁"),
        (50, f"{VALUES}  ██▇▆▅▄▃▂▁"),
    ],
)
def test_in_one_row_the_curve_keeps_its_room_beside_the_values(width: int, row: str) -> None:
    assert draw("loss", of(TEN, curves=HELD), width, 1) == [row.ljust(width)]


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((30, 1), ["the loss of each epoch will st"]),
        ((52, 4), [
            "loss, BCE in nats per pixel ────────────────────────", "",
            "the loss of each epoch will stand here; space trains", "",
        ]),
        ((80, 5), [
            "loss, BCE in nats per pixel ───────────────────── mean image 0.243 · floor 0.095",
            "", "", "the loss of each epoch will stand here; space trains", "",
        ]),
    ],
)  # fmt: skip
def test_before_the_first_epoch_a_sentence_stands_in_the_middle(
    size: tuple[int, int], rows: list[str]
) -> None:
    empty = of(TEN, curves={TRAINING: curve()})
    drawn = draw("loss", empty, *size)
    if size[1] == 4:
        drawn = draw("loss", empty.replace(baselines=None), *size)
    assert [row.strip() for row in drawn] == rows
    if size[1] == 5:
        assert drawn[3].startswith(" " * 14 + "the")


@pytest.mark.parametrize(
    ("size", "glyphs", "epoch", "column"),
    [
        ((80, 1), "braille", 1, 41), ((80, 1), "braille", 5, 45), ((80, 1), "braille", 12, 52),
        ((90, 3), "braille", 1, 0), ((90, 3), "braille", 5, 2), ((90, 3), "braille", 12, 5),
        ((90, 3), "ascii", 5, 4), ((90, 3), "ascii", 12, 11),
        # Epochs share columns where there are more than those.
        ((51, 1), "braille", 12, 50), ((51, 1), "braille", 7, 46),
    ],
)  # fmt: skip
def test_a_moment_of_the_timeline_is_marked_on_the_curve(
    size: tuple[int, int], glyphs: str, epoch: int, column: int
) -> None:
    shown = explorer(TEN)
    shown.look_back(snapshot(TEN, epoch=epoch), 0.0)
    now = scene(shown, look=look(glyphs=glyphs))
    pane = Shown("loss")
    top = 0 if size[1] == 1 else 1
    rows = pane.draw(now, *size)[top:]
    inks = pane.pane.grid.foreground[top:]
    marked = [at for at in range(size[0]) if (inks[:, at] == now.look.tones.accent).all()]
    assert column in marked
    sign = "|" if glyphs == "ascii" else "│"
    assert {at for row in rows for at, each in enumerate(row) if each == sign} <= {column}
    assert all(row[column] != " " for row in rows)


# --- scatter -------------------------------------------------------------------------------------


def test_the_cloud_is_drawn_once_a_snapshot(monkeypatch: MonkeyPatch) -> None:
    drawn = []
    real = scatter.scatter
    monkeypatch.setattr(scatter, "scatter", lambda *a, **k: drawn.append(1) or real(*a, **k))
    shown, now = Shown("scatter"), scene()
    for _ in range(3):
        shown.draw(now, 60, 24)
    now.explorer.set_probe(now.explorer.probe + 0.01)
    shown.draw(now, 60, 24)
    assert len(drawn) == 1
    now.explorer.zoom(1)
    shown.draw(now, 60, 24)
    now.explorer.next_layer()
    shown.draw(now, 60, 24)
    shown.draw(now, 61, 24)
    assert len(drawn) == 4


@pytest.mark.parametrize("batch", [0, 1, 9, 10, 25])
def test_the_rest_of_the_status_stays_where_it_is_while_mini_batches_pass(batch: int) -> None:
    (first, *_), (row, *_) = (
        Shown("status").draw(scene(explorer(TEN, snapshot(TEN, batch=passed))), 80, 1)
        for passed in (3, batch)
    )
    assert row == first.replace(" 3 of 25", f"{batch:2} of 25")


def test_a_cloud_that_waits_holds_no_weights() -> None:
    pane = scatter.Scatter()
    snapshots = [snapshot(TEN, epoch=epoch) for epoch in (1, 2)]
    old = weakref.ref(snapshots[0].decoder.weights[0])
    pane.paint(scene(explorer(TEN, snapshots[0]), look=SLOW), 60, 24)
    pane.paint(scene(explorer(TEN, snapshots[1]), look=SLOW), 60, 24, moved=False)
    assert pane.grid.rows()[0].endswith(" epoch 1, slow link")
    del snapshots[0]
    gc.collect()
    assert old() is None


def test_on_a_fast_link_only_the_header_has_the_epoch() -> None:
    training = scene()
    seen = [draw(name, training, 60, 24)[0] for name in ("scatter", "probe", "input", "status")]
    assert not re.search(r"epoch \d", " ".join(seen))
    assert "epoch 12" in draw("header", training, 120, 1)[0]


def test_on_a_slow_link_a_cloud_says_of_which_epoch_it_is_also_while_it_waits() -> None:
    shown, now = Shown("scatter"), scene(look=SLOW)
    before = shown.draw(now, 60, 24)
    assert before[0].endswith(" epoch 12, slow link")
    box = now.explorer.viewport
    later = snapshot(TEN, now.explorer.snapshot.codes * np.float32(0.95), epoch=15)
    now.explorer.accept(later, TEN, 0.0)
    assert now.explorer.viewport is box
    assert isinstance(shown.pane, Scatter)
    shown.pane.paint(now, 60, 24, moved=False)
    rows = shown.pane.grid.rows()
    assert rows[0] == before[0]
    for old, new in zip(before[1:], rows[1:], strict=True):
        for one, other in zip(old[6:], new[6:], strict=True):
            if "\u2800" < one < "\u2900" and "\u2800" < other < "\u2900":
                assert one == other
    shown.pane.paint(now, 60, 24)
    assert shown.pane.grid.rows()[0].endswith(" epoch 15, slow link")


def test_a_sparse_cloud_is_of_class_characters_without_lines() -> None:
    braille = draw("scatter", scene(), 60, 24)
    sparse = draw("scatter", scene(look=LOOKS["slowest"]), 60, 24)
    assert "┊" in "".join(braille) and "┊" not in "".join(sparse) and "┈" not in "".join(sparse)
    inside = list(zip(braille, sparse, strict=True))[1:-3]
    cells = [pair for rows in inside for pair in zip(*rows, strict=True)]
    dots = [other for one, other in cells if "\u2800" < one < "\u2900"]
    assert dots and set(dots) <= set(DIGITS + LETTERS)
    assert "(◎)" in "".join(sparse) and "╺╋╸" in "".join(sparse)


def test_a_reset_replaces_the_cloud_at_once() -> None:
    shown, now = Shown("scatter"), scene(look=SLOW)
    shown.draw(now, 60, 24)
    now.explorer.accept(snapshot(TEN, info=RUN.again(), epoch=0), TEN, 0.0)
    assert isinstance(shown.pane, Scatter)
    shown.pane.paint(now, 60, 24, moved=False)
    assert shown.pane.grid.rows()[0].endswith(" epoch 0, slow link")


def test_a_probe_on_the_sample_stands_around_it() -> None:
    shown, now = Shown("scatter"), scene()
    sample = now.explorer.monitored().code
    now.explorer.set_probe(sample.astype(float))
    assert "╺◎╸" in "".join(shown.draw(now, 60, 24))
    step = shown.pane.cell_size(now.explorer.choice)[0]
    for by in (-1, 1):
        now.explorer.set_probe(sample + np.array([by * step, 0.0]))
        rows = "".join(shown.draw(now, 60, 24))
        assert ("╺╋◎" if by < 0 else "◎╋╸") in rows


def test_probe_and_sample_are_marked_at_their_cells() -> None:
    shown, now = Shown("scatter"), scene()
    shown.draw(now, 60, 24)
    plot = shown.pane.plot
    for column, row in [(plot.x, plot.y), (plot.x + 20, plot.y + 7)]:
        now.explorer.set_probe(shown.pane.point_at(now.explorer.choice, column, row))
        rows = shown.draw(now, 60, 24)
        assert rows[row][column] == "╋"
    assert sum(row.count("◎") for row in rows) == 1


@given(st.integers(-5, 80), st.integers(-5, 40))
def test_any_cell_of_the_pane_is_a_point_of_the_view(column: int, row: int) -> None:
    shown, now = Shown("scatter"), scene()
    shown.draw(now, 60, 24)
    z1, z2 = shown.pane.point_at(now.explorer.choice, column, row)
    box = now.explorer.viewport
    assert box.left < z1 < box.right and box.bottom < z2 < box.top


@pytest.mark.parametrize("depth", [ColourDepth.NONE, ColourDepth.SIXTEEN])
def test_without_colours_enough_the_classes_are_characters(depth: ColourDepth) -> None:
    now = scene(look=look(depth=depth))
    plot = "".join(row[6:] for row in draw("scatter", now, 60, 24)[1:22])
    assert sum(sign in DIGITS + LETTERS for sign in plot) > 10
    assert not any(0x2800 <= ord(sign) < 0x2900 for sign in plot)


def test_the_scatter_says_its_style_and_that_it_is_zoomed() -> None:
    now = scene()
    now.explorer.next_layer()
    now.explorer.zoom(1)
    title = draw("scatter", now, 60, 24)[0]
    assert "class characters" in title and "zoomed, f fits" in title


# --- legend --------------------------------------------------------------------------------------


@pytest.mark.parametrize("box", [(28, 6), (28, 19), (60, 2), (46, 5), (90, 4)])
@pytest.mark.parametrize("moment", ["training", "36 classes", "one class", "long names"])
def test_every_class_has_its_place_in_the_legend(moment: str, box: tuple[int, int]) -> None:
    shown, now = Shown("classes"), SCENES[moment]()
    shown.draw(now, *box)
    width, height = box
    found = {shown.pane.class_at(x, y) for x in range(width) for y in range(height)} - {None}
    assert found == set(range(len(now.explorer.dataset.class_names)))


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        # In a narrow column two entries share the whole width.
        ((28, 4), [
            "classes ───────────── all on", "● Bag     20  ● Shirt   20  ",
            "● Coat    20                ", " " * 28,
        ]),
        ((28, 2), ["● Bag     20  ● Shirt   20  ", "● Coat    20                "]),
        ((14, 4), ["classes ──────", "● Bag   20    ", "● Coat  20    ", "● Shirt 20    "]),
        ((39, 3), [
            "classes ──────────────────────── all on", "● Bag          20  ● Shirt        20   ",
            "● Coat         20                      ",
        ]),
        ((40, 2), [
            "classes ───────────────────────── all on", "● Bag   20  ● Coat  20  ● Shirt 20      ",
        ]),
        ((40, 1), ["● Bag   20  ● Coat  20  ● Shirt 20      "]),
    ],
)  # fmt: skip
def test_the_legend_row_by_row(size: tuple[int, int], rows: list[str]) -> None:
    three = of(dataset(3, 60, names=["Bag", "Coat", "Shirt"]))
    assert draw("classes", three, *size) == rows


TWELVE = dataset(12, 120, names=[f"name {label}" for label in range(12)])


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((28, 7), [
            "classes ───────── 2 of 12 on",
            "● name 0  10  ○ name 6  10  ", "○ name 1  10  ○ name 7  10  ",
            "○ name 2  10  ○ name 8  10  ", "● name 3  10  ○ name 9  10  ",
            "○ name 4  10  ○ name 10 10  ", "○ name 5  10  ○ name 11 10  ",
        ]),
        # Without room for counts the names stay; without room for these, the keys.
        ((40, 5), [
            "classes ───────────────────── 2 of 12 on",
            "● name 0   ○ name 4   ○ name 8          ",
            "○ name 1   ○ name 5   ○ name 9          ",
            "○ name 2   ○ name 6   ○ name 10         ",
            "● name 3   ○ name 7   ○ name 11         ",
        ]),
        ((40, 4), ["classes ───────────────────── 2 of 12 on", "0 · · 3 · · · · · · · ·", "", ""]),
        ((20, 3), ["classes ─ 2 of 12 on", "0 · · 3 · · · · · ·", "· ·"]),
        ((21, 2), ["0 · · 3 · · · · · ·", "· ·"]),
        ((19, 3), ["classes  2 of 12 on", "0 · · 3 · · · · ·", "· · ·"]),
        ((18, 3), ["classes ──────────", "0 · · 3 · · · · ·", "· · ·"]),
    ],
)  # fmt: skip
def test_a_legend_of_many_classes_in_little_room(size: tuple[int, int], rows: list[str]) -> None:
    shown = Shown("classes")
    now = of(TWELVE, active={0, 3})
    drawn = shown.draw(now, *size)
    assert [row.rstrip() for row in drawn] == [row.rstrip() for row in rows]
    # A click on an entry is for its class; beside it and above it is for none.
    assert isinstance(shown.pane, legend.Legend)
    for label, name in enumerate(TWELVE.class_names):
        for row, text in enumerate(drawn):
            if (at := text.find(f"{name} ")) >= 0:
                assert shown.pane.class_at(at, row) == shown.pane.class_at(at - 2, row) == label
    assert shown.pane.class_at(0, len(drawn)) is None
    if rows[0].startswith("classes"):
        assert shown.pane.class_at(0, 0) is None


def test_a_click_on_a_key_of_the_legend_is_for_its_class() -> None:
    shown = Shown("classes")
    shown.draw(of(TWELVE, active={0, 3}), 20, 3)
    assert isinstance(shown.pane, legend.Legend)
    found = [[shown.pane.class_at(column, row) for column in range(20)] for row in (1, 2)]
    assert found[0] == [label for label in range(10) for _ in range(2)]
    assert found[1] == [10, 10, 11, 11] + [None] * 16


def test_a_long_name_is_cut_and_before_the_data_there_is_a_title_alone() -> None:
    long = of(dataset(2, 60, names=["a very long name of a class", "b"]))
    assert draw("classes", long, 60, 2)[1] == (
        "● a very long name of… 30  ● b                    30        "
    )
    nothing = SCENES["before the data"]()
    assert draw("classes", nothing, 20, 3) == ["classes ────────────", " " * 20, " " * 20]
    assert draw("classes", nothing, 20, 2) == [" " * 20] * 2
    assert legend.rows_wanted(None, 28) == 5


@pytest.mark.parametrize(("width", "rows"), [(12, 12), (28, 6), (39, 6), (42, 4), (200, 1)])
def test_rows_that_a_legend_wants(width: int, rows: int) -> None:
    assert legend.rows_wanted(TWELVE, width) == rows


def test_what_is_off_in_the_legend_is_faint() -> None:
    shown = Shown("classes")
    shown.draw(of(TWELVE, active={0, 3}), 28, 7)
    tones, inks = look().tones, shown.pane.grid.foreground
    colours = look().class_colours(12)
    assert inks[1, [0, 2, 10]].tolist() == [colours[0], tones.text, tones.muted]
    assert inks[4, [0, 2, 10]].tolist() == [colours[3], tones.text, tones.muted]
    assert inks[2, [0, 2, 10]].tolist() == [tones.faint] * 3
    shown.draw(of(TWELVE, active={0, 3}), 20, 3)
    inks = shown.pane.grid.foreground
    assert inks[1, [0, 2, 6]].tolist() == [colours[0], tones.faint, colours[3]]


def test_the_legend_has_names_and_counts() -> None:
    text = "\n".join(draw("classes", of(dataset(3, 60, names=["Bag", "Coat", "犬"])), 28, 6))
    assert re.search(r"● Bag +20", text) and re.search(r"● Coat +20", text)
    assert re.search(r"● 犬 +20", text) and "all on" in text


def test_the_legend_keeps_names_where_counts_have_no_room() -> None:
    names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Bag"]
    made = of(dataset(8, 80, names=names))
    text = "\n".join(draw("classes", made, 46, 4))
    assert all(f"● {name}" in text for name in names) and " 10" not in text
    assert "● T" not in "\n".join(draw("classes", made, 46, 3))


@pytest.mark.parametrize("look", ["16", "ASCII"])
def test_the_legend_of_a_map_of_characters_has_the_characters(look: str) -> None:
    data = dataset(3, 60, names=["Bag", "Coat", "Shirt"])
    made = of(data).replace(look=LOOKS[look])
    text = "\n".join(draw("classes", made, 28, 6))
    assert re.search(r"0 Bag +20 +2 Shirt +20", text) and "1 Coat" in text
    made = of(data, active={0, 2}).replace(look=LOOKS[look])
    off = "\n".join(draw("classes", made, 28, 6))
    assert "0 Bag" in off and "1 Coat" not in off and "Coat" in off


def test_names_that_can_not_be_written_are_told_apart_all_the_same() -> None:
    names = ["犬", "猫", "👩\u200d🔬", "👨\u200d🔬", "हिन्दी"]
    made = of(dataset(5, 60, names=names))
    assert sorted(re.findall(r"● (\S+)", "\n".join(draw("classes", made, 28, 8)))) == [
        "hindii", "犬", "猫", "👨🔬", "👩🔬"
    ]  # fmt: skip
    text = "\n".join(draw("classes", made.replace(look=LOOKS["ASCII"]), 60, 8))
    assert sorted(re.findall(r"[0-4] (\D.*?(?: [01])?) +12", text)) == [
        "class 0", "class 1", "hindii", "manmicroscope", "womanmicroscope"
    ]  # fmt: skip


def test_a_message_with_a_name_stands_in_the_status_line() -> None:
    assert "Class 犬 is off" in draw("status", scene(message="Class 犬 is off."), 60, 1)[0]
    ascii_only = scene(message="Saved Größe · 犬", look=LOOKS["ASCII"])
    assert draw("status", ascii_only, 60, 1)[0].startswith("Saved Grosse - ? ")


def test_names_stand_on_the_map_also_where_points_are_keys() -> None:
    """The key of a class called 犬 is no 犬."""
    names = ["犬", "猫", "鳥"]
    made = of(dataset(3, 300, names=names), codes=np.repeat(np.eye(3, 2), 100, axis=0) * 9)
    text = "\n".join(draw("scatter", made.replace(look=LOOKS["16"]), 60, 24))
    assert any(f"[{name}]" in text for name in names)


def test_the_legend_shows_what_is_off() -> None:
    text = "\n".join(draw("classes", SCENES["two of ten"](), 28, 8))
    assert text.count("●") == 2 and text.count("○") == 8 and "2 of 10 on" in text


def test_the_focused_pane_has_a_mark() -> None:
    for name in ("scatter", "classes", "loss", "bowtie"):
        assert draw(name, scene(focus=name), 60, 12)[0].startswith("▸ ")
        assert not draw(name, scene(focus="other"), 60, 12)[0].startswith("▸")


@pytest.mark.parametrize("name", PANES)
def test_the_program_draws_with_signs_that_are_one_cell_everywhere(name: str) -> None:
    """Of others nobody knows where the terminal has put what follows, so they cost bytes."""
    signs = {sign for row in draw(name, scene(focus=name), 120, 16) for sign in row}
    assert not [sign for sign in signs if not SURE[ord(sign)]]


def test_what_goes_first_where_a_link_has_no_room_for_all() -> None:
    """The probe follows the hand; the map, which takes most bytes, comes last."""
    order: dict[int, set[str]] = {}
    for pane in registry.PANES:
        order.setdefault(pane.PRIORITY, set()).add(pane.NAME)
    assert order == {
        0: {"header", "readout", "notice", "probe", "other-decoded"},
        1: {
            "status", "footer", "input", "reconstruction", "sample", "neighbours", "drawn", "strip",
            "other-reconstruction", "compared",
        },
        2: {"classes", "loss", "bowtie"},
        3: {"scatter", "other"},
    }  # fmt: skip


def test_the_sheet_belongs_to_the_pane_alone() -> None:
    sheet = Sheet(2, 30)
    grid = bars.Header(id="header").draw(scene(), sheet)
    assert grid is sheet.grid


@pytest.mark.parametrize("width", range(60, 201, 4))
@pytest.mark.parametrize("state", [State.IDLE, State.TRAINING])
def test_no_word_of_header_and_status_is_cut(width: int, state: State) -> None:
    """What has no room is left out: a part of a word says less than none."""
    now = of(TEN, state=state, batch=3, batches=13, running_loss=0.3)
    for name in ("header", "status"):
        row = draw(name, now, width, 1)[0]
        assert "…" not in row, row


def test_the_digit_of_a_narrow_input_is_not_cut() -> None:
    row = draw("input", scene(explorer(dataset())), 14, 8)[0]
    assert re.search(r"input · \d ", row) and "…" not in row


def test_what_pca_decodes_is_not_said_to_be_by_the_network() -> None:
    shown = explorer(dataset())
    shown.take_survey(SURVEY)
    assert "live weights" in draw("probe", scene(shown), 28, 15)[0]
    shown.use_plane(PlaneName.PIXELS, 0.0)
    assert draw("probe", scene(shown), 28, 15)[0].endswith(" by PCA")

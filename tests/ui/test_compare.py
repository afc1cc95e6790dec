"""Two runs side by side."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pytest import CaptureFixture

from tests.run import moments
from tests.terminal import Terminal
from tests.ui.scenes import (
    RUN,
    SURVEY,
    Staged,
    curve,
    dataset,
    explorer,
    network,
    scene,
    snapshot,
)
from tui_ae.arrays import FloatArray
from tui_ae.compare import Images
from tui_ae.config import Settings
from tui_ae.data.arrays import PIXELS
from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.raster.viewport import fit
from tui_ae.run.plane import CodePlane, PixelPlane
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.source import Beside
from tui_ae.ui.choice import PlaneName
from tui_ae.ui.companion import Companion, differences
from tui_ae.ui.layout import arrange
from tui_ae.ui.panes.compared import Compared, OtherReconstruction, _numbers
from tui_ae.ui.panes.pictures import Reconstruction
from tui_ae.ui.sheet import Sheet

DATA = dataset()


class Other:
    """A run that has one snapshot to give."""

    def __init__(self, newest: Snapshot, data: Dataset = DATA) -> None:
        self._newest, self.dataset = newest, data
        self.survey, self.stage, self.info = None, "", newest.info

    def latest(self) -> Snapshot:
        newest, self._newest = self._newest, None
        return newest


def turned(degrees: float = 90.0) -> Snapshot:
    """The same codes, turned."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    made = snapshot(DATA)
    return dataclasses.replace(
        made, info=RUN.again(), codes=(made.codes @ turn).astype(np.float32), epoch=7
    )


def companion(newest: Snapshot, **options: bool) -> Companion:
    made = Companion(Beside(Other(newest), **options))
    assert made.tick(0.0)
    return made


def test_an_aligned_run_lies_as_the_first_one() -> None:
    lead = explorer(DATA)
    view = companion(turned()).view(lead.view)
    np.testing.assert_allclose(view.plane.codes, lead.view.plane.codes, atol=1e-4)
    assert view.choice.viewport == lead.viewport and view.choice.probe == lead.choice.probe


def test_without_alignment_the_sample_links_both() -> None:
    lead = explorer(DATA)
    beside = companion(turned())
    beside.aligned = False
    view = beside.view(lead.view)
    assert view.monitored.index == lead.sample
    assert view.choice.probe == pytest.approx(tuple(view.monitored.code.tolist()))


def test_an_aligned_plane_is_made_once_a_moment() -> None:
    lead = explorer(DATA)
    beside = companion(turned())
    plane = beside.view(lead.view).plane
    assert beside.view(lead.view).plane is plane
    lead.set_probe(np.array([0.5, 0.5]))
    assert beside.view(lead.view).plane is plane
    # A later moment of either run has another one.
    lead.accept(snapshot(DATA, epoch=13), DATA, 0.0)
    other = beside.view(lead.view).plane
    assert other is not plane
    beside.source = Other(turned(45.0))
    assert beside.tick(1.0) and not beside.tick(2.0)
    assert beside.view(lead.view).plane not in (plane, other)


def test_without_alignment_the_box_is_that_of_its_own_codes() -> None:
    lead = explorer(DATA)
    far = dataclasses.replace(turned(), codes=turned().codes + np.float32(50))
    beside = companion(far)
    beside.aligned = False
    view = beside.view(lead.view)
    assert view.choice.viewport == fit(far.codes) != lead.viewport
    assert view.choice.layer is lead.choice.layer and view.choice.sample == lead.sample

    def nowhere(images: FloatArray) -> FloatArray:
        return np.full((len(images), 2), np.nan, np.float32)

    lost = companion(dataclasses.replace(far, encoder=nowhere))
    lost.aligned = False
    assert lost.view(lead.view).choice.probe == lead.choice.probe


def test_before_both_runs_are_there_nothing_stands_beside() -> None:
    beside = Companion(Beside(Other(turned())))
    assert beside.view(explorer(DATA).view) is None
    assert beside.tick(0.0) and not beside.tick(0.0)
    assert beside.view(None) is None
    waiting = Companion(Beside(Other(turned(), None)))
    assert not waiting.tick(0.0)


def test_a_layout_of_the_first_run_has_no_counterpart() -> None:
    lead = explorer(DATA)
    beside = companion(turned())
    lead.take_survey(SURVEY), beside.explorer.take_survey(SURVEY)
    for name, shown in (
        (PlaneName.CODES, CodePlane),
        (PlaneName.PIXELS, PixelPlane),
        (PlaneName.TSNE_PIXELS, CodePlane),
        (PlaneName.PRINCIPAL, CodePlane),
    ):
        lead.choice = dataclasses.replace(lead.choice, plane=name)
        beside.aligned = False
        assert isinstance(beside.view(lead.view).plane, shown), name


def test_many_images_and_those_held_out_are_encoded_by_foreign_weights() -> None:
    data = moments.dataset(count=2100, held_out=3)
    newest = snapshot(data, codes=np.zeros((2100, 2)), held_out_codes=np.zeros((3, 2)))
    beside = Companion(Beside(Other(newest, data), foreign=True))
    assert beside.tick(0.0)
    found = beside.explorer.live
    np.testing.assert_allclose(found.codes, newest.encoder(data.images[:]), rtol=1e-4, atol=1e-6)
    apart = newest.encoder(data.held_out.images[:])
    np.testing.assert_allclose(found.held_out_codes, apart, rtol=1e-4, atol=1e-6)


def test_a_run_on_other_images_is_shown_by_its_weights() -> None:
    newest = dataclasses.replace(turned(), codes=np.zeros((60, 2), np.float32))
    view = companion(newest, foreign=True).view(explorer(DATA).view)
    expected = newest.encoder(DATA.images[:])
    np.testing.assert_allclose(view.snapshot.codes, expected, rtol=1e-5)


def test_a_wide_run_is_shown_by_its_principal_plane() -> None:
    rng = np.random.default_rng(0)
    settings = dataclasses.replace(RUN.settings, latent_dim=5, hidden=())
    wide = snapshot(
        DATA,
        rng.normal(size=(60, 5)),
        info=dataclasses.replace(RUN.again(), settings=settings),
        encoder=network(PIXELS, 5, sigmoid_output=False),
        decoder=network(5, PIXELS, sigmoid_output=True),
        held_out_codes=np.empty((0, 5), np.float32),
    )
    view = companion(wide).view(explorer(DATA).view)
    assert view.plane.title.startswith("PCA of 5 numbers") and view.plane.codes.shape == (60, 2)
    assert view.decoded.shape == (28, 28)


def test_other_numbers_of_images_cannot_be_compared() -> None:
    few = dataset(samples=30)
    made = Companion(Beside(Other(snapshot(few), few)))
    made.tick(0.0)
    assert made.view(explorer(DATA).view) is None
    assert made.view(None) is None


def test_panes_tell_both() -> None:
    lead = explorer(DATA)
    view = companion(turned()).view(lead.view)
    now = scene(lead).replace(other=view, differs=(("seed", "0", "1"),))
    rows = Compared().draw(now, Sheet(12, 40)).rows()
    assert any(row.split()[:3] == ["seed", "0", "1"] for row in rows)
    assert any(row.split()[:3] == ["epoch", "12", "7"] for row in rows)
    made = OtherReconstruction().draw(Staged(lead, now._made)._scene(), Sheet(15, 28)).rows()
    assert "BCE" in made[0]


def test_differences_are_named_as_options() -> None:
    one, other = Settings(), Settings(seed=3, learning_rate=0.1, hidden=(8, 4))
    assert differences(one, other) == [
        ("seed", "0", "3"),
        ("lr", str(one.training.learning_rate), "0.1"),
        ("hidden", "128,32", "8,4"),
    ]
    assert differences(Settings(), Settings(objective="mse")) == [("objective", "bce", "mse")]
    # What was only left open here and said there is no difference.
    assert differences(Settings(), Settings(objective="bce", hidden=(128, 32))) == []
    bare = differences(Settings(), Settings(hidden=(), held_out=0.25))
    assert bare == [("held-out", "default", "0.25"), ("hidden", "128,32", "none")]
    linear = differences(Settings(), Settings(kind="linear"))
    assert linear == [("kind", "ae", "linear")]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_many_differences_cut_no_number(size: tuple[int, int]) -> None:
    box = arrange(*size, 5, compared=True).panes["compared"]
    lead = explorer(DATA)
    differs = tuple((f"option{at}", "here", "there") for at in range(12))
    now = scene(lead).replace(other=companion(turned()).view(lead.view), differs=differs)
    rows = Compared().draw(now, Sheet(box.height, box.width)).rows()
    names = [row.split()[0] for row in rows if row.split()]
    assert {"epoch", "loss", "weights", "sample"} <= set(names)
    shown = sum(name.startswith("option") and name != "options" for name in names)
    assert any(row.split()[:3] == ["options", str(12 - shown), "more"] for row in rows)


DIFFERS = (("seed", "0", "1"), ("lr", "0.001", "0.1"), ("hidden", "128,32", "8,4,16,32,64"))
NUMBERS = [
    "epoch     12             7",
    "loss      0.2345         0.2345",
    "weights   210,130        210,130",
]


@pytest.mark.parametrize(
    ("height", "options"),
    [
        (9, [
            "seed      0              1", "lr        0.001          0.1",
            "hidden    128,32         8,4,16,32,64",
        ]),
        (8, [
            "seed      0              1", "lr        0.001          0.1",
            "hidden    128,32         8,4,16,32,64",
        ]),
        (7, ["seed      0              1", "options   2 more"]),
        (6, ["options   3 more"]),
        (5, []),
    ],
)  # fmt: skip
def test_the_table_of_both_row_by_row(height: int, options: list[str]) -> None:
    lead = explorer(DATA)
    view = companion(turned()).view(lead.view)
    now = scene(lead).replace(other=view, differs=DIFFERS)
    title, *rows = (row.rstrip() for row in Compared().draw(now, Sheet(height, 40)).rows())
    assert title == "left and right " + "─" * 25
    losses = [f"{view.monitored.loss:.4f}" for view in (lead.view, view)]
    expected = [*options, *NUMBERS, f"sample    {losses[0]}         {losses[1]}"]
    assert rows[: len(expected)] == expected and not any(rows[len(expected) :])


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (40, "hidden    128,32         8,4,16,32,64"),
        (36, "hidden    128,32       8,4,16,32,64"),
        (33, "hidden    128,32     8,4,16,32,…"),
        (24, "hidden    128,32 8,4,16…"),
        (22, "hidden    128,… 8,4,1…"),
        (17, "hidden    12… 8,4"),
    ],
)
def test_both_values_have_half_of_the_row(width: int, row: str) -> None:
    lead = explorer(DATA)
    now = scene(lead).replace(other=companion(turned()).view(lead.view), differs=DIFFERS[2:])
    drawn = Compared().draw(now, Sheet(9, width)).rows()[1]
    assert drawn.rstrip() == row


def test_held_out_losses_are_compared_where_both_have_one() -> None:
    lead = explorer(DATA, snapshot(DATA, curves={"held-out": curve([0.5])}))
    for other, there in ((turned(), False), (
        dataclasses.replace(turned(), curves={"held-out": curve([0.25])}), True,
    )):  # fmt: skip
        now = scene(lead).replace(other=companion(other).view(lead.view))
        rows = [row.rstrip() for row in Compared().draw(now, Sheet(9, 40)).rows()]
        assert ("held-out  0.5000         0.2500" in rows) == there
        assert any(row.startswith("held-out") for row in rows) == there


def test_weights_and_long_names_of_options() -> None:
    settings = dataclasses.replace(RUN.settings, hidden=(8,))
    other = dataclasses.replace(turned(), info=dataclasses.replace(RUN.again(), settings=settings))
    spec = other.info.spec
    assert spec.widths == (784, 8, 2)
    # Weights and biases of both halves.
    count = 785 * 8 + 9 * 2 + 3 * 8 + 9 * 784
    assert _numbers(snapshot(DATA), other)[-1] == ("weights", "210,130", f"{count:,}")
    now = scene(explorer(DATA)).replace(
        other=companion(turned()).view(explorer(DATA).view),
        differs=(("learning-rate", "0.1", "0.2"), ("objective", "bce", "mse")),
    )
    rows = [row.rstrip() for row in Compared().draw(now, Sheet(9, 40)).rows()]
    assert rows[1:3] == ["learning… 0.1            0.2", "objective bce            mse"]


def test_until_both_are_there_the_table_says_what_it_waits_for() -> None:
    for waits, words in (("reading images", "reading images"), ("", "…")):
        rows = Compared().draw(scene(waits=waits), Sheet(5, 30)).rows()
        assert [row.strip() for row in rows[1:]] == ["", words, "", ""]
        assert rows[2].index(words) == (30 - len(words)) // 2


def test_in_little_room_each_reconstruction_says_whose_it_is() -> None:
    lead = explorer(DATA)
    now = Staged(lead, scene(lead).replace(other=companion(turned()).view(lead.view))._made)
    for pane, side in ((Reconstruction(), "left"), (OtherReconstruction(), "right")):
        assert pane.draw(now._scene(), Sheet(9, 16)).rows()[0].startswith(f"{side} ")
        assert pane.draw(now._scene(), Sheet(9, 23)).rows()[0].startswith(f"{side} ")
        assert pane.draw(now._scene(), Sheet(9, 24)).rows()[0].startswith("reconstruction")
        assert pane.draw(now._scene(), Sheet(15, 28)).rows()[0].startswith("reconstruction")
    alone = scene(lead)._scene()
    assert Reconstruction().draw(alone, Sheet(9, 16)).rows()[0].startswith("reconstruction")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60), (90, 50)])
def test_all_has_its_place(size: tuple[int, int]) -> None:
    panes = arrange(*size, 5, compared=True).panes
    cells = np.zeros(size[::-1], int)
    for box in panes.values():
        assert box.width > 0 and box.height > 0
        cells[box.y : box.y + box.height, box.x : box.x + box.width] += 1
    assert cells.max() == 1
    assert {"scatter", "other", "reconstruction", "other-reconstruction"} <= set(panes)
    assert ("input" in panes) == (size[0] > 60)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60), (90, 50)])
def test_no_number_of_the_table_is_cut(size: tuple[int, int]) -> None:
    box = arrange(*size, 5, compared=True).panes["compared"]
    lead = explorer(DATA)
    view = companion(turned()).view(lead.view)
    now = scene(lead).replace(other=view, differs=(("seed", "0", "1"),))
    rows = Compared().draw(now, Sheet(box.height, box.width)).rows()
    assert "…" not in "".join(rows) and any("0.2345" in row for row in rows), rows


def test_the_images_of_the_first_are_read_once_for_both() -> None:
    images = Images(Settings(seed=4))
    one = images.load(Settings(seed=4), lambda _share: None)
    assert images.load(Settings(seed=5), lambda _share: None) is one
    assert images.are_those_of(Settings(seed=4, recipe="original"))
    assert not images.are_those_of(Settings(seed=5))


def test_two_runs_train_in_turns_on_one_screen() -> None:
    with Terminal("compare", "--seed 0", "--seed 1", columns=120, rows=40) as terminal:
        terminal.wait(r"left and right")
        terminal.send(" ")
        terminal.wait(r"epoch +[2-9]\d* +[2-9]")
        terminal.send(" ")
        terminal.wait(r"paused")
        terminal.wait(r"aligned")
        # A layer is the layer of both maps.
        terminal.send("vvv")
        terminal.wait(r"decoded tiles.*latent space, aligned.*decoded tiles")
        terminal.send("vC")
        terminal.wait(r"decoded")
        terminal.send("q")
        assert terminal.process.wait(10) == 0


def test_a_side_that_is_nothing_is_told(capsys: CaptureFixture[str]) -> None:
    from tui_ae import cli

    assert cli.main(["compare", "--seed 1", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert cli.main(["compare", "--seed 'x", "--seed 2"]) == 2
    assert "quotation" in capsys.readouterr().err
    with pytest.raises(UserError):
        from tui_ae.compare import _side

        _side("--seed -4")

"""Which planes a run has, and what each is made of."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from pytest import MonkeyPatch

from tests.run import moments
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Survey
from tui_ae.model.pca import Pca
from tui_ae.projection.projection import Layout
from tui_ae.run.plane import CodePlane, LayoutPlane, LinePlane, PixelPlane, Plane, PrincipalPlane
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui import planes as planes_module
from tui_ae.ui.choice import Choice, PlaneName
from tui_ae.ui.planes import Planes

DATA = moments.dataset()
WHOLE = dataclasses.replace(DATA, held_out=None)
AXES = np.linalg.qr(np.random.default_rng(0).normal(size=(784, 3)))[0].T
SURVEY = Survey({}, Pca(np.full(784, 0.25), AXES))


def seen(width: int, data: Dataset = DATA) -> Snapshot:
    run = moments.info(width)
    return moments.snapshot(data, moments.moment(7, run), run)


def begun(width: int, *, surveyed: bool = True) -> tuple[Planes, Snapshot]:
    made, snapshot = Planes(), seen(width)
    assert made.begin(snapshot)
    made.survey = SURVEY if surveyed else None
    return made, snapshot


def chosen(made: Planes, snapshot: Snapshot, name: PlaneName, data: Dataset = DATA) -> Plane:
    return made.plane(Choice(plane=name), snapshot, data)


@pytest.mark.parametrize(
    ("width", "names"),
    [
        (1, ["CODES", "PIXELS", "TSNE_PIXELS", "UMAP_PIXELS"]),
        (2, ["CODES", "PIXELS", "TSNE_PIXELS", "UMAP_PIXELS"]),
        (3, ["PRINCIPAL", "CODES", "PIXELS", "TSNE", "UMAP", "TSNE_PIXELS", "UMAP_PIXELS"]),
        (9, ["PRINCIPAL", "CODES", "PIXELS", "TSNE", "UMAP", "TSNE_PIXELS", "UMAP_PIXELS"]),
    ],
)
def test_each_width_has_its_planes_the_first_to_begin_with(width: int, names: list[str]) -> None:
    made, snapshot = begun(width)
    assert [name.name for name in made.names] == names
    assert not made.begin(snapshot) and made.begin(seen(width + 1))


@pytest.mark.parametrize(
    ("width", "name", "kind"),
    [
        (1, PlaneName.CODES, LinePlane),
        (1, PlaneName.PRINCIPAL, LinePlane),
        (1, PlaneName.PIXELS, PixelPlane),
        (2, PlaneName.CODES, CodePlane),
        (2, PlaneName.PRINCIPAL, CodePlane),
        (2, PlaneName.PIXELS, PixelPlane),
        (2, PlaneName.UMAP_PIXELS, LayoutPlane),
        (3, PlaneName.CODES, CodePlane),
        (3, PlaneName.PRINCIPAL, PrincipalPlane),
        (3, PlaneName.TSNE, LayoutPlane),
    ],
)
def test_each_name_has_its_plane(width: int, name: PlaneName, kind: type[Plane]) -> None:
    made, snapshot = begun(width)
    plane = chosen(made, snapshot, name)
    assert isinstance(plane, kind)
    assert chosen(made, snapshot, name) is plane, "made once"
    assert chosen(made, seen(width), name) is not plane or kind is PixelPlane


def test_before_components_are_there_the_codes_stand_in_their_place() -> None:
    made, snapshot = begun(2, surveyed=False)
    assert isinstance(chosen(made, snapshot, PlaneName.PIXELS), CodePlane)
    made.survey = SURVEY
    assert isinstance(chosen(made, snapshot, PlaneName.PIXELS), PixelPlane)


@pytest.mark.parametrize(
    ("width", "dims", "shown"),
    [(4, (2, 3), (2, 3)), (4, (1, 4), (0, 1)), (3, (2, 3), (0, 1)), (2, (0, 1), (0, 1))],
)
def test_numbers_that_codes_do_not_have_give_way_to_the_first_two(
    width: int, dims: tuple[int, int], shown: tuple[int, int]
) -> None:
    made, snapshot = begun(width)
    plane = made.plane(Choice(dims=dims), snapshot, DATA)
    assert (plane.codes == snapshot.codes[:, shown]).all()


@pytest.mark.parametrize(("data", "held_out"), [(DATA, 12), (WHOLE, 0)])
@pytest.mark.parametrize(
    ("width", "name"),
    [(1, PlaneName.CODES), (2, PlaneName.CODES), (2, PlaneName.PIXELS), (3, PlaneName.TSNE)],
)
def test_a_plane_has_a_place_for_each_image(
    width: int, name: PlaneName, data: Dataset, held_out: int
) -> None:
    made, _ = begun(width)
    plane = chosen(made, seen(width, data), name, data)
    assert plane.codes.shape == (60, 2) and plane.held_out_codes.shape == (held_out, 2)
    assert np.isfinite(plane.codes).all() == (name is not PlaneName.TSNE)


def test_images_are_placed_along_the_first_two_components(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(planes_module, "CHUNK", 7)
    made, snapshot = begun(2)
    plane = chosen(made, snapshot, PlaneName.PIXELS)
    for codes, images in ((plane.codes, DATA.images), (plane.held_out_codes, DATA.held_out.images)):
        np.testing.assert_allclose(codes, (images[:] - 0.25) @ AXES[:2].T, rtol=1e-4, atol=1e-5)
        assert not codes.flags.writeable
    # They are the same at each moment of the run.
    later = chosen(made, seen(2), PlaneName.PIXELS)
    assert later.codes is plane.codes
    made.survey = Survey({}, Pca(np.zeros(784), AXES))
    made.begin(snapshot)
    moved = chosen(made, snapshot, PlaneName.PIXELS)
    np.testing.assert_allclose(moved.codes, DATA.images[:] @ AXES[:2].T, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("count", "fits"), [(60, True), (59, False)])
def test_a_layout_of_other_images_is_not_shown(count: int, fits: bool) -> None:
    made, snapshot = begun(3)
    codes = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    found = Layout(codes, 1.0, "", done=True)
    made.layouts = SimpleNamespace(layout=lambda _: found, error="")
    plane = chosen(made, snapshot, PlaneName.TSNE)
    assert plane.title == ("t-SNE of the codes" if fits else "t-SNE of the codes · starting")
    assert np.array_equal(plane.codes, codes) == fits and np.isnan(plane.codes).all() != fits
    # Where none could be made, the codes stand in its place.
    made.layouts.error = "UMAP is missing."
    assert isinstance(chosen(made, seen(3), PlaneName.TSNE), CodePlane)

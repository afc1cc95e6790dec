"""Layouts that form in a process of their own."""

from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_ae
from tests.waiting import until
from tui_ae.projection import child
from tui_ae.projection.messages import COMPILING, START_WORDS, receive, send
from tui_ae.projection.projection import Layout, LayoutProcess, Method, Projection


def clusters(count: int, width: int = 8, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 6 * rng.normal(size=(4, width))
    return (centres[np.arange(count) % 4] + rng.normal(size=(count, width))).astype(np.float32)


Library = Callable[[str, str], None]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Gives a library's name another text, for the processes that are started from then on."""

    def stand_in(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)

    root = Path(tui_ae.__file__).parents[1]
    paths = [str(tmp_path), str(root), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    return stand_in


FOREVER = "import time; time.sleep(600)\n"


def lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def finish(projection: Projection) -> list[Layout]:
    """All layouts that come, to the last."""
    seen: list[Layout] = []
    projection.start()

    def ended() -> bool:
        layout = projection.poll()
        if layout is not None:
            seen.append(layout)
        return bool(projection.error) or (layout is not None and layout.done)

    until(ended)
    assert projection.join(10)
    return seen


# Few vectors need no library: they are laid out by PCA alone.


def test_a_layout_comes_and_the_process_is_gone() -> None:
    projection = Projection(lambda: clusters(4), "tsne", 0)
    last = finish(projection)[-1]
    assert last.done and last.share == 1.0 and not projection.error
    assert last.codes.shape == (4, 2) and np.isfinite(last.codes).all()
    assert not last.codes.flags.writeable
    assert projection.process_id is not None and not lives(projection.process_id)


@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize("width", [1, 2, 60])
def test_few_vectors_of_any_width(count: int, width: int) -> None:
    last = finish(Projection(lambda: clusters(count, width), "umap", 0))[-1]
    assert last.codes.shape == (count, 2) and np.isfinite(last.codes).all()


def test_vectors_that_are_no_numbers_have_no_place() -> None:
    vectors = clusters(4)
    vectors[2, 1] = np.nan
    codes = finish(Projection(lambda: vectors, "tsne", 0))[-1].codes
    assert np.isnan(codes[2]).all() and np.isfinite(codes[[0, 1, 3]]).all()


def test_equal_vectors_lie_in_one_point() -> None:
    codes = finish(Projection(lambda: np.ones((50, 3), np.float32), "tsne", 0))[-1].codes
    assert np.isfinite(codes).all() and np.ptp(codes) < 1e-6


def test_an_older_layout_is_where_it_begins() -> None:
    start = clusters(4, 2, seed=5)
    first = finish(Projection(lambda: clusters(4), "tsne", 0, start))[0]
    np.testing.assert_array_equal(first.codes, start)


def test_what_cannot_be_had_is_told() -> None:
    def gone() -> np.ndarray:
        raise OSError("the disk is gone")

    projection = Projection(gone, "tsne", 0)
    assert finish(projection) == []
    assert projection.error == "t-SNE could not be computed: the disk is gone."


@pytest.mark.parametrize(("method", "module"), [("tsne", "openTSNE"), ("umap", "umap")])
def test_a_missing_library_is_named_with_what_to_install(
    library: Library, method: Method, module: str
) -> None:
    library(module, f"raise ImportError('no', name='{module}')")
    projection = Projection(lambda: clusters(40), method, 0)
    finish(projection)
    assert projection.error.endswith(
        "needs the extra projections: pip install 'tui_ae[projections]'."
    )


def test_a_library_that_fails_is_quoted(library: Library) -> None:
    library("openTSNE", "print('noise'); raise ValueError('no luck')")
    projection = Projection(lambda: clusters(40), "tsne", 0)
    finish(projection)
    assert projection.error == "t-SNE failed: ValueError: no luck."


def test_cancelling_ends_the_process_at_once(library: Library) -> None:
    library("openTSNE", FOREVER)
    projection = Projection(lambda: clusters(40), "tsne", 0)
    projection.start()
    until(lambda: projection.poll() is not None)
    projection.cancel()
    assert projection.join(5)
    assert projection.process_id is not None and not lives(projection.process_id)
    assert projection.error == "" and projection.poll() is None


def test_while_umap_compiles_the_start_by_pca_is_there(library: Library) -> None:
    # Stands for minutes of compiling: nothing that comes before it may wait for it.
    library("umap", FOREVER)
    projection = Projection(lambda: clusters(40), "umap", 0)
    projection.start()
    seen: list[Layout] = []

    def compiles() -> bool:
        seen.extend(filter(None, [projection.poll()]))
        return bool(seen) and COMPILING in seen[-1].words

    until(compiles)
    projection.cancel()
    assert projection.join(5)
    assert seen[-1].words.startswith(START_WORDS) and seen[-1].share == 0
    np.testing.assert_allclose(
        seen[-1].codes,
        child._components(child._narrowed(clusters(40), np.arange(len(clusters(40))))),
        atol=1e-3,
    )


def test_a_process_that_stays_compiles_once(library: Library, tmp_path: Path) -> None:
    library(
        "umap",
        f"print('once', file=open({str(tmp_path / 'imported')!r}, 'a'))\n"
        "class UMAP:\n"
        "    def __init__(self, init, **_): self.init = init\n"
        "    def fit_transform(self, _): return self.init + 1\n",
    )
    process, ids, said = LayoutProcess(), set(), []
    for seed in (0, 1):
        projection = Projection(lambda: clusters(40, seed=seed), "umap", 0, None, process)  # noqa: B023
        layouts = finish(projection)
        assert layouts[-1].done and not projection.error
        ids.add(projection.process_id)
        said.append(any(COMPILING in layout.words for layout in layouts))
    assert len(ids) == 1 and not process.is_over
    assert said[1] is False and (tmp_path / "imported").read_text() == "once\n"
    process.close()
    assert process.is_over and process.id is not None and not lives(process.id)


def test_a_process_that_failed_does_not_stay(library: Library) -> None:
    library("openTSNE", "raise ValueError('no luck')")
    process = LayoutProcess()
    projection = Projection(lambda: clusters(40), "tsne", 0, None, process)
    finish(projection)
    assert projection.error == "t-SNE failed: ValueError: no luck." and process.is_over


def test_cancelled_before_it_began_nothing_is_started() -> None:
    projection = Projection(lambda: clusters(40), "tsne", 0)
    projection.cancel()
    projection.start()
    assert projection.join(5) and projection.process_id is None and not projection.error


def test_the_process_ends_with_the_one_that_started_it(library: Library) -> None:
    library("openTSNE", FOREVER)
    with subprocess.Popen(
        [sys.executable, "-m", "tui_ae.projection.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout
        none = np.empty((0, 2), np.float32)
        send(process.stdin, {"method": "tsne", "seed": 0}, clusters(40), none)
        assert receive(process.stdout) is not None
        process.stdin.close()
        assert process.wait(10) == 1


def test_it_ends_too_when_the_program_is_killed(library: Library, tmp_path: Path) -> None:
    # A lock ends with the process that holds it, however that ends.
    library(
        "openTSNE",
        "import fcntl, time\n"
        f"held = open({str(tmp_path / 'lock')!r}, 'w')\n"
        "fcntl.flock(held, fcntl.LOCK_EX)\n"
        f"open({str(tmp_path / 'holds')!r}, 'w').close()\n"
        "time.sleep(600)\n",
    )
    script = (
        "import numpy, time\n"
        "from tui_ae.projection.projection import Projection\n"
        "vectors = numpy.random.default_rng(0).normal(size=(40, 3))\n"
        "Projection(lambda: vectors, 'tsne', 0).start()\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as program:
        try:
            until((tmp_path / "holds").exists)
            with (tmp_path / "lock").open() as lock:
                with pytest.raises(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                program.kill()

                def released() -> bool:
                    try:
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        return False
                    return True

                until(released)
        finally:
            program.kill()


def test_a_process_that_ends_before_it_has_read_is_quoted(library: Library) -> None:
    # It is read in pieces of 4,096 bytes, the second of which begins amid the last line.
    library(
        "sitecustomize",
        "import os, sys\nsys.stderr.write(4092 * 'x' + '\\nno memory\\n')\n"
        "sys.stderr.flush()\nos._exit(1)\n",
    )
    # More than a pipe holds.
    projection = Projection(lambda: clusters(20_000), "tsne", 0)
    assert finish(projection) == []
    assert projection.error == "t-SNE ended early (no memory)."


# In this process, by a method that is no library's.


NO_START = np.empty((0, 2), np.float32)


def frames_of(method: child.Method, vectors: np.ndarray, start: np.ndarray) -> list[np.ndarray]:
    """All pictures that are sent, to the last."""
    outbox = io.BytesIO()
    child.lay_out(vectors.astype(np.float32), start, method, 3, outbox)
    outbox.seek(0)
    found: list[np.ndarray] = []
    while (message := receive(outbox)) is not None:
        found.append(message[1][0])
    return found


def doubled(vectors: np.ndarray, start: np.ndarray = NO_START) -> list[np.ndarray]:
    """Those by a method that shows one picture, and takes the first two numbers twice."""

    def method(
        own: np.ndarray, points: np.ndarray, _seed: int, show: child.Show, *, warm: bool
    ) -> np.ndarray:
        assert not warm
        show(points, 0.5, "half")
        return own[:, :2] * 2

    return frames_of(method, vectors, start)


def test_of_many_some_come_first_and_the_others_lie_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "FIRST", 200)
    vectors = clusters(2000)
    frames = doubled(vectors)
    counts = [int(np.isfinite(frame[:, 0]).sum()) for frame in frames]
    assert counts[:2] == [200, 200] and counts[-1] == 2000
    placed = frames[-1]
    first = np.isfinite(frames[0][:, 0])
    own_places = 2 * child._narrowed(vectors, np.arange(2000))[:, :2]
    np.testing.assert_array_equal(placed[first], own_places[first])
    # The others lie near those of their own cluster, and clusters lie apart.
    for cluster in range(4):
        own = np.arange(2000) % 4 == cluster
        centre = placed[own & first].mean(axis=0)
        others = np.linalg.norm(placed[own & ~first] - centre, axis=1)
        assert others.max() < 1.5 * np.linalg.norm(own_places[own] - centre, axis=1).max()


def test_wide_vectors_are_narrowed_by_their_principal_components() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 90))
    vectors = plane.astype(np.float32)
    narrow = child._narrowed(vectors, np.arange(300))
    assert narrow.shape == (300, child.WIDE)
    largest = np.abs(vectors - vectors.mean(axis=0)).max()
    distance = np.linalg.norm(vectors[0] - vectors[1]) / largest
    assert np.linalg.norm(narrow[0] - narrow[1]) == pytest.approx(distance, rel=1e-3)


def test_what_equals_one_that_has_a_place_lies_there_too() -> None:
    vectors = clusters(40)
    vectors /= 20
    vectors[30:] = vectors[:10]
    layout = np.random.default_rng(0).random((40, 2), np.float32)
    own = layout[:10].copy()
    child._place_rest(layout, vectors, np.arange(30), np.arange(30, 40), lambda _: None)
    np.testing.assert_allclose(layout[30:], own, atol=0.02)


@pytest.mark.parametrize(("factor", "offset"), [(1e30, 0), (1e-30, 0), (1.0, 1e4), (1.0, -1e4)])
def test_neither_size_nor_place_of_the_vectors_matters(factor: float, offset: float) -> None:
    vectors = clusters(300)
    moved = (vectors.astype(np.float64) * factor + offset).astype(np.float32)
    narrow = child._narrowed(moved, np.arange(300))
    assert np.abs(narrow).max() == pytest.approx(1)
    expected, _ = child._nearest(child._narrowed(vectors, np.arange(300)), 6)
    found, _ = child._nearest(narrow, 6)
    assert (found == expected).mean() > 0.99


def test_an_older_layout_in_one_point_is_not_where_it_begins() -> None:
    for start in (np.zeros((40, 2)), np.full((40, 2), np.nan)):
        frames = doubled(clusters(40), start.astype(np.float32))
        assert np.ptp(frames[0], axis=0).min() > 0


def test_a_line_gets_some_width_and_nothing_else_does() -> None:
    rng = np.random.default_rng(0)
    line = np.stack([np.arange(50), np.zeros(50)], axis=1).astype(np.float32)
    points = child._with_extent(line, rng)
    np.testing.assert_array_equal(points[:, 0], line[:, 0])
    assert 0 < np.ptp(points[:, 1]) < 1
    np.testing.assert_array_equal(child._with_extent(points, rng), points)


def test_nearest_are_exact() -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    vectors = clusters(1500)
    numbers, distances = child._nearest(vectors, 9)
    model = neighbors.NearestNeighbors(n_neighbors=9).fit(vectors)
    expected, _ = model.kneighbors(vectors)
    np.testing.assert_allclose(np.sort(distances, axis=1), expected, atol=5e-3)
    assert (numbers[:, 0] == np.arange(1500)).all()


@pytest.mark.parametrize("content", [b"", b'{"shapes": [[5, 2]]}\n1234'])
def test_a_message_that_is_cut_is_the_end(content: bytes) -> None:
    assert receive(io.BytesIO(content)) is None


@pytest.mark.parametrize("content", [b"{}\n", b"[1]\n", b"\xff\n", b"hello\n"])
def test_what_is_no_message_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"message|decode|Expecting"):
        receive(io.BytesIO(content))


# With the libraries.


@pytest.mark.slow
@pytest.mark.parametrize(("method", "module"), [("tsne", "openTSNE"), ("umap", "umap")])
def test_clusters_stay_together_and_a_seed_repeats_it(method: Method, module: str) -> None:
    pytest.importorskip(module)
    vectors = clusters(600)
    runs = [finish(Projection(lambda: vectors, method, 7))[-1].codes for _ in range(2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    labels = np.arange(600) % 4
    centres = np.stack([runs[0][labels == label].mean(axis=0) for label in range(4)])
    nearest = ((runs[0][:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.95
    again = finish(Projection(lambda: vectors, method, 7, runs[0]))
    np.testing.assert_array_equal(again[0].codes, runs[0])
    moved = again[-1].codes - runs[0]
    assert np.abs(moved).mean() < 0.3 * np.ptp(runs[0])


@pytest.mark.slow
# The process of its own does so, in `main`.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("method", "module"), [("tsne", "openTSNE"), ("umap", "umap")])
def test_odd_vectors_find_a_place(method: Method, module: str) -> None:
    pytest.importorskip(module)
    rng = np.random.default_rng(0)
    some = rng.normal(size=(60, 3))
    odd = {
        "few": [rng.normal(size=(count, 4)) for count in (5, 6, 7, 8, 16, 31)],
        "equal ones": [np.repeat(some[:4], 50, axis=0), np.repeat(some[:2], 3, axis=0)],
        "one apart": [np.vstack([np.ones((40, 3)), [[2, 2, 2]]])],
        "one number each": [some[:, :1]],
        "large and small": [1e30 * some, 1e-30 * some, 1e4 + some],
    }
    for name, all_vectors in odd.items():
        for vectors in all_vectors:
            frames = frames_of(child.METHODS[method], vectors, NO_START)
            assert np.isfinite(frames[-1]).all(), name
            assert np.ptp(frames[-1], axis=0).max() > 0.1, name

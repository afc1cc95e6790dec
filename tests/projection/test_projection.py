"""Layouts that form in a process of their own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tui_ae.projection import child
from tui_ae.projection.messages import receive, send
from tui_ae.projection.projection import Layout, Method, Projection

LIMIT_S = 60.0


def clusters(count: int, width: int = 8, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 6 * rng.normal(size=(4, width))
    return (centres[np.arange(count) % 4] + rng.normal(size=(count, width))).astype(np.float32)


def until(predicate: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not predicate():
        assert time.monotonic() < end
        time.sleep(0.01)


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
    assert projection._process is not None and projection._process.poll() is not None


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Method, module: str
) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ImportError('no', name='{module}')")
    paths = [str(tmp_path), str(Path.cwd()), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    projection = Projection(lambda: clusters(40), method, 0)
    finish(projection)
    assert projection.error.endswith(
        "needs the extra projections: pip install 'tui_ae[projections]'."
    )


def test_a_library_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openTSNE.py").write_text("print('noise'); raise ValueError('no luck')")
    paths = [str(tmp_path), str(Path.cwd()), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    projection = Projection(lambda: clusters(40), "tsne", 0)
    finish(projection)
    assert projection.error == "t-SNE failed: ValueError: no luck."


def test_cancelling_ends_the_process_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openTSNE.py").write_text("import time; time.sleep(600)")
    paths = [str(tmp_path), str(Path.cwd()), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    projection = Projection(lambda: clusters(40), "tsne", 0)
    projection.start()
    until(lambda: projection.poll() is not None)
    projection.cancel()
    assert projection.join(5)
    assert projection._process is not None and projection._process.poll() is not None
    assert projection.error == "" and projection.poll() is None


def test_cancelled_before_it_began_nothing_is_started() -> None:
    projection = Projection(lambda: clusters(40), "tsne", 0)
    projection.cancel()
    projection.start()
    assert projection.join(5) and projection._process is None and not projection.error


def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "openTSNE.py").write_text("import time; time.sleep(600)")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path.cwd())])}
    with subprocess.Popen(
        [sys.executable, "-m", "tui_ae.projection.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdin and process.stdout
        none = np.empty((0, 2), np.float32)
        send(process.stdin, {"method": "tsne", "seed": 0}, clusters(40), none)
        assert receive(process.stdout) is not None
        process.stdin.close()
        assert process.wait(10) == 1


# In this process, by a method that is no library's.


def laid_out(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    def method(
        own: np.ndarray, points: np.ndarray, _seed: int, show: child.Show, *, warm: bool
    ) -> np.ndarray:
        assert not warm
        show(points, 0.5, "half")
        return own[:, :2] * 2

    monkeypatch.setattr(child, "_tsne", method)
    outbox = io.BytesIO()
    child._lay_out(vectors, np.empty((0, 2), np.float32), "tsne", 3, outbox)
    outbox.seek(0)
    found = []
    while (message := receive(outbox)) is not None:
        found.append(message[1][0])
    return found


def test_of_many_some_come_first_and_the_others_lie_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "FIRST", 200)
    vectors = clusters(2000)
    frames = laid_out(vectors, monkeypatch)
    assert [int(np.isfinite(frame[:, 0]).sum()) for frame in frames] == [200, 200, 2000]
    placed = frames[-1]
    first = np.isfinite(frames[0][:, 0])
    np.testing.assert_allclose(placed[first], vectors[first, :2] * 2, rtol=1e-6)
    # The others lie near those of their own cluster, and clusters lie apart.
    for cluster in range(4):
        own = np.arange(2000) % 4 == cluster
        centre = placed[own & first].mean(axis=0)
        assert np.abs(placed[own & ~first] - centre).max() < 12


def test_wide_vectors_are_narrowed_by_their_principal_components() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 90))
    vectors = plane.astype(np.float32)
    narrow = child._narrowed(vectors, np.arange(300))
    assert narrow.shape == (300, child.WIDE)
    distance = np.linalg.norm(vectors[0] - vectors[1])
    assert np.linalg.norm(narrow[0] - narrow[1]) == pytest.approx(distance, rel=1e-3)


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

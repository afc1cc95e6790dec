"""What the other process does with vectors, in this one: libraries have stand-ins."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.projection.test_projection import NO_START, clusters
from tui_ae.projection import child
from tui_ae.projection.messages import receive, send


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now


def test_pictures_are_shown_every_three_tenths_of_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[float] = []
    clock = Clock(0.29)
    monkeypatch.setattr(child, "time", clock)
    paced = child._paced(lambda _points, share, _words: shown.append(share))
    points = np.zeros((3, 2), np.float32)
    for now in (0.29, 0.3, 0.55, 0.61, 0.8, 2.0):
        clock.now = now
        paced(points, now, "")
    assert shown == [0.3, 0.61, 2.0]
    # What isn't finite is not shown, and doesn't count.
    clock.now = 3.0
    paced(np.full((3, 2), np.nan, np.float32), 3.0, "")
    paced(points, 3.0, "")
    assert shown == [0.3, 0.61, 2.0, 3.0]


def told(vectors: np.ndarray, *shares: float, start: np.ndarray = NO_START) -> list[Any]:
    """Share, words and number of places of each picture, by a method that shows these shares."""

    def method(
        _own: np.ndarray, points: np.ndarray, _seed: int, show: child.Show, *, warm: bool
    ) -> np.ndarray:
        for share in shares:
            show(points, share, "warm" if warm else "cold")
        return points

    outbox = io.BytesIO()
    child.lay_out(vectors.astype(np.float32), start.astype(np.float32), method, 3, outbox)
    outbox.seek(0)
    found = []
    while (message := receive(outbox)) is not None:
        about, (layout,) = message
        assert about["done"] is (about["words"] == "")
        places = int(np.isfinite(layout[:, 0]).sum())
        found.append((pytest.approx(about["share"]), about["words"], places))
    return found


def test_how_far_it_is_is_told_with_each_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "EVERY_S", 0)
    assert told(clusters(8), 0.5, 1) == [
        *((0, "PCA first", 8), (0.5, "cold", 8), (1, "cold", 8), (1, "", 8)),
    ]
    # Where some are placed afterwards, that is the last tenth.
    monkeypatch.setattr(child, "FIRST", 8)
    monkeypatch.setattr(child, "CHUNK", 3)
    assert told(clusters(12), 0.5, 1) == [
        *((0, "PCA first", 8), (0.45, "cold", 8), (0.9, "cold", 8)),
        *((0.975, "placing the others", 11), (1, "placing the others", 12), (1, "", 12)),
    ]
    start = clusters(8, 2, seed=5)
    assert told(clusters(8), 0.5, start=start) == [
        *((0, "going on", 8), (0.5, "warm", 8), (1, "", 8)),
    ]


def test_five_thousand_are_laid_out_first() -> None:
    assert told(clusters(5000, 2)) == [(0, "PCA first", 5000), (1, "", 5000)]
    assert [places for _, _, places in told(clusters(5001, 2))] == [5000, 5001, 5001]


def test_seven_vectors_that_differ_are_enough_for_a_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "EVERY_S", 0)
    assert len(told(clusters(7), 0.5)) == 3
    assert len(told(clusters(6), 0.5)) == 2
    assert len(told(np.ones((9, 2)), 0.5)) == 2
    one_apart = np.ones((9, 2))
    one_apart[8, 1] = 2
    assert len(told(one_apart, 0.5)) == 3


def test_vectors_lie_around_their_mean_and_the_farthest_number_at_one() -> None:
    vectors = np.array([[0, 0], [0.2, 0.4], [np.nan, 9]], np.float32)
    narrow = child._narrowed(vectors, np.array([0, 1]))
    np.testing.assert_allclose(narrow[:2], [[-0.5, -1], [0.5, 1]], rtol=1e-6)
    assert np.isnan(narrow[2]).all()
    assert child._narrowed(np.ones((3, 2), np.float32), np.arange(3)).tolist() == [[0, 0]] * 3
    assert np.isnan(child._narrowed(vectors, np.arange(0))).all()


def test_up_to_fifty_numbers_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "CHUNK", 7)
    vectors = np.random.default_rng(0).normal(size=(60, 51)).astype(np.float32)
    for width in (1, 50):
        own = vectors[:, :width].astype(np.float64)
        centred = own - own.mean(axis=0)
        narrow = child._narrowed(vectors[:, :width], np.arange(60))
        np.testing.assert_allclose(narrow, centred / np.abs(centred).max(), atol=1e-6)
    narrow = child._narrowed(vectors, np.arange(60))
    assert narrow.shape == (60, 50)
    # Along principal components numbers have nothing to do with each other.
    products = narrow.T @ narrow
    np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-3)
    assert (np.diff(np.diag(products)) <= 0).all()


def test_the_first_two_principal_components() -> None:
    vectors = np.array([[3, 5, 0], [7, 5, 0], [5, 6, 0], [5, 4, 0]], np.float32)
    points = np.abs(child._components(vectors))
    np.testing.assert_allclose(points, [[2, 0], [2, 0], [0, 1], [0, 1]], atol=1e-6)
    line = child._components(np.array([[1], [5]], np.float32))
    np.testing.assert_allclose(np.abs(line), [[2, 0], [2, 0]], atol=1e-6)
    assert child._components(np.zeros((0, 3), np.float32)).shape == (0, 2)


def test_what_has_no_extent_gets_a_thousandth_of_the_other() -> None:
    rng = np.random.default_rng(0)
    line = np.stack([np.linspace(0, 50, 500), np.zeros(500)], axis=1).astype(np.float32)
    assert child._with_extent(line, rng)[:, 1].std() == pytest.approx(0.05, rel=0.2)
    point = child._with_extent(np.ones((500, 2), np.float32), rng)
    np.testing.assert_allclose(point.std(axis=0), 1e-3, rtol=0.2)
    for width, gets_some in ((1e-6, True), (4e-6, False)):
        thin = np.array([[0, 0], [1, width]], np.float32)
        assert np.array_equal(child._with_extent(thin, rng), thin) != gets_some


def placed(distances: list[float], *, count: int = 1, at: float = 0) -> np.ndarray:
    """Where vectors at a point are placed by others at these distances, each along its axis."""
    known = np.diag(distances).astype(np.float32)
    vectors = np.concatenate([known, np.zeros((count, len(distances)), np.float32)])
    vectors += np.float32(at)
    layout = np.zeros((len(vectors), len(distances)), np.float32)
    layout[: len(distances)] = np.eye(len(distances))
    first, rest = np.arange(len(distances)), len(distances) + np.arange(count)
    child._place_rest(layout, vectors, first, rest, lambda _: None)
    return layout[len(distances) :]


def test_another_vector_lies_in_the_mean_of_its_five_nearest() -> None:
    for at in (0, 1, -2):
        found = placed([9, 1, 1, 1, 1, 1, 2], at=at)
        np.testing.assert_allclose(found, [[0, *[0.2] * 5, 0]], atol=1e-4)
    # By the inverse of their distance; where one is equal it lies there, nearly.
    weights = np.array([1, 1 / 2, 1 / 2, 1 / 4, 1 / 4])
    found = placed([1, 2, 2, 4, 4, 50])[0]
    np.testing.assert_allclose(found, [*(weights / weights.sum()), 0], atol=1e-3)
    found = placed([0, 1, 1, 1, 1, 50])[0]
    np.testing.assert_allclose(found, [0.9968, *[0.0008] * 4, 0], atol=5e-5)


def test_others_are_placed_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "CHUNK", 2)
    np.testing.assert_allclose(placed([1] * 6, count=5)[:, :5].sum(axis=1) > 0.7, True)
    shares: list[float] = []
    vectors = clusters(15)
    layout = np.zeros((15, 2), np.float32)
    child._place_rest(layout, vectors, np.arange(10), np.arange(10, 15), shares.append)
    assert shares == [0.4, 0.8, 1]


@pytest.mark.parametrize(("cpus", "threads"), [(None, 1), (1, 1), (2, 1), (4, 3)])
def test_one_processor_is_left_to_the_program(
    monkeypatch: pytest.MonkeyPatch, cpus: int | None, threads: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cpus)
    assert child._threads() == threads


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (None, 0, None),
        (ImportError("no", name="umap"), 1, {"missing": "umap"}),
        (ImportError("no umap"), 1, {"missing": "no umap"}),
        (BrokenPipeError(), 1, None),
        (ValueError("x" * 400), 1, {"error": "ValueError: " + "x" * 288}),
    ],
)
def test_why_there_is_no_layout_is_answered(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    code: int,
    said: dict[str, str] | None,
) -> None:
    def method(_own: Any, points: Any, seed: int, *_: Any, warm: bool) -> Any:
        assert seed == 7 and not warm
        if error is not None:
            raise error
        return points

    monkeypatch.setitem(child.METHODS, "tsne", method)
    outbox = io.BytesIO()
    assert child._answer({"method": "tsne", "seed": 7}, clusters(9), NO_START, outbox) == code
    outbox.seek(0)
    answers = []
    while (message := receive(outbox)) is not None:
        answers.append(message[0])
    assert answers[1:] == ([said] if said is not None else answers[1:])
    assert ("Traceback" in capsys.readouterr().err) == isinstance(error, ValueError)


# --- stand-ins for the libraries ------------------------------------------------------------------


class Embedding:
    """Stands for openTSNE's: keeps what it is asked for, and calls back while it works."""

    made: list[Embedding]

    def __init__(self, init: np.ndarray, near: dict[str, Any], **options: Any) -> None:
        self.init, self.near, self.options = init, near, options
        self.steps: list[tuple[int, float | None, float]] = []
        Embedding.made.append(self)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        return self.init + 1

    def optimize(
        self, count: int, *, momentum: float, inplace: bool, exaggeration: float | None = None
    ) -> None:
        assert inplace
        self.steps.append((count, exaggeration, momentum))
        for _ in range(count // self.options["callbacks_every_iters"]):
            self.options["callbacks"](0, 0.0, self)


def tsne(
    monkeypatch: pytest.MonkeyPatch, vectors: np.ndarray, points: np.ndarray, *, warm: bool
) -> tuple[Embedding, list[float], np.ndarray]:
    """What t-SNE is asked for, the shares that are told, and its layout."""
    library = ModuleType("openTSNE")
    Embedding.made = []
    near: Callable[..., dict[str, Any]] = lambda vectors, **options: {**options, "own": vectors}  # noqa: E731
    library.TSNEEmbedding = Embedding  # type: ignore[attr-defined]
    library.affinity = SimpleNamespace(PerplexityBasedNN=near)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "openTSNE", library)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    shares: list[float] = []

    def show(_points: np.ndarray, share: float, words: str) -> None:
        assert words == "t-SNE"
        shares.append(share)

    layout = child._tsne(vectors, points, 7, show, warm=warm)
    (made,) = Embedding.made
    return made, shares, layout


@pytest.mark.parametrize(
    ("count", "perplexity", "exaggeration", "gradient"),
    [
        (2, 1, 1, "bh"),
        (6, 1, 1, "bh"),
        (7, 2, 1, "bh"),
        (32, 10, 2, "bh"),
        (91, 30, 91 / 16, "bh"),
        (160, 30, 10, "bh"),
        (1000, 30, 12, "bh"),
        (1001, 30, 12, "fft"),
    ],
)
def test_t_sne_is_asked_as_its_authors_have_it(
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    perplexity: int,
    exaggeration: float,
    gradient: str,
) -> None:
    vectors, points = clusters(count), clusters(count, 2, seed=5)
    made, shares, layout = tsne(monkeypatch, vectors, points, warm=False)
    assert made.near["perplexity"] == perplexity and made.near["method"] == "exact"
    assert made.near["own"] is vectors
    for options in (made.near, made.options):
        assert (options["n_jobs"], options["random_state"]) == (3, 7)
    assert made.options["negative_gradient_method"] == gradient
    # Clusters are drawn apart for 150 iterations; 500 more follow.
    assert made.steps == [(150, exaggeration, 0.5), (500, None, 0.8)]
    assert made.init[:, 0].std() == pytest.approx(1e-4)
    np.testing.assert_allclose(made.init * points[0, 0] / made.init[0, 0], points, rtol=1e-4)
    np.testing.assert_array_equal(layout, np.asarray(made.init + 1, np.float32))
    assert shares == pytest.approx([at / 650 for at in range(10, 660, 10)])


def test_t_sne_goes_on_from_an_older_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    points = clusters(40, 2, seed=5)
    made, shares, _ = tsne(monkeypatch, clusters(40), points, warm=True)
    np.testing.assert_array_equal(made.init, points)
    assert made.steps == [(250, None, 0.8)]
    assert shares == pytest.approx([at / 250 for at in range(10, 260, 10)])
    equal, _, _ = tsne(monkeypatch, clusters(40), np.zeros((40, 2)), warm=False)
    assert np.isfinite(equal.init).all()


def umap(
    monkeypatch: pytest.MonkeyPatch, vectors: np.ndarray, points: np.ndarray, *, warm: bool
) -> tuple[list[dict[str, Any]], list[tuple[float, str]], np.ndarray]:
    """What UMAP is asked for time after time, what is told, and its layout."""
    library = ModuleType("umap")
    asked: list[dict[str, Any]] = []

    def reducer(**options: Any) -> Any:
        asked.append(options)
        return SimpleNamespace(fit_transform=lambda _: options["init"] + 1)

    library.UMAP = reducer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "umap", library)
    shown: list[tuple[float, str]] = []
    layout = child._umap(
        vectors, points, 7, lambda _, share, words: shown.append((share, words)), warm=warm
    )
    return asked, shown, layout


@pytest.mark.parametrize(("count", "neighbours"), [(8, 8), (15, 15), (40, 15)])
def test_umap_is_asked_for_twenty_epochs_at_a_time(
    monkeypatch: pytest.MonkeyPatch, count: int, neighbours: int
) -> None:
    points = clusters(count, 2, seed=5)
    asked, shown, layout = umap(monkeypatch, clusters(count), points, warm=False)
    assert [options["n_neighbors"] for options in asked] == [neighbours] * 12
    assert [options["n_epochs"] for options in asked] == [20] * 12
    assert [options["random_state"] for options in asked] == list(range(7, 19))
    rates = [options["learning_rate"] for options in asked]
    assert rates == pytest.approx([1 - at / 12 for at in range(12)])
    assert shown == [(pytest.approx(at / 12), "UMAP") for at in range(1, 13)]
    numbers, distances = asked[0]["precomputed_knn"]
    assert numbers.shape == distances.shape == (count, neighbours)
    # It begins in a box of ten at most, each time where the last one ended.
    first = asked[0]["init"]
    assert first.min(axis=0).tolist() == [0, 0]
    widths = 10 * np.ptp(points, axis=0) / np.ptp(points)
    np.testing.assert_allclose(np.ptp(first, axis=0), widths, rtol=1e-5)
    np.testing.assert_allclose(layout, first + 12, rtol=1e-5)


def test_umap_goes_on_from_an_older_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    points = clusters(40, 2, seed=5)
    asked, shown, _ = umap(monkeypatch, clusters(40), points, warm=True)
    np.testing.assert_array_equal(asked[0]["init"], points)
    assert [options["n_epochs"] for options in asked] == [20] * 6
    rates = [options["learning_rate"] for options in asked]
    assert rates == pytest.approx([1 - at / 6 for at in range(6)])
    assert [share for share, _ in shown] == pytest.approx([at / 6 for at in range(1, 7)])
    asked, _, _ = umap(monkeypatch, clusters(40), np.ones((40, 2)), warm=False)
    assert np.isfinite(asked[0]["init"]).all()


# --- messages -------------------------------------------------------------------------------------


def test_a_message_comes_as_it_was_sent() -> None:
    stream = io.BytesIO()
    arrays = [np.arange(6).reshape(3, 2), np.zeros((0, 2)), np.arange(5).reshape(1, 5).T]
    send(stream, {"a": 1}, *arrays)
    send(stream, {"b": "two"})
    stream.seek(0)
    message = receive(stream)
    assert message is not None and message[0] == {"a": 1}
    for found, sent in zip(message[1], arrays, strict=True):
        np.testing.assert_array_equal(found, sent)
        assert found.dtype == np.float32 and not found.flags.writeable
    assert receive(stream) == ({"b": "two"}, [])
    assert receive(stream) is None


def test_a_line_has_ten_thousand_bytes_at_most() -> None:
    line = b'{"shapes": [], "a": "' + b"x" * 9976 + b'"}\n'
    assert len(line) == 10_000
    assert receive(io.BytesIO(line)) is not None
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        receive(io.BytesIO(line.replace(b'"a"', b'"abc"')))


class Pipe(io.BytesIO):
    """Keeps how many bytes are asked for, and gives half a megabyte at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.asked: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        self.asked.append(size)
        return super().read(min(size, 2**19))


def test_arrays_are_read_in_pieces_of_a_megabyte() -> None:
    array = np.arange(5 * 2**17, dtype=np.float32).reshape(-1, 2)
    sent = io.BytesIO()
    send(sent, {}, array)
    pipe = Pipe(sent.getvalue())
    message = receive(pipe)
    assert message is not None
    np.testing.assert_array_equal(message[1][0], array)
    half = 2**19
    assert pipe.asked == [2 * half, 2 * half, 2 * half, 2 * half, half]

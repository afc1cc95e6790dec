from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.command import run
from tests.data.server import Server
from tui_ae.config import DATA_SETS, Settings, data_from
from tui_ae.data import named
from tui_ae.data.load import check_path, download_ahead, load
from tui_ae.data.mirrors import FASHION_MNIST, KMNIST, MNIST, Download, RemoteFile
from tui_ae.errors import UserError
from tui_ae.repeat import command_line
from tui_ae.run.info import begin
from tui_ae.run.manifest import from_table, to_table

WriteIdx = Callable[..., Path]
FILES = [file.name for file in MNIST.files]


@pytest.fixture(autouse=True)
def _nothing_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No folder of this machine's, and of what can be downloaded nothing."""
    empty = tmp_path_factory.mktemp("empty")
    monkeypatch.setattr(named, "SYSTEM", empty / "system")
    monkeypatch.setenv("KERAS_HOME", str(empty / "keras"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty / "cache"))
    nowhere = ("http://127.0.0.1:1/",)
    for name, known in named.SETS.items():
        if known.download is not None:
            changed = replace(known, download=replace(known.download, mirrors=nowhere))
            monkeypatch.setitem(named.SETS, name, changed)


def fill(folder: Path, write_idx: WriteIdx, packed: bool = True) -> None:
    rng = np.random.default_rng(0)
    for split, count in (("train", 12), ("t10k", 8)):
        end = ".gz" if packed else ""
        images = rng.integers(0, 256, (count, 28, 28))
        write_idx(folder / f"{split}-images-idx3-ubyte{end}", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte{end}", np.arange(count) % 10)


def test_all_names_are_known() -> None:
    assert tuple(named.SETS) == DATA_SETS


@pytest.mark.parametrize("download", [MNIST, FASHION_MNIST, KMNIST])
def test_what_can_be_downloaded_is_said_in_full(download: Download) -> None:
    assert [file.name for file in download.files] == FILES
    assert all(url.startswith("https://") and url.endswith("/") for url in download.mirrors)
    assert len({file.sha256 for file in download.files}) == 4
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in download.files)


@pytest.mark.parametrize(
    ("name", "images", "size_bytes"),
    [
        # 11.06, 29.45 and 20.26 MiB in the catalogue of TensorFlow Datasets.
        ("mnist", 70_000, 11_594_722),
        ("fashion-mnist", 70_000, 30_878_645),
        ("kmnist", 70_000, 21_240_888),
        ("digits", 1797, 57_523),
    ],
)
def test_how_large_each_set_is(name: str, images: int, size_bytes: int) -> None:
    known = named.SETS[name]
    assert (known.images, known.size_bytes) == (images, size_bytes)


def test_places_in_the_order_in_which_they_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(named, "SYSTEM", tmp_path / "system")
    places = [
        tmp_path / "XDG_CACHE_HOME" / "tui_ae" / "datasets" / "kmnist",
        tmp_path / "system" / "kmnist",
        tmp_path / "KERAS_HOME" / "datasets" / "kmnist",
        tmp_path / "KERAS_HOME" / "datasets" / "kmnist.npz",
        tmp_path / "data" / "KMNIST" / "raw",
    ]
    for place in reversed(places):
        if place.suffix:
            place.parent.mkdir(parents=True)
            place.touch()
        else:
            place.mkdir(parents=True, exist_ok=True)
            for at, file in enumerate(KMNIST.files):
                (place / file.name.removesuffix(".gz" if at % 2 else "")).touch()
        assert named.find(named.SETS["kmnist"]) == place
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert list(named._places(named.SETS["mnist"]))[2] == (
        tmp_path / "home" / ".keras" / "datasets" / "mnist"
    )


def test_a_path_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_from("mnist") == Path("mnist")
    assert data_from("./mnist") == tmp_path / "mnist"
    assert data_from("mnist/") == tmp_path / "mnist"
    assert data_from("digits.npz") == Path("digits.npz")
    (tmp_path / "mnist").mkdir()
    assert data_from("mnist") == tmp_path / "mnist"


def test_found_where_debian_installs_it(
    tmp_path: Path, write_idx: WriteIdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "SYSTEM", tmp_path)
    fill(tmp_path / "fashion-mnist", write_idx)
    assert download_ahead(Path("fashion-mnist")) is None
    data = load(Settings(data=Path("fashion-mnist")))
    assert data.name == "Fashion-MNIST"
    assert data.class_names[0] == "T-shirt/top"
    assert f"Fashion-MNIST was read from {tmp_path / 'fashion-mnist'}." in data.notes
    assert data.held_out is not None
    assert len(data.held_out.labels) == 8


def test_found_where_torchvision_unpacks_it(
    tmp_path: Path, write_idx: WriteIdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "data/KMNIST/raw", write_idx, packed=False)
    data = load(Settings(data=Path("kmnist")))
    assert data.name == "KMNIST"
    assert data.class_names == ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


def test_found_where_keras_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    labels = np.arange(20) % 10
    np.savez(
        tmp_path / "datasets/mnist.npz",
        x_train=images[:12],
        y_train=labels[:12],
        x_test=images[12:],
        y_test=labels[12:],
    )
    data = load(Settings(data=Path("mnist")))
    assert data.name == "MNIST"
    assert data.class_names == tuple("0123456789")


def test_a_folder_that_lacks_a_file_is_none(
    tmp_path: Path, write_idx: WriteIdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "SYSTEM", tmp_path)
    fill(tmp_path / "mnist", write_idx)
    (tmp_path / "mnist" / FILES[3]).unlink()
    assert named.find(named.SETS["mnist"]) is None


def test_offline_says_which_files_to_put_where(write_idx: WriteIdx) -> None:
    folder = named.cache_folder(named.SETS["mnist"])
    check_path(Path("mnist"))
    said = download_ahead(Path("mnist"))
    assert said == f"MNIST is not on this machine: downloading 11.6 MB to {folder}."
    with pytest.raises(UserError) as raised:
        load(Settings(data=Path("mnist")))
    assert f"or put {', '.join(FILES)} into {folder}." in str(raised.value)
    fill(folder, write_idx)
    assert load(Settings(data=Path("mnist"))).name == "MNIST"


def test_what_is_downloaded_is_read(
    tmp_path: Path, write_idx: WriteIdx, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, write_idx)
    contents = {name: (tmp_path / name).read_bytes() for name in FILES}
    files = tuple(
        RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    )
    known = replace(named.SETS["kmnist"], download=Download((server.url,), files))
    monkeypatch.setitem(named.SETS, "kmnist", known)
    server.files = {f"/{name}": content for name, content in contents.items()}
    shares: list[float] = []
    data = load(Settings(data=Path("kmnist")), shares.append)
    assert len(data.images) == 12
    assert data.class_names[1] == "ki"
    assert shares == sorted(shares)
    assert shares[-1] == 1
    # Reading takes seven tenths of all, and of that downloading nine tenths.
    assert max(share for share in shares if share < 0.64) == pytest.approx(0.63)


def test_digits_come_with_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    data = load(Settings(data=Path("digits"), held_out=0))
    np.testing.assert_array_equal(data.labels, theirs.target)
    found = named.find(named.SETS["digits"])
    assert found is not None and found.stat().st_size == named.SETS["digits"].size_bytes
    assert len(data.images) == named.SETS["digits"].images
    np.testing.assert_allclose(
        data.images[:2].reshape(2, 28, 28).mean(axis=(1, 2)),
        theirs.images[:2].mean(axis=(1, 2)) / 16,
        atol=0.01,
    )
    assert data.name == "scikit-learn's digits"
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"pip install scikit-learn"):
        check_path(Path("digits"))


def test_a_damaged_file_of_digits_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sklearn" / named.DIGITS
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"1,2,3\n"))
    (tmp_path / "sklearn" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    # Where it was imported already its place is known.
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    with pytest.raises(UserError, match=r"digits.csv.gz: can't be read"):
        load(Settings(data=Path("digits")))


def test_a_run_remembers_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    info = begin(Settings(data=Path("mnist")))
    table = to_table(info)
    assert table["settings"]["data"] == "mnist"
    assert from_table(table, Path("run.toml")).settings == info.settings
    assert command_line(info.settings) == "tui-ae --data mnist"
    assert to_table(begin(Settings(data=Path("a.npz"))))["settings"]["data"] == str(
        tmp_path / "a.npz"
    )


def test_the_command_lists_them(tmp_path: Path, write_idx: WriteIdx) -> None:
    fill(tmp_path / "tui_ae/datasets/mnist", write_idx)
    done = run("data", "--json", XDG_CACHE_HOME=str(tmp_path))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["name"] for row in rows] == list(DATA_SETS)
    assert rows[0] == {
        "name": "mnist",
        "title": "MNIST",
        "images": 70000,
        "bytes": 11594722,
        "path": str(tmp_path / "tui_ae/datasets/mnist"),
    }
    lines = run("data", XDG_CACHE_HOME=str(tmp_path)).stdout.splitlines()
    assert lines[0].split() == [
        *("mnist", "70,000", "images", "11.6", "MB", "MNIST"),
        str(tmp_path / "tui_ae/datasets/mnist"),
    ]
    assert "not here; downloaded when it is used" in lines[2]

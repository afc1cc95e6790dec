"""Several processes under torchrun against a single one with as large a mini-batch."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests import command
from tests.train import ranks
from tests.train.runs import train
from tui_ae import cli
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.recipe import RECIPES
from tui_ae.train.distributed import ASK_EVERY, ManyProcesses
from tui_ae.train.launch import ALONE, Launch
from tui_ae.train.trainer import Trainer

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
FROM_TORCHRUN = {
    "RANK": "1",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "1",
}


def start(*arguments: str) -> subprocess.Popen[str]:
    """Two processes on this machine, on a free port."""
    return subprocess.Popen(
        [sys.executable, *TORCHRUN, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=command.environment(OMP_NUM_THREADS="1"),
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    try:
        return process.communicate(timeout=command.BOUND_S)
    finally:
        if process.poll() is None:
            # Killed, it would leave the others behind.
            process.terminate()
            process.wait(command.BOUND_S)


@pytest.fixture(scope="module")
def report() -> dict[str, list[float]]:
    """What two processes found, see `ranks`."""
    process = start("-m", "tests.train.ranks")
    out, err = finish(process)
    assert process.returncode == 0, err
    found: dict[str, list[float]] = json.loads(out)
    return found


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("count", ranks.COUNTS)
def test_two_processes_lose_as_one_with_twice_the_mini_batch(
    report: dict[str, list[float]], take: Callable[[int], Dataset], recipe: str, count: int
) -> None:
    """Whatever the last mini-batch leaves to each."""
    doubled = replace(ranks.SETTINGS, recipe=recipe, batch_size=2 * 64)
    assert report[f"{recipe} {count}"] == pytest.approx(
        train(Trainer(take(count), doubled), ranks.EPOCHS), rel=1e-4
    )


def test_a_loss_that_is_no_number_in_one_process_ends_all(report: dict[str, list[str]]) -> None:
    first, second = report["failures"]
    assert first == second
    assert "the weights of epoch 0 are kept" in first


def test_all_stop_at_the_same_mini_batch(report: dict[str, list[int]]) -> None:
    assert report["stops"] == [ASK_EVERY, ASK_EVERY]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are listed in /proc")
def test_no_thread_of_gloo_outlives_the_training(report: dict[str, list[int]]) -> None:
    """One that did would abort the process in one run of eight, at its end."""
    during, after = report["threads"]
    assert during > 0
    assert after == 0


def test_the_command_reports_and_writes_once(tmp_path: Path, digits: Dataset) -> None:
    path = tmp_path / "codes.npz"
    options = ("--epochs", "3", "--json", "--batch-size", "250", "--codes", str(path))
    process = start("-m", "tui_ae", "--headless", "--device", "cpu", *options)
    out, err = finish(process)
    assert (process.returncode, err) == (0, "")
    single = Trainer(digits, Settings(device="cpu", batch_size=500))
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [row["loss"] for row in rows] == pytest.approx(train(single, ranks.EPOCHS), rel=1e-4)
    single.encode_all()
    with np.load(path, allow_pickle=False) as file:
        np.testing.assert_allclose(file["codes"], single.codes, atol=0.2)
        np.testing.assert_array_equal(file["labels"], digits.labels)
    assert [entry.name for entry in tmp_path.iterdir()] == ["codes.npz"]


def test_a_signal_to_torchrun_ends_all_and_writes_the_codes(tmp_path: Path) -> None:
    path = tmp_path / "codes.npz"
    with start("-m", "tui_ae", "--headless", "--epochs", "100000", "--codes", str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("epoch    1")
        process.send_signal(signal.SIGTERM)
        _, err = finish(process)
    assert process.returncode != 0
    assert "SIGKILL" not in err
    with np.load(path, allow_pickle=False) as file:
        assert np.isfinite(file["codes"]).all()


def test_a_screen_is_refused_to_one_of_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in FROM_TORCHRUN.items():
        monkeypatch.setenv(name, value)
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "tui-ae: one of 2 processes started by torchrun has no screen; add --headless.\n"
    )


def test_only_what_torchrun_sets_makes_many() -> None:
    assert Launch.from_environment({}) == ALONE
    assert Launch.from_environment({"WORLD_SIZE": "8", "RANK": "3"}) == ALONE
    assert Launch.from_environment(FROM_TORCHRUN) == Launch(1, 1, 2)


@pytest.mark.parametrize(
    "changes", [{"WORLD_SIZE": "two"}, {"WORLD_SIZE": "0"}, {"RANK": "2"}, {"LOCAL_RANK": "-1"}]
)
def test_variables_that_name_no_process_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(UserError, match="name no process"):
        Launch.from_environment(FROM_TORCHRUN | changes)


def test_each_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("auto", "cuda"):
        assert ManyProcesses(Launch(3, 1, 4), name).device(name) == torch.device("cuda", 1)
        with pytest.raises(UserError, match=r"--device cuda: .*this machine has 2"):
            ManyProcesses(Launch(2, 2, 3), name)
    assert ManyProcesses(Launch(2, 2, 3), "cpu").device("cpu") == torch.device("cpu")


def test_devices_that_many_cannot_use_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert ManyProcesses(Launch(0, 0, 2), "auto").device("auto") == torch.device("cpu")
    for name in ("mps", "cuda"):
        with pytest.raises(UserError, match=f"--device {name}"):
            ManyProcesses(Launch(0, 0, 2), name)

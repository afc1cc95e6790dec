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
from tests.once import once
from tests.train import ranks
from tests.train.runs import train
from tui_ae import cli
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.recipe import RECIPES
from tui_ae.run.folder import RunFolder
from tui_ae.run.snapshot import State
from tui_ae.train.distributed import ASK_EVERY, ManyProcesses
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.run import TrainingRun
from tui_ae.train.torchrun import ALONE, ProcessRank
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
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """What two processes found, see `ranks`."""
    found: dict[str, list[float]] = once(tmp_path_factory, "two-processes", _report)
    return found


def _report() -> object:
    out, err = finish(process := start("-m", "tests.train.ranks"))
    assert (process.returncode, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("count", ranks.COUNTS)
def test_two_processes_lose_as_one_with_twice_the_mini_batch(
    report: dict[str, list[float]], take: Callable[[int], Dataset], recipe: str, count: int
) -> None:
    """Whatever the last mini-batch leaves to each."""
    single = Trainer(take(count), replace(ranks.SETTINGS, recipe=recipe, batch_size=2 * 64))
    losses = train(single, ranks.EPOCHS)
    single.encode_all()
    name = f"{recipe} {count}"
    assert report[name] == pytest.approx(losses, rel=1e-4)
    # Sums of the same numbers in another order: rounding, which 9 steps magnify a little.
    extent = np.abs(single.codes).max()
    np.testing.assert_allclose(report[f"{name} codes"], single.codes, rtol=0, atol=1e-4 * extent)


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


@pytest.mark.slow
def test_the_command_reports_once_until_a_signal_and_writes_once_after_it(
    tmp_path: Path, digits: Dataset
) -> None:
    path = tmp_path / "codes.npz"
    options = ("--epochs", "100000", "--json", "--batch-size", "250", "--codes", str(path))
    with start("-m", "tui_ae", "--headless", "--device", "cpu", *options) as process:
        assert process.stdout is not None
        rows = [json.loads(process.stdout.readline()) for _ in range(ranks.EPOCHS)]
        process.send_signal(signal.SIGTERM)
        _, err = finish(process)
    assert process.returncode != 0
    assert "SIGKILL" not in err
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    single = Trainer(digits, Settings(device="cpu", batch_size=500))
    assert [row["loss"] for row in rows] == pytest.approx(train(single, ranks.EPOCHS), rel=1e-4)
    with np.load(path, allow_pickle=False) as file:
        assert np.isfinite(file["codes"]).all()
        trained = ~file["held_out"]
        assert file["codes"][trained].shape == (len(digits.labels), 2)
        np.testing.assert_array_equal(file["labels"][trained], digits.labels)
    assert [entry.name for entry in tmp_path.iterdir()] == ["codes.npz"]


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
    assert ProcessRank.from_environment({}) == ALONE
    assert ProcessRank.from_environment({"WORLD_SIZE": "8", "RANK": "3"}) == ALONE
    assert ProcessRank.from_environment(FROM_TORCHRUN) == ProcessRank(1, 1, 2)


@pytest.mark.parametrize(
    "changes", [{"WORLD_SIZE": "two"}, {"WORLD_SIZE": "0"}, {"RANK": "2"}, {"LOCAL_RANK": "-1"}]
)
def test_variables_that_name_no_process_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(UserError, match="name no process"):
        ProcessRank.from_environment(FROM_TORCHRUN | changes)


def test_each_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("auto", "cuda"):
        assert ManyProcesses(ProcessRank(3, 1, 4), name).device(name) == torch.device("cuda", 1)
        with pytest.raises(UserError, match=r"--device cuda: .*this machine has 2"):
            ManyProcesses(ProcessRank(2, 2, 3), name)
    assert ManyProcesses(ProcessRank(2, 2, 3), "cpu").device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(
    ("there", "name", "expected"),
    [
        (True, "auto", [("set_device", torch.device("cuda", 1)), ("init", "nccl")]),
        (True, "cuda", [("set_device", torch.device("cuda", 1)), ("init", "nccl")]),
        (True, "cpu", [("init", "gloo")]),
        (False, "auto", [("init", "gloo")]),
    ],
)
def test_each_device_has_its_way_for_processes_to_talk(
    monkeypatch: pytest.MonkeyPatch,
    there: bool,
    name: str,
    expected: list[tuple[str, object]],
) -> None:
    """NCCL takes the GPU that is current, so that of LOCAL_RANK has to be so before."""
    calls: list[tuple[str, object]] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", lambda gpu: calls.append(("set_device", gpu)))
    monkeypatch.setattr(
        torch.distributed, "init_process_group", lambda how: calls.append(("init", how))
    )
    second_machine = FROM_TORCHRUN | {"RANK": "3", "WORLD_SIZE": "4"}
    processes = ManyProcesses(ProcessRank.from_environment(second_machine), name)
    assert processes.__enter__() is processes
    assert calls == expected


def test_devices_that_many_cannot_use_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert ManyProcesses(ProcessRank(0, 0, 2), "auto").device("auto") == torch.device("cpu")
    for name in ("mps", "cuda"):
        with pytest.raises(UserError, match=f"--device {name}"):
            ManyProcesses(ProcessRank(0, 0, 2), name)


@pytest.mark.slow
def test_what_several_processes_train_goes_on_to_the_last_bit(tmp_path: Path) -> None:
    """In the middle of an epoch too, whose losses each has a part of, and each with its noise."""

    def together(*words: str) -> list[float]:
        process = start("-m", "tui_ae", *words, "--headless", "--json")
        out, _ = finish(process)
        return [json.loads(line)["loss"] for line in out.splitlines()]

    new = ("--device", "cpu", "--batch-size", "40", "--kind", "denoising")
    unbroken = together(*new, "--epochs", "9", "--no-save")
    run = tmp_path / "run"
    # torchrun has options that begin with --run.
    broken = start("-m", "--", "tui_ae", *new, "--headless", "--json", "--run", str(run))
    with broken:
        assert broken.stdout is not None
        first = [json.loads(broken.stdout.readline())["loss"] for _ in range(2)]
        broken.send_signal(signal.SIGTERM)
        out, _ = finish(broken)
    first += [json.loads(line)["loss"] for line in out.splitlines()]
    folder = RunFolder(run)
    assert folder.info().processes == 2
    saved = folder.snapshot(folder.info())
    assert saved.state is State.PAUSED and saved.epoch == len(first) < 9
    rest = together("resume", str(run), "--epochs", "9")
    assert first + rest == unbroken
    alone = command.run("resume", str(run), "--headless", "--epochs", "10", "--json")
    assert "trained by 2 processes together and goes on with 1 process" in alone.stderr


class Second(ProcessGroup):
    size, rank = 2, 1


def test_a_process_that_was_not_there_before_draws_noise_as_from_the_beginning(
    few: Dataset, settings: Settings
) -> None:
    settings = replace(settings, kind="denoising")
    alone = TrainingRun(few, settings)
    alone.step()
    saved, fresh = alone.checkpoint(), TrainingRun(few, settings, Second()).checkpoint()
    joined = TrainingRun(few, settings, Second())
    joined.restore(saved)
    noise = joined.checkpoint()["trainer.noise"]
    np.testing.assert_array_equal(noise, fresh["trainer.noise"])
    assert (noise != saved["trainer.noise"]).any()
    # With what it had itself it goes on.
    again = TrainingRun(few, settings, Second())
    again.restore(saved | {"trainer.noise": np.concatenate([noise, saved["trainer.noise"]])})
    np.testing.assert_array_equal(again.checkpoint()["trainer.noise"], saved["trainer.noise"])


def test_what_several_processes_were_in_the_middle_of_one_alone_ends_with_the_right_loss(
    few: Dataset, settings: Settings
) -> None:
    run = TrainingRun(few, replace(settings, batch_size=8))
    run.step()
    run.step()
    whole = run.checkpoint()
    # As two processes would have it, each with a part of the sum.
    total, noise = whole["trainer.total"], whole["trainer.noise"]
    parts = np.concatenate([total / 4, total * 3 / 4])
    two = whole | {"trainer.total": parts, "trainer.noise": np.concatenate([noise, noise])}
    losses = []
    for state in (whole, two):
        again = TrainingRun(few, replace(settings, batch_size=8))
        again.restore(state)
        assert again.trainer.batch == 2
        while not again.step():
            pass
        losses.append(again.trainer.loss)
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)

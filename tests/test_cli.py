"""The command line: what it refuses, in one sentence and with exit code 2."""

from __future__ import annotations

import gc
import os
import pty
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import tui_ae
from tests import command
from tests.export.runs import make_run
from tui_ae import cli, headless, start
from tui_ae.config import ScreenOptions, Settings
from tui_ae.errors import UserError
from tui_ae.run.source import Beside, Source

BAD = {
    "--epochs 0": "--epochs 0: give a whole number from 1.",
    "--epochs -1": "--epochs -1: give a whole number from 1.",
    "--epochs some": "argument --epochs: invalid int value: 'some'",
    "--seconds nan": "--seconds nan: give a positive number",
    "--seconds 0": "--seconds 0: give a positive number",
    "--seconds inf": "--seconds inf: give a positive number",
    "--lr nan": "--lr nan: give a positive number",
    "--lr 0": "--lr 0: give a positive number",
    "--lr -1": "--lr -1: give a positive number",
    "--lr inf": "--lr inf: give a positive number",
    "--lr 1e31": "--lr 1e+31: give a positive number",
    "--lr abc": "argument --lr: invalid float value: 'abc'",
    "--batch-size 0": "--batch-size 0: give a whole number from 1",
    "--batch-size 1e3": "argument --batch-size: invalid int value",
    "--seed -1": "--seed -1: give a whole number from 0",
    "--seed 4294967296": "--seed 4294967296: give a whole number",
    "--device tpu": "--device tpu: choose one of auto, cpu, cuda, mps",
    "--recipe new": "--recipe new: choose one of fast, original",
    "--theme pink": "--theme pink: choose one of dark, light, terminal",
    "--link wet": "--link wet: choose one of auto, fast, slow, 9600",
    "--log missing/file": "--log missing/file: the folder",
    "--log .": "--log .: this is a folder; give the name of a file in it.",
    "--data missing": "missing: no such file or folder",
    "--codes missing/codes.npz": "--codes missing/codes.npz: the folder",
    f"--codes {'a' * 300}.npz": "can't be written there (File name too long)",
    f"--log {'a' * 300}": "can't be written there (File name too long)",
    "--codes codes.txt": "--codes codes.txt: give a file name that ends in .npz",
    "--frobnicate": "unrecognized arguments: --frobnicate",
    "--epo 3": "unrecognized arguments: --epo 3",
    "--\x1b[2J\x07": "unrecognized arguments: --?[2J?",
    "stray": "unrecognized arguments: stray",
    "--lr": "argument --lr: expected one argument",
}


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tui-ae: ")
    assert captured.err.count("\n") == 1
    assert captured.err.endswith(".\n")
    return captured.err


@pytest.mark.parametrize("arguments", BAD)
def test_bad_input_gets_one_sentence(
    arguments: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert BAD[arguments] in refusal(capsys, "--headless", *arguments.split())


def test_a_missing_device_is_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for device in (torch.cuda, torch.backends.mps):
        monkeypatch.setattr(device, "is_available", lambda: False)
    said = refusal(capsys, "--headless", "--device", "cuda")
    assert said == "tui-ae: --device cuda: PyTorch finds none here; choose cpu.\n"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_answer(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([option])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out == f"tui-ae {tui_ae.__version__}\n" if option == "--version" else "--data" in out


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("option", ["--epochs=0", "--epochs=3", "--seconds=0", "--json"])
def test_headless_options_are_refused_with_a_screen(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([option]) == 2
    assert f"{option.partition('=')[0]} belongs to --headless" in capsys.readouterr().err


def test_without_a_terminal_on_stdout_it_trains_headless(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(headless, "run", lambda *arguments: asked.append(arguments) or 0)
    assert cli.main(["--epochs", "3", "--seed", "7"]) == 0
    assert asked[0][0] == Settings(seed=7)
    assert asked[0][1].epochs == 3
    assert "training without a screen" in capsys.readouterr().err


def test_a_closed_stdout_is_no_terminal() -> None:
    assert not start.is_terminal(None)


def test_interrupted_before_training_it_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(headless, "run", interrupted)
    assert cli.main(["--headless"]) == 130
    assert capsys.readouterr().err == ""


def test_numpys_threads_leave_the_cores_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def value() -> str:
        with pytest.raises(SystemExit):
            cli.main(["--version"])
        return os.environ["OPENBLAS_NUM_THREADS"]

    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    assert value() == "7", "the environment has the last word"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert value() == "1"


def on_terminal(*, stdin: bool = True, **changes: str) -> tuple[int, str]:
    """Exit code and output of the command with its streams on a pseudo-terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tui_ae"],
        stdin=slave if stdin else subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env=command.environment(**changes),
    ) as process:
        os.close(slave)
        code = process.wait(command.BOUND_S)
    output = os.read(master, 65536).decode()
    os.close(master)
    return code, output


@pytest.mark.parametrize("name", ["dumb", "unknown", ""])
def test_a_terminal_without_a_cursor_is_refused(name: str) -> None:
    code, output = on_terminal(TERM=name)
    assert code == 2
    assert output.startswith(f"tui-ae: TERM={name}: this terminal can't show a screen")


def test_standard_input_from_elsewhere_is_refused() -> None:
    code, output = on_terminal(stdin=False, TERM="xterm")
    assert code == 2
    assert output.startswith("tui-ae: the screen needs a terminal on standard input")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LC_ALL": "C.UTF-8"}, True),
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX"}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "xx_XX.UTF-8"}, True),
        ({}, True),
    ],
)
def test_ascii_where_the_locale_lacks_utf_8(variables: dict[str, str], expected: bool) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": command.environment()["PYTHONPATH"]}
    done = subprocess.run(
        [sys.executable, "-c", "from tui_ae import chosen; print(chosen._utf8())"],
        env={**bare, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{expected}\n"


@pytest.mark.usefixtures("terminal")
def test_options_reach_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Settings, ScreenOptions]] = []

    def run_app(source: Source, options: ScreenOptions, *_: object) -> int:
        asked.append((source.info.settings, options))
        return 7

    monkeypatch.setitem(sys.modules, "tui_ae.ui.run", SimpleNamespace(run_app=run_app))
    line = "--seed 3 --batch-size 64 --lr 0.01 --ascii --theme light --link 9600 --stats"
    assert cli.main(line.split()) == 7
    assert asked == [
        (
            Settings(seed=3, batch_size=64, learning_rate=0.01),
            ScreenOptions(link="9600", stats=True, glyphs="ascii", theme="light"),
        )
    ]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("line", "tmux", "hinted"),
    [
        ([], True, True),
        ([], False, False),
        (["--ascii"], True, False),
        (["--glyphs=braille"], True, False),
    ],
)
def test_who_left_the_characters_to_the_program_is_told_why_tmux_has_only_ascii(
    line: list[str], monkeypatch: pytest.MonkeyPatch, *, tmux: bool, hinted: bool
) -> None:
    hints: list[str] = []

    def run_app(_: Source, options: ScreenOptions, *__: object) -> int:
        hints.append(options.hint)
        return 0

    monkeypatch.setitem(sys.modules, "tui_ae.ui.run", SimpleNamespace(run_app=run_app))
    for name in ("LANG", "LC_ALL", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_CTYPE", "C.UTF-8")
    if tmux:
        monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    assert cli.main(line) == 0
    assert bool(hints[0]) == hinted


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("one", "other", "foreign"),
    [
        ("--seed 0", "--seed 1", False),
        ("run 0", "--seed 1", False),
        ("run 0", "again 0", False),
        ("run 0", "run 1", True),
        ("--seed 1", "run 0", True),
    ],
)
def test_beside_another_run_a_kept_one_is_foreign_where_it_has_other_images(
    one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, foreign: bool
) -> None:
    for name, seed in (("run 0", 0), ("again 0", 0), ("run 1", 1)):
        make_run(tmp_path / name, Settings(seed=seed, hidden=(3,)))
    second: list[Beside] = []

    def run_app(_: Source, __: ScreenOptions, other: Beside, *___: object) -> int:
        second.append(other)
        return 0

    monkeypatch.setitem(sys.modules, "tui_ae.ui.run", SimpleNamespace(run_app=run_app))
    sides = (side if side.startswith("--") else str(tmp_path / side) for side in (one, other))
    assert cli.main(["compare", *sides]) == 0
    assert second[0].foreign == foreign


@pytest.mark.usefixtures("terminal")
def test_no_garbage_is_looked_for_before_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []

    def run_app(*_: object) -> int:
        looked.append(gc.isenabled())
        return 0

    monkeypatch.setitem(sys.modules, "tui_ae.ui.run", SimpleNamespace(run_app=run_app))
    assert cli.main([]) == 0
    assert looked == [False]
    assert gc.isenabled()


@pytest.mark.parametrize(
    "values", [{"seed": -1}, {"batch_size": 0}, {"batch_size": 1_000_001}, {"learning_rate": 0.0}]
)
def test_settings_hold_their_ranges(values: dict[str, float]) -> None:
    with pytest.raises(UserError):
        Settings(**values)  # type: ignore[arg-type]


NETWORKS = {
    "--latent-dim 0": "--latent-dim 0: give a whole number from 1 to 512.",
    "--hidden 128,x": "argument --hidden: invalid list of whole numbers value: '128,x'",
    "--hidden 0": "--hidden 0: give up to 16 whole numbers from 1 to 8192",
    "--kind gan": "--kind gan: choose one of ae, linear, denoising, vae.",
    "--objective l1": "--objective l1: choose one of bce, mse.",
    "--kind linear --objective bce": "--objective bce: a linear network gives numbers that are no",
    "--beta -1": "--beta -1: give a number from 0",
    "--beta nan": "--beta nan: give a number from 0",
}


@pytest.mark.parametrize("arguments", NETWORKS)
def test_networks_that_cannot_be_get_one_sentence(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert NETWORKS[arguments] in refusal(capsys, "--headless", *arguments.split())


def test_options_make_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("tui_ae.headless.run", lambda settings, *_: made.append(settings.spec) or 0)
    for line in ("", "--kind linear", "--hidden= --latent-dim 5", "--kind vae --hidden 9,7,4"):
        assert cli.main(["--headless", *line.split()]) == 0
    assert [(spec.widths, spec.objective) for spec in made] == [
        ((784, 128, 32, 2), "bce"),
        ((784, 2), "mse"),
        ((784, 5), "bce"),
        ((784, 9, 7, 4, 2), "bce"),
    ]

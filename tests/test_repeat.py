"""The line that repeats a run gives the same settings again."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae import cli
from tui_ae.config import Settings
from tui_ae.repeat import command_line


def again(line: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What the command makes of a line."""
    made: list[Settings] = []
    monkeypatch.setattr("tui_ae.headless.run", lambda settings, *_: made.append(settings) or 0)
    monkeypatch.setattr("tui_ae.data.load.check_path", lambda _: None)
    assert cli.main([*shlex.split(line)[1:], "--headless", "--no-save"]) == 0
    return made[0]


def test_a_plain_run_is_a_plain_command() -> None:
    assert command_line(Settings()) == "tui-ae"


def test_what_is_configured_is_left_out() -> None:
    line = command_line(Settings(seed=3), configured=True)
    assert line == "tui-ae --no-config --seed 3"


def test_what_several_processes_train_is_a_command_of_torchrun() -> None:
    assert command_line(Settings(seed=3), processes=1) == "tui-ae --seed 3"
    line = command_line(Settings(seed=3), processes=2, configured=True)
    assert line == ("torchrun --nproc-per-node 2 -m -- tui_ae --headless --no-config --seed 3")


LINES = {
    "tui-ae --seed 3 --lr 0.01 --recipe original": {
        "seed": 3,
        "learning_rate": 0.01,
        "recipe": "original",
    },
    "tui-ae --data 'my images/a.npz' --labels none": {
        "data": Path("my images/a.npz"),
        "labels": "none",
    },
    "tui-ae --latent-dim 5 --hidden= --kind vae --beta 0.1": {
        "latent_dim": 5,
        "hidden": (),
        "kind": "vae",
        "beta": 0.1,
    },
    "tui-ae --data=-odd --hidden 9,7": {"data": Path("-odd"), "hidden": (9, 7)},
}


@pytest.mark.parametrize("line", LINES)
def test_lines_say_what_is_not_so_anyway(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(**LINES[line])  # type: ignore[arg-type]
    assert set(shlex.split(command_line(settings))) == set(shlex.split(line))
    assert again(command_line(settings), monkeypatch) == settings


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_path_survives_the_shell(name: str) -> None:
    line = command_line(Settings(data=Path(name)))
    words = shlex.split(line)[1:]
    assert words in (["--data", str(Path(name))], [f"--data={Path(name)}"])

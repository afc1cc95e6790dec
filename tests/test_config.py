"""What the settings let through: both sides of each limit, and the sentence for what is beyond."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tui_ae.config import (
    ScreenOptions,
    Settings,
    check_epochs,
    data_from,
    is_named,
)
from tui_ae.errors import InvalidValueError

LIMITS = [
    ("seed", 0, 2**32 - 1, -1, 2**32, "give a whole number from 0 to 4294967295."),
    ("batch_size", 1, 1_000_000, 0, 1_000_001, "give a whole number from 1 to 1000000."),
    ("learning_rate", 5e-324, 1e30, 0.0, 1.1e30, "give a positive number, such as 0.001."),
    ("held_out", 0.0, 0.9, -0.01, 0.91, "give a share from 0 to 0.9, such as 0.1."),
    ("latent_dim", 1, 512, 0, 513, "give a whole number from 1 to 512."),
    ("beta", 0.0, 1_000_000.0, -0.01, 1_000_001.0, "give a number from 0 to 1000000."),
]


@pytest.mark.parametrize(("name", "least", "most", "below", "above", "wanted"), LIMITS)
def test_settings_go_from_the_least_to_the_most(
    name: str, least: float, most: float, below: float, above: float, wanted: str
) -> None:
    for value in (least, most):
        assert getattr(Settings(**{name: value}), name) == value  # type: ignore[arg-type]
    for value in (below, above, *([math.nan] if isinstance(below, float) else [])):
        with pytest.raises(InvalidValueError) as caught:
            Settings(**{name: value})  # type: ignore[arg-type]
        assert caught.value.name == name and caught.value.wanted == wanted


@pytest.mark.parametrize(
    ("hidden", "fits"),
    [
        ((), True),
        ((1,), True),
        ((8192,), True),
        ((0,), False),
        ((8193,), False),
        ((4, 0), False),
        ((2,) * 16, True),
        ((2,) * 17, False),
    ],
)
def test_a_network_has_so_many_layers_and_units(hidden: tuple[int, ...], fits: bool) -> None:
    if fits:
        assert Settings(hidden=hidden).spec.widths == (784, *hidden, 2)
        return
    with pytest.raises(InvalidValueError) as caught:
        Settings(hidden=hidden)
    assert str(caught.value) == (
        f"hidden {','.join(map(str, hidden))}: "
        "give up to 16 whole numbers from 1 to 8192, such as 128,32."
    )


@pytest.mark.parametrize(
    ("settings", "widths", "objective"),
    [
        (Settings(), (784, 128, 32, 2), "bce"),
        (Settings(kind="linear"), (784, 2), "mse"),
        (Settings(kind="linear", hidden=(9,)), (784, 9, 2), "mse"),
        (Settings(kind="linear", objective="mse"), (784, 2), "mse"),
        (Settings(kind="vae", objective="mse", latent_dim=3), (784, 128, 32, 3), "mse"),
        (Settings(hidden=()), (784, 2), "bce"),
    ],
)
def test_what_is_left_open_follows_from_the_kind(
    settings: Settings, widths: tuple[int, ...], objective: str
) -> None:
    spec = settings.spec
    assert (spec.widths, spec.objective, spec.kind) == (widths, objective, settings.kind)
    assert spec.beta == 1.0


def test_a_linear_network_gives_no_probabilities_and_others_may() -> None:
    with pytest.raises(InvalidValueError, match=r"^objective bce: a linear network"):
        Settings(kind="linear", objective="bce")
    assert Settings(kind="denoising", objective="bce").spec.objective == "bce"


@pytest.mark.parametrize(
    ("settings", "batch_size", "learning_rate", "optimiser", "decay_steps"),
    [
        (Settings(), 256, 0.05, "muon", 30),
        # As the web widget has it.
        (Settings(recipe="original"), 128, 0.001, "adam", None),
        (Settings(batch_size=7), 7, 0.05, "muon", 30),
        (Settings(recipe="original", learning_rate=0.5), 128, 0.5, "adam", None),
    ],
)
def test_a_recipe_holds_where_the_settings_say_nothing(
    settings: Settings,
    batch_size: int,
    learning_rate: float,
    optimiser: str,
    decay_steps: float | None,
) -> None:
    recipe = settings.training
    assert (recipe.batch_size, recipe.learning_rate) == (batch_size, learning_rate)
    assert (recipe.optimiser, recipe.decay_steps) == (optimiser, decay_steps)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"labels": "some"}, "labels some: choose one of all, none, largest."),
        ({"device": "tpu"}, "device tpu: choose one of auto, cpu, cuda, mps."),
        ({"recipe": "slow"}, "recipe slow: choose one of fast, original."),
        ({"kind": "gan"}, "kind gan: choose one of ae, linear, denoising, vae."),
        ({"objective": "l1"}, "objective l1: choose one of bce, mse."),
    ],
)
def test_a_name_that_there_is_not(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Settings(**values)  # type: ignore[arg-type]
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["link", "theme", "glyphs", "colours"])
def test_the_screen_has_choices_too(name: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{name} none of them: choose one of "):
        ScreenOptions(**{name: "none of them"})  # type: ignore[arg-type]


def test_a_run_of_which_nothing_is_said() -> None:
    """As docs/options.md has it."""
    assert Settings() == Settings(
        None, "all", None, 0, None, None, "auto", "fast", 2, None, "ae", None, 1.0
    )


def test_one_epoch_is_the_least() -> None:
    check_epochs(1)
    with pytest.raises(InvalidValueError) as caught:
        check_epochs(0)
    assert str(caught.value) == "epochs 0: give a whole number from 1."


def test_a_set_goes_by_its_name_unless_a_file_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_named(data_from("mnist")) and data_from("mnist") == Path("mnist")
    # A path that means the same is a path.
    assert data_from("./mnist") == tmp_path / "mnist" and not is_named(data_from("./mnist"))
    assert data_from("images/a.npz") == Path("images/a.npz")
    (tmp_path / "mnist").symlink_to("nowhere")
    assert data_from("mnist") == tmp_path / "mnist"
    assert data_from("kmnist") == Path("kmnist")

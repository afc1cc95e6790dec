"""The passes in few operations, and the kernels in them, against autograd."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

from tests.train.gpu.conftest import MakeOperations
from tui_ae.model.network import Autoencoder, build
from tui_ae.model.spec import ModelSpec
from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu import choose
from tui_ae.train.gpu.choose import agree, choose_operations
from tui_ae.train.gpu.operations import Operations
from tui_ae.train.gpu.passes import Passes
from tui_ae.train.gradients import AutogradGradients
from tui_ae.train.noise import Noise

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SPECS = [
    ModelSpec(),
    ModelSpec((784, 16), objective="mse"),
    ModelSpec((12, 7, 5, 3, 2)),
    ModelSpec((9, 1), objective="mse"),
    ModelSpec((30, 64, 16)),
    ModelSpec((40, 129, 128, 33, 2)),
    ModelSpec((9, 3), kind="linear", objective="mse"),
]


def flat_network(spec: ModelSpec) -> tuple[FlatParameters, Autoencoder]:
    generator = torch.Generator().manual_seed(3)
    model = build(spec, generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    model = model.to(DEVICE)
    return FlatParameters(model), model


@pytest.mark.parametrize("rows", [1, 32, 45, 128])
@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_every_width_and_depth_gets_the_gradients_of_autograd(
    spec: ModelSpec, rows: int, operations: MakeOperations
) -> None:
    flat, model = flat_network(spec)
    made = operations(spec)
    passes = Passes(model, flat, rows, made)
    oracle = AutogradGradients(model, flat, Noise(torch.Generator().manual_seed(0)))
    for seed in range(2):
        generator = torch.Generator().manual_seed(seed)
        images = torch.rand(rows, spec.pixels, generator=generator).to(DEVICE)
        codes = images.new_full((rows, spec.latent_dim), torch.nan)
        losses = images.new_full((made.sums(spec.pixels),), torch.nan)
        flat.gradients.fill_(torch.nan)
        passes(images, codes, losses)
        mine = [gradient.clone() for gradient in flat.gradient_views]
        expected_codes, expected_loss = oracle(images, rows)
        torch.testing.assert_close(codes, expected_codes, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(losses.sum() / images.numel(), expected_loss)
        # What rounding leaves of terms that cancel is of the size of the terms.
        rounding = 2e-6 * float(torch.cat([g.flatten() for g in flat.gradient_views]).abs().max())
        for own, expected in zip(mine, flat.gradient_views, strict=True):
            torch.testing.assert_close(own, expected, rtol=1e-4, atol=rounding)


@pytest.mark.parametrize("size", [3.0, 1e6])
def test_logits_of_any_size_give_a_finite_loss(size: float, operations: MakeOperations) -> None:
    spec = ModelSpec((4, 2))
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(8, 4, generator=generator).to(DEVICE)
    outputs = (size * torch.randn(8, 4, generator=generator)).to(DEVICE)
    errors, bias_gradient = torch.empty_like(outputs), outputs.new_empty(4)
    losses = outputs.new_empty(operations(spec).sums(4))
    operations(spec).last_errors(
        outputs, images, scale=0.5, errors=errors, bias_gradient=bias_gradient, losses=losses
    )
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        outputs, images, reduction="sum"
    )
    torch.testing.assert_close(losses.sum(), expected)
    torch.testing.assert_close(errors, 0.5 * (torch.sigmoid(outputs) - images))
    torch.testing.assert_close(bias_gradient, errors.sum(0))


def test_a_loss_that_is_no_number_is_seen(operations: MakeOperations) -> None:
    spec = ModelSpec((4, 2))
    made = operations(spec)
    outputs = torch.zeros(8, 4, device=DEVICE)
    outputs[3, 1] = torch.nan
    losses = outputs.new_empty(made.sums(4))
    made.last_errors(
        outputs,
        torch.zeros_like(outputs),
        scale=1.0,
        errors=torch.empty_like(outputs),
        bias_gradient=outputs.new_empty(4),
        losses=losses,
    )
    assert losses.sum().isnan()


def test_steps_are_those_of_adam(operations: MakeOperations) -> None:
    """From the first, whose corrections are the largest, to some thousand later."""
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(2000, generator=generator).to(DEVICE)
    values, expected = start.clone(), start.clone()
    gradients = torch.zeros_like(values)
    rate = values.new_tensor(0.01)
    mine = Adam(
        [values],
        [gradients],
        learning_rate=rate,
        epsilon=1e-7,
        operation=operations(ModelSpec()).adam,
    )
    theirs = torch.optim.Adam([expected], lr=0.01, eps=1e-7)
    for number in range(30):
        if number == 20:
            for memory in mine.memory().values():
                if memory.dim() == 0:
                    memory.fill_(5000.0)
            theirs.state[expected]["step"].fill_(5000.0)
        gradients.copy_(torch.randn(2000, generator=generator))
        mine.step()
        expected.grad = gradients.clone()
        theirs.step()
        torch.testing.assert_close(values, expected, rtol=1e-5, atol=1e-6)
    assert mine.memory()["steps.0"] == 5010


def test_kernels_that_agree_are_used(
    kernels: MakeOperations, caplog: pytest.LogCaptureFixture
) -> None:
    flat, model = flat_network(ModelSpec((12, 7, 2)))
    before = flat.values.clone()
    images = torch.rand(16, 12, device=DEVICE)
    chosen = choose_operations(model, flat, images)
    assert type(chosen) is type(kernels(model.spec))
    assert torch.equal(flat.values, before)
    assert caplog.text == ""


@pytest.mark.parametrize("wrong", ["last_errors", "errors_before", "adam"])
def test_operations_of_which_one_is_wrong_do_not_agree(wrong: str) -> None:
    flat, model = flat_network(ModelSpec((12, 7, 2)))
    plain, other = Operations(model.spec), Operations(model.spec)
    images = torch.rand(16, 12, device=DEVICE)
    assert agree(plain, other, model, flat, images)
    right = getattr(other, wrong)

    def slightly_off(*given: Any, **named: Any) -> None:
        right(*given, **named)
        moved = given[0].parameters[0] if wrong == "adam" else named["bias_gradient"]
        moved.mul_(1.01)

    setattr(other, wrong, slightly_off)
    assert not agree(plain, other, model, flat, images)


@pytest.mark.parametrize("missing", [True, False])
def test_without_kernels_there_is_what_pytorch_has(
    missing: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    flat, model = flat_network(ModelSpec((12, 7, 2)))
    name = "tui_ae.train.gpu.kernel_operations"

    class Broken(Operations):
        def adam(self, *_: object, **__: object) -> None:
            raise RuntimeError("Failed to find C compiler")

    stand_in = None if missing else type("Module", (), {"KernelOperations": Broken})
    monkeypatch.setitem(sys.modules, name, stand_in)
    caplog.set_level("INFO")
    chosen = choose_operations(model, flat, torch.rand(16, 12, device=DEVICE))
    assert type(chosen) is Operations
    assert "no kernels for this GPU" in caplog.text


def test_kernels_that_are_off_are_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    flat, model = flat_network(ModelSpec((12, 7, 2)))
    stand_in = type("Module", (), {"KernelOperations": type("Own", (Operations,), {})})
    monkeypatch.setitem(sys.modules, "tui_ae.train.gpu.kernel_operations", stand_in)
    monkeypatch.setattr(choose, "agree", lambda *_: False)
    chosen = choose_operations(model, flat, torch.rand(16, 12, device=DEVICE))
    assert type(chosen) is Operations
    assert "other results than PyTorch" in caplog.text

"""All that is claimed of a GPU, in five minutes.

    python -m benchmarks.gpu [--device cuda] [--seconds 4] [--rounds 3]

Epochs of 3,200 digits a second, by turns in one process: this program by both recipes, then without
its own kernels, and without stretches of an epoch in one recording; and what a person would write
instead: a textbook loop, the same with PyTorch's fused Adam and nothing read back before the end
of the epoch, that compiled, and, where JAX is installed, one jitted program an epoch. Then samples
a second of 70,000 images, the speed with the screen live against without, how
long a pause takes to be obeyed, and how far losses lie from those of the CPU. `--device cpu` tries
the script itself where there is no GPU.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.live import Headless, WithScreen
from benchmarks.training import own, textbook
from tui_ae.arrays import FloatArray
from tui_ae.config import Settings
from tui_ae.data.images import Images
from tui_ae.data.synthetic import draw_digits
from tui_ae.recipe import RECIPES
from tui_ae.run.commands import Pause, Train
from tui_ae.run.snapshot import State
from tui_ae.train.session import Session
from tui_ae.train.trainer import Trainer

SIZES = (784, 128, 32, 2, 32, 128, 784)
BATCH, MANY = 128, 70_000
WARM_EPOCHS, LOSS_EPOCHS, PAUSES = 40, 20, 20
Epoch = Callable[[], None]


def fused(images: FloatArray, device: str, *, compiled: bool) -> Epoch:
    """One epoch as somebody would write it who knows PyTorch, as a function."""
    x = torch.tensor(images, device=device)
    layers: list[nn.Module] = []
    for index, (units_in, units_out) in enumerate(pairwise(SIZES)):
        layers.append(nn.Linear(units_in, units_out))
        if index not in (2, 5):
            layers.append(nn.ReLU())
    network = nn.Sequential(*layers).to(device)
    optimiser = torch.optim.Adam(network.parameters(), fused=True)
    criterion = nn.BCEWithLogitsLoss()

    def loss_of(batch: Tensor) -> Tensor:
        loss: Tensor = criterion(network(batch), batch)
        return loss

    mode = "reduce-overhead" if device == "cuda" else "default"
    loss_at = torch.compile(loss_of, mode=mode) if compiled else loss_of

    def epoch() -> None:
        total = torch.zeros((), device=device)
        for chosen in torch.randperm(len(x), device=device).split(BATCH):
            optimiser.zero_grad()
            loss = loss_at(x[chosen])
            loss.backward()
            optimiser.step()
            total += loss.detach()
        total.item()

    return epoch


def one_program(images: FloatArray) -> Epoch | None:
    """One epoch in JAX, shuffled, all mini-batches one jitted scan; None where there is no JAX."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_default_matmul_precision", "float32")
    key = jax.random.PRNGKey(0)
    x = jnp.asarray(images)
    count = len(images) // BATCH * BATCH
    weights = [
        (jax.random.normal(jax.random.fold_in(key, i), shape) * (2 / sum(shape)) ** 0.5,
         jnp.zeros(shape[1]))
        for i, shape in enumerate(pairwise(SIZES))
    ]  # fmt: skip

    def loss_of(parameters: Any, batch: Any) -> Any:
        values = batch
        for index, (weight, bias) in enumerate(parameters):
            values = values @ weight + bias
            if index not in (2, 5):
                values = jax.nn.relu(values)
        softplus = jnp.maximum(values, 0) + jnp.log1p(jnp.exp(-jnp.abs(values)))
        return jnp.mean(softplus - values * batch)

    def step(carry: Any, batch: Any) -> Any:
        parameters, means, squares, number = carry
        loss, gradients = jax.value_and_grad(loss_of)(parameters, batch)
        number += 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
        squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, gradients)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, means, squares
        )
        return (parameters, means, squares, number), loss

    def whole(carry: Any, epoch_key: Any) -> Any:
        order = jax.random.permutation(epoch_key, len(x))[:count]
        return jax.lax.scan(step, carry, x[order].reshape(-1, BATCH, SIZES[0]))

    compiled = jax.jit(whole)
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = [(weights, zeros, zeros, jnp.float32(0))]
    number = 0

    def epoch() -> None:
        nonlocal number
        state[0], losses = compiled(state[0], jax.random.fold_in(key, number))
        float(losses.mean())
        number += 1

    return epoch


def warm_up(epoch: Epoch) -> Exception | None:
    """Let one begin; what keeps it from that, such as a C compiler that is not there."""
    try:
        for _ in range(WARM_EPOCHS):
            epoch()
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        return error
    return None


def by_mini_batches(epoch: Epoch) -> Epoch:
    """The same, each mini-batch in a recording of its own."""

    def patched() -> None:
        with patch("tui_ae.train.gpu.recorded.MOST", 1):
            epoch()

    return patched


def rate(epoch: Epoch, seconds: float) -> float:
    """Epochs a second; each waits for the device at its end."""
    began, epochs = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < seconds:
        epoch()
        epochs += 1
    return epochs / elapsed


def speeds(device: str, seconds: float, rounds: int) -> None:
    digits = draw_digits(0)
    images = np.array(digits.images.array)
    epochs: dict[str, Epoch | None] = {}
    for recipe in RECIPES:
        began = time.perf_counter()
        epochs[f"here, {recipe}"] = own(digits, Settings(device=device, recipe=recipe))
        print(f"(prepared for {recipe}, kernels and all: {time.perf_counter() - began:.2f} s)\n")
    with patch("tui_ae.train.gpu.choose.agree", lambda *_: False):
        for recipe in RECIPES:
            settings = Settings(device=device, recipe=recipe)
            epochs[f"{recipe}, PyTorch's operations alone"] = own(digits, settings)
    epochs["original, one mini-batch a recording"] = by_mini_batches(
        own(digits, Settings(device=device, recipe="original"))
    )
    epochs |= {
        "textbook loop": textbook(images, torch.get_num_threads(), device),
        "fused Adam": fused(images, device, compiled=False),
        "torch.compile": fused(images, device, compiled=True),
        "JAX, one program an epoch": one_program(images),
    }
    there = {name: epoch for name, epoch in epochs.items() if epoch is not None}
    for name in epochs.keys() - there.keys():
        print(f"({name}: not installed)\n")
    for name, epoch in [*there.items()]:
        if (trouble := warm_up(epoch)) is not None:
            print(f"({name}: {type(trouble).__name__}: {str(trouble).splitlines()[0][:100]})\n")
            del there[name]
    rates: dict[str, list[float]] = {name: [] for name in there}
    for _ in range(rounds):
        for name, epoch in there.items():
            rates[name].append(rate(epoch, seconds))
    base = statistics.median(rates["here, original"])
    print("| 3,200 images | epochs a second | range | `original` is so many times as fast |")
    print("| --- | --- | --- | --- |")
    for name, values in rates.items():
        middle = statistics.median(values)
        print(
            f"| {name} | {middle:.1f} | {min(values):.1f} to {max(values):.1f} "
            f"| {base / middle:.2f} |",
            flush=True,
        )


def many(device: str, seconds: float) -> None:
    digits = draw_digits(0)
    numbers = np.arange(MANY) % len(digits.images)
    dataset = replace(digits, images=Images(digits.images[numbers]), labels=digits.labels[numbers])
    for recipe in RECIPES:
        epoch = own(dataset, Settings(device=device, recipe=recipe))
        epoch()
        print(f"| {MANY:,} images, {recipe} | {MANY * rate(epoch, seconds):,.0f} a second |")


def with_screen(device: str, seconds: float, rounds: int) -> None:
    options = ("--recipe", "original", "--device", device)
    with WithScreen(options=options) as screen, Headless(options=options) as headless:
        live, alone = [], []
        for _ in range(rounds + 1):
            alone.append(headless.train(seconds))
            live.append(screen.train(seconds))
    ratio = statistics.median(live[1:]) / statistics.median(alone[1:])
    print(f"| speed with the screen live against without | {ratio:.3f} |")


def pauses(device: str) -> None:
    digits = draw_digits(0)
    session = Session(Settings(device=device, recipe="original"), lambda *_: digits)
    session.start()

    def until(state: State) -> None:
        while (snapshot := session.latest()) is None or snapshot.state is not state:
            assert session.error is None, session.error
            time.sleep(0.0005)

    until(State.IDLE)
    taken = []
    for number in range(PAUSES):
        session.send(Train())
        until(State.TRAINING)
        time.sleep(0.3 + 0.013 * number)
        began = time.perf_counter()
        session.send(Pause())
        until(State.PAUSED)
        taken.append(time.perf_counter() - began)
    session.stop(10.0)
    print(
        f"| a pause is obeyed, with all codes fresh, after | "
        f"{1000 * statistics.median(taken):.1f} ms, at most {1000 * max(taken):.1f} |"
    )


def losses(device: str) -> None:
    digits = draw_digits(0)
    for recipe in RECIPES:
        trained = []
        for name in (device, "cpu"):
            trainer = Trainer(digits, Settings(device=name, recipe=recipe))
            seen = []
            for _ in range(LOSS_EPOCHS):
                for _ in trainer.train_epoch():
                    pass
                seen.append(trainer.loss)
            trained.append(np.array(seen))
        off = np.abs(trained[0] / trained[1] - 1)
        print(
            f"| {recipe}: losses off the CPU's, epoch 1 / most of {LOSS_EPOCHS} "
            f"| {off[0]:.1e} / {off.max():.1e} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    device = arguments.device
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    print(f"{name}, {os.cpu_count()} cores, PyTorch {torch.__version__}\n")
    speeds(device, arguments.seconds, arguments.rounds)
    print("\n| what | |\n| --- | --- |")
    many(device, arguments.seconds)
    pauses(device)
    losses(device)
    with_screen(device, arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    main()

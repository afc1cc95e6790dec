"""How well it learns by the original's recipe, and how fast it is with many images or on a GPU.

    python -m benchmarks.training [learning] [devices] [many PATH]

Prints Markdown. Timings are medians with the range from the first to the last tenth; what is
compared runs in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.load import load
from tui_ae.data.synthetic import draw_digits

ROOT = Path(__file__).resolve().parent.parent
SEEDS = (0, 1, 2)
EPOCHS = (1, 5, 10, 20, 50, 100, 200)
ORIGINAL_LOSS = (
    "0.493–0.538",
    "0.243–0.247",
    "0.228–0.231",
    "0.219–0.223",
    "0.208–0.210",
    "0.196–0.199",
    "0.183–0.188",
)
NEIGHBOURS = 5
ORIGINAL_ACCURACY = {0: "0.20–0.23", 50: "0.39–0.41", 100: "0.49–0.52", 200: "0.61–0.67"}


def spread(values: list[float], scale: float = 1.0, unit: str = "") -> str:
    low, middle, high = np.quantile(np.array(values) * scale, (0.1, 0.5, 0.9))
    return f"{middle:.3g}{unit} ({low:.3g}–{high:.3g})"


def neighbour_accuracy(codes: np.ndarray, labels: np.ndarray) -> float:
    """Share of samples whose class most of their five neighbours have, themselves left out."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(codes).kneighbors(codes)[1]
    others = [row[row != index][:NEIGHBOURS] for index, row in enumerate(found)]
    votes = [np.bincount(labels[row]).argmax() for row in others]
    return float(np.mean(votes == labels))


def learn(seed: int) -> tuple[dict[int, float], dict[int, float]]:
    """Losses and 5-NN accuracies after the epochs of the tables."""
    from tui_ae.train.trainer import Trainer

    trainer = Trainer(draw_digits(seed), Settings(seed=seed, device="cpu", recipe="original"))
    losses: dict[int, float] = {}
    accuracies: dict[int, float] = {}
    while True:
        if trainer.epoch in EPOCHS:
            losses[trainer.epoch] = trainer.loss
        if trainer.epoch in ORIGINAL_ACCURACY:
            trainer.encode_all()
            labels = trainer.dataset.labels
            accuracies[trainer.epoch] = neighbour_accuracy(trainer.codes, labels)
        if trainer.epoch == max(EPOCHS):
            return losses, accuracies
        for _ in trainer.train_epoch():
            pass


def learning() -> None:
    runs = [learn(seed) for seed in SEEDS]

    def row(name: str, values: list[str]) -> None:
        print(f"| {name} | {' | '.join(values)} |")

    def between(values: list[float], digits: int) -> str:
        return f"{min(values):.{digits}f}–{max(values):.{digits}f}"

    row("mean BCE after epochs", [str(epoch) for epoch in EPOCHS])
    row("---", ["---"] * len(EPOCHS))
    row("the original, three runs", list(ORIGINAL_LOSS))
    here = [between([losses[epoch] for losses, _ in runs], 3) for epoch in EPOCHS]
    row(f"here, seeds {SEEDS}", here)
    print()
    row("5-NN class accuracy after epochs", [str(epoch) for epoch in ORIGINAL_ACCURACY])
    row("---", ["---"] * len(ORIGINAL_ACCURACY))
    row("the original", list(ORIGINAL_ACCURACY.values()))
    scores = [between([found[epoch] for _, found in runs], 2) for epoch in ORIGINAL_ACCURACY]
    row(f"here, seeds {SEEDS}", scores)


def textbook(images: np.ndarray, threads: int, device: str = "cpu") -> Callable[[], None]:
    """One epoch of the loop that a tutorial would write, as a function."""
    import torch
    from torch import nn

    x = torch.tensor(images, device=device)
    sizes = (784, 128, 32, 2, 32, 128, 784)
    layers: list[nn.Module] = []
    for index, (units_in, units_out) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(units_in, units_out))
        if index not in (2, 5):
            layers.append(nn.ReLU())
    network = nn.Sequential(*layers, nn.Sigmoid()).to(device)
    optimiser = torch.optim.Adam(network.parameters())

    def epoch() -> None:
        torch.set_num_threads(threads)
        for chosen in torch.randperm(len(x), device=device).split(128):
            batch = x[chosen]
            optimiser.zero_grad()
            loss = nn.functional.binary_cross_entropy(network(batch), batch)
            loss.backward()
            optimiser.step()
            loss.item()

    return epoch


def own(dataset: Dataset, settings: Settings) -> Callable[[], None]:
    """One epoch of this project's trainer, as a function."""
    import torch

    from tui_ae.train.trainer import Trainer

    trainer = Trainer(dataset, settings)

    def epoch() -> None:
        # What runs in between may have set another number.
        torch.set_num_threads(trainer.threads)
        for _ in trainer.train_epoch():
            pass

    return epoch


def in_turns(epochs: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each in each round, after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in epochs}
    for turn in range(rounds + 1):
        for name, epoch in epochs.items():
            began = time.perf_counter()
            epoch()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def many(path: Path) -> None:
    dataset = load(Settings(data=path))
    images = Images(dataset.images[:3200].copy())
    few = replace(dataset, images=images, labels=dataset.labels[:3200])
    settings = Settings(device="cpu")
    large, small = own(dataset, settings), own(few, settings)
    repeats = len(dataset.images) // len(few.images)

    def small_often() -> None:
        for _ in range(repeats):
            small()

    seconds = in_turns({"large": large, "small": small_often}, 4)
    speeds = {
        f"{len(dataset.images):,} images": [len(dataset.images) / s for s in seconds["large"]],
        "3,200 images": [repeats * len(few.images) / s for s in seconds["small"]],
    }
    print("| data set | thousand samples a second |\n| --- | --- |")
    for name, values in speeds.items():
        print(f"| {name} | {spread(values, 1e-3)} |")
    first, second = (np.median(values) for values in speeds.values())
    print(f"\nRatio of the medians: {first / second:.2f}")


def devices() -> None:
    """Epochs of 3,200 digits on each device that is there."""
    import torch

    from tui_ae.recipe import RECIPES

    digits, threads = draw_digits(0), torch.get_num_threads()
    epochs: dict[str, Callable[[], None]] = {}
    for device in ("cpu", "cuda", "mps"):
        if device == "cpu" or getattr(torch, device).is_available():
            epochs[f"{device}, textbook loop"] = textbook(digits.images[:], threads, device)
            for recipe in RECIPES:
                settings = Settings(device=device, recipe=recipe)
                epochs[f"{device}, here, {recipe}"] = own(digits, settings)
    print("| one epoch | ms |\n| --- | --- |")
    # Later epochs count, in which threads are chosen, graphs recorded and dead units have faded.
    for epoch in epochs.values():
        for _ in range(150):
            epoch()
    for name, values in in_turns(epochs, 60).items():
        print(f"| {name} | {spread(values, 1e3)} |")


def main(arguments: list[str]) -> None:
    import torch

    versions = f"Python {platform.python_version()}, PyTorch {torch.__version__}"
    print(f"{os.cpu_count()} cores, {platform.machine()}, {versions}\n")
    path = Path(arguments[arguments.index("many") + 1]) if "many" in arguments else None
    if not arguments or "learning" in arguments:
        print("## learning\n")
        learning()
        print()
    if "devices" in arguments:
        print("## devices\n")
        devices()
        print()
    if path is not None:
        print("## many\n")
        many(path)


if __name__ == "__main__":
    main(sys.argv[1:])

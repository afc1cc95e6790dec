"""How soon classes part: 5-NN class accuracy over epochs and over time.

    python -m benchmarks.recipes [--recipes fast original] [--seeds 10] [--epochs 100] [--data PATH]

For each seed, data and weights of its own: epochs until the five nearest neighbours of a code
(itself left out) tell its class with an accuracy of 0.8 and of 0.9, looked at after every second
epoch. The time is that of training alone, in epochs of a textbook PyTorch loop (Adam, mini-batches
of 128), which takes its turn after every ten epochs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import torch

from benchmarks.training import neighbour_accuracy, textbook
from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.recipe import RECIPES
from tui_ae.train.trainer import Trainer

MARKS = (0.8, 0.9)
LOOK_EVERY = 2


def run(settings: Settings, epochs: int) -> tuple[dict[float, tuple[int, float]], float, float]:
    """(epochs, time in textbook epochs) until each mark; the last accuracy and the last loss."""
    dataset = load(settings)
    trainer = Trainer(dataset, settings)
    book = textbook(dataset.images[:3200], torch.get_num_threads())
    book()
    reached: dict[float, tuple[int, float]] = {}
    book_s, spent = [], 0.0
    accuracy = 0.0
    while trainer.epoch < epochs:
        began = time.perf_counter()
        for _ in trainer.train_epoch():
            pass
        spent += time.perf_counter() - began
        if trainer.epoch % 10 == 1:
            began = time.perf_counter()
            book()
            book_s.append(time.perf_counter() - began)
        if trainer.epoch % LOOK_EVERY == 0:
            # What a person sees while it trains: each code from its last training pass.
            accuracy = neighbour_accuracy(trainer.codes, dataset.labels)
            for mark in MARKS:
                if accuracy >= mark and mark not in reached:
                    reached[mark] = (trainer.epoch, spent / statistics.median(book_s))
    return reached, accuracy, trainer.loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    print(
        "| recipe | accuracy | epochs | in textbook epochs, median | worst | runs that got there |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    ends = []
    for recipe in arguments.recipes:
        runs = [
            run(Settings(data=arguments.data, seed=seed, recipe=recipe, device="cpu"),
                arguments.epochs)
            for seed in range(arguments.seeds)
        ]  # fmt: skip
        for mark in MARKS:
            there = [reached[mark] for reached, _, _ in runs if mark in reached]
            if there:
                epochs, times = zip(*there, strict=True)
                print(
                    f"| {recipe} | {mark} | {statistics.median(epochs):.0f} "
                    f"({min(epochs)} to {max(epochs)}) | {statistics.median(times):.0f} "
                    f"| {max(times):.0f} | {len(there)} of {len(runs)} |",
                    flush=True,
                )
            else:
                print(f"| {recipe} | {mark} | never | | | 0 of {len(runs)} |", flush=True)
        accuracies = [accuracy for _, accuracy, _ in runs]
        losses = [loss for _, _, loss in runs]
        ends.append(
            f"| {recipe} | {statistics.median(accuracies):.3f} ({min(accuracies):.3f} to "
            f"{max(accuracies):.3f}) | {statistics.median(losses):.4f} |"
        )
    print(f"\n| recipe | accuracy after {arguments.epochs} epochs | loss |\n| --- | --- | --- |")
    print("\n".join(ends))


if __name__ == "__main__":
    main()

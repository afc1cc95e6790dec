"""The same panes as a textbook Textual program makes them: the baseline of benchmarks/link.py.

A Static for each picture with a Rich segment a cell in truecolor, a Sparkline, and a repaint of all
of them for every epoch of a worker thread, handed over by `call_from_thread`.
"""

from __future__ import annotations

import threading
import time

import numpy as np
from rich.segment import Segment, Segments
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Sparkline, Static

POINTS, EPOCH_S = 3200, 0.08
CLASS_COLOURS = (
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2",
    "#d55e00", "#cc79a7", "#999999", "#ffffff", "#882255",
)  # fmt: skip


def picture(image: np.ndarray) -> Segments:
    """Half blocks: two pixels a cell."""
    grey = (image * 255).astype(int)
    parts = []
    for top, bottom in zip(grey[0::2], grey[1::2], strict=True):
        for upper, lower in zip(top.tolist(), bottom.tolist(), strict=True):
            ink, paper = f"rgb({upper},{upper},{upper})", f"rgb({lower},{lower},{lower})"
            parts.append(Segment("▀", Style.parse(f"{ink} on {paper}")))
        parts.append(Segment.line())
    return Segments(parts)


def cloud(codes: np.ndarray, labels: np.ndarray, width: int, height: int) -> Segments:
    """Braille, 2 by 4 dots a cell, in the colour of the last class."""
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    low, high = codes.min(axis=0), codes.max(axis=0)
    places = ((codes - low) / (high - low) * (width * 2 - 1, height * 4 - 1)).astype(int)
    masks = np.zeros((height, width), int)
    x, y = places.T
    np.bitwise_or.at(masks, (y // 4, x // 2), bits[y % 4, x % 2])
    owner = np.zeros((height, width), int)
    owner[y // 4, x // 2] = labels
    styles = [Style.parse(colour) for colour in CLASS_COLOURS]
    parts = []
    for row in range(height):
        parts += [
            Segment(chr(0x2800 + masks[row, column]), styles[owner[row, column]])
            for column in range(width)
        ]
        parts.append(Segment.line())
    return Segments(parts)


class Baseline(App[None]):
    """Trains in appearance only: matrix products of about an epoch's length."""

    CSS = """
    #left { width: 30; } #right { width: 30; } #middle { width: 1fr; }
    Sparkline { height: 3; }
    """
    BINDINGS = [  # noqa: RUF012
        ("space", "train", "Train"),
        ("h", "move(-1,0)", "left"),
        ("l", "move(1,0)", "right"),
        ("L", "move(8,0)", "right"),
        ("H", "move(-8,0)", "left"),
        ("q", "quit", "Quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.generator = np.random.default_rng(0)
        self.codes = self.generator.normal(size=(POINTS, 2))
        self.labels = self.generator.integers(0, 10, POINTS)
        self.losses = [0.69]
        self.epoch = 0
        self.probe = np.zeros(2)
        self.weights = (
            self.generator.normal(size=(2, 128)),
            self.generator.normal(size=(128, 784)) / 8,
        )
        self.training = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="left"):
                yield Static(id="input")
                yield Static(id="reconstruction")
            with Vertical(id="middle"):
                yield Static("idle", id="status")
                yield Static(id="scatter")
                yield Sparkline(self.losses)
            with Vertical(id="right"):
                yield Static(id="readout")
                yield Static(id="probe")

    def on_mount(self) -> None:
        self.show_probe()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self) -> None:
        """An epoch of matrix products, then a message to the screen."""
        batch = self.generator.random((128, 784))
        layer = self.generator.random((784, 128))
        while True:
            if not self.training:
                time.sleep(0.02)
                continue
            end = time.monotonic() + EPOCH_S
            while time.monotonic() < end:
                batch @ layer
            self.call_from_thread(self.show_epoch)

    def decode(self, code: np.ndarray) -> np.ndarray:
        """A picture that depends on the code and the epoch."""
        hidden = np.tanh(code @ self.weights[0] + self.epoch * 0.01)
        return (1 / (1 + np.exp(-4 * hidden @ self.weights[1]))).reshape(28, 28)

    def show_probe(self) -> None:
        z1, z2 = self.probe
        self.query_one("#readout", Static).update(f"probe (z₁ = {z1:.3f}, z₂ = {z2:.3f})")
        self.query_one("#probe", Static).update(picture(self.decode(self.probe)))

    def show_epoch(self) -> None:
        self.epoch += 1
        self.codes += self.generator.normal(scale=0.02, size=self.codes.shape)
        self.losses.append(0.2 + 0.5 / self.epoch)
        self.query_one("#status", Static).update(
            f"training epoch {self.epoch} loss {self.losses[-1]:.4f}"
        )
        size = self.query_one("#middle").size
        scatter = cloud(self.codes, self.labels, max(size.width, 2), max(size.height - 5, 2))
        self.query_one("#scatter", Static).update(scatter)
        self.query_one(Sparkline).data = self.losses[-100:]
        self.query_one("#input", Static).update(
            picture(self.decode(self.codes[self.epoch % POINTS]))
        )
        self.query_one("#reconstruction", Static).update(picture(self.decode(self.codes[0])))
        self.show_probe()

    def action_train(self) -> None:
        self.training = not self.training
        if not self.training:
            self.query_one("#status", Static).update(f"paused epoch {self.epoch}")

    def action_move(self, x: int, y: int) -> None:
        self.probe = self.probe + np.array([x, y]) * 0.05
        self.show_probe()


if __name__ == "__main__":
    Baseline().run()

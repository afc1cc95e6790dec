"""The pen strokes of the ten digits, before jitter.

Coordinates are pixels from the image's centre, x to the right and y down. Each glyph gives
straight segments (n, s, 2, 2): n samples, s segments, two ends, (x, y).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Strokes = Floats
"""Straight segments (n, s, 2, 2)."""
Number = float | Floats
Glyph = Callable[[np.random.Generator, int], Strokes]

ARC_STEP_RAD = np.pi / 8
"""A chord this wide leaves a curve of radius 4 by less than a tenth of a pixel."""


def path(n: int, *points: tuple[Number, Number]) -> Floats:
    """A polyline (n, points, 2); a coordinate is one number for all samples or an array (n,)."""
    return np.stack(
        [np.stack([np.broadcast_to(x, n), np.broadcast_to(y, n)], axis=-1) for x, y in points],
        axis=1,
    ).astype(np.float64)


def arc(
    n: int,
    centre: tuple[float, float],
    radii: tuple[float, float],
    start: Number,
    stop: Number,
) -> Floats:
    """A piece of an ellipse as a polyline (n, points, 2).

    Angles are in degrees from the right, growing clockwise on screen: 90 points down, -90 up.
    """
    begin, end = np.broadcast_to(start, n), np.broadcast_to(stop, n)
    widest = np.radians(np.abs(end - begin).max(initial=0))
    steps = max(1, int(np.ceil(widest / ARC_STEP_RAD)))
    angle = np.radians(begin[:, None] + (end - begin)[:, None] * np.linspace(0, 1, steps + 1))
    return np.stack(
        [centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)], axis=-1
    )


def segments(*lines: Floats) -> Strokes:
    """The segments (n, s, 2, 2) of polylines; a line's end is not joined to the next line."""
    return np.concatenate([np.stack([p[:, :-1], p[:, 1:]], axis=2) for p in lines], axis=1)


def joined(*lines: Floats) -> Floats:
    """Polylines one after the other as one polyline."""
    return np.concatenate(lines, axis=1)


def zero(rng: np.random.Generator, n: int) -> Strokes:
    """An oval with a tilt of up to 0.18 rad."""
    oval = segments(arc(n, (0, 0), (4.6, 6.9), 0, 360))
    tilt = rng.uniform(-0.18, 0.18, n)[:, None, None]
    cos, sin, x, y = np.cos(tilt), np.sin(tilt), oval[..., 0], oval[..., 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)


def one(rng: np.random.Generator, n: int) -> Strokes:
    """A stem with a flag of varying length, often none to speak of."""
    flag = rng.uniform(0.0, 1.8, n)
    return segments(path(n, (-flag, -6.7 + 0.5 * flag), (0, -6.7), (0, 6.7)))


def two(rng: np.random.Generator, n: int) -> Strokes:
    """A hook over a slanted stem and a foot."""
    start = rng.uniform(185, 200, n)
    return segments(
        joined(arc(n, (0.2, -3.4), (3.8, 4.1), start, 395), path(n, (-4.0, 7.5), (4.6, 7.5)))
    )


def three(rng: np.random.Generator, n: int) -> Strokes:
    """Two bows open to the left whose hooks reach differently far."""
    top, bottom = rng.uniform(210, 240, n), rng.uniform(120, 150, n)
    return segments(
        arc(n, (1.0, -3.7), (3.4, 3.6), top, 440),
        arc(n, (1.1, 3.5), (3.5, 3.6), -80, bottom),
    )


def four(rng: np.random.Generator, n: int) -> Strokes:
    """An open four: a short stroke, a bar and a long stem."""
    return segments(
        path(n, (-2.0, -7.4), (-2.9, 0.5), (4.9, 0.5)),
        path(n, (2.1, -7.5), (2.1, 7.2)),
    )


def five(rng: np.random.Generator, n: int) -> Strokes:
    """A bar, a short stroke down and a bow."""
    return segments(
        path(n, (4.2, -7.6), (-3.2, -7.6), (-3.6, -1.3)),
        arc(n, (-0.1, 1.9), (4.3, 4.7), 225, 492),
    )


def six(rng: np.random.Generator, n: int) -> Strokes:
    """A stem that bends into a ring."""
    return segments(
        arc(n, (-0.1, 3.2), (3.9, 4.1), 0, 360),
        arc(n, (3.8, 3.2), (7.8, 10.9), 180, 258),
    )


def seven(rng: np.random.Generator, n: int) -> Strokes:
    """A bar and a slanted stem, with a crossbar in about half of the samples."""
    crossed = rng.random(n) < 0.5
    left, right = np.where(crossed, -2.4, 2.4), np.where(crossed, 3.0, 2.4)
    return segments(
        path(n, (-5.2, -7.5), (5.2, -7.5), (-1.3, 7.4)),
        path(n, (left, -0.9), (right, -0.9)),
    )


def eight(rng: np.random.Generator, n: int) -> Strokes:
    """Two rings, the lower one the larger."""
    return segments(
        arc(n, (0.1, -3.5), (3.3, 3.4), 0, 360),
        arc(n, (0.1, 3.6), (4.0, 3.6), 0, 360),
    )


def nine(rng: np.random.Generator, n: int) -> Strokes:
    """A ring with a stem on its right."""
    return segments(
        arc(n, (-0.2, -3), (4.2, 4.2), 0, 360),
        path(n, (4.0, -3), (3.4, 7.4)),
    )


GLYPHS: tuple[Glyph, ...] = (zero, one, two, three, four, five, six, seven, eight, nine)
"""The drawing of each digit, by its value."""

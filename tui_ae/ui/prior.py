"""Draws from the prior of a variational autoencoder: what it makes of codes that no image gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE

if TYPE_CHECKING:
    from tui_ae.run.plane import Plane
    from tui_ae.run.snapshot import Snapshot

LETTERS = "abcdefghijkl"
"""What draws are called, on the map and beside their images."""
DEVIATIONS = (1.0, 2.0)
"""Standard deviations at which rings stand on the map."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Codes from the standard normal distribution, which training pulls the images' codes to."""

    images: FloatArray
    """(draws, 28, 28) what the decoder makes of them."""
    places: FloatArray
    """(draws, 2) where they lie on the plane; NaN where it is none of the codes'."""


def draw_prior(snapshot: Snapshot, plane: Plane, number: int) -> Prior | None:
    """Draws as many codes as there are letters; None where the network has no prior.

    Args:
        snapshot: Whose decoder it is.
        plane: On which they are placed.
        number: Another number draws other codes; the same ones at each moment.
    """
    if snapshot.info.spec.kind != "vae":
        return None
    rng = np.random.default_rng(number)
    width = snapshot.info.spec.latent_dim
    codes = rng.standard_normal((len(LETTERS), width)).astype(np.float32)
    return Prior(snapshot.decoder(codes).reshape(-1, SIDE, SIDE), plane.place(codes))

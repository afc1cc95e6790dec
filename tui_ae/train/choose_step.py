"""Which way to train on a mini-batch is the quickest."""

from __future__ import annotations

from collections.abc import Callable

import torch

from tui_ae.model.network import Autoencoder
from tui_ae.recipe import Recipe
from tui_ae.train.batch_step import BatchStep, DirectBatchStep, Samples
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import Gradients
from tui_ae.train.optimiser import Schedule
from tui_ae.train.written_out import WrittenOutGradients


def choose_step(
    model: Autoencoder,
    flat: FlatParameters,
    gradients: Gradients,
    recipe: Recipe,
    samples: Samples,
    look: Callable[[], None],
) -> BatchStep:
    """The quickest step for `model`, whose parameters `flat` holds, by `recipe`.

    Where it is done operation by operation, by `gradients`, `look` is called between products.
    """
    if flat.values.device.type == "cuda" and isinstance(gradients, WrittenOutGradients):
        # Here, for the computer without a GPU does without what these ask for.
        from tui_ae.train.gpu.choose import choose_operations
        from tui_ae.train.gpu.recorded import RecordedBatchStep
        from tui_ae.train.gpu.schedule import DeviceSchedule

        count = min(recipe.batch_size, len(samples.pixels))
        first = samples.pixels.rows(torch.arange(count, device=samples.pixels.device))
        operations = choose_operations(model, flat, first)
        schedule = DeviceSchedule(recipe, flat, operations.adam)
        return RecordedBatchStep(model, flat, schedule, samples, operations)
    return DirectBatchStep(model, gradients, Schedule(recipe, flat, look), samples)

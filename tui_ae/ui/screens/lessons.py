"""The explanations of the architecture view, with the numbers of the data set at hand."""

from __future__ import annotations

from tui_ae.ui.screens import lesson_loss, lesson_network, lesson_projection, lesson_training
from tui_ae.ui.screens.blocks import Block, Kind, Section
from tui_ae.ui.screens.facts import Facts

__all__ = ["Block", "Facts", "Kind", "Section", "sections"]


def sections(facts: Facts) -> tuple[Section, ...]:
    """All explanations in reading order.

    The number of sections and of their blocks depends on the network and on whether there are
    labels, and on nothing that changes while a run goes on.
    """
    return (
        lesson_network.encoder_and_decoder(facts),
        lesson_network.layers(facts),
        lesson_network.bottleneck(facts),
        lesson_network.unsupervised(facts),
        lesson_network.components(facts),
        lesson_training.recipes(facts),
        lesson_loss.cross_entropy(facts),
        lesson_loss.baselines(facts),
        lesson_loss.what_the_loss_hides(facts),
        lesson_loss.squared_error(),
        lesson_projection.wider(),
        lesson_projection.methods(),
        lesson_projection.heads(),
    )

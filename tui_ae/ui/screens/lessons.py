"""The explanations of the architecture view, with the numbers of the data set at hand."""

from __future__ import annotations

from tui_ae.ui.screens import lesson_loss, lesson_network, lesson_projection, lesson_training
from tui_ae.ui.screens.lesson_numbers import LessonNumbers
from tui_ae.ui.screens.lesson_text import Block, BlockStyle, Section

__all__ = ["Block", "BlockStyle", "LessonNumbers", "Section", "sections"]


def sections(numbers: LessonNumbers) -> tuple[Section, ...]:
    """All explanations in reading order.

    The number of sections and of their blocks depends on the network and on whether there are
    labels, and on nothing that changes while a run goes on.
    """
    return (
        lesson_network.encoder_and_decoder(numbers),
        lesson_network.layers(numbers),
        lesson_network.bottleneck(numbers),
        lesson_network.unsupervised(numbers),
        lesson_network.components(numbers),
        lesson_training.recipes(numbers),
        lesson_loss.cross_entropy(numbers),
        lesson_loss.baselines(numbers),
        lesson_loss.what_the_loss_hides(numbers),
        lesson_loss.squared_error(),
        lesson_projection.wider(),
        lesson_projection.methods(),
        lesson_projection.heads(),
    )

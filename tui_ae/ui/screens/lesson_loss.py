"""The loss: its formula, what its values are worth, and when another one is better."""

from __future__ import annotations

import math

from tui_ae.ui.screens.lesson_numbers import (
    LessonNumbers,
    baseline_line,
    baseline_rows,
    number,
    verdict,
)
from tui_ae.ui.screens.lesson_text import Block, BlockStyle, Section, text

LEAST_P = 1e-7
"""The least probability that the baselines let a prediction claim."""


def cross_entropy(numbers: LessonNumbers) -> Section:
    """Formula, probability, entropy, nats."""
    floor = number(numbers.baseline("floor"))
    pixels = numbers.spec.widths[0]
    return Section(
        "The loss: binary cross-entropy",
        (
            Block(BlockStyle.FORMULA, f"L = −1/{pixels} Σ [x ln p + (1 − x) ln(1 − p)]"),
            *text(
                "x is a pixel of the image, 0 black to 1 white; p is the decoder's output, which"
                " the sigmoid keeps between 0 and 1. Read p as the *probability* that the pixel is"
                " white, a Bernoulli variable; a grey x counts as white with weight x and as black"
                " with weight 1 − x. L is the mean over pixels, and over images.",
                "The best p is x itself. What is left then is the *entropy* of the pixels,"
                " H(x) = −x ln x − (1 − x) ln(1 − x): nothing for black and white, ln 2 for middle"
                f" grey. So no network gets below the *floor* of {floor} here, and only the"
                " distance to it, the Kullback-Leibler divergence, can be learned away.",
                "ln is the natural logarithm, so the unit is the *nat*: 1 bit is 0.693 nats. Who"
                " answers 0.5 to everything pays ln 2 ≈ 0.693 nats a pixel, one bit, whatever the"
                " image; fresh weights start close to that.",
            ),
        ),
    )


def baselines(numbers: LessonNumbers) -> Section:
    """The baselines from the worst to the best, with the network among them."""
    rows = (
        Block(BlockStyle.HERE if row.here else BlockStyle.ROW, baseline_line(row))
        for row in baseline_rows(numbers)
    )
    part = numbers.active_samples < numbers.samples
    scope = (
        "The network's loss is that of the classes that are on; the baselines are of all."
        if part
        else f"{numbers.objective.title} in {numbers.objective.unit}, over all {numbers.samples:,}"
        " images; the lower, the better."
    )
    return Section(
        "What the loss is worth",
        (
            *rows,
            *text(
                verdict(numbers),
                scope,
                _all_zeros(numbers),
            ),
        ),
    )


def _all_zeros(numbers: LessonNumbers) -> str:
    """Why black images are no good guess; of squared errors, why they are no bad one."""
    mean, zeros = number(numbers.mean_pixel), number(numbers.baseline("zeros"))
    if numbers.spec.objective == "mse":
        return (
            f"*All zeros* costs only {zeros}, for most pixels are black: a squared error is small"
            " wherever little is at stake."
        )
    worst = -math.log(LEAST_P)
    return (
        f"*All zeros is not good*, though the mean pixel is only {mean}: to be certain and wrong"
        f" costs −ln 0, without limit. With p kept at 0.0000001 or more it is {worst:.1f} nats for"
        f" a white pixel, and {mean} × {worst:.1f} ≈ {zeros} on average."
    )


def what_the_loss_hides(numbers: LessonNumbers) -> Section:
    """Why one looks at the pictures."""
    mean, floor = number(numbers.baseline("mean_image")), number(numbers.baseline("floor"))
    start = number(numbers.baseline("undecided"))
    return Section(
        "What the loss does not tell",
        text(
            f"Most of the fall happens before any image is told from another: from {start} to"
            f" {mean} it suffices to know the average. All that makes one picture differ from the"
            f" next lies in the short way from {mean} towards {floor}, where a hundredth matters"
            " more than a tenth did before.",
            "So the loss alone doesn't say whether the pictures are good. *Look at them*, and"
            " compare them with the baselines. With the original recipe the synthetic digits reach"
            " the mean image's loss after about five epochs; their reconstructions are then that"
            " mean image, the same blur for every digit.",
            "The loss shown is the mean over an epoch's mini-batches, while the weights improve;"
            " so it lags a little behind the weights that draw the pictures. Beside it stands the"
            " loss of *held-out* images, which never train (key g shows both curves, u marks them"
            " on the map): where that one stays behind, the network learns these images by heart.",
        ),
    )


def squared_error() -> Section:
    """The other objective."""
    return Section(
        "When squared error is better",
        text(
            "Cross-entropy suits values between 0 and 1 that can be read as probabilities, such as"
            " pen strokes: mostly black or white. Its gradient at the sigmoid's input is p − x, and"
            " does not fade where the sigmoid is flat.",
            "For measured quantities without such bounds (sensors, spectra, standardised features)"
            " take the *mean squared error* and a linear output: up to constants, the negative"
            " log-likelihood under Gaussian noise of one fixed size. --objective mse trains on it"
            " here, behind a sigmoid; --kind linear with a linear output.",
            "Either way the best answer to a doubt is the average of what fits the code: both"
            " objectives blur what a code cannot tell apart.",
        ),
    )

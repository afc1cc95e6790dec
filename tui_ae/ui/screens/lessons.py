"""The explanations of the architecture view, with the numbers of the data set at hand.

Words between asterisks are set in bold. Signs outside ASCII are those that `plain` knows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from tui_ae.model.objective import CLAMP
from tui_ae.ui.screens.facts import Facts, ladder, ladder_row, number, verdict

__all__ = ["Block", "Facts", "Kind", "Section", "sections"]


class Kind(Enum):
    """How a block is set."""

    TEXT = "text"
    FORMULA = "formula"
    ROW = "row"
    """A line of a table: at most 52 cells, never wrapped."""
    CAPTION = "caption"
    """The row of names above a table."""
    HERE = "here"
    """A row that stands out."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a formula, or a row of a table."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


def sections(facts: Facts) -> tuple[Section, ...]:
    """All explanations in reading order.

    The number of sections and of their blocks depends on the network and on whether there are
    labels, and on nothing that changes while a run goes on.
    """
    return (
        _encoder_and_decoder(facts),
        _layers(facts),
        _bottleneck(facts),
        _unsupervised(facts),
        _components(facts),
        _cross_entropy(facts),
        _baselines(facts),
        _what_the_loss_hides(facts),
        _squared_error(),
        _wider(),
        _methods(),
        _heads(),
    )


def _text(*paragraphs: str) -> tuple[Block, ...]:
    return tuple(Block(Kind.TEXT, paragraph) for paragraph in paragraphs)


def _rows(caption: str, *rows: str) -> tuple[Block, ...]:
    return (Block(Kind.CAPTION, caption), *(Block(Kind.ROW, row) for row in rows))


def _encoder_and_decoder(facts: Facts) -> Section:
    pixels, codes = facts.spec.widths[0], facts.spec.widths[-1]
    return Section(
        "Encoder and decoder",
        _text(
            f"The *encoder* turns an image, {pixels} numbers, into {codes}: its code (z₁, z₂)."
            f" The *decoder* turns {codes} numbers into an image. Both learn together from one"
            " demand: what comes out shall resemble what went in.",
            f"{pixels} numbers don't pass through {codes} unharmed. The network must find what"
            " tells these images apart, and drop the rest.",
            "*After training* the encoder is the part that is used most: codes serve to search,"
            " to cluster, to train a classifier from few labels; and an image that comes back"
            " badly is unlike those it has learned from. The decoder shows what a code means:"
            " move the probe, and it draws that point, also where no sample lies. Nothing in this"
            " objective shapes the space between samples, so such pictures may be blends or"
            " nonsense; variational autoencoders add a term for that.",
        ),
    )


def _layers(facts: Facts) -> Section:
    def row(role: str, units: str, activation: str, parameters: str) -> str:
        return f"{role:<11} {units:>6}  {activation:<10} {parameters:>11}"

    layers = facts.spec.layers()
    blocks = [
        Block(
            Kind.HERE if layer.role == "bottleneck" else Kind.ROW,
            row(layer.role, f"{layer.units:,}", layer.activation or "-", f"{layer.parameters:,}"),
        )
        for layer in layers
    ]
    return Section(
        "Layers",
        (
            *_rows(row("role", "units", "activation", "parameters")),
            *blocks,
            Block(Kind.ROW, row("total", "", "", f"{facts.spec.parameters:,}")),
            *_text(
                "Every layer is dense: each unit sees all units of the layer before."
                " Parameters are weights and biases, (units before + 1) × units."
            ),
        ),
    )


def _bottleneck(facts: Facts) -> Section:
    pixels, codes = facts.spec.widths[0], facts.spec.widths[-1]
    return Section(
        f"Why only {codes} units in the middle",
        _text(
            "Two numbers are a point, and a point can be plotted: the scatter shows the codes"
            " themselves, not a projection of them. That is the only reason for two.",
            f"The price is detail: {pixels // codes} pixels to each number. In practice"
            " bottlenecks have some 16 to 512 units, wide enough to rebuild an image well, and"
            " far too many to look at. How wide depends on the data; held-out loss tells.",
        ),
    )


def _unsupervised(facts: Facts) -> Section:
    labels = (
        f"The labels of *{facts.dataset}* ({facts.classes} classes) colour the points, choose"
        " samples, and decide which classes take part. They never enter the loss: where colours"
        " gather, the images themselves brought them together."
        if facts.labelled
        else f"*{facts.dataset}* has no labels, and training doesn't miss them: all points share"
        " one colour."
    )
    return Section(
        "Unsupervised, or self-supervised?",
        _text(
            "*Unsupervised*: training sees images only; the target is the input itself.",
            "*Self-supervised* learning makes up a task whose answers the data provides: restore a"
            " hidden patch, tell by how much an image was turned, tell which two crops came from"
            " one image. Nothing is hidden or made up here. Some authors count every target taken"
            " from the data as self-supervision, autoencoders with it; denoising and masked"
            " autoencoders, which restore what was taken away, stand in between.",
            labels,
        ),
    )


def _components(facts: Facts) -> Section:
    value = number(facts.baseline("two_components"))
    return Section(
        "Beside principal components",
        _text(
            "Leave out ReLU and sigmoid and train on squared error: this *linear* autoencoder with"
            " n units in the middle ends on the same subspace as the first *n principal"
            " components*. The subspace, not the axes: any invertible mixing of the codes that the"
            " decoder undoes is as good, so they need be neither orthogonal nor in order.",
            f"Two components, each image rebuilt from its two scores and clipped to 0…1, reach a"
            f" cross-entropy of {value} here. ReLU layers may bend that plane into a surface that"
            " follows the data, and so fit more of it into two numbers. In return the axes have no"
            " meaning of their own, and distances on the map only a loose one.",
        ),
    )


def _cross_entropy(facts: Facts) -> Section:
    floor = number(facts.baseline("floor"))
    pixels = facts.spec.widths[0]
    return Section(
        "The loss: binary cross-entropy",
        (
            Block(Kind.FORMULA, f"L = −1/{pixels} Σ [x ln p + (1 − x) ln(1 − p)]"),
            *_text(
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


def _baselines(facts: Facts) -> Section:
    worst = -math.log(CLAMP)
    rows = (Block(Kind.HERE if rung.here else Kind.ROW, ladder_row(rung)) for rung in ladder(facts))
    part = facts.active_samples < facts.samples
    scope = (
        "The network's loss is that of the classes that are on; the baselines are of all."
        if part
        else f"Nats a pixel, over all {facts.samples:,} images; the lower, the better."
    )
    return Section(
        "What the loss is worth",
        (
            *rows,
            *_text(
                verdict(facts),
                scope,
                f"*All zeros is not good*, though the mean pixel is only"
                f" {number(facts.mean_pixel)}: to be certain and wrong costs −ln 0, without limit."
                f" With p kept at 0.0000001 or more it is {worst:.1f} nats for a white pixel, and"
                f" {number(facts.mean_pixel)} × {worst:.1f} ≈ {number(facts.baseline('zeros'))} on"
                " average.",
            ),
        ),
    )


def _what_the_loss_hides(facts: Facts) -> Section:
    mean, floor = number(facts.baseline("mean_image")), number(facts.baseline("floor"))
    return Section(
        "What the loss does not tell",
        _text(
            f"Most of the fall happens before any image is told from another: from 0.693 to {mean}"
            " it suffices to know the average. All that makes one picture differ from the next lies"
            f" in the short way from {mean} towards {floor}, where a hundredth matters more than"
            " a tenth did before.",
            "So the loss alone doesn't say whether the pictures are good. *Look at them*, and"
            " compare them with the baselines. With the original recipe the synthetic digits reach"
            " the mean image's loss after about five epochs; their reconstructions are then that"
            " mean image, the same blur for every digit.",
            "The loss shown is the mean over an epoch's mini-batches, while the weights improve;"
            " so it lags a little behind the weights that draw the pictures.",
        ),
    )


def _squared_error() -> Section:
    return Section(
        "When squared error is better",
        _text(
            "Cross-entropy suits values between 0 and 1 that can be read as probabilities, such as"
            " pen strokes: mostly black or white. Its gradient at the sigmoid's input is p − x, and"
            " does not fade where the sigmoid is flat.",
            "For measured quantities without such bounds (sensors, spectra, standardised features)"
            " take the *mean squared error* and a linear output: up to constants, the negative"
            " log-likelihood under Gaussian noise of one fixed size.",
            "Either way the best answer to a doubt is the average of what fits the code: both"
            " objectives blur what a code cannot tell apart.",
        ),
    )


def _wider() -> Section:
    return Section(
        "Wider bottlenecks: encode first, project second",
        _text(
            "With 32 units the pictures get sharper, and the codes can no longer be plotted. The"
            " usual way on: train, encode, then let *t-SNE* or *UMAP* lay the codes out in the"
            " plane. They are a head behind the encoder, for looking only; training never sees"
            " them.",
            "Why not project the pixels? For a picture alone one may, and for small clean images"
            " it often works as well. Encoding first pays because codes leave out noise that could"
            " not be rebuilt; because neighbours are found faster, and more reliably, in 32"
            " dimensions than in thousands; and because what is learned lasts: the encoder is a"
            " function that takes new images, and its codes also serve search, classifiers and"
            " outlier detection. A map serves the eye.",
        ),
    )


def _methods() -> Section:
    return Section(
        "Four ways to two numbers",
        (
            *_rows(
                "         new points   same again?    time for n",
                "PCA      exact        yes, to sign   n",
                "encoder  exact        fixed weights  n an epoch",
                "t-SNE    none         with a seed    n log n",
                "UMAP     approximate  with a seed    about n log n",
            ),
            *_text(
                "Back to an image: PCA by its components, the autoencoder by its decoder, UMAP"
                " roughly, t-SNE not at all. The time of t-SNE is that of Barnes-Hut; the plain"
                " method takes n². Once trained, an encoder needs microseconds for a new image."
            ),
        ),
    )


def _heads() -> Section:
    return Section(
        "t-SNE and UMAP",
        _text(
            "*t-SNE* keeps neighbours together; perplexity sets how many count. Sizes of clusters"
            " and gaps between them say little. It places the points it was given and has no"
            " function for new ones (parametric variants and some libraries add one). From"
            " random starts two runs differ; a fixed seed repeats one, and a start from PCA keeps"
            " the overall arrangement alike.",
            "*UMAP* lays out a graph of neighbours. It is as a rule the faster on large sets and"
            " can place new points by their neighbours, approximately. It too is random; a fixed"
            " seed repeats it, in the common implementation at the price of running on one thread."
            " Its overall arrangement owes much to how it starts; read distances between clusters"
            " with care.",
            "Neither has axes that mean something. Both can draw clusters where there are none:"
            " try several settings before believing one.",
        ),
    )

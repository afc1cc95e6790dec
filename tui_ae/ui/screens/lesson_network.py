"""What the network is, what it is for, and what it is like."""

from __future__ import annotations

from tui_ae.ui.screens.lesson_numbers import LessonNumbers, number
from tui_ae.ui.screens.lesson_text import Block, BlockStyle, Section, rows, text


def encoder_and_decoder(numbers: LessonNumbers) -> Section:
    """Both halves, and what each is for after training."""
    pixels, codes = numbers.spec.widths[0], numbers.spec.widths[-1]
    return Section(
        "Encoder and decoder",
        text(
            f"The *encoder* turns an image, {pixels} numbers, into {codes}: its code."
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


def layers(numbers: LessonNumbers) -> Section:
    """The table of layers."""

    def row(role: str, units: str, activation: str, parameters: str) -> str:
        return f"{role:<11} {units:>6}  {activation:<10} {parameters:>11}"

    layers = numbers.spec.layers()
    blocks = [
        Block(
            BlockStyle.HERE if layer.role == "bottleneck" else BlockStyle.ROW,
            row(layer.role, f"{layer.units:,}", layer.activation or "-", f"{layer.parameters:,}"),
        )
        for layer in layers
    ]
    return Section(
        "Layers",
        (
            *rows(row("role", "units", "activation", "parameters")),
            *blocks,
            Block(BlockStyle.ROW, row("total", "", "", f"{numbers.spec.parameters:,}")),
            *text(
                "Every layer is dense: each unit sees all units of the layer before."
                " Parameters are weights and biases, (units before + 1) × units."
            ),
        ),
    )


def bottleneck(numbers: LessonNumbers) -> Section:
    """Why it is so narrow."""
    pixels, codes = numbers.spec.widths[0], numbers.spec.widths[-1]
    if codes != 2:
        return Section(
            f"Why {codes} unit{'s' * (codes > 1)} in the middle",
            text(
                f"--latent-dim {codes} asked for it. With two, the map shows the codes themselves;"
                " what it shows now stands over it, and key x changes it.",
                f"{pixels // codes} pixels share each number. In practice bottlenecks have some 16"
                " to 512 units, wide enough to rebuild an image well, and far too many to look at."
                " How wide depends on the data; held-out loss tells.",
            ),
        )
    return Section(
        f"Why only {codes} units in the middle",
        text(
            "Two numbers are a point, and a point can be plotted: the scatter shows the codes"
            " themselves, not a projection of them. That is the only reason for two.",
            f"The price is detail: {pixels // codes} pixels to each number. In practice"
            " bottlenecks have some 16 to 512 units, wide enough to rebuild an image well, and"
            " far too many to look at. How wide depends on the data; held-out loss tells, and"
            " --latent-dim 32 tries it.",
        ),
    )


def unsupervised(numbers: LessonNumbers) -> Section:
    """What training sees, and what labels are for."""
    name = numbers.dataset.replace("*", "")
    labels = (
        f"The labels of *{name}* ({numbers.classes} classes) colour the points, choose"
        " samples, and decide which classes take part. They never enter the loss: where colours"
        " gather, the images themselves brought them together."
        if numbers.labelled
        else f"*{name}* has no labels, and training doesn't miss them: all points share one colour."
    )
    return Section(
        "Unsupervised, or self-supervised?",
        text(
            "*Unsupervised*: training sees images only; the target is the input itself.",
            "*Self-supervised* learning makes up a task whose answers the data provides: restore a"
            " hidden patch, tell by how much an image was turned, tell which two crops came from"
            " one image. Nothing is hidden or made up here. Some authors count every target taken"
            " from the data as self-supervision, autoencoders with it; denoising and masked"
            " autoencoders, which restore what was taken away, stand in between.",
            labels,
        ),
    )


def components(numbers: LessonNumbers) -> Section:
    """The linear relative."""
    value = number(numbers.baseline("two_components"))
    return Section(
        "Beside principal components",
        text(
            "Leave out ReLU and sigmoid and train on squared error: this *linear* autoencoder with"
            " n units in the middle ends on the same subspace as the first *n principal"
            " components*. The subspace, not the axes: any invertible mixing of the codes that the"
            " decoder undoes is as good, so they need be neither orthogonal nor in order.",
            f"Two components, each image rebuilt from its two scores and clipped to 0…1, reach"
            f" {numbers.objective.title} {value} here. ReLU layers may bend that plane into a"
            " surface that follows the data, and so fit more of it into two numbers. In return the"
            " axes have no meaning of their own, and distances on the map only a loose one.",
            "*See it*: key x puts the map, the reconstruction and the probe on that plane, key N"
            " tells the losses of both, and --kind linear trains the linear autoencoder, whose"
            " plane turns into PCA's while you watch.",
        ),
    )

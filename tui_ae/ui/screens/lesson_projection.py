"""Wider bottlenecks, and how to look at them."""

from __future__ import annotations

from tui_ae.ui.screens.lesson_text import Section, rows, text


def wider() -> Section:
    """Encode first, project second."""
    return Section(
        "Wider bottlenecks: encode first, project second",
        text(
            "With 32 units the pictures get sharper, and the codes can no longer be plotted. The"
            " usual way on: train, encode, then let *t-SNE* or *UMAP* lay the codes out in the"
            " plane. They are a head behind the encoder, for looking only; training never sees"
            " them. *Try it*: --latent-dim 32, then key x: two of the numbers, their PCA, t-SNE"
            " and UMAP, also of the raw pixels; key N compares how well each keeps neighbours.",
            "Why not project the pixels? For a picture alone one may, and for small clean images"
            " it often works as well. Encoding first pays because codes leave out noise that could"
            " not be rebuilt; because neighbours are found faster, and more reliably, in 32"
            " dimensions than in thousands; and because what is learned lasts: the encoder is a"
            " function that takes new images, and its codes also serve search, classifiers and"
            " outlier detection. A map serves the eye.",
        ),
    )


def methods() -> Section:
    """What each way to two numbers can do."""
    return Section(
        "Four ways to two numbers",
        (
            *rows(
                "         new points   same again?    time for n",
                "PCA      exact        yes, to sign   n",
                "encoder  exact        fixed weights  n an epoch",
                "t-SNE    none         with a seed    n log n",
                "UMAP     approximate  with a seed    about n log n",
            ),
            *text(
                "Back to an image: PCA by its components, the autoencoder by its decoder, UMAP"
                " roughly, t-SNE not at all. The time of t-SNE is that of Barnes-Hut; the plain"
                " method takes n². Once trained, an encoder needs microseconds for a new image."
            ),
        ),
    )


def heads() -> Section:
    """t-SNE and UMAP, and how to read them."""
    return Section(
        "t-SNE and UMAP",
        text(
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

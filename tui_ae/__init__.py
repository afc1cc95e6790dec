"""Train an autoencoder with a 2-D bottleneck live in a terminal and explore what it learns."""

__version__ = "0.1.0"

"""t-SNE and UMAP of codes or pixels, in a process of their own.

Nothing of this program needs the libraries: that process says what to install where they lack.
"""

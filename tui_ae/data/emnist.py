"""What is peculiar to EMNIST: its images lie on their sides, and a file beside them names them."""

from __future__ import annotations

from pathlib import Path

from tui_ae.data.roles import SPLITS, WORD

MOST_CLASSES = 256
MAX_MAPPING_BYTES = 1 << 16
TURNED = "EMNIST stores its images on their sides: they were turned upright."
MAYBE_TURNED = (
    "EMNIST stores its images on their sides: where these lie so too, store them again with "
    "images.swapaxes(1, 2)."
)


def is_emnist(path: Path) -> bool:
    """Whether a file of images is one of EMNIST's, which hold each image transposed."""
    return path.name.lower().startswith("emnist")


def emnist_names(images: Path) -> tuple[str, ...] | None:
    """The characters that the labels 0, 1, … stand for, from the file beside the images.

    That of `emnist-letters-train-images-idx3-ubyte` is `emnist-letters-mapping.txt`.
    """
    words = [match for match in WORD.finditer(images.name) if match[0].lower() in SPLITS]
    set_name = images.name[: words[0].start()].rstrip("-_.") if words else images.name
    path = images.with_name(f"{set_name.partition('.')[0]}-mapping.txt")
    try:
        with path.open("rb") as file:
            lines = file.read(MAX_MAPPING_BYTES).decode("ascii").splitlines()[:MOST_CLASSES]
        codes = {int(label): [int(code) for code in rest] for label, *rest in map(str.split, lines)}
        return tuple(
            "/".join(dict.fromkeys(map(chr, codes.get(label, [])))) or str(label)
            for label in range(min(max(codes) + 1, MOST_CLASSES))
        )
    except (OSError, ValueError, OverflowError):
        return None

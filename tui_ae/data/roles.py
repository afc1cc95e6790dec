"""Which of several named arrays are images, which are their labels, and what is left over.

One matcher for everything that holds arrays by name: the members of an NPZ file, and NPY or NPZ
files beside each other. Names are read word by word, whatever their case and their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_ae.data.source import is_square
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

IMAGE_WORDS = (
    *("x", "images", "image", "imgs", "img", "pictures", "pixels", "digits", "data", "samples"),
    *("features", "inputs", "input", "dataset"),
)
"""The earlier ones are taken before the later ones."""
LABEL_WORDS = (
    *(
        "y",
        "labels",
        "label",
        "targets",
        "target",
        "classes",
        "class",
        "lbl",
        "lbls",
        "labs",
        "categories",
    ),
    *("category", "truth", "gt"),
)
NAMES_WORDS = ("names", "name")
SPLITS = {
    **dict.fromkeys(("train", "training", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "te", "t10k"), "test"),
}
ORDER = ("train", "val", "test")
SQUEEZED = re.compile(r"^(x|y)(train|tr|valid|val|test|te)$|^(train|valid|val|test)(x|y)$")
WORD = re.compile(r"(?i:t10k)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]+|\d+")
MOST_NAMES = 6
"""Names that a sentence lists."""
QMNIST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Named:
    """An array by what its header says of it."""

    name: str
    shape: tuple[int, ...]
    kind: str
    """NumPy's letter for the type of its values; 'O' for Python objects."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name, in lower case."""
        words = [word.lower() for word in WORD.findall(self.name)]
        squeezed = SQUEEZED.match("".join(words))
        return tuple(part for part in squeezed.groups() if part) if squeezed else tuple(words)

    @property
    def split(self) -> str:
        """'train', 'val', 'test' or ''."""
        return next((SPLITS[word] for word in self.words if word in SPLITS), "")

    @property
    def stem(self) -> tuple[str, ...]:
        """What the name says beside role and split: the same for what belongs together."""
        said = {*IMAGE_WORDS, *LABEL_WORDS, *NAMES_WORDS, *SPLITS}
        return tuple(word for word in self.words if word not in said)

    def rank(self, words: Sequence[str]) -> int | None:
        """The place of the first of the name's words that is among `words`; None for none."""
        places = [words.index(word) for word in self.words if word in words]
        return min(places, default=None)

    @property
    def is_image_shaped(self) -> bool:
        """Whether the array can be a list of images by its shape and type."""
        if self.kind not in "buifc" or len(self.shape) not in (2, 3, 4):
            return False
        if len(self.shape) > 2:
            return True
        rows, columns = self.shape
        return columns >= 4 and (is_square(columns) or is_square(rows))

    @property
    def is_label_shaped(self) -> bool:
        """Whether there can be a label for each row; objects are told of when they are read."""
        return (
            self.kind == "O"
            or len(self.shape) == 1
            or (len(self.shape) == 2 and (self.shape[1] <= 100 or self.shape[0] == 1))
        )

    @property
    def label_count(self) -> int:
        """For how many images there would be labels: MATLAB stores them in a row (1, n) too."""
        return self.shape[1] if len(self.shape) == 2 and self.shape[0] == 1 else self.shape[0]


@dataclass(frozen=True, slots=True)
class Pair:
    """Images, and their labels where there are any."""

    images: Named
    labels: Named | None


@dataclass(frozen=True, slots=True)
class Roles:
    """What was taken as what."""

    pairs: tuple[Pair, ...]
    """Training before validation before test; either all or none have labels."""
    class_names: Named | None
    unused: tuple[str, ...]
    left_out: tuple[str, ...]
    """Images without labels, beside others that have some."""

    def note(self, labels_from: str = "") -> str:
        """All of it in a sentence; `labels_from` is the file beside that has the labels."""
        images = " and ".join(brief(pair.images.name) for pair in self.pairs)
        labels = " and ".join(brief(pair.labels.name) for pair in self.pairs if pair.labels)
        labels = labels or (f"those of {brief(labels_from)}" if labels_from else "")
        said = f"Took {images} as images" + (
            f" and {labels} as labels" if labels else ", no labels"
        )
        if self.left_out:
            names = " and ".join(map(brief, self.left_out))
            said += f"; {names} left out, for there are no labels of it"
        others = [name for name in self.unused if name not in self.left_out]
        if others:
            more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
            said += f"; not used: {', '.join(map(brief, others[:MOST_NAMES]))}{more}"
        return f"{said}."

    @property
    def splits(self) -> tuple[str, ...]:
        """The split of each pair."""
        return tuple(pair.images.split for pair in self.pairs)


def assign(arrays: Sequence[Named], path: Path, wanted: str) -> Roles:
    """Find images and labels among arrays.

    Args:
        arrays: All there are.
        path: Where, for messages.
        wanted: What to do where no images can be told, to end a sentence.

    Raises:
        UserError: no images can be told, or labels that don't fit to them.
    """
    images = _images(arrays)
    if not images:
        raise UserError(
            f"{printable(path)}: no images among its arrays ({held(arrays)}); {wanted}."
        )
    used = {array.name for array in images}
    labels = [
        array
        for array in arrays
        if array.name not in used and array.rank(LABEL_WORDS) is not None and not _names(array)
    ]
    if not labels:
        labels = _beside(arrays, images)
    pairs = [Pair(array, _labels_of(array, labels, images, path)) for array in images]
    told = [pair for pair in pairs if pair.labels is not None]
    left_out = [pair.images.name for pair in pairs if pair.labels is None] if told else []
    chosen = tuple(told or pairs)
    names = next((array for array in arrays if _names(array)), None)
    used = {array.name for pair in chosen for array in (pair.images, pair.labels) if array}
    used |= {names.name} if names else set()
    unused = tuple(array.name for array in arrays if array.name not in used)
    return Roles(chosen, names, unused, tuple(left_out))


def _beside(arrays: Sequence[Named], images: Sequence[Named]) -> list[Named]:
    """The labels of images without a name, as np.savez(file, images, labels) stores them."""
    if len(images) != 1 or len(arrays) != 2 or not all(_is_numbered(array) for array in arrays):
        return []
    return [
        array
        for array in arrays
        if array is not images[0]
        and (len(array.shape) == 1 or array.shape[:-1] == (1,))
        and array.kind in "biuSU"
    ]


def _is_numbered(array: Named) -> bool:
    return array.name.startswith("arr_")


def held(arrays: Sequence[Named]) -> str:
    """The names of arrays, as many as a sentence bears."""
    names = sorted(array.name for array in arrays)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(brief(name) for name in names[:MOST_NAMES]) + more or "none"


def _names(array: Named) -> bool:
    """Whether the array may hold the names of classes, not those of features, columns or files."""
    words = set(array.words) - {*SPLITS}
    of_classes = words <= {*NAMES_WORDS} or bool(words & {*LABEL_WORDS})
    named = bool(words & {*NAMES_WORDS}) and of_classes
    named = named or array.words in (("classes",), ("categories",))
    return named and len(array.shape) == 1 and array.kind in "US"


def _images(arrays: Sequence[Named]) -> list[Named]:
    """The images of each split; of several readings the first that IMAGE_WORDS knows."""
    shaped = [array for array in arrays if array.is_image_shaped]
    called = [array for array in arrays if array.rank(IMAGE_WORDS) is not None]
    # What is called images and has another shape is told so when it is read.
    named = [array for array in called if array.is_image_shaped] or [
        array for array in called if not _names(array)
    ]
    bare = [array for array in shaped if array.rank(LABEL_WORDS) is None]
    # A single row beside others is no image.
    bare = [array for array in bare if array.shape[0] > 1 or len(array.shape) > 2] or bare
    if not named:
        # A name that says nothing, such as arr_0, but there is no other; or a split alone.
        named = (
            bare if len(bare) == 1 else [array for array in bare if array.words in _SPLITS_ALONE]
        )
    chosen: dict[str, Named] = {}
    for array in sorted(named, key=lambda array: array.rank(IMAGE_WORDS) or 0):
        chosen.setdefault(array.split, array)
    if "train" in chosen and "" in chosen:
        # Beside the splits there is often the whole again.
        del chosen[""]
    return [chosen[split] for split in (*ORDER, "") if split in chosen]


_SPLITS_ALONE = {(word,) for word in SPLITS}


def _labels_of(
    images: Named, labels: Sequence[Named], all_images: Sequence[Named], path: Path
) -> Named | None:
    """The labels of some images: of the same split, of as many rows, and of a like name."""
    own = [array for array in labels if array.split == images.split and array.is_label_shaped]
    if not own and len(all_images) == 1:
        # Of the only images, if neither name says otherwise.
        own = [
            array
            for array in labels
            if array.is_label_shaped and not (array.split and images.split)
        ]
    if not own:
        odd = next((array for array in labels if array.split == images.split), None)
        if odd is not None and odd.shape:
            shape = " × ".join(map(str, odd.shape))
            raise UserError(
                f"{printable(path)}: {odd.name} is of {shape}; "
                "store one number or string for each image."
            )
        return None
    fitting = [array for array in own if array.kind == "O" or array.label_count in _counts(images)]
    if not fitting:
        count = images.shape[0] if images.shape else 1
        raise UserError(
            f"{printable(path)}: {own[0].label_count:,} labels in {printable(own[0].name)} for "
            f"{count:,} images; give one label for each image, or no labels."
        )
    return min(fitting, key=lambda array: (array.stem != images.stem, array.rank(LABEL_WORDS) or 0))


def _counts(images: Named) -> set[int]:
    """How many images it may be: some programs store the number of the image last."""
    return {*images.shape[:1], *images.shape[-1:]}

"""Which pictures of a folder are meant, and of which classes: read from how its folders lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui_ae.data.classes import natural
from tui_ae.data.picture import is_image, is_picture
from tui_ae.data.progress import Progress, unheard
from tui_ae.data.skipped import Skipped
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

MAX_DEPTH = 5
"""Folders within folders that are looked into."""
DOUBT = 4
"""Where fewer than so many times the pictures passed over would be read, a person decides."""
SYSTEMS = frozenset({"__macosx", "$recycle.bin", "system volume information", "lost+found"})
"""Folders that systems leave behind; like hidden ones they hold nobody's pictures."""
COPIES = frozenset({"thumbs", "thumbnails", "_thumbs", "@eadir"})
"""Folders of small copies of the pictures beside them."""
WRAPPERS = frozenset({"images", "image", "imgs", "img", "pictures", "photos", "jpegimages", "data"})
"""Folders whose names only say what is inside."""
MASK = re.compile(
    r".*(?:masks?|labels?|annot\w*|ground[_-]?truths?)(?:[_-]?(?:png|images?|imgs?|colou?r|rgb))?"
    r"|(?:.*[_-])?(?:gt|seg(?:mentation)?s?(?:class|object)?|targets?|manual)",
    re.IGNORECASE,
)
"""Names of folders that hold a picture for each picture beside them, of what is where on it."""
SPLIT = re.compile(
    r"(?:.*[_-])?(train(?:ing)?|val(?:id(?:ation)?)?|dev|eval|test(?:ing)?)"
    r"(?:[_-]?(?:set|images?|imgs?|data|split))?",
    re.IGNORECASE,
)
"""Names of the parts that a set is split into."""
NO_CLASSES = ", which hold no classes"
HIDDEN = "a hidden file"
LINK_TO_NOTHING = "a link that leads nowhere"
SPLITS = ("train", "val", "dev", "eval", "test")
SPLIT_NAMES = ("train", "val", "val", "val", "test")
"""What other readers call these."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The pictures to read; files are named as seen from the folder."""

    classes: dict[str, list[str]] | None
    """The files of each class by its name; None where there are no classes."""
    loose: list[str]
    """The files where there are no classes."""
    notes: tuple[str, ...] = ()
    """What was taken for what, and what was passed over."""
    passed: tuple[Skipped, ...] = ()
    """The files that are passed over."""
    split_of: Mapping[str, str] = field(default_factory=dict)
    """'train', 'val' or 'test' of each file that lies in a folder for it."""

    @property
    def files(self) -> list[str]:
        """All files to read."""
        if self.classes is None:
            return self.loose
        return [file for files in self.classes.values() for file in files]


@dataclass(slots=True)
class Place:
    """A folder as it lies on the disk."""

    name: str
    """Its path as seen from the outermost folder, whose own is ''."""
    pictures: list[str] = field(default_factory=list)
    """The pictures directly in it, seen from the outermost folder too."""
    folders: list[Place] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)
    """Links by the name of a picture that lead to none."""
    hidden: list[str] = field(default_factory=list)
    """Hidden files by the name of a picture."""
    closed: str = ""
    """Why it can't be opened."""
    is_empty: bool = False

    @property
    def base(self) -> str:
        """Its own name."""
        return self.name.rpartition("/")[2]

    @property
    def split(self) -> int | None:
        """Which part of a set its name says that it is; None where it says none."""
        match = SPLIT.fullmatch(self.base)
        if match is None:
            return None
        return next(at for at, split in enumerate(SPLITS) if match[1].lower().startswith(split))

    @property
    def wraps(self) -> bool:
        """Whether its name says no more than that pictures are inside."""
        return says_no_more(self.base)

    @property
    def count(self) -> int:
        """Pictures in it, and in all folders in it."""
        return len(self.pictures) + sum(inner.count for inner in self.folders)

    def all(self) -> Iterator[Place]:
        """This folder and all in it."""
        yield self
        for inner in self.folders:
            yield from inner.all()

    def filled(self) -> list[Place]:
        """The folders in it with pictures in them or deeper; copies where there is nothing else."""
        masks = {mask.name for mask in self.masks()}
        filled = [inner for inner in self.folders if inner.count and inner.name not in masks]
        originals = [inner for inner in filled if inner.base.lower() not in COPIES]
        return originals if originals or self.pictures else filled

    def masks(self) -> list[Place]:
        """The folders in it that hold masks or labels of the pictures in the folders beside them.

        Such a name says so only beside one that says no more than that there are pictures.
        """
        filled = [inner for inner in self.folders if inner.count]
        masks = [inner for inner in filled if not inner.wraps and MASK.fullmatch(inner.base)]
        others = [inner for inner in filled if inner.wraps]
        return masks if others and len(masks) + len(others) == len(filled) else []

    def unwrapped(self) -> Place:
        """The folder that holds what is in this one, where all lies in one more folder."""
        filled = self.filled()
        if self.pictures or len(filled) != 1:
            return self
        return filled[0].unwrapped() if filled[0].wraps else self


def says_no_more(name: str) -> bool:
    """Whether a folder's name says no more than that pictures, or a part of them, are in it."""
    return SPLIT.fullmatch(name) is not None or name.lower() in WRAPPERS


def holds_images(folder: Path, *, of_classes: bool = True) -> bool:
    """Whether pictures lie where `read_layout` looks for them first; no further than the first.

    Args:
        folder: Where to look.
        of_classes: Whether its folders may be classes; else those alone count that only wrap.

    Raises:
        OSError: there are none, and a folder can't be opened.
    """
    place = _scan(folder, "", unheard)
    if place.pictures:
        return True
    closed: OSError | None = None
    for inner in place.folders:
        if not (of_classes or inner.wraps):
            continue
        try:
            if holds_images(folder / inner.name, of_classes=of_classes and inner.wraps):
                return True
        except OSError as error:
            closed = closed or error
    if closed is not None:
        raise closed
    return False


def read_layout(folder: Path, progress: Progress) -> Layout:
    """Find the pictures to read in a folder.

    Raises:
        UserError: it is unclear which pictures are meant; the sentence names a folder to give.
        OSError: the folder itself can't be opened.
    """
    root = _look(folder, "", progress, ())
    layout = _choose(root, folder)
    read = set(layout.files)
    masks = [mask for place in root.all() for mask in place.masks()]
    of_masks = [file for mask in masks for place in mask.all() for file in place.pictures]
    read.update(of_masks)
    passed = [file for place in root.all() for file in place.pictures if file not in read]
    notes = (
        *layout.notes,
        *_left_out_masks(masks, folder),
        *_passed_over(passed),
        *_unseen(root),
    )
    beside = "in a folder of no class" if layout.classes is not None else "beside the others"
    skipped = [
        *(Skipped(file, _copied(file) or beside) for file in passed),
        *(Skipped(file, "taken for a mask of another picture") for file in of_masks),
        *(Skipped(file, LINK_TO_NOTHING) for place in root.all() for file in place.nowhere),
        *(Skipped(file, HIDDEN) for place in root.all() for file in place.hidden),
    ]
    return replace(layout, notes=notes, passed=tuple(skipped))


# --- looking --------------------------------------------------------------------------------------


def _scan(folder: Path, name: str, progress: Progress) -> Place:
    """The pictures and folders directly in a folder; hidden ones and those of systems don't count.

    The system tells what is a file with the names, so that none of many is looked at by itself.
    """
    place = Place(name, is_empty=True)
    with os.scandir(folder) as entries:
        for entry in entries:
            progress(0.0)
            place.is_empty = False
            own = f"{name}/{entry.name}" if name else entry.name
            if entry.name.startswith(".") or entry.name.lower() in SYSTEMS:
                place.hidden += [own] if is_image(entry.name) else []
                continue
            # A link may lead in a circle: an entry would raise what a path takes for a no.
            kind = Path(entry) if entry.is_symlink() else entry
            if kind.is_dir():
                place.folders.append(Place(own))
            elif is_picture(entry):
                if kind.is_file():
                    place.pictures.append(own)
                elif entry.is_symlink():
                    place.nowhere.append(own)
    place.pictures.sort(key=natural)
    place.hidden.sort(key=natural)
    place.folders.sort(key=lambda inner: natural(inner.name))
    return place


def _look(
    folder: Path, name: str, progress: Progress, around: tuple[tuple[int, int], ...]
) -> Place:
    """A folder with all that is in it; a link back to a folder around it is left out."""
    status = folder.stat()
    around = (*around, (status.st_dev, status.st_ino))
    place = _scan(folder, name, progress)
    folders = []
    for inner in place.folders:
        path = folder / inner.base
        try:
            status = path.stat()
            if (status.st_dev, status.st_ino) in around:
                continue
            folders.append(
                _look(path, inner.name, progress, around) if len(around) <= MAX_DEPTH else inner
            )
        except OSError as error:
            folders.append(Place(inner.name, closed=error.strerror or type(error).__name__))
    place.folders = folders
    return place


# --- choosing -------------------------------------------------------------------------------------


def _choose(root: Place, folder: Path) -> Layout:
    """The pictures that are meant.

    Raises:
        UserError: that is unclear.
    """
    outer = root.unwrapped()
    filled = outer.filled()
    splits = sorted((place for place in filled if place.split is not None), key=_order)
    parted = [place for place in splits if _classes(place.unwrapped())]
    if parted:
        return _of_splits(parted)
    if splits and len(splits) == len(filled) and not outer.pictures:
        loose = [file for place in splits for file in place.unwrapped().pictures]
        note = f"Read {_names(splits)}{NO_CLASSES}."
        of_each = [(place, place.unwrapped().pictures) for place in splits]
        return Layout(None, loose, (note,), split_of=_split_of(of_each))
    return _of_classes(outer, folder)


def _order(place: Place) -> int:
    return len(SPLITS) if place.split is None else place.split


def _classes(place: Place) -> dict[str, list[str]]:
    """The pictures of each class of which a folder holds one folder."""
    if place.pictures:
        return {}
    found = {inner.base: inner.unwrapped().pictures for inner in place.filled()}
    return {name: files for name, files in found.items() if files}


def _of_splits(splits: Sequence[Place]) -> Layout:
    """Training, validation and test pictures of the same classes together, as other readers do."""
    of_each = [(place, _classes(place.unwrapped())) for place in splits]
    known = set(of_each[0][1])
    used = [(place, classes) for place, classes in of_each if known & set(classes)]
    together: dict[str, list[str]] = {}
    for _, classes in used:
        for name, files in classes.items():
            together.setdefault(name, []).extend(files)
    ordered = {name: together[name] for name in sorted(together, key=natural)}
    pictures = [
        (place, [file for files in classes.values() for file in files]) for place, classes in used
    ]
    note = f"Read {_names([place for place, _ in used])}."
    return Layout(ordered, [], (note,), split_of=_split_of(pictures))


def _split_of(pictures: Sequence[tuple[Place, Sequence[str]]]) -> dict[str, str]:
    """Which part of the set each picture of these folders belongs to."""
    return {
        file: SPLIT_NAMES[place.split]
        for place, files in pictures
        for file in files
        if place.split is not None
    }


def _of_classes(outer: Place, folder: Path) -> Layout:
    """One folder a class, or loose pictures: what most pictures are.

    Raises:
        UserError: neither is clearly more.
    """
    filled = outer.filled()
    # Test pictures beside classes are no class; a folder 'train' may be one, of vehicles.
    named = [inner for inner in filled if inner.split in (None, 0)]
    filled = named if len(named) >= 2 else filled
    found = {inner.base: inner.unwrapped().pictures for inner in filled}
    classes = {name: files for name, files in found.items() if files}
    in_classes, loose = sum(map(len, classes.values())), len(outer.pictures)
    taken = max(in_classes, loose)
    passed = loose + sum(inner.count for inner in filled) - taken
    if taken < DOUBT * passed:
        largest = max(filled, key=lambda inner: inner.count)
        where = printable(folder)
        lie = [f"{loose:,} lie loose"] if loose else []
        lie += [f"{in_classes:,} one folder down"] if in_classes else []
        deeper = passed + taken - loose - in_classes
        lie += [f"{deeper:,} deeper"] if deeper else []
        raise UserError(
            f"{where}: it is unclear which pictures are meant, for {' and '.join(lie)}; give "
            f"{printable(folder / largest.name)}, or a folder with nothing but one folder a class."
        )
    if in_classes > loose:
        return Layout(classes, [])
    return Layout(None, outer.pictures)


# --- saying ---------------------------------------------------------------------------------------


def _names(places: Sequence[Place]) -> str:
    *most, last = (brief(place.name) for place in places)
    return f"{', '.join(most)} and {last}" if most else last


def _copied(file: str) -> str:
    """The reason for a file in a folder of small copies; '' for others."""
    folder = next((name for name in file.split("/")[:-1] if name.lower() in COPIES), "")
    return f"in {folder}, which holds small copies" if folder else ""


def _left_out_masks(masks: Sequence[Place], folder: Path) -> tuple[str, ...]:
    if not masks:
        return ()
    are = "was" if len(masks) == 1 else "were"
    return (
        f"{_names(masks)} {are} left out, as masks or labels of the pictures beside; to train on "
        f"them give {printable(folder / masks[0].name)}.",
    )


def _passed_over(files: Sequence[str]) -> tuple[str, ...]:
    if not files:
        return ()
    pictures = "picture" if len(files) == 1 else "pictures"
    return (f"Passed over {len(files):,} {pictures} outside of these, such as {brief(files[0])}.",)


def _unseen(root: Place) -> tuple[str, ...]:
    """What could not be looked at."""
    nowhere = [link for place in root.all() for link in place.nowhere]
    closed = [place for place in root.all() if place.closed]
    empty = [place for place in root.folders if place.is_empty]
    said = []
    if nowhere:
        count = "1 link that leads" if len(nowhere) == 1 else f"{len(nowhere):,} links that lead"
        said.append(f"Passed over {count} nowhere, such as {brief(nowhere[0])}.")
    if closed:
        count = "1 folder" if len(closed) == 1 else f"{len(closed):,} folders"
        said.append(
            f"{count} can't be opened, such as {brief(closed[0].name)}: {closed[0].closed}."
        )
    if empty:
        lie = "1 folder is empty" if len(empty) == 1 else f"{len(empty):,} folders are empty"
        said.append(f"{lie}, such as {brief(empty[0].name)}.")
    return tuple(said)

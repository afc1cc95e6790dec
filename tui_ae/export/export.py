"""All files of an export, written to one folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tui_ae.errors import UserError
from tui_ae.export import projector
from tui_ae.export.greys import write_png
from tui_ae.export.onnx_model import check_onnx, onnx_content
from tui_ae.export.plane import plane_of, plane_sheet
from tui_ae.export.reconstructions import reconstruction_sheet
from tui_ae.export.samples import Samples, write_codes_csv, write_codes_npz, write_losses_csv
from tui_ae.export.trained import TrainedRun, open_folder
from tui_ae.export.weights import write_weights
from tui_ae.files import replacing
from tui_ae.run.checkpoint import ungroup
from tui_ae.run.folder import RunFolder

Writer = Callable[[BinaryIO], None]
NAMES = (
    *("codes.csv", "codes.npz", "losses.csv", "encoder.safetensors", "decoder.safetensors"),
    *("vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt"),
    *("reconstructions.png", "plane.png", "autoencoder.onnx"),
)
"""All files that an export may have."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    run_id: str
    epoch: int
    names: tuple[str, ...]
    """The files in the folder."""
    left_out: str
    """What is missing and why, in a sentence; '' where nothing is."""


def export(folder: RunFolder, to: Path, *, replaces: bool = False, onnx: bool = False) -> Exported:
    """Write a run, as it was saved last, for other programs.

    Args:
        folder: Holds the run.
        to: Gets the files; it is made where it isn't there.
        replaces: Whether those of an earlier export may be there; none of them is left then.
        onnx: Whether to write autoencoder.onnx too.

    Raises:
        UserError: the run is damaged, the disk refuses, files are in the way, or the package onnx
            is missing.
    """
    if not replaces:
        _check_free(to)
    if onnx:
        check_onnx()
    run = open_folder(folder)
    writers = _writers(run, onnx=onnx)
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, write in writers.items():
            with replacing(to / name, mode=0o644) as file:
                write(file)
        for name in NAMES:
            # A sprite of other images beside these codes would be taken for theirs.
            if name not in writers:
                (to / name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"--to {to}: could not be written ({error.strerror}).") from error
    return Exported(run.id, run.epoch, tuple(writers), _left_out(run))


def _check_free(to: Path) -> None:
    """Make sure that no file of an export is there already.

    Raises:
        UserError: one is, or the folder can't be looked at.
    """
    try:
        if to.exists() and not to.is_dir():
            raise UserError(f"--to {to}: this is a file; name a folder.")
        there = next((name for name in NAMES if os.path.lexists(to / name)), None)
    except OSError as error:
        raise UserError(f"--to {to}: {error.strerror}; name another folder.") from error
    if there is not None:
        raise UserError(
            f"--to {to}: there is a file {there} already; name another folder, or add --force to "
            "replace the files of an export that are in this one."
        )


def _writers(run: TrainedRun, *, onnx: bool) -> dict[str, Writer]:
    """What writes each file, as far as the run has what it takes."""
    has_images = run.images is not None
    samples = Samples(run, run.sample_losses() if has_images else None)
    side = projector.sprite_side(len(run.codes)) if has_images else 0
    plane = plane_of(run.codes)
    encoder, decoder = (ungroup(half, run.weights) for half in ("encoder", "decoder"))
    writers: dict[str, Writer] = {
        "codes.csv": partial(write_codes_csv, samples),
        "codes.npz": partial(write_codes_npz, samples),
        "losses.csv": partial(write_losses_csv, run),
        "encoder.safetensors": partial(write_weights, encoder, sigmoid=False),
        "decoder.safetensors": partial(write_weights, decoder, sigmoid=run.spec.sigmoid_output),
        "vectors.tsv": partial(projector.write_vectors, samples),
        "metadata.tsv": partial(projector.write_metadata, samples),
        "projector_config.pbtxt": partial(projector.write_config, side),
        "plane.png": lambda file: write_png(
            plane_sheet(plane, run.decoder), file, {"Description": plane.words}
        ),
    }
    if side:
        writers["sprite.png"] = lambda file: write_png(projector.sprite(run), file)
    if has_images:
        writers["reconstructions.png"] = lambda file: write_png(reconstruction_sheet(run), file)
    if onnx:
        writers["autoencoder.onnx"] = partial(_write, onnx_content(run))
    return {name: writers[name] for name in NAMES if name in writers}


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _left_out(run: TrainedRun) -> str:
    if run.images is None:
        labels = "labels, " if run.classes is None else ""
        return (
            f"{run.notice}, so {labels}files, the loss of each image, sprite.png and "
            "reconstructions.png are left out."
        )
    if not projector.sprite_side(len(run.codes)):
        size = projector.MAX_SPRITE_PX
        return (
            f"sprite.png is left out, for {len(run.codes):,} images don't fit into the "
            f"{size}×{size} pixels that the Embedding Projector takes."
        )
    return ""

"""A snapshot as arrays by name, which other programs can read and write."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.errors import UserError
from tui_ae.model.frozen import FrozenNetwork, Network
from tui_ae.model.spec import ModelSpec
from tui_ae.run.checkpoint import Array, Checkpoint
from tui_ae.run.info import RunInfo
from tui_ae.run.snapshot import LossCurve, Snapshot, State

NUMBERS = ("epoch", "batch", "batches", "active_samples")
LOSSES = ("loss", "running_loss", "samples_per_second")


def pack(snapshot: Snapshot) -> tuple[Checkpoint, dict[str, str]]:
    """The arrays of a snapshot, and the rest of it as words.

    Weights are called as PyTorch would call them, `encoder.0.weight` (units out, units in), where
    the number counts the modules of an `nn.Sequential` of dense layers with ReLU between them.
    """
    arrays: Checkpoint = {"codes": snapshot.codes}
    if len(snapshot.held_out_codes):
        arrays["held_out_codes"] = snapshot.held_out_codes
    arrays |= pack_weights(snapshot.encoder, snapshot.decoder)
    about = {name: str(getattr(snapshot, name)) for name in (*NUMBERS, *LOSSES)}
    about["active_classes"] = json.dumps(sorted(snapshot.active_classes))
    about["state"] = snapshot.state.value
    about["failure"] = snapshot.failure
    return arrays, about


def pack_weights(encoder: Network, decoder: Network) -> Checkpoint:
    """The weights of both halves, called as `pack` says."""
    arrays: Checkpoint = {}
    for name, half in (("encoder", encoder), ("decoder", decoder)):
        if not isinstance(half, FrozenNetwork):
            raise TypeError(f"{name}: only dense layers are kept")
        step = 2 if half.relu else 1
        for index, (weight, bias) in enumerate(zip(half.weights, half.biases, strict=True)):
            arrays[f"{name}.{index * step}.weight"] = weight.T
            arrays[f"{name}.{index * step}.bias"] = bias
    return arrays


def unpack_weights(
    arrays: Mapping[str, Array], spec: ModelSpec
) -> tuple[FrozenNetwork, FrozenNetwork]:
    """Encoder and decoder of what `pack_weights` gave.

    Raises:
        KeyError: an array is missing.
        ValueError: one has another shape or type than those of `spec`.
    """
    encoder = _half("encoder", spec.widths, spec, arrays, sigmoid=False)
    decoder = _half("decoder", spec.widths[::-1], spec, arrays, sigmoid=spec.sigmoid_output)
    return encoder, decoder


def unpack(
    arrays: Mapping[str, Array],
    about: Mapping[str, str],
    info: RunInfo,
    curves: Mapping[str, LossCurve],
) -> Snapshot:
    """The snapshot that `pack` took apart.

    Args:
        arrays: As `pack` gives them.
        about: The same.
        info: Of the run.
        curves: The losses until then.

    Raises:
        UserError: something is missing, or does not fit to the network of the run.
    """
    spec = info.spec
    try:
        codes = _codes(arrays["codes"], spec)
        none = np.empty((0, spec.latent_dim), np.float32)
        held_out_codes = _codes(arrays.get("held_out_codes", none), spec)
        encoder, decoder = unpack_weights(arrays, spec)
        numbers = {name: max(int(about[name]), 0) for name in NUMBERS}
        losses = {name: float(about[name]) for name in LOSSES}
        active = frozenset(int(label) for label in json.loads(about["active_classes"]))
        state = State(about["state"])
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UserError(f"the moment of a run does not fit to it: {error}.") from error
    if not math.isfinite(losses["samples_per_second"]):
        losses["samples_per_second"] = 0.0
    return Snapshot(
        info=info,
        state=state,
        curves=MappingProxyType(dict(curves)),
        codes=codes,
        held_out_codes=held_out_codes,
        encoder=encoder,
        decoder=decoder,
        active_classes=active,
        failure=about.get("failure", ""),
        epoch=numbers["epoch"],
        batch=numbers["batch"],
        batches=numbers["batches"],
        active_samples=numbers["active_samples"],
        **losses,
    )


def _codes(codes: Array, spec: ModelSpec) -> FloatArray:
    if codes.ndim != 2 or codes.shape[1] != spec.latent_dim or codes.dtype != np.float32:
        raise ValueError(f"codes {codes.shape} {codes.dtype}")
    return _frozen(codes)


def _half(
    name: str,
    widths: tuple[int, ...],
    spec: ModelSpec,
    arrays: Mapping[str, Array],
    *,
    sigmoid: bool,
) -> FrozenNetwork:
    relu = spec.activation == "ReLU"
    step = 2 if relu else 1
    weights, biases = [], []
    for index, (units_in, units_out) in enumerate(pairwise(widths)):
        weight, bias = (
            arrays[f"{name}.{index * step}.weight"],
            arrays[f"{name}.{index * step}.bias"],
        )
        expected = ((units_out, units_in), (units_out,))
        if (weight.shape, bias.shape) != expected or {weight.dtype, bias.dtype} != {
            np.dtype(np.float32)
        }:
            raise ValueError(f"layer {index} of the {name}: {weight.shape} {weight.dtype}")
        weights.append(_frozen(weight).T)
        biases.append(_frozen(bias))
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid_output=sigmoid, relu=relu)


def _frozen(array: Array) -> FloatArray:
    kept: FloatArray = np.ascontiguousarray(array)
    kept.setflags(write=False)
    return kept

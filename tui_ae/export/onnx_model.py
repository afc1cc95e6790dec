"""The whole autoencoder as an ONNX graph, built node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_ae.errors import UserError
from tui_ae.export.trained import TrainedRun
from tui_ae.run.checkpoint import ungroup

if TYPE_CHECKING:
    from onnx import NodeProto

OPSET, IR_VERSION = 13, 8
"""Old enough for what runs it, new enough for all that is used."""
MAX_PARAMETERS = (2**31 - 2**20) // 4
"""The format ends at 2 GiB."""


def check_onnx(run: TrainedRun | None = None) -> None:
    """Make sure that a graph can be built, and of this run.

    Raises:
        UserError: it can't.
    """
    try:
        import onnx  # noqa: F401 - whether it is there
    except ImportError as error:
        raise UserError(
            "--onnx needs the package onnx, which is not installed; pip install onnx brings it "
            "(so does this program's extra [onnx])."
        ) from error
    if run is not None and sum(array.size for array in run.weights.values()) > MAX_PARAMETERS:
        raise UserError("the network is larger than the 2 GiB of an ONNX file; leave --onnx out.")


def onnx_content(run: TrainedRun) -> bytes:
    """A file of one graph: `images` (m, pixels) in, `codes` (m, k) and `reconstructions` out.

    Raises:
        UserError: the package onnx is not installed, or the network is too large.
    """
    check_onnx(run)
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes: list[NodeProto] = []
    initializers = [numpy_helper.from_array(array, name) for name, array in run.weights.items()]
    encoded = _add_half(run, "encoder", "images", "codes", nodes, sigmoid=False)
    _add_half(run, "decoder", encoded, "reconstructions", nodes, sigmoid=run.spec.sigmoid_output)
    pixels, numbers = run.spec.pixels, run.spec.latent_dim

    graph = helper.make_graph(
        nodes,
        "autoencoder",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["m", pixels])],
        [
            helper.make_tensor_value_info("codes", TensorProto.FLOAT, ["m", numbers]),
            helper.make_tensor_value_info("reconstructions", TensorProto.FLOAT, ["m", pixels]),
        ],
        initializers,
    )
    model = helper.make_model(
        graph,
        producer_name="tui_ae",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _add_half(
    run: TrainedRun,
    half: str,
    entry: str,
    result: str,
    nodes: list[NodeProto],
    *,
    sigmoid: bool,
) -> str:
    """Add the layers of one half from the value `entry` to the value `result`; returns that."""
    from onnx import helper

    numbers = sorted({int(name.split(".")[0]) for name in ungroup(half, run.weights)})
    value = entry
    for number in numbers:
        last = number == numbers[-1]
        dense = result if last and not sigmoid else f"{half}.{number}"
        inputs = [value, f"{half}.{number}.weight", f"{half}.{number}.bias"]
        nodes.append(helper.make_node("Gemm", inputs, [dense], name=dense, transB=1))
        value = dense
        if not last and number + 1 not in numbers:
            value = f"{half}.{number + 1}"
            nodes.append(helper.make_node("Relu", [dense], [value], name=value))
    if sigmoid:
        nodes.append(helper.make_node("Sigmoid", [value], [result], name=result))
    return result

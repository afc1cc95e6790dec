"""The network in other programs' hands: PyTorch's modules, and ONNX."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

import tui_ae
from tests import command
from tests.export.runs import make_run
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.export import onnx_model
from tui_ae.export.export import export
from tui_ae.export.onnx_model import onnx_content
from tui_ae.run.folder import RunFolder

PAGE = (command.ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
KINDS = {
    "plain": Settings(hidden=(9, 5)),
    "linear": Settings(kind="linear", hidden=(6,), latent_dim=3),
    "no hidden layer": Settings(hidden=(), latent_dim=1),
    "vae": Settings(kind="vae", hidden=(4,)),
}


def code(language: str, containing: str, page: str = PAGE) -> str:
    """The block of the documentation that contains some words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    (found,) = (block for block in blocks if containing in block)
    return str(found)


@pytest.fixture(params=KINDS)
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> RunFolder:
    make_run(tmp_path / "run", KINDS[request.param])
    return RunFolder(tmp_path / "run")


def test_the_page_of_plain_pytorch_gives_the_same_numbers(
    saved: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(saved, tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    page = code("python", "load_state_dict")
    assert "tui_ae" not in page
    linear = saved.info().settings.kind == "linear"
    names: dict[str, Any] = {}
    exec(page.replace("sigmoid=True)", "sigmoid=False)") if linear else page, names)
    encoder, decoder = names["encoder"], names["decoder"]
    assert type(encoder) is type(decoder) is nn.Sequential
    same_as_frozen(saved, encoder, decoder)


def test_what_the_readme_shows_loads_the_default_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path / "run", Settings())
    run = RunFolder(tmp_path / "run")
    export(run, tmp_path / "DIR")
    monkeypatch.chdir(tmp_path)
    readme = (command.ROOT / "README.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(code("python", "load_state_dict", readme), names)
    same_as_frozen(run, names["encoder"], names["decoder"])
    assert names["digit"].shape == (28, 28)


def same_as_frozen(saved: RunFolder, encoder: nn.Module, decoder: nn.Module) -> None:
    snapshot = saved.snapshot(saved.info())
    images = np.random.default_rng(0).random((7, 784), np.float32)
    with torch.no_grad():
        codes = encoder(torch.from_numpy(images)).numpy()
        made = decoder(torch.from_numpy(codes)).numpy()
    np.testing.assert_allclose(codes, snapshot.encoder(images), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(made, snapshot.decoder(codes), rtol=1e-4, atol=1e-5)


def test_modules_in_python_give_the_same_and_draw_nothing(saved: RunFolder) -> None:
    before = torch.random.get_rng_state()
    encoder, decoder = tui_ae.load(saved.path, images=False).torch()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert type(encoder) is type(decoder) is nn.Sequential and not encoder.training
    assert {type(module) for module in encoder} <= {nn.Linear, nn.ReLU}
    same_as_frozen(saved, encoder, decoder)
    with torch.no_grad():
        next(encoder.parameters()).zero_()
    assert saved.snapshot(saved.info()).encoder is not None
    again, _ = tui_ae.load(saved.path, images=False).torch()
    assert next(again.parameters()).any()


def test_files_of_weights_say_which_modules_they_are(tmp_path: Path) -> None:
    make_run(tmp_path / "run", KINDS["plain"])
    export(RunFolder(tmp_path / "run"), tmp_path / "out")
    said = {
        "encoder": "Linear(784, 9), ReLU(), Linear(9, 5), ReLU(), Linear(5, 2)",
        "decoder": "Linear(2, 5), ReLU(), Linear(5, 9), ReLU(), Linear(9, 784), Sigmoid()",
    }
    for half, modules in said.items():
        with safe_open(tmp_path / "out" / f"{half}.safetensors", "numpy") as file:
            assert file.metadata()["modules"] == modules
            names = {f"{number}.{kind}" for number in (0, 2, 4) for kind in ("weight", "bias")}
            assert set(file.keys()) == names


def test_onnx_gives_the_same_numbers(saved: RunFolder, tmp_path: Path) -> None:
    reference = pytest.importorskip("onnx.reference")
    done = export(saved, tmp_path / "out", onnx=True)
    assert "autoencoder.onnx" in done.names
    session = reference.ReferenceEvaluator(str(tmp_path / "out" / "autoencoder.onnx"))
    snapshot = saved.snapshot(saved.info())
    for count in (1, 5):
        images = np.random.default_rng(0).random((count, 784), np.float32)
        codes, made = session.run(["codes", "reconstructions"], {"images": images})
        expected = snapshot.encoder(images)
        np.testing.assert_allclose(codes, expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(made, snapshot.decoder(expected), rtol=1e-4, atol=1e-5)


def test_the_graph_of_onnx_names_its_steps(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    make_run(tmp_path / "run", KINDS["plain"])
    model = onnx.load_from_string(onnx_content(tui_ae.load(tmp_path / "run", images=False)))
    assert [(node.op_type, *node.output) for node in model.graph.node] == [
        *(("Gemm", "encoder.0"), ("Relu", "encoder.1"), ("Gemm", "encoder.2")),
        *(("Relu", "encoder.3"), ("Gemm", "codes"), ("Gemm", "decoder.0"), ("Relu", "decoder.1")),
        *(("Gemm", "decoder.2"), ("Relu", "decoder.3"), ("Gemm", "decoder.4")),
        ("Sigmoid", "reconstructions"),
    ]
    assert [node.name for node in model.graph.node] == [node.output[0] for node in model.graph.node]
    # Old enough for what runs it.
    assert (model.opset_import[0].version, model.ir_version) == (13, 8)


def test_without_the_package_onnx_nothing_is_written_and_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path / "run", KINDS["plain"])
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UserError, match="pip install onnx"):
        export(RunFolder(tmp_path / "run"), tmp_path / "out", onnx=True)
    assert not (tmp_path / "out").exists()


def test_a_network_beyond_the_format_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    make_run(tmp_path / "run", KINDS["plain"])
    monkeypatch.setattr(onnx_model, "MAX_PARAMETERS", 1000)
    with pytest.raises(UserError, match="2 GiB"):
        export(RunFolder(tmp_path / "run"), tmp_path / "out", onnx=True)

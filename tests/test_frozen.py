"""What is handed from one place to another can't be changed under the hands of either."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import tui_ae
from tests.test_imports import WITH_TRITON

MUTABLE = {
    "tui_ae.data.folder._Pictures",
    "tui_ae.data.layout.Place",
    "tui_ae.data.picture_labels._Found",
    "tui_ae.link.flow.flow.SentFrame",
    "tui_ae.link.ssh.relay._Held",
    "tui_ae.train.trainer.Epoch",
}
"""Those that one object keeps for itself."""


def test_dataclasses_are_frozen_but_for_those_that_one_object_keeps() -> None:
    found = set()
    for module in pkgutil.walk_packages(tui_ae.__path__, "tui_ae."):
        if module.name not in ("tui_ae.__main__", *WITH_TRITON):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and dataclasses.is_dataclass(value):
                    found.add(value)
    own = {each for each in found if each.__module__.startswith("tui_ae.")}
    assert len(own) > 50
    mutable = {
        f"{each.__module__}.{each.__qualname__}"
        for each in own
        if not each.__dataclass_params__.frozen  # type: ignore[attr-defined]
    }
    assert mutable == MUTABLE

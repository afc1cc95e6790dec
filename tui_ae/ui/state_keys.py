"""The keys that matter in the state at hand, which the footer shows before it shows others."""

from __future__ import annotations

from tui_ae.ui.choice import Inspector, Layer, PlaneName
from tui_ae.ui.scene import Scene

NEAREST = "choose_nearest"
"""The action of enter where the focus offers nothing else to open."""

OF_CODES = (PlaneName.CODES, PlaneName.PRINCIPAL)


def state_keys(scene: Scene, opens: str, *, compares: bool) -> tuple[tuple[str, str], ...]:
    """(id of an action, one or two words) of each; () where nothing is out of the ordinary.

    Args:
        scene: What is shown.
        opens: The action that enter runs.
        compares: Whether two runs stand side by side.
    """
    choice, view = scene.choice, scene.view
    if view is None:
        return ()
    keys = []
    if not view.is_live:
        keys += [("live", "live"), ("replay", "replay")]
    if len(choice.ends) == 1:
        keys.append(("mark", "B"))
    elif choice.ends:
        keys.append(("unmark", "unmark"))
    if choice.inspector in (Inspector.OF_PROBE, Inspector.OF_SAMPLE) and opens == NEAREST:
        keys.append(("open-pane", "nearest"))
    if scene.spec.kind == "vae":
        keys.append(("prior", "no prior" if choice.prior else "prior"))
    if choice.layer is Layer.TILES:
        keys.append(("dots-over", "no dots" if choice.dots_over else "dots"))
    if choice.plane in OF_CODES and scene.spec.latent_dim > 2:
        keys.append(("dims", "numbers"))
    if compares:
        keys += [("align", "align"), ("compare", "one")]
    elif scene.differs:
        keys.append(("compare", "both"))
    if not choice.follows:
        keys.append(("fit", "fit"))
    return tuple(keys)

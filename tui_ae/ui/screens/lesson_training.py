"""How the weights are found: the recipes, and which one is in use."""

from __future__ import annotations

from tui_ae.recipe import RECIPES, Recipe
from tui_ae.ui.screens.lesson_numbers import LessonNumbers
from tui_ae.ui.screens.lesson_text import Block, BlockStyle, Section, rows, text


def recipes(numbers: LessonNumbers) -> Section:
    """What each recipe does, and why the quick one is quick."""

    def row(name: str, optimiser: str, step: str, batch: str) -> str:
        # A step of many digits takes the blanks before the mini-batch: rows keep their width.
        return f"{name:<11} {optimiser:<14} {step} {batch:>{23 - len(step)}}"

    def style(recipe: Recipe) -> BlockStyle:
        return BlockStyle.HERE if recipe.name == numbers.recipe.name else BlockStyle.ROW

    table = [
        Block(
            style(recipe),
            row(
                recipe.name,
                "Muon and Adam" if recipe.optimiser == "muon" else "Adam",
                f"{recipe.learning_rate:g}{', falling' if recipe.decay_steps else ''}",
                f"{recipe.batch_size:,}",
            ),
        )
        for recipe in (
            numbers.recipe if r.name == numbers.recipe.name else r for r in RECIPES.values()
        )
    ]
    return Section(
        "How it is trained",
        (
            *rows(row("--recipe", "optimiser", "step size", "mini-batch")),
            *table,
            *text(
                "Both walk down the same loss from the same first weights; labels take no part.",
                "*Adam* gives each weight a step of its own size. It soon knows the mean image, and"
                " then takes hundreds of epochs to tell digits apart: that difference lies along"
                " directions in which the loss is almost flat.",
                "*Muon* takes all weights of a layer together, as a matrix, and steps equally far"
                " along each of its directions, steep or flat: it replaces the singular values of"
                " the averaged gradient by ones. Biases, which are no matrices, stay with Adam. The"
                " steps shrink with the square root of their number, which calms the map; as no end"
                " is planned, training can go on for as long as one likes.",
            ),
        ),
    )

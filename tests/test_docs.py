"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|toml|tcss))`")
"""Files that stand between backticks."""
LINKED = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
MODULES = re.compile(r"python -m ((?:benchmarks|tests|tui_ae)(?:\.\w+)+)")
ELSEWHERE = {"config.toml", "run.toml"}
"""Files that the person has, or a run."""
GOALS = {
    "timeline": "run/timeline.py",
    "run on disk": "run/folder.py",
    "watched run": "run/saved.py",
    "plane of the map": "run/plane.py",
    "tiles": "raster/tiles.py",
    "pad": "ui/screens/pad.py",
    "objective": "model/objective.py",
    "remapped": "ui/actions.py",
}
"""What a newcomer looks for in the table of where things go."""


def is_there(name: str) -> bool:
    """Whether a file is in the project, its package, a folder of that, or among the benchmarks."""
    folders = (ROOT, ROOT / "tui_ae", ROOT / "tui_ae/ui", ROOT / "benchmarks", ROOT / "tests")
    return any((folder / name).is_file() for folder in folders)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_names_are_there(path: Path) -> None:
    text = path.read_text()
    missing = [name for name in NAMED.findall(text) if name not in ELSEWHERE and not is_there(name)]
    missing += [name for name in LINKED.findall(text) if not (path.parent / name).exists()]
    modules = [name.replace(".", "/") for name in MODULES.findall(text)]
    missing += [name for name in modules if not is_there(f"{name}.py")]
    assert missing == []


@pytest.mark.parametrize("sought", GOALS)
def test_the_table_of_where_things_go_has_what_a_newcomer_looks_for(sought: str) -> None:
    table = (ROOT / "docs/architecture.md").read_text().split("## Where things go")[1]
    rows = [row for row in table.splitlines() if sought in "".join(row.split("|")[1:2])]
    assert any(f"`{GOALS[sought]}`" in row for row in rows)
    assert is_there(GOALS[sought])


def test_benchmarks_that_contributing_names_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    sentence = re.search(r"commands in `benchmarks/` \(([^)]*)\)", text)
    assert sentence is not None
    names = re.findall(r"`(?:python -m benchmarks\.)?(\w+)`", sentence[1])
    assert len(names) > 5
    assert [name for name in names if not (ROOT / f"benchmarks/{name}.py").is_file()] == []


def test_the_list_of_benchmarks_has_each_that_is_a_command() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"[`.](\w+)`", text.split("**Measure.**")[1].split("Compare")[0]))
    for path in (ROOT / "benchmarks").glob("*.py"):
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8"):
            assert path.stem in listed

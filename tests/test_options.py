"""What the options give, and how completion and the manual tell of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from tui_ae import described
from tui_ae.config import data_from
from tui_ae.described import completion, manual, roff, value_of
from tui_ae.options import (
    CHOICES,
    COMMANDS,
    command_in,
    command_parser,
    configurable,
    hidden_widths,
    new_run_parser,
)
from tui_ae.shells import DATA, RUNS
from tui_ae.subcommands import ADDED


@pytest.mark.parametrize(
    ("text", "widths"), [("128,32", (128, 32)), ("9", (9,)), ("", ()), (" ", ()), ("9, 7", (9, 7))]
)
def test_widths_are_numbers_between_commas(text: str, widths: tuple[int, ...]) -> None:
    assert hidden_widths(text) == widths


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([], None),
        (["--seed", "3"], None),
        (["runs"], "runs"),
        (["runs", "prune"], "runs prune"),
        (["runs", "prune", "a"], "runs prune"),
        (["runs", "a", "prune"], "runs"),
        (["prune"], None),
        (["--json", "runs"], None),
        (["data", "--json"], "data"),
    ],
)
def test_a_command_is_what_the_words_begin_with(words: list[str], name: str | None) -> None:
    assert command_in(words) == name


def test_what_holds_where_nothing_is_said() -> None:
    said = vars(new_run_parser().parse_args([]))
    assert (said["seed"], said["latent_dim"], said["beta"]) == (0, 2, 1.0)
    assert (said["save_every"], said["history_mb"]) == (5.0, 64.0)
    assert said["save"] is True and said["stats"] is False and said["keep_training"] is False
    assert said["epochs"] is said["seconds"] is said["hidden"] is said["data"] is None


@pytest.mark.parametrize(
    ("words", "saves", "stats"),
    [
        ([], True, False),
        (["--no-save"], False, False),
        (["--no-save", "--save"], True, False),
        (["--stats"], True, True),
        (["--stats", "--no-stats"], True, False),
    ],
)
def test_a_switch_has_two_words_and_the_last_one_holds(
    words: list[str], saves: bool, stats: bool
) -> None:
    said = new_run_parser().parse_args(words)
    assert (said.save, said.stats) == (saves, stats)


def test_the_help_has_of_each_switch_the_word_that_changes_something() -> None:
    help_ = new_run_parser().format_help()
    assert "--no-save " in help_ and " --save " not in help_
    assert "--stats " in help_ and "--no-stats" not in help_
    # The words of commands stand in one column.
    lines = [line for line in help_.splitlines() if line.strip() in help_]
    (runs,) = (line for line in lines if line.startswith("  runs prune"))
    assert runs == f"  runs prune  {COMMANDS['runs prune']}"
    (data,) = (line for line in lines if line.startswith("  data "))
    assert data == f"  data        {COMMANDS['data']}"


def test_a_command_tells_what_it_does_as_a_sentence() -> None:
    parser = command_parser("runs prune", lambda _: None)
    assert parser.prog == "tui-ae runs prune"
    assert parser.description == "Remove runs that were kept, after asking."


def test_a_file_may_set_what_is_right_for_the_next_run_too() -> None:
    tables = {
        table: [action.dest for action in actions]
        for table, actions in configurable(new_run_parser()).items()
    }
    assert tables["network"] == ["latent_dim", "hidden", "kind", "objective", "beta"]
    # Two words for each switch, and no folder of one run.
    assert tables["saving"] == [
        *("save_every", "history_mb", "keep_training", "keep_training", "save", "save")
    ]
    assert set(tables) == {"training", "network", "saving", "screen"}
    # A command may have some of them.
    assert list(configurable(command_parser("open", ADDED["open"]))) == ["screen"]


class Shtab:
    """The library that makes completions, which keeps what it was given."""

    DIRECTORY, FILE = {"bash": "folders"}, {"bash": "files"}

    def complete(self, parser: argparse.ArgumentParser, shell: str) -> str:
        self.given = {}
        for each in described._parsers_of(parser):
            for action in each._actions:
                self.given[each.prog, action.dest] = (
                    action.choices,
                    getattr(action, "complete", None),
                )
        return f"for {shell}"


def test_what_shells_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    shtab = Shtab()
    monkeypatch.setitem(__import__("sys").modules, "shtab", shtab)
    assert completion("bash", ADDED) == "for bash"
    given = shtab.given
    assert given["tui-ae", "kind"] == (CHOICES["kind"], None)
    assert given["tui-ae", "data"] == (None, DATA)
    assert given["tui-ae", "run"] == (None, Shtab.DIRECTORY)
    assert given["tui-ae", "log"] == given["tui-ae", "codes"] == (None, Shtab.FILE)
    assert given["tui-ae", "seed"] == (None, None)
    found: dict[str, Any] = {f"{prog}|{dest}": said for (prog, dest), said in given.items()}
    (to,) = (said for name, said in found.items() if "export" in name and name.endswith("|to"))
    assert to == (None, Shtab.DIRECTORY)
    runs = [said for name, said in found.items() if name.endswith(("|run", "|runs"))]
    assert runs.count((None, RUNS)) == 6
    assert any("runs prune" in name for name in found)


def action(*names: str, **more: Any) -> argparse.Action:
    return argparse.ArgumentParser(add_help=False).add_argument(*names, **more)


@pytest.mark.parametrize(
    ("made", "value", "head"),
    [
        (action("--seed", metavar="N"), "N", "\\fB\\-\\-seed\\fR \\fIN\\fR"),
        (action("--seed"), "SEED", "\\fB\\-\\-seed\\fR \\fISEED\\fR"),
        (action("--kind"), "ae|linear|denoising|vae", None),
        (action("--stats", action="store_true"), None, "\\fB\\-\\-stats\\fR"),
        (action("-s", "--size", choices=(1, 2)), "1|2",
         "\\fB\\-s\\fR, \\fB\\-\\-size\\fR \\fI1|2\\fR"),
        (action("run", metavar="RUN"), "RUN", "\\fIRUN\\fR"),
        (action("run"), "RUN", "\\fIRUN\\fR"),
    ],
)  # fmt: skip
def test_an_option_and_its_value_in_the_manual(
    made: argparse.Action, value: str | None, head: str | None
) -> None:
    if value is not None:
        assert value_of(made) == value
    if head is not None:
        assert described._head(made) == head


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("a-b\\c", "a\\-b\\ec"),
        ("'`^~", "\\(aq\\(ga\\(ha\\(ti"),
        (".so x\ny.z\n.br", "\\&.so x\ny.z\n\\&.br"),
        ("é漢", "\\[u00E9]\\[u6F22]"),
    ],
)
def test_no_text_is_a_command_of_troff(text: str, escaped: str) -> None:
    assert roff(text) == escaped


def test_the_manual_lists_what_a_command_has_alone_and_names_what_it_shares() -> None:
    text = manual(ADDED).replace("\\-", "-")
    lines = text.splitlines()
    assert lines[0].startswith('.TH TUI-AE 1 "" "tui-ae ')
    assert lines[1:4] == [
        ".SH NAME",
        "tui-ae - train an autoencoder with a 2-D bottleneck live in the terminal and walk through "
        "its latent space",
        ".SH SYNOPSIS",
    ]
    sections = text.split(".SS tui-ae ")
    by_name = {section.splitlines()[0]: section for section in sections[1:]}
    assert "\nIt also has the options for: screen.\n" in by_name["open"]
    assert "\\fB--theme" not in by_name["open"] and "--help" not in by_name["open"]
    assert "\\fIRUN\\fR\na folder, or the beginning of an id" in by_name["open"]
    assert (
        "It also has the options for: keeping the run, screen, without a screen."
        in (by_name["resume"])
    )
    assert "It also has" not in by_name["data"]
    # What a command says at its end stands as it is.
    assert ".P\n.nf\nexamples:\n" in by_name["compare"] and "\n.fi\n" in by_name["compare"]
    assert "\n.nf\n" not in by_name["open"]
    head = sections[0]
    assert ".SS training (the same values give the same losses)\n" in head
    assert ".SS keeping the run\n" in head and "--no-save\\fR\n" in head
    assert "--save\\fR" not in head.replace("--no-save", "") and head.count(".SH OPTIONS") == 1
    assert "--help" in head
    examples = text[text.index(".SH EXAMPLES") : text.index(".SH ENVIRONMENT")].splitlines()
    assert examples[1] == ".nf" and examples[-1] == ".fi"
    assert examples[2].startswith("  tui-ae  ") and len(examples) == 9


def test_paths_of_data_are_told_from_other_paths() -> None:
    parser = new_run_parser()
    types = {each.dest: each.type for each in parser._actions}
    assert types["data"] is data_from and types["log"] is Path

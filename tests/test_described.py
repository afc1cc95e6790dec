"""Completion, the manual and the table of options say what the parsers take."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import ROOT, run, start
from tui_ae.config import DATA_SETS
from tui_ae.described import completion, manual, roff
from tui_ae.options import COMMANDS, command_in, command_parser, new_run_parser
from tui_ae.options_table import markdown
from tui_ae.subcommands import ADDED, TABLE

BOUND_S = 60


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def answer(words: list[str], script: str) -> str:
    done = subprocess.run(
        words, input=script, capture_output=True, text=True, timeout=BOUND_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


LINES = {
    "": ["resume", "open", "watch", "export", "data", "config", "completion", "man"],
    "--kin": ["--kind"],
    "--kind ": ["ae", "linear", "denoising", "vae"],
    "--no-s": ["--no-save"],
    "runs pr": ["prune"],
    "runs prune --ke": ["--keep"],
    "resume --device ": ["auto", "cpu", "cuda", "mps"],
    "config ": ["path", "show", "init"],
    "--data na": ["named.npz"],
    "--data fash": ["fashion-mnist"],
    "resume 2020": ["20200102-030405-abcdef"],
    "runs prune fo": ["folder"],
    "export --to fo": ["folder"],
}


HOSTILE = ("$(touch mine)", "`touch mine`", "a;touch mine", "\\u001b[31m", "a b", "'", '\\"')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present one, with a file and a folder, and a program that lists runs of odd names."""
    (tmp_path / "named.npz").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "bin").mkdir()
    listed = [f'{{"id": "{name}", "path": "/"}}' for name in ("20200102-030405-abcdef", *HOSTILE)]
    (tmp_path / "list").write_text("\n".join(listed))
    program = tmp_path / "bin/tui-ae"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/list\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("typed", LINES)
def test_bash_completes(typed: str, folder: Path) -> None:
    needs("bash")
    words = ["tui-ae", *typed.split(" ")]
    last = len(words) - 1
    script = (
        f"{completion('bash', ADDED)}\nf=$(complete -p tui-ae | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
        f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={last}\n"
        f"$f tui-ae {words[-1]!r} {words[-2]!r}\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    assert set(LINES[typed]) <= set(answer(["bash", "--norc"], script).split())
    assert not (folder / "mine").exists()


@pytest.mark.parametrize("typed", LINES)
def test_fish_completes(typed: str, folder: Path) -> None:
    needs("fish")
    script = f"{completion('fish', ADDED)}\ncomplete -C 'tui-ae {typed}'\n"
    offered = [line.split("\t")[0] for line in answer(["fish", "-N"], script).splitlines()]
    assert set(LINES[typed]) <= {word.rstrip("/") for word in offered}
    assert not (folder / "mine").exists()


def test_zsh_is_offered_ids_that_are_only_words(folder: Path) -> None:
    needs("zsh")
    script = (
        "compdef() { }; _files() { }; _arguments() { }\n"
        "compadd() { if [[ $1 == -a ]]; then print -l -- ${(P)2}; else print -l -- $@; fi }\n"
        f"{completion('zsh', ADDED)}\n_tui_ae_runs; _tui_ae_data\n"
    )
    (folder / "script").write_text(script)
    assert answer(["zsh", "-f", "script"], "").split() == [
        "20200102-030405-abcdef",
        *DATA_SETS,
    ]
    assert not (folder / "mine").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_well_formed(shell: str) -> None:
    script = completion(shell, ADDED)
    assert "denoising" in script
    needs(shell)
    answer([shell, "-n"], script)


def test_a_reader_that_has_had_enough_is_no_fault() -> None:
    with start("config", "show") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(BOUND_S) == 0


def test_every_command_is_there_and_has_its_parser() -> None:
    assert set(TABLE) == set(COMMANDS)
    assert command_in(["runs", "prune", "x"]) == "runs prune"
    assert command_in(["runs", "--json"]) == "runs"
    assert command_in(["--data", "runs"]) is None
    help_ = new_run_parser().format_help()
    for name, line in COMMANDS.items():
        assert f"  {name}" in help_
        assert line in help_


def shown(parser: argparse.ArgumentParser) -> set[str]:
    return {
        option
        for action in parser._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
    }


def test_the_manual_has_all_options_of_all_commands() -> None:
    text = manual(ADDED).replace("\\-", "-")
    options = shown(new_run_parser()).union(
        *(shown(command_parser(name, TABLE[name].add)) for name in COMMANDS)
    )
    assert {option for option in options if f"\\fB{option}\\fR" not in text} == set()
    assert {name for name in COMMANDS if f".SS tui-ae {name}\n" not in text} == set()


def test_troff_finds_no_fault_in_the_manual() -> None:
    needs("groff")
    assert "Train an autoencoder" in answer(
        ["groff", "-man", "-Tutf8", "-ww", "-P-c"], manual(ADDED)
    )


def test_text_is_never_a_command_of_troff() -> None:
    needs("groff")
    text = ".so /etc/passwd\n'br\nC:\\new - \\fBx\\fP\n~`^'ä"
    page = answer(["groff", "-Tutf8", "-ww", "-P-c"], f".nf\n{roff(text)}\n")
    assert page.rstrip().splitlines() == [*text.replace("-", "−").splitlines()]


def test_the_page_of_options_is_up_to_date() -> None:
    assert (ROOT / "docs/options.md").read_text() == markdown(), (
        "python -m tui_ae.options_table > docs/options.md"
    )


def test_the_commands_print_them() -> None:
    assert run("completion", "fish").stdout == completion("fish", ADDED)
    assert run("man").stdout == manual(ADDED)
    refused = run("completion", "ksh")
    assert refused.returncode == 2
    assert "invalid choice: 'ksh'" in refused.stderr

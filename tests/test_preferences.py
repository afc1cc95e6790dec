"""The configuration file and the environment, and what goes before what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import command
from tui_ae import cli, start
from tui_ae.config import ScreenOptions, Settings
from tui_ae.configure import template
from tui_ae.options import configurable, new_run_parser
from tui_ae.preferences import config_path, preferences
from tui_ae.ui.actions import ACTIONS, Keys

Write = Callable[[str], Path]
Started = list[tuple[Settings, ScreenOptions]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the configuration file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def write_text(text: str) -> Path:
        path = config_path()
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write_text


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """With what training would have begun."""
    runs: Started = []
    monkeypatch.setattr(
        cli, "train", lambda settings, _place, _options, look, _: runs.append((settings, look))
    )
    return runs


@pytest.mark.parametrize("key", ["batch-size", "batch_size"])
def test_command_line_before_environment_before_file(
    key: str, write: Write, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(f"[training]\nseed = 1\n{key} = 10\nlr = 1\n[screen]\ntheme = 'light'\nstats = true\n")
    monkeypatch.setenv("TUI_AE_SEED", "2")
    monkeypatch.setenv("TUI_AE_BATCH_SIZE", "20")
    monkeypatch.setenv("TUI_AE_STATS", "no")
    cli.main(["--seed=3", "--no-save"])
    settings, look = started[0]
    assert settings == Settings(seed=3, batch_size=20, learning_rate=1.0)
    assert look.theme == "light"
    assert not look.stats
    assert look.configured
    cli.main(["--no-config", "--no-save"])
    assert started[1] == (Settings(), ScreenOptions(configured=True, glyphs=look.glyphs))


def test_all_kinds_of_values(write: Write, started: Started, tmp_path: Path) -> None:
    write(
        f'[training]\ndata = "~/x.npz"\nheld-out = 0\n[network]\nhidden = [9, 7]\nkind = "vae"\n'
        f'[saving]\nno-save = true\n[screen]\nascii = true\nlog = "{tmp_path}/log"\n'
        '[keys]\ndata = "d, f2"\n'
    )
    # The command's own check of the data ends it, after all was read.
    assert cli.main([]) == 2
    assert cli.main(["--data", str(tmp_path / "none")]) == 2
    parsed = preferences(configurable(new_run_parser()))
    assert {name: preference.value for name, preference in parsed.items()} == {
        "data": Path("~/x.npz").expanduser(),
        "held_out": 0.0,
        "hidden": (9, 7),
        "kind": "vae",
        "save": False,
        "ascii": True,
        "log": tmp_path / "log",
        "keys": {"data": "d, f2"},
    }


def test_widths_may_be_given_as_text_too(write: Write) -> None:
    write('[network]\nhidden = "9,7"\n')
    assert preferences(configurable(new_run_parser()))["hidden"].value == (9, 7)


def test_the_screen_gets_its_keys_and_switches_have_an_opposite(
    write: Write, started: Started
) -> None:
    write('[screen]\nascii = true\n[keys]\nprobe-right = "l"\n')
    cli.main(["--no-ascii", "--glyphs=blocks", "--no-save"])
    assert started[0][1] == ScreenOptions(glyphs="blocks", keys={"probe-right": "l"})


BAD = {
    "[training]\n\nsead = 3": "line 3: there is no option sead in [training]; choose one of data, ",
    "[training]\ntheme = 'x'": "line 2: there is no option theme in [training]; it belongs into "
    "the table [screen].",
    "[saving]\nrun = 'x'": "line 2: there is no option run in [saving]; choose one of save-every",
    "seed = 3": "line 1: seed: options stand in one of the tables [training], [network], ",
    "# x\n[colours]\n": "line 2: colours: options stand in one of the tables",
    "[training]\nseed = '3'": "line 2: seed = '3': give a whole number.",
    "[training]\nseed = true": "line 2: seed = True: give a whole number.",
    "[training]\nlr = false": "line 2: lr = False: give a number.",
    "[training]\ndata = 3": 'line 2: data = 3: give text in quotes, such as data = "…".',
    "[training]\nrecipe = 3": 'recipe = 3: give text in quotes, such as recipe = "fast".',
    "[training]\nseed = [3]": "line 2: seed = [3]: give a whole number.",
    "[training]\ndata = [3]": "line 2: data = [3]: give text in quotes",
    "[network]\nhidden = [1.5]": "line 2: hidden = [1.5]: give whole numbers, such as [128, 32].",
    "[screen]\nstats = 1": "line 2: stats = 1: give true or false.",
    "[training]\nbatch-size = 0": "line 2: batch-size 0: give a whole number from 1 to 1000000.",
    "[training]\nlr = nan": "line 2: lr nan: give a positive number",
    "[network]\nkind = 'tall'": "line 2: kind tall: choose one of ae, linear, ",
    "[screen]\nglyphs = 'x'": "line 2: glyphs x: choose one of auto, ",
    "[saving]\nsave-every = -1": "line 2: save-every -1: give a number of seconds",
    "[saving]\nhistory-mb = -1": "line 2: history-mb -1: give a number of megabytes",
    "training.seed = 3.5": "line 1: seed = 3.5: give a whole number.",
    "[training]\nbatch-size = 1\nbatch_size = 2": "line 3: batch_size: this option was given",
    "[keys]\napp.data = 'd'": "line 2: app: give the keys as text, such as train = ",
    "[keys]\nx = 3": "line 2: x: give the keys as text",
    "[keys]\nhelp = 'h'\nx = 'a'": "line 3: keys: there is no action 'x'; tui-ae config show lists",
    "#\n[keys]\n#\nfit = 'x'": "line 4: keys: x would be both fit and plane; give one of them",
    "[keys]\nfit = 'F2'\nplane = 'F2'": "line 2: fit: there is no key 'F2'; they are called as in",
    "[keys]\nfit = 'f2'\n\nplane = 'f2'": "line 4: keys: f2 would be both fit and plane",
    "[keys]\nplane = '''\nf2'''\nfit = 'f2'": "line 4: keys: f2 would be both fit and plane",
    "[keys]\nfit = 'control+f'": "line 2: fit: there is no key 'control+f'",
    "keys = { help = 'h', fit = 'x' }": "line 1: keys: x would be both fit and plane",
    "\n'keys'.fit = 'x'": "line 2: keys: x would be both fit and plane",
    '["keys"]\n"fit" = "x"': "line 2: keys: x would be both fit and plane",
    "#\r\n[keys]\r\nfit = 'x'\r\n": "line 3: keys: x would be both fit and plane",
    "\ufeff[keys]\nfit = 'x'": "line 2: keys: x would be both fit and plane",
    "[[keys]]\nfit = 'x'": "line 1: keys: options stand in one of the tables",
    "[keys.main]\nfit = 'x'": "line 1: main: give the keys as text, such as train = ",
    "# \u2028 '''\nseed = 3": "line 2: seed: options stand in one of the tables",
    "training = { seed = 'x' }": "line 1: seed = 'x': give a whole number.",
    "[training.seed]\nx = 1": "line 1: seed = {'x': 1}: give a whole number.",
    "[training]\ndata = '''\nlr = 3'''\n#\nlr = 'x'": "line 5: lr = 'x': give a number.",
    "[network]\nhidden = [\n 1, # ]\n 'lr = ',\n]": "line 2: hidden = [1, 'lr = ']: give whole",
    "[training]\nseed = 1\nseed = 2": "(at line 3, column ",
    "[training]\n[network]\n[training]": "twice (at line 3, column ",
    "[training]\nseed = 1 2": "(at line 2, column ",
    "[training]\nseed = 12345678901234567890": "line 2: seed 12345678901234567890: give a whole",
    "[training]\ndata = '~no-such-user'": "line 2: data = '~no-such-user': there is no such user",
    '[screen]\nlog = "a\\u0000b"': "line 2: log = 'a\\x00b': a path has no NUL in it.",
    "[training": "config.toml: no TOML (",
    "x = 1\ny = '\udcff'": "config.toml: no TOML (line 2 is not UTF-8)",
    "x = " + "[" * 50_000: "config.toml: no TOML (too deep)",
    "#\n" + ".".join(["a"] * 50_000) + " = 1": "config.toml: line 2 has more than 200 dots",
    "x = '" + "7" * 9000 + "'": "line 1: x: options stand in one of the tables",
    "7" * 9000 + " = 1": "line 1: 7777",
    "[training]\n" + "7" * 9000 + " = 1": "line 2: there is no option 7777",
    "[training]\nseed = '" + "7" * 9000 + "'": "line 2: seed = '7777",
    "[training]\nrecipe = '" + "7" * 9000 + "'": "line 2: recipe 7777",
    "[keys]\nfit = '" + "7" * 9000 + "'": "line 2: fit: there is no key '7777",
    "[keys]\n" + "7" * 9000 + " = 'x'": "line 2: keys: there is no action '7777",
    "[keys]\n" + "7" * 9000 + " = 1": "line 2: 7777",
    "#" * (1 << 20) + "\n": "config.toml: larger than 262,144 bytes; correct it, or move it away",
}


@pytest.mark.parametrize("text", BAD)
def test_what_the_file_says_wrongly_is_refused_with_its_line(
    text: str,
    write: Write,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(start, "is_terminal", lambda _stream: True)
    path = write("")
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert cli.main([]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and len(said) < 1000
    assert said.startswith(f"tui-ae: {path}")
    assert BAD[text] in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TUI_AE_SEED", "x", "TUI_AE_SEED=x: give a whole number."),
        ("TUI_AE_LR", "fast", "TUI_AE_LR=fast: give a number."),
        ("TUI_AE_HIDDEN", "a,b", "TUI_AE_HIDDEN=a,b: give numbers such as 128,32."),
        (
            "TUI_AE_DATA",
            "~no-such-user/x",
            "TUI_AE_DATA=~no-such-user/x: there is no such user; "
            "give the path of a folder or file.",
        ),
        ("TUI_AE_STATS", "maybe", "TUI_AE_STATS=maybe: give 1 or 0."),
        ("TUI_AE_BATCH_SIZE", "0", "TUI_AE_BATCH_SIZE 0: give a whole number from 1 to 1000000."),
    ],
)
def test_what_the_environment_says_wrongly_is_refused_by_name(
    name: str,
    value: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, value)
    assert cli.main(["--headless"]) == 2
    assert capsys.readouterr().err == f"tui-ae: {said}\n"


def test_a_word_is_blamed_for_itself(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("[training]\nbatch-size = 0\n")
    assert cli.main(["--batch-size", "-1"]) == 2
    assert capsys.readouterr().err.startswith("tui-ae: --batch-size -1: give")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["config", "path"], ["data"]])
def test_help_comes_whatever_the_file_says(words: list[str], write: Write) -> None:
    write("[nonsense")
    try:
        assert cli.main(words) == 0
    except SystemExit as ended:
        assert ended.code == 0


def test_a_folder_in_its_place_is_refused(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("").unlink()
    config_path().mkdir()
    assert cli.main([]) == 2
    assert "config.toml: can't be read (Is a directory)." in capsys.readouterr().err


def test_resume_leaves_the_settings_of_a_run_alone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tmp_path / "run")
    assert cli.main(["--headless", "--epochs=1", "--seed=3", "--device=cpu", "--run", folder]) == 0
    write("[training]\nseed = 5\ndevice = 'auto'\n[saving]\nsave-every = 60\n")
    resumed = []
    monkeypatch.setattr(
        "tui_ae.subcommands.train",
        lambda settings, place, _options, look, _process: resumed.append(
            (settings, place.every_s, look.configured)
        ),
    )
    cli.main(["resume", folder])
    assert resumed == [(Settings(seed=3, device="cpu"), 60.0, True)]


def test_no_file_is_parsed_where_there_is_none(write: Write) -> None:
    code = (
        "import sys; from tui_ae.options import *; from tui_ae.preferences import *\n"
        "preferences(configurable(new_run_parser())); print('tomllib' in sys.modules)"
    )
    assert command.python(code).strip() == "False"


def test_the_commands_of_the_configuration(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = command.run("config", *words, XDG_CONFIG_HOME=str(tmp_path), TUI_AE_SEED="3")
        assert done.returncode == 0, done.stderr
        return done.stdout

    path = tmp_path / "tui_ae/config.toml"
    assert run("path") == f"{path}\n"
    assert not path.exists()
    assert run("init") == f"Wrote {path}.\n"
    assert path.read_text() == template()
    path.write_text("[network]\nhidden = [3, 2]\n\n[keys]\nquit = 'Q'\n")
    again = command.run("config", "init", XDG_CONFIG_HOME=str(tmp_path))
    assert again.returncode == 2
    assert "there is one already" in again.stderr
    rows = [json.loads(line) for line in run("show", "--json").splitlines()]
    shown = {(row["table"], row["option"]): (row["value"], row["source"]) for row in rows}
    assert shown["training", "seed"] == (3, "TUI_AE_SEED")
    assert shown["network", "hidden"] == ([3, 2], f"{path}, line 2")
    assert shown["screen", "theme"] == ("dark", "default")
    assert shown["training", "data"] == (None, "default")
    assert shown["keys", "quit"] == ("Q", f"{path}, line 5")
    assert shown["keys", "train"] == ("space", "default")
    lines = [re.split(r"\s{2,}", line) for line in run("show").splitlines()]
    assert ["network.hidden", "[3, 2]", f"{path}, line 2"] in lines


def test_the_file_to_begin_with_says_the_defaults_and_holds_as_it_is(
    write: Write, started: Started
) -> None:
    write(template())
    assert preferences(configurable(new_run_parser())) == {}
    write(re.sub(r"^# ", "", template(), flags=re.M))
    parsed = preferences(configurable(new_run_parser()))
    names = {name.dest for actions in configurable(new_run_parser()).values() for name in actions}
    assert set(parsed) == names | {"keys"}
    default = new_run_parser().parse_args([])
    keys = parsed.pop("keys").value
    assert isinstance(keys, dict)
    assert Keys(keys).textual() == {item.id: ",".join(item.keys) for item in ACTIONS}
    for name, preference in parsed.items():
        if getattr(default, name) is not None:
            assert preference.value == getattr(default, name), name

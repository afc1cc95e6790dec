"""tui-ae config: what it shows and writes, without a program of its own."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from tui_ae.configure import configure, template
from tui_ae.errors import UserError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "new"))
    return tmp_path / "new/tui_ae/config.toml"


def said(capsys: pytest.CaptureFixture[str], what: str, *, as_json: bool = False) -> list[str]:
    assert configure(Namespace(what=what, json=as_json)) == 0
    return capsys.readouterr().out.splitlines()


def test_the_path_is_told_whether_the_file_is_there_or_not(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "path") == [str(path)]
    assert not path.parent.exists()


def test_a_file_is_begun_once_and_for_its_owner(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "init") == [f"Wrote {path}."]
    assert path.read_text() == template() and path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(UserError) as caught:
        configure(Namespace(what="init", json=False))
    assert str(caught.value) == f"{path}: there is one already; edit it, or move it away first."
    assert path.read_text() == template()


def test_what_the_disk_refuses_is_told(path: Path) -> None:
    path.parent.parent.write_text("")
    with pytest.raises(UserError) as caught:
        configure(Namespace(what="init", json=False))
    assert str(caught.value).startswith(f"{path}: can't be written (")


def test_what_holds_is_shown_with_where_it_comes_from(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_AE_SEED", "3")
    path.parent.mkdir(parents=True)
    path.write_text('[network]\nhidden = [9, 7]\n[screen]\nlog = "/tmp/é"\n[keys]\nquit = "Q"\n')
    lines = said(capsys, "show")
    assert [line for line in lines if line.startswith(("training.data ", "training.seed "))] == [
        "training.data          -                  default",
        "training.seed          3                  TUI_AE_SEED",
    ]
    assert f"network.hidden         [9, 7]             {path}, line 2" in lines
    assert f'screen.log             "/tmp/é"           {path}, line 4' in lines
    assert f'keys.quit              "Q"                {path}, line 6' in lines
    assert 'keys.train             "space"            default' in lines
    # Each switch once, by the name that it has in the file.
    assert sum(line.startswith("saving.save ") for line in lines) == 1
    rows = [json.loads(line) for line in said(capsys, "show", as_json=True)]
    assert len(rows) == len(lines)
    assert {
        "table": "network",
        "option": "hidden",
        "value": [9, 7],
        "source": f"{path}, line 2",
    } in rows
    assert {
        "table": "screen",
        "option": "log",
        "value": "/tmp/é",
        "source": f"{path}, line 4",
    } in rows
    assert {"table": "training", "option": "data", "value": None, "source": "default"} in rows


@pytest.mark.parametrize("keys", ["", "[keys]\n"])
def test_where_no_key_is_changed_all_are_as_usual(
    keys: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(keys)
    shown = [line for line in said(capsys, "show") if line.startswith("keys.")]
    assert shown and all(line.endswith(" default") for line in shown)


def test_the_file_to_begin_with_says_of_each_option_what_it_is() -> None:
    lines = template().splitlines()
    assert lines[0].startswith("## What tui-ae does where neither the command line")
    assert "TUI_AE_THEME=light" in lines[1]
    at = lines.index("[training]")
    assert lines[at - 1] == "" and lines[at + 2] == '# data = "fashion-mnist"'
    assert "# hidden = [128, 32]" in lines and "# seed = 0" in lines and "# held-out = 0.1" in lines
    # A switch that is on anyway is named by what turns it off.
    at = lines.index("# save = true")
    assert lines[at - 1] == "## false: keep nothing of it on the disk"
    at = lines.index("# stats = false")
    assert lines[at - 1] == "## show what the link does"
    assert not any("==SUPPRESS==" in line for line in lines)
    at = lines.index("[keys]")
    assert lines[at + 1].startswith("## What keys do, by actions")

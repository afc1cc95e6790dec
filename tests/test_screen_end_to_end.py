"""The whole program on a real pseudo-terminal, as a person meets it."""

from __future__ import annotations

import re
import signal
import termios
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.terminal import Terminal
from tests.waiting import until
from tui_ae.run.folder import RunFolder
from tui_ae.run.snapshot import State

PROBE = r"probe \(z₁ = (-?\d+\.\d{3}), z₂ = (-?\d+\.\d{3})\)"
SIZES = [
    (80, 24),
    (60, 20),
    pytest.param(120, 40, marks=pytest.mark.slow),
    pytest.param(200, 60, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_person_trains_and_walks_at_every_size(columns: int, rows: int) -> None:
    with Terminal(columns=columns, rows=rows) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"epoch 0\b")
        terminal.wait(r"loss 0\.6\d{3}")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")
        terminal.wait(r"paused")
        terminal.settle()
        # Where the codes have moved away from the probe, the first step brings it into the view.
        terminal.send("\x1b[C")
        terminal.settle()
        before = terminal.wait(PROBE).groups()
        terminal.send("\x1b[C\x1b[C")
        terminal.wait(
            rf"z₁ = (?!{re.escape(before[0])})-?\d+\.\d{{3}}, z₂ = {re.escape(before[1])}"
        )
        terminal.send(" ")
        terminal.wait(r"training")
        terminal.wait(r"epoch ([3-9]|\d\d+)\b")
        terminal.send(" ")
        terminal.wait(r"paused")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert_left_as_found(terminal)


def assert_left_as_found(terminal: Terminal) -> None:
    assert termios.tcgetattr(terminal.slave) == terminal.attributes
    tail = bytes(terminal.received[-400:])
    for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?7h", b"\x1b[?2004l", b"\x1b[?1003l"):
        assert sequence in tail
    assert b"Traceback" not in terminal.received


def cells(terminal: Terminal) -> dict[tuple[int, int], tuple[str, str, str]]:
    """What can be seen: a blank has no ink."""
    screen, seen = terminal.screen, {}
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            seen[row, column] = (cell.data, "" if cell.data == " " else cell.fg, cell.bg)
    return seen


@pytest.mark.parametrize(
    "colours",
    [
        {"COLORTERM": "truecolor"},
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param({"NO_COLOR": "1"}, marks=pytest.mark.slow),
    ],
)
def test_what_went_past_textual_is_what_it_paints_itself(colours: dict[str, str]) -> None:
    """After training and keys, a dialog that comes and goes repaints everything: nothing moves."""
    with Terminal(columns=120, rows=40, env=colours) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"epoch ([6-9]|\d\d+)\b")
        terminal.send("lljHv+n")
        terminal.wait(r"class characters|density")
        terminal.send(" ")
        terminal.wait(r"paused")
        terminal.send("\x1b[C")
        terminal.settle()
        before = cells(terminal)
        terminal.send("?")
        terminal.wait(r"ctrl\+p")
        terminal.send("\x1b")
        terminal.wait(r"latent space")
        terminal.settle()
        after = cells(terminal)
        assert {place: after[place] for place in after if after[place] != before[place]} == {}


def shows(terminal: Terminal, wanted: dict[tuple[int, int], tuple[str, str, str]]) -> bool:
    return cells(terminal) == wanted


DIALOGS = [
    ("c", "10 of 10 on", (16, 28), 2000),
    ("r", "Start again", (10, 62), 2000),
    ("\x10", "Search for", (36, 120), 5000),
]
"""(key, words on it, (rows, columns), bytes)."""


def test_a_dialog_costs_its_own_cells_and_no_others() -> None:
    # Whatever else the machine does, pictures keep their greys.
    with Terminal("--link", "fast", columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")
        terminal.wait(r"floor 0")
        terminal.settle()
        for key, sign, area, most in DIALOGS:
            before, received = cells(terminal), len(terminal.received)
            terminal.send(key)
            terminal.wait(sign)
            terminal.settle()
            after = cells(terminal)
            places = np.array([place for place in after if after[place] != before[place]])
            assert (np.ptp(places, axis=0) < area).all()
            assert len(terminal.received) - received < most
            terminal.send("\x1b")
            terminal.settle()
            assert cells(terminal) == before


def test_a_signal_leaves_the_terminal_as_it_was_found() -> None:
    with Terminal(columns=80, rows=24) as terminal:
        terminal.wait(r"idle")
        terminal.process.send_signal(signal.SIGHUP)
        terminal.wait_exit()
        assert_left_as_found(terminal)


def test_a_blocked_terminal_holds_up_neither_training_nor_commands(tmp_path: Path) -> None:
    """As when somebody pressed ctrl+s in the terminal, or the line is dead for a while."""
    np.save(tmp_path / "few.npy", np.random.default_rng(0).random((200, 784), np.float32))
    run, words = RunFolder(tmp_path / "run"), ("--data", str(tmp_path / "few.npy"))
    saves = ("--run", str(run.path), "--save-every", "0.2")
    with Terminal(*words, *saves, columns=80, rows=24) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        before = int(terminal.wait(r"epoch ([2-9]|\d\d+)\b")[1])
        termios.tcflow(terminal.slave, termios.TCOOFF)
        until(lambda: len(run.losses()) > before + 5)
        # Typed blind: pause, and see the loss large.
        terminal.send(" g")
        until(lambda: run.snapshot(run.info()).state is State.PAUSED)
        termios.tcflow(terminal.slave, termios.TCOON)
        terminal.wait(r"(?s)loss.*esc back")
        terminal.send("\x1b")
        terminal.wait(r"paused")
        # A frame may end between the two words.
        terminal.settle()
        assert int(terminal.wait(r"epoch (\d+)\b")[1]) > before + 5
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_fixed_link_shows_its_figures_and_writes_its_log(tmp_path: Path) -> None:
    log = tmp_path / "frames.log"
    with Terminal("--link", "9600", "--stats", "--log", str(log), columns=60, rows=20) as terminal:
        start = time.monotonic()
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"training")
        terminal.wait(r"link bare · \d+ ms · \d\.\d of about [\d,]+ kB/s")
        terminal.until(lambda: log.read_text().count("\n") > 35, "frames")
        assert len(terminal.received) < 1.2 * 960 * (time.monotonic() - start)
        assert any("\u2801" <= sign <= "\u28ff" for sign in terminal.text)
        terminal.send("q")
        assert terminal.wait_exit() == 0
    lines = log.read_text().splitlines()
    assert sum(int(line.split()[1]) for line in lines) == pytest.approx(
        len(terminal.received), rel=0.1
    )
    assert all(line.split()[4] == "4" for line in lines)


def test_resizing_arranges_the_panes_anew() -> None:
    with Terminal(columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"reconstruction")
        terminal.resize(50, 15)
        terminal.wait(r"needs\s+60 and 20|60 and\s+20")
        terminal.resize(60, 20)
        terminal.wait(PROBE)
        terminal.wait(r"latent space")
        terminal.settle()
        # On the main screen and on a dialog above it, ctrl+l takes away what others wrote.
        for keys in ("", "c"):
            terminal.send(keys)
            terminal.settle()
            before = cells(terminal)
            terminal.feed(b"\x1b[5;5H\x1b[41mBroadcast message from root")
            terminal.send("\x0c")
            terminal.until(partial(shows, terminal, before))


def test_without_utf8_the_screen_is_ascii() -> None:
    with Terminal(columns=120, rows=40, env={"LC_ALL": "C", "PYTHONUTF8": "0"}) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"probe \(z1 = -?\d+\.\d{3}, z2 = -?\d+\.\d{3}\)")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")
        assert terminal.text.isascii()


def test_no_color_writes_no_colour() -> None:
    with Terminal(columns=120, rows=40, env={"NO_COLOR": "1"}) as terminal:
        terminal.wait(r"idle")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")
        terminal.send("?")
        terminal.wait(r"(?i)train until paused")
        colours = re.findall(
            rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m",
            bytes(terminal.received),
        )
        assert not colours


@pytest.mark.parametrize(
    ("option", "path"), [("--data", "/nowhere/at/all"), ("--log", "/proc/frames")]
)
def test_a_wrong_path_is_one_sentence(option: str, path: str) -> None:
    with Terminal(option, path) as terminal:
        assert terminal.wait_exit() == 2
        text = terminal.received.decode()
        assert path in text
        assert "Traceback" not in text
        assert len(text.strip().splitlines()) == 1


def test_a_learning_rate_that_breaks_the_loss_is_explained() -> None:
    with Terminal("--lr", "1e9", columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"failed")
        terminal.wait(r"(?i)learning rate|--lr")
        terminal.send("r")
        terminal.send("y")
        terminal.wait(r"idle|epoch 0")
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    "keys",
    [
        "q?ag\x10n l",
        "\x03\x10",
        *(
            pytest.param(keys, marks=pytest.mark.slow)
            for keys in ("q\x10", "\x11\x10", "q\x1b[200~x")
        ),
    ],
)
def test_after_leaving_nothing_else_acts(keys: str) -> None:
    with Terminal(columns=80, rows=24) as terminal:
        terminal.wait(r"idle")
        terminal.send(keys)
        assert terminal.wait_exit() == 0
        assert_left_as_found(terminal)


LOST_ENDS = {
    "paste": "\x1b[200~abcl",
    "answer": "\x1b]11;rgb:0000/0000/0000ll",
    "event types": "\x1b[1;1:3A\x1b[102;1:3u\x1b[1077::113u",
    "not a character": "\x1b[99999999u\x1b[97;1;99999999u",
}


def test_keys_come_back_after_what_has_lost_its_end() -> None:
    with Terminal(columns=80, rows=24) as terminal:
        terminal.wait(r"idle")
        for name, broken in LOST_ENDS.items():
            before = epoch(terminal)
            terminal.send(broken)
            terminal.until(lambda: another_epoch(terminal, before), name)  # noqa: B023


def another_epoch(terminal: Terminal, before: int) -> bool:
    """Whether s, pressed now and then, has trained one."""
    terminal.send("s")
    terminal.pump(0.5)
    return epoch(terminal) != before


def epoch(terminal: Terminal) -> int:
    """That on the screen, 0 where none stands there."""
    found = re.search(r"epoch (\d+)", terminal.text)
    return int(found[1]) if found else 0


def test_plus_and_minus_of_the_keypad_zoom() -> None:
    with Terminal(columns=80, rows=24) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        before = terminal.text
        terminal.send("\x1bOk")
        terminal.until(lambda: terminal.text != before, "a closer view")
        terminal.settle()
        terminal.send("\x1bOm")
        terminal.settle()
        terminal.send("\x1b[57413u")
        terminal.settle()
        assert terminal.text != before

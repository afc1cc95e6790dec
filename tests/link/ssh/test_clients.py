from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.link.ssh.conftest import Processes
from tui_ae.link.ssh.clients import Clients, clients_of, finder, screen_clients, tmux_clients
from tui_ae.link.ssh.processes import Place, place_of, stat_of
from tui_ae.link.ssh.sock_diag import Connection, Reading

FIRST, SECOND = "10.0.0.9 50022 10.0.0.1 22", "2001:db8::9 50023 2001:db8::1 22"
ONE, TWO = Connection.parse(FIRST), Connection.parse(SECOND)
NULL = Path("/dev/null").stat().st_rdev
NULL_TERMINAL = os.major(NULL) << 8 | os.minor(NULL)
TERMINAL = 136 << 8 | 3

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def known(_: Connection) -> Reading:
    return Reading(0, 0)


def login(proc: Processes, pid: int, name: str, environment: dict[str, str] | None = None) -> None:
    """A process in a shell in a session of sshd."""
    proc.add(pid - 2, "sshd", 1)
    proc.add(pid - 1, "bash", pid - 2, terminal=TERMINAL, environment=environment)
    proc.add(pid, name, pid - 1, terminal=TERMINAL, environment=environment)


def test_a_client_over_ssh(proc: Processes) -> None:
    login(proc, 100, "tmux: client", environment={"SSH_CONNECTION": FIRST, "TERM": "xterm"})
    login(proc, 200, "tmux: client", environment={"SSH_CONNECTION": SECOND})
    assert place_of(100, proc.folder) == ONE
    assert place_of(200, proc.folder) == TWO


def test_a_client_on_this_machine_is_near(proc: Processes) -> None:
    proc.add(90, "xterm", 1, environment={"DISPLAY": ":0"})
    proc.add(100, "tmux: client", 90, terminal=TERMINAL, environment={"DISPLAY": ":0"})
    assert place_of(100, proc.folder) is Place.NEAR


def test_what_a_login_in_between_took_out_of_the_environment_an_ancestor_has(
    proc: Processes,
) -> None:
    login(proc, 100, "su", environment={"SSH_CONNECTION": FIRST})
    proc.add(101, "tmux: client", 100, terminal=TERMINAL, environment={"TERM": "xterm"})
    assert place_of(101, proc.folder) == ONE


def test_a_client_over_ssh_whose_connection_nobody_names_is_unseen(proc: Processes) -> None:
    login(proc, 100, "tmux: client")
    assert place_of(100, proc.folder) is Place.UNSEEN


def test_a_client_in_another_multiplexer_is_unseen(proc: Processes) -> None:
    proc.add(90, "tmux: server", 1)
    proc.add(91, "bash", 90, terminal=TERMINAL, environment={"SSH_CONNECTION": FIRST})
    proc.add(92, "tmux: client", 91, terminal=TERMINAL, environment={"SSH_CONNECTION": FIRST})
    assert place_of(92, proc.folder) is Place.UNSEEN


def test_mosh_paces_itself_whatever_connection_it_came_by(proc: Processes) -> None:
    proc.add(90, "mosh-server", 1, environment={"SSH_CONNECTION": FIRST})
    proc.add(91, "bash", 90, terminal=TERMINAL, environment={"SSH_CONNECTION": FIRST})
    proc.add(92, "tmux: client", 91, terminal=TERMINAL, environment={"SSH_CONNECTION": FIRST})
    assert place_of(92, proc.folder) is Place.NEAR


def test_names_with_spaces_and_parentheses_are_read(proc: Processes) -> None:
    login(proc, 100, "a) S 1 (b", environment={"SSH_CONNECTION": FIRST})
    assert place_of(100, proc.folder) == ONE


def test_processes_that_are_their_own_ancestors_end(proc: Processes) -> None:
    proc.add(90, "a", 91)
    proc.add(91, "b", 90)
    assert place_of(90, proc.folder) is Place.NEAR


def test_two_clients_and_a_near_one(proc: Processes) -> None:
    login(proc, 100, "tmux: client", environment={"SSH_CONNECTION": FIRST})
    login(proc, 200, "tmux: client", environment={"SSH_CONNECTION": SECOND})
    proc.add(300, "tmux: client", 1, terminal=TERMINAL, environment={})
    assert ONE is not None and TWO is not None
    assert clients_of([100, 200, 300], known, proc.folder) == Clients(
        frozenset({ONE, TWO}), near=True
    )
    assert clients_of([], known, proc.folder) == Clients()


def test_a_connection_that_the_kernel_does_not_know_is_unseen(proc: Processes) -> None:
    login(proc, 100, "tmux: client", environment={"SSH_CONNECTION": FIRST})
    assert clients_of([100], lambda _: None, proc.folder) == Clients(unseen=True)
    proc.remove(100)
    assert clients_of([100], known, proc.folder) == Clients(unseen=True)


def test_tmux_names_the_clients_that_show_the_window() -> None:
    asked = []

    def run(command: list[str]) -> str:
        asked.append(command)
        return "@7\n100 @7\n200 @3\n300 @7\n"

    assert tmux_clients("/tmp/tmux-1000/default", "%9", run) == [100, 300]
    assert asked[0][:3] == ["tmux", "-S", "/tmp/tmux-1000/default"]
    assert "%9" in asked[0]
    assert tmux_clients("/s", "%9", lambda _: "@7\n") == []


@pytest.mark.parametrize(
    "error", [FileNotFoundError(), subprocess.TimeoutExpired("tmux", 1), ValueError()]
)
def test_a_tmux_that_does_not_say_is_nobody_known(error: Exception) -> None:
    def run(_: list[str]) -> str:
        raise error

    assert tmux_clients("/s", "%9", run) is None
    assert tmux_clients("/s", "%9", lambda _: "") == []
    assert tmux_clients("/s", "%9", lambda _: "@7\nwhat\n") is None
    assert clients_of(None, known) == Clients(unseen=True)


def test_screen_has_opened_the_terminals_of_its_clients(proc: Processes) -> None:
    proc.add(50, "screen", 1, opened=["/dev/null", "/dev/full", "/nowhere"])
    proc.add(60, "screen", 10, terminal=NULL_TERMINAL)
    proc.add(61, "screen", 11, terminal=TERMINAL)
    proc.add(62, "bash", 11, terminal=NULL_TERMINAL)
    proc.add(63, "screen", 1)
    assert screen_clients("50.pts-1.host", proc.folder) == [60]
    proc.remove(60)
    assert screen_clients("50.pts-1.host", proc.folder) == []
    assert screen_clients("51.gone", proc.folder) is None
    assert screen_clients("name", proc.folder) is None


def test_where_a_screen_may_not_be_looked_into_all_clients_are_its_own(proc: Processes) -> None:
    proc.add(50, "screen", 1, opened=None)
    proc.add(60, "screen", 10, terminal=NULL_TERMINAL)
    proc.add(61, "screen", 11, terminal=TERMINAL)
    proc.add(62, "screen", 1)
    assert sorted(screen_clients("50.pts-1.host", proc.folder) or []) == [60, 61]


@pytest.mark.parametrize(
    ("number", "terminal"),
    [
        (0, (0, 0)),
        (136 << 8 | 3, (136, 3)),
        # As new_encode_dev() of the kernel packs them: the middle is the major number.
        (0xABC13DEE, (0x13D, 0xABCEE)),
        (0x100 << 12 | 4 << 8 | 7, (4, 0x107)),
    ],
)
def test_the_number_of_a_terminal_has_two_parts(
    proc: Processes, number: int, terminal: tuple[int, int]
) -> None:
    proc.add(7, "bash", 5, terminal=number)
    assert stat_of(7, proc.folder) == ("bash", 5, terminal)


def test_a_process_with_the_first_number_but_one_is_an_ancestor_too(proc: Processes) -> None:
    """In a container it may be sshd."""
    proc.add(2, "sshd", 1)
    proc.add(3, "tmux: client", 2, terminal=TERMINAL)
    assert place_of(3, proc.folder) is Place.UNSEEN


def test_tmux_is_asked_through_its_socket_whatever_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "@1\n")

    monkeypatch.setattr(subprocess, "run", run)
    find = finder({"TMUX": "/tmp/a,b/default,1234,0", "TMUX_PANE": "%5"}, known)
    assert find is not None
    assert find() == Clients()
    assert asked[0] == [
        *("tmux", "-S", "/tmp/a,b/default", "display-message", "-p", "-t", "%5", "#{window_id}"),
        *(";", "list-clients", "-F", "#{client_pid} #{window_id}"),
    ]


def test_outside_a_multiplexer_nobody_is_looked_for() -> None:
    assert finder({"SSH_CONNECTION": FIRST}, known) is None
    find = finder({"TMUX": "/no,such,0/tmux,1,0", "TMUX_PANE": "%0"}, known)
    assert find is not None
    assert find() == Clients(unseen=True)
    find = finder({"STY": "none"}, known)
    assert find is not None
    assert find() == Clients(unseen=True)

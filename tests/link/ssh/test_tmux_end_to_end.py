"""A real tmux, whose clients are told to have come by connections of the test's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tui_ae
from tests.link.ssh.test_sock_diag import connected, fill
from tests.terminal import Terminal
from tui_ae.link.ssh.clients import Clients, finder
from tui_ae.link.ssh.sock_diag import Connection, SocketDiagnostics

WAIT_S = 60.0
APP = """
import sys
from pathlib import Path
from textual.app import App
from textual.widgets import Static
from tui_ae.link.terminal.driver import wire_driver

class Tiny(App):
    def compose(self):
        yield Static("hello")
    def on_mount(self):
        self.set_interval(0.02, self.tell)
    def tell(self):
        if self._driver.link.stats().answered:
            Path(sys.argv[1], "answered").touch()
    def on_key(self):
        Path(sys.argv[1], f"key {self._driver.link.stats().answered}").touch()

Tiny(driver_class=wire_driver(sys.argv[2])).run()
"""
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("tmux") is None, reason="needs tmux on Linux"
)


class Tmux:
    """A server of its own, with one window."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "tmux")
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("TMUX", "TMUX_PANE", "SSH_CONNECTION")
        }
        self.run("-f", "/dev/null", "new-session", "-d", "-x", "60", "-y", "16", "cat")
        self.pane = self.run("display-message", "-p", "#{pane_id}")
        self.clients: list[Terminal] = []

    def run(self, *arguments: str) -> str:
        """A command's answer."""
        command = ["tmux", "-S", self.socket, *arguments]
        return subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=WAIT_S,
        ).stdout.strip()

    def attach(self, connection: str = "") -> Terminal:
        """A client that came by this connection."""
        count = len(self.run("list-clients").splitlines())
        client = Terminal(
            columns=60,
            rows=16,
            command=["tmux", "-S", self.socket, "attach"],
            env={"SSH_CONNECTION": connection},
        )
        self.clients.append(client)
        self.until(lambda: len(self.run("list-clients").splitlines()) > count)
        return client

    def until(self, predicate: Callable[[], object]) -> None:
        """Let the clients show what there is until something is so."""
        end = time.monotonic() + WAIT_S
        while not predicate():
            assert time.monotonic() < end, "it never came"
            for client in self.clients:
                client.pump(0.01)

    def close(self) -> None:
        with contextlib.suppress(subprocess.SubprocessError):
            self.run("kill-server")
        for client in self.clients:
            client.close()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    server.close()


@pytest.fixture
def kernel() -> Iterator[SocketDiagnostics]:
    with contextlib.closing(SocketDiagnostics()) as diagnostics:
        with connected(socket.AF_INET, "127.0.0.1") as (*_, name):
            if diagnostics.look(name) is None:
                pytest.skip("no socket diagnostics here")
        yield diagnostics


def named(connection: Connection) -> str:
    """As sshd says it."""
    (here, here_port), (there, there_port) = connection
    return f"{there} {there_port} {here} {here_port}"


def test_clients_that_come_and_go_are_found(tmux: Tmux, kernel: SocketDiagnostics) -> None:
    find = finder({"TMUX": f"{tmux.socket},1,0", "TMUX_PANE": tmux.pane}, kernel.look)
    assert find is not None
    assert find() == Clients()
    with connected(socket.AF_INET, "127.0.0.1") as (*_, one), contextlib.ExitStack() as stack:
        first = tmux.attach(named(one))
        assert one in find().connections
        two = stack.enter_context(connected(socket.AF_INET6, "::1"))[2]
        second = tmux.attach(named(two))
        assert find().connections == {one, two}
        tmux.run("detach-client", "-t", tmux.run("list-clients", "-F", "#{client_tty}").split()[0])
        tmux.until(lambda: len(find().connections) == 1)
        for client in (first, second):
            client.send("\x02d")
        tmux.until(lambda: find() == Clients())


def test_a_client_that_looks_at_another_window_is_not_waited_for(
    tmux: Tmux, kernel: SocketDiagnostics
) -> None:
    find = finder({"TMUX": f"{tmux.socket},1,0", "TMUX_PANE": tmux.pane}, kernel.look)
    assert find is not None
    with connected(socket.AF_INET, "127.0.0.1") as (*_, name):
        tmux.attach(named(name))
        assert find().connections == {name}
        tmux.run("new-window", "cat")
        assert find() == Clients()


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("mode", "held"), [("auto", True), ("slow", False)])
def test_answers_count_once_the_connection_has_carried_all(
    tmux: Tmux, tmp_path: Path, mode: str, held: bool
) -> None:
    """Unless the link was named by hand."""
    program = tmp_path / "program.py"
    program.write_text(APP)
    with connected(socket.AF_INET, "127.0.0.1") as (here, there, name):
        size = fill(here)
        tmux.attach(named(name))
        root = Path(tui_ae.__file__).parents[1]
        command = f"PYTHONPATH={root} exec {sys.executable} {program} {tmp_path} {mode}"
        tmux.run("new-window", "-t", "1", "sh", "-c", command)
        tmux.until(lambda: tmux.run("display-message", "-p", "#{alternate_on}") == "1")
        # tmux passes the key on after its answer.
        tmux.until(lambda: tmux.run("send-keys", "x") or [*tmp_path.glob("key *")])
        if held:
            assert [path.name for path in tmp_path.glob("key *")] == ["key False"]
        else:
            tmux.until((tmp_path / "answered").exists)
        there.settimeout(WAIT_S)
        while size:
            size -= len(there.recv(1 << 20))
        tmux.until((tmp_path / "answered").exists)


def test_where_the_line_cannot_be_seen_the_status_says_what_link_is_for(tmp_path: Path) -> None:
    env = {"TMUX": f"{tmp_path}/none,1,0", "TMUX_PANE": "%0"}
    with Terminal("--no-save", env=env) as terminal:
        terminal.wait("say --link slow")
    with Terminal("--no-save", "--link", "slow", env=env) as terminal:
        terminal.wait("idle")
        assert "say --link" not in terminal.text

"""Key latency in tmux behind a slow SSH connection, as Markdown. Needs root, for the namespaces.

    python benchmarks/tmux_link.py                       # all rates, 40 keys each
    python benchmarks/tmux_link.py --rates 56k --keys 20 -- --link slow
    python benchmarks/tmux_link.py --inside screen       # or: nothing

Two network namespaces with a pair of veth between them and a token bucket (`tc`) on each end; a
real sshd in the one, a real ssh in the other, on a pseudo-terminal that pyte shows. The latency is
from the press at the near end until pyte shows other numbers in the row `probe (z₁ = …, z₂ = …)`,
while training. All that it makes is in those namespaces and in a temporary folder, and goes with
it; where namespaces are not allowed it says why and skips.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.link import GIVE_UP_S, STEPS, Watcher, percentile, text, wait, wait_ready
from benchmarks.link_emulator import EmulatedTerminal, LinkSpec

ROOT = Path(__file__).parents[1]
RATES = {"1m": "1mbit", "56k": "56kbit", "9600": "9600bit", "none": ""}
BURST, LATENCY_MS = 1600, 600
NEAR, FAR = "10.77.23.1", "10.77.23.2"
TOOLS = ("ip", "tc", "ssh", "ssh-keygen")
INSIDE = ("tmux", "screen", "nothing")
SETTLE_S = 8.0


class SkippedError(Exception):
    """It can't be measured here."""


def run(*command: str) -> str:
    """Run a command, and return what it printed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Namespaces:
    """Two machines, as far as the network is concerned, with a line of some rate between them."""

    def __init__(self, rate: str) -> None:
        self.near, self.far = (f"tuiae{os.getpid()}{end}" for end in ("n", "f"))
        self._rate = rate
        self._folder = Path(tempfile.mkdtemp(prefix="tuiae-link-"))
        self._sshd: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Namespaces:
        try:
            self._build()
            self._start_sshd()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.near, self.far):
            with contextlib.suppress(subprocess.CalledProcessError):
                # sshd, tmux and the program: what runs in a namespace of this benchmark is its own.
                for pid in run("ip", "netns", "pids", name).split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
                run("ip", "netns", "del", name)
        if self._sshd is not None:
            self._sshd.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _build(self) -> None:
        try:
            for name in (self.near, self.far):
                run("ip", "netns", "add", name)
            run("ip", "link", "add", "near", "netns", self.near, "type", "veth",
                "peer", "name", "far", "netns", self.far)  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise SkippedError(
                f"namespaces are not allowed here: {error.stderr.strip()}"
            ) from error
        for name, device, address in ((self.near, "near", NEAR), (self.far, "far", FAR)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            run("ip", "-n", name, "link", "set", device, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
            if self._rate:
                run("tc", "-n", name, "qdisc", "add", "dev", device, "root", "tbf", "rate",
                    self._rate, "burst", str(BURST), "latency", f"{LATENCY_MS}ms")  # fmt: skip

    def _start_sshd(self) -> None:
        folder = self._folder
        for key in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        (folder / "config").write_text(
            f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n"
            "PermitRootLogin yes\nStrictModes no\nUsePAM no\n"
        )
        # `ip netns exec` gives it mounts of its own: the folder that sshd wants is nobody else's.
        start = f"mount -t tmpfs none /run && mkdir /run/sshd && exec {shutil.which('sshd')}"
        self._sshd = subprocess.Popen(
            ["ip", "netns", "exec", self.far, "sh", "-c", f"{start} -D -e -f {folder}/config"],
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while ":22 " not in run("ip", "netns", "exec", self.far, "ss", "-ltn"):
            if time.monotonic() > end:
                raise SkippedError("sshd does not start here")
            time.sleep(0.05)

    def command(self, remote: str, inside: str, columns: int, rows: int) -> list[str]:
        """What runs `remote` at the far end of a new connection, inside a multiplexer."""
        if inside == "tmux":
            size = f"-x {columns} -y {rows}"
            remote = f"tmux -S {self._folder}/tmux -f /dev/null new {size} {shlex.quote(remote)}"
        elif inside == "screen":
            remote = f"screen -U -c /dev/null sh -c {shlex.quote(remote)}"
            remote = f"export SCREENDIR={self._folder}/screen; mkdir -m 700 $SCREENDIR; {remote}"
        remote = f"cd {ROOT}; export LC_ALL=C.UTF-8; {remote}"
        options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
        return ["ip", "netns", "exec", self.near, "ssh", "-qtt", "-F", "none",
                "-i", str(self._folder / "user"), *(f"-o{each}" for each in options),
                f"root@{FAR}", remote]  # fmt: skip


@contextlib.contextmanager
def terminated_in_order() -> Iterator[None]:
    """Let a signal that would end the process clean up too."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, leave) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def press(terminal: EmulatedTerminal, watcher: Watcher, key: bytes) -> float:
    """Seconds until the numbers have changed; infinite if never."""
    numbers = watcher.readout()
    begin = time.monotonic()
    terminal.send(key)
    changed = wait(terminal, lambda: watcher.readout() not in ("", numbers), GIVE_UP_S)
    return time.monotonic() - begin if changed else float("inf")


def measure(
    rate: str, inside: str, size: tuple[int, int], keys: int, options: list[str]
) -> tuple[float, list[float], str]:
    """Seconds until training was seen, the latencies, and the last screen."""
    program = shlex.join([sys.executable, "-m", "tui_ae", "--no-save", *options])
    with Namespaces(RATES[rate]) as namespaces:
        command = namespaces.command(program, inside, *size)
        terminal = EmulatedTerminal(command, LinkSpec(rate, None, 0.0), *size)
        watcher = Watcher(terminal)
        try:
            begin = time.monotonic()
            wait_ready(terminal, watcher)
            terminal.pump(SETTLE_S)
            terminal.send(b" ")
            wait(terminal, lambda: re.search(r"epoch +[1-9]", text(terminal)), 60)
            ready_s = time.monotonic() - begin
            terminal.pump(SETTLE_S)
            times: list[float] = []
            for index in range(keys):
                times.append(press(terminal, watcher, STEPS[index % 8 :][:1]))
                # Out of step with the epochs.
                terminal.pump(0.4 + 0.3 * (index % 7) / 7)
                if times.count(float("inf")) >= 3:
                    break
            return ready_s, times, text(terminal)
        finally:
            terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rates", nargs="+", choices=RATES, default=list(RATES))
    parser.add_argument("--inside", choices=INSIDE, default="tmux")
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--show", action="store_true", help="print the last screen as well")
    parser.add_argument("options", nargs="*", help="for the program, after --")
    arguments = parser.parse_args()
    tools = [*TOOLS, "sshd", *({arguments.inside} - {"nothing"})]
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        print(f"skipped: {', '.join(missing)} not found")
        return
    columns, rows = map(int, arguments.size.split("x"))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{arguments.keys} keys a row, {arguments.size}, inside {arguments.inside}\n"
    )
    print("| rate | numbers p50 / p99 / longest (ms) | training seen after | load |")
    print("| --- | --- | --- | --- |")
    with terminated_in_order():
        for rate in arguments.rates:
            try:
                ready_s, times, screen = measure(
                    rate, arguments.inside, (columns, rows), arguments.keys, arguments.options
                )
            except SkippedError as reason:
                print(f"skipped: {reason}")
                return
            print(
                f"| {RATES[rate] or 'no limit'} | {percentile(times, 0.5)} / "
                f"{percentile(times, 0.99)} / {percentile(times, 1.0)} | {ready_s:.1f} s "
                f"| {os.getloadavg()[0]:.1f} |",
                flush=True,
            )
            if arguments.show:
                print(screen, flush=True)


if __name__ == "__main__":
    main()

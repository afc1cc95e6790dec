from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator

import pytest

from tui_ae.link.ssh.sock_diag import Connection, Reading, SocketDiagnostics, reading, request

RECORDED = bytes.fromhex(
    "980100001400000007000000714c0000020101008fc78b887f0000010000000000000000000000007f000001"
    "000000000000000000000000000000000d000000000000000000000000000000002c3b000000000036960000"
    "050008000000000008000f00000000000c001500010000000000000006001600520000001c01020001000000"
    "0007aa01e01c03000000000000ba000018020000020000000000000000000000000000000000000004000000"
    "000000000400000004000000ffff0000cbff0000180000000a000000ffffff7f0b000000cbff000003000000"
    "00000000cbff00000000000076afb91509000000ffffffffffffffff00800000000000000000000000000000"
    "030000000300000000f2390018000000000000000300000024a95c6500000000a00f000000000000a00f0000"
    "000000000000000000000000020000000000000000ba01000000000000000000000000000000000000000000"
    "0000000000740100000001000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000"
)
"""What Linux 6 says of a connection whose other end does not read."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")


@contextlib.contextmanager
def connected(
    family: socket.AddressFamily, host: str, *, dual: bool = False
) -> Iterator[tuple[socket.socket, socket.socket, Connection]]:
    """Both ends of a connection, and what names it from the first."""
    try:
        server = socket.create_server((host, 0), family=family, dualstack_ipv6=dual)
    except OSError:
        pytest.skip(f"no {host} here")
    near = "127.0.0.1" if dual else host
    with server, socket.create_connection((near, server.getsockname()[1])) as there:
        here, _ = server.accept()
        with here:
            ends = (near, here.getsockname()[1]), (near, there.getsockname()[1])
            yield here, there, Connection(*ends)


def fill(end: socket.socket) -> int:
    """Write until nothing more is taken."""
    end.setblocking(False)
    written = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            written += end.send(bytes(65536))
    return written


@linux
@pytest.mark.parametrize(
    ("family", "host", "dual"),
    [
        (socket.AF_INET, "127.0.0.1", False),
        (socket.AF_INET6, "::1", False),
        (socket.AF_INET6, "::", True),
    ],
)
def test_the_kernel_tells_what_was_written_and_what_has_arrived(
    family: socket.AddressFamily, host: str, dual: bool
) -> None:
    kernel = SocketDiagnostics()
    with contextlib.closing(kernel), connected(family, host, dual=dual) as (here, there, name):
        if kernel.look(name) is None:
            pytest.skip("no socket diagnostics here")
        assert kernel.look(name) == Reading(0, 0)
        size = fill(here)
        told = kernel.look(name)
        assert told is not None
        assert told.written == size
        assert told.acknowledged < size
        there.settimeout(10)
        left = size
        while left:
            left -= len(there.recv(1 << 20))
        while (told := kernel.look(name)) is not None and told.acknowledged < size:
            pass
        assert told == Reading(size, size)


@linux
def test_a_connection_that_is_not_there_is_none() -> None:
    kernel = SocketDiagnostics()
    with contextlib.closing(kernel):
        with connected(socket.AF_INET, "127.0.0.1") as (_, _, name):
            other = Connection((name.here[0], 1), name.there)
        assert kernel.look(other) is None


def test_an_answer_as_recorded() -> None:
    assert reading(RECORDED, 7) == Reading(3_910_656, 32_768)


def test_an_answer_to_another_question_is_refused() -> None:
    with pytest.raises(ValueError):
        reading(RECORDED, 8)


def test_refusals_and_pieces_of_answers_tell_nothing() -> None:
    refused = struct.pack("=IHHIIi", 36, 2, 0, 7, 0, -2) + bytes(16)
    assert reading(refused, 7) is None
    for size in (0, 8, 60, 90, 100):
        assert reading(RECORDED[:size], 7) is None
    # An attribute without a length must not be looked at for ever.
    assert reading(RECORDED[:88] + bytes(len(RECORDED) - 88), 7) is None


def test_what_sshd_names_is_read() -> None:
    assert Connection.parse("10.0.0.9 50022 10.0.0.1 22") == Connection(
        ("10.0.0.1", 22), ("10.0.0.9", 50022)
    )
    six = Connection.parse("fe80::2%lo 50022 fe80::1%lo 22")
    assert six is not None
    assert struct.unpack_from("=I", request(six, 1), 16 + 8 + 36)[0] == socket.if_nametoindex("lo")
    for text in ("", "UNKNOWN 65535 UNKNOWN 65535", "10.0.0.9 50022 10.0.0.1", "a b c d",
                 "10.0.0.9 99999 10.0.0.1 22"):  # fmt: skip
        assert Connection.parse(text) is None

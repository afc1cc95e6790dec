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
    for size in (len(RECORDED), 16):
        with pytest.raises(ValueError):
            reading(RECORDED[:size], 8)
    assert reading(RECORDED[:15], 8) is None


def test_refusals_and_pieces_of_answers_tell_nothing() -> None:
    refused = struct.pack("=IHHIIi", 36, 2, 0, 7, 0, -2) + bytes(16)
    assert reading(refused, 7) is None
    for size in (0, 8, 60, 90, 100):
        assert reading(RECORDED[:size], 7) is None
    # An attribute without a length must not be looked at for ever.
    assert reading(RECORDED[:88] + bytes(len(RECORDED) - 88), 7) is None


FOUR = Connection(("10.0.0.1", 22), ("10.0.0.9", 50022))


def test_a_question_has_the_bytes_that_the_kernel_reads() -> None:
    """As sock_diag(7) lays them out, little end first."""
    assert sys.byteorder == "little"
    expected = (
        "48000000 1400 0100 07000000 00000000"  # length, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST
        "02 06 02 00 ffffffff"  # AF_INET, TCP, tcp_info, all states
        "0016 c366"  # ports
        "0a000001 000000000000000000000000"
        "0a000009 000000000000000000000000"
        "00000000 ffffffff ffffffff"  # interface, no cookie
    )
    assert request(FOUR, 7) == bytes.fromhex(expected)


def test_a_question_about_an_address_of_six_has_another_family_and_its_interface() -> None:
    asked = request(Connection(("fe80::1%3", 22), ("fe80::2%3", 50022)), 7)
    assert asked[16] == socket.AF_INET6
    assert asked[28:44].hex() == "fe800000000000000000000000000001"
    assert asked[44:60].hex() == "fe800000000000000000000000000002"
    assert asked[60:64] == b"\3\0\0\0"
    # Where only the other end names one, and where nobody knows it.
    assert request(Connection(("fe80::1", 22), ("fe80::2%3", 50022)), 7)[60:64] == b"\3\0\0\0"
    nowhere = Connection(("fe80::1%nowhere", 22), ("fe80::2%nowhere", 50022))
    assert request(nowhere, 7)[60:64] == bytes(4)


def made(*attributes: tuple[int, bytes], queue: int = 0, size: int | None = None) -> bytes:
    """An answer to question 7: 16 bytes of head, 72 of message, attributes on four bytes each."""
    body = bytes(60) + struct.pack("=I", queue) + bytes(8)
    for kind, data in attributes:
        body += struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)
    size = 16 + len(body) if size is None else size
    return struct.pack("=IHHII", size, 20, 0, 7, 0) + body


def info(acknowledged: int, *, more: int = 0) -> tuple[int, bytes]:
    """tcp_info up to the bytes that have arrived, and so many behind them."""
    return 2, bytes(120) + struct.pack("=Q", acknowledged) + bytes(more)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (made(info(1 << 40), queue=5), Reading((1 << 40) + 5, 1 << 40)),
        (made((5, b"\0"), (8, b"abcde"), (9, b"abcd"), info(1000)), Reading(1000, 1000)),
        (made(info(1000, more=96)), Reading(1000, 1000)),
        (made((3, bytes(136))), None),
        (made((2, bytes(127))), None),
        (made(), None),
        # What lies behind the end that the head tells is not looked at.
        (made(info(1000), size=88), None),
        (made(info(1000), size=88 + 4 + 127), None),
        (made(info(1000), size=88 + 4 + 128), Reading(1000, 1000)),
    ],
)
def test_answers_are_read_as_far_as_they_go(answer: bytes, told: Reading | None) -> None:
    assert reading(answer, 7) == told


def test_an_attribute_without_a_length_is_passed_over() -> None:
    answer = made((0, b""), info(1000))
    assert reading(answer[:88] + bytes(4) + answer[92:], 7) == Reading(1000, 1000)


def test_questions_are_numbered_by_32_bits_and_late_answers_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, opened, closed = [], [], []
    read: list[int] = []

    class Kernel:
        def __init__(self, *kind: int) -> None:
            opened.append(kind)

        def settimeout(self, seconds: float) -> None:
            assert 0 < seconds < 1, "it is asked in the thread of the screen"

        def send(self, data: bytes) -> None:
            asked.append(int.from_bytes(data[8:12], "little"))

        def recv(self, size: int) -> bytes:
            # A late answer to an earlier question comes first.
            read.append(asked[-1] if read else 99)
            head = struct.pack("=IHHII", 88 + 132, 20, 0, read[-1], 0)
            return (head + made(info(read[-1]))[16:])[:size]

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(socket, "socket", Kernel)
    monkeypatch.setattr(sys, "platform", "linux")
    kernel = SocketDiagnostics()
    kernel._sequence = 0xFFFFFFFE
    told = [kernel.look(FOUR) for _ in range(3)]
    assert told == [Reading(number, number) for number in (0xFFFFFFFF, 0, 1)]
    assert asked == [0xFFFFFFFF, 0, 1] and read == [99, *asked]
    # NETLINK_SOCK_DIAG is 4.
    assert opened == [(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 4)]
    kernel.close()
    kernel.close()
    assert closed == [True]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert kernel.look(FOUR) is None and len(asked) == 3


@pytest.mark.parametrize("port", ["1", "65535", "0", "65536", "-1"])
def test_ports_are_of_16_bits_and_none_is_0(port: str) -> None:
    one = Connection.parse(f"10.0.0.9 50022 10.0.0.1 {port}")
    other = Connection.parse(f"10.0.0.9 {port} 10.0.0.1 22")
    if port in ("1", "65535"):
        assert one == Connection(("10.0.0.1", int(port)), ("10.0.0.9", 50022))
        assert other == Connection(("10.0.0.1", 22), ("10.0.0.9", int(port)))
    else:
        assert one is None and other is None


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

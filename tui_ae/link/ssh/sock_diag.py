"""How far a TCP connection has got, as the kernel tells anybody who asks (see sock_diag(7))."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from ipaddress import ip_address
from typing import NamedTuple

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
INET_DIAG_INFO = 2
NO_COOKIE = 0xFFFFFFFF
ALL_STATES = 0xFFFFFFFF
HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, sender."""
REQUEST = struct.Struct("=BBBBI")
"""inet_diag_req_v2 up to the addresses: family, protocol, extensions, padding, states."""
ADDRESSES = struct.Struct("!HH16s16s")
ADDRESSES_END = struct.Struct("=III")
"""inet_diag_sockid: ports and addresses in network order, then interface and cookie."""
QUEUE_AT, ATTRIBUTES_AT = HEADER.size + 60, HEADER.size + 72
"""Where inet_diag_msg has `idiag_wqueue`, and where it ends."""
ATTRIBUTE = struct.Struct("=HH")
ACKNOWLEDGED_AT = 120
"""Where tcp_info has `tcpi_bytes_acked`, since Linux 4.1."""
MAX_ANSWER = 8192
ANSWER_S = 0.05


class Connection(NamedTuple):
    """A TCP connection: this end and the other."""

    here: tuple[str, int]
    there: tuple[str, int]

    @classmethod
    def parse(cls, text: str) -> Connection | None:
        """From what sshd puts into SSH_CONNECTION: the client's address and port, and its own."""
        try:
            there, there_port, here, here_port = text.split()
            ends = (here, int(here_port)), (there, int(there_port))
            for address, port in ends:
                ip_address(address)
                if not 0 < port < 1 << 16:
                    return None
        except ValueError:
            return None
        return cls(*ends)


class Reading(NamedTuple):
    """How many bytes were ever given to a connection, and how many of them have arrived."""

    written: int
    acknowledged: int


def request(connection: Connection, sequence: int) -> bytes:
    """The question for one connection."""
    here, there = (ip_address(address) for address, _ in connection)
    family = socket.AF_INET if here.version == 4 else socket.AF_INET6
    interface = 0
    if scope := getattr(here, "scope_id", None) or getattr(there, "scope_id", None):
        with contextlib.suppress(OSError):
            interface = int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
    body = (
        REQUEST.pack(family, socket.IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0, ALL_STATES)
        + ADDRESSES.pack(connection.here[1], connection.there[1], here.packed, there.packed)
        + ADDRESSES_END.pack(interface, NO_COOKIE, NO_COOKIE)
    )
    size = HEADER.size + len(body)
    return HEADER.pack(size, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, sequence, 0) + body


def reading(answer: bytes, sequence: int) -> Reading | None:
    """What an answer tells; None where there is no such connection (any more).

    Raises:
        ValueError: it answers another question.
    """
    if len(answer) < HEADER.size:
        return None
    size, kind, _, answered, _ = HEADER.unpack_from(answer)
    if answered != sequence:
        raise ValueError
    end = min(size, len(answer))
    if kind != SOCK_DIAG_BY_FAMILY or end < ATTRIBUTES_AT:
        return None
    queue: int = struct.unpack_from("=I", answer, QUEUE_AT)[0]
    at = ATTRIBUTES_AT
    while at + ATTRIBUTE.size <= end:
        length, kind = ATTRIBUTE.unpack_from(answer, at)
        info = answer[at + ATTRIBUTE.size : min(at + length, end)]
        if kind == INET_DIAG_INFO and len(info) >= ACKNOWLEDGED_AT + 8:
            acknowledged: int = struct.unpack_from("=Q", info, ACKNOWLEDGED_AT)[0]
            return Reading(acknowledged + queue, acknowledged)
        at += max((length + 3) & ~3, ATTRIBUTE.size)
    return None


class SocketDiagnostics:
    """Asks the kernel, from any thread; a look takes some 20 µs. Blind where it can't ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sequence = 0
        self._socket: socket.socket | None = None

    def look(self, connection: Connection) -> Reading | None:
        """How far a connection is; None where the kernel knows none, or can't be asked."""
        if sys.platform != "linux":
            return None
        with self._lock:
            try:
                return self._ask(connection)
            except OSError:
                return None

    def _ask(self, connection: Connection) -> Reading | None:
        if self._socket is None:
            kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
            self._socket = socket.socket(socket.AF_NETLINK, kind, NETLINK_SOCK_DIAG)
            self._socket.settimeout(ANSWER_S)
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        self._socket.send(request(connection, self._sequence))
        while True:
            # A late answer to an earlier question is passed over.
            with contextlib.suppress(ValueError):
                return reading(self._socket.recv(MAX_ANSWER), self._sequence)

    def close(self) -> None:
        """Give the descriptor back."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

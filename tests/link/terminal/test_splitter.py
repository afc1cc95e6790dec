"""What is typed, and what comes amid it, cut anywhere, broken anywhere: keys always work again."""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui_ae.link.terminal import reader as reader_module
from tui_ae.link.terminal import splitter
from tui_ae.link.terminal.reader import POLL_S, Reader, Stop
from tui_ae.link.terminal.splitter import MAX_SEQUENCE, Answer, Splitter

BACK_S = 1.5
"""How long after anything keys answer again, at the latest."""


def pieces(*texts: str, step_s: float = 0.001) -> list[str | Answer]:
    """What a splitter makes of parts that come one after the other."""
    splitter, found = Splitter(), []
    for index, text in enumerate(texts):
        found += splitter.feed(text, index * step_s)
    return found


def test_escape_and_the_next_key_in_one_read_are_two_keys() -> None:
    assert pieces("a\x1bf") == ["a", "\x1b", "f"]
    assert pieces("\x1b\x1b[A\x1b \x1b") == ["\x1b", "\x1b[A", "\x1b", " ", "\x1b"]


def test_answers_to_other_questions_are_no_keys() -> None:
    colour, capability = "\x1b]11;rgb:0/0/0\x1b\\", "\x1bP1+r\x1b\\"
    assert pieces(f"a{colour}\x1bOP{capability}b") == [
        "a",
        Answer(colour),
        "\x1bOP",
        Answer(capability),
        "b",
    ]


PARTS = [
    "a", "é漢", "\x1b[A", "\x1bOP", "\x1b[<0;3;4M", "\x1b[15~", "\x1b[200~some\x1b[A text\x1b[201~",
    "\x1b]11;rgb:0000/0000/0000\x07", "\x1bP1$r0m\x1b\\", "\x1b[I", "\x1b[104u", "\x1b[1;5A",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=6), st.data())
def test_parts_may_be_cut_anywhere_but_behind_esc(parts: list[str], data: st.DataObject) -> None:
    stream = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    # The filter of reports waits for what follows an ESC.
    cuts = [cut for cut in cuts if not stream[:cut].endswith("\x1b")]
    texts = [stream[a:b] for a, b in itertools.pairwise([0, *cuts, len(stream)])]
    whole, cut = pieces(stream), pieces(*texts)
    assert "".join(map(str, whole)) == "".join(map(str, cut))


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[1;1:3A", None),
        ("\x1b[1;1:1A", "\x1b[1;1A"),
        ("\x1b[1;2:2B", "\x1b[1;2B"),
        ("\x1b[102;1:3u", None),
        ("\x1b[102;1:1u", "\x1b[102;1u"),
        ("\x1b[1077::113u", "\x1b[1077u"),
        ("\x1b[97:65;2;65u", "\x1b[97;2;65u"),
        ("\x1b[99999999u", None),
        ("\x1b[55296u", None),
        ("\x1b[97;1;99999999u", None),
        ("\x1b[;1u", None),
        ("\x1b[57413u", "+"),
        ("\x1b[57412;1:2u", "-"),
        ("\x1b[57412;1:3u", None),
        ("\x1bOk", "+"),
        ("\x1bOm", "-"),
        ("\x1bOq", "1"),
        ("\x1bOM", "\r"),
        ("\x1bOP", "\x1bOP"),
        ("\x1b[3~", "\x1b[3~"),
        ("\x1b[3;1:3~", None),
        # Code points end here, and of halves of pairs none is a character.
        ("\x1b[1114111u", "\x1b[1114111u"),
        ("\x1b[1114112u", None),
        ("\x1b[55295u", "\x1b[55295u"),
        ("\x1b[57343u", None),
        ("\x1b[57344u", "\x1b[57344u"),
        ("\x1b[97;1;57343u", None),
        ("\x1b[97;;98:99u", "\x1b[97;;98:99u"),
        ("\x1b[97;;u", "\x1b[97u"),
        # The keypad, from 0 to =.
        ("\x1b[57398u", "\x1b[57398u"),
        ("\x1b[57399u", "0"),
        ("\x1b[57408u", "9"),
        ("\x1b[57409u", "."),
        ("\x1b[57410u", "/"),
        ("\x1b[57411u", "*"),
        ("\x1b[57414u", "\r"),
        ("\x1b[57415u", "="),
        ("\x1b[57416u", "\x1b[57416u"),
        ("\x1b[57399~", "\x1b[57399~"),
        ("\x1b[A", "\x1b[A"),
        ("\x1bOj", "*"),
        ("\x1bOy", "9"),
        ("\x1bOX", "="),
        ("\x1bOi", "\x1bOi"),
        ("\x1b[M !!", "\x1b[M !!"),
        ("\x1b\\", None),
        ("\x1b[201~", None),
    ],
)
def test_keys_of_other_protocols_are_understood_or_left_out(sent: str, key: str | None) -> None:
    assert pieces(f"a{sent}b") == ["a", *([key] if key else []), "b"]


OPEN = {
    "paste": "\x1b[200~abcl",
    "operating system command": "\x1b]11;rgb:0000/0000/0000",
    "device control string": "\x1bP1$r48;2",
    "parameters": "\x1b[<0;12;",
    "much": "\x1b]52;c;" + "A" * 3 * MAX_SEQUENCE,
}


@pytest.mark.parametrize("opened", OPEN.values(), ids=OPEN)
def test_what_stays_open_is_given_up_after_a_second(opened: str) -> None:
    splitter = Splitter()
    splitter.feed(opened, 0.0)
    left_s = splitter.wait_s(0.0)
    assert left_s is not None and 0 < left_s <= BACK_S
    assert splitter.feed("1", 0.3) == []
    splitter.expire(0.3 + BACK_S)
    assert splitter.wait_s(0.3 + BACK_S) is None
    assert splitter.feed("l", 0.31 + BACK_S) == ["l"]


@pytest.mark.parametrize("opened", OPEN.values(), ids=OPEN)
@pytest.mark.parametrize("way_out", ["\x1b", "\x03"])
def test_esc_and_ctrl_c_leave_it_at_once(opened: str, way_out: str) -> None:
    splitter = Splitter()
    splitter.feed(opened, 0.0)
    *before, last = splitter.feed(f"{way_out}q", 0.1)
    assert last in ("q", "\x03q") and (last == "\x03q" or before[-1] == "\x1b")


def test_a_paste_that_is_typed_into_ends_all_the_same() -> None:
    splitter, now = Splitter(), 0.0
    splitter.feed("\x1b[200~", now)
    while splitter.wait_s(now) is not None:
        now += 0.1
        splitter.expire(now)
        splitter.feed("l", now)
        assert now < BACK_S
    assert splitter.feed("k", now) == ["k"]


def test_a_long_paste_over_a_slow_line_is_one() -> None:
    text = "x" * 4000
    parts = ["\x1b[200~", *(text[at : at + 96] for at in range(0, 4000, 96)), "\x1b[201~"]
    assert pieces(*parts, step_s=0.1) == [f"\x1b[200~{text}\x1b[201~"]


@pytest.mark.parametrize(
    ("parts", "ends_at"),
    [
        # A second from its beginning, whatever comes of it then.
        ([("\x1b[<0;", 0.0)], 1.0),
        ([("\x1b[<0;", 0.0), ("12", 0.75)], 1.0),
        ([("ab\x1b[<0;12mc\x1b[<0;", 3.0)], 4.0),
        # Another one that has broken it off has a second of its own.
        ([("\x1b[<0;", 0.0), ("1\x1b]1", 0.75)], 1.75),
        # A paste half a second from the last of it, ...
        ([("\x1b[200~", 0.0)], 0.5),
        ([("\x1b[200~", 0.0), ("x" * 244, 0.25)], 0.75),
        # ... and no longer than a second and one for each 500 characters.
        ([("\x1b[200~", 0.0), ("x" * 244, 0.4), ("x", 0.8), ("x" * 49, 1.2)], 1.6),
        ([("\x1b[200~", 0.0), ("x" * 244, 0.4), ("x", 0.8), ("x" * 50, 1.2), ("x", 1.59)], 1.604),
    ],
)
def test_the_end_of_what_stays_open_is_known(
    parts: list[tuple[str, float]], ends_at: float
) -> None:
    splitter = Splitter()
    assert splitter.wait_s(0.0) is None
    for text, now in parts:
        splitter.feed(text, now)
    assert splitter.wait_s(parts[-1][1]) == pytest.approx(ends_at - parts[-1][1])
    splitter.expire(ends_at - 0.001)
    assert splitter.wait_s(ends_at - 0.001) == pytest.approx(0.001)
    assert splitter.wait_s(ends_at + 9) == 0.0
    splitter.expire(ends_at + 1e-9)
    assert splitter.wait_s(ends_at) is None


@pytest.mark.parametrize(
    ("begin", "limit", "end"),
    [("\x1b]", 8192, "\x07"), ("\x1bP", 8192, "\x1b\\"), ("\x1b[200~", 1 << 20, "\x1b[201~")],
)
def test_of_a_sequence_that_is_too_long_only_its_end_is_waited_for(
    begin: str, limit: int, end: str
) -> None:
    longest = begin + "x" * (limit - len(begin))
    for opened, whole in ((longest, longest + end), (longest + "x", begin + end)):
        splitter = Splitter()
        assert splitter.feed(opened, 0.0) == []
        assert [str(piece) for piece in splitter.feed(end, 0.1)] == [
            str(Answer(whole)) if len(begin) == 2 else whole
        ]


def test_what_breaks_a_paste_off_is_a_key_unless_the_paste_ended_before_it() -> None:
    whole = "\x1b[200~ab\x1b[201~"
    assert pieces(whole + "\x03c") == [whole, "\x03c"]
    assert pieces("\x1b[200~ab\x03c\x1b[201~d") == ["\x03c", "d"]
    assert pieces("\x1b[200~ab\x1bOP\x1b[201~") == ["\x1bOP"]


class Typing:
    """A reader whose time is the test's."""

    def __init__(self, parser: type[XTermParser] = XTermParser) -> None:
        self.messages: list[Message] = []
        self.reports: list[tuple[float, ...]] = []
        self.now = 0.0
        self.reader = Reader(
            -1,
            parser,
            expecting=lambda: True,
            report=lambda *place: self.reports.append(place),
            message=self.messages.append,
        )

    def send(self, text: str, after_s: float = 0.0) -> None:
        self.now += after_s
        reader = self.reader
        text = reader._take_reports(text, self.now)
        reader._dispatch(text + reader._replies.release(self.now), self.now)

    def key(self) -> list[str]:
        """The key that comes of an l that is pressed when all that is open is over."""
        for _ in range(round(BACK_S / POLL_S)):
            self.send("", POLL_S)
        self.messages.clear()
        self.send("l")
        return [message.key for message in self.messages if isinstance(message, events.Key)]


RECORDED = [
    "l", "q", "\x1b", "\x1b[A", "\x1b[B", "\x1bOA", "\x1b[1;2C", "\x1b[1;5D", "\x1b[15~",
    "\x1b[<0;12;7M", "\x1b[<0;12;7m", "\x1b[<64;9;9M", "\x1b[<35;200;60M", "\x1b[M !!",
    "\x1b[200~pasted\x1b[201~", "\x1b[12;40R", "\x1b[1;5R", "\x1b[?2026;2$y", "\x1b[?2048;1$y",
    "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]4;1;rgb:ff/0/0\x07", "\x1bP1$r0;38;2;1;2;3m\x1b\\",
    "\x1bP1+r524742=\x1b\\", "\x1b[I", "\x1b[O", "\x1b[104u", "\x1b[1:2;3:1;4u", "\x1b[1;1:3A",
    "\x1b[102;1:3u", "\x1b[1077::113u", "\x1b[48;24;80;480;800t", "\x1bOk", "\x1bOm", "\x03",
    "é", "漢", "\x1b[?1;2c", "\x1b[>0;276;0c", "\x9b", "\x00", "\r", "\t", "\x7f",
]  # fmt: skip


def broken_stream(chance: random.Random) -> str:
    """Recorded input, some of it cut, doubled, mixed up, or with other characters in it."""
    parts = chance.choices(RECORDED, k=chance.randrange(1, 12))
    stream = list("".join(parts))
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(stream) + 1)
        match chance.randrange(4):
            case 0:
                del stream[at : at + chance.randrange(1, 6)]
            case 1:
                stream[at:at] = chance.choice(RECORDED)
            case 2:
                stream[at:at] = [chr(chance.choice([*range(0x80), 0x9B, 0x202E, 0x1F600]))]
            case _:
                stream[at:] = stream[at:][::-1] if chance.random() < 0.2 else stream[at:]
    return "".join(stream)


@pytest.mark.parametrize("streams", [1500, pytest.param(20_000, marks=pytest.mark.slow)])
def test_keys_answer_after_any_stream(streams: int) -> None:
    chance = random.Random(streams)
    for _ in range(streams):
        typing, stream = Typing(), broken_stream(chance)
        at = 0
        while at < len(stream):
            step = chance.choice([1, 2, 7, 100])
            typing.send(stream[at : at + step], chance.choice([0.0, 0.001, 0.05, 0.2]))
            at += step
        assert typing.key() == ["l"], ascii(stream)


def test_a_reader_that_meets_a_fault_of_the_parser_goes_on() -> None:
    class Faulty(XTermParser):
        def feed(self, data: str) -> Iterable[Message]:
            if "x" in data:
                raise ValueError(data)
            return super().feed(data)

    typing = Typing(Faulty)
    typing.send("x")
    assert typing.key() == ["l"]


def test_a_parser_that_waits_for_more_of_a_whole_sequence_is_replaced() -> None:
    made = []

    class Waiting(XTermParser):
        def __init__(self, debug: bool = False) -> None:
            super().__init__(debug)
            made.append(self)

        def feed(self, data: str) -> Iterable[Message]:
            if data == "\x1b[99~":
                self._timeout_time = 1.0
                return []
            return super().feed(data)

    typing = Typing(Waiting)
    typing.send("a")
    assert len(made) == 1
    typing.send("\x1b[99~")
    assert len(made) == 2 and typing.reader._parser is made[1]
    assert typing.key() == ["l"]


def test_an_open_paste_ends_while_nothing_more_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the real loop, whose only clock is that of the machine."""
    monkeypatch.setattr(splitter, "OPEN_S", 0.1)
    monkeypatch.setattr(splitter, "PASTE_GAP_S", 0.05)
    read, write = os.pipe()
    keys, stop, seen = [], Stop(), threading.Event()

    def message(event: Message) -> None:
        assert isinstance(event, events.Key)
        keys.append(event.key)
        seen.set()

    reader = Reader(
        read, XTermParser, expecting=lambda: False, report=lambda *_: None, message=message
    )
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    try:
        os.write(write, b"\x1b[200~lost")
        while not seen.wait(0.1):
            os.write(write, b"l")
        assert keys[0] == "l"
    finally:
        stop.set()
        thread.join()
        os.close(read)
        os.close(write)


def test_a_reader_that_waits_for_keys_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "POLL_S", 60.0)
    read, write = os.pipe()
    stop, waits = Stop(), threading.Event()
    reader = Reader(
        read,
        XTermParser,
        expecting=lambda: False,
        report=lambda *_: None,
        message=lambda _: waits.set(),
    )
    ended = []
    thread = threading.Thread(target=lambda: ended.append(reader.run(stop)), daemon=True)
    thread.start()
    os.write(write, b"l")
    assert waits.wait(20.0)
    stop.set()
    thread.join(20.0)
    assert ended == [False]
    # And where it has ended by itself, nobody is woken.
    stop.clear()
    os.close(write)
    assert reader.run(stop)
    stop.set()
    os.close(read)

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.link.terminal.reports import ReportFilter

typed = st.sampled_from(
    ["a", "é", "\x1b[A", "\x1b[200~x\x1b[201~", "\x1b[1;2A", "\x1bx", "\r", "\x1b[<0;3;4M"]
)
reports = st.tuples(st.integers(2, 60), st.integers(1, 200)).map("\x1b[{0[0]};{0[1]}R".format)


@given(st.lists(st.one_of(typed, reports), max_size=8), st.data())
def test_reports_leave_no_trace_wherever_the_reads_cut(
    parts: list[str], data: st.DataObject
) -> None:
    stream = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    replies, kept, found = ReportFilter(), "", []
    for index, (begin, end) in enumerate(zip([0, *cuts], [*cuts, len(stream)], strict=True)):
        text, places = replies.feed(stream[begin:end], index * 0.001, expecting=True)
        kept += text
        found += places
    kept += replies.release(10.0)
    assert kept == "".join(part for part in parts if not re.fullmatch(r"\x1b\[\d+;\d+R", part))
    assert len(found) == sum(part.endswith("R") for part in parts)


def test_the_rest_of_a_report_whose_escape_was_given_up_is_no_typing() -> None:
    replies = ReportFilter()
    assert replies.feed("a\x1b", 0.0, expecting=True) == ("a", [])
    assert replies.release(0.05) == ""
    assert replies.release(0.5) == "\x1b"
    assert replies.feed("[12;3Rb", 0.6, expecting=True) == ("b", [(12, 3)])


def test_only_a_lone_escape_is_held_back_while_no_answer_is_out() -> None:
    replies = ReportFilter()
    assert replies.feed("\x1b[12;3", 0.0, expecting=False) == ("\x1b[12;3", [])
    assert replies.feed("\x1b", 0.0, expecting=False) == ("", [])
    assert replies.feed("[A", 0.05, expecting=False) == ("\x1b[A", [])


def test_reports_that_keep_coming_do_not_hold_back_a_pressed_escape() -> None:
    replies = ReportFilter()
    assert replies.feed("\x1b", 0.0, expecting=True) == ("", [])
    assert replies.feed("\x1b[12;3R", 0.09, expecting=True) == ("", [(12, 3)])
    assert replies.release(0.11) == "\x1b"


@pytest.mark.parametrize(
    ("sent", "text", "found"),
    [
        ("\x1b[2;1R", "", [(2, 1)]),
        ("\x1b[9999;9999R", "", [(9999, 9999)]),
        ("\x1b[10000;1R", "\x1b[10000;1R", []),
        ("\x1b[2;10000R", "\x1b[2;10000R", []),
        ("\x1b[0;3R", "", [(0, 3)]),
        # From the first row it is F3, with one of the modifiers or none that there is.
        ("\x1b[1;1R", "", []),
        ("\x1b[1;2R", "\x1b[13;2~", []),
        ("\x1b[1;16R", "\x1b[13;16~", []),
        ("\x1b[1;17R", "", []),
    ],
)
def test_a_report_is_a_place_below_the_first_row(
    sent: str, text: str, found: list[tuple[int, int]]
) -> None:
    assert ReportFilter().feed(f"a{sent}b", 0.0, expecting=True) == (f"a{text}b", found)


@pytest.mark.parametrize(
    ("held", "for_s", "typed_then"),
    [("\x1b", 0.1, "\x1b"), ("\x1b[", 0.1, "\x1b["), ("\x1b[1", 1.0, ""), ("\x1b[12;34", 1.0, "")],
)
def test_what_may_be_a_report_is_held_back_a_tenth_and_its_digits_a_second(
    held: str, for_s: float, typed_then: str
) -> None:
    replies = ReportFilter()
    assert replies.wait_s(0.0) is None
    assert replies.feed(held, 0.0, expecting=True) == ("", [])
    assert replies.wait_s(0.25 * for_s) == pytest.approx(0.75 * for_s)
    assert replies.release(0.99 * for_s) == ""
    assert replies.wait_s(for_s) == 0.0 and replies.wait_s(9.0) == 0.0
    assert replies.release(for_s) == typed_then
    assert replies.wait_s(for_s) is None


def test_the_time_of_what_is_held_back_counts_from_the_last_of_it() -> None:
    replies = ReportFilter()
    replies.feed("\x1b", 0.0, expecting=True)
    replies.feed("[1", 0.05, expecting=True)
    assert replies.wait_s(0.05) == 1.0
    replies.feed("2", 0.5, expecting=True)
    assert replies.wait_s(0.5) == 1.0
    # Nothing of it came.
    replies.feed("", 0.75, expecting=True)
    assert replies.wait_s(0.75) == 0.75


@pytest.mark.parametrize(
    ("later", "text", "found"),
    [
        ("34R", "", [(12, 34)]),
        ("34Rabc", "abc", [(12, 34)]),
        # Only what comes next is the rest of it.
        ("a", "a", []),
    ],
)
def test_the_rest_of_a_report_that_was_given_up_belongs_to_it(
    later: str, text: str, found: list[tuple[int, int]]
) -> None:
    replies = ReportFilter()
    replies.feed("x\x1b[12;", 0.0, expecting=True)
    assert replies.release(1.0) == ""
    assert replies.feed(later, 1.5, expecting=True) == (text, found)
    assert replies.feed("34R", 1.6, expecting=True) == ("34R", [])


def test_f3_whose_escape_was_given_up_is_a_key_all_the_same() -> None:
    replies = ReportFilter()
    replies.feed("\x1b", 0.0, expecting=False)
    assert replies.release(0.1) == "\x1b"
    assert replies.feed("[1;5Rx", 0.2, expecting=False) == ("\x1b[13;5~x", [])

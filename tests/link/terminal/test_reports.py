from __future__ import annotations

import re

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

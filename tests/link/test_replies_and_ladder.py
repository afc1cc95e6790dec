import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.link.ladder import LEAST_RATES, RUNGS, Ladder
from tui_ae.link.replies import ReplyFilter

typed = st.sampled_from(
    ["a", "é", "\x1b[A", "\x1b[200~x\x1b[201~", "\x1b[1;2A", "\x1bx", "\r", "\x1b[<0;3;4M"]
)
reports = st.tuples(st.integers(2, 60), st.integers(1, 200)).map("\x1b[{0[0]};{0[1]}R".format)


@given(st.lists(st.one_of(typed, reports), max_size=8), st.data())
def test_reports_leave_no_trace_wherever_the_reads_cut(parts, data):
    stream = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    replies, kept, found = ReplyFilter(), "", []
    for index, (begin, end) in enumerate(zip([0, *cuts], [*cuts, len(stream)], strict=True)):
        text, places = replies.feed(stream[begin:end], index * 0.001, expecting=True)
        kept += text
        found += places
    kept += replies.release(10.0)
    assert kept == "".join(part for part in parts if not re.fullmatch(r"\x1b\[\d+;\d+R", part))
    assert len(found) == sum(part.endswith("R") for part in parts)


def test_the_rest_of_a_report_whose_escape_was_given_up_is_no_typing():
    replies = ReplyFilter()
    assert replies.feed("a\x1b", 0.0, expecting=True) == ("a", [])
    assert replies.release(0.05) == ""
    assert replies.release(0.5) == "\x1b"
    assert replies.feed("[12;3Rb", 0.6, expecting=True) == ("b", [(12, 3)])


def test_only_a_lone_escape_is_held_back_while_no_answer_is_out():
    replies = ReplyFilter()
    assert replies.feed("\x1b[12;3", 0.0, expecting=False) == ("\x1b[12;3", [])
    assert replies.feed("\x1b", 0.0, expecting=False) == ("", [])
    assert replies.feed("[A", 0.05, expecting=False) == ("\x1b[A", [])


def test_reports_that_keep_coming_do_not_hold_back_a_pressed_escape():
    replies = ReplyFilter()
    assert replies.feed("\x1b", 0.0, expecting=True) == ("", [])
    assert replies.feed("\x1b[12;3R", 0.09, expecting=True) == ("", [(12, 3)])
    assert replies.release(0.11) == "\x1b"


def changes(rates, step_s=0.1):
    ladder, rungs = Ladder(), []
    for index, rate in enumerate(rates):
        ladder.update(rate, index * step_s)
        rungs.append(ladder.rung)
    return sum(a is not b for a, b in itertools.pairwise(rungs)), rungs[-1]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LEAST_RATES[:-1]), st.floats(0.02, 0.15), st.integers(0, 10**6))
def test_noise_around_a_threshold_does_not_flicker(threshold, spread, seed):
    noise = random.Random(seed)
    count, _ = changes([threshold * noise.uniform(1 - spread, 1 + spread) for _ in range(600)])
    assert count <= 4


@pytest.mark.parametrize("period", [2, 20, 60, 100])
def test_rate_that_swings_forever_is_answered_less_and_less(period):
    rates = [500_000 if index // period % 2 else 5_000 for index in range(6000)]
    count, _ = changes(rates)
    assert count <= 10


def test_down_within_a_second_and_up_after_several():
    _, last = changes([500_000] * 30 + [5_000] * 10)
    assert last is RUNGS[3]
    _, last = changes([500_000] * 30 + [5_000] * 20 + [500_000] * 30)
    assert last is RUNGS[3]
    _, last = changes([500_000] * 30 + [5_000] * 20 + [500_000] * 400)
    assert last is RUNGS[0]


def test_a_pause_in_which_nothing_was_measured_is_no_evidence():
    for first, then in ((500_000, 5_000), (5_000, 500_000)):
        ladder = Ladder()
        for index in range(50):
            ladder.update(first, index * 0.1)
        before = ladder.rung
        for now in (65.0, 125.0):
            ladder.update(then, now)
            if now < 100:
                assert ladder.rung is before


def test_a_climb_that_lasted_makes_up_for_those_that_did_not():
    ladder, now = Ladder(), 0.0

    def feed(rate, seconds):
        nonlocal now
        start = now
        while now - start < seconds:
            now += 0.1
            ladder.update(rate, now)

    def climb_s():
        start = now
        while ladder.rung is not RUNGS[0]:
            feed(500_000, 0.1)
            assert now - start < 4 * 3**4 + 1
        return now - start

    feed(500_000, 5)
    feed(100_000, 3)
    soon = climb_s()
    for _ in range(3):
        feed(100_000, 3)
        climb_s()
    feed(100_000, 3)
    assert climb_s() > 3 * soon
    feed(500_000, 30)
    feed(100_000, 3)
    assert climb_s() == pytest.approx(soon, abs=0.5)


def test_fixed_modes_never_move():
    for mode, rung in (("fast", 0), ("slow", 3), ("9600", 4)):
        ladder = Ladder(mode)
        for index in range(100):
            ladder.update(10.0 if index % 2 else 1e6, index)
            assert ladder.rung is RUNGS[rung]

"""Training makes way where the screen's thread waits for a core."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from tui_ae.train.way import CROWDED, LEAST_NS, LOOK_S, NICER, Way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority there")
RAN = 5 * LEAST_NS
LONG = round(CROWDED * RAN) + 1


def nicer_after(tmp_path: Path, *spans: tuple[float, int, int]) -> int:
    """How much nicer a thread is after looks: each after seconds, with what the screen did since.

    The process itself, whose main thread this is, stays as it was.
    """
    own = os.getpriority(os.PRIO_PROCESS, 0)
    told: list[int] = []

    def train() -> None:
        file, now, ran, waited = tmp_path / "schedstat", 100.0, 300_000_000, 900_000_000
        file.write_text(f"{ran} {waited} 17\n")
        way = Way(file, lambda: now)
        way.look()
        for seconds, run, wait in spans:
            now, ran, waited = now + seconds, ran + run, waited + wait
            file.write_text(f"{ran} {waited} 18\n")
            way.look()
        told.append(os.getpriority(os.PRIO_PROCESS, 0))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
    return told[0] - own


def test_a_screen_that_waits_long_for_a_core_has_training_make_way_once(tmp_path: Path) -> None:
    crowd = (LOOK_S, RAN, LONG)
    assert nicer_after(tmp_path, crowd) == NICER
    assert nicer_after(tmp_path, (LOOK_S, RAN, 0), crowd, crowd, crowd) == NICER


def test_training_keeps_its_share_where_the_screen_hardly_waits(tmp_path: Path) -> None:
    assert nicer_after(tmp_path, *[(LOOK_S, RAN, RAN)] * 5) == 0


def test_what_came_before_the_first_look_or_while_it_rested_does_not_count(
    tmp_path: Path,
) -> None:
    assert nicer_after(tmp_path) == 0
    assert nicer_after(tmp_path, (60.0, RAN, LONG), (LOOK_S, RAN, RAN)) == 0


def test_few_frames_tell_nothing(tmp_path: Path) -> None:
    assert nicer_after(tmp_path, (LOOK_S, LEAST_NS - 1, LONG)) == 0


def test_where_nothing_is_counted_training_stays_as_it_is(tmp_path: Path) -> None:
    Way(tmp_path / "none").look()
    (tmp_path / "other").write_text("nothing\n")
    Way(tmp_path / "other").look()


def test_the_kernel_tells_of_the_main_thread() -> None:
    way = Way()
    way.look()
    assert way._ran > 0

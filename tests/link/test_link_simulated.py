from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import pytest

from tui_ae.config import LinkMode
from tui_ae.link.flow.flow import SILENT_RATE, Contact
from tui_ae.link.flow.priorities import Region
from tui_ae.link.link import SYNC_BEGIN, SYNC_END, SYNC_FROM_BYTES, Link
from tui_ae.ui.quality import CLOUD_PRIORITY, EARLY_S, FRAME_PRIORITY, QUALITIES, Quality

STEP_S = 0.002
PROBE_ROW, IMAGE_ROW, SCATTER_ROW = 0, 1, 15
REGIONS = [
    Region(0, 0, 120, 1, 0),
    Region(0, 1, 28, 14, 0, "probe"),
    Region(40, 1, 28, 14, 1, "sample"),
    Region(0, 15, 120, 25, 3),
]


def test_signs_of_several_bytes_count_as_what_they_weigh() -> None:
    """Else the window would never open while the screen is full of braille."""
    now = 100.0
    link = Link((120, 40), clock=lambda: now)
    link.feed("\x1b[?1049h")
    link.feed("".join(f"\x1b[{y};1H{'⣿' * 120}" for y in range(1, 41)))
    window = link.flow.window
    for _ in range(4):
        assert link.next_frame()
        assert link.awaited is not None
        row, column = link.awaited
        now += 0.001
        assert link.report(row, column, now)
        now += 0.05
    assert link.flow.window >= 5 * window


class Line(TypedDict, total=False):
    """What a terminal is made of."""

    rate: float
    round_trip_s: float
    answers: int


class Terminal:
    """A link of a rate and a delay with a deep buffer, and a terminal that answers, or not."""

    def __init__(
        self,
        rate: float | None = None,
        round_trip_s: float = 0.0,
        answers: int = 1,
        answer_delay_s: float = 0.0,
    ) -> None:
        self.rate, self.delay, self.answers = rate, round_trip_s / 2, answers
        self.answer_delay_s = answer_delay_s
        self.busy_until = 0.0
        self.stalled_until = 0.0
        self.lost_until = 0.0
        self.replies: list[Any] = []

    def take(self, size: int, now: float) -> float:
        """When these bytes have been shown."""
        start = max(now, self.busy_until, self.stalled_until)
        self.busy_until = start + (size / self.rate if self.rate else 0.0)
        return self.busy_until + self.delay

    def answer_time(self, shown: float, now: float) -> float:
        """When the answer to what was shown then is back."""
        return max(shown, self.stalled_until) + self.delay + self.answer_delay_s


class Shaped(Terminal):
    """A link that first lets through at once what it has saved up, so many bytes at the most."""

    def __init__(self, rate: float, round_trip_s: float, bucket: float) -> None:
        super().__init__(rate, round_trip_s)
        self.shaped_rate, self.bucket_s = rate, bucket / rate
        self.earned_until = 0.0

    def take(self, size: int, now: float) -> float:
        self.earned_until = max(self.earned_until, now) + size / self.shaped_rate
        self.busy_until = max(self.busy_until, now, self.earned_until - self.bucket_s)
        return self.busy_until + self.delay


class Jerky(Terminal):
    """A link on which nothing moves for a moment, again and again, as on a train."""

    def __init__(
        self, rate: float | None, round_trip_s: float, every_s: float, longest_s: float
    ) -> None:
        super().__init__(rate, round_trip_s)
        self.every_s, self.longest_s = every_s, longest_s
        self.random = random.Random(1)
        self.next_stall = 103.0

    def take(self, size: int, now: float) -> float:
        while now >= self.next_stall:
            self.stalled_until = self.next_stall + self.random.uniform(0.1, self.longest_s)
            self.next_stall += self.every_s * self.random.uniform(0.5, 1.5)
        return super().take(size, now)


class World:
    """A program that paints whenever the link is ready, on a virtual clock."""

    def __init__(self, terminal: Terminal, mode: LinkMode = "auto", seed: int = 0) -> None:
        self.now, self.terminal = 100.0, terminal
        terminal.busy_until = self.now
        self.random = random.Random(seed)
        self.link = Link((120, 40), mode, clock=lambda: self.now)
        self.link.set_regions(REGIONS)
        self.sent: list[Any] = []
        self.qualities: list[Any] = []
        self.training = True
        self.latencies: list[float] = []
        self._waiting_since: float | None = None
        self._next_poll = self.now
        self._wake: float | None = None
        self.pumps = 0
        self.feed("\x1b[?1049h")
        self.feed("\x1b[?25l")
        self.feed("".join(f"\x1b[{y};1H{'x' * 120}" for y in range(1, 41)))

    def feed(self, data: str) -> None:
        self.link.feed(data)
        self._wake = self.now

    @property
    def quality(self) -> Quality:
        return QUALITIES[self.link.level]

    def claims_cloud(self) -> bool:
        return self.link.claim(CLOUD_PRIORITY, self.quality.cloud_interval_s - EARLY_S)

    def _colour(self) -> str:
        levels = self.quality.grey_levels or 256
        grey = self.random.randrange(levels) * (256 // levels)
        if self.quality.name == "full":
            return f"2;{grey};{grey};{grey}"
        return f"5;{232 + grey * 23 // 256}"

    def image(self, x: int, share: float) -> str:
        rows, columns = (7, 14) if self.quality.braille_images else (14, 28)
        parts = []
        for y in range(rows):
            for column in range(columns):
                if self.random.random() < share:
                    at = f"\x1b[{IMAGE_ROW + y + 1};{x + column + 1}H"
                    if self.quality.braille_images:
                        parts.append(at + chr(0x2800 + self.random.randrange(256)))
                    else:
                        parts.append(f"{at}\x1b[38;{self._colour()};48;{self._colour()}m▀\x1b[0m")
        return "".join(parts)

    def paint(self) -> None:
        parts = [f"\x1b[1;60Hepoch {self.random.random():.4f}", self.image(40, 0.2)]
        if self.claims_cloud():
            parts += self.sparse_cloud() if self.quality.sparse_cloud else self.cloud()
        self.feed("".join(parts))

    def cloud(self) -> Iterator[str]:
        for y in range(25):
            x = self.random.randrange(1, 80)
            dots = "".join(chr(0x2800 + self.random.randrange(256)) for _ in range(20))
            yield f"\x1b[{SCATTER_ROW + y + 1};{x}H{dots}"

    def sparse_cloud(self) -> Iterator[str]:
        """What changes in seconds of training: some 65 characters in 43 places, 480 bytes."""
        for _ in range(43):
            row, x = SCATTER_ROW + self.random.randrange(25), self.random.randrange(1, 55)
            label = self.random.randrange(7)
            run = str(label) * self.random.randrange(1, 3)
            yield f"\x1b[{row + 1};{x + 1}H\x1b[{91 + label}m{run}\x1b[m"

    def key(self) -> None:
        self.link.urgent()
        self.feed(
            f"\x1b[1;1Hprobe (z1 = {self.random.random():.3f}, z2 = 0.123)"
            + self.image(0, self.share())
        )
        self._waiting_since = self.now

    def share(self) -> float:
        """How much of the picture one step of the probe changes."""
        return 0.06 if self.quality.grey_levels else 0.2

    def _urgent_shown(self) -> bool:
        changed = self.link.encoder.changed()
        return not changed[0, :40].any() and not changed[1:15, :28].any()

    def step(self) -> None:
        """Let a moment pass. As in the driver, frames are asked for only after something happened,
        and when the link said that it wants to be asked."""
        self.now += STEP_S
        terminal, link = self.terminal, self.link
        while terminal.replies and terminal.replies[0][0] <= self.now:
            _, place = heapq.heappop(terminal.replies)
            self.answered(place)
        if self.training and self.now >= self._next_poll:
            self._next_poll = self.now + 0.04
            if link.claim(FRAME_PRIORITY, self.quality.frame_interval_s - EARLY_S):
                self.paint()
        if self._wake is not None and self.now >= self._wake:
            frames = 0
            while self._pump():
                frames += 1
                assert frames < 100, "frames without end"
            self._wake = link.wake_time()
        self.qualities.append(self.quality.name)

    def answered(self, place: tuple[int, int]) -> None:
        """The terminal has answered."""
        if self.link.report(*place, self.now):
            self._wake = self.now

    def sending(self) -> None:
        """A frame is about to go."""

    def _pump(self) -> bool:
        terminal, link = self.terminal, self.link
        self.pumps += 1
        frame = link.next_frame()
        if frame is None:
            return False
        self.sending()
        shown = terminal.take(len(frame), self.now)
        self.sent.append((self.now, len(frame)))
        if frame.endswith(b"\x1b[6n") and self.now >= terminal.lost_until:
            back = terminal.answer_time(shown, self.now)
            for _ in range(terminal.answers):
                heapq.heappush(terminal.replies, (back, link.awaited))
        if self._waiting_since is not None and self._urgent_shown():
            self.latencies.append(shown - self._waiting_since + terminal.delay)
            self._waiting_since = None
        return True

    def run(self, seconds: float, key_every_s: float | None = None) -> None:
        end, next_key = self.now + seconds, self.now + 0.3
        while self.now < end:
            if key_every_s and self.now >= next_key and self._waiting_since is None:
                self.key()
                next_key = self.now + key_every_s * self.random.uniform(0.7, 1.3)
            self.step()

    def until(self, predicate: Callable[[], object], limit_s: float = 30.0) -> float:
        """Step until `predicate` holds; returns how long that took."""
        start = self.now
        while not predicate():
            assert self.now - start < limit_s, "it never came"
            self.step()
        return self.now - start

    def is_right(self) -> bool:
        """Whether what the person waits for has been sent."""
        return not self.link.stats().stalled and self._urgent_shown()

    def bytes_between(self, begin: float, end: float) -> int:
        return sum(size for moment, size in self.sent if begin <= moment < end)

    def quality_changes(self) -> int:
        return sum(a != b for a, b in itertools.pairwise(self.qualities))


LINKS = {
    "none": (Terminal(), "full", 0.02, 0.05),
    "1 Mbit/s": (Terminal(125_000, 0.05), "good", 0.075, 0.15),
    "56 kbit/s": (Terminal(7_000, 0.15), "thin", 0.25, 0.4),
    "9,600 baud": (Terminal(960, 0.2), "bare", 0.6, 1.0),
}


@pytest.mark.parametrize("name", LINKS)
def test_keys_are_answered_in_time_and_the_quality_settles(name: str) -> None:
    template, quality, half, nearly_all = LINKS[name]
    world = World(Terminal(template.rate, 2 * template.delay))
    world.run(8)
    assert world.quality.name == quality
    changes = world.quality_changes()
    assert changes <= 3
    world.run(30, key_every_s=0.6)
    assert world.quality.name == quality
    assert world.quality_changes() == changes, "the quality flickers"
    latencies = sorted(world.latencies)
    assert len(latencies) > 25
    assert latencies[len(latencies) // 2] <= half
    assert latencies[-1] <= nearly_all
    rate = world.link.flow.estimate.rate
    if template.rate:
        assert 0.5 * template.rate < rate < 2 * template.rate


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))]
)
@pytest.mark.parametrize(
    ("rate", "round_trip_s", "quality"),
    [(7_000, 0.15, "thin"), (20_000, 0.1, "lean"), (125_000, 0.05, "good"), (960, 0.2, "bare")],
)
def test_a_link_of_one_rate_is_known_for_what_it_is(
    rate: float, round_trip_s: float, quality: str, seed: int
) -> None:
    world = World(Terminal(rate, round_trip_s), seed=seed)
    world.run(8)
    changes = world.quality_changes()
    for _ in range(15):
        world.run(2, key_every_s=0.6)
        assert world.link.flow.estimate.rate < 2.1 * rate
    assert world.quality.name == quality
    assert world.quality_changes() == changes


@pytest.mark.parametrize(
    ("rate", "bucket", "worst_s"),
    [
        (7_000, 1_500, 0.7),
        (7_000, 16_000, 0.9),
        (960, 500, 0.9),
        (960, 1_500, 1.0),
        (960, 4_000, 2.0),
    ],
)
def test_a_bucket_that_passes_at_once_is_not_taken_for_the_rate(
    rate: float, bucket: float, worst_s: float
) -> None:
    world = World(Shaped(rate, 0.05, bucket))
    world.run(12, key_every_s=0.8)
    world.latencies.clear()
    changes = world.quality_changes()
    world.run(80, key_every_s=0.8)
    latencies = sorted(world.latencies)
    assert latencies[len(latencies) // 2] < 0.3
    assert latencies[-1] < worst_s
    # Each time that a better quality fails, it takes twice as long until it is tried again.
    assert world.quality_changes() - changes <= 8


def test_a_bucket_delays_the_first_keys_by_little_more_than_the_time_it_takes_to_fill() -> None:
    for rate, bucket in ((960, 4_000), (7_000, 16_000)):
        world = World(Shaped(rate, 0.05, bucket))
        world.run(12, key_every_s=0.8)
        assert max(world.latencies) < 1.2 * bucket / rate


def test_pictures_that_all_change_at_once_leave_a_key_its_room() -> None:
    """As for a better quality that a bucket speaks for, which let all through at once so far."""
    world = World(Terminal(round_trip_s=0.01))
    world.training = False
    world.run(2)
    for _ in range(10):
        world.feed(f"\x1b[20;1H{''.join(world.random.choices('abcdef', k=1_400))}")
        world.run(0.2)
    flow = world.link.flow
    assert flow.rate > 50_000
    world.terminal.lost_until = world.now + 10
    sent = len(world.sent)
    world.feed(world.image(0, 0.15) + world.image(40, 0.15))
    world.run(0.2)
    sizes = [size for _, size in world.sent[sent:]]
    assert sizes and sum(sizes) < 1.1 * flow.allowed_background, sizes
    assert world.link.encoder.changed().any()
    world.link.urgent()
    world.feed("\x1b[1;1Hz1 = 0.123")
    world.run(0.01)
    assert not world.link.encoder.changed()[0].any()
    assert world.sent[-1][1] < 50


@pytest.mark.parametrize(
    ("share", "is_busy", "is_apart"), [(0.3, True, True), (0.3, False, False), (0.1, True, False)]
)
def test_behind_other_frames_a_keys_words_do_not_wait_for_a_large_picture(
    share: float, is_busy: bool, is_apart: bool
) -> None:
    world = World(Terminal(round_trip_s=0.01))
    world.training = False
    world.run(3)
    link = world.link
    if is_busy:
        world.feed("\x1b[20;1Hin the way")
        world.step()
    assert bool(link.flow.in_flight) == is_busy

    def pictured() -> int:
        return int(link.encoder.changed()[1:15].sum())

    link.urgent()
    world.feed("\x1b[1;1Hz1 = 0.123" + world.image(0, share))
    before = pictured()
    assert link.next_frame()
    assert not link.encoder.changed()[0].any()
    assert (pictured() == before) == is_apart
    assert not is_apart or link.next_frame(), "the picture follows at once"
    assert pictured() < before


@pytest.mark.parametrize(
    ("every_s", "longest_s"),
    [
        (5, 1.0),
        (2, 0.5),
        pytest.param(5, 0.4, marks=pytest.mark.slow),
        pytest.param(10, 2.5, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    ("rate", "round_trip_s", "quality"), [(125_000, 0.05, "good"), (None, 0.01, "full")]
)
def test_a_fast_link_that_jerks_stays_on_its_level(
    rate: float, round_trip_s: float, quality: str, every_s: float, longest_s: float
) -> None:
    world = World(Jerky(rate, round_trip_s, every_s, longest_s))
    world.run(8)
    changes = world.quality_changes()
    world.run(60, key_every_s=0.7)
    assert world.quality.name == quality
    assert world.quality_changes() == changes


def test_background_keeps_to_its_rate_on_a_link_without_limit() -> None:
    world = World(Terminal())
    world.run(5)
    start = world.now
    world.run(20)
    seconds = sorted(world.bytes_between(start + s, start + s + 1) for s in range(20))
    assert 10_000 < seconds[10] <= 25_000


def cut_units(rate: float | None, round_trip_s: float, keys: int = 0, answers: int = 1) -> int:
    """How many of the new pictures of two rows of panes came in more than one frame."""
    world = World(Terminal(rate, round_trip_s, answers))
    panes = [(0, 1, 28, 14), (40, 1, 28, 14)]
    world.link.set_regions(
        [Region(0, 0, 120, 1, 0), Region(0, 15, 120, 25, 3)]
        + [Region(*pane, 1, "sample") for pane in panes]
    )
    frame, cut, pictures = world.link.next_frame, 0, 0

    def changed() -> int:
        flags = world.link.encoder.changed()
        return sum(int(flags[y : y + h, x : x + w].sum()) for x, y, w, h in panes)

    def watched() -> bytes | None:
        nonlocal cut
        before = changed()
        made = frame()
        cut += 0 < changed() < before
        if made and len(made) > SYNC_FROM_BYTES and not answers:
            assert SYNC_BEGIN.encode() in made and SYNC_END.encode() in made
        return made

    world.run(4)
    world.link.next_frame = watched  # type: ignore[method-assign]
    for number in range(20):
        if number < keys:
            world.link.urgent()
        else:
            world.until(lambda: not world.link.encoder.changed()[:15].any())
        world.feed(world.image(0, 0.2) + world.image(40, 0.2))
        pictures += 1
        world.run(0.7)
    assert pictures == 20
    return cut


@pytest.mark.parametrize("keys", [0, 20])
def test_what_belongs_together_goes_together(keys: int) -> None:
    assert cut_units(None, 0.0, keys) == 0


@pytest.mark.parametrize("keys", [0, 20])
def test_what_belongs_together_goes_together_to_a_terminal_that_never_answers(keys: int) -> None:
    assert cut_units(None, 0.0, keys, answers=0) == 0


def test_what_a_slow_link_would_take_long_for_comes_in_pieces() -> None:
    assert cut_units(960, 0.2) > 10


def test_queues_stay_short_whatever_the_buffers_would_take() -> None:
    for rate, round_trip_s in ((960, 0.2), (7_000, 0.15), (125_000, 0.05)):
        world = World(Terminal(rate, round_trip_s))
        world.run(2)
        worst = 0.0
        for _ in range(int(20 / STEP_S)):
            world.step()
            worst = max(worst, world.terminal.busy_until - world.now)
        assert worst < 0.35, (rate, worst)


def test_first_screen_on_a_slow_link_comes_by_priority() -> None:
    world = World(Terminal(960, 0.2))
    done_at = None
    for _ in range(int(30 / STEP_S)):
        world.training = False
        world.step()
        changed = world.link.encoder.changed()
        if done_at is None and not changed[0].any():
            done_at = world.now
            assert changed[SCATTER_ROW:].any()
        if not changed.any():
            break
    assert done_at is not None
    assert done_at - 100 < 2.5
    assert not world.link.encoder.changed().any()


@pytest.mark.parametrize("terminal", [{}, {"rate": 7_000, "round_trip_s": 0.15}, {"answers": 0}])
def test_silence_when_nothing_changes(terminal: Line) -> None:
    world = World(Terminal(**terminal))
    world.run(5)
    world.training = False
    world.run(3)
    count = len(world.sent)
    world.run(12)
    assert len(world.sent) == count
    assert world.link.wake_time() is None
    assert not world.link.encoder.changed().any()


def test_terminal_that_never_answers_gets_a_fixed_rate() -> None:
    world = World(Terminal(answers=0))
    world.run(5, key_every_s=0.5)
    assert world.link.flow.contact is Contact.SILENT
    assert not world.link.stats().answered
    start = world.now
    world.run(10)
    assert 2_000 < world.bytes_between(start, world.now) / 10 < 15_000
    world.latencies.clear()
    world.run(10, key_every_s=0.5)
    assert max(world.latencies) < 0.05


def test_answers_that_come_twice_or_from_nowhere_change_nothing() -> None:
    once, twice = World(Terminal(7_000, 0.15)), World(Terminal(7_000, 0.15, answers=2))
    for world in (once, twice):
        world.run(10)
        assert not world.link.report(3, 77, world.now)
        world.run(5)
        assert 3_500 < world.link.flow.estimate.rate < 14_000
        assert world.link.flow.in_flight >= 0
    assert once.sent == twice.sent


def test_late_answers_mean_a_long_round_trip() -> None:
    world = World(Terminal(answer_delay_s=1.0))
    world.run(20)
    stats = world.link.stats()
    assert stats.answered
    assert stats.round_trip_s == pytest.approx(1.0, abs=0.1)
    assert len(world.sent) > 20


@pytest.mark.parametrize(
    ("rate", "phase_s"), [(None, 0), (7_000, 0), *((960, 0.25 * phase) for phase in range(12))]
)
def test_stall_of_a_minute_and_return(rate: int | None, phase_s: float) -> None:
    world = World(Terminal(rate, 0.05))
    world.run(30 + phase_s)
    world.terminal.stalled_until = world.now + 60
    start = world.now
    world.run(60, key_every_s=0.4)
    assert world.link.stats().stalled
    assert world.bytes_between(start + 5, world.now) < 200, "it must not fill the buffers"
    in_buffers = world.bytes_between(start, world.now)
    assert in_buffers < 60_000 if rate is None else in_buffers < 4_000
    world.training = False
    returned, estimate = world.now, world.link.flow.estimate
    known = estimate.min_round_trip_s, estimate.rate
    world.until(world.is_right)
    assert world.terminal.busy_until - returned < 0.6
    assert (estimate.min_round_trip_s, estimate.rate) == pytest.approx(known, rel=0.2)
    world.until(lambda: not world.link.encoder.changed().any())
    late = in_buffers + world.bytes_between(returned, world.now)
    line_s = late / rate if rate else 0.0
    whole_s = world.terminal.busy_until - returned
    # What has to go takes its time; but the line hardly rests meanwhile.
    assert whole_s < 1.1 * line_s + 0.25
    assert whole_s < {None: 0.3, 7_000: 0.5, 960: 1.2}[rate]
    world.training = True
    world.run(10)
    assert not world.link.stats().stalled
    before = world.now
    world.run(5)
    assert world.bytes_between(before, world.now) > 5 * (
        1_000 if rate is None else min(1_000, 0.4 * rate)
    )


@pytest.mark.parametrize("lost_s", [60, 63, 66])
def test_lost_answers_do_not_hold_up_who_presses_keys(lost_s: float) -> None:
    world = World(Terminal(7_000, 0.05))
    world.run(10)
    world.terminal.lost_until = world.now + lost_s
    world.run(lost_s)
    assert world.link.stats().stalled
    world.key()
    assert world.until(world.is_right) < 2.3


@pytest.mark.parametrize("rate", [7_000, 125_000])
def test_lost_answers_and_a_resize_meanwhile_hold_up_no_longer(rate: float) -> None:
    """Where the cursor stands since then nobody knows, so the next question says it anew."""
    world = World(Terminal(rate, 0.05))
    world.run(10)
    world.terminal.lost_until = world.now + 20
    world.run(5, key_every_s=0.3)
    world.link.resize(100, 30)
    world.run(15)
    assert world.link.stats().stalled
    world.training = False
    world.key()
    assert world.until(lambda: not world.link.encoder.changed().any()) < 2.3


def test_link_that_changes_is_followed_down_fast_and_up_slowly() -> None:
    world = World(Terminal(None, 0.02))
    world.run(10)
    assert world.quality.name == "full"
    world.terminal.rate = 7_000
    world.run(4)
    assert world.quality.name == "thin"
    world.terminal.rate = None
    world.run(2.5)
    assert world.quality.name == "thin"
    world.run(25)
    assert world.quality.name == "full"


@pytest.mark.parametrize(("rate", "round_trip_s"), [(200, 0.05), (300, 0.2), (300, 0.6)])
def test_a_link_that_was_next_to_nothing_for_a_while_is_found_fast_again(
    rate: float, round_trip_s: float
) -> None:
    """A window that holds one small frame must not stay so because it holds no more."""
    terminal = Terminal(rate=rate, round_trip_s=round_trip_s)
    world = World(terminal)
    world.run(30.0)
    assert world.quality.name == "bare"
    terminal.rate = 125_000
    world.run(30.0)
    assert world.link.flow.rate > 20_000
    assert world.quality.name in ("full", "good", "lean")


@pytest.mark.parametrize(("mode", "rate"), [("slow", 7_000), ("9600", 960)])
def test_fixed_modes_cap_the_rate_where_answers_come_from_nearby(
    mode: LinkMode, rate: float
) -> None:
    world = World(Terminal(), mode=mode)
    quality = world.quality
    world.run(6)
    start = world.now
    world.run(20, key_every_s=0.8)
    assert world.bytes_between(start, world.now) / 20 < 1.15 * rate
    assert world.quality is quality
    assert world.quality_changes() == 0


def test_resize_forgets_what_is_out_and_paints_again() -> None:
    world = World(Terminal(7_000, 0.15))
    world.run(5)
    world.link.resize(100, 30)
    assert world.link.encoder.changed().shape == (30, 100)
    world.training, world._wake = False, world.now
    world.run(10)
    assert not world.link.encoder.changed().any()
    assert world.link.flow.in_flight == 0


@pytest.mark.parametrize("rate", [960, 7_000])
def test_resize_with_a_full_window_holds_up_nothing(rate: float) -> None:
    world = World(Terminal(rate, 0.2))
    world.run(5)
    for _ in range(1000):
        world.key()
        world.step()
        if not world.link.flow.room(world.now, urgent=True):
            break
    world.link.resize(100, 30)
    sent = len(world.sent)
    assert world.until(lambda: len(world.sent) > sent) < 0.7
    world.run(5)
    assert not world.link.stats().stalled


def test_resize_while_the_first_answer_is_out_is_no_silence() -> None:
    world = World(Terminal(None, 0.4))
    world.step()
    world.link.resize(100, 30)
    world.feed("after the resize")
    for _ in range(int(5 / STEP_S)):
        world.step()
        assert world.link.flow.contact is not Contact.SILENT


def test_a_terminal_that_was_taken_for_silent_gets_its_full_rate_when_it_answers() -> None:
    world = World(Terminal(answer_delay_s=4.0))
    world.run(3.9)
    assert world.link.flow.contact is Contact.SILENT
    world.run(60)
    assert world.link.flow.contact is Contact.ANSWERING
    start = world.now
    world.run(20)
    assert world.bytes_between(start, world.now) / 20 > 1.2 * SILENT_RATE


@pytest.mark.parametrize("rate", [None, 7_000, 960])
def test_the_link_is_not_asked_much_oftener_than_it_sends(rate: float) -> None:
    world = World(Terminal(rate, 0.2))
    world.run(10)
    frames, pumps = len(world.sent), world.pumps
    world.run(20, key_every_s=0.5)
    assert world.pumps - pumps < 5 * (len(world.sent) - frames)


def test_what_a_key_changed_and_training_changed_back_hurries_nothing() -> None:
    world = World(Terminal(7_000, 0.15))
    world.run(5)
    world.training = False
    world.run(10)
    row = world.link.model.cells[0, :20].copy()
    world.link.urgent()
    world.feed("\x1b[1;1H" + "k" * 20)
    world.link.model.cells[0, :20] = row
    world.run(1)
    sent = len(world.sent)
    world.feed("\x1b[1;1H" + "t" * 20)
    assert not (world.link.encoder.changed() & world.link._urgency.cells).any()
    world.run(2)
    assert len(world.sent) > sent


def test_held_keys_do_not_pile_up() -> None:
    world = World(Terminal(960, 0.2))
    world.run(20)
    worst = 0.0
    for index in range(int(6 / STEP_S)):
        if index % 17 == 0:
            world.key()
        world.step()
        worst = max(worst, world.terminal.busy_until - world.now)
    assert worst < 0.6
    world.run(1.5)
    assert world._urgent_shown()


def test_scatter_is_offered_at_its_levels_interval() -> None:
    for rate, round_trip_s in ((None, 0.0), (7_000, 0.15)):
        world = World(Terminal(rate, round_trip_s))
        world.run(8)
        world.training = False
        offers = []
        for _ in range(int(12 / STEP_S)):
            world.step()
            if world.claims_cloud():
                offers.append(world.now)
        least = min(b - a for a, b in itertools.pairwise(offers))
        assert least == pytest.approx(world.quality.cloud_interval_s, abs=0.03)

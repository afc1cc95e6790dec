"""The choice of threads on machines that are imitated by what a mini-batch takes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from tests.train.runs import train
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.spec import NetworkKind
from tui_ae.recipe import RECIPES
from tui_ae.train import muon
from tui_ae.train import threads as threads_module
from tui_ae.train.threads import ThreadCount, counts_that_agree
from tui_ae.train.trainer import Trainer


class Machine:
    """Its clock runs as far as each mini-batch takes there."""

    def __init__(
        self, seconds: Callable[[int, float], float], counts: tuple[int, ...] = (2, 1)
    ) -> None:
        self.now = 0.0
        self._seconds = seconds
        self.used: list[int] = []
        self.threads = ThreadCount(counts, clock=lambda: self.now, use=self.used.append)

    def run(self, until: float) -> list[int]:
        """The counts of the mini-batches until then."""
        counts = []
        while self.now < until:
            counts.append(self.threads.count)
            assert self.used[-1] == counts[-1]
            spent = self._seconds(counts[-1], self.now)
            self.now += spent
            self.threads.spent(spent)
        return counts


# --- trials, batch by batch -----------------------------------------------------------------------


def after(machine: Machine, count: int) -> list[int]:
    """The counts of so many mini-batches more."""
    counts = []
    for _ in range(count):
        counts += machine.run(machine.now + 1e-9)
    return counts


TURNS = [1] * 5 + [2] * 5


def test_a_trial_lets_counts_take_four_turns_of_five_mini_batches() -> None:
    machine = Machine(lambda count, _: 0.01)
    assert after(machine, 45) == 4 * TURNS + [2] * 5
    assert machine.used == [1, 2] * 4 + [2]
    three = Machine(lambda count, _: 0.01, (4, 2, 1))
    assert after(three, 65) == 4 * (TURNS + [4] * 5) + [4] * 5


@pytest.mark.parametrize(("share", "count"), [(0.925, 1), (0.935, 2), (1.0, 2), (1.2, 2)])
def test_a_trial_is_followed_where_it_saves_a_fourteenth(share: float, count: int) -> None:
    machine = Machine(lambda count, _: 0.01 * (share if count == 1 else 1))
    after(machine, 40)
    assert machine.threads.count == count


def test_the_first_mini_batch_of_a_turn_in_which_threads_start_does_not_count() -> None:
    spent = 0

    def seconds(count: int, _: float) -> float:
        nonlocal spent
        spent += 1
        starts = count == 2 and spent <= 40 and spent % 5 == 1
        return 0.01 if count == 1 else 0.08 if starts else 0.005

    machine = Machine(seconds)
    after(machine, 40)
    assert machine.threads.count == 2


def test_nor_does_it_move_the_middle_of_the_others() -> None:
    times = iter([0.08, 0.0092, 0.01, 0.0092, 0.01] * 4)
    machine = Machine(lambda count, _: 0.0091 if count == 1 else next(times))
    after(machine, 40)
    # 0.0091 is more than 0.93 of 0.0096, and less than that of 0.01.
    assert machine.threads.count == 2


@pytest.mark.parametrize(("sixtieths", "tried"), [(15, 2), (15.5, 1), (7.5, 3), (4, 4), (3, 20)])
def test_a_turn_three_times_as_long_as_one_of_another_count_ends_there(
    sixtieths: float, tried: int
) -> None:
    machine = Machine(lambda count, _: (sixtieths if count == 2 else 1) / 64)
    assert after(machine, 60).count(2) == tried


def trials(machine: Machine, until: float) -> list[float]:
    """When trials begin, after the first, in seconds after the end of the one before."""
    found, ended, trying = [], None, True
    while machine.now < until:
        before = len(machine.used)
        machine.run(machine.now + 1e-9)
        changed = len(machine.used) > before
        if changed and machine.threads._turns and not trying:
            found.append(machine.now - (ended or 0.0))
        if changed and not machine.threads._turns:
            ended = machine.now
        trying = bool(machine.threads._turns)
    return found


@pytest.mark.parametrize(
    ("one_s", "two_s", "rest_s"),
    [
        # With all threads there could be, that is enough.
        (1 / 64, 1 / 64, 16),
        # With fewer, 15 times what the trial took, from 2 to 16 seconds.
        (1 / 512, 1 / 256, 2),
        (1 / 256, 1 / 128, 15 * 20 * (1 / 256 + 1 / 128)),
        (1 / 64, 1 / 32, 15 * 20 * (1 / 64 + 1 / 32)),
        (1 / 32, 1 / 16, 16),
    ],
)
def test_the_time_to_the_next_trial(one_s: float, two_s: float, rest_s: float) -> None:
    machine = Machine(lambda count, _: one_s if count == 1 else two_s)
    first, second, *_ = trials(machine, 40.0)
    # Mini-batches are looked at sixteen at a time.
    step_s = 16 * min(one_s, two_s)
    assert rest_s < first <= rest_s + step_s + 1e-6
    assert rest_s < second <= rest_s + step_s + 1e-6


def test_what_never_had_any_hope_is_tried_half_as_often_each_time() -> None:
    machine = Machine(lambda count, _: 1 / 128 if count == 1 else 1.0)
    assert trials(machine, 70.0) == pytest.approx([4, 8, 16, 16, 16], abs=0.13)
    # Once it has some, as often as at first.
    machine = Machine(
        lambda count, now: 1 / 128 if count == 1 else 1.0 if now < 12 else 1 / 64,
    )
    rests = trials(machine, 40.0)
    trial_s = 20 * (1 / 128 + 1 / 64)
    assert rests[:4] == pytest.approx([4, 8, 15 * trial_s, 15 * trial_s], abs=0.13)


BEST = 1 / 64


@pytest.mark.parametrize(
    ("factor", "batches"), [(1.25, None), (1.3, 16), (4.9, 5), (5, 4), (6.5, 4), (7, 3), (9, 3)]
)
def test_slower_mini_batches_bring_a_trial_the_sooner_the_slower_they_are(
    factor: float, batches: int | None
) -> None:
    slow = 1.0

    def seconds(_count: int, _now: float) -> float:
        return BEST * slow

    machine = Machine(seconds)
    after(machine, 40 + 48)
    slow = factor
    counts = after(machine, 40)
    if batches is None:
        assert counts == [2] * 40
    else:
        assert counts[:batches] == [2] * batches and counts[batches] == 1


def test_after_a_trial_slower_mini_batches_wait_for_half_a_second() -> None:
    machine = Machine(lambda _, now: 1 / 1024 * (1 if now < 40 / 1024 else 1.5))
    (first, *_) = trials(machine, 1.5)
    assert 0.5 < first < 0.5 + 16 * 1.5 / 1024 + 1e-6


def test_a_machine_that_became_quicker_is_held_to_that() -> None:
    speed = 1.0

    def seconds(_count: int, _now: float) -> float:
        return BEST * speed

    machine = Machine(seconds)
    after(machine, 40 + 32)
    speed = 0.5
    after(machine, 32)
    # Slower than that, though not than in the trial.
    speed = 0.7
    assert after(machine, 16) == [2] * 15 + [1]


@pytest.mark.parametrize(("products", "used"), [(80, []), (81, [1])])
def test_a_mini_batch_ten_times_too_long_is_left_to_one_thread(
    products: int, used: list[int]
) -> None:
    machine = Machine(lambda count, _: BEST)
    after(machine, 40)
    machine.used.clear()
    machine.threads.begin()
    for _ in range(products):
        # Eight of these are what a mini-batch should take.
        machine.now += BEST / 8
        machine.threads.look()
    assert machine.used == used
    for _ in range(5):
        machine.now += BEST
        machine.threads.look()
    machine.threads.spent(machine.now)
    # Said once; and a trial follows.
    assert machine.used == [1, 1] and machine.threads.count == 1


def test_in_a_trial_a_mini_batch_is_held_to_what_another_count_took() -> None:
    machine = Machine(lambda count, _: BEST)
    after(machine, 5)
    assert machine.threads.count == 2
    machine.threads.begin()
    machine.now += 10 * BEST
    machine.threads.look()
    assert machine.used == [1, 2]
    machine.now += BEST / 64
    machine.threads.look()
    machine.threads.spent(10 * BEST)
    # So two threads have lost this trial.
    assert after(machine, 50) == [1] * 50


def test_one_thread_is_waited_for_however_long_it_takes() -> None:
    machine = Machine(lambda count, _: BEST)
    after(machine, 2)
    machine.threads.begin()
    machine.now += 100.0
    machine.threads.look()
    machine.threads.hurry()
    machine.threads.look()
    assert machine.used == [1]


@pytest.mark.parametrize(
    ("affinity", "count", "cores"), [({0, 1, 5}, 9, 3), (None, 6, 6), (None, None, 1)]
)
def test_cores_are_those_that_this_process_may_run_on(
    monkeypatch: pytest.MonkeyPatch, affinity: set[int] | None, count: int | None, cores: int
) -> None:
    # The tests of training have it say one.
    monkeypatch.undo()
    asked: list[int] = []

    def allowed(process: int) -> set[int]:
        asked.append(process)
        return affinity or set()

    monkeypatch.setattr("os.sched_getaffinity", allowed, raising=False)
    if affinity is None:
        monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: count)
    assert threads_module.available_cores() == cores
    assert set(asked) <= {0}


# --- what comes of it -----------------------------------------------------------------------------


def test_two_threads_stay_where_they_are_quicker() -> None:
    counts = Machine(lambda count, _: 0.01 / count).run(60.0)
    assert counts[0] == 1, "the fewest first"
    assert counts.count(2) > 0.99 * len(counts)
    assert counts.count(1) > 0


def test_one_thread_takes_over_on_a_busy_machine_and_hands_back_later() -> None:
    machine = Machine(lambda count, now: 0.01 if count == 1 else 0.1 if now < 60 else 0.005)
    busy = machine.run(60.0)
    assert busy.count(1) > 0.9 * len(busy)
    machine.run(60.0 + threads_module.RARELY_S + 1)
    quiet = machine.run(200.0)
    assert quiet.count(2) > 0.9 * len(quiet)


def test_seconds_in_which_two_cores_are_no_more_than_one_are_noticed_both_ways() -> None:
    def seconds(count: int, now: float) -> float:
        return 0.01 if count == 1 else 0.0125 if 30 <= now % 50 < 42 else 0.0065

    machine = Machine(seconds)
    for _ in range(3):
        start = machine.now
        machine.run(start + 31)
        slow = machine.run(start + 42)
        assert slow.count(1) > 0.9 * len(slow)
        machine.run(start + 42 + threads_module.OFTEN_S + 0.5)
        quick = machine.run(start + 50)
        assert quick.count(2) > 0.9 * len(quick)


def test_a_hopeless_trial_costs_little() -> None:
    machine = Machine(lambda count, _: 0.01 if count == 1 else 0.2)
    machine.run(60.0)
    began, counts = machine.now, machine.run(machine.now + 120)
    lost = counts.count(2) * 0.2
    assert lost < 0.02 * (machine.now - began)


PIECE_S, PIECES = 0.1, 100


class BusyMachine:
    """Two threads wait for each other a tenth of a second at each of a hundred products."""

    def __init__(self, busy_from: float) -> None:
        self.now = 0.0
        self.busy_from = busy_from
        self._use = 1
        self.threads = ThreadCount((2, 1), clock=lambda: self.now, use=self._used)

    def _used(self, count: int) -> None:
        self._use = count

    def batch(self) -> float:
        """What a mini-batch takes."""
        began, used = self.now, self.threads.count
        assert self._use == used
        self.threads.begin()
        for _ in range(PIECES):
            waits = self._use == 2 and self.now > self.busy_from
            self.now += PIECE_S if waits else 1e-4 / self._use
            self.threads.look()
        spent = self.now - began
        self.threads.spent(spent)
        return spent


@pytest.mark.parametrize("busy_from", [0.0, 20.0])
def test_a_mini_batch_of_threads_that_wait_for_each_other_is_given_up(busy_from: float) -> None:
    machine = BusyMachine(busy_from)
    while machine.now < busy_from:
        assert machine.batch() < 0.1
    longest = max(machine.batch() for _ in range(1000))
    assert longest < 3 * PIECE_S < PIECE_S * PIECES


def test_who_is_in_a_hurry_waits_for_no_other_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = BusyMachine(busy_from=1e9)
    while machine.threads.count != 2 or machine.now < 5:
        machine.batch()
    machine.busy_from = machine.now
    monkeypatch.setattr(threads_module, "ENDLESS", 1e9)
    machine.threads.hurry()
    assert machine.batch() < 2 * PIECE_S


def test_equal_counts_do_not_alternate() -> None:
    machine = Machine(lambda count, now: 0.01 + 0.0001 * ((now * 977) % 1))
    counts = machine.run(200.0)
    assert counts.count(2) > 0.98 * len(counts)


@pytest.mark.parametrize("quickest", [4, 2, 1])
def test_of_three_counts_the_quickest_is_found_from_any_other(quickest: int) -> None:
    def seconds(count: int, now: float) -> float:
        if now < 100:
            # Whichever it was before.
            return 0.01 if count == {4: 1, 2: 4, 1: 2}[quickest] else 0.02
        return 0.01 if count == quickest else 0.02

    machine = Machine(seconds, (4, 2, 1))
    machine.run(100 + 3 * threads_module.RARELY_S)
    after = machine.run(300.0)
    assert after.count(quickest) > 0.9 * len(after)
    assert set(after) == {4, 2, 1}


def test_the_first_trial_comes_before_a_person_has_waited_for_long() -> None:
    """Where four threads are far slower than one, as on a rented machine in a bad minute."""
    machine = Machine(lambda count, _: {4: 0.03, 2: 0.02, 1: 0.007}[count], (4, 2, 1))
    machine.run(5.0)
    after = machine.run(15.0)
    assert after.count(1) > 0.7 * len(after)


def test_one_hopeless_count_leaves_the_others_in_the_trial() -> None:
    machine = Machine(lambda count, _: {4: 0.01, 2: 1.0, 1: 0.007}[count], (4, 2, 1))
    counts = machine.run(20.0)
    assert counts.count(1) > 0.9 * len(counts)
    assert counts.count(2) < 15


@pytest.mark.parametrize("good", range(30))
def test_a_count_may_lose_all_hope_at_any_moment_of_a_trial(good: int) -> None:
    with_two = 0

    def seconds(count: int, _: float) -> float:
        nonlocal with_two
        with_two += count == 2
        return 0.01 if count == 1 else 0.006 if with_two <= good else 1.0

    machine = Machine(seconds)
    counts = machine.run(10.0)
    assert counts.count(2) <= good + 6
    assert counts.count(1) > 300


def test_a_second_program_on_the_machine_is_noticed_within_some_mini_batches() -> None:
    machine = Machine(lambda count, now: 0.008 if count == 1 else 0.005 if now < 10 else 0.13)
    machine.run(10.0)
    assert machine.run(11.0).count(2) < 8
    assert machine.threads.count == 1


def test_a_machine_that_is_busy_from_the_start_costs_one_mini_batch() -> None:
    machine = Machine(lambda count, _: 0.008 if count == 1 else 0.13)
    assert machine.run(1.0).count(2) == 1


def test_one_slow_mini_batch_is_no_reason_for_a_trial() -> None:
    numbers = iter(range(10_000))
    slow = range(60, 10_000, 33)
    machine = Machine(lambda count, _: 0.2 if next(numbers) in slow else 0.01 / count)
    counts = machine.run(threads_module.RARELY_S - 1)
    assert counts.count(1) <= threads_module.ROUNDS * threads_module.BLOCK


def test_one_count_is_never_left() -> None:
    used: list[int] = []
    threads = ThreadCount((1,), clock=lambda: 1e9, use=used.append)
    for _ in range(50):
        threads.spent(0.1)
    assert (threads.count, used) == (1, [1])


def test_only_counts_that_give_the_same_bits_may_alternate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "available_cores", lambda: 8)
    before = torch.get_num_threads()
    try:
        assert counts_that_agree(lambda: torch.ones(3)) == (4, 2, 1)
        assert counts_that_agree(lambda: torch.ones(3) * torch.get_num_threads()) == (1,)
        assert counts_that_agree(lambda: torch.ones(3) + (torch.get_num_threads() > 2)) == (2, 1)
        for cores, counts in ((4, (4, 2, 1)), (3, (2, 1)), (2, (2, 1))):
            monkeypatch.setattr(threads_module, "available_cores", lambda cores=cores: cores)
            assert counts_that_agree(lambda: torch.ones(3)) == counts
        monkeypatch.setattr(threads_module, "available_cores", lambda: 1)
        assert counts_that_agree(lambda: torch.ones(3)) == (1,)
    finally:
        torch.set_num_threads(before)


def test_the_optimiser_has_to_give_the_same_bits_too(
    few: Dataset, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads_module, "available_cores", lambda: 2)
    settings = replace(settings, recipe="fast")
    # What is tried leaves the weights as they are drawn.
    tried, drawn = Trainer(few, settings), Trainer(few, settings, agree=one_thread)
    for own, fresh in zip(tried.model.parameters(), drawn.model.parameters(), strict=True):
        assert torch.equal(own, fresh)
    if tried.thread_counts == (1,):
        pytest.skip("this machine's matrix products differ with the number of threads")
    exact = muon.orthogonaliser

    def rounded_otherwise(matrix: torch.Tensor, _look: Callable[[], None]) -> torch.Tensor:
        """The last bits depend on the number of threads."""
        return exact(matrix) * (1 + 2e-7 * torch.get_num_threads())

    monkeypatch.setattr(muon, "orthogonaliser", rounded_otherwise)
    assert Trainer(few, settings).thread_counts == (1,)


def one_thread(_: Callable[[], torch.Tensor]) -> tuple[int, ...]:
    return (1,)


@pytest.mark.parametrize("kind", ["vae", "denoising"])
def test_sums_that_autograd_makes_are_left_to_one_thread(
    few: Dataset, settings: Settings, kind: NetworkKind
) -> None:
    def both(_: Callable[[], torch.Tensor]) -> tuple[int, ...]:
        return 2, 1

    assert Trainer(few, settings, agree=both).thread_counts == (2, 1)
    assert Trainer(few, replace(settings, kind=kind), agree=both).thread_counts == (1,)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_loses_the_same_to_the_last_bit_with_every_count(
    few: Dataset, settings: Settings, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads_module, "available_cores", lambda: 2)
    losses = []
    # The last time each mini-batch that begins with two threads goes on with one.
    monkeypatch.setattr(threads_module, "ENDLESS", -1.0)
    for counts in ((1,), (2,), (2, 1)):
        of_recipe = replace(settings, recipe=recipe)
        if counts[0] not in Trainer(few, of_recipe).thread_counts:
            pytest.skip("this machine's matrix products differ with the number of threads")

        def only(_: Callable[[], torch.Tensor], own: tuple[int, ...] = counts) -> tuple[int, ...]:
            return own

        losses.append(train(Trainer(few, of_recipe, agree=only), 6))
    assert losses[0] == losses[1] == losses[2]

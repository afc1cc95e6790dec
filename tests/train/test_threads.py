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
        monkeypatch.setattr(threads_module, "available_cores", lambda: 3)
        assert counts_that_agree(lambda: torch.ones(3)) == (2, 1)
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

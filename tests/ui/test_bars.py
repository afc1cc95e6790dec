"""The rows of text around the panes, word for word, and what gives way where there is no room."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.scenes import curve, dataset, explorer, look, scene, snapshot
from tests.ui.test_panes import TEN, Shown, draw, of
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.snapshot import HELD_OUT, TRAINING, State
from tui_ae.ui.layout import Box
from tui_ae.ui.panes.bars import Readout, class_word, past_words, progress
from tui_ae.ui.themes import DARK

LOSSES = curve(np.linspace(0.6, 0.2345, 12))
NOW = "● training  epoch 12  loss 0.2345"


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (60, "Autoencoder Explorer", NOW),
        # The name of the data takes sixteen cells; its numbers follow where they have room.
        (72, "Autoencoder Explorer", NOW),
        (73, "Autoencoder Explorer  synthetic digits", NOW),
        (75, "Autoencoder Explorer  synthetic digits", NOW),
        (76, "Autoencoder Explorer", f"{NOW}  40,000 samples/s"),
        (95, "Autoencoder Explorer  synthetic digits", f"{NOW}  40,000 samples/s"),
        (96, "Autoencoder Explorer  synthetic digits · 60", f"{NOW}  40,000 samples/s"),
        (99, "Autoencoder Explorer  synthetic digits · 60", f"{NOW}  40,000 samples/s"),
        (100, "Autoencoder Explorer", f"{NOW}  held-out 0.2511  40,000 samples/s"),
        (
            120,
            "Autoencoder Explorer  synthetic digits · 60 images",
            f"{NOW}  held-out 0.2511  40,000 samples/s",
        ),
        (
            133,
            "Autoencoder Explorer  synthetic digits · 60 images · 10 classes",
            f"{NOW}  held-out 0.2511  40,000 samples/s",
        ),
    ],
)
def test_the_header_has_as_much_as_fits(width: int, left: str, right: str) -> None:
    curves = {TRAINING: LOSSES, HELD_OUT: curve([0.3, 0.2511])}
    (row,) = draw("header", of(TEN, curves=curves), width, 1)
    assert row == left + " " * (width - len(left) - len(right)) + right


def test_the_header_of_other_data_and_moments() -> None:
    def row(width: int, **changes: object) -> list[str]:
        return draw("header", of(TEN, **changes), width, 1)[0].split("  ")

    unlabelled = of(dataset(1, labelled=False, names=["all"]))
    assert "images ·" not in draw("header", unlabelled, 140, 1)[0]
    assert " · 1 class  " in draw("header", of(dataset(1)), 120, 1)[0]
    assert " · 2 classes  " in draw("header", of(dataset(2)), 120, 1)[0]
    # Before anything was measured there is no speed, not even a slow one.
    assert row(120, samples_per_second=0.0)[-1] == "loss 0.2345"
    assert row(120, samples_per_second=0.6)[-1] == "1 samples/s"
    assert draw("header", scene(explorer()), 24, 1) == ["tui-ae        ● starting"]
    assert draw("header", scene(explorer()), 34, 1) == ["Autoencoder Explorer    ● starting"]
    assert draw("header", scene(explorer()), 32, 1) == ["Autoencoder Explorer  ● starting"]
    assert draw("header", scene(explorer()), 31, 1) == ["tui-ae               ● starting"]
    long = of(dataset(name="n" * 60), samples_per_second=0.0)
    assert draw("header", long, 80, 1) == [f"Autoencoder Explorer  {'n' * 22}…  {NOW}"]


@pytest.mark.parametrize(
    ("state", "ink"),
    [
        (State.TRAINING, DARK.good),
        (State.FAILED, DARK.error),
        (State.PAUSED, DARK.warning),
        (State.IDLE, DARK.warning),
    ],
)
def test_the_state_has_its_colour(state: State, ink: int) -> None:
    shown = Shown("header")
    row = shown.draw(of(TEN, state=state), 120, 1)[0]
    assert shown.pane.grid.foreground[0, row.index("●")] == ink
    assert shown.pane.grid.foreground[0, row.index("epoch")] == DARK.text


# --- where the probe and the sample are ----------------------------------------------------------

PROBE, SAMPLE = "probe (z₁ = 0.123, z₂ = -0.456)", "sample (z₁ = -1.856, z₂ = -0.352)"


@pytest.mark.parametrize(
    ("width", "column"), [(66, None), (67, 34), (69, 36), (72, 39), (73, 40), (74, 40), (100, 40)]
)
def test_the_sample_keeps_its_column_and_gives_way_before_it_goes(
    width: int, column: int | None
) -> None:
    now = scene()
    now.explorer.set_probe(np.array([0.1234, -0.456]))
    expected = PROBE if column is None else PROBE.ljust(column) + SAMPLE
    assert draw("readout", now, width, 1) == [expected.ljust(width)]
    below = "" if column else SAMPLE
    assert draw("readout", now, width, 2)[1] == below.ljust(width)


def test_a_long_probe_moves_the_sample_by_what_it_takes() -> None:
    now = scene()
    now.explorer.set_probe(np.array([-1234.1234, -4567.456]))
    probe = "probe (z₁ = -1234.123, z₂ = -4567.456)"
    assert len(probe) == 38
    assert draw("readout", now, 90, 1) == [(probe + "   " + SAMPLE).ljust(90)]
    assert draw("readout", now, 74, 1) == [probe + "   " + SAMPLE]
    assert draw("readout", now, 73, 2) == [probe.ljust(73), SAMPLE.ljust(73)]


@pytest.mark.parametrize(
    ("size", "boxes"),
    [
        ((100, 1), [Box(40, 0, 60, 1), Box(0, 1, 100, 0)]),
        ((78, 2), [Box(40, 0, 38, 1), Box(0, 1, 78, 1)]),
        ((76, 1), [Box(38, 0, 38, 1), Box(0, 1, 76, 0)]),
        ((60, 3), [Box(34, 0, 26, 1), Box(0, 1, 60, 2)]),
        ((30, 0), [Box(34, 0, 0, 1), Box(0, 1, 30, 0)]),
    ],
)
def test_where_the_coordinates_of_a_sample_may_stand(
    size: tuple[int, int], boxes: list[Box]
) -> None:
    assert Readout.of_sample(*size) == boxes


# --- the status ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"batch": 3, "batches": 13, "running_loss": 0.31234},
            "next epoch 23% · loss so far 0.3123 · 60 samples × 1 pass ·  3 of 13 mini-batches",
        ),
        ({"batch": 3, "batches": 13}, "60 samples × 1 pass ·  3 of 13 mini-batches"),
        (
            {"batch": 1, "batches": 0, "running_loss": 0.5},
            "next epoch 100% · loss so far 0.5000 · 60 samples × 1 pass · 1 of 0 mini-batches",
        ),
        # Before the first mini-batch of an epoch, too, the row has its width while it trains.
        (
            {"batch": 0, "batches": 1000, "running_loss": 0.5},
            "60 samples × 1 pass ·     0 of 1,000 mini-batches",
        ),
        (
            {"batch": 0, "batches": 1000, "state": State.PAUSED},
            "60 samples × 1 pass · 1,000 mini-batches",
        ),
        (
            {"batch": 1, "batches": 1000, "state": State.PAUSED},
            "60 samples × 1 pass ·     1 of 1,000 mini-batches",
        ),
        (
            {"batch": 0, "batches": 1, "state": State.PAUSED},
            "60 samples × 1 pass · 1 mini-batch",
        ),
        (
            {"batch": 0, "batches": 0, "active_samples": 12345, "state": State.PAUSED},
            "12,345 samples × 1 pass · 0 mini-batches",
        ),
    ],
)
def test_the_status_tells_how_far_the_epoch_is(changes: dict[str, object], words: str) -> None:
    assert " · ".join(progress(snapshot(TEN, **changes), 1024)) == f"{words} of 1,024"


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"message": "Saved it."}, "Saved it."),
        ({"message": "A message that is longer than the row."}, "A message that is longer tha…"),
        ({"figures": ("link thin", "153 ms", "4,321 frames")}, "link thin · 153 ms"),
    ],
)
def test_answers_begin_the_row_of_the_status(changes: dict[str, object], row: str) -> None:
    assert draw("status", scene(**changes), 29, 1) == [row.ljust(29)]
    broken = of(TEN, state=State.FAILED, failure="It failed: try again with less.")
    assert draw("status", broken, 29, 1) == ["It failed: try again with le…"]
    shown = explorer(TEN)
    shown.look_back(snapshot(TEN, epoch=3), 0.0)
    assert draw("status", scene(shown), 29, 1) == ["[ ] a moment back or on".ljust(29)]


@pytest.mark.parametrize(("width", "monitors"), [(79, False), (80, True)])
def test_the_status_leaves_the_link_its_place_and_two_blanks(width: int, monitors: bool) -> None:
    words = "60 samples × 1 pass ·  3 of 25 mini-batches of 128"
    words += " · monitoring digit 9" * monitors
    (row,) = draw("status", scene(link="15 ms 9x"), width + 1, 1)
    assert row == words.ljust(width - 7) + "15 ms 9x"
    # Without anything known of the link, it needs no place.
    (row,) = draw("status", scene(), 71, 1)
    assert row == "60 samples × 1 pass ·  3 of 25 mini-batches of 128 · monitoring digit 9"
    assert "monitoring" not in draw("status", scene(), 70, 1)[0]


def test_the_status_says_what_is_monitored_only_where_it_is_seen() -> None:
    for seen in (
        scene(look=look(braille_images=True)),
        of(dataset(1, labelled=False, names=["all"])),
    ):
        assert "monitoring" not in draw("status", seen, 120, 1)[0]


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (63, "image → 2 numbers → image; the cross is yours: move it"),
        (64, "image → 2 numbers → image; the orange cross is yours: move it"),
        (75, "image → 2 numbers → image; the orange cross is yours: move it"),
        (76, "image → 2 numbers → image; the orange cross is yours: move it · space trains"),
        (
            120,
            "image → 2 numbers → image; the orange cross is yours: move it · space trains"
            " · boxes? b changes the characters",
        ),
    ],
)
def test_the_welcome_has_as_much_as_fits(width: int, words: str) -> None:
    new = of(TEN, state=State.IDLE, epoch=0, batch=0).replace(welcomes=True)
    assert draw("status", new, width, 1) == [words.ljust(width)]
    # After an epoch the facts stand there, whether a key was pressed or not.
    later = of(TEN, state=State.IDLE, epoch=1, batch=0).replace(welcomes=True)
    assert draw("status", later, width, 1)[0].startswith("60 samples")


def test_a_single_number_is_called_one() -> None:
    new = of(TEN, state=State.IDLE, epoch=0, batch=0).replace(welcomes=True)
    for count, words in ((1, "image → 1 number → image; "), (32, "image → 32 numbers → image; ")):
        spec = ModelSpec((784, 128, count))
        assert draw("status", new.replace(spec=spec), 80, 1)[0].startswith(words)


def test_the_first_note_stands_there_before_the_first_key_and_where_all_are() -> None:
    noted = of(dataset(notes=("Read it.", "Fitted.")), state=State.IDLE, epoch=3)
    assert draw("status", noted.replace(welcomes=True), 60, 1) == [
        "Read it." + " " * 42 + "d: 2 notes"
    ]
    assert draw("status", noted.replace(welcomes=True), 19, 1) == ["Read i…  d: 2 notes"]
    assert draw("status", noted, 120, 1)[0].rstrip().endswith(" · d: 2 notes")
    one = of(dataset(notes=("Read it.",))).replace(welcomes=True)
    assert draw("status", one, 40, 1)[0].endswith("  d: 1 note")


def test_the_status_names_what_is_done_before_there_are_images() -> None:
    early = scene(explorer(), baselines=None)
    assert draw("status", early, 20, 1) == ["starting …".ljust(20)]
    assert draw("status", early.replace(stage="reading"), 20, 1) == ["reading …".ljust(20)]


def test_in_the_timeline_the_status_says_how_to_go_on() -> None:
    kept = scene(kept=1200, kept_bytes=3 * 2**20)
    assert past_words(kept) == [
        "[ ] a moment back or on", "end: live", "> replay", "1,200 moments kept, 3 MB",
    ]  # fmt: skip
    assert past_words(kept.replace(replays="at 4×", kept=12, kept_bytes=2**19 * 5)) == [
        "replay, at 4×; < slower", "[ ] a moment back or on", "end: live", "12 moments kept, 2 MB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "label", "words"),
    [
        (["7"], 0, "digit 7"),
        (["12"], 0, "12"),
        (["²"], 0, "digit ²"),
        (["Coat", "Bag"], 1, "Bag"),
        (["7"], -1, "your drawing"),
    ],
)
def test_a_class_as_a_sentence_names_it(names: list[str], label: int, words: str) -> None:
    assert class_word(of(dataset(len(names), names=names)), label) == words
    unlabelled = of(dataset(1, labelled=False, names=["7"]))
    assert class_word(unlabelled, label) == ("your drawing" if label < 0 else "a sample")


# --- the footer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (59, "space pause  ←↓↑→ probe  n sample  ? help  q quit"),
        (60, "space pause  ←↓↑→ probe  n sample  a explain  ? help  q quit"),
        (68, "space pause  ←↓↑→ probe  n sample  a explain  ? help  q quit"),
        (69, "space pause  ←↓↑→ probe  n sample  a explain  v layer  ? help  q quit"),
        (20, "? help  q quit"),
        (3, "? h"),
    ],
)
def test_the_footer_has_as_many_keys_as_fit_whole(width: int, keys: str) -> None:
    assert draw("footer", scene(), width, 1) == [keys.ljust(width)]


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (74, "space pause  tab pictures  f fit  enter nearest  ? help  q quit"),
        (75, "space pause  tab pictures  ←↓↑→ probe  f fit  enter nearest  ? help  q quit"),
    ],
)
def test_what_matters_now_stands_before_help_and_only_two_of_it(width: int, keys: str) -> None:
    now = (("fit", "fit"), ("open-pane", "nearest"), ("dims", "numbers"))
    row = draw("footer", scene(state_keys=now, leafs="pictures"), width, 1)
    assert row == [keys.ljust(width)]


def test_a_wide_footer_has_each_key_once() -> None:
    plain = (
        "space pause  ←↓↑→ probe  n sample  a explain  v layer  x plane  e near  m A–B  g graph"
        "  [ ] time  s step  0-9 class  c classes  f fit  r reset  tab pane  ? help  q quit"
    )
    assert draw("footer", scene(), 200, 1)[0].rstrip() == plain
    keys = (("fit", "fit"), ("open-pane", "nearest"))
    assert draw("footer", scene(state_keys=keys, leafs="pictures"), 200, 1)[0].rstrip() == (
        "space pause  tab pictures  ←↓↑→ probe  n sample  a explain  v layer  x plane  e near"
        "  m A–B  g graph  [ ] time  s step  0-9 class  c classes  r reset"
        "  f fit  enter nearest  ? help  q quit"
    )
    idle = draw("footer", of(TEN, state=State.PAUSED), 200, 1)[0]
    assert idle.startswith("space train  ")


def test_the_keys_of_the_footer_stand_out_from_their_words() -> None:
    shown = Shown("footer")
    row = shown.draw(scene(), 60, 1)[0]
    inks = shown.pane.grid.foreground[0]
    for key, word in (("space", "pause"), ("n ", "sample"), ("q ", "quit")):
        assert inks[row.index(key)] == DARK.accent and inks[row.index(word)] == DARK.muted


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((7, 5), ["This", "termina", "has 7", "columns", "and 5"]),
        ((7, 14), [
            "This", "termina", "has 7", "columns", "and 14", "rows;", "the", "explore", "needs 6",
            "and 20.", "Enlarge", "it, or", "press q", "to quit",
        ]),
        ((20, 9), [
            "", "This terminal has", "20 columns and 9", "rows; the explorer", "needs 60 and 20.",
            "Enlarge it, or", "press q to quit.", "", "",
        ]),
    ],
)  # fmt: skip
def test_the_notice_is_wrapped(size: tuple[int, int], rows: list[str]) -> None:
    drawn = [row.strip() for row in draw("notice", scene(look=look(depth=ColourDepth.NONE)), *size)]
    assert drawn == rows

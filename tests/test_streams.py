"""Words on the standard streams."""

import pytest

from tui_ae.streams import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (2048, "2,048 epochs")]
)
def test_one_thing_is_singular_and_thousands_are_parted(number: int, words: str) -> None:
    assert counted(number, "epoch") == words

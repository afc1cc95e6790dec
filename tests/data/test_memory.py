"""The memory that a container allows counts, not that of the machine around it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import command
from tui_ae.data.memory import memory_bytes

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
NO_LIMIT_V1 = 9223372036854771712
JOB_V1 = "12:cpu,cpuacct:/job\n9:memory:/job/step\n1:name=systemd:/\n"
JOB_V2 = "0::/job/step\n"


@pytest.mark.parametrize(
    ("own", "limits", "expected"),
    [
        (JOB_V2, {"job/step/memory.max": "268435456\n"}, 2**28),
        (JOB_V2, {"job/step/memory.max": "max\n", "job/memory.max": "268435456\n"}, 2**28),
        (JOB_V2, {"job/step/memory.max": "999999\n", "memory.max": "4096\n"}, 4096),
        (JOB_V2, {"memory.max": "268435456\n"}, 2**28),
        (JOB_V2, {"job/memory.max": "max\n", "other/memory.max": "4096\n"}, MACHINE),
        (JOB_V2, {"memory.max": f"{2 * MACHINE}\n"}, MACHINE),
        (JOB_V1, {"memory/job/step/memory.limit_in_bytes": "268435456\n"}, 2**28),
        (JOB_V1, {"memory/memory.limit_in_bytes": "268435456\n"}, 2**28),
        (JOB_V1, {"memory/job/memory.limit_in_bytes": f"{NO_LIMIT_V1}\n"}, MACHINE),
        (JOB_V1 + JOB_V2, {"memory/job/memory.limit_in_bytes": "4096\n"}, 4096),
        ("0::/../../job\n", {"memory.max": "4096\n"}, 4096),
        ("", {"memory.max": "4096\n"}, MACHINE),
        (None, {}, MACHINE),
    ],
)
def test_the_lowest_limit_counts(
    tmp_path: Path, own: str | None, limits: dict[str, str], expected: int
) -> None:
    named = tmp_path / "own"
    if own is not None:
        named.write_text(own)
    for name, text in limits.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert memory_bytes(tmp_path / "groups", named) == expected


def test_less_is_held_and_read_in_a_small_container() -> None:
    out = command.python(
        "import importlib\n"
        "from tui_ae.data import memory\n"
        "memory.memory_bytes = lambda: 2**29\n"
        "from tui_ae.data import content, source\n"
        "for size in (2**29, 2**40):\n"
        "    memory.memory_bytes = lambda: size\n"
        "    for module in (content, source):\n"
        "        importlib.reload(module)\n"
        "    print(content.MAX_READ_BYTES, source.MAX_HELD_BYTES, source.MAX_SOURCE_BYTES)"
    )
    small, large = ([int(size) for size in line.split()] for line in out.splitlines())
    assert small == [2**26, 2**27, 2**28]
    # However much memory there is, 256 MiB are read at most, and 2 GiB unpacked.
    assert large == [2**28, 2**38, 2**31]

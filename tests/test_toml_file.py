"""TOML from outside: what takes too long is refused, and entries are found at their lines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_ae.toml_file import TomlError, lines_of, read_toml

TEXT = (
    r'''# [a]
top.inner = 1
"q.u" = "x # = [ \" { "

[a] # "
b = """
b = 2 \"""
c = 3 ""quoted"""""
c = '''
    + "'''\n[d]\n'''''\n"
    + r"""d = [ # ]
  "]", [1,
  2], { e = '[' },
]
  e.f.g = 'lone " quote'
[ "x" . 'y.z' ] # two
h = {}
[[many]]
i = 1
[[many]]
j = 1
[late]
k = 2024-01-01 00:00:00
"""
)
LINES = {
    ("top",): 2, ("top", "inner"): 2, ("q.u",): 3, ("a",): 5, ("a", "b"): 6, ("a", "c"): 9,
    ("a", "d"): 12, ("a", "e"): 16, ("x",): 17, ("x", "y.z"): 17, ("many",): 19, ("many", "i"): 20,
    ("many", "j"): 22, ("late",): 23, ("late", "k"): 24,
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_lines_of_all_entries(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", end).encode())
    text, said = read_toml(path, 10_000)
    assert lines_of(text) == LINES
    assert {path[0] for path in LINES} == set(said)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.toml")
    with pytest.raises(OSError, match="not a plain file"):
        read_toml(tmp_path / "a.toml", 100)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = 1\n\n# \xe9", "line 3 is not UTF-8"),
        (b"\n# \xe9", "line 2 is not UTF-8"),
        (b"# \xe9\n", "line 1 is not UTF-8"),
        (b"a = 1\n" * 40, "larger than 200 bytes"),
        (b"a = 1\nb = 1", "^$"),
        (b"a = 1\nb = 1" + b"#" * 190, "larger than 200 bytes"),
        (b"a = 1\nb = 1" + b"#" * 189, "^$"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    if says == "^$":
        assert read_toml(path, 200)[1] == {"a": 1, "b": 1}
        return
    with pytest.raises(TomlError, match=says):
        read_toml(path, 200)


@pytest.mark.parametrize(("dots", "reads"), [(200, True), (201, False)])
def test_a_line_has_at_most_two_hundred_dots(tmp_path: Path, dots: int, reads: bool) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"a = 1\n# {'.' * dots}\n")
    if reads:
        assert read_toml(path, 10_000)[1] == {"a": 1}
        return
    with pytest.raises(TomlError, match=r"^line 2 has more than 200 dots$"):
        read_toml(path, 10_000)

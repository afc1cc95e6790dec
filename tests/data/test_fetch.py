from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from tests.data.server import Server
from tui_ae.data import fetch as fetching
from tui_ae.data.fetch import BLOCK_BYTES, PART, fetch
from tui_ae.data.mirrors import Download, RemoteFile
from tui_ae.data.progress import Progress, unheard
from tui_ae.errors import UserError

CONTENT = bytes(range(256)) * 400
NAME = "train-images-idx3-ubyte.gz"
OTHER = "t10k-images-idx3-ubyte.gz"


def remote(name: str, content: bytes = CONTENT) -> RemoteFile:
    return RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())


def one(*mirrors: str) -> Download:
    return Download(mirrors, (remote(NAME),))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"lock"}


def test_all_files_come_whole_and_the_progress_rises_to_1(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT, f"/{OTHER}": CONTENT[::-1]}
    download = Download((server.url,), (remote(NAME), remote(OTHER, CONTENT[::-1])))
    shares: list[float] = []
    fetch(download, "MNIST", tmp_path / "new" / "mnist", shares.append)
    assert (tmp_path / "new" / "mnist" / NAME).read_bytes() == CONTENT
    assert (tmp_path / "new" / "mnist" / OTHER).read_bytes() == CONTENT[::-1]
    assert names(tmp_path / "new" / "mnist") == {NAME, OTHER}
    assert shares == sorted(shares)
    assert shares[-1] == 1
    # In blocks of 8 kB, so that a slow line, too, is told.
    assert len(set(shares)) > 25
    modes = {path.stat().st_mode & 0o111 for path in (tmp_path / "new" / "mnist").iterdir()}
    assert modes == {0}


def test_what_is_there_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert server.asked == []


def test_other_content_is_never_kept_and_the_next_mirror_is_asked(
    server: Server, tmp_path: Path
) -> None:
    server.files = {f"/bad/{NAME}": CONTENT[::-1], f"/good/{NAME}": CONTENT}
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte.gz from 127\.0\.0\.1:\d+ is not"):
        fetch(one(f"{server.url}bad/"), "MNIST", tmp_path, unheard)
    assert names(tmp_path) == set()
    fetch(one(f"{server.url}bad/", f"{server.url}good/"), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_a_connection_that_breaks_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.ends_after = [40_000, 0]
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert server.asked == [
        (f"/{NAME}", None),
        (f"/{NAME}", "bytes=40000-"),
        (f"/{NAME}", "bytes=40000-"),
    ]


def test_the_next_command_goes_on_where_this_one_ended(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.ends_after = [10_000, 0, 0, 0, 0, 0]
    with pytest.raises(UserError, match=r"ended train.* after 10,000 of 102,400 bytes"):
        fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert names(tmp_path) == {NAME + PART}
    server.asked.clear()
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert server.asked == [(f"/{NAME}", "bytes=10000-")]
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_a_server_that_only_sends_whole_files_begins_anew(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.ranges = False
    (tmp_path / (NAME + PART)).write_bytes(b"x" * 5000)
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("begun", [CONTENT[:-1] + b"?", CONTENT + b"more", b"?" * 100])
def test_a_wrong_beginning_is_not_gone_on_with_for_ever(
    server: Server, tmp_path: Path, begun: bytes
) -> None:
    server.files = {f"/{NAME}": CONTENT}
    (tmp_path / (NAME + PART)).write_bytes(begun)
    with pytest.raises(UserError, match="is not as it was published"):
        fetch(one(server.url), "MNIST", tmp_path, unheard)
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_more_than_there_is_ends_it(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT * 2}
    with pytest.raises(UserError, match="sends more than the 102,400 bytes"):
        fetch(one(server.url), "MNIST", tmp_path, unheard)


def test_a_server_that_falls_silent_is_given_up_and_what_came_is_kept(
    server: Server, tmp_path: Path
) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.stalls.set()
    with pytest.raises(UserError, match=r"sent hardly anything for 0\.2 s"):
        fetch(one(server.url), "MNIST", tmp_path, unheard, stall_s=0.2)
    assert CONTENT.startswith((tmp_path / (NAME + PART)).read_bytes())
    server.stalls.clear()
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    server: Server, tmp_path: Path
) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.trickles = True
    with pytest.raises(UserError, match=r"sent hardly anything for 0\.5 s"):
        fetch(one(server.url), "MNIST", tmp_path, unheard, stall_s=0.5)


def test_who_leaves_does_not_wait_for_a_silent_server(server: Server, tmp_path: Path) -> None:
    class LeftError(Exception):
        pass

    server.files = {f"/{NAME}": CONTENT}
    server.stalls.set()
    calls = 0

    def leaves(_share: float) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise LeftError

    # With a server that stays silent for longer than any test may take.
    with pytest.raises(LeftError):
        fetch(one(server.url), "MNIST", tmp_path, leaves, stall_s=3600)
    assert names(tmp_path) == {NAME + PART}


def test_nobody_there_says_what_to_put_where(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        fetch(one("http://127.0.0.1:1/"), "MNIST", tmp_path, unheard)
    assert str(raised.value) == (
        "MNIST can't be downloaded (127.0.0.1:1 can't be reached); go online and give the command "
        f"again, which goes on where this one stopped, or put {NAME} into {tmp_path}."
    )


def test_a_refusal_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="answers 404 Not Found"):
        fetch(one(server.url), "MNIST", tmp_path, unheard)


def test_a_disk_that_refuses_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"MNIST can't be kept there .Not a directory.*XDG_CACHE"):
        fetch(one(server.url), "MNIST", tmp_path / "file" / "mnist", unheard)


def test_two_at_once_download_once(server: Server, tmp_path: Path) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.stalls.set()
    waited = threading.Event()
    second_heard: list[float] = []

    def second() -> None:
        def told(share: float) -> None:
            second_heard.append(share)
            waited.set()

        fetch(one(server.url), "MNIST", tmp_path, told)

    other = threading.Thread(target=second)

    def progress() -> Progress:
        calls: list[float] = []

        def told(share: float) -> None:
            calls.append(share)
            if len(calls) == 1:
                other.start()
                assert waited.wait(30)
                server.stalls.clear()
                server.closing.set()

        return told

    fetch(one(server.url), "MNIST", tmp_path, progress())
    other.join(30)
    assert not other.is_alive()
    assert (second_heard[0], second_heard[-1]) == (0, 1)
    assert [wanted for _, wanted in server.asked].count(None) == 1
    assert (tmp_path / NAME).read_bytes() == CONTENT


def said_by(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *served: bytes, size: int
) -> tuple[str, list[int]]:
    """The refusal of a file of so many bytes, and where each try began; each gets one answer."""
    answers, begun_at = list(served), []

    def blocks(_url: str, begun: int, _stall_s: float) -> Any:
        begun_at.append(begun)
        yield begun
        if answers and (block := answers.pop(0)):
            yield block

    monkeypatch.setattr(fetching, "_blocks", blocks)
    download = Download(("http://host/",), (RemoteFile(NAME, size, "0" * 64),))
    with pytest.raises(UserError) as caught:
        fetch(download, "MNIST", folder, unheard)
    return str(caught.value), begun_at


def test_one_file_is_tried_five_times(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said, begun_at = said_by(monkeypatch, tmp_path, b"abc", b"", b"de", size=6)
    assert begun_at == [0, 3, 3, 5, 5]
    assert "host ended train-images-idx3-ubyte.gz after 5 of 6 bytes" in said


def test_a_connection_that_breaks_over_and_over_brings_it_in_the_end(
    server: Server, tmp_path: Path
) -> None:
    server.files = {f"/{NAME}": CONTENT}
    server.ends_after = [BLOCK_BYTES] * 11
    fetch(one(server.url), "MNIST", tmp_path, unheard)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert len(server.asked) == 12


def test_a_try_counts_unless_it_brings_a_block_more_than_there_ever_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    block = b"x" * BLOCK_BYTES
    _, begun_at = said_by(monkeypatch, tmp_path, b"", b"", block, block[1:], size=10 * BLOCK_BYTES)
    first, second = BLOCK_BYTES, 2 * BLOCK_BYTES - 1
    assert begun_at == [0, 0, 0, first, second, second, second, second]


def test_a_file_of_as_many_bytes_as_published_is_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Its content is another one, which is found out at the end.
    said, begun_at = said_by(monkeypatch, tmp_path, b"abc", b"def", size=6)
    assert begun_at == [0, 3] and "is not as it was published" in said
    said, begun_at = said_by(monkeypatch, tmp_path, b"abc", b"defg", size=6)
    assert begun_at == [0, 3] and "host sends more than the 6 bytes there are" in said
    assert (tmp_path / (NAME + PART)).read_bytes() == b""


def test_the_progress_counts_all_files_and_never_falls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers: list[list[bytes | int]] = [
        [0, b"ab", b"", b"c"],
        [0, b"de", 0, b"defgh", b"i"],
    ]

    def blocks(_url: str, _begun: int, _stall_s: float) -> Any:
        yield from answers.pop(0)

    monkeypatch.setattr(fetching, "_blocks", blocks)
    heard: list[float] = []
    download = Download(("http://host/",), (remote(NAME, b"abc"), remote(OTHER, b"defghi")))
    fetch(download, "MNIST", tmp_path, heard.append)
    ninths = [0, 2, 2, 3, 3, 3, 5, 5, 8, 9, 9]
    assert heard == pytest.approx([at / 9 for at in ninths])
    assert (tmp_path / OTHER).read_bytes() == b"defghi"


class Clock:
    """Says a time that only passes while nothing comes."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_a_server_is_given_up_after_the_time_it_may_be_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()

    class Line:
        """The queue of a listener, from which something comes, and then nothing."""

        def __init__(self) -> None:
            self.items: list[bytes | int] = [7, b"abc"]

        def get(self, timeout: float) -> bytes | int:
            if self.items:
                return self.items.pop(0)
            clock.now += 10
            assert timeout == 0.1
            raise Empty

    monkeypatch.setattr(fetching, "time", clock)
    monkeypatch.setattr(fetching, "SimpleQueue", Line)
    monkeypatch.setattr(fetching, "_listen", lambda *_: None)
    blocks = fetching._blocks("http://host/a", 0, 30)
    # At 30 s it is still waited for, and no longer beyond them.
    assert [next(blocks) for _ in range(5)] == [7, b"abc", b"", b"", b""]
    with pytest.raises(fetching._MirrorError, match="host sent hardly anything for 30 s"):
        next(blocks)


def test_a_server_may_be_silent_for_30_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[float] = []

    def blocks(_url: str, begun: int, stall_s: float) -> Any:
        asked.append(stall_s)
        yield begun
        yield b"abc"

    monkeypatch.setattr(fetching, "_blocks", blocks)
    fetch(Download(("http://host/",), (remote(NAME, b"abc"),)), "MNIST", tmp_path, unheard)
    assert asked == [30]

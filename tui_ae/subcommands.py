"""The commands beside training a new run: go on with one, look, list, remove, export."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tui_ae.chosen import look_of
from tui_ae.compare import add_compare_options, compare
from tui_ae.config import DEVICES
from tui_ae.configure import add_config_options, configure
from tui_ae.data.named import SETS
from tui_ae.data.named import find as find_set
from tui_ae.errors import InvalidValueError, UserError
from tui_ae.options import (
    add_headless_options,
    add_no_config,
    add_saving_options,
    add_screen_options,
)
from tui_ae.ownership import keep_for_owner
from tui_ae.repeat import command_line
from tui_ae.run.folder import RunFolder
from tui_ae.run.holder import release
from tui_ae.run.kept_runs import find, kept_runs, saved_at
from tui_ae.run.prune import chosen_runs, remove
from tui_ae.run.saved import SavedRun
from tui_ae.run.shelf import runs_folder
from tui_ae.start import has_screen, is_terminal, load, show, train
from tui_ae.streams import counted, printable, say
from tui_ae.train.place import resume
from tui_ae.train.torchrun import ProcessRank

SHELLS = ("bash", "zsh", "fish")
RELEASE_S = 30.0
"""How long another program may take to save a run and end."""
LOOK_ONLY = "Another program trains this run, so one can only look; tui-ae stop would end that."


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done beside training a new run."""

    add: Callable[[argparse.ArgumentParser], None]
    """Gives a parser the command's options."""
    run: Callable[[argparse.Namespace], int]
    """Does it; returns the exit code. Raises UserError where what was asked for can't be done."""


def _add_resume(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    # In no table: a run keeps the device that it had, whatever is preferred for new ones.
    parser.add_argument("--device", help=f"{', '.join(DEVICES)}; default: as before")
    add_no_config(parser)
    add_saving_options(parser)
    add_screen_options(parser)
    add_headless_options(parser)


def _resume(options: argparse.Namespace) -> int:
    look, process = look_of(options), ProcessRank.from_environment()
    folder = find(options.run)
    _check_data(folder)
    takes_over = process.rank == 0 and _take_over(folder)
    if process.rank == 0 and folder.is_written() and has_screen(options):
        say(f"{folder.path}: {LOOK_ONLY}", sys.stderr)
        return show(SavedRun(folder, load, follows=True, notice=LOOK_ONLY), look)
    place = resume(folder, options.save_every, writes=process.rank == 0, trains=takes_over)
    # Whom the owner lets look on may go on doing so.
    if process.rank == 0 and (sentence := keep_for_owner(folder.path, readers=True)):
        say(sentence, sys.stderr)
    if process.rank == 0 and process.size != place.info.processes:
        say(
            f"{folder.path}: this run was trained by {_processes(place.info.processes)} together "
            f"and goes on with {_processes(process.size)}, so from here on its losses are others "
            "than those of an unbroken run.",
            sys.stderr,
        )
    if options.device is not None:
        settings = replace(place.info.settings, device=options.device)
        place = replace(place, info=replace(place.info, settings=settings))
    return train(place.info.settings, place, options, look, process)


def _processes(number: int) -> str:
    return "1 process" if number == 1 else f"{number:,} processes"


def _take_over(folder: RunFolder) -> bool:
    """Have a program that went on without its terminal let go of a run; whether there was one.

    Raises:
        UserError: it does not let go.
    """
    holder = folder.holder() if folder.is_written() else None
    if holder is None or not holder.alone:
        return False
    say(
        f"{folder.path}: this run went on without its terminal ({holder.words}); that is asked to "
        "save and end, and the run goes on here.",
        sys.stderr,
    )
    _release(folder)
    return True


def _release(folder: RunFolder) -> None:
    """Have the program that trains a run save it and end.

    Raises:
        UserError: it does not, or the disk refuses.
    """
    holder = folder.holder()
    try:
        done = release(folder, RELEASE_S)
    except OSError as error:
        raise UserError(
            f"{folder.path}: nobody can be asked to stop there ({error.strerror})."
        ) from error
    if not done:
        who = f" ({holder.words})" if holder else ""
        raise UserError(
            f"{folder.path}: the program that trains this run{who} has not ended within "
            f"{RELEASE_S:.0f} s; end it there."
        )


def _stop(options: argparse.Namespace) -> int:
    folder = find(options.run)
    info = folder.info()
    if not folder.is_written():
        sentence = f"No program trains run {info.id}."
    else:
        _release(folder)
        last = folder.last_losses()
        epochs = counted(last.epoch if last else 0, "epoch")
        sentence = f"Run {info.id} is saved after {epochs}; tui-ae resume goes on with it."
    print(printable(sentence))  # noqa: T201 - the command's output
    return 0


def _check_data(folder: RunFolder) -> None:
    """Make sure, before anything else is done, that the data of a run can still be there.

    Raises:
        UserError: they can't, or the folder holds no run.
    """
    data = folder.info().settings.data
    if data is None:
        return
    from tui_ae.data.load import check_path

    try:
        check_path(data)
    except UserError as error:
        # What follows tells which files could be given instead.
        why = str(error).partition("; ")[0].rstrip(".")
        raise UserError(
            f"{folder.path}: the run's images can't be had ({why}); tui-ae open shows what it "
            "holds all the same."
        ) from error


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run",
        nargs="?",
        metavar="RUN",
        help="a folder, or the beginning of an id (default: the run that was saved last)",
    )


def _add_look(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    add_no_config(parser)
    add_screen_options(parser)


def _open(options: argparse.Namespace) -> int:
    return show(SavedRun(find(options.run), load, follows=False), look_of(options))


def _watch(options: argparse.Namespace) -> int:
    return show(SavedRun(find(options.run), load, follows=True), look_of(options))


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "tui-ae runs prune removes runs, after asking; tui-ae runs prune --help says which."
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a run")


def _runs(options: argparse.Namespace) -> int:
    rows = [row for folder in kept_runs() if (row := _summary(folder)) is not None]
    if options.json:
        for row in rows:
            print(json.dumps(row))  # noqa: T201 - the command's output
        return 0
    if not rows:
        print(f"There are no runs in {printable(runs_folder())}.")  # noqa: T201
    _print_rows(rows)
    return 0


def _print_rows(rows: list[dict[str, object]], *, last: str = "data") -> None:
    """A line a run; `last` is what stands at its end."""
    for row in rows:
        saved = time.strftime("%Y-%m-%d %H:%M", time.localtime(float(str(row["saved_at"]))))
        loss = "" if row["loss"] is None else f"{row['loss']:.4f}"
        words_ = f"{row['id']}  {saved}  {row['epoch']:>6} epochs  {loss:>7}  {row['state']:<8}"
        size = f"{float(str(row['bytes'])) / 1e6:.1f} MB"
        print(printable(f"{words_}  {size:>9}  {row[last]}"))  # noqa: T201


def _summary(folder: RunFolder) -> dict[str, object] | None:
    """What the list says of a run; None where its folder is damaged."""
    try:
        info = folder.info()
        last = folder.last_losses()
    except UserError:
        return None
    return {
        "id": info.id,
        "path": str(folder.path),
        "data": info.data,
        "saved_at": saved_at(folder.path),
        "epoch": last.epoch if last else 0,
        "loss": last.loss if last else None,
        "state": "training" if folder.is_written() else "saved",
        "bytes": folder.size_bytes(),
        "command": command_line(info.settings, processes=info.processes, configured=True),
    }


def _add_prune(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Remove runs that were kept, after asking. With runs named and a condition, those of them "
        "that meet it; with two conditions, those that meet both. A run that is being written "
        "stays, and so do files that are none of a run."
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="folders, or beginnings of ids")
    parser.add_argument("--keep", type=int, metavar="N", help="leave the N runs saved last")
    parser.add_argument(
        "--older-than", type=float, metavar="DAYS", help="only those not saved for so many days"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")


def _prune(options: argparse.Namespace) -> int:
    keep, days = options.keep, options.older_than
    if keep is not None and keep < 0:
        raise InvalidValueError("keep", keep, "give a whole number from 0.")
    if days is not None and not 0 <= days < math.inf:
        raise InvalidValueError("older_than", f"{days:g}", "give a number of days from 0.")
    if not options.runs and keep is None and days is None:
        raise UserError("say which runs: name them, or give --keep N or --older-than DAYS.")
    chosen = chosen_runs(options.runs, keep, days)
    free = [folder for folder in chosen if not folder.is_written()]
    if busy := len(chosen) - len(free):
        say(f"{counted(busy, 'run')} left alone: a program is writing.", sys.stderr)
    if not free:
        print("There is nothing to remove.")  # noqa: T201 - the command's output
        return 0
    _print_rows([row for folder in free if (row := _summary(folder)) is not None], last="path")
    size = f"{sum(folder.size_bytes() for folder in free) / 1e6:,.1f} MB"
    if not options.yes and not _agrees(f"Remove {counted(len(free), 'run')}, {size}? [y/N] "):
        print("Nothing was removed.")  # noqa: T201
        return 0
    return _remove_all(free)


def _agrees(question: str) -> bool:
    """Ask on the terminal.

    Raises:
        UserError: there is none.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise UserError("nothing was removed: there is no terminal to ask on; add --yes.")
    print(question, end="", flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _remove_all(folders: list[RunFolder]) -> int:
    """Remove these, as far as the disk lets one; returns the exit code."""
    removed, code = 0, 0
    for folder in folders:
        try:
            left = remove(folder)
        except UserError as error:
            say(str(error), sys.stderr)
            code = 2
            continue
        removed += 1
        if left:
            say(f"{folder.path}: the folder stays, for there is {', '.join(left)}.", sys.stderr)
    print(f"Removed {counted(removed, 'run')}.")  # noqa: T201
    return code


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="a folder; made where there is none"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace the files of an earlier export there"
    )
    parser.add_argument(
        "--onnx", action="store_true", help="autoencoder.onnx too; needs the package onnx"
    )


def _export(options: argparse.Namespace) -> int:
    from tui_ae.export.export import export

    done = export(find(options.run), options.to, replaces=options.force, onnx=options.onnx)
    files = ", ".join(done.names)
    sentence = f"Run {done.run_id}, epoch {done.epoch:,}, is in {options.to}: {files}."
    print(printable(sentence))  # noqa: T201 - the command's output
    if done.left_out:
        say(done.left_out, sys.stderr)
    return 0


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a data set")


def _data(options: argparse.Namespace) -> int:
    for known in SETS.values():
        place = find_set(known)
        if options.json:
            row = {
                "name": known.name,
                "title": known.title,
                "images": known.images,
                "bytes": known.size_bytes,
                "path": None if place is None else str(place),
            }
            print(json.dumps(row))  # noqa: T201 - the command's output
            continue
        size = f"{known.size_bytes / 1e6:.1f} MB"
        missing = "not here; " + (
            "downloaded when it is used" if known.download else "comes with scikit-learn"
        )
        words_ = f"{known.name:<14}{known.images:>7,} images  {size:>8}  {known.title:<22}"
        print(printable(f"{words_}  {place or missing}"))  # noqa: T201
    return 0


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to read it")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "where shells look, with DIR one of $fpath:\n"
        "  tui-ae completion bash > ~/.local/share/bash-completion/completions/tui-ae\n"
        "  tui-ae completion zsh > DIR/_tui-ae\n"
        "  tui-ae completion fish > ~/.config/fish/completions/tui-ae.fish\n"
    )


def _completion(options: argparse.Namespace) -> int:
    from tui_ae.described import completion

    print(completion(options.shell, ADDED), end="")  # noqa: T201 - the command's output
    return 0


def _add_man(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "For man to find it: tui-ae man > ~/.local/share/man/man1/tui-ae.1"


def _man(_options: argparse.Namespace) -> int:
    from tui_ae.described import manual

    print(manual(ADDED), end="")  # noqa: T201 - the command's output
    return 0


TABLE = {
    "resume": Command(_add_resume, _resume),
    "open": Command(_add_look, _open),
    "watch": Command(_add_look, _watch),
    "compare": Command(add_compare_options, compare),
    "stop": Command(_add_run, _stop),
    "runs": Command(_add_runs, _runs),
    "runs prune": Command(_add_prune, _prune),
    "export": Command(_add_export, _export),
    "data": Command(_add_data, _data),
    "config": Command(add_config_options, configure),
    "completion": Command(_add_completion, _completion),
    "man": Command(_add_man, _man),
}
"""By the names that the command line's COMMANDS have."""
ADDED = {name: command.add for name, command in TABLE.items()}
"""What gives the parser of each command its options."""

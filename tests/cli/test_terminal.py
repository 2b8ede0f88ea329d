"""Output that cannot be written, and folders that are gone: one line, and no traceback."""

import contextlib
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fastdup.cli.terminal import log_to_stderr, print_error
from fastdup.progress import BarProgress


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_no_room_for_the_output_is_reported_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "fastdup", "models"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "fastdup: No space left on device\n"


def test_a_current_folder_that_is_gone_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    print_error(FileNotFoundError(2, "No such file or directory"), verbose=False)
    assert capsys.readouterr().err == (
        "fastdup: the current folder is gone: change to one that exists\n"
    )


def test_an_error_of_the_system_names_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(PermissionError(13, "Permission denied", "/a\nb"), verbose=False)
    assert capsys.readouterr().err == "fastdup: Permission denied: /a\\nb\n"


def test_a_line_of_the_log_is_not_glued_to_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("fastdup")
    for name in ("handlers", "propagate", "level"):
        monkeypatch.setattr(logger, name, getattr(logger, name))
    log_to_stderr(verbose=False)
    bar = BarProgress()
    bar.start("listing")
    logger.info("2 hidden folders left out")
    bar.finish()
    assert re.search(r"[\r\n]fastdup: 2 hidden folders left out\n", capsys.readouterr().err)


def on_a_terminal(words: list[str]) -> bytes:
    """Return what a command shows on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "fastdup", *words]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL) as done:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    assert done.returncode == 0, shown
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such names and terminals")
def test_names_reach_the_terminal_and_the_log_without_what_a_terminal_obeys(
    photos: Path, tmp_path: Path
) -> None:
    hostile = photos / "\x1b]0;title\x07\x1b[2J\nfastdup: all is well.jpg"
    (photos / "00.jpg").rename(hostile)
    archive = photos / "\x1b[31m\nfastdup: forged.zip"
    archive.write_bytes(b"PK\x03\x04damaged")
    out = str(tmp_path / "out\x1b[2J")
    shown = on_a_terminal(["run", str(photos), "-w", out])
    assert b"damaged" in shown
    shown += on_a_terminal(["search", out, str(hostile), "-k", "1"])
    shown += on_a_terminal(["clean", out])
    assert rb"\x1b[2J" in shown
    for sequence in (b"\x1b]0;", b"\x1b[2J", b"\x1b[31m"):
        assert sequence not in shown
    assert not any(
        line.startswith((b"fastdup: all", b"fastdup: forged")) for line in shown.split(b"\n")
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such names")
def test_programs_get_names_as_they_are(photos: Path, tmp_path: Path) -> None:
    odd = photos / "odd\x1b.jpg"
    (photos / "00.jpg").rename(odd)
    command = [sys.executable, "-m", "fastdup"]
    subprocess.run([*command, "run", photos, "-w", tmp_path / "out"], check=True, timeout=120)
    words = [*command, "search", tmp_path / "out", odd, "-k", "1"]
    done = subprocess.run(words, check=True, timeout=120, stdout=subprocess.PIPE)
    assert os.fsencode(odd) in done.stdout

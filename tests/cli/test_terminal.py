"""Output that cannot be written, and folders that are gone: one line, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastdup.cli.terminal import print_error


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

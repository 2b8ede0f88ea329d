"""``fastdup`` alone: a page for a person at a terminal, usage for a program."""

import importlib.util
import os
import signal
import subprocess
import sys

import pytest

from command import fastdup_command


def test_in_a_pipe_it_says_how_it_is_used():
    done = fastdup_command(stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "required: COMMAND; see fastdup --help" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
@pytest.mark.skipif(importlib.util.find_spec("uvicorn") is None, reason="no web library")
def test_on_a_terminal_it_serves_the_page_until_it_is_interrupted(tmp_path):
    import pty

    ours, theirs = pty.openpty()
    environment = os.environ | {"BROWSER": "true", "FASTDUP_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "fastdup"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = b""
        while b"press Ctrl-C" not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert shown.startswith(b"http://127.0.0.1:")
    os.close(ours)

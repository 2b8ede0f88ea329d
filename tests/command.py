"""The command line, in a process of its own."""

import os
import subprocess
import sys


def fastdup_command(*words: object, **options) -> subprocess.CompletedProcess:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "fastdup", *map(os.fspath, map(_word, words))]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def _word(word: object) -> str | bytes | os.PathLike:
    return word if isinstance(word, str | bytes | os.PathLike) else str(word)

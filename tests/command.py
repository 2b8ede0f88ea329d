"""The command line, in this process or in one of its own."""

import contextlib
import io
import logging
import os
import subprocess
import sys
import warnings
from unittest import mock

from fastdup import cli


def fastdup_command(*words: object, **options) -> subprocess.CompletedProcess:
    """Run the command line; in this process, which is faster, unless it has another environment."""
    command = [os.fspath(_word(word)) for word in words]
    if not options.keys() <= {"cwd"}:
        return fastdup_process(*words, **options)
    with as_at_first() as (out, err), contextlib.chdir(options.get("cwd", ".")):
        code = cli.main(list(map(os.fsdecode, command)))
    out, err = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(command, code, out, err)


def fastdup_process(*words: object, **options) -> subprocess.CompletedProcess:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "fastdup", *map(os.fspath, map(_word, words))]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@contextlib.contextmanager
def as_at_first():
    """Give what runs streams of its own, and take back what it does to the log and the like."""
    logger = logging.getLogger("fastdup")
    handlers, level, propagates = logger.handlers, logger.level, logger.propagate
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    try:
        with (
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
            mock.patch.dict(os.environ),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("error")
            yield streams
    finally:
        logger.handlers, logger.propagate = handlers, propagates
        logger.setLevel(level)


def _word(word: object) -> str | bytes | os.PathLike:
    return word if isinstance(word, str | bytes | os.PathLike) else str(word)

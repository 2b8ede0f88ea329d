"""The command ``fastdup``: words of the command line → the command that they name."""

import argparse
import os
import sys
from collections.abc import Sequence

from fastdup.cli.commands import COMMANDS, build_parser
from fastdup.cli.parser import BAD_USAGE, nearest
from fastdup.cli.terminal import (
    discard_output,
    escape_unprintable,
    line_start,
    log_to_stderr,
    print_error,
)
from fastdup.errors import ConfigError, FastdupError

__all__ = ["build_parser", "main", "parse"]

SUCCESS, FAILED = 0, 1
INTERRUPTED = 130
#: First words that are no input.
_FIRST_WORDS = (*COMMANDS, "-h", "--help", "--version")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 bad usage, or its own.

    Parameters
    ----------
    arguments : sequence of str or None
        The words after the command's name; None: those of this process.
    """
    escape_unprintable()
    # The BLAS's own threads are never used (fastdup splits the work itself) and cost start-up time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as exc:  # argparse exits by itself, after --help too
        return int(exc.code or 0)
    verbose = bool(getattr(options, "verbose", False))
    log_to_stderr(verbose=verbose)
    try:
        code = options.act(options)
        print(end="", flush=True)
    except FastdupError as exc:
        print_error(exc, verbose=verbose)
        return BAD_USAGE if isinstance(exc, ConfigError) else FAILED
    except KeyboardInterrupt:
        start = line_start(sys.stderr)
        print(f"{start}interrupted; run the same command again to go on", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away: `fastdup run … | head`
        discard_output()
        return SUCCESS
    except OSError as exc:  # the disk that our output goes to is full, the current folder is gone
        print_error(exc, verbose=verbose)
        discard_output()
        return FAILED
    return SUCCESS if code is None else int(code)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options that `arguments` give, and under ``act`` the function that obeys them.

    A first word that is no command is an input to run. No word, on a terminal, opens the page to
    begin with.

    Raises
    ------
    SystemExit
        After ``--help`` and ``--version``, and on bad usage, which is printed.
    """
    words = list(arguments) or _words_of_a_person()
    first = words[0] if words else "-"
    if words and first not in _FIRST_WORDS:
        _check_input(first)
        words = ["run", *words]
    # Only the module of the command that is asked for is imported.
    return build_parser(words[:1]).parse_args(words)


def _words_of_a_person() -> list[str]:
    """Return the command for a person at a terminal who typed nothing more: none for a program."""
    from importlib.util import find_spec

    is_person = all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))
    return ["explore"] if is_person and find_spec("starlette") and find_spec("uvicorn") else []


def _check_input(first: str) -> None:
    """Refuse a first word that is nothing to run on, and nearly a command."""
    if first.startswith("-") or os.path.lexists(first):
        return
    if meant := nearest(first, _FIRST_WORDS):
        build_parser(()).error(f"there is no command and no input {first!r}, did you mean {meant}?")

"""What the terminal shows besides a command's results: the log, and an error's one line."""

import logging
import os
import sys


def let_any_name_be_printed() -> None:
    """Print names that the terminal's encoding lacks as escapes, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def show_log(*, verbose: bool) -> None:
    """Show what fastdup logs, with all details where `verbose`."""
    logger = logging.getLogger("fastdup")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("fastdup: %(message)s"))
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def tell_error(exc: Exception, *, verbose: bool) -> None:
    """Print the one line of an error, after where it came from if `verbose`."""
    if verbose:
        import traceback

        traceback.print_exception(exc)
    line = _told(exc) if isinstance(exc, OSError) else str(exc)
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    print(f"fastdup: {''.join(shown)}", file=sys.stderr)


def drop_output() -> None:
    """Let nothing that is still to be printed fail, where there is no room or no reader for it."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(exc: OSError) -> str:
    try:
        os.getcwd()
    except OSError:
        return "the current folder is gone: change to one that exists"
    what = exc.strerror or str(exc)
    return what if exc.filename is None else f"{what}: {exc.filename}"

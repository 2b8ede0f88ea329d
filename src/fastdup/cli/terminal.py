"""What the terminal shows besides a command's results: the log, and an error's one line."""

import os
import sys
from collections.abc import Iterable
from typing import TextIO


def escape_unprintable() -> None:
    """Print characters that the terminal's encoding lacks as escapes, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def log_to_stderr(*, verbose: bool) -> None:
    """Print what fastdup logs to standard error, with all details if `verbose`."""
    import logging  # 4 ms, which --help and --version do without

    from fastdup.printable import LineFormatter

    class AroundBars(logging.StreamHandler[TextIO]):
        """Writes a line of its own, above a progress bar that is being drawn."""

        def emit(self, record: logging.LogRecord) -> None:
            if "tqdm" not in sys.modules:
                return super().emit(record)
            from tqdm import tqdm

            with tqdm.external_write_mode(self.stream):
                return super().emit(record)

    logger = logging.getLogger("fastdup")
    handler = AroundBars()
    handler.setFormatter(LineFormatter("fastdup: %(message)s"))
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def print_error(exc: Exception, *, verbose: bool) -> None:
    """Print the one line of an error, after its traceback if `verbose`."""
    if verbose:
        import traceback

        traceback.print_exception(exc)
    from fastdup.printable import printable

    line = _os_error_text(exc) if isinstance(exc, OSError) else str(exc)
    print(f"fastdup: {printable(line)}", file=sys.stderr)


def line_start(stream: TextIO | None) -> str:
    """Return what a line begins with after Ctrl-C, which a terminal shows as ^C."""
    return "\r" if stream and stream.isatty() else ""


def print_line(line: object) -> None:
    """Print a line; what is no letter is escaped on a terminal, and kept for programs."""
    from fastdup.printable import printable

    print(printable(str(line)) if sys.stdout and sys.stdout.isatty() else line)


def write_lines(lines: Iterable[bytes]) -> None:
    """Write lines with their ends to standard output, after what was printed before.

    Programs get the very bytes; on a terminal, each line is shown as `print_line` does.
    """
    if sys.stdout.isatty():
        for line in lines:
            print_line(line.rstrip(b"\r\n\0").decode("utf-8", "surrogateescape"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.writelines(lines)


def discard_output() -> None:
    """Discard what is still to be printed, when there is no room or no reader for it."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _os_error_text(exc: OSError) -> str:
    from fastdup.printable import error_text

    try:
        os.getcwd()
    except OSError:
        return "the current folder is gone: change to one that exists"
    return error_text(exc)

"""Words of the file system as they are shown: on one line, and nothing that a terminal obeys."""

import logging
import os
from collections.abc import Iterator
from typing import Any


def printable(text: str) -> str:
    r"""Return the text with escapes for all that is not printed: ``\n``, ``\x1b``, ``\u202e``, ….

    A file may be called anything. Shown as it is, a name could clear the screen, forge a line of
    the log, or show letters in another order.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def error_text(exc: Exception) -> str:
    """Return what an error says; of the system's own, what went wrong, and with which file."""
    if not isinstance(exc, OSError):
        return str(exc)
    what = exc.strerror or str(exc)
    return what if exc.filename is None else f"{what}: {os.fsdecode(exc.filename)}"


class LineFormatter(logging.Formatter):
    """Formats each record of the log as one line; tracebacks go over several."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Return the line."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        """Return a traceback."""
        return "\n".join(map(printable, super().formatException(ei).split("\n")))


class ShownAsLines:
    """What a notebook shows as its lines."""

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        from html import escape

        text = escape("\n".join(map(printable, self.lines())))
        return f'<pre style="white-space:pre-wrap">{text}</pre>'

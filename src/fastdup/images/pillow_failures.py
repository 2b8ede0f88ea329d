"""What Pillow raises and warns about, in our words."""

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from PIL import Image

from fastdup.errors import ImageError, Reason

_MAX_DETAIL = 200
#: The part of Pillow that logs what is wrong with a file, without the file's name.
_LOGGER = "PIL.TiffImagePlugin"

# Pillow's exceptions differ only in the text of their message.
_MESSAGE_PATTERNS = {
    r"truncated|end of file|premature": Reason.TRUNCATED,
    r"decompression bomb": Reason.TOO_LARGE,
    r"not (yet )?(supported|installed|available|implemented)": Reason.UNSUPPORTED,
    r"unsupported|cannot handle|unknown pixel mode": Reason.UNSUPPORTED,
}


def as_image_error(name: str, exc: Exception) -> ImageError:
    """Return what a decoder raised for a file of the format `name` as an ImageError."""
    text = " ".join(f"{exc}".split())[:_MAX_DETAIL]
    if " " not in text:  # only a key, or nothing
        text = f"{type(exc).__name__} {text}".rstrip()
    if isinstance(exc, Image.DecompressionBombError):
        return ImageError(text, reason=Reason.TOO_LARGE)
    if "not identified by this driver" in text:
        text = "the header is damaged, or gives a size of 0"
    reasons = (r for pattern, r in _MESSAGE_PATTERNS.items() if re.search(pattern, text, re.I))
    return ImageError(f"{name}: {text}", reason=next(reasons, Reason.DECODE_ERROR))


@contextmanager
def pillow_warnings_ignored() -> Iterator[None]:
    """Ignore Pillow's warnings about a file's metadata, but no warnings of the host process.

    Not ``warnings.catch_warnings``, which saves and restores all filters of the process: two
    threads that do so in turn leave the wrong filters behind. This adds one narrow filter and
    removes the same one again. Each of the two steps is atomic.
    """
    filters = cast(list[Any], warnings.filters)
    filters.insert(0, _IGNORE_PILLOW)
    _unlogged.thread.is_inside = True
    try:
        yield
    finally:
        _unlogged.thread.is_inside = False
        with suppress(ValueError):  # other code has reset all filters in between
            filters.remove(_IGNORE_PILLOW)


_IGNORE_PILLOW = ("ignore", None, Warning, re.compile(r"PIL\.|pillow_heif\b"), 0)


class _Unlogged(logging.Filter):
    """Lets nothing pass that is logged while this thread decodes."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.thread, "is_inside", False)


_unlogged = _Unlogged()
logging.getLogger(_LOGGER).addFilter(_unlogged)

"""Keeps libtiff from writing about damaged files to the standard error of the process.

It would write lines without the file's name, past all logging. What is wrong with a file is in its
`ImageError`. The library is the one that Pillow uses, so its handler of errors is put back as soon
as nothing is decoded any more.
"""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from PIL import _imaging

_lock = threading.Lock()
_n_inside, _handler = 0, None


@contextmanager
def quiet_libtiff() -> Iterator[None]:
    """Ignore what libtiff writes meanwhile, on any thread; may be entered by several threads."""
    global _n_inside, _handler
    set_handler = _setter()
    if set_handler is None:
        yield
        return
    with _lock:
        if _n_inside == 0:
            _handler = set_handler(None)
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                set_handler(_handler)


@cache
def _setter() -> Callable[[Any], Any] | None:
    """Return the function of libtiff that sets its handler and returns the one before.

    None where libtiff is a part of Pillow's own file, as on Windows: there it stays as it is.
    """
    try:
        function = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_void_p
    return function

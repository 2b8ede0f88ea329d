"""Sizes and dates as people write them: ``50K``, ``2024-05-31``."""

import re
from datetime import datetime

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def size_in_bytes(text: str) -> int:
    """Return a size such as ``50000``, ``50K`` or ``1.5 MB`` in bytes.

    Raises
    ------
    ValueError
        When it is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size, such as 50000, 50K or 2M")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def moment_ns(text: str) -> int:
    """Return a date or moment in nanoseconds since 1970; without a zone, in that of this machine.

    Raises
    ------
    ValueError
        When it is none.
    """
    return int(datetime.fromisoformat(text.strip()).timestamp()) * 10**9

"""Options of later releases that a function accepts and that mean nothing here."""

from collections.abc import Mapping
from typing import Any

from fastdup.config.resolve import unknown_option, warn_meaningless


def warn_of(function: str, options: Mapping[str, Any], meaningless: Mapping[str, str]) -> None:
    """Warn of each option that means nothing, with what holds instead.

    Raises
    ------
    TypeError
        When one is none of these; the message names the most similar one.
    """
    for name in options:
        if name not in meaningless:
            raise TypeError(unknown_option(function, name, meaningless))
        warn_meaningless(name, meaningless[name])

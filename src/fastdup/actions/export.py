"""Groups of copies as files that other tools read."""

import os
from collections.abc import Sequence

from fastdup.errors import ConfigError


def name_list(names: Sequence[str], *, null: bool) -> bytes:
    r"""Return names as the very bytes they are, each ended by a line break or a zero byte.

    Raises
    ------
    ConfigError
        When a name holds a line break and names end with line breaks.
    """
    end = b"\0" if null else b"\n"
    split = next((name for name in names if not null and ("\n" in name or "\r" in name)), None)
    if split is not None:
        raise ConfigError(
            f"{split!r} holds a line break: end names with a zero byte instead (--null)"
        )
    return b"".join(os.fsencode(name) + end for name in names)

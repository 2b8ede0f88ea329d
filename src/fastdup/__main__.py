"""``python -m fastdup`` is the command ``fastdup``, as a process of its own."""

import gc
import sys

from fastdup.cli import main

_NEW_OBJECTS_PER_COLLECTION = 20_000


def command() -> int:
    """Run the command and return its exit code; the process is expected to end with it.

    Objects in cycles are few here and live as long as the process, so looking for them less often,
    and not at all at its end, saves a short command a quarter of its time.
    """
    gc.set_threshold(_NEW_OBJECTS_PER_COLLECTION)
    code = main()
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(command())

"""``python -m fastdup`` is the command ``fastdup``, as a process of its own."""

import atexit
import gc
import os
import sys

from fastdup.cli import main

#: New objects at which those in cycles are looked for: at first, when all of them are modules and
#: the like, and from then on. Few are in cycles here, and most live as long as the process.
_FIRST_COLLECTION, _NEW_OBJECTS_PER_COLLECTION = 200_000, 20_000


def command() -> int:
    """Run the command and return its exit code; the process is expected to end with it.

    A short command spends a fifth of its time on looking for objects in cycles, and on taking the
    interpreter apart at the end. So the former begins late, and the latter is left out.
    """
    codes: list[int] = []
    atexit.register(_leave, codes)  # first of all, so that it is called after all others
    gc.set_threshold(_FIRST_COLLECTION)
    gc.callbacks.append(_after_first_collection)
    codes.append(main())
    return codes[0]


def _after_first_collection(phase: str, _: object) -> None:
    if phase == "stop":
        gc.callbacks.remove(_after_first_collection)
        gc.set_threshold(_NEW_OBJECTS_PER_COLLECTION)


def _leave(codes: list[int]) -> None:
    """End the process at once, if its command came to an end."""
    if codes:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(codes[0])


if __name__ == "__main__":
    sys.exit(command())

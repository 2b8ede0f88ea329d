"""A run that another program started and reads: JSON out, and it ends when its input is closed.

Standard output has the lines of `JsonProgress`, and at the end ``{"counts": {…}}``. Standard input
is held open by the other program. When that closes it, or is gone, however it ended, the run is
interrupted as by Ctrl-C: the same command goes on from there.
"""

import os
import signal
import sys
import threading

from fastdup.config import RunConfig
from fastdup.pipeline import run_pipeline
from fastdup.progress import JsonProgress

#: Exit code of a run that was interrupted and did not end by itself.
_INTERRUPTED = 130
#: How long it may take to end by itself: what is stored is safe at any moment.
_PATIENCE_S = 5.0
_STDIN = 0


def run_reported(config: RunConfig) -> None:
    """Run, report to standard output, and stop when standard input is closed.

    Raises
    ------
    FastdupError
        When the run fails.
    KeyboardInterrupt
        When standard input was closed.
    """
    # A process started by one in the background would ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_watch, args=(threading.Event(),), daemon=True).start()
    progress = JsonProgress(sys.stdout)
    progress.write({"counts": run_pipeline(config, progress).counts()})


def _watch(never: threading.Event) -> None:
    # Not sys.stdin: a thread that waits in it would keep the interpreter from ending.
    while os.read(_STDIN, 4096):
        pass
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        os.kill(os.getpid(), signal.SIGINT)  # wakes the main thread from what it waits for
    never.wait(_PATIENCE_S)
    os._exit(_INTERRUPTED)

"""The program of a watched process: ``-m fastdup.executors.watched_worker PIPE MEMORY SERVICE``."""

import signal
import sys
from multiprocessing.connection import Connection

from fastdup.executors.watched import serve


def main() -> None:
    """Serve the process that started this one until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the other process ends this one
    with Connection(int(sys.argv[1])) as connection:
        serve(connection, int(sys.argv[2]), sys.argv[3])


if __name__ == "__main__":
    main()

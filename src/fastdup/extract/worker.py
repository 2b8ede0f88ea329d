"""The program of an extracting process: ``python -m fastdup.extract.worker PIPE``."""

import signal
import sys
from multiprocessing.connection import Connection

from fastdup.extract.processes import serve


def main() -> None:
    """Serve the parent process until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the parent ends this process
    with Connection(int(sys.argv[1])) as connection:
        serve(connection)


if __name__ == "__main__":
    main()

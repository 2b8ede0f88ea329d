"""The program of a worker process: ``python -m fastdup.executors.worker PIPE``."""

import signal
import sys
from multiprocessing.connection import Connection

from threadpoolctl import threadpool_limits

from fastdup.executors.processes import serve


def main() -> None:
    """Serve the parent process until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the parent ends this process
    with Connection(int(sys.argv[1])) as connection, threadpool_limits(limits=1, user_api="blas"):
        serve(connection)


if __name__ == "__main__":
    main()

"""A workshop whose files make its process do what damaged files make libraries do."""

import mmap
import os
import pickle
import signal
import struct
import sys

from fastdup.sources.containers.apart import Workshop

RAISED = {
    "value": ValueError("what"),
    "overflow": OverflowError("Python int too large to convert to C long"),
    "recursion": RecursionError("maximum recursion depth exceeded"),
    "memory": MemoryError(),
    "unicode": UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid start byte"),
    "key": KeyError("image"),
    "of its own": type("OwnError", (Exception,), {})("two\nlines"),
    "base": type("OddError", (Exception,), {"__str__": None})(),
}


class _Bomb:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (self.marker,)


class HostileWorkshop(Workshop):
    """Does what the name of a method says."""

    noun = "a thing"

    def forget(self):
        """Close nothing."""

    def echo(self, place, *given):
        """Return what was given, and the bytes of the file."""
        return list(given), self.file(place).read()

    def crash(self, place):
        """Crash, as libraries in C do."""
        os.kill(os.getpid(), signal.SIGSEGV)

    def crash_once(self, place, marker):
        """Crash unless another process did before."""
        if not os.path.exists(marker):
            os.mkdir(marker)
            os.abort()
        return "done", b""

    def hang(self, place):
        """Never answer."""
        while True:
            pass

    def fill(self, place):
        """Ask for more memory than a process may have; it is not touched."""
        return mmap.mmap(-1, 9 * 2**30).close(), b""

    def fail(self, place, kind):
        """Raise something."""
        raise RAISED[kind]

    def forge(self, place):
        """Answer what is no answer."""
        return {"failure": ["no such reason", "\x1b[2J"]}, b""

    def send_pickle(self, place, marker):
        """Answer with a pickle that makes a folder when it is loaded."""
        data = pickle.dumps(_Bomb(marker))
        os.write(int(sys.argv[1]), struct.pack("!i", len(data)) + data)
        return None, b""

    def say_process(self, place):
        """Return the number of the process."""
        return os.getpid(), b""

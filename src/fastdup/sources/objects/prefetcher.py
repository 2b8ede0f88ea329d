"""Asks for objects before they are needed, many at a time, within a budget of memory."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fastdup.errors import FastdupError, SourceError
from fastdup.sources.base import UNREACHABLE, Skip, Stamp

#: Requests under way at a time. A server that takes 0.1 s for each gives 1,280 objects/s with the
#: most; a near one is quicker than we are with the few that are under way first, and each further
#: thread costs time of the processor. Whoever has to wait adds one.
FIRST_UNDER_WAY, MAX_UNDER_WAY = 4, 128
#: Bytes asked for and not yet taken.
BUDGET_BYTES = 256 * 2**20
#: What an object is taken to have before the first one came.
FIRST_GUESS_BYTES = 2**20
#: Objects above this are asked for when they are read, and not before.
MAX_PREFETCHED_BYTES = 32 * 2**20


class Fetched(NamedTuple):
    """The answer for one object.

    Attributes
    ----------
    stamp : Stamp
        Size and time of change.
    data : bytes or None
        Its bytes; None where they were not asked for, or there are too many of them.
    error : FastdupError or None
        Why there are none.
    """

    stamp: Stamp
    data: bytes | None = None
    error: FastdupError | None = None


#: Gets one object; not its bytes where `Skip` says so.
Fetch = Callable[[str, Skip | None], Fetched]


class _Entry:
    """One object that is expected."""

    def __init__(self, uri: str, skip: Skip | None, n_bytes: int) -> None:
        self.uri = uri
        self.skip = skip
        self.n_bytes = n_bytes
        self.is_begun = False
        self.is_done = threading.Event()
        # Stays when asking ends in a way that nobody thought of: then too, nobody waits for ever.
        self.fetched = Fetched(UNREACHABLE, error=SourceError(f"{uri} could not be asked for"))


class Prefetcher:
    """Holds the answers for prefetched objects until they are taken; safe to use from threads.

    Objects are asked for in the order in which they are prefetched. Whoever wants one that was not
    asked for yet asks by himself, so nobody waits for the budget.

    Parameters
    ----------
    fetch : callable
        Gets one object; has to end in bounded time.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._entries: dict[str, _Entry] = {}
        self._queue: deque[_Entry] = deque()
        self._changed = threading.Condition()
        self._n_threads = 0
        self._most_threads = FIRST_UNDER_WAY
        self._n_idle = 0
        self._n_bytes = 0
        self._guess_bytes = FIRST_GUESS_BYTES
        self._is_closed = False

    def prefetch(self, wanted: Sequence[tuple[str, Skip | None]]) -> None:
        """Begin to ask for objects; each with the second argument of `fetch`."""
        with self._changed:
            for uri, skip in wanted:
                entry = _Entry(uri, skip, self._guess_bytes)
                self._forget(uri)
                self._entries[uri] = entry
                self._queue.append(entry)
            self._start_threads()
            self._changed.notify(len(wanted))

    def peek(self, uri: str) -> Fetched | None:
        """Return the answer for `uri`, waiting for it; None when it was not prefetched."""
        with self._changed:
            entry = self._entries.get(uri)
            if entry is None:
                return None
            is_mine = not entry.is_begun
            if is_mine:
                self._begin(entry)
            if not (entry.is_done.is_set() or self._n_idle):
                self._most_threads = min(self._most_threads + 1, MAX_UNDER_WAY)
                self._start_threads()
        if is_mine:
            self._finish(entry)
        entry.is_done.wait()
        return entry.fetched

    def take(self, uri: str, max_bytes: int | None) -> bytes | None:
        """Return the bytes for `uri`, which are then no longer held; None when there are none.

        Those of a part, the first `max_bytes`, stay for whoever reads the whole.

        Raises
        ------
        FastdupError
            What asking for it raised.
        """
        fetched = self.peek(uri)
        if fetched and fetched.data is not None and max_bytes is not None:
            return fetched.data[:max_bytes]
        self.forget(uri)
        if fetched and fetched.error:
            raise fetched.error
        return fetched.data if fetched else None

    def ask(self, uri: str, skip: Skip | None) -> Fetched:
        """Ask for one object now, and return the answer or the error."""
        try:
            return self._fetch(uri, skip)
        except FastdupError as exc:
            return Fetched(UNREACHABLE, error=exc)

    def forget(self, uri: str) -> None:
        """Drop what is held for `uri`."""
        with self._changed:
            self._forget(uri)
            self._wake_one()

    def close(self) -> None:
        """Drop everything; what is under way ends by itself."""
        with self._changed:
            self._is_closed = True
            self._queue.clear()
            self._entries.clear()
            self._changed.notify_all()

    def _forget(self, uri: str) -> None:
        entry = self._entries.pop(uri, None)
        if entry and entry.is_begun:
            self._n_bytes -= entry.n_bytes
            entry.n_bytes = 0

    def _start_threads(self) -> None:
        """Start as many threads as there is work for, and as may be."""
        n_wanted = len(self._queue) - self._n_idle
        for _ in range(min(n_wanted, self._most_threads - self._n_threads)):
            self._n_threads += 1
            # Daemons: an answer that nobody waits for any more must not keep the process.
            threading.Thread(target=self._work, name="prefetch", daemon=True).start()

    def _wake_one(self) -> None:
        if self._n_idle and self._has_room():
            self._changed.notify()

    def _work(self) -> None:
        while entry := self._next():
            self._finish(entry)

    def _next(self) -> _Entry | None:
        """Return the next entry to ask for, waiting for one and for room; None at the end."""
        with self._changed:
            self._n_idle += 1
            while not (self._is_closed or self._has_room()):
                self._changed.wait()
            self._n_idle -= 1
            if self._is_closed:
                return None
            entry = self._queue.popleft()
            self._begin(entry)
            return entry

    def _has_room(self) -> bool:
        """Return whether an entry waits that nobody has begun, and its bytes fit the budget."""
        while self._queue and self._is_settled(self._queue[0]):
            self._queue.popleft()
        if not self._queue:
            return False
        return not self._n_bytes or self._n_bytes + self._guess_bytes <= BUDGET_BYTES

    def _is_settled(self, entry: _Entry) -> bool:
        return entry.is_begun or self._entries.get(entry.uri) is not entry

    def _begin(self, entry: _Entry) -> None:
        entry.is_begun = True
        entry.n_bytes = self._guess_bytes
        self._n_bytes += entry.n_bytes

    def _finish(self, entry: _Entry) -> None:
        """Ask for an object, and put the true size in the place of the guess."""
        try:
            entry.fetched = self.ask(entry.uri, entry.skip)
        finally:
            entry.is_done.set()
        n_bytes = len(entry.fetched.data or b"")
        with self._changed:
            if self._entries.get(entry.uri) is entry:
                self._n_bytes += n_bytes - entry.n_bytes
                entry.n_bytes = n_bytes
            if n_bytes:
                self._guess_bytes += (n_bytes - self._guess_bytes) // 16
            self._wake_one()

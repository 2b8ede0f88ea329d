"""A small simulation of work that shares cores, locks and memory bandwidth.

Activities are generators. They yield what they need next: `Work`, on a core and maybe under a lock,
or an `Event` that they wait for. Cores and locks are given in the order of asking. While an
activity waits for a core it keeps its lock, as a thread does that holds the interpreter lock.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple


@dataclass(eq=False)
class Pool:
    """Cores, or a lock if there is only one of it; counts how long they are in use."""

    n_free: int
    waiting: deque["Activity"] = field(default_factory=deque)
    busy_s: float = 0.0


@dataclass(eq=False)
class Event:
    """What activities can wait for."""

    has_happened: bool = False
    waiting: list["Activity"] = field(default_factory=list)


class Work(NamedTuple):
    """Seconds of a core; `lock` is held meanwhile.

    ``stretch`` is how much longer it takes for each other core that does such work, because they
    share the memory.
    """

    seconds: float
    lock: Pool | None = None
    stretch: float = 0.0


Activity = Iterator[Work | Event]


class Simulation:
    """Runs activities on `n_cores`.

    Attributes
    ----------
    now_s : float
        The simulated time.
    cores : Pool
    """

    def __init__(self, n_cores: int) -> None:
        self.now_s = 0.0
        self.cores = Pool(n_cores)
        self._work: dict[Activity, Work] = {}
        self._n_stretched = 0
        self._queue: list[tuple[float, int, Activity]] = []
        self._n_queued = 0

    def run(self, activities: Iterable[Activity]) -> float:
        """Run activities to their end, and return the seconds that they took."""
        for activity in activities:
            self._go_on(activity)
        while self._queue:
            self.now_s, _, activity = heappop(self._queue)
            self._end_work(activity)
            self._go_on(activity)
        return self.now_s

    def happen(self, event: Event) -> None:
        """Wake up the activities that wait for an event."""
        event.has_happened = True
        while event.waiting:
            self._go_on(event.waiting.pop(0))

    def _go_on(self, activity: Activity) -> None:
        for wish in activity:
            if isinstance(wish, Event):
                if wish.has_happened:
                    continue
                wish.waiting.append(activity)
                return
            self._work[activity] = wish
            if wish.lock is None or self._take(wish.lock, activity):
                self._begin_on_core(activity)
            return

    def _take(self, pool: Pool, activity: Activity) -> bool:
        if pool.n_free:
            pool.n_free -= 1
            return True
        pool.waiting.append(activity)
        return False

    def _begin_on_core(self, activity: Activity) -> None:
        if self._take(self.cores, activity):
            self._begin(activity)

    def _begin(self, activity: Activity) -> None:
        work = self._work[activity]
        seconds = work.seconds * (1 + work.stretch * self._n_stretched)
        self._n_stretched += work.stretch > 0
        self.cores.busy_s += seconds
        if work.lock:
            work.lock.busy_s += seconds
        self._n_queued += 1
        heappush(self._queue, (self.now_s + seconds, self._n_queued, activity))

    def _end_work(self, activity: Activity) -> None:
        work = self._work.pop(activity)
        self._n_stretched -= work.stretch > 0
        if self.cores.waiting:
            self._begin(self.cores.waiting.popleft())
        else:
            self.cores.n_free += 1
        if work.lock and work.lock.waiting:
            self._begin_on_core(work.lock.waiting.popleft())
        elif work.lock:
            work.lock.n_free += 1


class Costs(NamedTuple):
    """What an item costs, in seconds of a core.

    Attributes
    ----------
    locked, free : float
        In a thread of the process that stores, with and without its interpreter lock.
    alone : float
        In a process of its own.
    stored : float
        On the one thread that takes the results in order, with the lock.
    stretch : float
        How much longer the free part takes for each other core at it.
    """

    locked: float = 0.0
    free: float = 0.0
    alone: float = 0.0
    stored: float = 0.0
    stretch: float = 0.0


class Simulated(NamedTuple):
    """Seconds of a stage, and the share of them for which each resource was in use."""

    seconds: float
    use: dict[str, float]

    @property
    def binds(self) -> str:
        """The resource that was in use for the largest share."""
        return max(self.use, key=lambda name: self.use[name])


def stage(costs: Costs, n_items: int, per_call: int, n_threads: int, n_ahead: int) -> Simulated:
    """Simulate a stage: threads take calls of some items each, one thread stores them in order.

    Parameters
    ----------
    costs : Costs
        Of an item.
    n_items : int
        A multiple of `per_call`.
    per_call : int
        Items of a call.
    n_threads : int
        Threads, and cores.
    n_ahead : int
        Calls under way or in the queue.
    """
    simulation, lock = Simulation(n_threads), Pool(1)
    n_calls = n_items // per_call
    given = [Event() for _ in range(n_calls)]
    done = [Event() for _ in range(n_calls)]
    calls = iter(range(n_calls))
    store_s = [0.0]

    def thread() -> Activity:
        for call in calls:
            yield given[call]
            for _ in range(per_call if costs.free else 1):
                n = 1 if costs.free else per_call
                yield Work(n * costs.locked / 2, lock)
                yield Work(n * (costs.free + costs.alone), stretch=costs.stretch)
                yield Work(n * costs.locked / 2, lock)
            simulation.happen(done[call])

    def storing() -> Activity:
        for call in range(n_calls + n_ahead):
            if call < n_calls:
                simulation.happen(given[call])
            if call >= n_ahead:
                yield done[call - n_ahead]
                yield Work(per_call * costs.stored, lock)
                store_s[0] += per_call * costs.stored

    seconds = simulation.run([storing(), *(thread() for _ in range(n_threads))])
    use = {
        "cores": simulation.cores.busy_s / (n_threads * seconds),
        "interpreter lock": lock.busy_s / seconds,
        "storing thread": store_s[0] / seconds,
    }
    return Simulated(seconds, use)

"""How long a stage will take, from how fast it was lately."""

from collections import deque

#: The time that counts as lately, and how long a stage must run before anything is said.
_LATELY_S, _LEAST_S = 30.0, 2.0


class TimeLeft:
    """Estimates how many seconds are left of a stage.

    Attributes
    ----------
    done : int
        Steps done.
    total : int or None
        Steps in all, if that is known.
    """

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None
        self._reached: deque[tuple[float, int]] = deque()

    def begin(self, total: int | None) -> None:
        """Begin a stage of `total` steps, if that is known."""
        self.done, self.total = 0, total
        self._reached.clear()

    def reach(self, done: int, at_s: float) -> None:
        """Note how many steps are done, at a time."""
        self.done = done
        self._reached.append((at_s, done))
        while at_s - self._reached[0][0] > _LATELY_S and len(self._reached) > 2:
            self._reached.popleft()

    def seconds(self, now_s: float) -> float | None:
        """Return how many seconds are left, None when that cannot be said."""
        if self.total is None or not self._reached:
            return None
        first_s, first = self._reached[0]
        if now_s - first_s < _LEAST_S or self.done <= first:
            return None
        return max(self.total - self.done, 0) * (now_s - first_s) / (self.done - first)

"""Which copies a person wants to keep: by a rule, and by hand."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.actions.keep import (
    DEFAULT_KEEP,
    KEEP_RULES,
    Candidate,
    find_rule,
    full_paths,
    keep_order,
)
from fastdup.actions.plan import KEEP, REMOVE, is_protected
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection

_PLACES = {KEEP: 0, REMOVE: 2}
_BY_RULE = 1


class Judged(NamedTuple):
    """What is to become of one image of a group.

    Attributes
    ----------
    row : int
        The image.
    stays : bool
        Whether it is kept.
    by_hand : bool
        Whether a person said so.
    """

    row: int
    stays: bool
    by_hand: bool


class Choices:
    """The rule and what was decided by hand, for as long as the explorer runs.

    Parameters
    ----------
    collection : Collection
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._by_hand: dict[int, str] = {}
        self.keep = DEFAULT_KEEP
        self.prefer: list[str] = []
        self.never: list[str] = []
        self._order: Callable[[Candidate], tuple[Any, ...]] = keep_order()
        self._never: list[str] = []

    def set_rule(self, keep: str, prefer: Sequence[str], never: Sequence[str]) -> None:
        """Choose by another rule; parameters as for `fastdup.actions.make_plan`.

        Raises
        ------
        ConfigError
            When there is no such rule.
        """
        find_rule(keep)
        with self._lock:
            self.keep, self.prefer, self.never = keep, list(prefer), list(never)
            self._order, self._never = keep_order(keep, prefer), full_paths(never)

    def decide(self, rows: Sequence[int], decision: str | None) -> None:
        """Keep or remove images by hand; None: leave them to the rule again.

        Raises
        ------
        ConfigError
            When the decision is neither.
        """
        if decision not in (KEEP, REMOVE, None):
            raise ConfigError(f"decision={decision!r} is not known: keep, remove or none")
        with self._lock:
            for row in rows:
                self._by_hand.pop(row, None)
                if decision:
                    self._by_hand[row] = decision

    def by_hand(self) -> dict[str, str]:
        """Return path → "keep" or "remove" of what was decided by hand."""
        with self._lock:
            return {self._collection.paths[row]: said for row, said in self._by_hand.items()}

    def judge(self, members: NDArray[np.int64]) -> list[Judged]:
        """Return what is to become of the images of a group, the one to keep first."""
        with self._lock:
            said, order, never = dict(self._by_hand), self._order, self._never
        candidates = {row: self._candidate(row) for row in members.tolist()}

        def key(row: int) -> tuple[object, ...]:
            return _PLACES.get(said.get(row, ""), _BY_RULE), order(candidates[row])

        judged: list[Judged] = []
        for row in sorted(candidates, key=key):
            stays = not judged or said.get(row) == KEEP
            stays = stays or is_protected(candidates[row].path, never)
            judged.append(Judged(row, stays, row in said))
        return judged

    def told(self) -> dict[str, Any]:
        """Return the rule and how much was decided by hand, as JSON values."""
        return {
            "keep": self.keep,
            "prefer": self.prefer,
            "never": self.never,
            "by_hand": len(self._by_hand),
            "rules": [{"name": name, "words": rule.words} for name, rule in KEEP_RULES.items()],
        }

    def _candidate(self, row: int) -> Candidate:
        stats, mtimes = self._collection.stats, self._collection.mtimes_ns
        mtime_ns = int(mtimes[row]) if len(mtimes) else -1
        path = self._collection.paths[row]
        if not stats:
            return Candidate(path, 0, 0, -1, mtime_ns, 0.0)
        width, height, size_bytes = (
            int(stats[name][row]) for name in ("width", "height", "file_size")
        )
        return Candidate(path, width, height, size_bytes, mtime_ns, float(stats["blur"][row]))

"""Which copies a person wants to keep: by a rule, and by hand."""

import threading
from collections.abc import Sequence
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
    """What is to become of the images of a group, the one to keep first.

    Attributes
    ----------
    rows : (m,) int64 array
        The images.
    stays : (m,) bool array
        Whether each is kept.
    by_hand : (m,) bool array
        Whether a person said so.
    """

    rows: NDArray[np.int64]
    stays: NDArray[np.bool_]
    by_hand: NDArray[np.bool_]


class Choices:
    """The rule and what was decided by hand, for as long as the explorer runs.

    Parameters
    ----------
    collection : Collection
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._places = np.full(collection.n_images, _BY_RULE, np.int8)
        self.keep = DEFAULT_KEEP
        self.prefer: list[str] = []
        self.never: list[str] = []
        self._ranks, self._protected = self._rank()

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
            self._ranks, self._protected = self._rank()

    def decide(self, rows: Sequence[int], decision: str | None) -> None:
        """Keep or remove images by hand; None: leave them to the rule again.

        Raises
        ------
        ConfigError
            When the decision is neither.
        """
        if decision not in (*_PLACES, None):
            raise ConfigError(f"decision={decision!r} is not known: keep, remove or none")
        with self._lock:
            self._places[list(rows)] = _PLACES.get(decision or "", _BY_RULE)

    def by_hand(self) -> dict[str, str]:
        """Return path → "keep" or "remove" of what was decided by hand."""
        said = {place: decision for decision, place in _PLACES.items()}
        rows = np.flatnonzero(self._places != _BY_RULE).tolist()
        return {self._collection.paths[row]: said[int(self._places[row])] for row in rows}

    def judge(self, members: NDArray[np.int64]) -> Judged:
        """Return what is to become of the images of a group."""
        order = np.lexsort((self._ranks[members], self._places[members]))
        rows = members[order]
        places = self._places[rows]
        stays = (places == _PLACES[KEEP]) | self._protected[rows]
        stays[:1] = True
        return Judged(rows, stays, places != _BY_RULE)

    def _rank(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the place of each image in the rule's order, and whether it must not go."""
        pairs, n_images = self._collection.pairs, self._collection.n_images
        order, never = keep_order(self.keep, self.prefer), full_paths(self.never)
        paired = np.unique(np.concatenate([pairs.sources, pairs.targets])).tolist()
        candidates = {row: self._candidate(row) for row in paired}
        ranks = np.full(n_images, n_images, np.int64)
        ranks[sorted(paired, key=lambda row: order(candidates[row]))] = np.arange(len(paired))
        protected = np.zeros(n_images, bool)
        if never:
            protected[[row for row in paired if is_protected(candidates[row].path, never)]] = True
        return ranks, protected

    def told(self) -> dict[str, Any]:
        """Return the rule and how much was decided by hand, as JSON values."""
        return {
            "keep": self.keep,
            "prefer": self.prefer,
            "never": self.never,
            "by_hand": int(np.count_nonzero(self._places != _BY_RULE)),
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

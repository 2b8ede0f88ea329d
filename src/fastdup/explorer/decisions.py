"""Which copies a person wants to keep: by a rule, and decided by hand."""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fastdup.actions.candidate import Candidate
from fastdup.actions.keep import KEEP_RULES, CopyChoice, is_protected
from fastdup.actions.offers import ALSO, FLAWS
from fastdup.actions.plan import KEEP, REMOVE
from fastdup.arrays import BoolArray, IntArray
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection
from fastdup.explorer.settings import settings_to_json
from fastdup.runs.decided_rows import DecidedRows

_PLACES = {KEEP: 0, REMOVE: 2}
_BY_RULE = 1


class Verdict(NamedTuple):
    """What is to become of the images of a component, the one to keep first.

    Attributes
    ----------
    rows : (m,) int64 array
        The images.
    stays : (m,) bool array
        Whether each is kept.
    by_hand : (m,) bool array
        Whether a person decided so.
    """

    rows: IntArray
    stays: BoolArray
    by_hand: BoolArray


class Decisions:
    """The rule and the decisions by hand, for as long as the explorer runs.

    Parameters
    ----------
    collection : Collection

    Attributes
    ----------
    choice : CopyChoice
        What goes and what is kept.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._places = np.full(collection.n_images, _BY_RULE, np.int8)
        self._always_kept = np.zeros(collection.n_images, bool)
        self.choice = CopyChoice()
        self._ranks, self._protected = self._rank()

    def set_choice(self, choice: CopyChoice) -> None:
        """Choose otherwise; decisions by hand stay."""
        with self._lock:
            is_ranked = _of_ranks(choice) == _of_ranks(self.choice)
            self.choice = choice
            if not is_ranked:
                self._ranks, self._protected = self._rank()

    def obey(self, decided: DecidedRows) -> None:
        """Keep what is always kept, whatever is decided by hand."""
        always_kept = np.zeros(self._collection.n_images, bool)
        always_kept[list(decided.keeps)] = True
        self._always_kept = always_kept

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
        decision_of = {place: decision for decision, place in _PLACES.items()}
        rows = np.flatnonzero(self._places != _BY_RULE).tolist()
        return {self._collection.paths[row]: decision_of[int(self._places[row])] for row in rows}

    def verdict(self, members: IntArray) -> Verdict:
        """Return what is to become of the images of a component."""
        places = np.where(self._always_kept[members], _PLACES[KEEP], self._places[members])
        order = np.lexsort((self._ranks[members], places))
        rows, places = members[order], places[order]
        stays = (places == _PLACES[KEEP]) | self._protected[rows]
        stays[:1] = True
        return Verdict(rows, stays, places != _BY_RULE)

    def _rank(self) -> tuple[IntArray, BoolArray]:
        """Return the place of each image in the rule's order, and whether it must not go."""
        pairs, n_images = self._collection.pairs, self._collection.n_images
        sort_key, never = self.choice.sort_key(), self.choice.protected()
        paired = np.unique(np.concatenate([pairs.sources, pairs.targets])).tolist()
        candidates = {row: self._candidate(row) for row in paired}
        ranks = np.full(n_images, n_images, np.int64)
        ranks[sorted(paired, key=lambda row: sort_key(candidates[row]))] = np.arange(len(paired))
        protected = np.zeros(n_images, bool)
        if never:
            protected[[row for row in paired if is_protected(candidates[row].path, never)]] = True
        return ranks, protected

    def to_json(self) -> dict[str, Any]:
        """Return what is chosen and what else is on offer, as JSON values."""
        return {
            **settings_to_json(self.choice),
            "by_hand": int(np.count_nonzero(self._places != _BY_RULE)),
            "kinds": list(ALSO.items()),
            "flaws": list(FLAWS.items()),
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


def _of_ranks(choice: CopyChoice) -> tuple[object, ...]:
    """Return what the order of copies depends on."""
    return choice.keep, choice.prefer, choice.never

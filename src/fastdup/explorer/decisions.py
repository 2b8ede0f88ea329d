"""Which copies stay: by a rule, and by what a person decided."""

import threading
from typing import Any, NamedTuple

import numpy as np

from fastdup.actions.keep import KEEP_RULES, CopyChoice
from fastdup.actions.offers import ALSO, FLAWS
from fastdup.arrays import BoolArray, IntArray
from fastdup.explorer.collection import Collection
from fastdup.explorer.copy_ranks import CopyRanks
from fastdup.explorer.settings import settings_to_json
from fastdup.runs.decided_rows import DecidedRows

_KEEP, _BY_RULE, _REMOVE = 0, 1, 2


class Verdict(NamedTuple):
    """What is to become of the images of a component, the one to keep first.

    Attributes
    ----------
    rows : (m,) int64 array
        The images.
    stays : (m,) bool array
        Whether each is kept.
    """

    rows: IntArray
    stays: BoolArray


class Decisions:
    """The rule, and what was decided by hand.

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
        self.choice = CopyChoice()
        self._ranks = CopyRanks(collection, self.choice)

    def set_choice(self, choice: CopyChoice) -> None:
        """Choose otherwise; decisions by hand stay."""
        with self._lock:
            is_ranked = _of_ranks(choice) == _of_ranks(self.choice)
            self.choice = choice
            if not is_ranked:
                self._ranks = CopyRanks(self._collection, choice)

    def obey(self, decided: DecidedRows) -> None:
        """Keep and remove what is decided, whatever the rule says."""
        places = np.full(self._collection.n_images, _BY_RULE, np.int8)
        places[list(decided.removes)] = _REMOVE
        places[list(decided.keeps)] = _KEEP
        self._places = places

    def are_decided(self) -> BoolArray:
        """Return for each image whether it is decided by hand to stay or to go."""
        decided: BoolArray = self._places != _BY_RULE
        return decided

    def are_removed(self) -> BoolArray:
        """Return for each image whether it is decided by hand to go."""
        removed: BoolArray = self._places == _REMOVE
        return removed

    def verdict(self, members: IntArray) -> Verdict:
        """Return what is to become of the images of a component."""
        places, ranks = self._places[members], self._ranks
        order = np.lexsort((ranks.of(members), places))
        rows, places = members[order], places[order]
        stays = (places == _KEEP) | ranks.are_protected[rows]
        stays[:1] = True
        return Verdict(rows, stays)

    def to_json(self) -> dict[str, Any]:
        """Return what is chosen and what else is on offer, as JSON values."""
        return {
            **settings_to_json(self.choice),
            "by_hand": int(np.count_nonzero(self.are_decided())),
            "kinds": list(ALSO.items()),
            "flaws": list(FLAWS.items()),
            "rules": [{"name": name, "words": rule.words} for name, rule in KEEP_RULES.items()],
        }


def _of_ranks(choice: CopyChoice) -> tuple[object, ...]:
    """Return what the order of copies depends on."""
    return choice.keep, choice.prefer, choice.never

"""Uses the class of a registered provider: checks what it returns, and names it where it fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from fastdup.arrays import IntArray
from fastdup.errors import FastdupError, NeighbourError
from fastdup.index.base import Candidates, Provider, Resources
from fastdup.index.rows import Rows

T = TypeVar("T")


def called(name: str, method: str, call: Callable[[], T]) -> T:
    """Return what a call of a provider's method returns.

    Raises
    ------
    NeighbourError
        The method fails; fastdup's own errors stay what they are.
    """
    try:
        return call()
    except FastdupError:
        raise
    except Exception as exc:  # whatever the code of someone else raises
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())
        raise NeighbourError(
            f"the neighbour provider {name!r} failed in {method} ({reason}): "
            "fix its class, or choose another nn_provider"
        ) from exc


class RegisteredProvider(Provider):
    """Searches by a provider that is not fastdup's own; see `Provider`.

    Parameters
    ----------
    name : str
        Its name, which its errors begin with.
    provider_class : type
        Its class.
    options : instance of `options_class`
    resources : Resources, optional

    Raises
    ------
    NeighbourError
        From every method, where the provider fails or returns what makes no sense.
    """

    def __init__(
        self,
        name: str,
        provider_class: type[Provider],
        options: Any,
        resources: Resources | None = None,
    ) -> None:
        super().__init__(options, resources)
        self.name = name
        self._provider = called(name, "__init__", lambda: provider_class(options, resources))
        self._provider.name = name
        own = ("exact", "margin", "metrics", "keeps_index", "keeps_result", "options_class")
        vars(self).update({attribute: getattr(self._provider, attribute) for attribute in own})

    def announce(self, n_rows: int, dim: int, reason: str) -> None:
        """Log what to expect of a search."""
        called(self.name, "announce", lambda: self._provider.announce(n_rows, dim, reason))

    def most_updated(self, n_rows: int) -> int:
        """Return how many rows may be new."""
        return int(called(self.name, "most_updated", lambda: self._provider.most_updated(n_rows)))

    def build(self, rows: Rows) -> None:
        """Index `rows`."""
        self.rows = rows
        called(self.name, "build", lambda: self._provider.build(rows))

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return candidates, checked and without repetition."""
        found: Any = called(
            self.name, "search", lambda: self._provider.search(queries, n_candidates)
        )
        if not isinstance(found, Candidates):
            raise self._wrong(f"{_article(found)}, not Candidates: return Candidates(positions)")
        positions = self._positions(found.positions, len(queries))
        self._check_cutoffs(found.cutoffs, len(queries))
        return Candidates(_without_repetition(positions), found.cutoffs)

    def close(self) -> None:
        """Remove what was kept."""
        called(self.name, "close", lambda: self._provider.close())

    def add_rest(self, rest: Rows) -> None:
        """Add the rows left out of the search."""
        called(self.name, "add_rest", lambda: self._provider.add_rest(rest))

    def describe(self) -> str:
        """Return what was built, for people."""
        return called(self.name, "describe", lambda: self._provider.describe())

    def save(self, path: Path) -> None:
        """Write to the file `path` what `load` needs."""
        called(self.name, "save", lambda: self._provider.save(path))

    def load(self, path: Path, rows: Rows) -> None:
        """Take up what `save` wrote."""
        self.rows = rows
        called(self.name, "load", lambda: self._provider.load(path, rows))

    def _positions(self, positions: Any, n_queries: int) -> IntArray:
        if not isinstance(positions, np.ndarray) or positions.dtype.kind not in "iu":
            raise self._wrong(f"positions of {_kind_of(positions)}: they are an array of int64")
        if positions.ndim != 2 or len(positions) != n_queries:
            raise self._wrong(
                f"positions of shape {positions.shape}: they have a row for each of the "
                f"{n_queries:,} queries"
            )
        if n_queries and not positions.size:
            raise self._wrong("no candidates: return some for each query, -1 where there are fewer")
        if not positions.size:
            return np.empty(positions.shape, np.int64)
        lowest, highest = int(positions.min()), int(positions.max())
        if lowest < -1 or highest >= len(self.rows):
            wrong = lowest if lowest < -1 else highest
            raise self._wrong(
                f"the position {wrong}: they go from 0 to {len(self.rows) - 1}, -1 for none"
            )
        return positions.astype(np.int64, copy=False)

    def _check_cutoffs(self, cutoffs: Any, n_queries: int) -> None:
        if cutoffs is None:
            return
        if not isinstance(cutoffs, np.ndarray) or cutoffs.dtype.kind != "f":
            raise self._wrong(f"cutoffs of {_kind_of(cutoffs)}: they are None or float64")
        if cutoffs.shape != (n_queries,) or np.isnan(cutoffs).any():
            raise self._wrong("cutoffs that are not one number for each query")

    def _wrong(self, what: str) -> NeighbourError:
        return NeighbourError(f"search of the neighbour provider {self.name!r} returned {what}")


def _kind_of(values: Any) -> str:
    """Return the type of an array's values, or of what is no array, for messages."""
    return str(values.dtype) if isinstance(values, np.ndarray) else type(values).__name__


def _article(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _without_repetition(positions: IntArray) -> IntArray:
    """Return the positions with -1 in place of those that stand in their row already."""
    ordered = np.sort(positions, axis=1)
    repeated = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if not repeated.any():
        return positions
    ordered[:, 1:][repeated] = -1
    return ordered

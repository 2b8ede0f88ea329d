"""A neighbour provider as somebody else would write it."""

from dataclasses import dataclass

import numpy as np

from fastdup.index import Candidates, Metric, Provider, Rows


@dataclass(frozen=True)
class ToyOptions:
    spare: int = 4
    is_fast: bool = False
    limit: int | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        if self.spare < 0:
            raise ValueError(f"spare={self.spare} is below 0")
        if self.spare > 99:
            raise RuntimeError(f"spare={self.spare} is above 99")


class ToyProvider(Provider):
    options_class = ToyOptions

    def build(self, rows: Rows) -> None:
        self.rows = rows

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        rows = self.rows.take(slice(None))
        n_found = min(n_candidates + self.options.spare, len(rows))
        found = np.empty((len(queries), n_found), np.int64)
        for i, query in enumerate(queries.take(slice(None))):
            order = 1 if queries.metric is Metric.MANHATTAN else 2
            distances = np.linalg.norm(rows - query, axis=1, ord=order)
            found[i] = np.argsort(distances)[:n_found]
        return Candidates(found)

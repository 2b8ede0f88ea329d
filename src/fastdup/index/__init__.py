"""WHO is near whom: the neighbours of every row of features, by one of several providers.

To write a provider of your own, derive from `Provider`, which is given `Rows` and returns
`Candidates`; see docs/neighbours.md.
"""

from fastdup.index.base import Candidates, Neighbours, NoOptions, Provider, Resources
from fastdup.index.join import nearest, nearest_rows, self_join
from fastdup.index.metrics import Metric
from fastdup.index.provider_choice import SearchOptions
from fastdup.index.rows import Rows

__all__ = [
    "Candidates",
    "DistinctRows",
    "Metric",
    "Neighbours",
    "NoOptions",
    "Provider",
    "Resources",
    "Rows",
    "SearchOptions",
    "nearest",
    "nearest_rows",
    "self_join",
]

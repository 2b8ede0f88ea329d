"""WHO is near whom: the neighbours of every row of features, by one of several providers.

To write a provider of your own, derive from `Provider`, which is given `Rows` and returns
`Candidates`; see docs/neighbours.md.
"""

from fastdup.index.base import Candidates, Neighbours, NoOptions, Provider, Resources
from fastdup.index.join import SearchFiles, SelfJoin, most_neighbours, nearest, self_join
from fastdup.index.metrics import Metric, cosine_equivalent, similarities_from_raw
from fastdup.index.provider_choice import EXACT_LIMIT, SearchOptions, register_provider
from fastdup.index.rows import Rows

__all__ = [
    "EXACT_LIMIT",
    "Candidates",
    "Metric",
    "Neighbours",
    "NoOptions",
    "Provider",
    "Resources",
    "Rows",
    "SearchFiles",
    "SearchOptions",
    "SelfJoin",
    "cosine_equivalent",
    "most_neighbours",
    "nearest",
    "register_provider",
    "self_join",
    "similarities_from_raw",
]

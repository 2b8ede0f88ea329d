"""WHO is near whom: the neighbours of every row of features, by one of several providers."""

from fastdup.index.base import Candidates, Neighbours, Provider
from fastdup.index.join import SelfJoin, nearest, self_join
from fastdup.index.metrics import Metric, cosine_equivalent, similarities_from_raw
from fastdup.index.providers import (
    EXACT_LIMIT,
    NN_MODELS,
    NN_PROVIDERS,
    PROVIDERS,
    check_options,
    most_neighbours,
)

__all__ = [
    "EXACT_LIMIT",
    "NN_MODELS",
    "NN_PROVIDERS",
    "PROVIDERS",
    "Candidates",
    "Metric",
    "Neighbours",
    "Provider",
    "SelfJoin",
    "check_options",
    "cosine_equivalent",
    "most_neighbours",
    "nearest",
    "self_join",
    "similarities_from_raw",
]

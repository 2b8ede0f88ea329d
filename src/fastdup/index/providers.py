"""Who searches for neighbours: the table of providers, and the choice among them."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastdup.errors import ConfigError
from fastdup.executors import Executor
from fastdup.index.base import Provider
from fastdup.index.faiss_options import make_index, normalise_mode, parse_params
from fastdup.index.metrics import Metric
from fastdup.progress import Progress

# Name → "module:Class", imported on use. `faiss` is installed with fastdup.
PROVIDERS = {
    "ball_tree": "fastdup.index.ball_tree:BallTree",
    "brute_force": "fastdup.index.brute_force:BruteForce",
    "faiss": "fastdup.index.faiss:FaissIndex",
    "ivf_join": "fastdup.index.ivf.provider:IvfJoin",
    "lsh": "fastdup.index.lsh:HyperplaneHashing",
}

NN_PROVIDERS = ("auto", "faiss", "turi")
NN_MODELS = ("ball_tree", "brute_force", "lsh")

#: ``nn_provider="auto"`` compares all pairs up to so many different rows. A fixed number, though
#: machines differ: the same files give the same result everywhere.
EXACT_LIMIT = 100_000


_MOST_NEIGHBOURS, _MOST_OF_MANY = 100, 16


def most_neighbours(n_rows: int) -> int:
    """Return how many neighbours of a row are kept where all close ones are wanted."""
    return _MOST_NEIGHBOURS if n_rows <= EXACT_LIMIT else _MOST_OF_MANY


@dataclass(frozen=True)
class Choice:
    """A provider and why it was taken.

    Attributes
    ----------
    name : str
        A key of `PROVIDERS`.
    reason : str
        Empty when the user asked for it.
    """

    name: str
    reason: str = ""


def check_options(
    *,
    nn_provider: str = "auto",
    nnmodel: str = "brute_force",
    distance: str = "cosine",
    faiss_mode: str = "HNSW32",
    faiss_param: str = "",
    dim: int | None = None,
) -> None:
    """Refuse options that no search could follow; call it before the first image is read.

    Parameters
    ----------
    nn_provider, nnmodel, distance, faiss_mode, faiss_param
        As for `self_join`.
    dim : int, optional
        Width of the features, when it is known already.

    Raises
    ------
    ConfigError
        Says what was given, what is allowed and what to type.
    """
    metric = Metric.of(distance)
    _check_choice("nn_provider", nn_provider, NN_PROVIDERS)
    _check_choice("nnmodel", nnmodel, NN_MODELS)
    parse_params(faiss_param)
    # Making an index imports faiss; the default mode is known to do for every metric.
    if nn_provider != "turi" and (normalise_mode(faiss_mode) != "HNSW32"):
        make_index(faiss_mode, metric, dim)


def choose_provider(nn_provider: str, nnmodel: str, metric: Metric, n_rows: int) -> Choice:
    """Return the provider for `n_rows` different rows."""
    if nn_provider == "turi":
        return Choice(nnmodel)
    if nn_provider == "faiss":
        return Choice("faiss")
    if n_rows <= EXACT_LIMIT:
        return Choice("brute_force")
    reason = f"more than {EXACT_LIMIT:,} different images"
    return Choice("faiss" if metric is Metric.MANHATTAN else "ivf_join", reason)


def make_provider(
    name: str,
    *,
    faiss_mode: str = "HNSW32",
    faiss_param: str = "",
    scratch: Path | None = None,
    n_threads: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Provider:
    """Return a new provider called `name` in `PROVIDERS`."""
    from fastdup.index.ivf.provider import IvfOptions

    module, _, class_name = PROVIDERS[name].partition(":")
    provider_class = getattr(importlib.import_module(module), class_name)
    own_options: dict[str, dict[str, Any]] = {
        "brute_force": {"executor": executor},
        "faiss": {"faiss_mode": faiss_mode, "faiss_param": faiss_param},
        "ivf_join": {"executor": executor, "options": IvfOptions(scratch)},
    }
    options = own_options.get(name, {})
    provider: Provider = provider_class(n_threads=n_threads, progress=progress, **options)
    return provider


def _check_choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(
            f"{option}={value!r} is unknown: it may be {', '.join(allowed)}; "
            f"type {option}={allowed[0]!r}"
        )

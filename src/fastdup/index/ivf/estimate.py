"""How long the self-join will take on this machine, logged before it begins."""

import logging
import time
from dataclasses import dataclass

import numpy as np

from fastdup.index.ivf.kmeans import n_lists_for
from fastdup.index.ivf.nearby import MOST_RANKED_LISTS, N_COMPARED
from fastdup.index.ivf.quantiser import mean_nprobe
from fastdup.index.matmul import topk_inner_products
from fastdup.index.parallel import for_each

logger = logging.getLogger(__name__)

_TRIAL_ROWS = 1024
# Costs in comparisons of two whole rows, each of which is one inner product of float32. Fitted to
# the CPU seconds of `benchmarks/neighbours.py FEATURES --rows N -k 10`, 576 numbers per row; a test
# compares them with those in benchmarks/results/neighbours-*.json.
#: Of any search: the principal components.
_COST = 5e7
#: Of a row by itself: reading, projection, storage, training of the lists and re-ranking.
_COST_PER_ROW = 5000
#: Of a row and a centroid, when the lists that stand out are found.
_COST_PER_CENTROID = 0.35
#: Of a row and each row in the lists that it is compared with: codes are shorter.
_COST_PER_ROW_IN_LISTS = 0.35
#: Of each row and each other row, when all pairs are compared: two rows are multiplied once.
_COST_PER_PAIR = 0.7


@dataclass(frozen=True)
class Estimate:
    """What a self-join will take, and what comparing all pairs would.

    Attributes
    ----------
    n_lists : int
        Inverted lists.
    n_compared : int
        Rows that each row is compared with, on average.
    join_s, all_pairs_s : float
        Seconds.
    """

    n_lists: int
    n_compared: int
    join_s: float
    all_pairs_s: float

    def __str__(self) -> str:
        return (
            f"all pairs would take about {_duration(self.all_pairs_s)} here; each is compared with "
            f"about {self.n_compared:,} others in {self.n_lists:,} lists, in about "
            f"{_duration(self.join_s)}, which finds nearly all close pairs"
        )


def estimate_join(n_rows: int, comparison_s: float) -> Estimate:
    """Return the estimate for `n_rows` different rows.

    Parameters
    ----------
    n_rows : int
        At least 1.
    comparison_s : float
        Seconds for one comparison of two rows, with all threads at work.
    """
    n_lists = n_lists_for(n_rows)
    n_compared = min(n_rows, N_COMPARED)
    if n_lists > MOST_RANKED_LISTS:
        n_compared = round(mean_nprobe(n_rows) * n_rows / n_lists)
    cost = _COST_PER_ROW + _COST_PER_CENTROID * n_lists + _COST_PER_ROW_IN_LISTS * n_compared
    join_s = comparison_s * (_COST + n_rows * cost)
    return Estimate(n_lists, n_compared, join_s, comparison_s * n_rows**2 * _COST_PER_PAIR)


def most_updated(n_rows: int) -> int:
    """Return up to how many new rows comparing them with all costs less than a third of a join.

    They are compared twice: as queries, and as what is new for others.
    """
    return int(estimate_join(n_rows, 1.0).join_s / (3 * 2 * n_rows)) if n_rows else 0


def log_estimate(reason: str, n_rows: int, dim: int, n_threads: int) -> None:
    """Log why the self-join was chosen for `n_rows` different rows, and how long it will take."""
    estimate = estimate_join(n_rows, measure_comparison_s(dim, n_threads))
    logger.info("%s: %s", reason, estimate)


def measure_comparison_s(dim: int, n_threads: int) -> float:
    """Measure the seconds for one comparison of two rows, with all threads at work."""
    block = np.ones((_TRIAL_ROWS, dim), np.float32)

    def multiply(_: int) -> int:
        return len(topk_inner_products(block, block, 1)[0])

    for_each(multiply, range(n_threads), n_threads)  # loads the runtime
    start_s = time.perf_counter()
    for_each(multiply, range(n_threads), n_threads)
    return (time.perf_counter() - start_s) / (n_threads * _TRIAL_ROWS**2)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"

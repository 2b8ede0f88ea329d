"""How long a search will take on this machine, told before it begins."""

import logging
import time

import numpy as np

from fastdup.index.matmul import topk_inner_products
from fastdup.index.parallel import for_each
from fastdup.index.providers import Choice

logger = logging.getLogger(__name__)

_TRIAL_ROWS = 1024
# What a row costs, in comparisons of two whole rows: by itself, for each list among which its own
# are found, and for each row that it meets.
_PER_ROW = 3600
_PER_LIST = 0.2
_PER_MET = 0.6
#: What each of all pairs costs, in such comparisons: two rows are multiplied once.
_PER_PAIR = 0.7


def tell_estimate(choice: Choice, n_rows: int, dim: int, n_threads: int) -> None:
    """Log what was chosen for `n_rows` different rows, why, and how long it will take."""
    if choice.name != "clusters":
        return
    from fastdup.index.clustered import LISTS_PER_ROOT
    from fastdup.index.lists import mean_probes  # a small search needs none of it

    n_lists, n_visits = LISTS_PER_ROOT * n_rows**0.5, mean_probes(n_rows)
    cost = _PER_ROW + _PER_LIST * n_lists + _PER_MET * n_visits * n_rows / n_lists
    row_s = _seconds_per_pair(dim, n_threads) * n_rows
    logger.info(
        "%s: all pairs would take about %s here; each is compared with about %d of %d lists, in "
        "about %s, which finds about 99 of 100 close pairs",
        choice.reason,
        _told(row_s * n_rows * _PER_PAIR),
        n_visits,
        n_lists,
        _told(row_s * cost),
    )


def _seconds_per_pair(dim: int, n_threads: int) -> float:
    """Measure how long the comparison of two rows takes with all threads at work."""
    block = np.ones((_TRIAL_ROWS, dim), np.float32)

    def multiply(_: int) -> int:
        return len(topk_inner_products(block, block, 1)[0])

    for_each(multiply, range(n_threads), n_threads)
    start_s = time.perf_counter()
    for_each(multiply, range(n_threads), n_threads)
    return (time.perf_counter() - start_s) / (n_threads * _TRIAL_ROWS**2)


def _told(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"

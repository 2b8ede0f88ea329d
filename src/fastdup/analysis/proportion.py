"""A share that was counted, and the interval in which the true one lies.

Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
American Statistical Association 22, 1927: right for few counts too, and for shares of 0 and 1.
"""

import math

#: Standard deviations on either side that hold 95 % of a normal distribution.
_Z = 1.959964


def wilson_interval(n_hits: int, n_all: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share, from 0 to 1.

    Parameters
    ----------
    n_hits : int
        From 0 to `n_all`.
    n_all : int
        How many were counted; 0: nothing is known, and the interval is 0 to 1.
    """
    if n_all == 0:
        return 0.0, 1.0
    share, square = n_hits / n_all, _Z**2 / n_all
    middle = share + square / 2
    half = _Z * math.sqrt(share * (1 - share) / n_all + square / (4 * n_all))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))

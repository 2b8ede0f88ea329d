"""The similarity of two pictures that were judged: what 0.85, 0.98 and 1 promise, kept.

1 is the same file or the same pixels. From 0.98 on it is the same picture, saved again or resized
at most. From 0.85 on it is a copy that was edited, a part, or a picture with something changed in
it. What only looks alike stays below 0.85. Within each class more evidence gives more.
"""

from fastdup.verify.verdict import Verdict

ALMOST_IDENTICAL, VERY_SIMILAR = 0.98, 0.85
#: Widths of the two classes: less than the way to the next one, which six decimals must not close.
_SAME_WIDTH, _COPY_WIDTH = 0.0199, 0.1299
#: Weights of the evidence: cells that agree, matched points, the plain similarity.
_OF_CELLS, _OF_POINTS, _OF_PLAIN = 0.5, 0.2, 0.3
#: Matched points that count half as much as infinitely many.
_HALF_POINTS = 20
#: Look-alikes keep their plain similarity up to here; what is above is pressed below 0.85.
_PRESSED_FROM, _MOST_OF_LOOK_ALIKES = 0.8, 0.8499

_IDENTICAL = frozenset({Verdict.SAME_BYTES, Verdict.SAME_PIXELS})
_COPIES = frozenset({Verdict.EDITED, Verdict.PART_OF, Verdict.ALTERED})


def judged_similarity(verdict: Verdict, plain: float, same: float, n_inliers: int) -> float:
    """Return the similarity of two pictures by what they were found to be, from 0 to 1.

    It rises with each kind of evidence.

    Parameters
    ----------
    verdict : Verdict
        ``unverified`` keeps the plain similarity.
    plain : float
        Similarity by their features alone, from 0 to 1.
    same : float
        Share of the cells that agree; see `Agreement`.
    n_inliers : int
        Matched points.
    """
    if verdict in _IDENTICAL:
        return 1.0
    if verdict is Verdict.UNVERIFIED:
        return plain
    if verdict is Verdict.LOOK_ALIKE:
        above = max(plain - _PRESSED_FROM, 0.0) / (1 - _PRESSED_FROM)
        return min(plain, _PRESSED_FROM) + above * (_MOST_OF_LOOK_ALIKES - _PRESSED_FROM)
    points = n_inliers / (n_inliers + _HALF_POINTS)
    evidence = _OF_CELLS * same + _OF_POINTS * points + _OF_PLAIN * plain
    if verdict in _COPIES:
        return VERY_SIMILAR + _COPY_WIDTH * evidence
    return ALMOST_IDENTICAL + _SAME_WIDTH * evidence

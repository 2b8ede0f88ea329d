"""Whether two pictures are copies, by looking at both. Pure functions on pixels.

`judge` finds matching points, aligns the pictures, and compares them pixel by pixel.
"""

from fastdup.verify.judge import judge
from fastdup.verify.picture import COMPARE_SIDE, FIRST_SIDE, Picture
from fastdup.verify.similarity import judged_similarity
from fastdup.verify.verdict import Judgement, Placement, Verdict

__all__ = [
    "COMPARE_SIDE",
    "FIRST_SIDE",
    "Judgement",
    "Picture",
    "Placement",
    "Verdict",
    "judge",
    "judged_similarity",
]

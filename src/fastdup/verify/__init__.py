"""Whether two pictures are copies, by looking at both. Pure functions on pixels.

`judge` finds matching points, aligns the pictures, and compares them pixel by pixel. What looks at
pictures is loaded on first use: a run whose pairs are all known needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastdup.verify.similarity import judged_similarity
from fastdup.verify.verdict import Judgement, Placement, Verdict

if TYPE_CHECKING:
    from fastdup.verify.picture import COMPARE_SIDE, FIRST_SIDE, Picture
    from fastdup.verify.two_pictures import judge

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

#: What is loaded on first use → the module that has it.
_PLACES = {
    "COMPARE_SIDE": "fastdup.verify.picture",
    "FIRST_SIDE": "fastdup.verify.picture",
    "Picture": "fastdup.verify.picture",
    "judge": "fastdup.verify.two_pictures",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'fastdup.verify' has no attribute {name!r}")

"""Which pairs of pictures are copies: chosen by features, judged by looking at both files.

`Judging` chooses the pairs, reads and judges them on an executor, and keeps what it found.
`JudgedRows` gives every row its neighbours by what was found. Each is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastdup.judging.candidates import N_SEARCHED
    from fastdup.judging.finding import NO_COPIES, Finding
    from fastdup.judging.judgeable import files_to_judge, have_frames
    from fastdup.judging.judged import JudgedPairs, JudgedRows
    from fastdup.judging.judging import Judging
    from fastdup.judging.lookup import PairLookup
    from fastdup.judging.more_candidates import MorePairs
    from fastdup.judging.on_request import PairsOnRequest

__all__ = [
    "NO_COPIES",
    "N_SEARCHED",
    "Finding",
    "JudgedPairs",
    "JudgedRows",
    "Judging",
    "MorePairs",
    "PairLookup",
    "PairsOnRequest",
    "files_to_judge",
    "have_frames",
]

#: Public name → the module here that has it.
_MODULES = {
    "NO_COPIES": "finding",
    "N_SEARCHED": "candidates",
    "Finding": "finding",
    "JudgedPairs": "judged",
    "JudgedRows": "judged",
    "Judging": "judging",
    "MorePairs": "more_candidates",
    "PairLookup": "lookup",
    "PairsOnRequest": "on_request",
    "files_to_judge": "judgeable",
    "have_frames": "judgeable",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

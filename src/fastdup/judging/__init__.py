"""Which pairs of pictures are copies: chosen by features, judged by looking at both files.

`Judging` chooses the pairs, reads and judges them on an executor, and keeps what it found.
`JudgedRows` gives every row its neighbours by what was found.
"""

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

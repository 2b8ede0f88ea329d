"""A file that may be kept or go, and all that the rules look at."""

from typing import NamedTuple

from fastdup.actions.companions import Kind
from fastdup.metadata import Metadata

#: Stands for a time of change that is not known; no file has it.
UNKNOWN_TIME = -(2**63)
_NO_METADATA = Metadata()


class Candidate(NamedTuple):
    """A file that may be kept or go, and what the rules look at.

    Attributes
    ----------
    path : str
        Full path.
    width, height : int
        Pixels of the upright picture.
    size_bytes, mtime_ns : int
        Size of the file, and time of its last change.
    blur : float
        Variance of the Laplacian: small when blurred.
    metadata : Metadata
        What the file says beside its pixels.
    true_pixels : int or None
        Pixels of what it was enlarged from, if it was found to be enlarged.
    is_made_of_jpeg : bool
        Whether it was found to hold the pixels of a JPEG, saved without loss.
    is_saved_again : bool
        Whether it was found to be made of another copy, or to have lost what that one shows.
    is_added_to, is_filtered, has_lost_colour : bool
        Whether it was found to have something put around it or on it, to be blurred or sharpened,
        or to be a grey copy.
    companions : frozenset of Kind
        Which kinds of files belong to it.
    """

    path: str
    width: int
    height: int
    size_bytes: int
    mtime_ns: int
    blur: float
    metadata: Metadata = _NO_METADATA
    true_pixels: int | None = None
    is_made_of_jpeg: bool = False
    is_saved_again: bool = False
    is_added_to: bool = False
    is_filtered: bool = False
    has_lost_colour: bool = False
    companions: frozenset[Kind] = frozenset()

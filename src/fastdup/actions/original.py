"""Which of several copies is the original: evidence, the strongest first, and the words for it."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from fastdup.actions.candidate import Candidate
from fastdup.actions.companions import Kind
from fastdup.actions.copy_names import is_among_copies, is_put_aside, looks_like_a_copy

#: Formats without loss; what is saved in one may have been made from a JPEG.
LOSSLESS_ENDINGS = (".bmp", ".png", ".tif", ".tiff")
_LOSSY_ENDINGS = (".avif", ".gif", ".webp")
#: Files count as equally large when their pixels differ by less than this share.
_PIXEL_STEP = 0.02


class Evidence(NamedTuple):
    """One kind of evidence: why a file stays, and a key that is smallest for the original."""

    words: str
    key: Callable[[Candidate], Any]


def _true_size(copy: Candidate) -> int:
    """Return the size in steps of `_PIXEL_STEP`, of what it was enlarged from if it was."""
    pixels = copy.width * copy.height if copy.true_pixels is None else copy.true_pixels
    return round(math.log(max(pixels, 1)) / _PIXEL_STEP)


def _encoding(copy: Candidate) -> int:
    """Return how near the encoding is to what a camera writes; 0 is nearest."""
    if copy.is_made_of_jpeg or copy.is_saved_again:
        return 3
    known, ending = copy.metadata, os.path.splitext(copy.path)[1].lower()
    if ending in _LOSSY_ENDINGS:
        return 2
    is_resaved = known.encoder == "ijg" or bool(known.is_progressive)
    return int(is_resaved and not known.camera)


def _content(copy: Candidate) -> tuple[int, int, int]:
    known = copy.metadata
    return -(known.bits or 8), -(known.frames or 1), -bool(known.has_alpha)


def _time(copy: Candidate) -> tuple[float, int]:
    taken = copy.metadata.taken_seconds if copy.metadata.taken_from == "exif" else None
    return float("inf") if taken is None else taken, copy.mtime_ns


def _lacks_camera(copy: Candidate) -> int:
    known = copy.metadata
    return 2 - (known.taken_from in ("exif", "xmp", "iptc")) - bool(known.camera)


def _lacks_raw_or_film(copy: Candidate) -> bool:
    return not copy.companions & {Kind.RAW, Kind.FILM}


#: All of it, the strongest first.
EVIDENCE: Sequence[Evidence] = (
    Evidence(
        "it is not in a bin, cache or folder of previews", lambda copy: is_put_aside(copy.path)
    ),
    Evidence("it has the camera's name and date", _lacks_camera),
    Evidence("it has a raw file or a film beside it", _lacks_raw_or_film),
    Evidence("nothing was put around it or on it", lambda copy: copy.is_added_to),
    Evidence("it was neither blurred nor sharpened", lambda copy: copy.is_filtered),
    Evidence("it is in colour", lambda copy: copy.has_lost_colour),
    Evidence("it has more pixels, and was not enlarged", lambda copy: -_true_size(copy)),
    Evidence("it is encoded as cameras encode, not saved again", _encoding),
    Evidence("it has more bits, frames or transparency", _content),
    Evidence("its name is not that of a copy", lambda copy: looks_like_a_copy(copy.path)),
    Evidence("it is not in a folder of backups or copies", lambda copy: is_among_copies(copy.path)),
    Evidence("it was taken or changed earlier", _time),
    Evidence("it has a sidecar beside it", lambda copy: not copy.companions),
)

#: How much of it is stronger than the size.
_BEFORE_SIZE = 6
#: How much of it is stronger than the time and what lies beside; enough to warn a person.
_SURE = 11


def original_key(copy: Candidate) -> tuple[Any, ...]:
    """Return a key that sorts copies, the original first; see `EVIDENCE`."""
    return tuple(evidence.key(copy) for evidence in EVIDENCE)


def comes_before_size(one: Candidate, other: Candidate) -> bool:
    """Return whether evidence stronger than the size decides between two copies."""
    return any(evidence.key(one) != evidence.key(other) for evidence in EVIDENCE[:_BEFORE_SIZE])


def reason_for(kept: Candidate, other: Candidate) -> str:
    """Return the strongest evidence that `kept` is the original rather than `other`; "" if none."""
    return next(_reasons(kept, other), "")


def warning_for(gone: Candidate, kept: Candidate) -> str:
    """Return why a file looks like the original of one that stays in its place; "" if it does not.

    That it is older, or has a sidecar, is not enough.
    """
    for evidence in EVIDENCE[:_SURE]:
        if evidence.key(gone) != evidence.key(kept):
            is_original = evidence.key(gone) < evidence.key(kept)
            return f"looks like the original: {evidence.words}" if is_original else ""
    return ""


def _reasons(kept: Candidate, other: Candidate) -> Iterator[str]:
    for evidence in EVIDENCE:
        if evidence.key(kept) < evidence.key(other):
            yield evidence.words
        elif evidence.key(kept) > evidence.key(other):
            return

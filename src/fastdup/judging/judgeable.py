"""Whose pairs can be judged: pictures of which the built-in model made the features."""

import logging
import os
from collections.abc import Sequence

import numpy as np

from fastdup.arrays import BoolArray
from fastdup.judging.listed_pictures import ListedPictures
from fastdup.models import is_builtin
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import (
    METADATA_HEADER,
    AppendOnlyFiles,
    mtimes_and_sizes,
    rows_of,
)
from fastdup.workdir.commits import read_signature

logger = logging.getLogger(__name__)


def files_to_judge(work: WorkDir, paths: Sequence[str], distance: str) -> ListedPictures | None:
    """Return the pictures of a work folder, None where similarities stay those of the features.

    So it is with features of one's own, other models and other distances, and a line in the log
    says so: what a pair has to show to be looked at was found for the built-in model alone.

    Parameters
    ----------
    work : WorkDir
    paths : sequence of str
        The good images.
    distance : str
        That of the run.
    """
    stamps = mtimes_and_sizes(work, len(paths))
    reason = _why_not(work, distance)
    if not reason and stamps is None:
        reason = "an older version made the work folder"
    if reason or stamps is None:
        message = "pairs are not judged, similarities are those of the features: %s"
        logger.info(message, reason)
        return None
    mtimes_ns, sizes = stamps
    return ListedPictures(paths, sizes, mtimes_ns)


def have_frames(work: WorkDir, n_rows: int) -> BoolArray:
    """Return which of the good images are animations or have several pages: (n,) bool array.

    Not JPEGs, whose further pictures are previews and the like.
    """
    found = np.zeros(n_rows, np.bool_)
    path = AppendOnlyFiles.of(work).metadata
    frames, encoder = (METADATA_HEADER.index(name) for name in ("frames", "encoder"))
    if os.path.exists(path):
        for row in rows_of(path):
            if row[frames] not in ("", "1") and not row[encoder]:
                found[int(row[0])] = True
    return found


def _why_not(work: WorkDir, distance: str) -> str:
    """Return why similarities stay those of the features; "" if pairs can be judged."""
    if distance != "cosine":
        return f"distance is {distance!r}"
    signature = read_signature(work.journal)
    if signature is None:
        return "the features are your own"
    return "" if is_builtin(str(signature["model"])) else "they are not of the built-in model"

"""Label issues: images whose neighbours have another label."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fastdup.analysis.mislabels import find_mislabels
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun


class Mislabel(NamedTuple):
    """An image whose label may be wrong.

    Attributes
    ----------
    filename : str
        The image.
    label : object
        Its label.
    suggested : object
        The label of its neighbours.
    score : float
        Share of the neighbours' weight for the suggested label, 0 to 1.
    nearest : str
        The nearest image with the suggested label.
    distance : float
        Similarity to that image, 1 = identical.
    """

    filename: str
    label: object
    suggested: object
    score: float
    nearest: str
    distance: float


def mislabelled(
    run: FinishedRun, labels: Mapping[str, object], *, k: int, least_share: float
) -> list[Mislabel]:
    """Return the images of a finished run whose neighbours have another label, surest first.

    Parameters
    ----------
    run : FinishedRun
    labels : mapping of str to object
        Filename → label.
    k : int
        Number of neighbours that vote, at least 1.
    least_share : float
        The share of the neighbours' weight that the other label must exceed, 0 to below 1.

    Raises
    ------
    ConfigError
        When there are no labels, or an option is out of range.
    """
    if k < 1:
        raise ConfigError(f"k={k} is not allowed: it must be at least 1; try k=5")
    if not 0 <= least_share < 1:
        raise ConfigError(
            f"least_share={least_share} is not allowed: it lies from 0 to below 1; try 0.5"
        )
    if not labels:
        raise ConfigError("no image has a label: run with annotations=, a column label among them")
    paths, (indices, similarities) = run.paths, run.neighbours(k)
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels.values()))}
    own = (numbers[labels[path]] if path in labels else -1 for path in paths)
    found = find_mislabels(
        indices,
        similarities,
        np.fromiter(own, np.int64, len(paths)),
        threshold=run.options["lower_threshold"],
        least_share=least_share,
    )
    names = list(numbers)
    return [
        Mislabel(paths[row], labels[paths[row]], names[label], score, paths[near], similarity)
        for row, label, score, near, similarity in zip(
            *(column.tolist() for column in found), strict=True
        )
    ]

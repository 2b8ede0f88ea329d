"""Label issues: images whose copies or neighbours have another label; labels confused often."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fastdup.analysis.mislabels import ask_neighbours, confused_labels, find_mislabels
from fastdup.analysis.nearest_others import NearestOthers
from fastdup.arrays import IntArray
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.runs.near_content import near_each_image


class Mislabel(NamedTuple):
    """An image whose label may be wrong.

    Attributes
    ----------
    filename : str
        The image.
    label : object
        Its label.
    suggested : object
        The label of its neighbours, or of a copy.
    score : float
        Share of the neighbours' weight for the suggested label, 0 to 1; 1 for that of a copy.
    nearest : str
        The nearest image with the suggested label, or the copy.
    distance : float
        Similarity to that image, 1 = identical.
    """

    filename: str
    label: object
    suggested: object
    score: float
    nearest: str
    distance: float


class ConfusedLabels(NamedTuple):
    """Two labels of which images of one are among images of the other.

    Attributes
    ----------
    label : object
        The label of the images.
    suggested : object
        The label that their neighbours suggest.
    n_images : int
        Number of such images.
    share : float
        Of all images with that label, 0 to 1.
    """

    label: object
    suggested: object
    n_images: int
    share: float


def mislabelled(
    run: FinishedRun,
    labels: Mapping[str, object],
    *,
    k: int,
    least_share: float = 0.5,
    only_sure: bool = True,
) -> list[Mislabel]:
    """Return the images of a finished run whose label is in doubt, surest first.

    Parameters
    ----------
    run : FinishedRun
    labels : mapping of str to object
        Filename → label.
    k : int
        Number of neighbours that are asked, at least 1.
    least_share : float
        The share of the neighbours' weight that the other label must exceed, 0 to below 1.
    only_sure : bool
        Whether that label must have 8 times the weight of the image's own, too. If not, all images
        with a neighbour of another label are returned.

    Raises
    ------
    ConfigError
        When there are no labels, or an option is out of range.
    """
    if not 0 <= least_share < 1:
        raise ConfigError(
            f"least_share={least_share} is not allowed: it must be at least 0 and below 1; try 0.5"
        )
    near, own, names = _asked(run, labels, k)
    found = find_mislabels(near, own, least_share=least_share if only_sure else None)
    paths, columns = run.paths, (found.images, found.labels, found.scores, found.nearest)
    return [
        Mislabel(
            filename=paths[row],
            label=labels[paths[row]],
            suggested=names[label],
            score=score,
            nearest=paths[other],
            distance=float(run.similarity(row, np.array([other]))[0]),
        )
        for row, label, score, other in zip(*(c.tolist() for c in columns), strict=True)
    ]


def confused(run: FinishedRun, labels: Mapping[str, object], *, k: int) -> list[ConfusedLabels]:
    """Return the labels of a finished run that are confused, those of most images first.

    Parameters
    ----------
    run, labels, k
        See `mislabelled`.

    Raises
    ------
    ConfigError
        When there are no labels, or `k` is out of range.
    """
    near, own, names = _asked(run, labels, k)
    return [
        ConfusedLabels(names[label], names[other], count, share)
        for label, other, count, share in confused_labels(ask_neighbours(near, own), own)
    ]


def _asked(
    run: FinishedRun, labels: Mapping[str, object], k: int
) -> tuple[NearestOthers, IntArray, list[object]]:
    """Return who is asked, each image's label as a number, -1 for none, and the labels."""
    if k < 1:
        raise ConfigError(f"k={k} is not allowed: it must be at least 1; try k=20")
    if not labels:
        raise ConfigError("no image has a label: run with annotations=, a column label among them")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels.values()))}
    own = (numbers[labels[path]] if path in labels else -1 for path in run.paths)
    near = near_each_image(run, k)
    return near, np.fromiter(own, np.int64, len(run.paths)), list(numbers)

"""Images whose label is in doubt: their copies, or their neighbours, carry another one."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.nearest_others import NearestOthers
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.scale import rounded

#: Neighbours that are asked.
N_ASKED = 20
#: Added to both shares before they are compared, so that none is 0.
_SMOOTHING = 0.02
#: A label is surely in doubt if another one has so many times its weight. Chosen on the training
#: photos, as the next one.
_SURE_RATIO = 8.0
#: The share that it must have where no other picture carries the image's own label.
_LONE_SHARE = 0.9
#: How much less a doubt counts for each power of e that the other label is commoner among the
#: neighbours of all images of this one: the two are confused anyway.
_USUAL_WEIGHT = 0.4
#: Where the neighbours agree with the labels in a share s of their weight only, another label needs
#: a share of 1 - 1.25 s, so that labels that do not show are not doubted at random.
_LEAST_AGREEMENT = 1.25
#: With fewer images nothing can be said of that.
_FEWEST_IMAGES = 30
#: With fewer neighbours that have a label nothing is sure, or with fewer than are asked.
_FEWEST_ASKED = 5
#: What a neighbour weighs: its cosine to this power. Near ones know better.
_POWER = 3


class Mislabels(NamedTuple):
    """Labelled images, the one whose label is most in doubt first, ties by row.

    Attributes
    ----------
    images : (m,) int64 array
        Row numbers.
    labels : (m,) int64 array
        What their copies or neighbours suggest.
    scores : (m,) float64 array
        Share of the neighbours' weight for this label; 1 where a copy carries it.
    nearest : (m,) int64 array
        The nearest neighbour that carries it, or the copy.
    are_copies : (m,) bool array
        Whether it is a copy: then one of the two labels is wrong for certain.
    """

    images: IntArray
    labels: IntArray
    scores: FloatArray
    nearest: IntArray
    are_copies: BoolArray


class Votes(NamedTuple):
    """What the neighbours of n images say of their labels.

    Attributes
    ----------
    labels : (n,) int64 array
        The label, other than its own, that has most weight; -1 where there is none.
    shares, own : (n,) float64 arrays
        Its share of the weight, and that of the image's own label.
    nearest : (n,) int64 array
        The nearest neighbour that carries it; -1 where there is none.
    are_enough : (n,) bool array
        Whether enough neighbours have a label to be sure of anything.
    usual : (n,) float64 array
        The mean share of that other label over all images with the own one.
    """

    labels: IntArray
    shares: FloatArray
    own: FloatArray
    nearest: IntArray
    are_enough: BoolArray
    usual: FloatArray

    def ratios(self) -> FloatArray:
        """Return the logarithm of the weight of the other label over that of the own one."""
        return np.asarray(np.log((self.shares + _SMOOTHING) / (self.own + _SMOOTHING)))

    def doubts(self) -> FloatArray:
        """Return how much each label is in doubt: the ratio, less what is usual for its label."""
        return np.asarray(self.ratios() - _USUAL_WEIGHT * np.log(self.usual + _SMOOTHING))

    def are_sure(self, least_shares: FloatArray) -> BoolArray:
        """Return where the other label has more than a share each, and 8 times the own weight."""
        is_ahead = (self.shares > least_shares) & (self.shares > _SURE_RATIO * self.own)
        return np.asarray(self.are_enough & is_ahead)


def ask_neighbours(near: NearestOthers, labels: IntArray) -> Votes:
    """Return what the neighbours of each image say of its label.

    Every neighbour with a label is asked, and each picture once, however many copies of it there
    are. A neighbour weighs as much as the third power of its similarity.

    Parameters
    ----------
    near : NearestOthers
        Of n images.
    labels : (n,) int64 array
        The label of each image as a number, -1 for one without.
    """
    of_pictures = _labels_of_pictures(near.kinds, labels)
    theirs = np.where(near.indices >= 0, of_pictures[near.kinds[near.indices]], -1)
    weights = np.where(theirs >= 0, np.maximum(near.values, 0.0) ** _POWER, 0.0)
    totals = weights.sum(axis=1)
    shares = weights / np.where(totals > 0, totals, 1.0)[:, None]
    is_own = (theirs == labels[:, None]) & (theirs >= 0)
    sums = np.zeros(theirs.shape)
    for column in range(theirs.shape[1]):
        alike = theirs == theirs[:, column, None]
        sums[:, column] = np.where(alike, shares, 0.0).sum(axis=1)
    sums[(theirs < 0) | is_own] = 0.0
    best = sums.argmax(axis=1)  # the first, and so the nearest, of equals
    every = np.arange(len(labels))
    best_sums = rounded(sums[every, best])
    has_other = best_sums > 0
    suggested = np.where(has_other, theirs[every, best], -1)
    return Votes(
        labels=suggested,
        shares=best_sums,
        own=rounded(np.where(is_own, shares, 0.0).sum(axis=1)),
        nearest=np.where(has_other, near.indices[every, best], -1),
        are_enough=(theirs >= 0).sum(axis=1) >= min(_FEWEST_ASKED, theirs.shape[1]),
        usual=_usual_shares(labels, theirs, shares, suggested),
    )


def _usual_shares(
    labels: IntArray, theirs: IntArray, shares: FloatArray, suggested: IntArray
) -> FloatArray:
    """Return the mean share of the suggested label over all images that are labelled alike."""
    n_labels = int(max(labels.max(initial=0), theirs.max(initial=0))) + 1
    rows, columns = np.nonzero((theirs >= 0) & (labels >= 0)[:, None])
    pairs, places = np.unique(labels[rows] * n_labels + theirs[rows, columns], return_inverse=True)
    sums = np.bincount(places, shares[rows, columns], len(pairs))
    means = sums / np.bincount(labels[labels >= 0], minlength=n_labels)[pairs // n_labels]
    usual = np.zeros(len(labels))
    (asked,) = np.nonzero((labels >= 0) & (suggested >= 0))
    usual[asked] = means[np.searchsorted(pairs, labels[asked] * n_labels + suggested[asked])]
    return rounded(usual)


def _labels_of_pictures(kinds: IntArray, labels: IntArray) -> IntArray:
    """Return the label of the first labelled copy of each picture, by the number of its kind."""
    of_pictures = np.full(len(labels), -1, np.int64)
    last_to_first = np.flatnonzero(labels >= 0)[::-1]
    of_pictures[kinds[last_to_first]] = labels[last_to_first]
    return of_pictures


def _are_shared(kinds: IntArray, labels: IntArray) -> BoolArray:
    """Return which images have a label that another picture has, too; (n,) bool array."""
    is_labelled = labels >= 0
    carried = np.unique(np.stack([labels[is_labelled], kinds[is_labelled]], axis=1), axis=0)
    n_pictures = np.bincount(carried[:, 0], minlength=1)
    return is_labelled & (n_pictures[np.maximum(labels, 0)] > 1)


def find_mislabels(
    near: NearestOthers, labels: IntArray, *, least_share: float | None = 0.5
) -> Mislabels:
    """Return the images whose label is in doubt: by their copies first, then by their neighbours.

    Parameters
    ----------
    near : NearestOthers
        Of n images.
    labels : (n,) int64 array
        The label of each image as a number, -1 for one without.
    least_share : float or None
        0 to 1, exclusive: the share of the neighbours' weight that another label must have, beside
        8 times the weight of the image's own; more where neighbours agree with few labels, and 0.9
        where no other picture carries the own label, as none can speak for it. None: all images
        with a neighbour of another label.
    """
    copies = conflicts_among_copies(near.kinds, labels)
    votes = ask_neighbours(near, labels)
    is_wanted = (labels >= 0) & (votes.labels >= 0)
    if least_share is not None:
        least = np.where(_are_shared(near.kinds, labels), least_share, _LONE_SHARE)
        agreed = _share_by_agreement(votes.own[(labels >= 0) & votes.are_enough])
        is_wanted &= votes.are_sure(np.maximum(least, max(least_share, agreed)))
    is_wanted[copies.images] = False
    (rows,) = np.nonzero(is_wanted)
    order = rows[np.lexsort((rows, -votes.shares[rows], -votes.doubts()[rows].round(9)))]
    return Mislabels(
        np.append(copies.images, order),
        np.append(copies.labels, votes.labels[order]),
        np.append(copies.scores, votes.shares[order]),
        np.append(copies.nearest, votes.nearest[order]),
        np.append(copies.are_copies, np.zeros(len(order), bool)),
    )


def _share_by_agreement(own: FloatArray) -> float:
    """Return the share that another label needs, by those of the own labels; 0 for a few images."""
    if len(own) < _FEWEST_IMAGES:
        return 0.0
    return min(1 - _LEAST_AGREEMENT * float(own.mean()), _LONE_SHARE)


def conflicts_among_copies(kinds: IntArray, labels: IntArray) -> Mislabels:
    """Return the images whose label differs from that of most of their copies.

    Where no label has a majority, all of them are returned.

    Parameters
    ----------
    kinds : (n,) int64 array
        Images with the same number are copies.
    labels : (n,) int64 array
        -1 for an image without a label.

    Returns
    -------
    Mislabels
        Copies together, ordered by the first of them.
    """
    (labelled,) = np.nonzero(labels >= 0)
    differs = labels[labelled] != _labels_of_pictures(kinds, labels)[kinds[labelled]]
    is_in_conflict = np.zeros(len(labels), bool)
    is_in_conflict[kinds[labelled][differs]] = True
    rows = labelled[is_in_conflict[kinds[labelled]]]
    order = rows[np.lexsort((rows, kinds[rows]))]
    starts = np.flatnonzero(np.diff(kinds[order], prepend=-1))
    found: list[tuple[int, int, int]] = []
    for group in np.split(order, starts[1:]) if len(order) else ():
        found += _doubts(group.tolist(), labels[group].tolist())
    images, suggested, nearest = np.array(found, np.int64).reshape(-1, 3).T
    return Mislabels(
        images, suggested, np.ones(len(images)), nearest, np.ones(len(images), dtype=bool)
    )


def _doubts(group: list[int], labels: list[int]) -> list[tuple[int, int, int]]:
    """Return image, suggested label and a copy that has it, for the doubtful of some copies."""
    counts = {label: labels.count(label) for label in labels}
    usual = max(counts, key=counts.__getitem__)
    is_clear = list(counts.values()).count(counts[usual]) == 1
    doubts = []
    for image, label in zip(group, labels, strict=True):
        if is_clear and label == usual:
            continue
        other = usual if label != usual else next(o for o in labels if o != usual)
        doubts.append((image, other, group[labels.index(other)]))
    return doubts


class Confusion(NamedTuple):
    """Two labels of which images of one are among images of the other.

    Attributes
    ----------
    label, other : int
    n_images : int
        Images labelled `label` whose neighbours carry `other` with more weight.
    share : float
        That is so many of those labelled `label`.
    """

    label: int
    other: int
    n_images: int
    share: float


def confused_labels(votes: Votes, labels: IntArray) -> list[Confusion]:
    """Return the pairs of labels that are confused, those of most images first.

    Parameters
    ----------
    votes : Votes
    labels : (n,) int64 array
        As they were asked about.
    """
    is_confused = (labels >= 0) & (votes.labels >= 0) & (votes.ratios() > 0)
    pairs = np.stack([labels[is_confused], votes.labels[is_confused]], axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    n_labelled = np.bincount(labels[labels >= 0])
    confusions = [
        Confusion(label, other, count, float(rounded(count / n_labelled[label])))
        for (label, other), count in zip(found.tolist(), counts.tolist(), strict=True)
    ]
    return sorted(confusions, key=lambda c: (-c.n_images, -c.share, c.label, c.other))

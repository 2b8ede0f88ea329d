"""Labels by the labels of neighbours, or of clusters."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastdup.errors import ConfigError, MissingExtraError
from fastdup.runs import FinishedRun

if TYPE_CHECKING:
    import pandas as pd

Path = str | os.PathLike[str]
LabelOf = Callable[[str], Any] | Mapping[str, Any]


def top_k_label(
    labels_col: Sequence[Hashable],
    distance_col: Sequence[float],
    k: int = 10,
    threshold: float | None = None,
    min_count: int | None = None,
    unknown_class: Hashable = None,
) -> Hashable:
    """Return the most frequent label among the first k neighbours of an image.

    Parameters
    ----------
    labels_col : sequence of labels
        Of the neighbours, most similar first.
    distance_col : sequence of float
        Their similarities.
    k : int
        How many vote, at least 1.
    threshold : float or None
        Smallest similarity of a neighbour that votes.
    min_count : int or None
        Fewest votes that a label needs.
    unknown_class : label
        What is returned when no label has enough votes.

    Raises
    ------
    ConfigError
        When the two do not have the same length, or `k` is less than 1.
    """
    if k < 1:
        raise ConfigError(f"k={k} is not allowed: it must be at least 1; try k=10")
    if len(labels_col) != len(distance_col):
        raise ConfigError(
            f"{len(labels_col)} labels and {len(distance_col)} similarities do not fit together"
        )
    near = list(zip(labels_col, distance_col, strict=True))[:k]
    votes = Counter(
        label for label, similarity in near if threshold is None or similarity >= threshold
    )
    if not votes:
        return unknown_class
    # Of equally frequent ones, the label of the nearest: a Counter keeps the order of arrival.
    (label, count), *_ = votes.most_common(1)
    return label if min_count is None or count >= min_count else unknown_class


def create_knn_classifier(
    work_dir: Path, k: int, get_label_func: LabelOf, threshold: float | None = None
) -> "pd.DataFrame":
    """Return the label that the k nearest images suggest, for each image with a label.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    k : int
        How many neighbours vote, at least 1.
    get_label_func : callable or mapping
        Path → label, None without one.
    threshold : float or None
        Smallest similarity of a neighbour that votes.

    Returns
    -------
    data frame
        ``from, to, label, label2, distance, prediction``: the image, its neighbours, its label and
        theirs, the similarities, and the suggested label, None where no neighbour votes.
    """
    if k < 1:
        raise ConfigError(f"k={k} is not allowed: it must be at least 1; try k=5")
    run = FinishedRun(work_dir)
    paths, labels = run.paths, _labels(run.paths, get_label_func)
    indices, similarities = run.neighbours(k)
    records = []
    for row, path in enumerate(paths):
        if labels[row] is None:
            continue
        near = [
            (other, similarity)
            for other, similarity in zip(
                indices[row].tolist(), similarities[row].tolist(), strict=True
            )
            if other >= 0 and labels[other] is not None
        ]
        theirs, values = [labels[other] for other, _ in near], [value for _, value in near]
        label = top_k_label(theirs, values, k, threshold)
        names = [paths[other] for other, _ in near]
        records.append((path, names, labels[row], theirs, values, label))
    return _frame(records, ["from", "to", "label", "label2", "distance", "prediction"])


def create_kmeans_classifier(
    work_dir: Path, k: int, get_label_func: LabelOf, threshold: float | None = None
) -> "pd.DataFrame":
    """Return the most frequent label of each image's cluster, for each image with a label.

    Parameters
    ----------
    work_dir : path
        The folder of `run_kmeans`.
    k : int
        Accepted; the clusters are those of `run_kmeans`.
    get_label_func : callable or mapping
        Path → label, None without one.
    threshold : float or None
        Largest distance to the centre of an image that votes.

    Returns
    -------
    data frame
        ``filename, cluster, distance, label, prediction``.
    """
    from fastdup.clustering.image_clusters import read_assignments

    paths, clusters, distances = read_assignments(os.fspath(work_dir))
    labels = _labels(paths, get_label_func)
    votes: dict[int, Counter[Any]] = defaultdict(Counter)
    for label, cluster, distance in zip(labels, clusters, distances, strict=True):
        if label is not None and (threshold is None or distance <= threshold):
            votes[cluster][label] += 1
    first = {cluster: found.most_common(1)[0][0] for cluster, found in votes.items()}
    records = [
        (path, cluster, distance, label, first.get(cluster))
        for path, cluster, distance, label in zip(paths, clusters, distances, labels, strict=True)
        if label is not None
    ]
    return _frame(records, ["filename", "cluster", "distance", "label", "prediction"])


def _labels(paths: Sequence[str], label_of: LabelOf) -> list[Any]:
    get = label_of.get if isinstance(label_of, Mapping) else label_of
    return [get(path) for path in paths]


def _frame(records: Sequence[tuple[Any, ...]], names: Sequence[str]) -> "pd.DataFrame":
    try:
        import pandas as pd
    except ImportError as exc:
        raise MissingExtraError.needed_for("a data frame", extra="notebook") from exc
    return pd.DataFrame(records, columns=list(names))

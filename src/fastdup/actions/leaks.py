"""Leaks: images of one split, such as test, that another split has too."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.actions.found import FoundImages
from fastdup.actions.keep import Folders, check_similarity, existing
from fastdup.actions.splits import splits_of
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import FloatArray, IntArray
from fastdup.config.machine import available_cores
from fastdup.errors import ConfigError
from fastdup.index import Neighbours, nearest
from fastdup.printable import ShownAsLines
from fastdup.quantities import counted
from fastdup.scale import decimal
from fastdup.workdir.csv_files import write_table

LEAKS_HEADER = ("from", "to", "distance", "split_from", "split_to")
_FIRST_K, _MOST_K = 10, 100


class Leak(NamedTuple):
    """Two similar images of different splits.

    Attributes
    ----------
    path, other : str
        The image of the smaller split, and that of the other.
    similarity : float
        1 = identical.
    split, other_split : str
        Where they are.
    """

    path: str
    other: str
    similarity: float
    split: str
    other_split: str


@dataclass(frozen=True, kw_only=True)
class LeakReport(ShownAsLines):
    """What the splits share.

    Attributes
    ----------
    leaks : tuple of Leak
        The most similar first, ties by path.
    threshold : float
        Smallest similarity.
    n_images, n_leaking : mapping of str to int
        Number of images of each split, and how many of them are like one of another split.
    n_pairs : mapping of (str, str) to int
        Number of leaks between two splits.
    """

    leaks: tuple[Leak, ...]
    threshold: float
    n_images: Mapping[str, int]
    n_leaking: Mapping[str, int]
    n_pairs: Mapping[tuple[str, str], int]

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        limit = f"at a similarity of {self.threshold:g} or more"
        yield f"{counted(len(self.leaks), 'pair')} across splits {limit}"
        for (one, other), count in sorted(self.n_pairs.items()):
            yield f"  {count:,} between {one} and {other}"
        for split, count in sorted(self.n_images.items()):
            share = self.n_leaking.get(split, 0) / count
            yield (
                f"{split}: {self.n_leaking.get(split, 0):,} of {count:,} images ({share:.2%}) "
                "resemble an image of another split"
            )

    def write(self, path: str) -> str:
        """Write the pairs to the CSV file `path`, and return `path`."""
        rows = ((a, b, decimal(value), one, other) for a, b, value, one, other in self.leaks)
        write_table(path, LEAKS_HEADER, rows)
        return path


def find_leaks(
    work_dir: str | os.PathLike[str],
    *,
    test: Folders = (),
    split: str = "split",
    threshold: float | None = None,
) -> LeakReport:
    """Return the pairs of similar images that lie in different splits of a finished run.

    All images are compared anew, exactly, each with those of the other splits: neighbours in its
    own split crowd out none. Of one image, at most the 100 most similar are listed. Where the run
    judged pairs, they have the similarity that it found, and more are judged now.

    Parameters
    ----------
    work_dir : path
        The folder of a run.
    test : path or collection of paths
        Folders, or files, that make up the split ``test``; all else is ``train``. When empty, the
        column `split` of the run's annotations decides, else its option ``test_dir``.
    split : str
        Column of the annotations; images without a value there are left out.
    threshold : float or None
        Smallest similarity, 0 to 1, inclusive; None: that of the run.

    Raises
    ------
    ConfigError
        When nothing says which image is in which split, or there is only one split.
    WorkDirError
        When there is no finished run.
    """
    found = FoundImages(os.fspath(work_dir))
    lowest = found.threshold if threshold is None else threshold
    check_similarity(lowest)
    splits = _splits(found, existing("test", test), split)
    n_images = Counter(split_ for split_ in splits if split_)
    if len(n_images) < 2:
        names = ", ".join(n_images) or "none"
        raise ConfigError(f"leaks need two splits or more among the images, and there is {names}")
    pairs = _pairs_across(found, np.array(splits, object), lowest)
    leaks = []
    for pair, value in pairs.items():
        one, other = sorted(pair, key=lambda row: (n_images[splits[row]], splits[row]))
        leaks.append(Leak(found.paths[one], found.paths[other], value, splits[one], splits[other]))
    leaks.sort(key=lambda leak: (-leak.similarity, os.fsencode(leak.path), os.fsencode(leak.other)))
    return LeakReport(
        leaks=tuple(leaks),
        threshold=lowest,
        n_images=n_images,
        n_leaking=Counter(splits[row] for row in {row for pair in pairs for row in pair}),
        n_pairs=Counter((leak.split, leak.other_split) for leak in leaks),
    )


def _splits(found: FoundImages, test: Collection[str], column: str) -> list[str]:
    """Return the split of each image, empty when it has none."""
    splits = splits_of(found, test=test, column=column)
    if splits is not None:
        return splits
    raise ConfigError(
        f"the splits are not known: name the test images (--test FOLDER, test=FOLDER), or run with "
        f"annotations that have a column {column!r}, or with test_dir"
    )


def _pairs_across(
    found: FoundImages, splits: NDArray[np.object_], threshold: float
) -> dict[tuple[int, int], float]:
    """Return (row, row) → similarity, each pair once, for all pairs that reach the threshold."""
    parts = []
    for split in sorted(set(splits) - {""}):
        others = np.flatnonzero((splits != split) & (splits != ""))
        parts.append(_nearest_across(found, np.flatnonzero(splits == split), others, threshold))
    rows, others, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, first = np.unique(rows * len(found.paths) + others, return_index=True)
    pairs = Pairs(rows, others, values).picked(first)
    pairs = found.decided.pruned(pairs)
    pairs = pairs._replace(similarities=_as_judged(found, pairs))
    rows, others, values = pairs.picked(pairs.similarities >= threshold)
    rows_and_others = zip(rows.tolist(), others.tolist(), strict=True)
    return dict(zip(rows_and_others, values.tolist(), strict=True))


def _nearest_across(
    found: FoundImages, queries: IntArray, others: IntArray, threshold: float
) -> Pairs:
    """Return the pairs of the rows `queries` with `others` that may reach the threshold."""
    features, distance, judged = found.features, found.options["distance"], found.pairs_on_request
    parts: list[Pairs] = []
    k = _FIRST_K
    while len(queries):
        raw = nearest(
            features[others], features[queries], k, distance=distance, n_threads=available_cores()
        )
        values = found.scale.similarities(raw.similarities)
        near = Neighbours(raw.indices, values)
        reaches = (near.indices >= 0) & (values >= threshold)
        places, columns = np.nonzero(reaches)
        if judged:
            places, columns = judged.chosen(near, raw.similarities, threshold)
        rows, targets = queries[places], others[near.indices[places, columns]]
        low, high = np.minimum(rows, targets), np.maximum(rows, targets)
        parts.append(Pairs(low, high, values[places, columns]))
        # Those whose every neighbour counts may have more.
        queries = queries[reaches.all(axis=1)] if k < min(_MOST_K, len(others)) else queries[:0]
        k = _MOST_K
    return Pairs(*map(np.concatenate, zip(*parts, strict=True)))


def _as_judged(found: FoundImages, pairs: Pairs) -> FloatArray:
    """Return the similarities of pairs as the run found them, or would have found them."""
    if found.pairs_on_request is None:
        return pairs.similarities
    rows, others, plain = pairs
    values = found.verdicts.of_pairs(rows, others, plain)
    unknown = ~found.verdicts.are_known(rows, others)
    if unknown.any():
        values[unknown] = found.pairs_on_request.of_rows(*pairs.picked(unknown))
    return values

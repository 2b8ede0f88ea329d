"""What splits and labels show: the same pictures in two splits, copies with different labels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fastdup.actions.label_issues import Mislabel, mislabelled
from fastdup.actions.splits import splits_by_folder, splits_of
from fastdup.analysis.mislabels import N_ASKED
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import IntArray
from fastdup.errors import FastdupError
from fastdup.runs import FinishedRun
from fastdup.runs.finished import NO_PAIRS


@dataclass(frozen=True, slots=True)
class Split:
    """A split of the images.

    Attributes
    ----------
    name : str
    n_images, n_leaking : int
        How many images it has, and how many of these are like one of another split.
    """

    name: str
    n_images: int
    n_leaking: int


class SetsFound:
    """The splits and labels of a run.

    Parameters
    ----------
    run : FinishedRun
    pairs : Pairs
        Of its images, each once, the most similar first.
    """

    def __init__(self, run: FinishedRun, pairs: Pairs) -> None:
        self._run, self._pairs = run, pairs

    @cached_property
    def leaks(self) -> Pairs:
        """The pairs of similar images in different splits, the most similar first."""
        return _differing(self._pairs, self._splits) if self._splits else NO_PAIRS

    @cached_property
    def splits(self) -> list[Split]:
        """The splits, the largest first; none where there are not two."""
        counts = Counter(filter(None, self._splits))
        if len(counts) < 2:
            return []
        rows = set(self.leaks.sources.tolist()) | set(self.leaks.targets.tolist())
        leaking = Counter(self._splits[row] for row in rows)
        names = sorted(counts, key=lambda name: (-counts[name], name))
        return [Split(name, counts[name], leaking[name]) for name in names]

    def split_of(self, row: int) -> str:
        """Return the split of an image, "" where it has none."""
        return self._splits[row] if self._splits else ""

    @cached_property
    def labels(self) -> dict[str, str]:
        """Path → label, of the images that have one."""
        return {path: label for path, label in (self._run.labels() or {}).items() if label}

    @cached_property
    def conflicts(self) -> Pairs:
        """The pairs of copies with different labels, the most similar first."""
        if not self.labels:
            return NO_PAIRS
        pairs = _differing(self._pairs, [self.labels.get(path, "") for path in self._run.paths])
        return pairs.picked(self._run.verdicts.are_copies(pairs.sources, pairs.targets))

    @cached_property
    def in_doubt(self) -> list[Mislabel]:
        """The images whose label is in doubt, the surest first."""
        known = {path: label for path, label in self.labels.items() if path in self._run.row_of}
        if not known or not self._run.has_searched:
            return []
        return mislabelled(self._run, known, k=N_ASKED)

    @cached_property
    def _splits(self) -> Sequence[str]:
        """The split of each image, by the annotations, by ``test_dir``, or by the folders."""
        try:
            known = splits_of(self._run)
        except FastdupError:  # the folder of the test images is gone
            known = None
        return known if known and any(known) else splits_by_folder(self._run.paths) or ()


def _differing(pairs: Pairs, texts: Sequence[str]) -> Pairs:
    """Return the pairs of images that both have a text, and different ones."""
    numbers = {text: number for number, text in enumerate(sorted(set(texts) - {""}))}
    codes: IntArray = np.fromiter((numbers.get(text, -1) for text in texts), np.int64, len(texts))
    one, other = codes[pairs.sources], codes[pairs.targets]
    return pairs.picked((one >= 0) & (other >= 0) & (one != other))

"""The label and the split of each image, from the annotations or from the folders."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastdup.actions.splits import labels_by_folder, splits_by_folder, splits_of
from fastdup.arrays import BoolArray, IntArray
from fastdup.explorer.collection import Collection
from fastdup.explorer.params import Params

#: Where labels and splits are from.
ANNOTATIONS, FOLDERS, NOWHERE = "annotations", "folders", ""


class Coded(NamedTuple):
    """Texts of n images as numbers.

    Attributes
    ----------
    names : sequence of str
        The different texts, the most frequent first, ties by text.
    codes : (n,) int64 array
        For each image the place of its text in `names`, -1 where it has none.
    source : {"annotations", "folders", ""}
        Where they are from.
    """

    names: Sequence[str]
    codes: IntArray
    source: str

    @classmethod
    def of(cls, texts: Sequence[str], source: str) -> "Coded":
        """Return texts as numbers; "" is none."""
        counts = Counter(filter(None, texts))
        names = sorted(counts, key=lambda name: (-counts[name], name))
        number = {name: place for place, name in enumerate(names)}
        codes = np.fromiter((number.get(text, -1) for text in texts), np.int64, len(texts))
        return cls(names, codes, source)

    def counts(self) -> list[tuple[str, int]]:
        """Return each text with its number of images, the most frequent first."""
        found = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        return list(zip(self.names, found.tolist(), strict=True))

    def of_row(self, row: int) -> str:
        """Return the text of an image, "" where it has none."""
        code = int(self.codes[row])
        return self.names[code] if code >= 0 else ""

    def are(self, name: str) -> BoolArray:
        """Return for each image whether this is its text."""
        code = self.names.index(name) if name in self.names else len(self.names)
        found: BoolArray = self.codes == code
        return found


class ClassLabels:
    """The labels and splits of a collection, read once.

    Parameters
    ----------
    collection : Collection

    Attributes
    ----------
    labels, splits : Coded
    """

    def __init__(self, collection: Collection) -> None:
        paths = collection.paths
        stored = [collection.labels.get(path, "") for path in paths]
        if any(stored):
            self.labels = Coded.of(stored, ANNOTATIONS)
        else:
            self.labels = Coded.of(labels_by_folder(paths), FOLDERS)
        known = splits_of(collection.run)
        if known is not None and any(known):
            self.splits = Coded.of(known, ANNOTATIONS)
        else:
            self.splits = Coded.of(splits_by_folder(paths) or [""] * len(paths), FOLDERS)
        if not self.splits.names:
            self.splits = self.splits._replace(source=NOWHERE)

    def wanted(self, params: Params) -> BoolArray | None:
        """Return for each image whether it has the ``label`` and ``split`` asked for; None: all."""
        found: BoolArray | None = None
        for name, coded in (("label", self.labels), ("split", self.splits)):
            if text := params.text(name):
                matches = coded.are(text)
                found = matches if found is None else found & matches
        return found

"""A data set's splits and labels: leaks between splits, labels that contradict, labels in doubt."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from fastdup.actions.keep import DEFAULT_THRESHOLD
from fastdup.analysis.mislabels import N_ASKED, Mislabels, find_mislabels
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import BoolArray, IntArray
from fastdup.explorer.background import InBackground
from fastdup.explorer.class_labels import ClassLabels
from fastdup.explorer.collection import Collection
from fastdup.explorer.params import Params
from fastdup.explorer.views import Views
from fastdup.report.wording import in_pieces, similarity_text, similarity_word
from fastdup.runs.near_content import near_each_image

#: Most labels that are listed, those with most images.
_MOST_LISTED = 500

#: What is reported where fewer than two labels are known: nothing.
_NO_ROWS = np.empty(0, np.int64)
_NO_DOUBTS = Mislabels(_NO_ROWS, _NO_ROWS, np.empty(0), _NO_ROWS, np.empty(0, bool))


class DataSets:
    """What labels and splits show of a collection.

    Parameters
    ----------
    collection : Collection
    views : Views
        Describe images, and find pairs.

    Attributes
    ----------
    looks : mapping of str to callable
        Name of a request → its handler.
    """

    def __init__(self, collection: Collection, views: Views) -> None:
        self._collection, self._views = collection, views
        self._doubts = InBackground(self._find_doubts)
        self.looks: Mapping[str, Callable[[Params], Any]] = {
            "sets": self.overview,
            "leaks": self.leaks,
            "conflicts": self.conflicts,
            "mislabels": self.mislabels,
            "images": self.images,
        }

    @cached_property
    def classes(self) -> ClassLabels:
        """The labels and splits."""
        return ClassLabels(self._collection)

    def overview(self, params: Params) -> dict[str, Any]:
        """Return the splits and labels with their numbers of images, and how many pairs are odd."""
        labels, splits = self.classes.labels, self.classes.splits
        leaks, conflicts = self._leaks(params), self._conflicts(params)
        leaking = np.unique(np.concatenate([leaks.sources, leaks.targets]))
        per_split = np.bincount(splits.codes[leaking], minlength=len(splits.names))
        doubts = self._doubts.get()
        return {
            "labels": [[in_pieces(name), n, name] for name, n in labels.counts()[:_MOST_LISTED]],
            "n_labels": len(labels.names),
            "labels_from": labels.source,
            "splits": [
                [in_pieces(name), n, int(per_split[place]), name]
                for place, (name, n) in enumerate(splits.counts())
            ],
            "splits_from": splits.source,
            "leaks": len(leaks.sources),
            "conflicts": len(conflicts.sources),
            "certain": int(np.count_nonzero(conflicts.similarities >= DEFAULT_THRESHOLD)),
            "mislabels": None if doubts is None else len(doubts.images),
        }

    def leaks(self, params: Params) -> dict[str, Any]:
        """Return the pairs of similar images in different splits, the most similar first."""
        return self._page(self._narrowed(self._leaks(params), params), params)

    def conflicts(self, params: Params) -> dict[str, Any]:
        """Return the pairs of copies with different labels, the most certain copies first."""
        return self._page(self._narrowed(self._conflicts(params), params), params)

    def mislabels(self, params: Params) -> dict[str, Any]:
        """Return the images whose copies or neighbours have another label, the surest first.

        ``making`` is true while the neighbours are being searched: ask again.
        """
        doubts = self._doubts.get()
        if doubts is None:
            return {"making": True, "total": 0, "items": []}
        wanted = self._wanted(params)
        places = np.arange(len(doubts.images))
        if wanted is not None:
            places = places[wanted[doubts.images]]
        shown = params.page().of(places.tolist())
        return {"total": len(places), "items": [self._doubt(doubts, place) for place in shown]}

    def images(self, params: Params) -> dict[str, Any]:
        """Return the images with a ``label``, in a ``split``, in listing order."""
        rows = self._rows_wanted(params)
        shown = params.page().of(rows)
        return {"total": len(rows), "items": [self.image(row) for row in shown]}

    def image(self, row: int) -> dict[str, Any]:
        """Return what is known of an image, with its label and split."""
        image = self._views.image(row)
        for name, coded in (("label", self.classes.labels), ("split", self.classes.splits)):
            if text := coded.of_row(row):
                image[name] = in_pieces(text)
        return image

    def rows(self, of: str, params: Params) -> list[int]:
        """Return the images of one of the lists, each once, in its order."""
        lists: dict[str, Callable[[], Sequence[int]]] = {
            "leaks": lambda: _flat(self._narrowed(self._leaks(params), params)),
            "conflicts": lambda: _flat(self._narrowed(self._conflicts(params), params)),
            "mislabels": lambda: self._doubted(params),
            "images": lambda: self._rows_wanted(params),
        }
        return list(dict.fromkeys(lists[of]()))

    # --- parts of them ---------------------------------------------------------------------

    def _pairs(self, params: Params) -> Pairs:
        lowest = params.similarity("threshold", self._collection.threshold)
        return self._views.components_at(lowest).pairs

    def _leaks(self, params: Params) -> Pairs:
        return _differing(self._pairs(params), self.classes.splits.codes)

    def _conflicts(self, params: Params) -> Pairs:
        pairs = _differing(self._pairs(params), self.classes.labels.codes)
        are_copies = self._collection.run.verdicts.are_copies(pairs.sources, pairs.targets)
        return pairs.picked(are_copies)

    def _find_doubts(self) -> Mislabels:
        labels = self.classes.labels
        if len(labels.names) < 2:
            return _NO_DOUBTS
        return find_mislabels(near_each_image(self._collection.run, N_ASKED), labels.codes)

    def _doubted(self, params: Params) -> list[int]:
        doubts = self._doubts.get(60.0)
        if doubts is None:
            return []
        wanted = self._wanted(params)
        rows: list[int] = doubts.images[... if wanted is None else wanted[doubts.images]].tolist()
        return rows

    def _doubt(self, doubts: Mislabels, place: int) -> dict[str, Any]:
        rows = int(doubts.images[place]), int(doubts.nearest[place])
        similarity = float(self._collection.run.similarity(rows[0], np.array(rows[1:]))[0])
        return {
            "images": [self.image(row) for row in rows],
            "suggested": in_pieces(self.classes.labels.names[int(doubts.labels[place])]),
            "score": f"{100 * float(doubts.scores[place]):.0f} %",
            "s": similarity_text(similarity),
            "word": similarity_word(similarity),
        }

    def _wanted(self, params: Params) -> BoolArray | None:
        found, classes = self._views.wanted(params), self.classes.wanted(params)
        if found is None or classes is None:
            return classes if found is None else found
        return found & classes

    def _rows_wanted(self, params: Params) -> list[int]:
        wanted = self._wanted(params)
        n_images = self._collection.n_images
        return list(range(n_images)) if wanted is None else np.flatnonzero(wanted).tolist()

    def _narrowed(self, pairs: Pairs, params: Params) -> Pairs:
        wanted = self._wanted(params)
        return pairs if wanted is None else pairs.picked(_either(pairs, wanted))

    def _page(self, pairs: Pairs, params: Params) -> dict[str, Any]:
        items = [
            {
                "images": [self.image(int(pairs.sources[at])), self.image(int(pairs.targets[at]))],
                "s": similarity_text(float(pairs.similarities[at])),
                "word": similarity_word(float(pairs.similarities[at])),
                "certain": bool(pairs.similarities[at] >= DEFAULT_THRESHOLD),
            }
            for at in params.page().of(range(len(pairs.sources)))
        ]
        return {"total": len(pairs.sources), "items": items}


def _differing(pairs: Pairs, codes: IntArray) -> Pairs:
    """Return the pairs of images that both have a text, and different ones."""
    one, other = codes[pairs.sources], codes[pairs.targets]
    return pairs.picked((one >= 0) & (other >= 0) & (one != other))


def _either(pairs: Pairs, wanted: BoolArray) -> BoolArray:
    either: BoolArray = wanted[pairs.sources] | wanted[pairs.targets]
    return either


def _flat(pairs: Pairs) -> list[int]:
    rows: list[int] = np.column_stack([pairs.sources, pairs.targets]).ravel().tolist()
    return rows

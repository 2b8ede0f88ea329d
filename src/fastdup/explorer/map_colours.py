"""What the images on the map are coloured by: groups, labels, splits or issues."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ConfigError
from fastdup.explorer.class_labels import Coded
from fastdup.explorer.collection import Collection
from fastdup.explorer.data_sets import DataSets
from fastdup.explorer.issues import Issues
from fastdup.explorer.params import Params
from fastdup.explorer.views import Views
from fastdup.report.wording import in_pieces

#: Labels that have a colour of their own, those with most images.
_COLOURS = 12

Codes = NDArray[np.uint8]


class MapColours:
    """The colours of a collection's images, as small numbers, and what these mean.

    Parameters
    ----------
    collection : Collection
    views : Views
    issues : Issues
    data_sets : DataSets
    """

    def __init__(
        self, collection: Collection, views: Views, issues: Issues, data_sets: DataSets
    ) -> None:
        self._collection, self._views = collection, views
        self._issues, self._data_sets = issues, data_sets
        self._ways: dict[str, Callable[[Params], tuple[Codes, list[Any]]]] = {
            "group": self._by_group,
            "label": lambda _: _by_text(data_sets.classes.labels, "no label"),
            "split": lambda _: _by_text(data_sets.classes.splits, "no split"),
            "issue": self._by_issue,
        }

    def codes(self, params: Params) -> Codes:
        """Return the code of each image, an (n,) uint8 array, by what ``colour`` names."""
        return self._find(params)[0]

    def legend(self, params: Params) -> dict[str, Any]:
        """Return what each code stands for, and the number of its images, by code."""
        codes, words = self._find(params)
        counts = np.bincount(codes, minlength=len(words)).tolist()
        return {"items": [[text, n] for text, n in zip(words, counts, strict=True)]}

    def _find(self, params: Params) -> tuple[Codes, list[Any]]:
        colour = params.text("colour", "group")
        if colour not in self._ways:
            raise ConfigError.not_among("colour", colour, self._ways, "group")
        return self._ways[colour](params)

    def _by_group(self, params: Params) -> tuple[Codes, list[Any]]:
        threshold = params.similarity("threshold", self._collection.threshold)
        codes = self._views.components_at(threshold).is_member().astype(np.uint8)
        codes[self._collection.outliers.sources] = 2
        return codes, ["no similar image at this threshold", "in a group", "outlier"]

    def _by_issue(self, _params: Params) -> tuple[Codes, list[Any]]:
        names = (name.replace("_", " ") for name in self._issues.names())
        return self._issues.codes, ["no issue", *names]


def _by_text(coded: Coded, none: str) -> tuple[Codes, list[Any]]:
    own, others = coded.names[:_COLOURS], coded.names[_COLOURS:]
    codes = np.minimum(coded.codes + 1, _COLOURS + 1).astype(np.uint8)
    words = [none, *map(in_pieces, own)]
    return codes, [*words, f"{len(others):,} others"] if others else words

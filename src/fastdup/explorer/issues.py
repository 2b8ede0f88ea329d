"""Images with flaws, worst first, by limits that a person moves; the flaws are those of `clean`."""

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.actions.flaws import FLAW_MEASURES, Measure, Measured
from fastdup.actions.offers import FLAWS, LIMITS
from fastdup.arrays import FloatArray, IntArray
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection
from fastdup.explorer.params import Params
from fastdup.explorer.views import Views
from fastdup.runs.content_space import ContentSpace


class Issues:
    """The issues of a collection.

    Parameters
    ----------
    collection : Collection
    views : Views
        Describe images, and find them.
    """

    def __init__(self, collection: Collection, views: Views) -> None:
        self._collection, self._views = collection, views
        self._values = lru_cache(len(FLAW_MEASURES))(self._measured)

    def listed(self, _params: Params) -> dict[str, Any]:
        """Return each issue with its limit, and how many images are beyond it."""
        return {"items": [self._issue(name) for name in self.names()]}

    def page(self, params: Params) -> dict[str, Any]:
        """Return the images that have an issue, the worst first.

        Parameters
        ----------
        params : Params
            ``issue``, its name; ``limit``, as usual if not given; ``find`` and the like.
        """
        name = params.text("issue")
        measure, limit = self._find(name), params.number("limit", LIMITS.get(name, 0.0))
        rows = self.rows(params)
        values = self._values(name)
        items = [
            self._views.image(row) | {"value": measure.words(float(values[row]), limit)}
            for row in params.page().of(rows.tolist())
        ]
        return {"total": len(rows), "items": items, "limit": limit}

    def rows(self, params: Params) -> IntArray:
        """Return the images of `page`, all of them."""
        name = params.text("issue")
        measure, limit = self._find(name), params.number("limit", LIMITS.get(name, 0.0))
        rows = self._views.there(measure.rows(self._values(name), limit))
        wanted = self._views.wanted(params)
        return rows if wanted is None else rows[wanted[rows]]

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """For each image 0, or 1 + the place of its first issue in the list, at usual limits."""
        codes = np.zeros(self._collection.n_images, np.uint8)
        for place, name in reversed(list(enumerate(self.names(), 1))):
            codes[FLAW_MEASURES[name].rows(self._values(name), LIMITS[name])] = place
        return codes

    def name_of(self, row: int) -> str:
        """Return the first issue of an image, "" where it has none."""
        code = int(self.codes[row])
        return self.names()[code - 1] if code else ""

    def names(self) -> list[str]:
        """Return the issues that were measured."""
        if not self._collection.stats:
            return []
        return [name for name in FLAW_MEASURES if not np.isnan(self._values(name)).all()]

    def _issue(self, name: str) -> dict[str, Any]:
        measure, limit = FLAW_MEASURES[name], LIMITS[name]
        return {
            "name": name,
            "words": FLAWS[name],
            "measure": measure.name,
            "above": measure.is_above,
            "limit": limit,
            "span": measure.span,
            "n": len(self._views.there(measure.rows(self._values(name), limit))),
        }

    def _find(self, name: str) -> Measure:
        if name not in FLAW_MEASURES:
            raise ConfigError.not_among("issue", name, FLAW_MEASURES, "blurry")
        return FLAW_MEASURES[name]

    def _measured(self, name: str) -> FloatArray:
        collection = self._collection
        if not collection.stats:
            return np.full(collection.n_images, np.nan)
        cameras, space = collection.photos.cameras, ContentSpace.of_run(collection.run)
        found = Measured(collection.stats, collection.paths, cameras, space.coloured_shares)
        return FLAW_MEASURES[name].value(found)

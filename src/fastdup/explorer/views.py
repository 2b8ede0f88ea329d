"""What the page shows, a page at a time, as JSON values."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection
from fastdup.explorer.component_index import ComponentIndex, components_by_threshold
from fastdup.explorer.decisions import Verdict
from fastdup.explorer.params import Page, Params
from fastdup.explorer.present import PresentImages
from fastdup.quantities import size_text
from fastdup.report.stat_metrics import METRICS, find_metric
from fastdup.report.wording import (
    in_pieces,
    similarity_text,
    similarity_word,
    split_path,
)
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows

#: Most images of one component on a page of components; its own page has all of them.
MEMBERS_SHOWN = 12
#: Metric → value beyond which an image is counted; the limits that `Fastdup.summary` has too.
_LIMITS = {"blur": 150.0, "bright": 253.0, "dark": 4.0, "contrast": 0.05, "size": 64.0}
#: Metrics in the order in which they are offered; the others follow.
_FIRST_METRICS = ("blur", "dark", "bright", "contrast", "size", "file_size")
#: What is no metric, but an order of images by when they were taken.
_BY_TIME = ("earliest", "latest")

Rows = IntArray


class Views:
    """The lists of an explorer.

    Parameters
    ----------
    collection : Collection
    verdict : callable
        The rows of a component → what is to become of them; see `Decisions.verdict`.
    present : PresentImages
        Images that are gone are not shown.

    Attributes
    ----------
    components_at : callable
        Threshold → its components.
    n_pairs : int
        Number of pairs, without those of no copies, as decided.
    """

    def __init__(
        self,
        collection: Collection,
        verdict: Callable[[Rows], Verdict],
        present: PresentImages,
    ) -> None:
        self._collection = collection
        self._present = present
        self._verdict = verdict
        self._apart: BoolArray | None = None
        self.obey(NOTHING_DECIDED)
        self._lowered: list[str] = []
        self._matching = lru_cache(4)(self._find)
        self._by_value = lru_cache(8)(self._sorted_by)

    def obey(self, decided: DecidedRows) -> None:
        """Leave out pairs that are no copies, as decided, and mark what is always kept."""
        collection, similarity = self._collection, self._collection.copy_similarity
        self._decided = decided
        pairs, gone = collection.pairs, self._present.are_gone
        apart = decided.are_apart(pairs.sources, pairs.targets)
        apart = apart | gone[pairs.sources] | gone[pairs.targets]
        if self._apart is not None and np.array_equal(self._apart, apart):
            return
        self._apart = apart
        self.n_pairs = int(np.count_nonzero(~apart))
        self.components_at = components_by_threshold(
            pairs.picked(~apart),
            collection.n_images,
            collection.are_copies[~apart],
            similarity and decided.parted(similarity),
        )

    def look_again(self) -> None:
        """Show what is there now: files have gone, or come back."""
        self._by_value.cache_clear()
        self.obey(self._decided)

    # --- lists -----------------------------------------------------------------------------

    def groups(self, params: Params) -> dict[str, Any]:
        """Return the components at a threshold.

        Parameters
        ----------
        params : Params
            ``threshold``, inclusive. ``order``: "size", largest first, "similar" or "loose", most
            or least similar on average first, "spare", most bytes to spare first, "taken", that
            with the earliest image first. ``find``: only components with an image whose path holds
            this, in upper or lower case; ``camera``, ``since``, ``until``: with one that is by this
            camera, and of these days.
        """
        index = self._components(params)
        chosen = self._ordered(index, params.text("order", "size"))
        n_found = len(index.components.members)
        if (matches := self.wanted(params)) is not None:
            chosen = chosen[index.any_of(matches)[chosen]]
            n_found = int(np.count_nonzero(matches & index.is_member()))
        return {
            "total": len(chosen),
            "images_found": n_found,
            "groups_in_all": index.n_components,
            "images_in_all": len(index.components.members),
            "pairs_in_all": len(index.pairs.sources),
            "items": [
                self._component(index, component, Page(0, MEMBERS_SHOWN))
                for component in params.page().of(chosen.tolist())
            ],
        }

    def group(self, params: Params) -> dict[str, Any]:
        """Return the images of the component that an image is in, nothing when it is in none."""
        index = self._components(params)
        component = index.component_of(params.row("row"))
        if component < 0:
            return {"images": [], "n": 0}
        return self._component(index, component, params.page())

    def pairs(self, params: Params) -> dict[str, Any]:
        """Return pairs at or above a threshold; ``order`` is "similar" or "loose"."""
        is_falling = params.text("order", "similar") == "similar"
        return self._pair_list(self._components(params).pairs, params, is_falling=is_falling)

    def outliers(self, params: Params) -> dict[str, Any]:
        """Return outliers, each with its nearest image, the least similar first."""
        return self._pair_list(self._outliers(), params)

    def quality(self, params: Params) -> dict[str, Any]:
        """Return images by one of the statistics, the most extreme first, or by time."""
        metric = params.text("metric", "blur")
        rows = self._by_value(metric)
        if (matches := self.wanted(params)) is not None:
            rows = rows[matches[rows]]
        shown = params.page().of(rows.tolist())
        if metric in _BY_TIME:  # which each image has anyway
            return {"total": len(rows), "items": list(map(self.image, shown)), "column": "taken"}
        column = find_metric(metric).column
        items = [
            self.image(row) | {"value": float(self._collection.stats[column][row])} for row in shown
        ]
        return {"total": len(rows), "items": items, "column": column}

    def metrics(self) -> list[dict[str, Any]]:
        """Return the metrics that the collection has, with the number of suspicious images."""
        names = [*_FIRST_METRICS, *(name for name in METRICS if name not in _FIRST_METRICS)]
        order_of = {name: (METRICS[name].column, METRICS[name].descending) for name in names}
        first_of = {order: name for name, order in reversed(order_of.items())}
        measured = [  # each order once: mean is dark by another name
            self._metric(name)
            for name, order in order_of.items()
            if order[0] in self._collection.stats and first_of[order] == name
        ]
        times = [{"name": name, "words": f"{name} taken"} for name in _BY_TIME]
        return measured + (times if len(self._collection.photos.rows()) else [])

    def hits(self, rows: Rows, similarities: FloatArray) -> dict[str, Any]:
        """Return images found, with their similarities to what was looked for."""
        items = [
            self.image(int(row)) | _similarity(float(similarity))
            for row, similarity in zip(rows, similarities, strict=True)
            if row >= 0 and not self._present.are_gone[row]
        ]
        return {"total": len(items), "items": items}

    def image(self, row: int) -> dict[str, Any]:
        """Return what is known of an image without reading it."""
        collection = self._collection
        path = collection.paths[row]
        folder, name = split_path(path)
        image: dict[str, Any] = {"row": row, "name": in_pieces(name), "dir": in_pieces(folder)}
        if label := collection.labels.get(path):
            image["label"] = in_pieces(label)
        if stats := collection.stats:
            image["w"], image["h"] = int(stats["width"][row]), int(stats["height"][row])
            image["size"] = size_text(int(stats["file_size"][row]))
        if decided := self._decided.of_one(row):
            image["decided"] = decided
        return image | collection.photos.facts(row)

    def there(self, rows: Rows) -> Rows:
        """Return those of some images that are not gone."""
        found: Rows = rows[~self._present.are_gone[rows]]
        return found

    @property
    def n_outliers(self) -> int:
        """Number of outliers that are there."""
        return len(self._outliers().sources)

    # --- parts of them ---------------------------------------------------------------------

    def _outliers(self) -> Pairs:
        outliers, gone = self._collection.outliers, self._present.are_gone
        return outliers.picked(~(gone[outliers.sources] | gone[outliers.targets]))

    def _components(self, params: Params) -> ComponentIndex:
        return self.components_at(params.similarity("threshold", self._collection.threshold))

    def _component(self, index: ComponentIndex, component: int, page: Page) -> dict[str, Any]:
        components, members = index.components, index.members(component)
        # What is kept stands first, so that the others are seen beside it.
        verdict = self._verdict(members)
        in_burst = self._bursts(members.tolist())
        shown = (page.of(values.tolist()) for values in verdict)
        images = [
            self.image(row) | {"stays": stays} | in_burst.get(row, {})
            for row, stays in zip(*shown, strict=True)
        ]
        return {
            "row": int(members[0]),
            "n": len(members),
            **_similarity(float(components.mean[component])),
            "lowest": similarity_text(float(components.min[component])),
            "images": images,
        }

    def _bursts(self, rows: Sequence[int]) -> dict[int, dict[str, int]]:
        """Return row → the number of its burst, and for the sharpest the number of images."""
        found: dict[int, dict[str, int]] = {}
        for number, burst in enumerate(self._collection.photos.bursts(rows)):
            found |= {row: {"burst": number} for row in burst}
            blur = self._collection.stats.get("blur")
            sharpest = burst[0] if blur is None else max(burst, key=lambda row: float(blur[row]))
            found[sharpest]["sharpest"] = len(burst)
        return found

    def _metric(self, name: str) -> dict[str, Any]:
        metric = METRICS[name]
        words = metric.highest if metric.descending else metric.lowest
        if (limit := _LIMITS.get(name)) is None:
            return {"name": name, "words": words}
        values = self._collection.stats[metric.column]
        beyond = values > limit if metric.descending else values < limit
        return {"name": name, "words": words, "limit": limit, "beyond": int(beyond.sum())}

    def _ordered(self, index: ComponentIndex, order: str) -> Rows:
        if order == "size":
            return np.arange(index.n_components)
        if order in ("similar", "loose"):
            mean = index.components.mean
            return np.argsort(-mean if order == "similar" else mean, kind="stable")
        if order == "spare" and self._collection.stats:
            spare = index.spare(self._collection.stats["file_size"])
            return np.argsort(-spare, kind="stable")
        if order == "taken":
            return np.argsort(index.least(self._collection.photos.ranks), kind="stable")
        raise ConfigError(f"order={order!r} is not known: try order=size")

    def _pair_list(
        self, pairs: Pairs, params: Params, *, is_falling: bool = True
    ) -> dict[str, Any]:
        chosen = np.arange(len(pairs.sources))
        if (matches := self.wanted(params)) is not None:
            chosen = np.flatnonzero(matches[pairs.sources] | matches[pairs.targets])
        items = [
            {
                "images": [self.image(int(pairs.sources[at])), self.image(int(pairs.targets[at]))],
                **_similarity(float(pairs.similarities[at])),
            }
            for at in params.page().of((chosen if is_falling else chosen[::-1]).tolist())
        ]
        return {"total": len(chosen), "items": items}

    def wanted(self, params: Params) -> BoolArray | None:
        """Return for each image whether it is looked for; None where all are."""
        words = [params.text(name) for name in ("find", "camera", "since", "until")]
        return self._matching(*words) if any(words) else None

    def _find(self, find: str, camera: str, since: str, until: str) -> BoolArray:
        if not self._lowered:
            self._lowered = [path.lower() for path in self._collection.paths]
        wanted = find.lower()
        named = (wanted in path for path in self._lowered)
        found = np.fromiter(named, bool, self._collection.n_images)
        return found & self._collection.photos.matching(camera, since, until)

    def _sorted_by(self, metric: str) -> Rows:
        if metric in _BY_TIME:
            return self.there(self._collection.photos.rows(latest_first=metric == "latest"))
        described = find_metric(metric)
        values = self._collection.stats.get(described.column)
        if values is None:
            return np.arange(0)
        rows = np.argsort(-values if described.descending else values, kind="stable")
        return self.there(rows)


def _similarity(similarity: float) -> dict[str, str]:
    return {"s": similarity_text(similarity), "word": similarity_word(similarity)}

"""What the page shows, a page at a time, as JSON values."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import Pairs
from fastdup.errors import ConfigError
from fastdup.explorer.choices import Judged
from fastdup.explorer.collection import BadFile, Collection
from fastdup.explorer.grouping import Grouping, grouping_by_threshold
from fastdup.report.metrics import find_metric
from fastdup.report.wording import (
    in_pieces,
    similarity_text,
    similarity_word,
    size_text,
    split_path,
)

#: Most images of one group on a page of groups; the group's own page tells all.
MEMBERS_SHOWN = 12
_MOST_ON_A_PAGE = 200

T = TypeVar("T")
Rows = NDArray[np.int64]
#: The rows of a group → what is to become of them.
Judge = Callable[[Rows], Judged]


class Page(NamedTuple):
    """Which part of a list is asked for."""

    start: int = 0
    n: int = 24

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return that part of `items`.

        Raises
        ------
        ConfigError
            When it cannot be.
        """
        if self.start < 0 or not 0 < self.n <= _MOST_ON_A_PAGE:
            raise ConfigError(
                f"start={self.start}, n={self.n} is not allowed: "
                f"ask for 1 to {_MOST_ON_A_PAGE} from 0 on"
            )
        return items[self.start : self.start + self.n]


class Views:
    """The lists of an explorer.

    Parameters
    ----------
    collection : Collection
    judge : callable
        See `Choices.judge`.
    """

    def __init__(self, collection: Collection, judge: Judge) -> None:
        self._collection = collection
        self._judge = judge
        self.grouping = grouping_by_threshold(collection.pairs, collection.n_images)
        self._lowered: list[str] = []
        self._matching = lru_cache(4)(self._find)
        self._by_value = lru_cache(8)(self._sorted_by)

    # --- lists -----------------------------------------------------------------------------

    def groups(self, threshold: float, order: str, find: str, page: Page) -> dict[str, Any]:
        """Return groups of images connected at or above a threshold.

        Parameters
        ----------
        threshold : float
            Inclusive.
        order : {"size", "similar", "loose", "spare"}
            Largest first, most or least similar on average first, most bytes to spare first.
        find : str
            Only groups with an image whose path holds this, in upper or lower case.
        page : Page
        """
        grouping = self.grouping(threshold)
        chosen = self._ordered(grouping, order)
        if find:
            chosen = chosen[grouping.any_of(self._matching(find))[chosen]]
        return {
            "total": len(chosen),
            "groups_in_all": grouping.n_groups,
            "images_in_all": len(grouping.groups.members),
            "pairs_in_all": len(grouping.pairs.sources),
            "items": [
                self._group(grouping, group, Page(0, MEMBERS_SHOWN))
                for group in page.of(chosen.tolist())
            ],
        }

    def group(self, threshold: float, row: int, page: Page) -> dict[str, Any]:
        """Return the images of the group that an image is in, nothing when it is in none."""
        grouping = self.grouping(threshold)
        group = grouping.group_of(row)
        return self._group(grouping, group, page) if group >= 0 else {"images": [], "n": 0}

    def pairs(self, threshold: float, order: str, find: str, page: Page) -> dict[str, Any]:
        """Return pairs at or above a threshold; `order` is "similar" or "loose"."""
        pairs = self.grouping(threshold).pairs
        chosen = self._matching_pairs(pairs, find)
        return self._pair_list(pairs, chosen if order == "similar" else chosen[::-1], page)

    def outliers(self, find: str, page: Page) -> dict[str, Any]:
        """Return outliers, each with its nearest image, the least similar first."""
        pairs = self._collection.outliers
        return self._pair_list(pairs, self._matching_pairs(pairs, find), page)

    def quality(self, metric: str, find: str, page: Page) -> dict[str, Any]:
        """Return images by one of the statistics, the most extreme first."""
        rows = self._by_value(metric)
        if find:
            rows = rows[self._matching(find)[rows]]
        column = find_metric(metric).column
        items = [
            self.image(row) | {"value": float(self._collection.stats[column][row])}
            for row in page.of(rows.tolist())
        ]
        return {"total": len(rows), "items": items, "column": column}

    def bad(self, find: str, page: Page) -> dict[str, Any]:
        """Return the files that could not be used, and why."""
        wanted = find.lower()
        files = [file for file in self._collection.bad if wanted in file.filename.lower()]
        return {"total": len(files), "items": [_bad_file(file) for file in page.of(files)]}

    def hits(self, rows: Rows, similarities: NDArray[np.float64]) -> dict[str, Any]:
        """Return images found, with their similarities to what was looked for."""
        items = [
            self.image(int(row)) | _similarity(float(similarity))
            for row, similarity in zip(rows, similarities, strict=True)
            if row >= 0
        ]
        return {"total": len(items), "items": items}

    def image(self, row: int) -> dict[str, Any]:
        """Return what is known of an image without reading it."""
        collection = self._collection
        path = collection.paths[row]
        folder, name = split_path(path)
        told: dict[str, Any] = {"row": row, "name": in_pieces(name), "dir": in_pieces(folder)}
        if label := collection.labels.get(path):
            told["label"] = in_pieces(label)
        if stats := collection.stats:
            told["w"], told["h"] = int(stats["width"][row]), int(stats["height"][row])
            told["size"] = size_text(int(stats["file_size"][row]))
        return told

    # --- parts of them ---------------------------------------------------------------------

    def _group(self, grouping: Grouping, group: int, page: Page) -> dict[str, Any]:
        groups, members = grouping.groups, grouping.members(group)
        # What is kept stands first, so that the others are seen beside it.
        judged = self._judge(members)
        images = [
            self.image(row) | {"stays": stays, "by_hand": by_hand}
            for row, stays, by_hand in zip(
                *(page.of(values.tolist()) for values in judged), strict=True
            )
        ]
        return {
            "row": int(members[0]),
            "n": len(members),
            "stay": int(judged.stays.sum()),
            **_similarity(float(groups.mean[group])),
            "lowest": similarity_text(float(groups.min[group])),
            "images": images,
        }

    def _ordered(self, grouping: Grouping, order: str) -> Rows:
        if order == "size":
            return np.arange(grouping.n_groups)
        if order in ("similar", "loose"):
            mean = grouping.groups.mean
            return np.argsort(-mean if order == "similar" else mean, kind="stable")
        if order == "spare" and self._collection.stats:
            spare = grouping.spare(self._collection.stats["file_size"])
            return np.argsort(-spare, kind="stable")
        raise ConfigError(f"order={order!r} is not known: try order=size")

    def _matching_pairs(self, pairs: Pairs, find: str) -> Rows:
        if not find:
            return np.arange(len(pairs.sources))
        matches = self._matching(find)
        return np.flatnonzero(matches[pairs.sources] | matches[pairs.targets])

    def _pair_list(self, pairs: Pairs, chosen: Rows, page: Page) -> dict[str, Any]:
        items = [
            {
                "images": [self.image(int(pairs.sources[at])), self.image(int(pairs.targets[at]))],
                **_similarity(float(pairs.similarities[at])),
            }
            for at in page.of(chosen.tolist())
        ]
        return {"total": len(chosen), "items": items}

    def _find(self, find: str) -> NDArray[np.bool_]:
        if not self._lowered:
            self._lowered = [path.lower() for path in self._collection.paths]
        wanted = find.lower()
        found = (wanted in path for path in self._lowered)
        return np.fromiter(found, bool, self._collection.n_images)

    def _sorted_by(self, metric: str) -> Rows:
        described = find_metric(metric)
        values = self._collection.stats.get(described.column)
        if values is None:
            return np.arange(0)
        return np.argsort(-values if described.descending else values, kind="stable")


def _bad_file(file: BadFile) -> dict[str, Any]:
    folder, name = split_path(file.filename)
    shown = {"name": in_pieces(name), "dir": in_pieces(folder)}
    return shown | {"reason": file.reason, "detail": in_pieces(file.detail)}


def _similarity(similarity: float) -> dict[str, str]:
    return {"s": similarity_text(similarity), "word": similarity_word(similarity)}

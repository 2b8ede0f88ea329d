"""The calls that the page makes: parameters → JSON values or bytes."""

import os
from typing import Any

from fastdup.actions import DEFAULT_THRESHOLD
from fastdup.errors import ConfigError
from fastdup.explorer.atlas import Atlas
from fastdup.explorer.choices import Choices
from fastdup.explorer.collection import load_collection
from fastdup.explorer.finder import Finder
from fastdup.explorer.params import Params
from fastdup.explorer.pictures import SIDES, Pictures
from fastdup.explorer.planning import Planner
from fastdup.explorer.projection import has_umap
from fastdup.explorer.quality import told_metrics
from fastdup.explorer.views import Views
from fastdup.report.thumbnails import Failure
from fastdup.report.wording import failure_text, in_pieces

_HITS = 24


class Calls:
    """All that the page can ask for; each method is one call.

    Parameters
    ----------
    work_dir : str
        The folder of the run.

    Raises
    ------
    WorkDirError
        When there is no finished run.
    """

    def __init__(self, work_dir: str) -> None:
        self._collection = load_collection(work_dir)
        self._choices = Choices(self._collection)
        self._views = Views(self._collection, self._choices.judge)
        self._planner = Planner(self._collection, self._choices, self._views)
        self._pictures = Pictures(self._collection.paths)
        self._atlas = Atlas(self._collection)
        self._finder = Finder(work_dir)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return self._collection.n_images

    # --- looking ---------------------------------------------------------------------------

    def summary(self, _asked: Params) -> dict[str, Any]:
        """Return what the page needs to begin with."""
        collection = self._collection
        return {
            "work_dir": in_pieces(os.path.abspath(collection.work.root)),
            "images": collection.n_images,
            "bad": len(collection.bad),
            "pairs": len(collection.pairs.sources),
            "outliers": len(collection.outliers.sources),
            "threshold": collection.threshold,
            "lowest": collection.lowest,
            "copies_from": DEFAULT_THRESHOLD,
            "metrics": told_metrics(collection),
            "has_umap": has_umap(),
            "choices": self._choices.told(),
        }

    def groups(self, asked: Params) -> dict[str, Any]:
        """Return a page of groups."""
        order, find = asked.text("order", "size"), asked.text("find")
        return self._views.groups(self._threshold(asked), order, find, asked.page())

    def group(self, asked: Params) -> dict[str, Any]:
        """Return a page of the images of the group that an image is in."""
        return self._views.group(self._threshold(asked), asked.row("row"), asked.page())

    def pairs(self, asked: Params) -> dict[str, Any]:
        """Return a page of pairs."""
        order, find = asked.text("order", "similar"), asked.text("find")
        return self._views.pairs(self._threshold(asked), order, find, asked.page())

    def outliers(self, asked: Params) -> dict[str, Any]:
        """Return a page of outliers."""
        return self._views.outliers(asked.text("find"), asked.page())

    def quality(self, asked: Params) -> dict[str, Any]:
        """Return a page of images by a statistic."""
        return self._views.quality(asked.text("metric", "blur"), asked.text("find"), asked.page())

    def bad(self, asked: Params) -> dict[str, Any]:
        """Return a page of the files that could not be used."""
        return self._views.bad(asked.text("find"), asked.page())

    def image(self, asked: Params) -> dict[str, Any]:
        """Return what is known of an image; ``why`` and ``detail`` when it cannot be shown."""
        row = asked.row("row")
        told = self._views.image(row)
        picture = self._pictures.jpeg(row, SIDES[0])
        if isinstance(picture, Failure):
            told |= {"why": failure_text(picture.reason), "detail": in_pieces(picture.detail)}
        return told

    def difference(self, asked: Params) -> dict[str, Any]:
        """Return what differs between two images."""
        return self._pictures.difference(asked.row("first"), asked.row("second"))

    def picture(self, row: int, side: int) -> bytes | None:
        """Return an image as JPEG, None when there is none to show."""
        if not 0 <= row < self.n_images or side not in SIDES:
            return None
        picture = self._pictures.jpeg(row, side)
        return None if isinstance(picture, Failure) else picture

    def map(self, asked: Params) -> bytes:
        """Return the map; see `Atlas.drawn`."""
        grouped = self._views.grouping(self._threshold(asked)).is_grouped()
        return self._atlas.drawn(umap=asked.text("by") == "umap", grouped=grouped)

    def search(self, image: bytes) -> dict[str, Any]:
        """Return the stored images most similar to one in a file's bytes."""
        return self._views.hits(*self._finder.find(image, _HITS))

    # --- choosing --------------------------------------------------------------------------

    def rule(self, body: bytes) -> dict[str, Any]:
        """Choose what to keep by another rule."""
        told = Params.of_body(body, self.n_images)
        self._choices.set_rule(told.text("keep"), told.texts("prefer"), told.texts("never"))
        return self._choices.told()

    def decide(self, body: bytes) -> dict[str, Any]:
        """Keep or remove images by hand; an empty decision leaves them to the rule again."""
        told = Params.of_body(body, self.n_images)
        self._choices.decide(told.rows("rows"), told.text("decision") or None)
        return self._choices.told()

    def plan(self, body: bytes) -> dict[str, Any]:
        """Write the plan."""
        told = Params.of_body(body, self.n_images)
        return self._planner.make(self._threshold(told))

    def planned(self, asked: Params) -> dict[str, Any]:
        """Return what the last plan comes to, and a page of its groups."""
        return self._planner.summary() | self._planner.groups(asked.page())

    def plan_file(self) -> bytes:
        """Return the bytes of the plan's file."""
        return self._planner.content()

    def apply(self, body: bytes) -> dict[str, Any]:
        """Do what the last plan says, when the person says yes to that very plan."""
        told = Params.of_body(body, self.n_images)
        if not told.flag("confirmed"):
            raise ConfigError("nothing was done: it must be confirmed")
        done = self._planner.apply(told.text("digest"))
        self._pictures.forget()
        return done

    def close(self) -> None:
        """Close what is open."""
        self._pictures.close()

    def _threshold(self, asked: Params) -> float:
        return asked.similarity("threshold", self._collection.threshold)

"""The handlers of the page's requests: parameters → JSON values or bytes."""

import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from fastdup.actions.undo import undo
from fastdup.errors import ConfigError
from fastdup.explorer.bad_files import BadFiles
from fastdup.explorer.collection import load_collection
from fastdup.explorer.comparison import compare
from fastdup.explorer.current_plan import CurrentPlan
from fastdup.explorer.data_sets import DataSets
from fastdup.explorer.decisions import Decisions
from fastdup.explorer.exports import Exports
from fastdup.explorer.image_folders import image_folders
from fastdup.explorer.issues import Issues
from fastdup.explorer.lasting_decisions import LastingDecisions
from fastdup.explorer.map import PCA, CollectionMap, has_umap, made_of
from fastdup.explorer.map_colours import MapColours
from fastdup.explorer.params import Params
from fastdup.explorer.pictures import SIDES, Pictures
from fastdup.explorer.present import PresentImages
from fastdup.explorer.settings import chosen_settings
from fastdup.explorer.threshold_advice import ThresholdAdvice
from fastdup.explorer.views import Views
from fastdup.image_search import StoredImages
from fastdup.quantities import size_text
from fastdup.report.thumbnails import Failure
from fastdup.report.wording import failure_text, in_pieces, shared_root
from fastdup.workdir.decision_file import ON_ONE_FILE

_HITS = 24
#: What is said of two images of one burst, before what differs between them.
_OF_A_BURST = "another shot of a burst"


class Handlers:
    """All that the page can ask for; each method handles one kind of request.

    Parameters
    ----------
    work_dir : str
        The folder of the run.

    Attributes
    ----------
    looks, choices : mapping of str to callable
        Name of a request → its handler: of those that change nothing, and of those that do.

    Raises
    ------
    WorkDirError
        When there is no finished run.
    """

    def __init__(self, work_dir: str) -> None:
        self._work_dir = work_dir
        self._collection = load_collection(work_dir)
        self._decisions = Decisions(self._collection)
        self._present = PresentImages(self._collection.paths, self._collection.work.clean_journal)
        if self._present.was_cleaned():
            self._present.look()
        self._views = Views(self._collection, self._decisions.verdict, self._present)
        self._plan = CurrentPlan(self._collection, self._views)
        obey = [self._views.obey, self._decisions.obey, self._plan.obey]
        self._lasting = LastingDecisions(self._collection, obey)
        self._pictures = Pictures(self._collection.paths, self._collection.finding_of)
        self._issues = Issues(self._collection, self._views)
        self._bad_files = BadFiles(self._collection.bad, lambda: self._lasting.on_bad)
        self._data_sets = DataSets(self._collection, self._views)
        self._exports = Exports(
            self._collection,
            self._issues,
            self._data_sets,
            lambda row: self._lasting.decided.of_one(row),
        )
        self._map = CollectionMap(self._collection)
        self._colours = MapColours(self._collection, self._views, self._issues, self._data_sets)
        self._searching = threading.Lock()
        views = self._views
        self.looks: Mapping[str, Callable[[Params], Any]] = {
            "summary": self.summary,
            "groups": views.groups,
            "group": views.group,
            "pairs": views.pairs,
            "advice": ThresholdAdvice(work_dir).looked_up,
            "outliers": views.outliers,
            "quality": views.quality,
            "issues": self._issues.listed,
            "issue": self._issues.page,
            "bad": self._bad_files.page,
            **self._data_sets.looks,
            "image": self.image,
            "difference": self.difference,
            "compare": self.compare,
            "map": self.map,
            "legend": self._colours.legend,
            "marks": self.marks,
            "planned": self.planned,
            "decided": self.decided,
            "progress": self.progress,
        }
        self.choices: Mapping[str, Callable[[Params], Any]] = {
            "export": self._exports.file,
            "rule": self.rule,
            "decide": self.decide,
            "decide_bad": self.decide_bad,
            "undo": self.undo,
            "remember": self.remember,
            "forget": self.forget,
            "plan": self.plan,
            "apply": self.apply,
            "restore": self.restore,
        }

    @property
    def n_images(self) -> int:
        """Number of images."""
        return self._collection.n_images

    # --- looking ---------------------------------------------------------------------------

    def summary(self, _params: Params) -> dict[str, Any]:
        """Return what the page needs to begin with, after a look at what other programs did."""
        collection = self._collection
        self._lasting.follow()
        if self._present.was_cleaned():
            self._look_again()
        return {
            "work_dir": in_pieces(os.path.abspath(collection.work.root)),
            "root": self._root,
            "folders": self._folders,
            "images": collection.n_images,
            "bad": sum(not file.is_side_file() for file in collection.bad),
            "pairs": self._views.n_pairs,
            "outliers": self._views.n_outliers,
            "threshold": collection.threshold,
            "lowest": collection.lowest,
            "copies_from": self._plan.copies_from,
            "metrics": self._views.metrics(),
            **collection.photos.summary(),
            "has_umap": has_umap(),
            "map_by": made_of(collection),
            "choices": self._decisions.to_json(),
            "cleaned": os.path.exists(collection.work.clean_journal),
        }

    @cached_property
    def _root(self) -> str:
        return shared_root(self._collection.paths)

    @cached_property
    def _folders(self) -> list[tuple[str, int]]:
        return image_folders(self._collection.paths, self._root)

    def image(self, params: Params) -> dict[str, Any]:
        """Return what is known of an image; ``why`` and ``detail`` when it cannot be shown.

        ``side`` is that of the picture which is wanted: a small one may be remembered.
        """
        row, side = params.row("row"), params.whole("side", SIDES[0])
        image = self._views.image(row)
        picture = self._pictures.jpeg(row, side if side in SIDES else SIDES[0])
        if isinstance(picture, Failure):
            image |= {"why": failure_text(picture.reason), "detail": in_pieces(picture.detail)}
        return image

    def difference(self, params: Params) -> dict[str, Any]:
        """Return what differs between two images, and whether they are shots of one burst."""
        rows = params.row("first"), params.row("second")
        found = self._pictures.difference(*rows)
        if not self._collection.photos.bursts(rows):
            return found
        words = f"{_OF_A_BURST}: {found['text']}" if found.get("text") else _OF_A_BURST
        return found | {"text": words}

    def compare(self, params: Params) -> dict[str, Any]:
        """Return what is known of two images, and whether it differs."""
        first, second = params.row("first"), params.row("second")
        return compare(self._collection, self._pictures.sharper, first, second)

    def picture(self, row: int, side: int) -> bytes | None:
        """Return an image as JPEG: empty when it cannot be shown, None when there is none."""
        if not 0 <= row < self.n_images or side not in SIDES:
            return None
        picture = self._pictures.jpeg(row, side)
        return b"" if isinstance(picture, Failure) else picture

    def map(self, params: Params) -> bytes:
        """Return the map; see `CollectionMap.to_bytes`."""
        return self._map.to_bytes(params.text("by", PCA), self._colours.codes(params))

    def search(self, image: bytes) -> dict[str, Any]:
        """Return the copies of an image in a file's bytes, then the most similar other images."""
        with self._searching:
            stored = self._stored_images
            rows, similarities, are_copies = stored.nearest([stored.prepare(image)], _HITS)
        found = self._views.hits(rows[0], similarities[0])
        copies = set(rows[0][are_copies[0]].tolist())
        items = [hit | {"copy": int(hit["row"] in copies)} for hit in found["items"]]
        items.sort(key=lambda hit: -int(hit["copy"]))
        return {"total": len(items), "copies": sum(hit["copy"] for hit in items), "items": items}

    @cached_property
    def _stored_images(self) -> StoredImages:
        """What loads the model, at the first search."""
        return StoredImages(self._work_dir)

    # --- choosing --------------------------------------------------------------------------

    def rule(self, params: Params) -> dict[str, Any]:
        """Choose what goes and what is kept; see `chosen_settings`."""
        self._decisions.set_choice(chosen_settings(params))
        return self._decisions.to_json()

    def decide(self, params: Params) -> dict[str, Any]:
        """Keep or remove images; an empty decision leaves them to the rule again.

        ``rows`` are the images; or all of the group that the image ``row`` is in; or with
        ``matching`` all in groups that are looked for by ``find`` and the like.
        """
        decision = params.text("decision")
        if decision not in (*ON_ONE_FILE, ""):
            raise ConfigError(f"decision={decision!r} is not known: keep, remove or none")
        done = self._lasting.decide(self._chosen(params), decision)
        return {"rows": done["rows"], **self.progress(params)}

    def decide_bad(self, params: Params) -> dict[str, Any]:
        """Keep or remove the bad file of a ``number``; an empty decision forgets that."""
        decision = params.text("decision")
        if decision not in (*ON_ONE_FILE, ""):
            raise ConfigError(f"decision={decision!r} is not known: keep, remove or none")
        self._lasting.decide_on_bad(self._bad_files.path(params.whole("number")), decision)
        return self.progress(params)

    def undo(self, params: Params) -> dict[str, Any]:
        """Take back the last decision; see `LastingDecisions.undo`."""
        return self._lasting.undo() | self.progress(params)

    def progress(self, params: Params) -> dict[str, Any]:
        """Return how far the groups at a threshold are decided, and what is to be removed."""
        index = self._views.components_at(self._threshold(params))
        are_decided, are_removed = self._decisions.are_decided(), self._decisions.are_removed()
        sizes = self._collection.stats.get("file_size")
        freed = 0 if sizes is None else int(sizes[are_removed].sum())
        return {
            "groups": index.n_components,
            "decided_groups": int(np.count_nonzero(index.any_of(are_decided))),
            "decided_others": int(np.count_nonzero(are_decided & ~index.is_member())),
            "decided_bad": len(self._lasting.on_bad),
            "not_copies": self._lasting.n_not_copies,
            "by_hand": int(np.count_nonzero(are_decided)),
            "to_remove": int(np.count_nonzero(are_removed)),
            "freed": size_text(freed),
            "undo": self._lasting.to_undo(),
            "changes": self._lasting.n_changes,
        }

    def remember(self, params: Params) -> dict[str, Any]:
        """Decide that images are "not-copies", to "keep" or to "remove"; see `LastingDecisions`.

        ``rows`` are the images; or all of the group that the image ``row`` is in. With ``star``,
        that image is no copy of each of the others.
        """
        rows, is_star = self._chosen(params), params.flag("star")
        if is_star and rows:
            rows = [params.row("row"), *(row for row in rows if row != params.row("row"))]
        return self._lasting.decide(rows, params.text("decision"), is_star=is_star)

    def forget(self, params: Params) -> dict[str, Any]:
        """Forget what was decided for good, by its ``number`` in the list, or between ``rows``."""
        decision = params.text("decision")
        if params.text("digest"):
            number = params.whole("number")
            return self._lasting.forget_number(number, decision, params.text("digest"))
        return self._lasting.forget(params.rows("rows"), decision, is_star=params.flag("star"))

    def decided(self, params: Params) -> dict[str, Any]:
        """Return what is decided for good, the last decision first."""
        return self._lasting.page(params.page(), self._views.image)

    def _chosen(self, params: Params) -> list[int]:
        """Return the images ``rows``, or all of a group, or those that are looked for."""
        if params.flag("matching"):
            wanted = self._views.wanted(params)
            if wanted is None:
                raise ConfigError("nothing to look for: give find, camera, since or until")
            index = self._views.components_at(self._threshold(params))
            rows: list[int] = np.flatnonzero(wanted & index.is_member()).tolist()
            return rows
        return self._members(params) if params.has("row") else params.rows("rows")

    def _members(self, params: Params) -> list[int]:
        """Return the images of the group that the image ``row`` is in."""
        index = self._views.components_at(self._threshold(params))
        component = index.component_of(params.row("row"))
        return index.members(component).tolist() if component >= 0 else []

    def marks(self, params: Params) -> dict[str, Any]:
        """Return which images of the group that the image ``row`` is in a plan would take."""
        return {"goes": self._plan.marks(self._decisions.choice, self._members(params))}

    def plan(self, params: Params) -> dict[str, Any]:
        """Write the plan; a setting that is not given is as it was chosen last."""
        return self._plan.write(chosen_settings(params, self._decisions.choice))

    def planned(self, params: Params) -> dict[str, Any]:
        """Return what the last plan comes to, and a page of its groups."""
        return self._plan.summary() | self._plan.groups(params.page())

    def plan_file(self) -> bytes:
        """Return the bytes of the plan's file."""
        return self._plan.content()

    def apply(self, params: Params) -> dict[str, Any]:
        """Carry out the last plan, when the person says yes to that very plan."""
        if not params.flag("confirmed"):
            raise ConfigError("nothing was done: it must be confirmed")
        choice = chosen_settings(params, self._decisions.choice)
        try:
            return self._plan.apply(params.text("digest"), choice)
        finally:  # some files may be gone where it was broken off
            self._look_again()

    def restore(self, _params: Params) -> dict[str, Any]:
        """Put back what the last clean-up took away; ``lines`` say what was done."""
        try:
            report = undo(self._collection.work.root, last=True)
        finally:
            self._look_again()
        return {"lines": [in_pieces(line) for line in report.lines()]}

    def _look_again(self) -> None:
        """Show what is there now: files have gone, or come back."""
        self._pictures.forget()
        self._plan.forget()
        self._present.look()
        self._views.look_again()
        self._bad_files.look_again()

    def close(self) -> None:
        """Close what is open."""
        self._pictures.close()
        self._lasting.close()

    def _threshold(self, params: Params) -> float:
        return params.similarity("threshold", self._collection.threshold)

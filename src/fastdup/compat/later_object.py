"""The object with the methods, columns and settings of later releases."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup import dataset
from fastdup.compat.later_methods import LaterMethods
from fastdup.compat.later_options import warn_of
from fastdup.compat.later_search import SEARCH_MEANINGLESS, search_for
from fastdup.compat.later_visuals import Visuals
from fastdup.config import InputDir
from fastdup.dataset.fastdup import DEFAULT_WORK_DIR
from fastdup.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd

Path = str | os.PathLike[str]


def create(
    work_dir: Path | None = DEFAULT_WORK_DIR, input_dir: InputDir | None = None
) -> "Fastdup":
    """Return the object that runs on a collection and holds its results.

    This reads and writes nothing yet. If the folder holds a finished run, its results are
    available at once.

    Parameters
    ----------
    work_dir : path or None
        The work folder, new or with results; None: the folder ``work_dir``.
    input_dir : path, sequence of paths or None
        The images, as for `fastdup.run`; may also be given to `Fastdup.run`.
    """
    return Fastdup(DEFAULT_WORK_DIR if work_dir is None else work_dir, input_dir)


class Fastdup(LaterMethods, dataset.Fastdup):
    """A collection of images, its work folder, and the results in it.

    In the data frames, the columns named here come first. Those of later releases follow, as real
    columns: ``filename_from``, the annotations' columns, ``is_valid`` …; see docs/moving.md. Runs
    write the files of later releases too, unless ``compat_files=False``.

    Parameters
    ----------
    work_dir : path
        The work folder, new or with results.
    input_dir : path, sequence of paths or None
        The images.

    Attributes
    ----------
    vis : Visuals
        The galleries.
    """

    def __init__(self, work_dir: Path = DEFAULT_WORK_DIR, input_dir: InputDir | None = None):
        super().__init__(work_dir, input_dir)
        self.vis = Visuals(self._work_dir, self._annotations)

    def _given(self, options: dict[str, Any]) -> dict[str, Any]:
        # In later releases None stands for the default of an option.
        given = {name: value for name, value in options.items() if value is not None}
        return {"compat_files": True, **given}

    # --- data frames -------------------------------------------------------------------------

    def _of_pairs(self, frame: "pd.DataFrame", wanted: bool, *names: str) -> "pd.DataFrame":
        found: pd.DataFrame = self._columns.with_pair_columns(
            super()._of_pairs(frame, wanted, *names), self._known(wanted), self._run.row_of, *names
        )
        return found

    def _of_images(self, frame: "pd.DataFrame", wanted: bool) -> "pd.DataFrame":
        frame = super()._of_images(frame, wanted)
        found: pd.DataFrame = self._columns.with_image_columns(frame, self._known(wanted))
        return found

    def _of_members(self, frame: "pd.DataFrame", wanted: bool) -> "pd.DataFrame":
        frame = self._columns.with_rows(super()._of_images(frame, wanted), self._run.row_of)
        return self._of_images(self._of_groups(frame), wanted)

    def _of_groups(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        found: pd.DataFrame = self._columns.with_group_columns(frame)
        return found

    def _of_bad(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        frame = super()._of_bad(frame)
        if "index" not in frame:
            frame["index"] = -1  # there is no row of features
        frame["fd_index"] = frame["index"]
        return frame

    def connected_components_grouped(
        self,
        sort_by: str = "comp_size",
        ascending: bool = False,
        metric: str | None = None,
        group_by: str = "visual",
        **filters: Any,
    ) -> "pd.DataFrame":
        """Return one row per group of similar images, with the list of its files.

        Parameters
        ----------
        sort_by : str
            ``comp_size`` (or ``count``), ``mean_distance``, ``min_distance``, ``max_distance`` or
            ``component_id``.
        ascending : bool
            Smallest first.
        metric : str or None
            Another name of `sort_by`.
        group_by : {"visual", "label"}
            Groups as the run found them; or one for each label of the images in them.
        **filters
            As for `similarity`.

        Returns
        -------
        data frame
            ``component_id, files, count, mean_distance, min_distance, max_distance``; ``label``,
            a list, too when annotated; ``comp_size, len`` (the count), ``distance`` (the mean).
        """
        if group_by not in ("visual", "label"):
            raise ConfigError.not_among("group_by", group_by, ("visual", "label"), "visual")
        components, _ = self.connected_components(**filters)
        if group_by == "label":
            if "label" not in components:
                raise ConfigError("group_by='label' needs labels: run with annotations=")
            components = self._columns.regrouped_by_label(components)
        grouped: pd.DataFrame = self._frames.group(components, metric or sort_by, ascending)
        grouped = self._columns.with_group_columns(grouped)
        grouped["distance"] = grouped["mean_distance"]
        return grouped

    # --- settings ----------------------------------------------------------------------------

    @property
    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds, and each option of the last run by its name.

        ``input_dir`` and ``work_dir`` are those of the object, and ``d`` is the width of the
        features.
        """
        run = self._run
        own = {
            "work_dir": self._work_dir,
            "d": int(run.features.shape[1]),
            "cc_threshold": run.options["ccthreshold"],
        }
        if self._input_dir is not None:
            own["input_dir"] = self._input_dir
        return {**run.options, **own, **run.config}

    # --- search ------------------------------------------------------------------------------

    def init_search(self, k: int = 2, **options: Any) -> int:
        """Set how many images `search` returns. There is nothing else to prepare."""
        warn_of("init_search", options, SEARCH_MEANINGLESS)
        return super().init_search(k)

    def search(
        self,
        filename: Path | Sequence[Path] = "",
        k: Any = None,
        verbose: bool = False,
        img: Any = None,
        *,
        by: str = "copies",
        **options: Any,
    ) -> "pd.DataFrame":
        """Return the stored images most similar to the given ones.

        Parameters
        ----------
        filename : path or sequence of paths
            The query images; they need not belong to the collection. One that cannot be used is
            logged and left out.
        k : int or None
            Number of results per query; None: as set by `init_search`, else 2. A picture in its
            place is `img`, the second argument in later releases.
        verbose : bool
            Whether to log more.
        img : image, (h, w, 3) uint8 array or None
            One query, as Pillow or NumPy has it, in place of the file.
        by : {"copies", "content"}
            What is near: what may be a copy, or what looks to be of the same kind.
        **options
            Those of later releases that mean nothing here are named in a warning.

        Returns
        -------
        data frame
            ``from, to, distance``: the query, the stored image, and their similarity; most
            similar first.

        Raises
        ------
        SourceError
            When no query can be used.
        WorkDirError
            When there is no finished run, or its model is not available any more.
        """
        warn_of("search", options, SEARCH_MEANINGLESS)
        if hasattr(k, "__array_interface__") and not np.isscalar(k):  # an array, or Pillow's
            k, img = None, k
        return search_for(self, filename, img, k, verbose=bool(verbose), by=by)

    # --- what they share ---------------------------------------------------------------------

    @property
    def _columns(self) -> "ModuleType":
        self._require_pandas()
        from fastdup.compat import later_frames

        return later_frames

    def _known(self, wanted: bool) -> "pd.DataFrame | None":
        return self._annotations.table() if wanted else None

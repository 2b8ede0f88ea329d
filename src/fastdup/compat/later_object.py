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
from fastdup.dataset.labels import AnnotationSource, Split
from fastdup.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd
    from numpy.typing import ArrayLike

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
    columns: ``filename_from``, the annotations' columns, ``is_valid`` …; see docs/moving.md.

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

    def run(
        self,
        input_dir: InputDir | None = None,
        annotations: "AnnotationSource | None" = None,
        embeddings: "ArrayLike | None" = None,
        subset: Sequence[Path] | None = None,
        data_type: str = "image",
        overwrite: bool = False,
        **options: Any,
    ) -> int:
        """Find duplicates, near-duplicates, outliers and broken files; see `fastdup.run`.

        The files of later releases are written too, unless ``compat_files=False``.

        Parameters
        ----------
        input_dir : path, sequence of paths or None
            The images; None: those given to `create`, else those that `annotations` name.
        annotations : data frame, path, sequence of paths, or None
            A table with a column ``filename`` (full, or relative to `input_dir`) and usually
            ``label``, or the path of a CSV file. With boxes, in ``col_x, row_y, width, height``
            (or ``bbox_x, bbox_y, bbox_w, bbox_h``, or ``x, y, w, h``), these are compared. The
            path may be a COCO ``.json`` file, or a folder of YOLO text files.
        embeddings : (n, d) array or None
            Your own features, one row per file of `subset` or `annotations`. They are searched,
            and no image is read.
        subset : sequence of paths or None
            Run on these files only; full paths, or relative to `input_dir`.
        data_type : {"image", "infer", "bbox"}
            Boxes are compared if `annotations` has them; "bbox" refuses annotations without any.
        overwrite : bool
            Accepted for compatibility. A run always brings the results up to date.
        **options
            The options of `fastdup.run`, in any of their spellings.

        Returns
        -------
        int
            Always 0; errors are raised.

        Raises
        ------
        TypeError
            When an option is misspelt; the message names the most similar one.
        FastdupError
            When the run fails. Broken images do not make it fail; they are listed as bad.
        """
        # In later releases None stands for the default of an option.
        options = {name: value for name, value in options.items() if value is not None}
        options.setdefault("compat_files", True)
        return super().run(
            input_dir, annotations, embeddings, subset, data_type, overwrite, **options
        )

    # --- data frames -------------------------------------------------------------------------

    def similarity(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
    ) -> "pd.DataFrame":
        """Return the pairs at or above the threshold, most similar first.

        Parameters
        ----------
        data : bool
            Whether to add the annotations' columns.
        split : str, sequence of str or None
            Keep only images whose annotation has one of these in the column ``split``.
        include_unannotated : bool
            Whether to keep images without an annotation.
        load_crops : bool
            Accepted; nothing needs to be loaded.

        Returns
        -------
        data frame
            ``from, to, distance``, where the column called distance holds the similarity;
            ``label_from, label_to`` when annotated; ``filename_from, filename_to``, and each other
            column of the annotations with ``_from`` and ``_to``.
        """
        frame = super().similarity(data, split, include_unannotated, load_crops)
        found: pd.DataFrame = self._columns.with_pair_columns(
            frame, self._known(data), self._run.row_of, "from", "to"
        )
        return found

    def outliers(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
        fast_mode: bool = False,
    ) -> "pd.DataFrame":
        """Return the images that resemble no other, least similar first.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.
        fast_mode : bool
            Accepted; it is always fast.

        Returns
        -------
        data frame
            ``outlier, nearest, distance``; ``label_outlier, label_nearest`` when annotated;
            ``filename_outlier, filename_nearest``, and each other column of the annotations with
            ``_outlier`` and ``_nearest``.
        """
        frame = super().outliers(data, split, include_unannotated, load_crops)
        found: pd.DataFrame = self._columns.with_pair_columns(
            frame, self._known(data), self._run.row_of, "outlier", "nearest"
        )
        return found

    def connected_components(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
        fast_mode: bool = False,
    ) -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Return the groups of similar images: one row per image, and one row per group.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.
        fast_mode : bool
            Accepted; it is always fast.

        Returns
        -------
        components : data frame
            ``filename, component_id, count, mean_distance, min_distance, max_distance``; count is
            the number of images in the group; the annotations' columns; ``index`` (row of the
            features), ``comp_size, len`` (the count), ``error_code``, ``is_valid``.
        info : data frame
            ``component_id, count, mean, min, max, comp_size, len``.
        """
        frame, info = super().connected_components(data, split, include_unannotated, load_crops)
        frame = self._columns.with_rows(frame, self._run.row_of)
        frame = self._columns.with_group_columns(frame)
        frame = self._columns.with_image_columns(frame, self._known(data))
        return frame, self._columns.with_group_columns(info)

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

    def img_stats(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
    ) -> "pd.DataFrame":
        """Return the statistics of each good image.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.

        Returns
        -------
        data frame
            ``filename, width, height, mean, min, max, stdv, blur, unique, contrast, file_size,
            index``; the annotations' columns; ``error_code``, ``is_valid``.
        """
        frame = super().img_stats(data, split, include_unannotated, load_crops)
        found: pd.DataFrame = self._columns.with_image_columns(frame, self._known(data))
        return found

    def invalid_instances(self) -> "pd.DataFrame":
        """Return the files that could not be used: ``filename, error_code, is_valid, index``.

        ``error_code`` is the reason in ``features.bad.csv``, such as ``truncated``; ``is_valid`` is
        False; ``index`` is -1, for there is no row of features. The annotations' columns follow.
        """
        frame: pd.DataFrame = super().invalid_instances()
        frame = self._columns.with_image_columns(frame, self._known(True))
        if "index" not in frame:
            frame["index"] = -1
        frame["fd_index"] = frame["index"]
        return frame

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
        return search_for(self, filename, img, k, verbose=bool(verbose))

    # --- what they share ---------------------------------------------------------------------

    @property
    def _columns(self) -> "ModuleType":
        self._require_pandas()
        from fastdup.compat import later_frames

        return later_frames

    def _known(self, wanted: bool) -> "pd.DataFrame | None":
        return self._annotations.table() if wanted else None

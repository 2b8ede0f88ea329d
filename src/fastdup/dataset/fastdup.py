"""The object that notebooks hold: one work folder, what was run there and what came of it."""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastdup.actions import DEFAULT_KEEP, CleanReport, UndoReport, clean, export, find_leaks, undo
from fastdup.actions.exact import identical_files
from fastdup.actions.leaks import LEAKS_HEADER
from fastdup.api import SUCCESS, make_log_visible
from fastdup.config import SEARCH_ONLY, InputDir, RunConfig
from fastdup.dataset.labels import LABEL, Annotations, AnnotationSource, Split
from fastdup.dataset.mislabels import mislabelled
from fastdup.dataset.summary import summary_lines
from fastdup.dataset.visuals import Visuals
from fastdup.errors import ConfigError, MissingExtraError
from fastdup.progress import choose_progress
from fastdup.search import read_config, read_options, search_images
from fastdup.spellings import resolve_options
from fastdup.workdir import WorkDir, load_binary_feature, save_binary_feature

if TYPE_CHECKING:
    from types import ModuleType

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from fastdup.explorer import Explorer

logger = logging.getLogger(__name__)

DEFAULT_WORK_DIR = "work_dir"
_DATA_TYPES = ("bbox", "image", "infer")
_OWN_OPTIONS = ("annotations", "data_type", "embeddings", "overwrite", "subset")

Path = str | os.PathLike[str]


def create(work_dir: Path = DEFAULT_WORK_DIR, input_dir: InputDir | None = None) -> "Fastdup":
    """Return the object that runs on a collection and holds its results.

    Nothing is read or written yet. A folder that holds a finished run can be asked at once.

    Parameters
    ----------
    work_dir : path
        Where the results go, or are.
    input_dir : path, sequence of paths or None
        The images, as for `fastdup.run`; may also be given to `Fastdup.run`.
    """
    return Fastdup(work_dir, input_dir)


class Fastdup:
    """A collection of images, its work folder and the results there.

    Parameters
    ----------
    work_dir : path
        Where the results go, or are.
    input_dir : path, sequence of paths or None
        The images.

    Attributes
    ----------
    vis : Visuals
        The galleries.
    """

    def __init__(self, work_dir: Path = DEFAULT_WORK_DIR, input_dir: InputDir | None = None):
        self._work_dir = os.fspath(work_dir)
        self._input_dir = input_dir
        self._annotations = Annotations(self._work_dir)
        self._n_hits = 2
        self.vis = Visuals(self._work_dir, self._annotations)

    def __repr__(self) -> str:
        return f"fastdup.create(work_dir={self._work_dir!r}, input_dir={self._input_dir!r})"

    @property
    def work_dir(self) -> str:
        """The folder that holds the results."""
        return self._work_dir

    @property
    def input_dir(self) -> InputDir | None:
        """The images, None when only results are looked at."""
        return self._input_dir

    @property
    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds: options, model, counts and seconds of the last run."""
        return read_config(self._work_dir)

    # --- running ---------------------------------------------------------------------------

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
        """Find duplicates, near-duplicates, outliers and broken files.

        Parameters
        ----------
        input_dir : path, sequence of paths or None
            The images; None: those given to `create`, else those that `annotations` name.
        annotations : data frame, path, or None
            Has a column ``filename`` (full, or relative to `input_dir`) and usually ``label``. Kept
            in the work folder, so that labels are there when it is opened again. The path is that
            of a CSV file. With the columns ``col_x, row_y, width, height``, the images are the
            boxes and nothing else; so they are when the path is that of a COCO ``.json`` file or
            of a folder of YOLO's text files.
        embeddings : (n, d) array or None
            Features of one's own, one row per file of `subset` or of `annotations`; they are
            searched and no image is read.
        subset : sequence of paths or None
            Only these files, full or relative to `input_dir`.
        data_type : {"image", "infer", "bbox"}
            Accepted: boxes are compared when `annotations` has them, else whole images.
        overwrite : bool
            Accepted; a run always brings the results up to date.
        **options
            Those of `fastdup.run`, in any of their spellings.

        Returns
        -------
        int
            0; whatever goes wrong is raised.

        Raises
        ------
        TypeError
            When an option is misspelt; the message names the nearest real one.
        FastdupError
            When the run cannot be done. Broken images are no such reason; they are listed.
        """
        from fastdup.pipeline import run_pipeline  # loads the whole machinery

        resolved = resolve_options(options, also=_OWN_OPTIONS)
        _check_data_type(data_type)
        if "work_dir" in resolved:
            raise TypeError("run() takes no work_dir: give it to fastdup.create(work_dir=…)")
        version = resolved.pop("version", False)
        make_log_visible(verbose=bool(version or resolved.get("verbose", False)))
        if input_dir is not None:
            self._input_dir = input_dir
        if annotations is not None:
            self._require_pandas()
            self._annotations.set(annotations, self._input_dir)
        inputs = self._inputs(subset)
        if embeddings is not None:
            save_binary_feature(self._work_dir, _as_files(inputs), embeddings)
            resolved |= {"run_mode": SEARCH_ONLY}
        config = RunConfig(input_dir=inputs, work_dir=self._work_dir, **resolved)
        for line in run_pipeline(config, choose_progress()).lines():
            logger.info("%s", line)
        self._annotations.store()
        return SUCCESS

    def _inputs(self, subset: Sequence[Path] | None) -> InputDir:
        """Return what to run on: the subset, the input folder, or what is annotated."""
        if subset is not None:
            return [
                self._annotations.full_path(os.fspath(name), self._input_dir) for name in subset
            ]
        if self._input_dir is not None and not self._annotations.has_boxes:
            return self._input_dir
        if files := self._annotations.filenames():
            return files
        raise ConfigError(
            "there are no images to run on: fastdup.create(input_dir='images/', work_dir='out')"
        )

    # --- data frames -----------------------------------------------------------------------

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
            Whether to add the labels when annotated.
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
            ``label_from, label_to`` too when annotated.
        """
        frame = self._frames.read_pairs(self._work.similarity)
        frame = self._kept(frame, ("from", "to"), split, include_unannotated)
        return self._labelled(frame, data, {"label_from": "from", "label_to": "to"})

    def outliers(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
    ) -> "pd.DataFrame":
        """Return the images that resemble no other, least similar first.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.

        Returns
        -------
        data frame
            ``outlier, nearest, distance``; ``label_outlier, label_nearest`` too when annotated.
        """
        frame = self._frames.read_outliers(self._work.outliers)
        frame = self._kept(frame, ("outlier",), split, include_unannotated)
        columns = {"label_outlier": "outlier", "label_nearest": "nearest"}
        return self._labelled(frame, data, columns)

    def connected_components(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
    ) -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Return the groups of similar images: one row per image, and one row per group.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.

        Returns
        -------
        components : data frame
            ``filename, component_id, count, mean_distance, min_distance, max_distance``; count is
            the number of images in the group; ``label`` too when annotated.
        info : data frame
            ``component_id, count, mean, min, max``.
        """
        frame = self._frames.read_components(self._work.components)
        frame = self._kept(frame, ("filename",), split, include_unannotated)
        info = self._frames.read_component_info(self._work.component_info)
        return self._labelled(frame, data, {"label": "filename"}), info

    def connected_components_grouped(
        self, sort_by: str = "comp_size", ascending: bool = False, **filters: Any
    ) -> "pd.DataFrame":
        """Return one row per group of similar images, with the list of its files.

        Parameters
        ----------
        sort_by : str
            ``comp_size`` (or ``count``), ``mean_distance``, ``min_distance``, ``max_distance`` or
            ``component_id``.
        ascending : bool
            Smallest first.
        **filters
            As for `similarity`.

        Returns
        -------
        data frame
            ``component_id, files, count, mean_distance, min_distance, max_distance``; ``label``,
            a list, too when annotated.
        """
        components, _ = self.connected_components(**filters)
        grouped: pd.DataFrame = self._frames.group(components, sort_by, ascending)
        return grouped

    def invalid_instances(self) -> "pd.DataFrame":
        """Return the files that could not be used: ``filename, error_code, is_valid``.

        ``error_code`` is the reason in ``features.bad.csv``, such as ``truncated``; ``is_valid`` is
        False.
        """
        frame = self._frames.read_bad(self._work.bad_csv)
        return self._labelled(frame, True, {"label": "filename"})

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
            index``; ``label`` too when annotated.
        """
        frame = self._frames.read_stats(self._work.stats)
        frame = self._kept(frame, ("filename",), split, include_unannotated)
        return self._labelled(frame, data, {"label": "filename"})

    def annotations(self, valid_only: bool = True) -> "pd.DataFrame":
        """Return the annotations of the listed images, with what became of each file.

        Parameters
        ----------
        valid_only : bool
            Leave out files that could not be used.

        Returns
        -------
        data frame
            ``filename``, the columns that were given, ``index`` (row of the features, -1 without
            one), ``error_code`` (empty for a good file), ``is_valid``.
        """
        listed = self._frames.read_listed(self._work.features_csv, self._work.bad_csv)
        frame = self._annotations.join(listed)
        return frame[frame["is_valid"]].reset_index(drop=True) if valid_only else frame

    def exact_duplicates(self) -> "pd.DataFrame":
        """Return the files that are copies of others byte for byte: ``from, to, distance``.

        Each ``to`` has the very bytes of its ``from``, the first such file of the listing; so
        whatever is in the column ``to`` is stored twice. ``distance`` is 1.
        """
        stats = self._frames.read_stats(self._work.stats)
        sizes = zip(stats["filename"], stats["file_size"], strict=True)
        rows = [(first, copy, 1.0) for first, copy in identical_files(sizes)]
        frame = self._frames.pairs_of(rows)
        return self._labelled(frame, True, {"label_from": "from", "label_to": "to"})

    def mislabels(
        self, k: int = 5, least_share: float = 0.5, label_col: str = LABEL
    ) -> "pd.DataFrame":
        """Return the images whose neighbours carry another label, the surest first.

        Parameters
        ----------
        k : int
            Neighbours to ask; they count by their similarity. Those less similar than the run's
            ``lower_threshold`` are not asked.
        least_share : float
            How much of the neighbours' weight must be for one other label, 0 to 1, exclusive.
        label_col : str
            Which column of the annotations holds the labels.

        Returns
        -------
        data frame
            ``filename, label, suggested, score, nearest, distance``: the image, its label, the one
            that its neighbours suggest, the share of their weight for it, the nearest image with
            that label, and the similarity to it.

        Raises
        ------
        ConfigError
            When no image has a label, or an option is out of range.
        """
        self._require_pandas()
        rows = mislabelled(
            self._work_dir, self._annotations.labels(label_col), k=k, least_share=least_share
        )
        frame: pd.DataFrame = self._frames.mislabels_of(rows)
        return frame

    def video_pairs(self) -> "pd.DataFrame":
        """Return the pairs of videos whose frames match, those with the largest share first.

        Returns
        -------
        data frame
            ``from, to, similarity, share_from, share_to, frames_from, frames_to``: mean similarity
            of the frames that match, which share of each video's frames that is, and how many
            frames each has. Empty when there are no videos.
        """
        frame: pd.DataFrame = self._frames.read_videos(self._work.videos)
        return frame

    # --- features and search ----------------------------------------------------------------

    def embeddings(
        self, d: int | None = None, as_df: bool = False
    ) -> "tuple[list[str], NDArray[np.float32]] | pd.DataFrame":
        """Return the stored features and whose they are.

        Parameters
        ----------
        d : int or None
            Width that they must have.
        as_df : bool
            As a data frame, ``filename`` and one column for each of the d values.

        Returns
        -------
        paths : list of str
            The n images' full paths.
        features : (n, d) float32 array
            Memory-mapped, read-only.
        """
        paths, features = load_binary_feature(self._work.features)
        if d not in (None, features.shape[1]):
            raise ConfigError(f"d={d}, but the features have width {features.shape[1]}")
        return self._frames.feature_frame(paths, features) if as_df else (paths, features)

    def init_search(self, k: int = 2, **_prepared: Any) -> int:
        """Set how many images `search` returns; nothing needs to be prepared."""
        self._n_hits = k
        return SUCCESS

    def search(
        self, filename: Path | Sequence[Path], k: int | None = None, verbose: bool = False
    ) -> "pd.DataFrame":
        """Return the stored images nearest to new ones, which need not belong to the collection.

        Parameters
        ----------
        filename : path or sequence of paths
            The new image, or several. One that cannot be used is told of and left out.
        k : int or None
            How many for each; None: as `init_search` said, 2 unless told otherwise.
        verbose : bool
            Tell more.

        Returns
        -------
        data frame
            ``from, to, distance``: the query, the stored image, their similarity; nearest first.

        Raises
        ------
        SourceError
            When no query can be used.
        WorkDirError
            When there is no finished run, or its model is no longer at hand.
        """
        make_log_visible(verbose=verbose)
        given = [filename] if isinstance(filename, str | os.PathLike) else filename
        k = self._n_hits if k is None else k
        hits = search_images(self._work_dir, [os.fspath(query) for query in given], k)
        return self._labelled(self._frames.pairs_of(hits), True, {"label_to": "to"})

    # --- acting on copies --------------------------------------------------------------------

    def clean(self, keep: str = DEFAULT_KEEP, **options: Any) -> CleanReport:
        """Plan which copies go and which file of each group stays; ``apply=True`` carries it out.

        Parameters
        ----------
        keep : {"largest", "sharpest", "oldest", "newest", "shortest-path"}
            Which file of a group stays.
        **options
            Those of `fastdup.clean`: ``threshold``, ``never``, ``prefer``, ``exact``, ``action``, …
        """
        return clean(self._work_dir, keep, **options)

    def undo(self, last: bool = False) -> UndoReport:
        """Put back what `clean` took away; see `fastdup.undo`."""
        return undo(self._work_dir, last=last)

    def export(self, output: Path, format: str = "csv", **choice: Any) -> str:
        """Write the groups of copies for other tools, and return the file; see `fastdup.export`."""
        return export(self._work_dir, output, format, **choice)

    def leaks(
        self,
        test: Path | Sequence[Path] = (),
        split: str = "split",
        threshold: float | None = None,
    ) -> "pd.DataFrame":
        """Return the pairs of similar images in different splits, most similar first.

        Parameters
        ----------
        test, split, threshold
            As for `fastdup.find_leaks`.

        Returns
        -------
        data frame
            ``from, to, distance, split_from, split_to``; ``from`` is of the smaller split.
        """
        found = find_leaks(self._work_dir, test=test, split=split, threshold=threshold)
        frame: pd.DataFrame = self._frames.pairs_of(found.leaks, LEAKS_HEADER)
        return frame

    # --- summary ---------------------------------------------------------------------------

    def summary(
        self,
        verbose: bool = True,
        blur_threshold: float = 150.0,
        brightness_threshold: float = 253.0,
        darkness_threshold: float = 4.0,
    ) -> list[str]:
        """Return what was found, as lines to read; they are logged too.

        Parameters
        ----------
        verbose : bool
            Whether to log them.
        blur_threshold : float
            Images whose ``blur`` is below are counted as blurry.
        brightness_threshold, darkness_threshold : float
            Images whose ``mean`` is above, or below, are counted as bright, or dark.
        """
        lines = summary_lines(
            self.config,
            self._work,
            blurry_below=blur_threshold,
            bright_above=brightness_threshold,
            dark_below=darkness_threshold,
        )
        if verbose:
            make_log_visible(verbose=False)
            for line in lines:
                logger.info("%s", line)
        return lines

    # --- looking and choosing -----------------------------------------------------------------

    def explore(self, port: int = 0, browser: bool = False) -> "Explorer":
        """Return a local page over the results, served until its ``stop()`` is called.

        In a notebook it shows a link to itself.

        Parameters
        ----------
        port : int
            Where to serve, on this machine alone; 0: any free port.
        browser : bool
            Whether to open the page at once.

        Raises
        ------
        MissingExtraError
            When the web library is not installed.
        WorkDirError
            When there is no finished run.
        """
        from fastdup.explorer import Explorer

        explorer = Explorer(self._work_dir, port)
        if browser:
            explorer.open_browser()
        return explorer

    # --- what they share ---------------------------------------------------------------------

    @property
    def _work(self) -> WorkDir:
        """Where the files of the last run are."""
        options: Mapping[str, Any] = read_options(self._work_dir)
        return WorkDir(self._work_dir, options["features_out_file"])

    @property
    def _frames(self) -> "ModuleType":
        """The module that makes data frames; loaded on first use, for pandas is slow to import."""
        self._require_pandas()
        from fastdup.dataset import frames

        return frames

    @staticmethod
    def _require_pandas() -> None:
        try:
            import pandas  # noqa: F401
        except ImportError as exc:
            raise MissingExtraError.needed_for("a data frame", extra="notebook") from exc

    def _kept(
        self,
        frame: "pd.DataFrame",
        columns: Sequence[str],
        split: Split,
        include_unannotated: bool,
    ) -> "pd.DataFrame":
        """Return the rows whose images, in all `columns`, were asked for."""
        kept: pd.DataFrame = self._frames.keep(
            frame, columns, self._annotations.chosen(split, include_unannotated)
        )
        return kept

    def _labelled(
        self, frame: "pd.DataFrame", wanted: bool, columns: Mapping[str, str]
    ) -> "pd.DataFrame":
        """Add the label of the image in each of the columns, when annotated."""
        labels = self._annotations.labels()
        if wanted and labels:
            for new, of in columns.items():
                frame[new] = self._frames.look_up(frame[of], labels)
        return frame


def _check_data_type(data_type: str) -> None:
    if data_type not in _DATA_TYPES:
        raise ConfigError(f"data_type={data_type!r} is not known: try data_type='image'")


def _as_files(inputs: InputDir) -> Sequence[Path]:
    if isinstance(inputs, str | os.PathLike):
        raise ConfigError("embeddings need annotations= or subset=: the file of each row")
    return inputs

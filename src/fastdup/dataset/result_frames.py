"""A finished work folder, as data frames."""

import logging
import os
from typing import TYPE_CHECKING, Any

from fastdup.actions.exact_duplicates import identical_files
from fastdup.api import make_log_visible
from fastdup.dataset.arrow_results import ArrowResults
from fastdup.dataset.label_results import LabelResults
from fastdup.dataset.labels import Split
from fastdup.dataset.summary_lines import SummaryLines, summary_lines
from fastdup.errors import ConfigError
from fastdup.runs.tables import COMPONENT_INFO, COMPONENTS, OUTLIER_SCORES, SIMILARITY, VIDEOS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]


class Results(LabelResults, ArrowResults):
    """The results in a work folder.

    Parameters
    ----------
    work_dir : path
        Where they are, or will be.
    """

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
        frame = self._frames.read(self._run, SIMILARITY)
        frame = self._annotations.keep(frame, ["from", "to"], split, include_unannotated)
        return self._of_pairs(frame, data, "from", "to")

    def outliers(
        self,
        data: bool = True,
        split: Split = None,
        include_unannotated: bool = True,
        load_crops: bool = False,
        fast_mode: bool = False,
    ) -> "pd.DataFrame":
        """Return the images that stand apart from all others, least similar first.

        Parameters
        ----------
        data, split, include_unannotated, load_crops
            As for `similarity`.
        fast_mode : bool
            Accepted; it is always fast.

        Returns
        -------
        data frame
            ``outlier, nearest, distance``; ``label_outlier, label_nearest`` too when annotated.
        """
        frame = self._frames.read_outliers(self._run)
        frame = self._annotations.keep(frame, ["outlier"], split, include_unannotated)
        return self._of_pairs(frame, data, "outlier", "nearest")

    def outlier_scores(
        self, data: bool = True, split: Split = None, include_unannotated: bool = True
    ) -> "pd.DataFrame":
        """Return how close each image is to the others, the one that stands apart most first.

        Parameters
        ----------
        data, split, include_unannotated
            As for `similarity`.

        Returns
        -------
        data frame
            ``filename, score, nearest, distance``: the mean similarity to the 20 nearest images,
            copies left out, the nearest of them and the similarity to it; ``label`` too when
            annotated.
        """
        frame = self._frames.read(self._run, OUTLIER_SCORES)
        frame = self._annotations.keep(frame, ["filename"], split, include_unannotated)
        return self._labelled(frame, data, {"label": "filename"})

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
            the number of images in the group; ``label`` too when annotated.
        info : data frame
            ``component_id, count, mean, min, max``.
        """
        run = self._run
        frame = self._frames.read(run, COMPONENTS)
        frame = self._annotations.keep(frame, ["filename"], split, include_unannotated)
        info = self._frames.read(run, COMPONENT_INFO)
        return self._of_members(frame, data), self._of_groups(info)

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
        frame = self._frames.read_bad(self._run)
        return self._of_bad(frame)

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
        frame = self._frames.read_stats(self._run)
        frame = self._annotations.keep(frame, ["filename"], split, include_unannotated)
        return self._of_images(frame, data)

    def metadata(
        self, data: bool = True, split: Split = None, include_unannotated: bool = True
    ) -> "pd.DataFrame":
        """Return what each good image's file says of it: when and where it was taken, and how.

        Parameters
        ----------
        data, split, include_unannotated
            As for `similarity`.

        Returns
        -------
        data frame
            ``filename``, then the columns of `Metadata <fastdup.metadata.Metadata>`: ``taken,
            taken_from, camera, lens, latitude, longitude, rating, software, encoder, quality,
            subsampling, is_progressive, bits, frames, has_alpha, has_profile, has_thumbnail,
            lowest, highest``;
            ``label`` too when annotated. What a file does not say is empty or missing.
        """
        frame = self._frames.read_metadata(self._run)
        frame = self._annotations.keep(frame, ["filename"], split, include_unannotated)
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
        listed = self._frames.read_listed(self._run)
        frame = self._annotations.join(listed)
        return frame[frame["is_valid"]].reset_index(drop=True) if valid_only else frame

    def exact_duplicates(self) -> "pd.DataFrame":
        """Return the files that are copies of others byte for byte: ``from, to, distance``.

        Each ``to`` has the very bytes of its ``from``, the first such file of the listing; so
        whatever is in the column ``to`` is stored twice. ``distance`` is 1.
        """
        stats = self._run.stats("filename", "file_size", needed=True)
        sizes = zip(stats["filename"], stats["file_size"], strict=True)
        rows = [(first, copy, 1.0) for first, copy in identical_files(sizes)]
        frame = self._frames.frame_of(rows)
        return self._labelled(frame, True, {"label_from": "from", "label_to": "to"})

    def video_pairs(self) -> "pd.DataFrame":
        """Return the pairs of videos whose frames match, those with the largest share first.

        Returns
        -------
        data frame
            ``from, to, similarity, share_from, share_to, frames_from, frames_to, start_from,
            end_from, start_to, end_to``: mean similarity of the frames that match, which share of
            each video's frames that is, how many frames each has, and the times, in seconds, of
            the longest part that both have. Empty when there are no videos.
        """
        frame: pd.DataFrame = self._frames.read(self._run, VIDEOS)
        return frame

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
        run = self._run
        paths, features = run.paths, run.features
        if d not in (None, features.shape[1]):
            raise ConfigError(f"d={d}, but the features have width {features.shape[1]}")
        return self._frames.feature_frame(paths, features) if as_df else (paths, features)

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
            self._run,
            blurry_below=blur_threshold,
            bright_above=brightness_threshold,
            dark_below=darkness_threshold,
        )
        if verbose:
            make_log_visible(verbose=False)
            for line in lines:
                logger.info("%s", line)
        return SummaryLines(lines, are_shown=verbose)

"""A finished run: the one way to open a work folder and read what is in it."""

import os
from collections.abc import Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import FloatArray, IntArray
from fastdup.config.machine import available_cores
from fastdup.errors import Reason, WorkDirError
from fastdup.index import Resources, SearchOptions, self_join
from fastdup.index.join import SelfJoin
from fastdup.metadata import Metadata
from fastdup.runs.config_file import holds_search, options_of
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows, decided_rows
from fastdup.runs.decided_tables import table_blocks, unknown_image
from fastdup.runs.tables import (
    BAD,
    BY_SEARCH,
    METADATA,
    OUTLIERS,
    SIMILARITY,
    STATS,
    VERDICTS,
    Schema,
    labels_schema,
)
from fastdup.scale import Scale
from fastdup.sources import ReaderOptions, UriReader
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import mtimes_and_sizes
from fastdup.workdir.csv_files import read_table
from fastdup.workdir.features import FEATURES_HEADER, load_binary_feature
from fastdup.workdir.last_run import read_config

if TYPE_CHECKING:
    from fastdup.judging import PairLookup, PairsOnRequest

Columns = tuple[Sequence[Any], ...]

NO_PAIRS = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


class BadFile(NamedTuple):
    """A listed file that could not be used, and why."""

    filename: str
    reason: str
    detail: str

    def is_side_file(self) -> bool:
        """Return whether it is not meant to be an image."""
        return self.reason == Reason.SIDE_FILE


class FinishedRun:
    """What the last run in a work folder left there; files are read when they are asked for.

    Parameters
    ----------
    work_dir : path
        The folder.

    Attributes
    ----------
    config : dict
        The content of ``config.json``.
    options : mapping
        Of the run; those that ``config.json`` leaves out are at their defaults.
    work : WorkDir
        Where its files are.

    Raises
    ------
    WorkDirError
        When there is no finished run. Whatever is read later raises it when a file is missing or
        damaged, or names what is none of the run's images.
    """

    def __init__(self, work_dir: str | os.PathLike[str]) -> None:
        self.config = read_config(os.fspath(work_dir))
        self.options = options_of(self.config)
        self.work = WorkDir(os.fspath(work_dir), self.options["features_out_file"])

    # --- the images ------------------------------------------------------------------------

    @property
    def paths(self) -> list[str]:
        """The n good images as listed, in row order."""
        return self._stored[0]

    @property
    def features(self) -> NDArray[np.float32]:
        """Their features, an (n, d) float32 array; memory-mapped, read-only."""
        return self._stored[1]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Path → row."""
        return {path: row for row, path in enumerate(self.paths)}

    @cached_property
    def _stored(self) -> tuple[list[str], NDArray[np.float32]]:
        return load_binary_feature(self.work.features)

    def mtimes_and_sizes(self) -> tuple[IntArray, IntArray] | None:
        """Return when each file was last changed, in ns, and its size in bytes, as the run saw it.

        Returns
        -------
        two (n,) int64 arrays, or None
            -1 for what is not known of a file; None when nothing is known, as of features of
            one's own.
        """
        return mtimes_and_sizes(self.work, len(self.paths))

    # --- the tables ------------------------------------------------------------------------

    @property
    def has_searched(self) -> bool:
        """Whether these features were searched; else what an earlier run found is of others."""
        return holds_search(self.config)

    def columns(self, table: Schema, *names: str) -> Columns:
        """Return the columns `names` of a table, or else all, each a sequence of its values.

        Raises
        ------
        WorkDirError
            When the last run did not search, or the file is missing or damaged, or names what is
            none of the run's images.
        """
        whole: tuple[list[Any], ...] = tuple([] for _ in names or table.columns)
        for block in table_blocks(self, table, *names):
            for column, more in zip(whole, block, strict=True):
                column.extend(more)
        return whole

    def table_path(self, table: Schema) -> str:
        """Return where a table is.

        Raises
        ------
        WorkDirError
            When a search writes it, and the last run did not search.
        """
        if table.written_by == BY_SEARCH and not self.has_searched:
            raise WorkDirError(
                f"the last run in {self.work.root} only extracted features: run with run_mode=2 "
                "to find pairs, groups and outliers"
            )
        return table.path(self.work)

    def pairs(self, threshold: float = 0.0) -> Pairs:
        """Return the pairs of ``similarity.csv`` that reach `threshold`, most similar first.

        Those that a person has decided to be no copies since the run are left out.
        """
        return self.decided.pruned(self.found_pairs(threshold))

    def found_pairs(self, threshold: float = 0.0) -> Pairs:
        """Return the same, whatever was decided since."""
        blocks = []
        for block in SIMILARITY.read_blocks(self.table_path(SIMILARITY)):
            blocks.append(self._pairs(SIMILARITY, block))
            if blocks[-1].similarities[-1] < threshold:  # the rest is less similar still
                break
        pairs = Pairs(*map(np.concatenate, zip(NO_PAIRS, *blocks, strict=True)))
        return pairs.picked(pairs.similarities >= threshold)

    def copies(self, threshold: float = 0.0) -> Pairs:
        """Return the pairs that reach `threshold` and may be copies, most similar first."""
        pairs = self.pairs(threshold)
        return pairs.picked(self.verdicts.are_copies(pairs.sources, pairs.targets))

    def outliers(self) -> Pairs:
        """Return each outlier and its nearest image, least similar first."""
        columns = OUTLIERS.read_columns(self.table_path(OUTLIERS))
        return self._pairs(OUTLIERS, columns)

    def stats(self, *names: str, needed: bool = False) -> dict[str, Sequence[Any]]:
        """Return the columns `names` of ``stats.csv``, or else all numbers; row i is of image i.

        Where features of one's own were searched, the images were not measured: the table is
        missing, or that of other images.

        Returns
        -------
        dict of str to sequence
            Empty when these images were not measured.

        Raises
        ------
        WorkDirError
            When the table is damaged; or, if they are `needed`, when there are no statistics.
        """
        return self._of_images(STATS, "statistics", names, needed)

    def metadata_columns(self, *names: str, needed: bool = False) -> dict[str, Sequence[Any]]:
        """Return columns of ``metadata.csv`` as `stats` does those of ``stats.csv``."""
        return self._of_images(METADATA, "metadata", names, needed)

    def metadata_of(self, row: int) -> Metadata:
        """Return what one image's file says of it; nothing if it was not read."""
        return Metadata(*(column[row] for column in self._metadata))

    @cached_property
    def _metadata(self) -> Columns:
        return tuple(self.metadata_columns().values())

    def _of_images(
        self, table: Schema, what: str, names: Sequence[str], needed: bool
    ) -> dict[str, Sequence[Any]]:
        names = names or [name for name in table.columns if name not in FEATURES_HEADER]
        path = table.path(self.work)
        if os.path.exists(path):
            of, *columns = self.columns(table, "filename", *names)
            if list(of) == self.paths:
                return dict(zip(names, columns, strict=True))
            missing = f"there are no {what} of these images in {path}"
        else:
            missing = f"there is no {path}, so these images have no {what}"
        if needed:
            raise WorkDirError(f"{missing}: a run with {table.written_by} writes them")
        return {}

    def bad(self) -> list[BadFile]:
        """Return the files that could not be used, in listing order."""
        return [BadFile(*row) for row in BAD.read(self.work.bad_csv)]

    def labels(self, column: str = "label") -> dict[str, str] | None:
        """Return path → label, of the images that have one; None where there is no such column."""
        return stored_labels(self.work.root, column)

    @cached_property
    def decided(self) -> DecidedRows:
        """What a person decided on the images, as of the first use."""
        return self.read_decided()

    def read_decided(self) -> DecidedRows:
        """Return what a person decided on the images, as of now.

        Raises
        ------
        WorkDirError
            When ``decisions.csv`` is damaged.
        """
        if not os.path.lexists(self.work.decisions):
            return NOTHING_DECIDED
        with closing(self.open_reader()) as reader:
            return decided_rows(self.work, self.paths, reader)[0]

    # --- similarities ----------------------------------------------------------------------

    @property
    def threshold(self) -> float:
        """Smallest similarity of a pair that the run reported, inclusive."""
        return float(self.options["threshold"])

    @cached_property
    def scale(self) -> Scale:
        """From raw similarities to those of ``similarity.csv``."""
        return Scale.of(self.work, self.options["model_path"], self.options["distance"])

    def similarity(self, row: int, others: IntArray) -> FloatArray:
        """Return the similarities of one image with several, as ``similarity.csv`` would."""
        return self.verdicts.similarities(row, others, self._plain_similarity)

    def copy_similarity(self, row: int, others: IntArray) -> FloatArray:
        """Return the same, but 0 with those found, or decided, to be no copies."""
        return self.decided.parted(self.found_copy_similarity)(row, others)

    def found_copy_similarity(self, row: int, others: IntArray) -> FloatArray:
        """Return the same, whatever was decided."""
        return self.verdicts.copy_similarities(row, others, self._plain_similarity)

    def _plain_similarity(self, row: int, others: IntArray) -> FloatArray:
        return self.scale.between(self.features, row, others)

    @cached_property
    def verdicts(self) -> "PairLookup":
        """What is known of pairs that were judged."""
        from fastdup.judging.finding import NO_COPIES  # loads all that judges pictures
        from fastdup.judging.lookup import PairLookup

        table, names = VERDICTS, ("from", "to", "similarity", "cosine", "verdict")
        rows = list(table.read(self.table_path(table), *names)) if self.has_searched else []
        low, high, similarities, cosines, verdicts = zip(*rows, strict=True) if rows else ((),) * 5
        return PairLookup(
            self._rows(table, low),
            self._rows(table, high),
            np.array(cosines, np.float64),
            np.array(similarities, np.float64),
            np.fromiter((verdict not in NO_COPIES for verdict in verdicts), bool, len(rows)),
            len(self.paths),
        )

    @cached_property
    def pairs_on_request(self) -> "PairsOnRequest | None":
        """What judges pairs as the run did; None where it left similarities to the features."""
        options = self.options
        if self.config.get("options", {}).get("verify", "none") == "none":
            return None  # an earlier version, too
        from fastdup.judging import PairsOnRequest, files_to_judge

        files = files_to_judge(self.work, self.paths, options["distance"])
        if files is None:
            return None
        return PairsOnRequest(
            files,
            self.open_reader(),
            options["max_pixels"],
            self.threshold,
            all_of_them=options["verify"] == "all",
        )

    def open_reader(self) -> UriReader:
        """Return what reads the images, as the run did."""
        options = self.options
        return UriReader(
            ReaderOptions(
                include_hidden=True,
                include_system=True,
                video_interval_s=options["video_interval"],
                image_column=options["image_column"],
                label_column=options["label_column"],
                frame_cache=self.work.known_videos,
            )
        )

    def self_join(self, k: int) -> SelfJoin:
        """Return the k nearest others of each image, however similar, by raw similarities."""
        options = SearchOptions(distance=self.options["distance"])
        return self_join(self.features, k, options, Resources(n_threads=available_cores()))

    def neighbours(self, k: int) -> tuple[IntArray, FloatArray]:
        """Return the same with similarities, in [0, 1]: two (n, k) arrays."""
        indices, raw = self.self_join(k).neighbours
        return indices, self.scale.similarities(raw)

    def _pairs(self, table: Schema, columns: Columns) -> Pairs:
        *names, similarities = columns
        sources, targets = (self._rows(table, column) for column in names)
        return Pairs(sources, targets, np.array(similarities, np.float64))

    def _rows(self, table: Schema, names: Sequence[str]) -> IntArray:
        try:
            return np.fromiter(map(self.row_of.__getitem__, names), np.int64, len(names))
        except KeyError as exc:
            raise unknown_image(table.path(self.work), exc.args[0]) from exc


def stored_labels(work_dir: str, column: str = "label") -> dict[str, str] | None:
    """Return path → label of the images of a work folder, whether or not a run is finished there.

    Parameters
    ----------
    work_dir : str
        The folder.
    column : str
        Of the annotations; data sets give the column ``label`` alone.

    Returns
    -------
    dict of str to str, or None
        Without the images that have none; None where there is no such column.

    Raises
    ------
    WorkDirError
        When the table is damaged.
    """
    path = WorkDir(work_dir).known_labels
    if not os.path.exists(path) or column not in next(read_table(path), ()):
        return None
    # "nan" is how earlier versions wrote that there is none.
    rows = labels_schema(column).read(path)
    return {name: label for name, label in rows if label not in ("", "nan")}

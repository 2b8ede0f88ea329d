"""What a user knows about the images: a table with a row per file, usually with a label."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, Union

from fastdup.config import InputDir
from fastdup.dataset.boxes import has_boxes, name_crops, read_boxes, with_boxes
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_table

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

AnnotationSource: TypeAlias = Union[
    "pd.DataFrame", str, os.PathLike[str], Sequence[str | os.PathLike[str]]
]
Split: TypeAlias = str | Sequence[str] | None

LABEL = "label"
_FILENAME = ("filename", "img_filename")


class Annotations:
    """The annotations of a work folder; stored there, so that they outlive the session.

    Parameters
    ----------
    work_dir : str
        The folder.
    """

    def __init__(self, work_dir: str) -> None:
        self._work = WorkDir(work_dir)
        self._frame: pd.DataFrame | None = None
        #: Whether the table taken up is about parts of images.
        self.has_boxes = False

    def set(self, given: AnnotationSource, input_dir: InputDir | None) -> None:
        """Take up a table that has a column ``filename``.

        Parameters
        ----------
        given : data frame, path, or sequence of paths
            The path is that of a CSV file, of boxes as COCO has them (``.json``), or of a folder of
            YOLO's text files. With boxes, each row is about a part of its image. A sequence is one
            of file names, without more.
        input_dir : path, sequence of paths or None
            What relative file names belong to.

        Raises
        ------
        ConfigError
            When it cannot be read or has no such column.
        """
        import pandas as pd

        if isinstance(given, str | os.PathLike):
            path = os.path.expanduser(given)
            is_of_boxes = os.path.isdir(path) or path.lower().endswith(".json")
            given = read_boxes(path, input_dir) if is_of_boxes else _read(path)
        elif isinstance(given, list | tuple | pd.Series):
            given = pd.DataFrame({"filename": pd.Series(list(given), dtype=object)})
        if not isinstance(given, pd.DataFrame):
            raise ConfigError(
                f"annotations is a {type(given).__name__}: give a data frame with the columns "
                "filename and label, or the path of a CSV file"
            )
        name = next((name for name in _FILENAME if name in given.columns), None)
        if name is None:
            seen = ", ".join(map(repr, given.columns)) or "none"
            raise ConfigError(f"annotations has the columns {seen}: filename is missing")
        frame = with_boxes(given.rename(columns={name: "filename"}))
        for row, path in enumerate(frame["filename"]):
            if not isinstance(path, str | os.PathLike):
                seen = f"row {row} of annotations has the filename {path!r}"
                raise ConfigError(f"{seen}: name a file")
        paths = [self.full_path(os.fspath(name), input_dir) for name in frame["filename"]]
        # As objects: the strings of Arrow, which pandas takes where it finds it, are not any bytes.
        frame["filename"] = pd.Series(paths, frame.index, dtype=object)
        self.has_boxes = has_boxes(frame)
        if self.has_boxes:
            frame["filename"] = pd.Series(name_crops(frame), frame.index, dtype=object)
        self._frame = frame.drop_duplicates("filename", ignore_index=True)

    @staticmethod
    def full_path(name: str, input_dir: InputDir | None) -> str:
        """Return the path under which an image is listed."""
        if isinstance(input_dir, str | os.PathLike) and not os.path.isabs(name):
            below = os.path.join(os.path.abspath(os.path.expanduser(input_dir)), name)
            if os.path.exists(below) or not os.path.exists(name):
                return os.path.normpath(below)
        return os.path.abspath(name)

    def store(self) -> None:
        """Write them to the work folder, when there are any."""
        if self._frame is not None:
            # An empty field stands for none; it is read back as none.
            frame = self._frame.astype(object).where(self._frame.notna(), "")
            rows = frame.itertuples(index=False, name=None)
            write_table(self._work.annotations, list(map(str, frame.columns)), rows)

    def warn_of_unlisted(self, run: FinishedRun) -> None:
        """Log how many annotated files are not among those that a run listed, if any."""
        names = self.filenames()
        unlisted = set(names).difference(run.paths)
        if unlisted:
            unlisted.difference_update(file.filename for file in run.bad())
        if unlisted:
            logger.warning(
                "%d of %d annotated files are not among the images, such as %r: a relative name "
                "belongs to the input folder",
                len(unlisted),
                len(names),
                min(unlisted),
            )

    def filenames(self) -> list[str]:
        """Return the full paths of the annotated files, none when not annotated."""
        frame = self._current()
        return [] if frame is None else list(frame["filename"])

    def table(self) -> "pd.DataFrame | None":
        """Return the annotations, ``filename`` a full path; None when there are none."""
        return self._current()

    def labels(self, column: str = LABEL) -> dict[str, object]:
        """Return the label of each annotated file that has one, nothing when not annotated.

        Parameters
        ----------
        column : str
            Which column holds the labels.
        """
        frame = self._current()
        if frame is None or column not in frame.columns:
            return {}
        labelled = frame[frame[column].notna() & (frame[column] != "")]
        return dict(zip(labelled["filename"], labelled[column], strict=True))

    def keep(
        self, frame: "pd.DataFrame", columns: Sequence[str], split: Split, include_unannotated: bool
    ) -> "pd.DataFrame":
        """Return the rows of `frame` whose images, in all `columns`, are to be kept.

        Raises
        ------
        ConfigError
            When a split is asked for and the annotations have none.
        """
        annotated = self._current()
        if split is not None:
            if annotated is None or "split" not in annotated.columns:
                raise ConfigError(f"split={split!r}: the annotations have no column 'split'")
            wanted = [split] if isinstance(split, str) else list(split)
            annotated = annotated[annotated["split"].isin(wanted)]
        elif include_unannotated or annotated is None:
            return frame
        for column in columns:
            frame = frame[frame[column].isin(annotated["filename"])]
        return frame.reset_index(drop=True)

    def join(self, listed: "pd.DataFrame") -> "pd.DataFrame":
        """Return `listed` with the columns that were given after the file name."""
        frame = self._current()
        if frame is None:
            return listed
        given = [name for name in frame.columns if name not in listed.columns]
        rows = {name: row for row, name in enumerate(frame["filename"])}
        found = [rows.get(name, -1) for name in listed["filename"]]
        columns = frame[given].reset_index(drop=True).reindex(found).set_axis(listed.index)
        joined = listed.copy()
        for place, name in enumerate(given, start=1):
            joined.insert(place, name, columns[name])
        return joined

    def _current(self) -> "pd.DataFrame | None":
        if self._frame is not None:
            return self._frame
        if os.path.exists(self._work.annotations):
            self._frame = _read(self._work.annotations)
        elif os.path.exists(self._work.labels):
            return _read(self._work.labels)  # not kept: each run may write them anew
        return self._frame


def _read(path: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(
            path,
            encoding="utf-8",
            encoding_errors="surrogateescape",
            dtype=dict.fromkeys(_FILENAME, object),
            keep_default_na=False,
            na_values={"": [""]},
        )
    except (OSError, ValueError) as exc:
        raise ConfigError(f"cannot read the annotations {path}: {exc}") from exc

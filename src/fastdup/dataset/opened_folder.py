"""A finished work folder and its annotations, opened for data frames."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastdup.dataset.labels import Annotations
from fastdup.errors import MissingExtraError
from fastdup.runs import FinishedRun

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd

Path = str | os.PathLike[str]


class OpenedFolder:
    """A work folder and the annotations of its images.

    Parameters
    ----------
    work_dir : path
        Where they are, or will be.
    """

    def __init__(self, work_dir: Path) -> None:
        self._work_dir = os.fspath(work_dir)
        self._annotations = Annotations(self._work_dir)

    @property
    def work_dir(self) -> str:
        """The folder that holds the results."""
        return self._work_dir

    @property
    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds: options, model, counts and seconds of the last run."""
        return self._run.config

    @property
    def _run(self) -> FinishedRun:
        """The last run, opened anew: there may have been another one since."""
        return FinishedRun(self._work_dir)

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

    def _labelled(
        self, frame: "pd.DataFrame", wanted: bool, columns: Mapping[str, str]
    ) -> "pd.DataFrame":
        """Add the label of the image in each of the columns, when annotated."""
        labels = self._annotations.labels()
        if wanted and labels:
            for new, of in columns.items():
                frame[new] = self._frames.look_up(frame[of], labels)
        return frame

    def _of_pairs(self, frame: "pd.DataFrame", wanted: bool, *names: str) -> "pd.DataFrame":
        """Add what is known of the images in these columns: their labels, when annotated."""
        return self._labelled(frame, wanted, {f"label_{name}": name for name in names})

    def _of_images(self, frame: "pd.DataFrame", wanted: bool) -> "pd.DataFrame":
        """Add what is known of the image of each row: its label, when annotated."""
        return self._labelled(frame, wanted, {"label": "filename"})

    def _of_members(self, frame: "pd.DataFrame", wanted: bool) -> "pd.DataFrame":
        """Add what is known of the images in groups."""
        return self._of_images(frame, wanted)

    def _of_groups(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Add what is known of groups."""
        return frame

    def _of_bad(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Add what is known of files that could not be used."""
        return self._of_images(frame, True)

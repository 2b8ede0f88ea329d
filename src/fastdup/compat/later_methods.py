"""Methods of the object that later releases have, and that make no data frame of results."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.compat.later_names import refuse
from fastdup.config import InputDir
from fastdup.dataset.result_frames import Results
from fastdup.errors import ConfigError
from fastdup.image_search import embed_files, search_rows
from fastdup.runs import FinishedRun
from fastdup.sources.crops import parse_crop

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

Path = str | os.PathLike[str]


class LaterMethods(Results):
    """One image, features of new images, searches by features, and what is not here."""

    _n_hits = 2
    _input_dir: InputDir | None = None

    def num_instances(self, valid_only: bool = True) -> int:
        """Return the number of good images, or with those that could not be used."""
        run = self._run
        return len(run.paths) + (0 if valid_only else len(run.bad()))

    def __getitem__(self, item: "int | Path") -> "dict[str, Any]":
        """Return what is known of one good image, by its row or its file name."""
        run = self._run
        if isinstance(item, str | os.PathLike):
            path = self._annotations.full_path(os.fspath(item), self._input_dir)
            path = path if path in run.row_of else os.fspath(item)
            if path not in run.row_of:
                raise KeyError(item)
            row = run.row_of[path]
        else:
            row = range(len(run.paths))[item]  # IndexError, and rows from the end
        stats = {name: column[row] for name, column in run.stats().items()}
        known: dict[str, Any] = {"filename": run.paths[row], "index": row, "fd_index": row}
        known |= {"error_code": "VALID", "is_valid": True, **stats}
        table = self._annotations.table()
        if table is not None:
            found = table[table["filename"] == run.paths[row]]
            for record in found.head(1).to_dict("records"):
                known |= {str(name): value for name, value in record.items()}
        return known

    def feature_vectors(
        self, img_paths: Sequence[Path], model_path: Path | None = None, d: int | None = None
    ) -> "tuple[NDArray[np.float32], list[str]]":
        """Return the features of images, an (n, d) array, and their paths.

        Parameters
        ----------
        img_paths : sequence of paths
            The images.
        model_path : path or None
            The model; None: that of the last run, or else the built-in one.
        d : int or None
            Width that the features must have.

        Raises
        ------
        ConfigError
            When they have another width.
        ImageError
            When an image cannot be used.
        """
        given = None if model_path is None else os.fspath(model_path)
        if given is None and os.path.exists(os.path.join(self.work_dir, "config.json")):
            given = FinishedRun(self.work_dir).options["model_path"]
        paths = [os.path.expanduser(os.fspath(path)) for path in img_paths]
        rows = embed_files(paths, given)
        if d is not None and len(rows) and d != rows.shape[1]:
            raise ConfigError(f"d={d}, but the features have width {rows.shape[1]}: leave d out")
        return rows, paths

    def feature_vector(
        self, img_path: Path, model_path: Path | None = None, d: int | None = None
    ) -> "tuple[NDArray[np.float32], list[str]]":
        """Return the features of one image, a (1, d) array, and its path in a list."""
        return self.feature_vectors([img_path], model_path, d)

    def vector_search(
        self, filename: str = "query_vector", vec: "ArrayLike | None" = None, verbose: bool = False
    ) -> "pd.DataFrame":
        """Return the stored images whose features are most similar to a vector.

        Parameters
        ----------
        filename : str
            The name to report for it.
        vec : (d,) or (1, d) array
            The vector.
        verbose : bool
            Accepted; there is nothing more to log.

        Returns
        -------
        data frame
            ``from, to, distance``: the name, the stored image, and their similarity by the
            features alone; most similar first.

        Raises
        ------
        ConfigError
            When there is no vector, or one of another width.
        """
        if vec is None:
            raise ConfigError("vec is missing: give a vector, such as fd.feature_vector(path)[0]")
        rows = np.atleast_2d(np.asarray(vec, np.float32))
        hits = search_rows(self.work_dir, rows, self._n_hits)
        found = [(filename, path, value) for near in hits for path, value in near]
        frame: pd.DataFrame = self._frames.frame_of(found)
        return frame

    def get_annotations_dataframe(self) -> "pd.DataFrame":
        """Return `annotations` of all files, the bad ones too."""
        return self.annotations(valid_only=False)

    def img_grouped_annot(self, image_level_columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return the annotations with a row per image, and lists of what its boxes have.

        Parameters
        ----------
        image_level_columns : sequence of str or None
            Columns of which the first value stands for the image; None: none.
        """
        frame = self.annotations(valid_only=False)
        image = frame["filename"].map(_whole_image)
        once = {"filename", *(image_level_columns or ())}
        hows: dict[str, Any] = {name: "first" if name in once else list for name in frame.columns}
        grouped = frame.assign(filename=image).groupby(image, sort=False).agg(hows)
        return grouped.reset_index(drop=True)

    @property
    def run_mode(self) -> str:
        """``default``: there are no other modes of the object."""
        return "default"

    def caption(self, *args: Any, **options: Any) -> Any:
        """Raise NotImplementedError, which says what does it instead: there is no such model."""
        refuse("caption")

    def enrich(self, *args: Any, **options: Any) -> Any:
        """Raise NotImplementedError, which says what does it instead: there is no such model."""
        refuse("enrich")

    def vl_datasets_ref_printout(self, *_args: Any) -> None:
        """Raise NotImplementedError, which says why: there is no such service."""
        refuse("vl_datasets_ref_printout")


def _whole_image(name: str) -> str:
    crop = parse_crop(name)
    return crop.uri if crop else name

"""`init_search` and `search` as functions: the folder of the last `init_search` is searched."""

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.compat.later_options import warn_of
from fastdup.dataset import Fastdup
from fastdup.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

Path = str | os.PathLike[str]

#: Options that change nothing here → why.
SEARCH_MEANINGLESS = {
    "d": "the features have the width of their model",
    "high_accuracy": "the model is that of the run",
    "license": "no licence key is needed",
    "model_path": "the model is that of the run",
    "store_int": "files hold names",
    "threshold": "the most similar images are returned, however similar",
    "turi_param": "it has no part in the search",
    "verbose": "the log is Python's: logging.getLogger('fastdup')",
    "work_dir": "the folder is that of the object",
}

#: What the last `init_search` prepared.
_prepared: list[Fastdup] = []
_prepared_k = [2]


def init_search(k: int, work_dir: Path, **options: Any) -> int:
    """Choose the work folder and the number of results of `search`, and return 0.

    Parameters
    ----------
    k : int
        Number of results for each image.
    work_dir : path
        The folder of a finished run.
    **options
        Those of later releases that mean nothing here are named in a warning.
    """
    warn_of("init_search", options, SEARCH_MEANINGLESS)
    collection = Fastdup(work_dir)
    collection.init_search(k)
    _prepared[:], _prepared_k[:] = [collection], [k]
    return 0


def search(
    filename: Path | Sequence[Path], img: Any = None, verbose: bool = False, **options: Any
) -> "pd.DataFrame":
    """Return the stored images most similar to the given ones; see `Fastdup.search`.

    Parameters
    ----------
    filename : path or sequence of paths
        The query images; the name to report where `img` is given.
    img : image, (h, w, 3) uint8 array or None
        The query itself, as Pillow or NumPy has it, in place of the file.
    verbose : bool
        Whether to log more.
    **options
        Those of later releases that mean nothing here are named in a warning.

    Raises
    ------
    ConfigError
        When `init_search` was not called first.
    """
    if not _prepared:
        raise ConfigError("nothing is prepared: call fastdup.init_search(k, work_dir) first")
    warn_of("search", options, SEARCH_MEANINGLESS)
    return search_for(_prepared[0], filename, img, verbose=bool(verbose))


def vector_search(
    filename: str = "query_vector", vec: Any = None, verbose: bool = False
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

    Raises
    ------
    ConfigError
        When `init_search` was not called first, or the vector has another width.
    """
    if not _prepared:
        raise ConfigError("nothing is prepared: call fastdup.init_search(k, work_dir) first")
    from fastdup.compat.later_object import Fastdup as LaterFastdup

    collection = LaterFastdup(_prepared[0].work_dir)
    collection.init_search(_prepared_k[-1])
    return collection.vector_search(filename, vec, verbose)


def search_for(
    collection: Fastdup,
    filename: Any,
    img: Any,
    k: int | None = None,
    *,
    verbose: bool = False,
    by: str = "copies",
) -> "pd.DataFrame":
    """Return the stored images most similar to files, or to one picture in memory."""
    if img is None:
        return Fastdup.search(collection, filename, k, verbose, by=by)
    from PIL import Image

    picture = img if isinstance(img, Image.Image) else Image.fromarray(np.asarray(img))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "query.png")
        picture.convert("RGB").save(path)
        found = Fastdup.search(collection, path, k, verbose, by=by)
    found["from"] = os.fspath(filename) if isinstance(filename, str | os.PathLike) else "img"
    return found

"""Which rows stand for the images when they are put into clusters, or chosen from."""

import os
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ConfigError
from fastdup.index import Metric, Rows
from fastdup.runs.content_space import ContentSpace
from fastdup.workdir.features import load_binary_feature


def _load_both(work_dir: str) -> tuple[list[str], NDArray[np.float32]]:
    paths, space = ContentSpace.of_features(work_dir)
    if paths and not space.has_content:
        raise ConfigError(
            f"by='content': the images in {work_dir} have no rows for content, as a run with the "
            "built-in model in a new work folder makes them: run there, or leave by out"
        )
    return paths, cast("NDArray[Any]", space)  # an array that is made in parts, on request


#: By what images are compared → what loads the paths and rows from a work folder: the features,
#: which are made to find copies, or these and the rows for content.
ROWS: Mapping[str, Callable[[str], tuple[list[str], NDArray[np.float32]]]] = {
    "copies": load_binary_feature,
    "content": _load_both,
}
DEFAULT_ROWS = "copies"


def load_rows(work_dir: str | os.PathLike[str], by: str = DEFAULT_ROWS) -> tuple[list[str], Rows]:
    """Return the n good images' paths, and their rows, of length 1.

    Raises
    ------
    ConfigError
        When `by` is not known, or there are no images.
    WorkDirError
        When there are no features.
    """
    if by not in ROWS:
        raise ConfigError.not_among("by", by, ROWS, DEFAULT_ROWS)
    paths, features = ROWS[by](os.path.expanduser(work_dir))
    if not paths:
        raise ConfigError(f"there are no good images in {os.fspath(work_dir)}: run on some first")
    return paths, Rows(features, Metric.COSINE)


def checked_count(name: str, value: object, most: int | None = None) -> int:
    """Return a whole number from 1 to `most`.

    Raises
    ------
    ConfigError
        When it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ConfigError(f"{name}={value!r} is not allowed: give a whole number of at least 1")
    if most is not None and value > most:
        raise ConfigError(
            f"{name}={value} is more than the {most} images: try {name}={max(most // 10, 1)}"
        )
    return int(value)

"""Which stored features a run searches that reads no images."""

import os

from fastdup.config import RunConfig
from fastdup.config.checks import SEARCH_ONLY
from fastdup.workdir import WorkDir
from fastdup.workdir.paths import LATER_FEATURES


def named_features(config: RunConfig) -> str | None:
    """Return the features file for a search-only run, if `input_dir` names one, else None.

    `input_dir` may be a features file or the names beside it, or the folder of one if the work
    folder has none. A work folder of a later release has its features under another name.
    """
    given = config.input_dir
    if config.run_mode != SEARCH_ONLY or not isinstance(given, str):
        return None
    has_own = os.path.isfile(WorkDir(config.work_dir).features)
    later = os.path.join(config.work_dir, LATER_FEATURES)
    if not has_own and os.path.isfile(later) and not os.path.isfile(given):
        return later
    if not given:
        return None
    if given.endswith(".csv") and os.path.isfile(given.removesuffix(".csv")):
        given = given.removesuffix(".csv")  # the names of the rows, which lie beside them
    if os.path.isfile(given) and os.path.isfile(WorkDir("", given).features_csv):
        return given
    in_folder = WorkDir(given).features
    return in_folder if os.path.isfile(in_folder) and not has_own else None

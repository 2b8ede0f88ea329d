"""What the last run in a work folder left word of in ``config.json``."""

import json
import os
from typing import Any

from fastdup.errors import WorkDirError
from fastdup.workdir.paths import WorkDir


def read_config(work_dir: str) -> dict[str, Any]:
    """Return what ``config.json`` holds: options, model, counts, seconds of the last run.

    Raises
    ------
    WorkDirError
        When there is no such file, or it is damaged.
    """
    path = WorkDir(work_dir).config
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise WorkDirError(
            f"there is no finished run in {work_dir}: run there first, or name another work_dir"
        ) from exc
    except OSError as exc:
        raise WorkDirError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise WorkDirError.damaged(path, exc) from exc
    if not isinstance(content, dict) or not all(
        isinstance(content.get(part, {}), dict) for part in ("options", "counts")
    ):
        raise WorkDirError.damaged(path, "it does not hold the options and counts of a run")
    return content


def last_run(work_dir: str) -> WorkDir:
    """Return the files of the last run, wherever ``features_out_file`` put its features.

    Where no run is finished, the features are where they are by default.
    """
    try:
        elsewhere = read_config(work_dir).get("options", {}).get("features_out_file")
    except WorkDirError:
        elsewhere = None
    return WorkDir(work_dir, elsewhere if isinstance(elsewhere, str) else None)


def is_of_last_run(work: WorkDir) -> bool:
    """Return whether the features are those of the last run; others may be searched there."""
    return os.path.realpath(last_run(work.root).features) == os.path.realpath(work.features)

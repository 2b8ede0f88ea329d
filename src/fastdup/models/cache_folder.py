"""The folder of downloaded models."""

import os
import sys
from pathlib import Path

from fastdup.errors import ModelError

HOME_VARIABLE = "FASTDUP_HOME"


def models_folder() -> Path:
    """Return the folder of downloaded models, which may not exist yet.

    It is ``$FASTDUP_HOME/models`` if that variable is set, else ``fastdup/models`` in the user's
    cache folder: ``$XDG_CACHE_HOME`` or ``~/.cache``, on macOS ``~/Library/Caches``, on Windows
    ``%LOCALAPPDATA%``.

    Raises
    ------
    ModelError
        When the variable is not set and the user has no home folder.
    """
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home).expanduser() / "models"
    try:
        return _cache_folder() / "fastdup" / "models"
    except RuntimeError as exc:
        raise ModelError(
            f"no home folder is known, so no place for models: set {HOME_VARIABLE}"
        ) from exc


def _cache_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")

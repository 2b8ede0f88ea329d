"""Where the page keeps what it remembers of a person's runs."""

import os
import sys
from pathlib import Path

from fastdup.errors import ConfigError
from fastdup.models.cache_folder import HOME_VARIABLE


def state_folder() -> Path:
    """Return the folder of what is remembered, which may not exist yet.

    It is ``$FASTDUP_HOME/state`` if that variable is set, else ``fastdup`` in the user's state
    folder: ``$XDG_STATE_HOME`` or ``~/.local/state`` (XDG Base Directory Specification 0.8), on
    macOS ``~/Library/Application Support``, on Windows ``%LOCALAPPDATA%``.

    Raises
    ------
    ConfigError
        When the variable is not set and the user has no home folder.
    """
    if home := os.environ.get(HOME_VARIABLE):
        return Path(os.path.abspath(os.path.expanduser(home))) / "state"
    try:
        return _user_folder() / "fastdup"
    except RuntimeError as exc:
        raise ConfigError(
            f"no home folder is known, so no place for settings: set {HOME_VARIABLE}"
        ) from exc


def _user_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    given = os.environ.get("XDG_STATE_HOME", "")  # a relative one does not count, says XDG
    return Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"

"""The files that could not be used, by reason, and those that are no images, by kind."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from fastdup.actions.flawed import is_broken
from fastdup.errors import ConfigError, Reason
from fastdup.explorer.params import Params
from fastdup.explorer.present import is_gone
from fastdup.quantities import size_text
from fastdup.report.wording import failure_text, in_pieces, split_path
from fastdup.runs.finished import BadFile
from fastdup.sources.side_files import ending_of
from fastdup.workdir.decision_file import REMOVE

#: Ending of what lies beside photos → what it is.
_KINDS = {".xmp": "XMP sidecar", ".aae": "edits by an iPhone", "none": "a file without an ending"}


class BadFiles:
    """The bad files of a collection.

    Parameters
    ----------
    files : list of BadFile
        In listing order.
    decisions : callable
        Returns what is decided on them: path → "keep" or "remove".
    """

    def __init__(self, files: list[BadFile], decisions: Callable[[], Mapping[str, str]]) -> None:
        self._all = sorted(files, key=BadFile.is_side_file)
        self._numbers = {file.filename: number for number, file in enumerate(self._all)}
        self._decisions = decisions
        self.look_again()

    def look_again(self) -> None:
        """Show the files that are there now."""
        self._files = [file for file in self._all if not is_gone(file.filename)]
        vars(self).pop("_counts", None)

    def page(self, params: Params) -> dict[str, Any]:
        """Return the files, and why they could not be used; those that are no images come last.

        Parameters
        ----------
        params : Params
            ``find``: only those whose path holds this; ``reason``: only those for this reason;
            ``kind``: of those that are no images, only those with this ending, "none" without one.
        """
        found = self.matching(params)
        side = sum(map(BadFile.is_side_file, found))
        return {
            "total": len(found),
            "side": side,
            "items": [self._described(file) for file in params.page().of(found)],
            "chosen": sum(what == REMOVE for what in self._decisions().values()),
            **self._counts,
        }

    def matching(self, params: Params) -> list[BadFile]:
        """Return the files of `page`, all of them."""
        wanted, reason, kind = (params.text(name) for name in ("find", "reason", "kind"))
        return [
            file
            for file in self._files
            if wanted.lower() in file.filename.lower()
            and reason in ("", file.reason)
            and (not kind or (file.is_side_file() and _kind(file) == kind))
        ]

    def path(self, number: int) -> str:
        """Return the path of the file of a number.

        Raises
        ------
        ConfigError
            When there is none.
        """
        if not 0 <= number < len(self._all):
            raise ConfigError(f"number={number} is not allowed: there is no such file")
        return self._all[number].filename

    def _described(self, file: BadFile) -> dict[str, Any]:
        folder, name = split_path(file.filename)
        is_side_file = file.is_side_file()
        words = _kind_words(file) if is_side_file else _words(file.reason)
        shown = {"name": in_pieces(name), "dir": in_pieces(folder), "words": words}
        return shown | {
            "number": self._numbers[file.filename],
            "reason": file.reason,
            # With what bytes a document begins is nothing to anyone.
            "detail": in_pieces("" if is_side_file else file.detail),
            "decided": self._decisions().get(file.filename, ""),
            **_size_and_day(file.filename),
        }

    @cached_property
    def _counts(self) -> dict[str, Any]:
        broken = sum(is_broken(file.reason, file.filename) for file in self._files)
        reasons = Counter(file.reason for file in self._files if not file.is_side_file())
        kinds = Counter(_kind(file) for file in self._files if file.is_side_file())
        return {
            "broken": broken,
            "reasons": [[name, _words(name), n] for name, n in reasons.most_common()],
            "kinds": kinds.most_common(),
        }


def _kind(file: BadFile) -> str:
    return ending_of(file.filename) or "none"


def _kind_words(file: BadFile) -> str:
    kind = _KINDS.get(_kind(file), f"{_kind(file)} file")
    return f"Not an image ({kind})"


def _words(reason: str) -> str:
    known = reason in Reason.__members__.values()
    return failure_text(Reason(reason)) if known else reason


def _size_and_day(path: str) -> dict[str, str]:
    """Return the size of a file, and the day of its last change; nothing if it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return {}
    day = datetime.fromtimestamp(found.st_mtime).strftime("%Y-%m-%d")
    return {"size": size_text(found.st_size), "day": day}

"""The files that could not be used, by reason, and those that are no images, by kind."""

from collections import Counter
from functools import cached_property
from typing import Any

from fastdup.actions.flawed import is_broken
from fastdup.errors import Reason
from fastdup.explorer.params import Params
from fastdup.explorer.present import is_gone
from fastdup.report.wording import failure_text, in_pieces, split_path
from fastdup.runs.finished import BadFile
from fastdup.sources.side_files import ending_of


class BadFiles:
    """The bad files of a collection.

    Parameters
    ----------
    files : list of BadFile
        In listing order.
    """

    def __init__(self, files: list[BadFile]) -> None:
        self._all = sorted(files, key=BadFile.is_side_file)
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
            "items": [_described(file) for file in params.page().of(found)],
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


def _words(reason: str) -> str:
    known = reason in Reason.__members__.values()
    return failure_text(Reason(reason)) if known else reason


def _described(file: BadFile) -> dict[str, Any]:
    folder, name = split_path(file.filename)
    shown = {"name": in_pieces(name), "dir": in_pieces(folder), "words": _words(file.reason)}
    return shown | {"reason": file.reason, "detail": in_pieces(file.detail)}

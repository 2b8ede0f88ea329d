"""What is remembered between starts: folders chosen lately, and the runs with their choices."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastdup.errors import FastdupError
from fastdup.workdir.lock import one_at_a_time
from fastdup.workdir.own_files import open_new

logger = logging.getLogger(__name__)

#: Most folders and runs that are remembered.
_MOST = 12

#: States of a run.
UNFINISHED, FINISHED = "unfinished", "finished"


class Recent:
    """The recent folders and runs, in a file that a kill leaves whole.

    Several servers may share it. Where it cannot be written, it lasts as long as this object.

    Parameters
    ----------
    folder : Path
        Where the file is; made when something is to be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "recent.json"
        self._guard = threading.Lock()
        self._known: dict[str, list[Any]] = {"folders": [], "runs": []}
        self._is_kept = True

    def folders(self) -> list[str]:
        """Return the folders chosen lately, the last one first."""
        return list(self._load()["folders"])

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs, the last one first: work_dir, choices, state, counts, when (seconds)."""
        return list(self._load()["runs"])

    def run_in(self, work_dir: str) -> dict[str, Any] | None:
        """Return the run of a work folder, None when it is not remembered."""
        return next((run for run in self.runs() if run["work_dir"] == work_dir), None)

    def note_start(self, work_dir: str, choices: Mapping[str, Any]) -> None:
        """Remember that a run begins; until it is noted as finished it counts as unfinished."""
        run = {"work_dir": work_dir, "choices": dict(choices), "state": UNFINISHED, "counts": {}}

        def change(known: dict[str, list[Any]]) -> None:
            chosen = [*choices["folders"], *filter(None, [choices["reference"]])]
            others = [folder for folder in known["folders"] if folder not in chosen]
            known["folders"] = [*chosen, *others][:_MOST]
            _put_first(known, run | {"when": int(time.time())})

        self._change(change)

    def note_finish(self, work_dir: str, counts: Mapping[str, int]) -> None:
        """Remember that the run in a work folder is finished, and what it found."""

        def change(known: dict[str, list[Any]]) -> None:
            for run in known["runs"]:
                if run["work_dir"] == work_dir:
                    run |= {"state": FINISHED, "counts": dict(counts)}

        self._change(change)

    def note_results(self, work_dir: str, choices: Mapping[str, Any]) -> None:
        """Remember finished results that were opened, if they are not remembered yet."""
        if self.run_in(work_dir) is None:
            run = {"work_dir": work_dir, "choices": dict(choices), "state": FINISHED, "counts": {}}
            self._change(lambda known: _put_first(known, run | {"when": int(time.time())}))

    def forget(self, work_dir: str) -> None:
        """Forget a run; its files stay."""

        def change(known: dict[str, list[Any]]) -> None:
            known["runs"] = [run for run in known["runs"] if run["work_dir"] != work_dir]

        self._change(change)

    def _load(self) -> dict[str, list[Any]]:
        if self._is_kept:
            with suppress(OSError, ValueError, RecursionError, FileNotFoundError):
                self._known = _sound(json.loads(self._path.read_bytes()))
        return self._known

    def _change(self, change: Callable[[dict[str, list[Any]]], None]) -> None:
        with self._guard:
            try:
                os.makedirs(self._folder, mode=0o700, exist_ok=True)
                with one_at_a_time(f"{self._path}.lock"):
                    change(self._load())
                    self._save()
            except (FastdupError, OSError) as exc:
                if self._is_kept:
                    logger.warning("recent runs are not remembered: %s", exc)
                    self._is_kept = False
                    change(self._known)

    def _save(self) -> None:
        unfinished = f"{self._path}.tmp"
        with open_new(unfinished) as file:
            file.write(json.dumps(self._known, indent=1).encode("ascii"))
        os.replace(unfinished, self._path)


def _put_first(known: dict[str, list[Any]], run: dict[str, Any]) -> None:
    others = [other for other in known["runs"] if other["work_dir"] != run["work_dir"]]
    known["runs"] = [run, *others][:_MOST]


def _sound(value: Any) -> dict[str, list[Any]]:
    """Return what was read, without what does not fit: the file may have been edited."""
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    folders, runs = value.get("folders"), value.get("runs")
    return {
        "folders": [f for f in folders if isinstance(f, str)] if isinstance(folders, list) else [],
        "runs": [run for run in runs if _is_sound(run)] if isinstance(runs, list) else [],
    }


def _is_sound(run: Any) -> bool:
    kinds = {"work_dir": str, "choices": dict, "state": str, "counts": dict, "when": int}
    return isinstance(run, dict) and all(isinstance(run.get(n), kind) for n, kind in kinds.items())

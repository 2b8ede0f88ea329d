"""The handlers of what the first page asks for: choose, run, stop, go on, open."""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastdup.errors import ConfigError
from fastdup.explorer.params import Params
from fastdup.report.wording import in_pieces
from fastdup.window.folder_list import home_folder, list_folders, places
from fastdup.window.growing_bad_list import GrowingBadList
from fastdup.window.opened_results import OpenedResults
from fastdup.window.recent import FINISHED, UNFINISHED, Recent
from fastdup.window.run_choices import RunChoices, path_given
from fastdup.window.run_process import RunProcess


class StartHandlers:
    """All that the first page can ask for; one run at a time.

    Parameters
    ----------
    state : Path
        The folder of what is remembered, and of results by default.
    results : OpenedResults
        Where the results of a run are opened.

    Attributes
    ----------
    looks, choices : mapping of str to callable
        Name of a request → its handler: of those that change nothing, and of those that may, or
        whose parameters are paths, which do not fit into an address.
    """

    def __init__(self, state: Path, results: OpenedResults) -> None:
        self._state = state
        self._results = results
        self._recent = Recent(state)
        self._guard = threading.Lock()
        self._run: RunProcess | None = None
        self._chosen: RunChoices | None = None
        self._bad: GrowingBadList | None = None
        self.looks: Mapping[str, Callable[[Params], Any]] = {
            "places": self.places,
            "recent": self.recent,
            "progress": self.progress,
        }
        self.choices: Mapping[str, Callable[[Params], Any]] = {
            "folders": self.folders,
            "check": self.check,
            "run": self.run,
            "go-on": self.go_on,
            "stop": self.stop,
            "open": self.open,
            "forget": self.forget,
        }

    # --- choosing --------------------------------------------------------------------------

    def places(self, _params: Params) -> dict[str, Any]:
        """Return where one may begin to look for folders, and the folders chosen lately."""
        recent = [{"name": in_pieces(f), "path": f} for f in self._recent.folders()]
        return {"places": places(), "recent": recent}

    def folders(self, params: Params) -> dict[str, Any]:
        """Return the folders in a folder."""
        path = path_given(params, "path") or home_folder()
        return list_folders(path, hidden=params.flag("hidden")).to_json()

    def check(self, params: Params) -> dict[str, Any]:
        """Return what the choices come to: the command, the work folder, and what to ask."""
        chosen = RunChoices.of(params, self._state)
        chosen.check()
        return {
            "command": in_pieces(chosen.command()),
            "work_dir": in_pieces(chosen.work_dir),
            "question": in_pieces(chosen.question()),
        }

    # --- running ---------------------------------------------------------------------------

    def run(self, params: Params) -> dict[str, Any]:
        """Begin a run; what `check` asks must be ``confirmed``."""
        chosen = RunChoices.of(params, self._state)
        chosen.check()
        question = chosen.question()
        if question and not params.flag("confirmed"):
            raise ConfigError(question)
        return self._begin(chosen)

    def go_on(self, params: Params) -> dict[str, Any]:
        """Go on with a remembered run, or look again whether its images changed."""
        work_dir = path_given(params, "work_dir")
        remembered = self._recent.run_in(work_dir)
        if remembered is None:
            raise ConfigError(f"no run is remembered in {work_dir}: choose the folders again")
        choices = remembered["choices"] | {"work_dir": work_dir}
        chosen = RunChoices.of(Params(choices, 0), self._state)
        chosen.check()
        return self._begin(chosen)

    def stop(self, _params: Params) -> dict[str, Any]:
        """Stop the run; it can go on later."""
        if self._run is not None:
            self._run.stop()
        return self._progress()

    def progress(self, _params: Params) -> dict[str, Any]:
        """Return how far the run is; ``state`` is "none" when there was none."""
        return self._progress()

    def _begin(self, chosen: RunChoices) -> dict[str, Any]:
        with self._guard:
            if self._run is not None and self._run.is_alive:
                raise ConfigError("a run is already in progress: wait for it, or stop it")
            self._recent.note_start(chosen.work_dir, chosen.to_json())
            work_dir = chosen.work_dir
            self._run = RunProcess(
                chosen.words(), lambda counts: self._recent.note_finish(work_dir, counts)
            )
            self._chosen, self._bad = chosen, GrowingBadList(work_dir)
        return self._progress()

    def _progress(self) -> dict[str, Any]:
        run, chosen, bad = self._run, self._chosen, self._bad
        if run is None or chosen is None or bad is None:
            return {"state": "none"}
        progress = run.to_json()
        return {
            **progress,
            **bad.to_json(),
            "notes": [in_pieces(note) for note in progress["notes"]],
            "folders": [in_pieces(folder) for folder in chosen.folders],
            "work_dir": chosen.work_dir,
            "work_dir_shown": in_pieces(chosen.work_dir),
            "command": in_pieces(chosen.command()),
        }

    # --- results ---------------------------------------------------------------------------

    def recent(self, _params: Params) -> dict[str, Any]:
        """Return the remembered runs, the last one first."""
        is_busy, chosen = self._run is not None and self._run.is_alive, self._chosen
        busy = chosen.work_dir if is_busy and chosen else None
        return {"runs": [_run_to_json(run, busy) for run in self._recent.runs()]}

    def open(self, params: Params) -> dict[str, Any]:
        """Open the results in a work folder; return the address of their explorer."""
        work_dir = path_given(params, "work_dir")
        if not work_dir:
            raise ConfigError("choose a work folder")
        address = self._results.address(work_dir)
        self._recent.note_results(work_dir, {"folders": [], "reference": ""})
        return {"address": address}

    def forget(self, params: Params) -> dict[str, Any]:
        """Forget a run; its files stay."""
        self._recent.forget(path_given(params, "work_dir"))
        return self.recent(params)

    def close(self) -> None:
        """Stop the run, if one is at work, and close the results."""
        if self._run is not None:
            self._run.close()
        self._results.close()


def _run_to_json(run: Mapping[str, Any], busy: str | None) -> dict[str, Any]:
    """Return a remembered run as JSON values; `busy` is the work folder of the one at work."""
    state = FINISHED if run["state"] == FINISHED else UNFINISHED
    folders = run["choices"].get("folders")
    counts = run["counts"].items()
    return {
        "work_dir": run["work_dir"],
        "work_dir_shown": in_pieces(run["work_dir"]),
        "folders": [in_pieces(str(f)) for f in folders] if isinstance(folders, list) else [],
        "state": "running" if run["work_dir"] == busy else state,
        "counts": {str(name): n for name, n in counts if isinstance(n, int)},
        "when": run["when"],
        "is_there": os.path.isdir(run["work_dir"]),
    }

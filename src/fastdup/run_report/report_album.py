"""The pictures of a report: thumbnails within the page, with names and facts."""

import base64
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from fastdup.config.machine import available_cores
from fastdup.quantities import size_text
from fastdup.report.thumbnails import Failure, look_at
from fastdup.report.wording import failure_text, split_path
from fastdup.runs import FinishedRun
from fastdup.runs.config_file import read_inputs

#: Longest side of a large and of a small picture, in pixels.
LARGE, SMALL = 320, 160


class Shown(NamedTuple):
    """An image as the page shows it.

    Attributes
    ----------
    name, folder : str
        Of the file; the folder relative to that of the run, if there is one.
    source : str
        The picture as a ``data:`` address; "" when it cannot be shown.
    width, height : int
        Of the thumbnail, in pixels; 0 without one.
    facts : str
        The size of the image and its file, or why it cannot be shown.
    """

    name: str
    folder: str
    source: str
    width: int
    height: int
    facts: str


class ReportAlbum:
    """Makes thumbnails of a run's images; only those asked for are read.

    Parameters
    ----------
    run : FinishedRun
    """

    def __init__(self, run: FinishedRun) -> None:
        self._paths = run.paths
        inputs = read_inputs(run.config)
        self.folder = inputs[0] if len(inputs) == 1 else ""

    def of(self, rows: Iterable[int], side: int) -> list[Shown]:
        """Return some images as the page shows them, `side` pixels along the longer side."""
        paths = [self._paths[row] for row in rows]
        with ThreadPoolExecutor(available_cores()) as pool:
            return list(pool.map(lambda path: self._shown(path, side), paths))

    def name(self, path: str) -> str:
        """Return the name of a file relative to the folder of the run, if it is in there."""
        begin = os.path.join(self.folder, "")
        return path.removeprefix(begin) if self.folder and path != begin else path

    def _shown(self, path: str, side: int) -> Shown:
        folder, name = split_path(self.name(path))
        found, _ = look_at(path, side)
        if isinstance(found, Failure):
            return Shown(name, folder, "", 0, 0, failure_text(found.reason))
        source = "data:image/jpeg;base64," + base64.b64encode(found.jpeg).decode("ascii")
        facts = f"{found.width:,} × {found.height:,}, {size_text(found.n_bytes)}"
        width, height = found.thumbnail_width, found.thumbnail_height
        return Shown(name, folder, source, width, height, facts)

"""Work that costs a worker process next to nothing: what is left is the cost of handing it out.

Worker processes import this module, so it is apart from the script that uses it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fastdup.extract.batch import Batch, FileToExtract
from fastdup.judging.open_pictures import PictureFile
from fastdup.progress import Stopwatch
from fastdup.sources import Reader
from fastdup.workdir.append_only import GoodRow

STATS = ["500", "375", "256", "100.13", "127.21", "0", "255", "60.24", "33333", "0.51"]
METADATA = "2020-01-01 00:00:00,,,,,,,,90,420,0,8,1,0,0,0,3,250"
WIDTH = 576


class CannedEmbedder:
    """Counts as a model that runs on the CPU."""

    runs_on_cpu = True


class CannedExtractor:
    """Returns rows with features from a file, by the number in the name of each image."""

    embedder = CannedEmbedder()

    def __init__(self, vectors: str) -> None:
        self.vectors = vectors

    def __call__(self, files: Sequence[FileToExtract]) -> Batch:
        """Return a row for each file."""
        vectors = np.memmap(self.vectors, np.float32, "r").reshape(-1, WIDTH)
        rows = [
            GoodRow(
                file.uri,
                file.stamp,
                np.array(vectors[int(Path(file.uri).stem)]),
                STATS,
                METADATA,
                file.digest,
            )
            for file in files
        ]
        return Batch(rows, Stopwatch())


class PictureReading:
    """Reads both pictures of each pair, as judging does, and judges nothing."""

    def __init__(self, reader: Reader, max_pixels: int) -> None:
        self.reader = reader
        self.max_pixels = max_pixels

    def __call__(self, pairs: Sequence[tuple[PictureFile, PictureFile]]) -> int:
        """Return the bytes read."""
        files = [file for pair in pairs for file in pair]
        self.reader.prefetch([file.uri for file in files])
        n_bytes = 0
        for file in files:
            n_bytes += len(self.reader.read(file.uri))
            self.reader.stamp(file.uri)
        return n_bytes

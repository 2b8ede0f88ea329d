"""What a published model says of the training pictures: the lessons of a smaller network."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastdup.models.spec import file_sha256
from training.augment import shrink
from training.data import Pictures
from training.export import open_session

BATCH = 32


def lessons(teacher: Path, pictures: Pictures, work: Path) -> NDArray[np.float32]:
    """Return the teacher's vectors of the pictures as they are; made once per `work` folder.

    Returns
    -------
    ndarray of float32, shape (n, embedding)
        Unit vectors, memory-mapped.
    """
    path = work / f"lessons-{file_sha256(str(teacher))[:12]}.npy"
    if not path.exists():
        session = open_session(teacher)
        side = session.get_inputs()[0].shape[1]
        rows = []
        for start in range(0, len(pictures), BATCH):
            images = [shrink(picture, side) for picture in pictures.pixels[start : start + BATCH]]
            rows.append(session.run(None, {"images": np.stack(images)})[0])
        partial = path.with_suffix(".partial.npy")
        np.save(partial, np.concatenate(rows))
        os.replace(partial, path)
    return np.load(path, mmap_mode="r")

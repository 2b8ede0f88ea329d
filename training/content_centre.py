"""Write the centre of the rows for content: the mean row of the photos of some themes.

The names of the photos begin with their theme, as in ``shoes_0001.jpg``. Each theme counts alike.
To be run again when the built-in model changes.

    python training/content_centre.py PHOTOS --themes shoes trees
"""

import argparse
from pathlib import Path

import numpy as np

from fastdup.content_rows import CENTRE_PATH, normed, plain_rows
from fastdup.embed import Embedder
from fastdup.errors import ImageError
from fastdup.images import decode
from fastdup.models import load_spec

#: Most photos of a theme, spread evenly over them.
_MOST = 900


def mean_row(paths: list[Path], embedder: Embedder) -> np.ndarray:
    """Return the mean over some photos of the model's row and the plain row for content."""
    rows = []
    for path in paths:
        try:
            picture = decode(path.read_bytes(), min_side=embedder.min_side)
        except ImageError:
            continue
        pixels = embedder.prepare(picture.image)[None]
        both = normed(embedder.embed(pixels)), plain_rows(pixels)
        rows.append(np.concatenate(both, axis=1)[0])
    return np.mean(rows, axis=0)


def main() -> None:
    """Read the photos, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--themes", nargs="+", required=True)
    options = parser.parse_args()
    embedder = Embedder(load_spec())
    means = []
    for theme in options.themes:
        paths = sorted(options.photos.glob(f"{theme}_*"))
        means.append(mean_row(paths[:: -(-len(paths) // _MOST)], embedder))
    np.save(CENTRE_PATH, np.mean(means, axis=0).astype(np.float32))


if __name__ == "__main__":
    main()

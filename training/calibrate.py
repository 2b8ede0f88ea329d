"""Find the map from cosine to similarity that makes the documented thresholds true.

Thresholds mean: 1 identical, 0.98 and above almost identical, 0.85 and above very similar, below
0.3 unlike everything else. The map is piecewise linear and strictly increasing. Its knots are
measured on validation pictures that were not used in training.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.config import Config
from training.embed import embed
from training.export import open_session
from training.metrics import Ranking

ALMOST_IDENTICAL = {"png", "jpeg_q50", "half", "double", "thumb128", "aspect"}
"""Edits that leave a picture almost identical: saved again or resized."""
ALMOST_IDENTICAL_SHARE = 0.9
"""Share of such copies that lie at or above a similarity of 0.98."""
VERY_SIMILAR_PRECISION = 0.99
VERY_SIMILAR_MARGIN = 0.03
"""Precision on planted copies of all pairs at or above a similarity of 0.85, and how much higher
than that the cosine is put: other collections have look-alikes of their own."""
STANDING_APART = 0.05
"""Share of distinct pictures that lie below 0.3 with their nearest other picture."""


def theme(path: Path) -> str:
    """Return the kind of a picture: its name up to the first underscore."""
    return path.name.split("_")[0]


def nearest_cosines(
    vectors: NDArray[np.float32], themes: NDArray[np.str_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosine of each picture with its nearest other picture: of any theme, of its own theme.

    Pictures that are the only one of their theme are left out of the second.
    """
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -2)
    of_any = cosine.max(1)
    of_own = np.where(themes[:, None] == themes[None], cosine, -2).max(1)
    return of_any, of_own[of_own > -2]


def find_knots(
    ranking: Ranking, of_any: NDArray[np.float32], of_own: NDArray[np.float32]
) -> dict[str, list[float]]:
    """Measure the knots.

    Parameters
    ----------
    ranking : Ranking
        Pairs of planted copies among validation pictures, with their cosines.
    of_any, of_own : ndarray
        From `nearest_cosines` on the distinct validation pictures.

    Returns
    -------
    dict
        Lists "cosine" and "similarity", both strictly rising, of equal length.
    """
    close = [s for s, e in zip(ranking.scores, ranking.edits, strict=True) if e in ALMOST_IDENTICAL]
    # copies that were not among the nearest neighbours count as lying below
    missing = sum(ranking.wanted[edit] for edit in ALMOST_IDENTICAL) - len(close)
    knots = {
        0.0: -1.0,
        0.3: np.quantile(of_any, STANDING_APART),
        0.5: np.median(of_own),
        0.85: ranking.threshold_at(VERY_SIMILAR_PRECISION) + VERY_SIMILAR_MARGIN,
        0.98: np.quantile(close + [-1.0] * missing, 1 - ALMOST_IDENTICAL_SHARE),
        1.0: 1.0,
    }
    cosine = [round(float(value), 4) for value in knots.values()]
    if not np.all(np.diff(cosine) > 0):
        raise SystemExit(f"the knots do not rise: {cosine}")
    return {"cosine": cosine, "similarity": list(knots)}


def calibrate(
    model: Path, held_out: list[Path], ranking: Ranking, config: Config
) -> dict[str, list[float]]:
    """Measure the knots of a model on the held-out pictures and on planted copies of them."""
    vectors = embed(held_out, open_session(model), config)
    themes = np.array([theme(path) for path in held_out])
    return find_knots(ranking, *nearest_cosines(vectors, themes))

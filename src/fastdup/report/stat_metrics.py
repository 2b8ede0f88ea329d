"""The statistics that a gallery can be ordered by, and what its two ends are called."""

import difflib
from typing import NamedTuple

from fastdup.errors import ConfigError


class StatMetric(NamedTuple):
    """What a gallery of statistics shows.

    Attributes
    ----------
    column : str
        Of ``stats.csv``.
    descending : bool
        Whether the largest value comes first by default.
    lowest, highest : str
        What the images at either end are called.
    """

    column: str
    descending: bool
    lowest: str
    highest: str


METRICS = {
    "blur": StatMetric("blur", False, "blurriest", "sharpest"),
    "bright": StatMetric("mean", True, "darkest", "brightest"),
    "contrast": StatMetric("contrast", False, "lowest contrast", "highest contrast"),
    "dark": StatMetric("mean", False, "darkest", "brightest"),
    "file_size": StatMetric("file_size", False, "smallest files", "largest files"),
    "height": StatMetric("height", False, "shortest", "tallest"),
    "max": StatMetric("max", False, "no highlights", "brightest highlights"),
    "mean": StatMetric("mean", False, "darkest", "brightest"),
    "min": StatMetric("min", True, "deepest shadows", "no shadows"),
    "sharp": StatMetric("blur", True, "blurriest", "sharpest"),
    "size": StatMetric("width", False, "smallest", "largest"),
    "stdv": StatMetric("stdv", False, "least varied", "most varied"),
    "unique": StatMetric("unique", False, "fewest shades", "most shades"),
    "width": StatMetric("width", False, "narrowest", "widest"),
}


def find_metric(name: str) -> StatMetric:
    """Return the metric called `name`.

    Raises
    ------
    ConfigError
        When there is none, naming the nearest one and all.
    """
    if name in METRICS:
        return METRICS[name]
    nearest = difflib.get_close_matches(str(name), METRICS, n=1, cutoff=0.5)
    example = nearest[0] if nearest else "blur"
    raise ConfigError(
        f"metric={name!r} is not known: try metric={example!r}, or one of {', '.join(METRICS)}"
    )

"""The statistics that tell poor images, and from where on an image is suspicious."""

from typing import Any

from fastdup.explorer.collection import Collection
from fastdup.report import METRICS

#: Metric → value beyond which an image is counted; the limits that `Fastdup.summary` has too.
_LIMITS = {"blur": 150.0, "bright": 253.0, "dark": 4.0, "contrast": 0.05, "size": 64.0}
#: In the order in which they are offered; the others follow.
_FIRST = ("blur", "dark", "bright", "contrast", "size", "file_size")


def told_metrics(collection: Collection) -> list[dict[str, Any]]:
    """Return the metrics that the collection has, with the number of suspicious images."""
    names = [*_FIRST, *(name for name in METRICS if name not in _FIRST)]
    told = []
    for name in names:
        metric = METRICS[name]
        values = collection.stats.get(metric.column)
        if values is None:
            continue
        one: dict[str, Any] = {
            "name": name,
            "words": metric.highest if metric.descending else metric.lowest,
        }
        if (limit := _LIMITS.get(name)) is not None:
            beyond = values > limit if metric.descending else values < limit
            one |= {"limit": limit, "beyond": int(beyond.sum())}
        told.append(one)
    return told

"""What differs between two images shown together, and how to lay one over the other."""

from typing import Any

from fastdup.report.thumbnails import Look, Picture


def describe_difference(first: Look, second: Look) -> dict[str, Any]:
    """Return as JSON values what differs between two images; nothing when one cannot be shown.

    ``same`` is there when their bytes are the same; else ``a`` and ``b`` are the words for the
    first and for the second, ``t`` is where the second lies in the first.
    """
    (one, image), (other, other_image) = first, second
    if not isinstance(one, Picture) or not isinstance(other, Picture):
        return {}
    if one.digest == other.digest:
        return {"same": 1}
    if image is None or other_image is None:
        return {}
    from fastdup.analysis.difference import compare

    sizes = (one.width, one.height), (other.width, other.height)
    difference = compare(image, other_image, *sizes)
    found: dict[str, Any] = {}
    if difference.first:
        found["a"] = difference.first
    if difference.second:
        found["b"] = difference.second
    if difference.placement is not None:
        found["t"] = [round(value, 5) for value in difference.placement]
    return found

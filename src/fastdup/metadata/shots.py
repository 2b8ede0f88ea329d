"""Whether two pictures are two shots, by what the files say: frames of a burst, or of a series."""

from fastdup.metadata.record import Metadata

#: Seconds between two frames of one burst, at most.
BURST_SECONDS = 3.0


def are_two_shots(one: Metadata, other: Metadata) -> bool:
    """Return whether a camera took the two at different moments, so that neither is a copy.

    Copies keep the moment at which the shutter was released, whatever is done to them.
    """
    if not _has_shot(one) or not _has_shot(other):
        return False
    return one.camera == other.camera and one.taken_seconds != other.taken_seconds


def are_one_burst(one: Metadata, other: Metadata) -> bool:
    """Return whether two shots are seconds apart."""
    if not are_two_shots(one, other):
        return False
    first, second = one.taken_seconds, other.taken_seconds
    return first is not None and second is not None and abs(first - second) <= BURST_SECONDS


def _has_shot(metadata: Metadata) -> bool:
    is_known = metadata.taken_from == "exif" and metadata.taken_seconds is not None
    return bool(metadata.camera) and is_known

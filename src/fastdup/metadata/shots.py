"""Whether two pictures are two shots, by what the files say: frames of a burst, or of a series."""

from collections import defaultdict
from collections.abc import Sequence

from fastdup.metadata.record import Metadata

#: Seconds between two shots of one burst, at most.
BURST_SECONDS = 3.0


def are_two_shots(one: Metadata, other: Metadata) -> bool:
    """Return whether a camera took the two at different moments, so that neither is a copy.

    Copies keep the moment at which the shutter was released, whatever is done to them.
    """
    if not _has_shot(one) or not _has_shot(other):
        return False
    return one.camera == other.camera and one.taken_seconds != other.taken_seconds


def find_bursts(images: Sequence[Metadata]) -> list[list[int]]:
    """Return the bursts among some images, each the places of its images, the earliest first.

    A burst is of two or more moments at which one camera took a picture, each at most
    `BURST_SECONDS` after the one before. Copies of a shot belong to its burst.
    """
    shots: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for place, image in enumerate(images):
        if _has_shot(image) and image.taken_seconds is not None:
            shots[image.camera].append((image.taken_seconds, place))
    bursts = list[list[tuple[float, int]]]()
    for of_camera in shots.values():
        before = -float("inf")
        for shot in sorted(of_camera):
            if shot[0] - before > BURST_SECONDS:
                bursts.append([])
            bursts[-1].append(shot)
            before = shot[0]
    return [[place for _, place in shots] for shots in bursts if shots[0][0] != shots[-1][0]]


def _has_shot(metadata: Metadata) -> bool:
    is_known = metadata.taken_from == "exif" and metadata.taken_seconds is not None
    return bool(metadata.camera) and is_known

"""How the second of two copies differs from the first, in single words."""

from collections.abc import Iterator

import numpy as np

from fastdup.verify.changes import Changes
from fastdup.verify.equalise import TONED
from fastdup.verify.verdict import STRETCHED, UPRIGHT, WHOLE, Placement

#: The logarithm of a scale that is another size.
_RESIZED = 0.03


def list_kinds(changes: Changes, placement: Placement) -> Iterator[str]:
    """Yield how the second picture differs from the first."""
    if placement.of_first < WHOLE:
        yield "cropped"
    if placement.of_second < WHOLE:
        yield "framed"
    if placement.is_mirrored:
        yield "mirrored"
    if abs(placement.angle) >= UPRIGHT:
        yield "turned"
    if placement.is_inverted:
        yield "inverted"
    elif changes.shift >= TONED:
        yield "toned"
    if changes.regions:
        yield "overlaid"
    if placement.stretch > STRETCHED:
        yield "stretched"
    if abs(np.log(placement.scale)) > _RESIZED:
        yield "resized"

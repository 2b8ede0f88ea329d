"""What is wrong with how a page is laid out in a browser, as a person would see at a glance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

#: Share of a screenshot that may have one colour: a page with a heading alone is below it.
_MOST_OF_ONE_COLOUR = 0.985

_SCRIPT = Path(__file__).with_suffix(".js").read_text()


def layout_faults(page) -> list[str]:
    """Return what reaches beyond the window, is cut off or lies on something else."""
    faults: Sequence[str] = page.evaluate(_SCRIPT)
    return list(faults)


def is_painted(screenshot: Path) -> bool:
    """Return whether there is more to see on a screenshot than one colour."""
    with Image.open(screenshot) as image:
        pixels = np.asarray(image.convert("RGB"), np.uint32)
    colours = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    _, counts = np.unique(colours, return_counts=True)
    return bool(counts.max() < _MOST_OF_ONE_COLOUR * colours.size)

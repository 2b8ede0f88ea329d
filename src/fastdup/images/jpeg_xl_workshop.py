"""Decodes animations in JPEG XL; runs apart, in a process with limited memory."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from fastdup.images.cut_short import ends_early
from fastdup.images.jpeg_xl import jpeg_xl_kind
from fastdup.images.jpeg_xl_decoder import ENDS_EARLY, as_levels
from fastdup.images.sampling import n_reached
from fastdup.sources.containers.apart import Place, Workshop


class JpegXlWorkshop(Workshop):
    """Decodes by imagecodecs, which decodes one frame, or all into one array."""

    noun = "an animation"

    def forget(self) -> None:
        """Keep nothing."""

    def frames(self, place: Place) -> tuple[Any, bytes]:
        """Return the number of frames, and those that may be looked at as the pages of a TIFF."""
        from imagecodecs import jpegxl_decode

        with self.file(place) as file:
            data = file.read()
        # Broad on purpose: whatever it raises is the failure of this file.
        try:
            still = np.asarray(jpegxl_decode(data, index=0, numthreads=1))
            found = np.asarray(jpegxl_decode(data, numthreads=1))
        except Exception as exc:
            if ENDS_EARLY not in str(exc):
                raise
            raise ends_early("JPEG XL", data) from exc
        frames = found if found.ndim > still.ndim else found[None]
        depth = jpeg_xl_kind(data).depth
        kept = frames[: n_reached(len(frames), still.shape[0] * still.shape[1])]
        first, *others = (Image.fromarray(as_levels(frame, depth)) for frame in kept)
        tiff = BytesIO()
        first.save(tiff, "TIFF", save_all=True, append_images=others)
        return len(frames), tiff.getvalue()

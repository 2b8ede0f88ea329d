"""Bytes of one image file → its upright RGB pixels, or an `ImageError` with a reason.

Files are known by their content, never by their extension. ``formats`` names the format,
``completeness`` tells a whole file from one cut short, ``tiff`` reads the directories that TIFF
and EXIF share, ``pixels`` turns every colour mode into RGB, ``decode`` puts these together and is
the only place that calls a decoder.
"""

from fastdup.images.decode import DecodedImage, cut_out, decode, reduced, require_image
from fastdup.images.signatures import HEAD_BYTES, sniff

__all__ = ["HEAD_BYTES", "DecodedImage", "cut_out", "decode", "reduced", "require_image", "sniff"]

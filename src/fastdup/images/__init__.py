"""Bytes of one image file → its upright RGB pixels, or an `ImageError` with a reason.

The content decides the format, never the extension. ``signatures`` detects the format,
``completeness`` detects truncated files, ``tiff`` reads the directories of TIFF and EXIF, ``rgb``
converts every colour mode to RGB, ``sampling`` chooses frames and pages, ``look_through``
decodes them. ``decode`` combines these; it is the only module that calls a decoder.
"""

from fastdup.images.decode import (
    RULES,
    UNKNOWN_FORMAT,
    DecodedImage,
    cut_out,
    decode,
    reduced,
    require_image,
)
from fastdup.images.decoders import is_decodable
from fastdup.images.signatures import HEAD_BYTES, sniff

__all__ = [
    "HEAD_BYTES",
    "RULES",
    "UNKNOWN_FORMAT",
    "DecodedImage",
    "cut_out",
    "decode",
    "is_decodable",
    "reduced",
    "require_image",
    "sniff",
]

"""What a file says of its picture besides the pixels: when, by which camera, where, how encoded.

`Metadata` is the record of one image. ``describe`` makes it of what the decoder found beside the
pixels: ``exif``, ``xmp`` and ``iptc`` read one kind of block each, ``capture_time`` reads dates,
``encoder`` looks at how a JPEG was encoded. Nobody vouches for what a file says: what makes no
sense is left empty, and no file takes long or ends a run. Nothing is ever written into an image.
"""

from fastdup.metadata.record import Metadata

__all__ = ["Metadata"]

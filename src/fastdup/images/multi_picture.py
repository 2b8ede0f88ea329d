"""JPEG files of several pictures: those of 3D cameras, panoramas and other multi-picture files.

Written after CIPA DC-007. Previews and maps of brightness are pictures of their own in such a file,
too, but smaller ones; a viewer shows none of them.
"""

from fastdup.images.jpeg_search import JpegSearch

#: What a multi-picture block begins with, which lies before the first picture.
_MARK = b"MPF\0"
#: Bytes in which it is: it follows EXIF, at most 64 KiB, and perhaps a profile of some segments.
_NEAR = 2**19


def pictures_of_one_size(data: bytes) -> list[bytes]:
    """Return the pictures in a JPEG file that are as large as the first one; none of a single one.

    Parameters
    ----------
    data : bytes
        The whole file.
    """
    if _MARK not in data[:_NEAR]:
        return []
    found = list(JpegSearch(data).all())
    if not found or found[0].start:
        return []
    first = found[0]
    size = first.width, first.height
    alike = [jpeg for jpeg in found if (jpeg.width, jpeg.height) == size]
    return [data[jpeg.start : jpeg.stop] for jpeg in alike] if len(alike) > 1 else []

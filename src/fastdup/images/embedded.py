"""Files that hold their picture as a file of another format: camera raw files and icons."""

from typing import NamedTuple


class Embedded(NamedTuple):
    """The picture that stands for a file, as a file of its own.

    Attributes
    ----------
    name : str
        Its format, as `sniff` names it.
    data : bytes
        The file.
    exif : bytes
        The outer file's TIFF block with orientation and camera; empty where it has none.
    """

    name: str
    data: bytes
    exif: bytes = b""

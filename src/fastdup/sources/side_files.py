"""Files that are meant to be something else than images: texts, sidecars, documents, programs."""

import re

from fastdup.sources.containers.datasets.row_names import may_be_row
from fastdup.sources.kinds import BUILT_IN, IMAGE_ENDINGS, RAW_ENDINGS
from fastdup.sources.local_reader import is_url

#: Endings of images that cannot be decoded.
_OTHER_IMAGE_ENDINGS = (
    ".blp", ".bpg", ".dcm", ".djvu", ".dpx", ".emf", ".eps", ".exr", ".fits", ".hdr", ".jng",
    ".jxr", ".mng", ".sgi", ".wdp", ".wmf", ".xcf",
)  # fmt: skip
#: Endings that say of a file that it is an image, or holds images.
_MEDIA_ENDINGS = (
    *IMAGE_ENDINGS,
    *RAW_ENDINGS,
    *_OTHER_IMAGE_ENDINGS,
    *(ending for kind in BUILT_IN for ending in kind.endings),
)
#: Endings of films, but also of programs: TypeScript.
_ALSO_PROGRAMS = (".mts", ".ts")
_ENDING = re.compile(r"[^/\\](\.[0-9a-z_+-]{1,12})$", re.IGNORECASE)
#: What a second member of the same name gets.
_NUMBER = re.compile(r"#\d+$")
#: Control characters that no text has.
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: How archives begin that are not read.
_OTHER_ARCHIVES = {
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"MSCF\0\0\0\0": "CAB",
    b"StuffIt": "StuffIt",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x04\x22\x4d\x18": "LZ4",
}


#: How packed files begin that are entered only under some names, or where a tar is in them.
_NOT_ENTERED = {
    b"PK\x03\x04": "a zip archive under the name of something else is not entered: "
    "rename it to .zip, or unpack it",
    b"\x1f\x8b": "a file packed by gzip is not entered: unpack it",
    b"BZh": "a file packed by bzip2 is not entered: unpack it",
    b"\xfd7zXZ\x00": "a file packed by xz is not entered: unpack it",
}


def ending_of(uri: str) -> str:
    """Return the ending of a file's name in lower case, with its dot; "" where it has none."""
    found = _ENDING.search(_name(uri))
    return found[1].lower() if found else ""


def is_side_name(uri: str) -> bool:
    """Return whether a name has an ending, and none of an image, film, archive or data set."""
    return bool(ending_of(uri)) and not _name(uri).lower().endswith(_MEDIA_ENDINGS)


def is_side_file(uri: str, head: bytes) -> bool:
    """Return whether a file that is no image is not meant to be one.

    Parameters
    ----------
    uri : str
        Its name: one with the ending of an image, film, archive or data set is meant to be one.
    head : bytes
        Its first bytes. They decide where the name has no ending: a text is a side file.
    """
    ending = ending_of(uri)
    if ending in _ALSO_PROGRAMS or not ending:
        return bool(head) and not may_be_row(uri) and _is_text(head)
    return is_side_name(uri)


def other_archive(head: bytes) -> str | None:
    """Return what kind of archive begins with `head` that is not read, None where it is none."""
    return next((name for magic, name in _OTHER_ARCHIVES.items() if head.startswith(magic)), None)


def advice_on_packed(head: bytes) -> str | None:
    """Return what to do with a packed file that was not entered; None where it is not packed."""
    return next((text for magic, text in _NOT_ENTERED.items() if head.startswith(magic)), None)


def _name(uri: str) -> str:
    whole = uri.partition("?")[0] if is_url(uri) else uri
    return _NUMBER.sub("", whole)


def _is_text(head: bytes) -> bool:
    return head.startswith(_BYTE_ORDER_MARKS) or head.translate(None, _NO_TEXT) == head

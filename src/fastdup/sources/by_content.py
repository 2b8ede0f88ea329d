"""Which files hold many images though their names do not say so: by their first and last bytes."""

import contextlib
import re
import struct
from collections.abc import Iterator

from fastdup.errors import ImageError
from fastdup.sources.kinds import ARCHIVES, IMAGE_ENDINGS, RAW_ENDINGS, VIDEOS, SourceKind
from fastdup.sources.local_reader import LocalReader

_HEAD_BYTES = 512
#: Where in a zip's first header its name begins, and what says how long name and extra field are.
_NAME_AT, _LENGTHS_AT = 30, 26
#: How the first member of a zip is called that is a document or a program.
_OF_DOCUMENTS = (
    b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"META-INF/",
    b"AndroidManifest.xml", b"classes.dex", b"resources.arsc",
)  # fmt: skip
_MIME_TYPE, _OF_BOOKS = b"mimetype", b"application/epub+zip"
#: Files that are zips, and whose images are parts of something else; and sounds in films' formats.
_NEVER_ENTERED = (
    ".3mf", ".apk", ".ckpt", ".crx", ".docx", ".egg", ".ipa", ".jar", ".keras", ".key", ".kra",
    ".m4a", ".m4b", ".m4p", ".m4r", ".mka", ".npz", ".numbers", ".nupkg", ".odg", ".odp", ".ods",
    ".odt", ".ora", ".pages", ".pptx", ".pt", ".pth", ".usdz", ".vsix", ".war", ".weba", ".whl",
    ".xlsx", ".xpi",
)  # fmt: skip
_KNOWN_ENDINGS = (*IMAGE_ENDINGS, *RAW_ENDINGS, *_NEVER_ENTERED)
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
_SEPARATORS = re.compile("[/#]|$")


def may_hold_images(path: str) -> bool:
    """Return whether a name leaves open what is in a file: it is not that of an image."""
    return not path.lower().endswith(_KNOWN_ENDINGS)


def kind_by_content(path: str) -> SourceKind | None:
    """Return the kind of a file of this machine that holds many images; None where it does not."""
    try:
        head = LocalReader().read(path, _HEAD_BYTES)
    except ImageError:
        return None
    if _is_archive(path, head):
        return ARCHIVES
    return VIDEOS if _is_video(head) else None


def prefixes(uri: str) -> Iterator[str]:
    """Yield each beginning of a URI that may be a file in which the rest lies, the longest last."""
    return (uri[: found.start()] for found in _SEPARATORS.finditer(uri) if found.start())


def is_self_extracting(path: str) -> bool:
    """Return whether a file is a program with a zip at its end."""
    import zipfile

    # The module finds out that a zip has several parts before it says whether it is one.
    faults = (OSError, ValueError, struct.error, zipfile.BadZipFile)
    with contextlib.suppress(*faults), open(path, "rb") as file:
        return file.read(4).startswith(_PROGRAMS) and zipfile.is_zipfile(file)
    return False


def _is_archive(path: str, head: bytes) -> bool:
    from fastdup.sources.containers.archives.archive_formats import ArchiveFormat, format_of_head

    match format_of_head(head):
        case None:
            return head.startswith(_PROGRAMS) and is_self_extracting(path)
        case ArchiveFormat.TAR:
            return True
        case ArchiveFormat.ZIP:
            return _is_zip_of_files(head)
        case packing:
            return _holds_tar(path, packing)


def _is_zip_of_files(head: bytes) -> bool:
    """Return whether a zip is no document or program."""
    length = int.from_bytes(head[_LENGTHS_AT : _LENGTHS_AT + 2], "little")
    n_extra = int.from_bytes(head[_LENGTHS_AT + 2 : _NAME_AT], "little")
    name = head[_NAME_AT : _NAME_AT + length]
    if name == _MIME_TYPE:
        return head[_NAME_AT + length + n_extra :].startswith(_OF_BOOKS)
    return bool(name) and not name.startswith(_OF_DOCUMENTS)


def _holds_tar(path: str, packing: object) -> bool:
    """Return whether a tar is packed in a file; much else is packed so, too."""
    from fastdup.sources.containers.archives.archive_formats import ArchiveFormat, format_of_head
    from fastdup.sources.containers.archives.forward_stream import DAMAGE, ForwardFile

    assert isinstance(packing, ArchiveFormat)
    try:
        with contextlib.closing(ForwardFile(open(path, "rb"), packing)) as file:
            return format_of_head(file.read(_HEAD_BYTES)) is ArchiveFormat.TAR
    except DAMAGE:
        return False


def _is_video(head: bytes) -> bool:
    from fastdup.sources.containers.videos.video_formats import demuxer_of_head

    demuxer = demuxer_of_head(head)
    is_certain = demuxer in ("avi", "matroska") or head[4:8] == b"ftyp"
    return demuxer is not None and is_certain

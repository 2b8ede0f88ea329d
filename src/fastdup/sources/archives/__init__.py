"""Images inside archives: listed and read where they are, never unpacked to disk."""

from fastdup.sources.archives.formats import ENDING, may_be_archive
from fastdup.sources.archives.reader import ArchiveReader

__all__ = ["ENDING", "ArchiveReader", "may_be_archive"]

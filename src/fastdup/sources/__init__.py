"""WHERE images are: `open_listing` names them, `open_reader` reads them, wherever they lie."""

from fastdup.sources.base import UNREACHABLE, Reader, Stamp
from fastdup.sources.inputs import list_images
from fastdup.sources.local_reader import is_url
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.uri_reader import UriReader

__all__ = ["UNREACHABLE", "Reader", "ReaderOptions", "Stamp", "UriReader", "is_url", "list_images"]

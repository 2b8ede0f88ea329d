"""WHERE images are: `open_listing` names them, `open_reader` reads them, wherever they lie."""

from fastdup.sources.base import UNREACHABLE, Listing, Reader, Skip, Stamp
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.crops import Box, Crop, crop_name, parse_crop
from fastdup.sources.disk_list import DiskList
from fastdup.sources.folder import FolderListing
from fastdup.sources.inputs import list_images, open_listing, open_reader
from fastdup.sources.local_reader import LocalReader, is_url
from fastdup.sources.path_list import PathListing
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.signed import without_secrets
from fastdup.sources.uri_reader import UriReader

__all__ = [
    "UNREACHABLE",
    "Box",
    "Crop",
    "DiskList",
    "FolderListing",
    "Listing",
    "LocalReader",
    "PathListing",
    "Reader",
    "ReaderOptions",
    "Skip",
    "Stamp",
    "UriReader",
    "crop_name",
    "is_url",
    "list_images",
    "open_listing",
    "open_reader",
    "parse_crop",
    "parse_frame",
    "without_secrets",
]

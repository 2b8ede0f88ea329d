"""Images in object stores: S3 and what speaks its language, Google, Azure, plain web servers."""

from fastdup.sources.objects.files import ObjectFiles
from fastdup.sources.objects.prefetch import Fetched, Prefetcher
from fastdup.sources.objects.reader import MAX_PREFETCHED_BYTES, ObjectReader
from fastdup.sources.objects.urls import is_object_url, parse_url

__all__ = [
    "MAX_PREFETCHED_BYTES",
    "Fetched",
    "ObjectFiles",
    "ObjectReader",
    "Prefetcher",
    "is_object_url",
    "parse_url",
]

"""Images in object stores: S3 and what speaks its language, Google, Azure, plain web servers."""

from fastdup.sources.objects.reader import ObjectReader
from fastdup.sources.objects.urls import is_object_url, parse_url

__all__ = ["ObjectReader", "is_object_url", "parse_url"]

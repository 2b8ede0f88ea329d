"""The URLs of objects: which store, and which key in it."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from fastdup.errors import SourceError
from fastdup.sources.signed import without_secrets

#: Scheme → how many parts after it name the store.
_STORE_PARTS = {"az": 1, "gs": 1, "http": 1, "https": 1, "minio": 2, "s3": 1}
_STORE_NAME = re.compile(r"[\w.:$\[\]-]+", re.ASCII)
_EXAMPLES = {"minio": "minio://alias/bucket/folder/", "az": "az://container/folder/"}


class ObjectUrl(NamedTuple):
    """An object, or a folder of objects when the key is empty or ends with a slash.

    Attributes
    ----------
    store : str
        ``s3://bucket``, ``minio://alias/bucket``, ``https://host``, …
    key : str
        The name inside the store, as it is: nothing in it is quoted.
    """

    store: str
    key: str

    @property
    def scheme(self) -> str:
        """The part before ``://``."""
        return self.store.partition("://")[0]

    @property
    def is_web(self) -> bool:
        """Tell whether it is on a plain web server, which cannot be listed."""
        return self.scheme in ("http", "https")

    @property
    def has_query(self) -> bool:
        """Tell whether it is a web address with a question mark."""
        return self.is_web and "?" in self.key

    @property
    def root(self) -> str:
        """What a client is opened for: the store; with a query, the whole address as it is."""
        return f"{self.store}/{self.key}" if self.has_query else self.store

    @property
    def path(self) -> str:
        """The key below `root` as the client wants it: that of a web address without quoting."""
        if self.has_query:
            return ""
        return unquote(self.key) if self.is_web else self.key

    @property
    def names_folder(self) -> bool:
        """Tell whether it is written as a folder."""
        return not self.key or (self.key.endswith("/") and not self.has_query)


def is_object_url(name: str) -> bool:
    """Tell whether `name` begins with a scheme that is known here."""
    return name.partition("://")[0].lower() in _STORE_PARTS and "://" in name


def parse_url(url: str) -> ObjectUrl:
    """Return the parts of an object's URL.

    Raises
    ------
    SourceError
        When the scheme is unknown or the name of the store is missing.
    """
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme not in _STORE_PARTS:
        known = ", ".join(f"{name}://" for name in _STORE_PARTS)
        raise SourceError(f"{url!r}: {scheme}:// is not known; write one of {known}")
    n_parts = _STORE_PARTS[scheme]
    *store, key = (rest.split("/", n_parts) + [""] * n_parts)[: n_parts + 1]
    if not all(map(_STORE_NAME.fullmatch, store)):
        example = _EXAMPLES.get(scheme, f"{scheme}://bucket/folder/")
        raise SourceError(f"{without_secrets(url)!r} does not name a store: write {example}")
    return ObjectUrl(f"{scheme}://{'/'.join(store)}", key)

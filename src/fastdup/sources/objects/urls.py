"""The URLs of objects: which store, and which key in it."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from fastdup.errors import SourceError
from fastdup.sources.signed import without_secrets

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
        """Return whether it is on a plain web server, which cannot be listed."""
        return self.scheme in ("http", "https")

    @property
    def has_query(self) -> bool:
        """Return whether it is a web address with a question mark."""
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
        """Return whether it is written as a folder."""
        return not self.key or (self.key.endswith("/") and not self.has_query)


def parse_url(url: str) -> ObjectUrl:
    """Return the parts of an object's URL.

    Raises
    ------
    SourceError
        When the name of the store is missing.
    """
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    n_parts = 2 if scheme == "minio" else 1  # of those that name the store
    *store, key = (rest.split("/", n_parts) + [""] * n_parts)[: n_parts + 1]
    if not all(map(_STORE_NAME.fullmatch, store)):
        example = _EXAMPLES.get(scheme, f"{scheme}://bucket/folder/")
        raise SourceError(f"{without_secrets(url)!r} does not name a store: write {example}")
    return ObjectUrl(f"{scheme}://{'/'.join(store)}", key)

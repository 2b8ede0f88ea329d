"""Which rows of an earlier run are still valid: same place in the listing, file unchanged."""

from collections.abc import Iterable, Iterator
from itertools import islice

from fastdup.extract.batch import BATCH_SIZE
from fastdup.extract.reuse import is_outdated
from fastdup.sources import Reader
from fastdup.workdir.store import FeatureStore

#: How many files ahead of its batch a file is prefetched, so that no thread waits for the network.
PREFETCHED_FILES = 32 * BATCH_SIZE


def keep_unchanged(reader: Reader, uris: Iterable[str], store: FeatureStore) -> None:
    """Keep the rows in `store` if all of them are valid, else set all of them aside."""
    if count_unchanged(reader, uris, store) < store.n_listed:
        store.set_aside()


def count_unchanged(reader: Reader, uris: Iterable[str], store: FeatureStore) -> int:
    """Return how many stored rows, counted from the first, are still valid."""
    n_same = 0
    for uri, stored in zip(
        _stamped_soon(reader, uris, store.n_listed), store.stored(), strict=False
    ):
        is_same = uri == stored.uri and not is_outdated(uri, stored.reason, stored.detail)
        if not is_same or reader.stamp(uri) != stored.stamp:
            break
        n_same += 1
    return n_same


def _stamped_soon(reader: Reader, uris: Iterable[str], n_stored: int) -> Iterator[str]:
    """Yield the first `n_stored` of `uris`; the reader is asked to prefetch their stamps only."""
    stamped = islice(uris, n_stored)
    while chunk := list(islice(stamped, PREFETCHED_FILES)):
        reader.prefetch(chunk, lambda *_: True)
        yield from chunk

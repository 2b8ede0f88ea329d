"""Which rows of an earlier run still are what the listing and the files say."""

from collections.abc import Iterable, Iterator
from itertools import islice

from fastdup.extract.batch import BATCH_SIZE
from fastdup.extract.reuse import PASSING_REASONS
from fastdup.sources import Source
from fastdup.workdir import FeatureStore

#: Files that the source hears of before their batch is worked on: objects that are far away are
#: asked for so early that they are here in time.
FILES_ANNOUNCED = 32 * BATCH_SIZE


def keep_unchanged(source: Source, uris: Iterable[str], store: FeatureStore) -> None:
    """Leave the rows in `store` when all of them are unchanged, else have them step aside."""
    if count_unchanged(source, uris, store) < store.n_listed:
        store.step_aside()


def count_unchanged(source: Source, uris: Iterable[str], store: FeatureStore) -> int:
    """Return how many stored rows, from the first, still are what the listing and the files say."""
    n_same = 0
    for uri, stored in zip(
        _stamped_soon(source, uris, store.n_listed), store.stored(), strict=False
    ):
        may_have_passed = stored.reason in PASSING_REASONS
        if uri != stored.uri or may_have_passed or source.stamp(uri) != stored.stamp:
            break
        n_same += 1
    return n_same


def _stamped_soon(source: Source, uris: Iterable[str], n_stored: int) -> Iterator[str]:
    """Yield the first `n_stored` of `uris`, announced to be stamped and not read."""
    stamped = islice(uris, n_stored)
    while chunk := list(islice(stamped, FILES_ANNOUNCED)):
        source.expect(chunk, lambda *_: True)
        yield from chunk

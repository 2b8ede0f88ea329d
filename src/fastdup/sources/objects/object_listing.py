"""What is in a store: its objects in the order of their keys, and whether it can be read at all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources.objects import stores
from fastdup.sources.objects.failures import client_faults, failure_of, listing_failure, unreachable
from fastdup.sources.objects.urls import ObjectUrl
from fastdup.sources.signed import without_secrets

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore


def has_objects(place: ObjectUrl) -> bool:
    """Return whether anything is below `place`.

    Raises
    ------
    SourceError
        When something is wrong with the whole store.
    """
    store = stores.open_store(place.store, stores.FIRST_PATIENCE)
    import obstore

    try:
        return any(map(len, obstore.list(store, place.key, chunk_size=1)))
    except client_faults() as exc:
        raise listing_failure(place.store, exc) from exc


def list_objects(store: "ObjectStore", place: ObjectUrl) -> "Iterator[ObjectMeta]":
    """Yield the objects below `place`.

    Raises
    ------
    SourceError
        When the store stops answering.
    """
    import obstore

    try:
        for page in obstore.list(store, place.key, chunk_size=1000):
            yield from page
    except client_faults() as exc:
        raise listing_failure(place.store, exc) from exc


def without_markers(metas: "Iterator[ObjectMeta]") -> "Iterator[ObjectMeta]":
    """Leave out the empty objects by which consoles mark folders: ``photos/2024/``."""
    held: ObjectMeta | None = None
    for meta in metas:
        is_marker = held and not held["size"] and meta["path"].startswith(held["path"] + "/")
        if held and not is_marker:
            yield held
        held = meta
    if held:
        yield held


def check_store(place: ObjectUrl, *, is_needed: bool = False) -> None:
    """Ask for an object once, so that what is wrong with the whole store is found early.

    Raises
    ------
    SourceError
        When something is; when the object `is_needed`, also if there is none.
    """
    store = stores.open_store(place.root, stores.FIRST_PATIENCE)
    import obstore

    try:
        obstore.get(store, place.path)
    except client_faults() as exc:
        failure = failure_of(place.store, exc)
        if isinstance(failure, ImageError) and failure.reason == Reason.TIMEOUT:
            raise unreachable(place.store, failure) from exc
        if isinstance(failure, SourceError):
            raise failure from exc
        if is_needed:
            url = without_secrets(f"{place.store}/{place.key}")
            raise SourceError(f"there is nothing to read at {url}: {failure}") from exc

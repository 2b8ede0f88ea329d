"""What is in a store: its objects in the order of their keys, and whether it can be read at all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources.objects import stores
from fastdup.sources.objects.aws import S3Access
from fastdup.sources.objects.failures import client_faults, failure_of, listing_failure, unreachable
from fastdup.sources.objects.key_listing import KeyListingError, list_keys
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
    store = cast("ObjectStore", stores.open_store(place.store, stores.FIRST_PATIENCE))
    import obstore

    retries = stores.Retries(stores.FIRST_PATIENCE.retry_s)
    while True:
        try:
            return any(map(len, obstore.list(store, place.key, chunk_size=1)))
        except client_faults() as exc:
            if _is_odd_key(exc):
                return True
            failure = listing_failure(place.store, exc)
            if not _is_passing(place, exc) or not retries.wait():
                raise failure from exc


def list_objects(store: "ObjectStore", place: ObjectUrl) -> "Iterator[ObjectMeta]":
    """Yield the objects below `place`; go on behind the last one where an answer breaks off.

    Raises
    ------
    SourceError
        When the store stops answering.
    """
    import obstore

    last: str | None = None
    retries = stores.Retries(stores.PATIENCE.retry_s)
    while True:
        try:
            for page in obstore.list(store, place.key, offset=last, chunk_size=1000):
                for meta in page:
                    last = meta["path"]
                    yield meta
                retries = stores.Retries(stores.PATIENCE.retry_s)
            return
        except client_faults() as exc:
            if _is_odd_key(exc) and (access := stores.access_of(place.store)):
                yield from _list_keys(access, place, last or "", exc)
                return
            if not _is_passing(place, exc) or not retries.wait():
                raise listing_failure(place.store, exc) from exc


def _is_passing(place: ObjectUrl, exc: Exception) -> bool:
    failure = failure_of(place.store, exc)
    return isinstance(failure, ImageError) and failure.reason is Reason.TIMEOUT


def _is_odd_key(exc: Exception) -> bool:
    """Return whether the client gives up because of a key that it cannot name."""
    return type(exc).__name__ == "InvalidPathError"


def _list_keys(
    access: S3Access, place: ObjectUrl, after: str, cause: Exception
) -> "Iterator[ObjectMeta]":
    """Yield the objects behind the last one, those with odd keys too; these end among the bad."""
    bucket = place.store.rpartition("/")[2]
    folder = place.key.strip("/")
    try:
        for listed in list_keys(access, bucket, folder and f"{folder}/", after):
            key = listed.key
            is_marker = key.endswith("/") and not listed.size
            if not is_marker:
                yield {
                    "path": key,
                    "size": listed.size,
                    "last_modified": listed.last_modified,
                    "e_tag": listed.e_tag,
                    "version": None,
                }
    except KeyListingError as exc:
        failure = listing_failure(place.store, cause)
        raise SourceError(f"{failure}; nor can its keys be listed one by one: {exc}") from exc


def without_markers(metas: "Iterator[ObjectMeta]", folder: str = "") -> "Iterator[ObjectMeta]":
    """Leave out the empty objects by which consoles mark folders: ``photos/2024/``.

    `folder` is the key of the folder that is listed; its own marker is no object in it.
    """
    held: ObjectMeta | None = None
    for meta in metas:
        if folder and not meta["size"] and meta["path"] == folder.rstrip("/"):
            continue
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
    try:
        store.get(place.path)
    except ImageError as exc:
        if is_needed:
            raise SourceError(f"there is nothing to read at {_named(place)}: {exc}") from exc
    except client_faults() as exc:
        failure = failure_of(place.store, exc)
        if isinstance(failure, ImageError) and failure.reason == Reason.TIMEOUT:
            raise unreachable(place.store, failure) from exc
        if isinstance(failure, SourceError):
            raise failure from exc
        if is_needed:
            named = _named(place)
            raise SourceError(f"there is nothing to read at {named}: {failure}") from exc


def _named(place: ObjectUrl) -> str:
    return without_secrets(f"{place.store}/{place.key}")

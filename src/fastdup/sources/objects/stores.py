"""Clients of object stores, one for each bucket."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from fastdup.errors import SourceError
from fastdup.sources.kinds import OBJECTS
from fastdup.sources.objects.aws import S3Access, s3_access
from fastdup.sources.objects.failures import client_faults
from fastdup.sources.objects.minio import alias_access
from fastdup.sources.signed import without_secrets

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from fastdup.sources.objects.web_store import WebStore


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for a server: all is bounded, so that nothing hangs.

    Attributes
    ----------
    connect_s, silence_s, answer_s : float
        Seconds until a connection stands, between two pieces of an answer, until it is whole.
    n_retries : int
        How often a request is repeated that failed by itself: connection dropped, no answer,
        throttled (429, 503), other 5xx. The pauses double from 0.1 to 10 seconds.
    retry_s : float
        Seconds after which it is not repeated any more.
    """

    connect_s: float = 5
    silence_s: float = 20
    answer_s: float = 300
    n_retries: int = 8
    retry_s: float = 90


#: For objects, and for the pages of a listing.
PATIENCE = Patience()
#: For the first request to a store: what is misspelt should be refused soon.
FIRST_PATIENCE = Patience(n_retries=3, retry_s=15)
LONGEST_PAUSE_S = 10
_FIRST_PAUSE_S = 0.2


class Retries:
    """Pauses between tries, each twice as long as the one before, until patience is at its end.

    Parameters
    ----------
    within_s : float
        Seconds from now on.
    """

    def __init__(self, within_s: float) -> None:
        self._start_s = time.monotonic()
        self._pause_s = _FIRST_PAUSE_S
        self.within_s = within_s

    def wait(self) -> bool:
        """Wait; return False, at once, when there is no time for another try."""
        if time.monotonic() + self._pause_s > self._start_s + self.within_s:
            return False
        time.sleep(self._pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return True


def access_of(place: str) -> S3Access | None:
    """Return how a bucket of S3 or MinIO is reached, None for all other stores."""
    scheme, _, name = place.partition("://")
    if scheme == "s3":
        return s3_access()
    return alias_access(name.partition("/")[0]) if scheme == "minio" else None


def open_store(place: str, patience: Patience) -> "ObjectStore | WebStore":
    """Return the client for ``s3://bucket``, ``minio://alias/bucket``, ``https://host``, ….

    A whole web address, with its query, is a place too; the key in it is then empty.

    Raises
    ------
    MissingExtraError
        When obstore is not installed.
    SourceError
        When there are no credentials, or no such alias or profile.
    """
    OBJECTS.require(f"reading {without_secrets(place)}")
    scheme, _, name = place.partition("://")
    if scheme in ("http", "https"):
        from fastdup.sources.objects.web_store import WebStore

        return WebStore(place, patience)
    from obstore import store

    options: dict[str, Any] = {
        "client_options": {
            "allow_http": True,  # where the user names an endpoint by http://
            "connect_timeout": timedelta(seconds=patience.connect_s),
            "read_timeout": timedelta(seconds=patience.silence_s),
            "timeout": timedelta(seconds=patience.answer_s),
            "user_agent": "fastdup",
        },
        "retry_config": {
            "max_retries": patience.n_retries,
            "retry_timeout": timedelta(seconds=patience.retry_s),
            "backoff": {"max_backoff": timedelta(seconds=LONGEST_PAUSE_S)},
        },
    }
    make: Callable[..., ObjectStore]
    if scheme == "s3":
        make = partial(store.S3Store, name, **_s3_options(s3_access()))
    elif scheme == "minio":
        alias, bucket = name.split("/")
        make = partial(store.S3Store, bucket, **_s3_options(alias_access(alias)))
    elif scheme == "gs":
        make = partial(store.GCSStore, name)
    else:
        make = partial(store.AzureStore, name)
    try:
        return make(**options)
    except client_faults() as exc:
        cause = str(exc).partition("\n")[0]
        raise SourceError(
            f"cannot reach {without_secrets(place)}: {cause}; see docs/sources.md"
        ) from exc


def _s3_options(access: S3Access) -> dict[str, Any]:
    return {"config": dict(access.config), "credential_provider": access.credentials}

"""The keys of an S3 bucket as they are, also those that the client cannot name.

The client understands a key as a path, and gives up a whole page of a listing for one with ``//``
or ``..`` in it. Then the listing goes on here: ListObjectsV2, signed by Signature Version 4.
"""

import datetime
import hashlib
import hmac
import http.client
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from fastdup.sources.objects import stores
from fastdup.sources.objects.aws import S3Access

_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_DEFAULT_REGION = "us-east-1"
#: A page has a thousand keys of up to 1,024 bytes, quoted.
_MOST_PAGE_BYTES = 2**24


class ListedKey(NamedTuple):
    """An object in a bucket, by its very key.

    Attributes
    ----------
    key : str
        Nothing in it is quoted or left out.
    size : int
        In bytes.
    last_modified : datetime
        When it was changed.
    e_tag : str or None
        With its quotes.
    """

    key: str
    size: int
    last_modified: datetime.datetime
    e_tag: str | None


class KeyListingError(Exception):
    """A page could not be had; the message is one line. `is_passing`: another try may help."""

    def __init__(self, message: str, *, is_passing: bool) -> None:
        super().__init__(message)
        self.is_passing = is_passing


def list_keys(access: S3Access, bucket: str, prefix: str, after: str) -> Iterator[ListedKey]:
    """Yield the keys of a bucket that begin with `prefix` and come after another one, in order.

    Raises
    ------
    KeyListingError
        When the bucket cannot be listed.
    """
    while True:
        page = _patiently(access, bucket, {"prefix": prefix, "start-after": after})
        keys = [_listed(item) for item in page.iter(f"{_NAMESPACE}Contents")]
        yield from keys
        if page.findtext(f"{_NAMESPACE}IsTruncated") != "true" or not keys:
            return
        after = keys[-1].key


def _patiently(access: S3Access, bucket: str, query: dict[str, str]) -> ET.Element:
    retries = stores.Retries(stores.PATIENCE.retry_s)
    while True:
        try:
            return _page(access, bucket, query)
        except KeyListingError as exc:
            if not exc.is_passing or not retries.wait():
                raise


def _page(access: S3Access, bucket: str, query: dict[str, str]) -> ET.Element:
    """Return one page of the listing."""
    region = access.config.get("region") or os.environ.get("AWS_REGION") or _DEFAULT_REGION
    endpoint = access.config.get("endpoint") or f"https://s3.{region}.amazonaws.com"
    place = urlsplit(endpoint)
    path = f"{place.path.rstrip('/')}/{bucket}"
    words = {"list-type": "2", "encoding-type": "url", **{k: v for k, v in query.items() if v}}
    asked = "&".join(f"{name}={quote(words[name], safe='-_.~')}" for name in sorted(words))
    headers = {"host": place.netloc, "x-amz-content-sha256": _EMPTY_HASH}
    if not access.config.get("skip_signature"):
        headers |= _signed(access, path, asked, headers, region)
    connect = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = connect(place.netloc, timeout=stores.PATIENCE.silence_s)
    try:
        connection.request("GET", f"{path}?{asked}", headers=headers)
        answer = connection.getresponse()
        data = answer.read(_MOST_PAGE_BYTES)
        if answer.status != 200:
            is_passing = answer.status >= 500 or answer.status in (408, 425, 429)
            message = f"the server answers {answer.status} {answer.reason}"
            raise KeyListingError(message, is_passing=is_passing)
        return ET.fromstring(data)
    except (OSError, http.client.HTTPException, ET.ParseError) as exc:
        raise KeyListingError(str(exc) or type(exc).__name__, is_passing=True) from exc
    finally:
        connection.close()


def _listed(item: ET.Element) -> ListedKey:
    def text(name: str) -> str:
        return item.findtext(_NAMESPACE + name) or ""

    changed = datetime.datetime.fromisoformat(text("LastModified").replace("Z", "+00:00"))
    return ListedKey(unquote(text("Key")), int(text("Size")), changed, text("ETag") or None)


def _signed(
    access: S3Access, path: str, asked: str, headers: dict[str, str], region: str
) -> dict[str, str]:
    """Return the headers that sign a request (AWS Signature Version 4)."""
    key, secret, token = _keys(access)
    now = datetime.datetime.now(datetime.UTC)
    moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    signed = {**headers, "x-amz-date": moment}
    if token:
        signed["x-amz-security-token"] = token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["GET", quote(path, safe="/-_.~"), asked, lines, names, _EMPTY_HASH])
    scope = f"{day}/{region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, digest])
    signing_key = f"AWS4{secret}".encode()
    for word in (day, region, "s3", "aws4_request"):
        signing_key = hmac.digest(signing_key, word.encode(), "sha256")
    signature = hmac.digest(signing_key, to_sign.encode(), "sha256").hex()
    authority = f"Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**signed, "authorization": f"AWS4-HMAC-SHA256 {authority}"}


def _keys(access: S3Access) -> tuple[str, str, str | None]:
    if access.credentials:
        found = access.credentials()
        return found["access_key_id"], found["secret_access_key"], found["token"]
    try:
        key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    except KeyError as exc:
        message = "its keys are known to the client alone"
        raise KeyListingError(message, is_passing=False) from exc
    return key, secret, os.environ.get("AWS_SESSION_TOKEN")

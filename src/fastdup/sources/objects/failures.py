"""What an object store's refusal means: for one image, or for the whole run."""

import re

from fastdup.errors import FastdupError, ImageError, Reason, SourceError
from fastdup.sources.objects.aws import NO_CREDENTIALS

_CODE = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]+)</Message>")
_STATUS = re.compile(r"status code: (\d{3})")
_QUERY = re.compile(r"(https?://[^\s?]*)\?[^\s)]*")
_REGION = re.compile(r"<Region>([\w-]+)</Region>|expecting '([\w-]+)'")
#: Where the client looks for the role of the machine itself when it finds no keys.
_MACHINE_ROLE = ("169.254.169.254", "169.254.170.2", "metadata.google.internal")

NO_GOOGLE_CREDENTIALS = (
    "no Google credentials were found: set GOOGLE_APPLICATION_CREDENTIALS, or "
    "GOOGLE_SKIP_SIGNATURE=true for a public bucket"
)
_NO_BUCKET = {"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"}
_BAD_CREDENTIALS = {
    "AuthenticationFailed", "ExpiredToken", "InvalidAccessKeyId", "InvalidClientTokenId",
    "InvalidToken", "NoAuthenticationInformation", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
    "TokenRefreshRequired", "UnsupportedAlgorithm",
}  # fmt: skip
_WRONG_REGION = {"AuthorizationHeaderMalformed", "IllegalLocationConstraint", "PermanentRedirect"}
_PASSING_STATUS = {408, 425, 429}


def client_faults() -> tuple[type[Exception], ...]:
    """Return what the client raises: its own kinds, and Python's where they say the same."""
    from obstore.exceptions import BaseError

    return BaseError, OSError, ValueError


def failure_of(place: str, exc: Exception) -> FastdupError:
    """Return what is to be raised for the client's exception.

    Returns
    -------
    SourceError
        When no object of `place` can be read: no such bucket, bad credentials, another region.
    ImageError
        When only this object cannot be read.
    """
    text = _QUERY.sub(r"\1?…", str(exc))  # it may hold what gives access
    found = _CODE.search(text)
    code = found[1] if found else ""
    if place.startswith(("http://", "https://")):  # each address has its own right to be read
        return _image_error(exc, text, code)
    if code in _NO_BUCKET:
        return SourceError(f"there is no bucket {place} ({code}): check its name and the endpoint")
    if any(address in text for address in _MACHINE_ROLE):
        detail = NO_GOOGLE_CREDENTIALS if place.startswith("gs:") else NO_CREDENTIALS
        return SourceError(f"{place}: {detail}")
    if code in _BAD_CREDENTIALS:
        return SourceError(f"{place} refuses the credentials ({_gist(text, code)})")
    if code in _WRONG_REGION:
        region = next((r for found in _REGION.finditer(text) for r in found.groups() if r), "…")
        return SourceError(f"{place} is in another region ({code}): set AWS_REGION={region}")
    return _image_error(exc, text, code)


def listing_failure(place: str, exc: Exception) -> FastdupError:
    """Return what is to be raised when `place` cannot be listed."""
    failure = failure_of(place, exc)
    if isinstance(failure, SourceError):
        return failure
    if isinstance(failure, ImageError) and failure.reason == Reason.NO_ACCESS:
        hint = "ask for the permission to list it, or name its objects in a list file"
        return SourceError(f"{place} may not be listed ({failure}): {hint}")
    return unreachable(place, failure)


def unreachable(place: str, failure: Exception) -> SourceError:
    """Return the one error of a store that does not answer as a store."""
    hint = "check the network, the endpoint and the name"
    return SourceError(f"{place} cannot be reached ({failure}): {hint}")


def _image_error(exc: Exception, text: str, code: str) -> ImageError:
    found = _STATUS.search(text)
    status = int(found[1]) if found else 0
    if isinstance(exc, FileNotFoundError) or status in (404, 410):
        return ImageError("no such object", reason=Reason.NOT_FOUND)
    if status in (401, 403) or type(exc).__name__ in (
        "PermissionDeniedError",
        "UnauthenticatedError",
    ):
        return ImageError(_gist(text, code), reason=Reason.NO_ACCESS)
    if isinstance(exc, ValueError) or type(exc).__name__ == "InvalidPathError":
        return ImageError(
            f"a key that the client cannot ask for: {_gist(text, code)}", reason=Reason.UNSUPPORTED
        )
    if "non-partial response" in text:
        return ImageError("the server gives no parts of objects", reason=Reason.UNSUPPORTED)
    if 400 <= status < 500 and status not in _PASSING_STATUS:
        return ImageError(_gist(text, code), reason=Reason.NO_ACCESS)
    return ImageError(_gist(text, code), reason=Reason.TIMEOUT)


def _gist(text: str, code: str) -> str:
    """Return the gist of the client's many lines."""
    message = _MESSAGE.search(text)
    status = _STATUS.search(text)
    if code:
        return f"{code}: {message[1].strip()}" if message else code
    first = text.partition("\n")[0]
    if status:
        return f"the server answers {first[first.find(status[1]) :][:60].strip()}"
    cause = first.rpartition(" - ")[2] or first
    tries = re.search(r"after (\d+) retries", first)
    return f"{cause[:160].strip()}{f', tried {int(tries[1]) + 1} times' if tries else ''}"

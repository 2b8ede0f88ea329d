"""Web addresses that carry a secret in their query, as signed ones do: it is no part of a name."""

import re

_SECRET = re.compile(
    r"(?<=[?&])((?:x-amz-|x-goog-)?(?:signature|credential|security-token)|sig|awsaccesskeyid|"
    r"googleaccessid|key-pair-id|policy|(?:access_|auth_)?token|api_?key|key|auth|password)=[^&#]*",
    re.IGNORECASE,
)


def without_secrets(address: str) -> str:
    """Return the address with ``…`` for the values of its query that give access.

    All other values stay: they may tell one image from another. What is no web address is
    returned as it is.
    """
    is_web = address.lower().startswith(("http://", "https://"))
    return _SECRET.sub(r"\1=…", address) if is_web and "?" in address else address

"""Web addresses that carry a secret in their query, as signed ones do: it is no part of a name."""

import re
from collections import Counter

_SECRET = re.compile(
    r"(?<=[?&])((?:x-amz-|x-goog-)?(?:signature|credential|security-token)|sig|awsaccesskeyid|"
    r"googleaccessid|key-pair-id|policy|(?:access_|auth_)?token|api_?key|key|auth|password)=[^&#]*",
    re.IGNORECASE,
)
_MARK = "…"


def without_secrets(address: str, mark: str = _MARK) -> str:
    """Return the address with `mark` for the values of its query that give access.

    All other values stay: they may distinguish images. What is no web address is
    returned as it is.
    """
    return _SECRET.sub(rf"\1={mark}", address) if _has_query(address) else address


def lacks_its_secret(address: str) -> bool:
    """Return whether the address is only the name of one whose secrets were removed."""
    return _has_query(address) and f"={_MARK}" in address


def _has_query(address: str) -> bool:
    return "?" in address and address.lower().startswith(("http://", "https://"))


class SignedAddresses:
    """Knows the addresses behind the names that hide their secrets. Picklable.

    A run keeps them in memory and hands them to its workers; nothing writes them to disk.
    """

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._again: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()

    def name(self, address: str) -> str:
        """Return what `address` is called, and remember it.

        A second address that differs from another only in its secret has a number in the name:
        ``token=…2``.
        """
        address, fragment = _split(address)
        name = without_secrets(address)
        if name != address and self._addresses.setdefault(name, address) != address:
            name = self._again.get(address) or self._numbered(name, address)
        return name + fragment

    def _numbered(self, name: str, address: str) -> str:
        self._numbers[name] += 1
        numbered = without_secrets(address, f"{_MARK}{self._numbers[name] + 1}")
        self._addresses[numbered] = self._again[address] = address
        return numbered

    def address(self, name: str) -> str:
        """Return what to ask for, `name` itself where nothing is hidden."""
        return self._addresses.get(name, name) if self._addresses else name


def _split(address: str) -> tuple[str, str]:
    """Return an address and its fragment, which no server sees; names of files have none."""
    start = address.find("#") if _has_query(address) else -1
    return (address, "") if start < 0 else (address[:start], address[start:])

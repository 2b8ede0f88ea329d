"""The signature of journals: only what this user wrote on this machine is put back unasked.

A journal says which files to move where. One that came with somebody else's work folder could name
any file. So each line is signed, chained to the one before, with a key that is kept outside of work
folders (HMAC, RFC 2104).
"""

import hashlib
import hmac
import os
import secrets
import sys
from pathlib import Path

_KEY_BYTES = 32
#: Between a line and its signature.
MARK = b" #"


def key_path() -> Path:
    """Return where the key of this user is kept."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Application Support")
    else:
        home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return Path(home) / "fastdup" / "journal.key"


def own_key() -> bytes:
    """Return the key of this user, made at the first use.

    Raises
    ------
    OSError
        When it can be neither read nor made.
    """
    path = key_path()
    key = _read(path)
    if key is not None:
        return key
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(made, path)  # another process may have been first
        except FileExistsError:
            pass
        except OSError:  # no hard links there
            os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)
    return path.read_bytes()


def _read(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    return key if len(key) == _KEY_BYTES else None


class LineSigner:
    """Signs the lines of one journal, or checks them, from the first one on.

    Parameters
    ----------
    key : bytes
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._last = b""

    def signed(self, line: bytes) -> bytes:
        """Return a line, without its end, with its signature."""
        return line + MARK + self._next(line)

    def checked(self, line: bytes) -> bytes:
        """Return a line without its signature.

        Raises
        ------
        ValueError
            When it is not that of this line at this place.
        """
        content, mark, signature = line.rpartition(MARK)
        if not mark or not hmac.compare_digest(self._next(content), signature):
            raise ValueError("it was not written by fastdup for this user on this machine")
        return content

    def _next(self, line: bytes) -> bytes:
        digest = hmac.new(self._key, self._last + line, hashlib.sha256).hexdigest().encode()
        self._last = digest
        return digest

"""The record of one file in the journal, checked field by field: a journal may hold anything."""

import dataclasses
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastdup.actions.offers import ACTIONS

#: Of a record: a sidecar is written at its path, whose bytes have its digest.
SIDECAR = "sidecar"
_NUMBERS = (
    "number", "size_bytes", "mtime_ns", "atime_ns", "mode", "owner", "group", "device", "inode",
    "unit",
)  # fmt: skip
_PLACES = ("path", "kept", "to", "info")
_TEXTS = ("action", *_PLACES, "shown_path", "digest")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A file that is acted on: all that is needed to find it again and put it back.

    Attributes
    ----------
    number : int
        Counts all records of the journal.
    action : str
        What is done with it.
    path, kept, to : str
        The file, the copy that stays, where the file goes (empty when nowhere or none).
    info, shown_path : str
        The desktop trash's note of where the file came from, if any, and the path in that note.
    size_bytes, mtime_ns, atime_ns, mode, owner, group, device, inode : int
        Its state before.
    digest : str
        Of its bytes, when a link takes its place, or of the sidecar that is written.
    xattrs : mapping of str to str
        Its extended attributes, in base 64, when a link takes its place.
    unit : int
        Number that a photo and its companions share: all of them go, or none. 0: it is alone.

    Raises
    ------
    ValueError
        When a field is none of what it can be.
    """

    number: int
    action: str
    path: str
    kept: str = ""
    to: str = ""
    info: str = ""
    shown_path: str = ""
    size_bytes: int
    mtime_ns: int
    atime_ns: int
    mode: int
    owner: int
    group: int
    device: int
    inode: int
    digest: str = ""
    xattrs: Mapping[str, str] = field(default_factory=dict)
    unit: int = 0

    def __post_init__(self) -> None:
        """Refuse what no clean-up writes."""
        for name in _NUMBERS:
            value = getattr(self, name)
            if type(value) is not int or not -(2**63) <= value < 2**64:
                raise ValueError(f"{name} is {value!r:.40}, not a whole number in range")
        for name in _TEXTS:
            value = getattr(self, name)
            if not isinstance(value, str) or "\0" in value:
                raise ValueError(f"{name} is {value!r:.40}, not a name")
        for name in _PLACES:
            if (value := getattr(self, name)) and not os.path.isabs(value):
                raise ValueError(f"{name} is {value!r:.40}, not a full path")
        is_sidecar = self.action == SIDECAR and self.path.endswith(".xmp") and bool(self.digest)
        if not (is_sidecar or self.action in ACTIONS) or not self.path:
            raise ValueError(f"the action {self.action!r:.40} is unknown")
        if os.path.normpath(self.path) == os.path.normpath(self.to or os.sep):
            raise ValueError("a file cannot be put where it is")
        if not stat.S_ISREG(self.mode):
            raise ValueError(f"mode is {self.mode:o}, not that of a file")
        if not _is_text_by_text(self.xattrs):
            raise ValueError("xattrs are not attributes")

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value != ""}


def _is_text_by_text(values: object) -> bool:
    return isinstance(values, Mapping) and all(
        isinstance(name, str) and isinstance(value, str) and "\0" not in name
        for name, value in values.items()
    )

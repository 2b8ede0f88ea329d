"""The members of an archive, and the names that they get in a listing."""

from collections.abc import Callable
from typing import NamedTuple

from fastdup.sources.listed import ListedFile

#: What stands for a step upwards in a member's name, so that no name leads out of its archive.
PARENT = "%2E%2E"


class Member(NamedTuple):
    """A file inside an archive.

    Attributes
    ----------
    name : str
        As the archive has it.
    file : ListedFile or None
        Size, time and place; None for a hard link, which has those of its target.
    target : str
        The name that a hard link leads to.
    """

    name: str
    file: ListedFile | None
    target: str = ""


class DamagedArchiveError(Exception):
    """An archive cannot be read beyond the members listed so far; never leaves this package."""


def safe_name(name: str) -> str:
    """Return a member's name as a plain path below its archive.

    Leading slashes, empty parts and ``.`` are dropped; ``..`` becomes ``%2E%2E``.
    """
    parts = (part for part in name.split("/") if part not in ("", "."))
    return "/".join(PARENT if part == ".." else part for part in parts)


def is_hidden(name: str) -> bool:
    """Tell whether a part of the name begins with a dot, as in ``__MACOSX/._a.jpg``."""
    return any(part.startswith(".") for part in name.split("/"))


class NamesApart:
    """Tells members of the same name apart: the second ``a.jpg`` becomes ``a.jpg#2``."""

    def __init__(self) -> None:
        self._last_numbers: dict[str, int] = {}

    def add(self, name: str, take: Callable[[str], bool]) -> str:
        """Return the first of ``name``, ``name#2``, … that `take` accepts."""
        if take(name):
            return name
        number = self._last_numbers.get(name, 1) + 1
        while not take(f"{name}#{number}"):
            number += 1
        self._last_numbers[name] = number
        return f"{name}#{number}"

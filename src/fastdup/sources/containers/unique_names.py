"""Names for images of the same name in one file: the second ``a.jpg`` becomes ``a.jpg#2``."""

from collections.abc import Callable


class UniqueNames:
    """Numbers the names that come again."""

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

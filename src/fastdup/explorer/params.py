"""The parameters of a request, from its query or its JSON body, checked: they may be anything."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from fastdup.errors import ConfigError
from fastdup.scale import rounded

_MOST_ON_A_PAGE = 200

T = TypeVar("T")


class Page(NamedTuple):
    """Which part of a list is asked for."""

    start: int = 0
    n: int = 24

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return that part of `items`.

        Raises
        ------
        ConfigError
            When it cannot be.
        """
        if self.start < 0 or not 0 < self.n <= _MOST_ON_A_PAGE:
            raise ConfigError(
                f"start={self.start}, n={self.n} is not allowed: "
                f"ask for 1 to {_MOST_ON_A_PAGE} from 0 on"
            )
        return items[self.start : self.start + self.n]


class Params:
    """The parameters of a request by name; one that does not fit is a `ConfigError`.

    Parameters
    ----------
    given : mapping
        Name → text, or a JSON value.
    n_images : int
        Images are numbered below this.
    """

    def __init__(self, given: Mapping[str, Any], n_images: int) -> None:
        self._given = given
        self._n_images = n_images

    @classmethod
    def of_body(cls, body: bytes, n_images: int) -> "Params":
        """Return those in a JSON object."""
        try:
            given = json.loads(body)
        except (RecursionError, ValueError) as exc:
            raise ConfigError(f"the body is not JSON: {exc}") from exc
        if not isinstance(given, dict):
            raise ConfigError("the body is not a JSON object")
        return cls(given, n_images)

    def has(self, name: str) -> bool:
        """Return whether it is given."""
        return name in self._given

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        value = self._given.get(name, default)
        if not isinstance(value, str):
            raise ConfigError(f"{name}={value!r} is not text")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty ones left out."""
        values = self._given.get(name, [])
        if not isinstance(values, list) or not all(map(_is_sound_text, values)):
            raise ConfigError(f"{name}={values!r} is not a list of texts")
        return [value for value in values if value.strip()]

    def flag(self, name: str) -> bool:
        """Return whether something is asked for."""
        return self._given.get(name) in ("1", True)

    def whole(self, name: str, default: int = 0) -> int:
        """Return a whole number."""
        try:
            return int(self._given.get(name, default))
        except (OverflowError, TypeError, ValueError) as exc:
            raise ConfigError(f"{name}={self._given[name]!r} is not a whole number") from exc

    def number(self, name: str, default: float) -> float:
        """Return a finite number."""
        try:
            value = float(self._given.get(name, default))
        except (OverflowError, TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise ConfigError(f"{name}={self._given[name]!r} is not a number")
        return value

    def similarity(self, name: str, default: float) -> float:
        """Return a number from 0 to 1."""
        try:
            value = float(self._given.get(name, default))
        except (OverflowError, TypeError, ValueError):
            value = math.nan
        if not 0 <= value <= 1:
            raise ConfigError(f"{name}={self._given[name]!r} is not a number from 0 to 1")
        return float(rounded(value))

    def row(self, name: str) -> int:
        """Return the number of an image."""
        return self._row(self._given.get(name))

    def rows(self, name: str) -> list[int]:
        """Return the numbers of several images."""
        values = self._given.get(name)
        if not isinstance(values, list):
            raise ConfigError(f"{name}={values!r} is not a list of images")
        return [self._row(value) for value in values]

    def page(self) -> Page:
        """Return which part of a list is asked for."""
        return Page(self.whole("start"), self.whole("n", Page().n))

    def _row(self, value: Any) -> int:
        try:
            row = int(value)
        except (OverflowError, TypeError, ValueError):  # infinity is a number in JSON
            row = -1
        if not 0 <= row < self._n_images:
            raise ConfigError(
                f"there is no image {value!r}: they are numbered below {self._n_images}"
            )
        return row


def _is_sound_text(value: object) -> bool:
    """Return whether it is a text that a file may be called: no half of a pair, as JSON allows."""
    try:
        return isinstance(value, str) and os.fsencode(value) is not None
    except UnicodeEncodeError:
        return False

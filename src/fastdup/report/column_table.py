"""A table of columns as a gallery reads one, without pandas."""

from collections.abc import Sequence
from typing import Any


class ColumnTable(dict[str, Sequence[Any]]):
    """Name → column, all of one length."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self)

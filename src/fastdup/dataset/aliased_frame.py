"""Data frames whose columns can also be read by the names that later releases gave them."""

from collections.abc import Callable
from typing import Any

import pandas as pd

#: Alias of a column → its name. A real column of that name takes precedence.
COLUMN_ALIASES = {
    "comp_size": "count",
    "filename_from": "from",
    "filename_nearest": "nearest",
    "filename_outlier": "outlier",
    "filename_to": "to",
    "len": "count",
}


class AliasedFrame(pd.DataFrame):
    """A data frame whose columns can also be read by their aliases."""

    @property
    def _constructor(self) -> Callable[..., "AliasedFrame"]:
        return AliasedFrame

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return super().__getitem__(self._own_name(key))
        if isinstance(key, list):
            return super().__getitem__([self._own_name(name) for name in key])
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> Any:  # type: ignore[misc]  # pandas calls it final
        if name in COLUMN_ALIASES and COLUMN_ALIASES[name] in self.columns:
            return self[name]
        return super().__getattr__(name)

    def _own_name(self, name: Any) -> Any:
        if not isinstance(name, str) or name in self.columns:
            return name
        return COLUMN_ALIASES.get(name, name)

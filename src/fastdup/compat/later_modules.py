"""Submodules of later releases, made of the table of names when they are imported."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from fastdup.compat.later_names import FUNCTIONS, MODULES, Later


def find_function(name: str) -> Any:
    """Return the function of later releases, None when there is no such name.

    One that is not here raises NotImplementedError with what does its work, when it is called.
    """
    row = FUNCTIONS.get(name)
    if row is None:
        return None
    return _loaded(row) if row.target else _refusing(name)


def find_module(name: str) -> ModuleSpec | None:
    """Return how to make ``fastdup.NAME``, None when later releases have no such module.

    Raises
    ------
    ImportError
        When it has nothing that is here; the message says what does its work.
    """
    content = MODULES.get(name.removeprefix("fastdup."))
    if content is None:
        return None
    if isinstance(content, Later):
        raise ImportError(f"there is no {name} here: {content.words}", name=name)
    is_package = any(known.startswith(f"{name.removeprefix('fastdup.')}.") for known in MODULES)
    return ModuleSpec(name, _Loader(content), is_package=is_package)


class _Loader(Loader):
    """Makes a module of rows of the table."""

    def __init__(self, rows: Mapping[str, Later]) -> None:
        self._rows = rows

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its names, loaded on first use."""
        rows, name = self._rows, module.__name__

        def get(attribute: str) -> Any:
            row = rows.get(attribute)
            if row is not None and row.target:
                value = _loaded(row)
                setattr(module, attribute, value)
                return value
            if row is not None:
                raise ImportError(f"{name} has no {attribute} here: {row.words}", name=name)
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

        module.__doc__ = "Names of later releases of the original; see docs/moving.md."
        module.__all__ = [name for name, row in rows.items() if row.target]  # type: ignore[attr-defined]
        module.__getattr__ = get  # type: ignore[method-assign]


def _loaded(row: Later) -> Any:
    module, _, attribute = row.target.partition(":")
    return getattr(import_module(module), attribute)


def _refusing(name: str) -> Callable[..., Any]:
    def function(*_args: Any, **_options: Any) -> Any:
        raise NotImplementedError(f"fastdup.{name} is not here: {FUNCTIONS[name].words}")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Raise NotImplementedError: {FUNCTIONS[name].words}."
    return function

"""A table of classes by name, to which programs and installed packages add their own.

A built-in class is named by a row of the table and imported on first use. A program registers a
class by a call; a package declares it as an entry point. No name can be taken twice.
"""

import inspect
import logging
import pkgutil
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastdup.errors import ConfigError, MissingExtraError
from fastdup.installed import entry_points_of, package_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LETTERS = "lower-case letters, digits and underscores"


@dataclass(frozen=True)
class Entry:
    """A row of the table.

    Attributes
    ----------
    place : str
        ``"module:Class"``.
    summary : str
        One line for people.
    extra : str
        The extra of fastdup that it needs, a name in `EXTRA_PACKAGES`. Empty for none.
    """

    place: str
    summary: str
    extra: str = ""


class ClassRegistry:
    """Classes by name.

    Parameters
    ----------
    kind : str
        What the classes are, for messages: "neighbour provider".
    group : str
        The group of entry points in which packages declare theirs.
    table : mapping of str to Entry
        The built-in ones.
    reserved : collection of str
        Names that mean something else.
    """

    def __init__(
        self, kind: str, group: str, table: Mapping[str, Entry], reserved: Collection[str] = ()
    ) -> None:
        self._kind, self._group = kind, group
        self.table, self._reserved = table, reserved
        self._registered: dict[str, type[Any]] = {}
        self._warned: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self.table or name in self._registered or name in self._installed()

    def names(self) -> list[str]:
        """Return all names, in alphabetical order; packages are looked at anew."""
        return sorted({*self.table, *self._registered, *self._installed()})

    def register(self, name: str, new_class: type[Any], base: type[Any]) -> None:
        """Add a subclass of `base` for the life of this process.

        Raises
        ------
        ConfigError
            The name exists already, or is not lower-case letters, digits and underscores; or the
            class is abstract or no subclass.
        """
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ConfigError(f"{self._kind} {name!r}: a name is {_LETTERS}; try 'my_name'")
        if self._registered.get(name) is new_class:
            return
        if name in self or name in self._reserved:
            raise ConfigError(f"there is a {self._kind} {name!r} already: choose another name")
        self._check_class(f"{self._kind} {name!r}", new_class, base)
        self._registered[name] = new_class

    def load(self, name: str, base: type[Any]) -> type[Any]:
        """Return the class of a name, imported if need be.

        Raises
        ------
        ConfigError
            The name is unknown, the package that declares it is broken, or what it names is no
            subclass of `base`.
        MissingExtraError
            An optional package is needed.
        """
        if entry := self.table.get(name):
            return self._built_in(name, entry)
        if registered := self._registered.get(name):
            return registered
        points = self._installed().get(name, [])
        if not points:
            raise ConfigError(
                f"there is no {self._kind} {name!r}: choose from {', '.join(self.names())}"
            )
        what = f"{self._kind} {name!r} of the package {' and of '.join(map(package_of, points))}"
        if len(points) > 1:
            raise ConfigError(f"{what}: uninstall all of them but one")
        try:
            found: type[Any] = points[0].load()
        except Exception as exc:  # somebody else's module may fail in any way
            raise ConfigError(
                f"{what} cannot be loaded: {type(exc).__name__}: {exc}; "
                "update or uninstall that package"
            ) from exc
        self._check_class(what, found, base)
        return found

    def _built_in(self, name: str, entry: Entry) -> type[Any]:
        try:
            found: type[Any] = pkgutil.resolve_name(entry.place)
        except ModuleNotFoundError as exc:
            if not entry.extra:
                raise
            what = f"the {self._kind} {name!r}"
            raise MissingExtraError.needed_for(what, extra=entry.extra) from exc
        return found

    def _check_class(self, what: str, found: Any, base: type[Any]) -> None:
        if not (isinstance(found, type) and issubclass(found, base)):
            raise ConfigError(f"{what} is {found!r}, not a subclass of {base.__qualname__}")
        if inspect.isabstract(found):
            missing = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
            raise ConfigError(f"{what} lacks {missing}: define what {base.__qualname__} asks for")

    def _installed(self) -> "dict[str, list[EntryPoint]]":
        """Return what installed packages declare, by name, but for names that cannot be used."""
        found: dict[str, list[EntryPoint]] = {}
        for point in entry_points_of(self._group):
            if point.name in self.table or point.name in self._reserved:
                self._leave_out(point, "a name that is taken")
            elif not _NAME.fullmatch(point.name):
                self._leave_out(point, f"a name that is not {_LETTERS}")
            else:
                found.setdefault(point.name, []).append(point)
        return found

    def _leave_out(self, point: "EntryPoint", why: str) -> None:
        """Warn, once in a process, that what a package declares is not used."""
        declared = f"the package {package_of(point)} declares the {self._kind} {point.name!r}"
        if declared not in self._warned:
            self._warned.add(declared)
            logger.warning("%s, %s: it is not used", declared, why)

"""All kinds of sources that are known here: fastdup's own, installed ones, registered ones."""

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module

from fastdup.errors import ConfigError, SourceError
from fastdup.installed import entry_points_of, package_of
from fastdup.sources.kinds import BUILT_IN, IMAGE_ENDINGS, LIST_ENDINGS, OBJECTS, SourceKind

logger = logging.getLogger(__name__)

#: The name of an entry point is a scheme (``toy``) or, with a dot in front, an ending (``.toy``).
GROUP = "fastdup.sources"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+")
_ENDING = re.compile(r"\.[a-z0-9][a-z0-9._-]*")
_LOCK = threading.RLock()


@dataclass(frozen=True)
class Kinds:
    """What is known at one moment, ready to be looked up.

    Attributes
    ----------
    all : tuple of SourceKind
        In the order in which they are tried.
    """

    all: tuple[SourceKind, ...]

    @cached_property
    def containers(self) -> tuple[SourceKind, ...]:
        """The kinds of files that hold many images."""
        return tuple(kind for kind in self.all if kind.endings)

    @cached_property
    def by_scheme(self) -> Mapping[str, SourceKind]:
        """The kinds that are addressed by a scheme."""
        return {scheme: kind for kind in self.all for scheme in kind.schemes}

    @cached_property
    def special(self) -> re.Pattern[str]:
        """What every URI has in it that is more than the path of a plain file."""
        endings = (re.escape(e[1:]) for kind in self.containers for e in kind.endings)
        return re.compile(
            rf"\.(?:{'|'.join(endings)})(?=[/#]|$)|#xywh=|#corners=|#t=|://", re.IGNORECASE
        )

    @cached_property
    def _by_ending(self) -> Mapping[str, SourceKind]:
        return {ending: kind for kind in self.containers for ending in kind.endings}

    @cached_property
    def sorted_as_folders(self) -> tuple[str, ...]:
        """The endings of files whose images are listed as if the file were a folder."""
        return tuple(e for kind in self.containers if kind.separator == "/" for e in kind.endings)

    def containers_in(self, uri: str) -> list[SourceKind]:
        """Return the kinds of files of many images that `uri` may lead into by its name."""
        of_ending = self._by_ending.get
        found = [kind for e in self.special.findall(uri) if (kind := of_ending(e.lower()))]
        if len(found) < 2:
            return found
        return [kind for kind in self.containers if any(kind is other for other in found)]

    def of_scheme(self, uri: str) -> SourceKind | None:
        """Return the kind that the scheme of `uri` names, None for a path or an unknown scheme."""
        scheme, mark, _ = uri.partition("://")
        return self.by_scheme.get(scheme.lower()) if mark else None

    def with_added(self, kind: SourceKind) -> "Kinds":
        """Return these and one more.

        Raises
        ------
        ConfigError
            When its scheme or ending is malformed or taken.
        """
        for scheme in kind.schemes:
            if not _SCHEME.fullmatch(scheme):
                raise ConfigError(f"scheme={scheme!r} is not a scheme: write it as scheme='toy'")
            if taken := self.by_scheme.get(scheme):
                raise _taken(f"{scheme}://", taken)
        for ending in kind.endings:
            if not _ENDING.fullmatch(ending):
                raise ConfigError(f"ending={ending!r} is not an ending: write it as ending='.toy'")
            for taken in self.containers:
                if any(_meet(ending, other) for other in taken.endings):
                    raise _taken(ending, taken)
            if any(_meet(ending, other) for other in (*IMAGE_ENDINGS, *LIST_ENDINGS)):
                raise ConfigError(f"{ending} is how images or list files end: choose another one")
        return Kinds((*self.all, kind))


def _meet(ending: str, other: str) -> bool:
    """Return whether a name can end like both."""
    return ending.endswith(other) or other.endswith(ending)


def _taken(what: str, by: SourceKind) -> ConfigError:
    owner = "fastdup itself" if by.is_built_in else by.reader + _of(by)
    return ConfigError(f"{what} is taken, by {owner}: choose another one")


def _of(kind: SourceKind) -> str:
    return f" of the package {kind.distribution}" if kind.distribution else ""


_kinds: Kinds | None = None
#: The classes of registered kinds; a class may live where no import finds it.
_classes: dict[str, type] = {}


def known_kinds() -> Kinds:
    """Return all kinds; the first call looks for installed ones."""
    global _kinds
    if _kinds is None:
        with _LOCK:
            if _kinds is None:
                found = Kinds(BUILT_IN)
                for kind in _installed_kinds():
                    try:
                        found = found.with_added(kind)
                    except ConfigError as exc:
                        logger.warning("a source%s is left out: %s", _of(kind), exc)
                _kinds = found
    return _kinds


def _installed_kinds() -> Iterator[SourceKind]:
    for point in entry_points_of(GROUP):
        name = {"ending" if point.name.startswith(".") else "scheme": point.name}
        yield kind_of(point.value.replace(" ", ""), **name, distribution=package_of(point))


def kind_of(
    reader: str, *, scheme: str = "", ending: str = "", distribution: str = ""
) -> SourceKind:
    """Return the kind of a source that is not fastdup's own; see `SourceKind`."""
    return SourceKind(
        name=f"{scheme}://" if scheme else ending,
        reader=reader,
        noun=f"a {ending} file" if ending else f"{scheme}://",
        schemes=(scheme,) if scheme else (),
        endings=(ending,) if ending else (),
        distribution=distribution,
        is_built_in=False,
    )


def add_kind(kind: SourceKind, reader: type | None = None) -> None:
    """Register a kind; `reader` is its class where that is at hand.

    The same kind may be added again, which changes nothing.

    Raises
    ------
    ConfigError
        When its scheme or ending is malformed, or belongs to another kind.
    """
    global _kinds
    with _LOCK:
        known = known_kinds()
        same = next((k for k in known.all if replace(k, distribution="") == kind), None)
        if same and (reader is None or load_reader(same) is reader):
            return
        _kinds = known.with_added(kind)
        if reader:
            _classes[kind.name] = reader


def added_kinds() -> tuple[SourceKind, ...]:
    """Return the kinds that are not fastdup's own, which other processes have to know too."""
    return tuple(kind for kind in known_kinds().all if not kind.is_built_in)


def adopt_kinds(kinds: Iterable[SourceKind]) -> None:
    """Register what another process knows."""
    for kind in kinds:
        add_kind(replace(kind, distribution=""))


def load_reader(kind: SourceKind, *, in_objects: bool = False) -> type:
    """Return the class that reads a kind; `in_objects` for files in object stores.

    Raises
    ------
    SourceError
        When a registered class cannot be imported.
    """
    name = (in_objects and kind.object_reader) or kind.reader
    if kind.name in _classes:
        return _classes[kind.name]
    module, _, class_name = name.partition(":")
    try:
        loaded: type = getattr(import_module(module), class_name)
    except Exception as exc:  # whatever a module of someone else raises when it is imported
        if kind.is_built_in:
            raise
        raise SourceError(_not_loaded(kind, module, class_name, exc)) from exc
    return loaded


def _not_loaded(kind: SourceKind, module: str, class_name: str, exc: Exception) -> str:
    if module == "__main__" or "<locals>" in class_name:
        where = "__main__" if module == "__main__" else "a function"
        return (
            f"the source {kind.name} is defined in {where}, where other processes do not find it: "
            "put the class at the top of a module that they can import"
        )
    reason = " ".join(f"{type(exc).__name__}: {exc}".split())
    return f"the source {kind.name} is {kind.reader}{_of(kind)}, which cannot be loaded ({reason})"


def check_readable(uri: str) -> None:
    """Refuse a URL whose scheme nobody reads.

    Raises
    ------
    SourceError
        Names the schemes that are known.
    """
    known = known_kinds()
    if known.of_scheme(uri) is None:
        scheme = uri.partition("://")[0].lower()
        schemes = ", ".join(f"{name}://" for name in known.by_scheme)
        raise SourceError(f"{uri!r}: {scheme}:// is not known; write one of {schemes}")


def is_object_url(uri: str) -> bool:
    """Return whether `uri` is the URL of an object store or web server."""
    return known_kinds().of_scheme(uri) is OBJECTS

"""Sources of one's own: the class to derive from, and how it is registered."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from fastdup.errors import ConfigError
from fastdup.sources.base import Skip
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.registry import add_kind, kind_of


class SourceReader(ABC):
    """Base class of a source of your own: lists, stamps and reads the images of one kind.

    Derive from it, write `uris`, `stamp` and `read`, and register the class with
    `fastdup.register_source`. `stamp` and `read` are called from several threads at a time.

    What goes wrong is raised as ``OSError`` or ``fastdup.errors.ImageError`` where one image
    cannot be read: it is listed in ``features.bad.csv`` with the reason. Every other exception
    ends the run with one line.

    Parameters
    ----------
    options : ReaderOptions
        How images are to be listed: ``include_hidden``, ….
    """

    def __init__(self, options: ReaderOptions) -> None:
        self.options = options

    @abstractmethod
    def uris(self, place: str) -> Iterator[str]:
        """Yield the images at `place`, always in the same order, each once.

        Parameters
        ----------
        place : str
            Of a scheme: any URL of that scheme which the user names; an image yields itself. Of an
            ending: the path of a file; its images are called ``path/…``.
        """

    @abstractmethod
    def stamp(self, uri: str) -> tuple[int, int]:
        """Return the size of an image in bytes, and its time of change in nanoseconds.

        An image whose stamp is the same in the next run is not read again. Where the size is not
        known, 0 will do; where there is no time, any number that changes with the content.

        Raises
        ------
        OSError
            When there is no such image.
        """

    @abstractmethod
    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of the image file, only the first `max_bytes` when that is given.

        Raises
        ------
        OSError
            When this image cannot be read; so may `ImageError`, which gives the reason.
        """

    def label(self, uri: str) -> str | None:
        """Return the label of an image, None when it has none."""
        return None

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:  # noqa: B027
        """Prepare for images that will be read next; ``skip(uri, stamp)`` says which will not."""

    def close(self) -> None:  # noqa: B027 (most sources hold nothing open)
        """Release all files and connections."""


def register_source(
    reader: type[SourceReader], *, scheme: str | None = None, ending: str | None = None
) -> None:
    """Have fastdup read a kind of source of your own, in this process and those that it starts.

    A package registers its sources for good, on the command line too, by an entry point of the
    group ``fastdup.sources``, whose name is the scheme, or the ending with its dot.

    Parameters
    ----------
    reader : class derived from `SourceReader`
        Other processes, such as those of a Ray cluster, import it by its name: it has to be at
        the top of a module that they find.
    scheme : str, optional
        Its images are named by URLs that begin with this: ``"toy"`` for ``toy://…``.
    ending : str, optional
        Its images are in files of this machine whose names end so: ``".toy"``.

    Raises
    ------
    ConfigError
        When neither or both of `scheme` and `ending` are given, when it belongs to another kind
        of source or of image, or when `reader` is no such class. Nothing is ever replaced.

    Examples
    --------
    >>> fastdup.register_source(ToyReader, scheme="toy")  # doctest: +SKIP
    >>> fastdup.run("toy://5", "out")  # doctest: +SKIP
    """
    if (scheme is None) == (ending is None):
        raise ConfigError(
            f"scheme={scheme!r} and ending={ending!r}: give one of them, such as scheme='toy'"
        )
    check_reader(reader)
    place = f"{reader.__module__}:{reader.__qualname__}"
    add_kind(kind_of(place, scheme=scheme or "", ending=ending or ""), reader)


def check_reader(reader: object) -> None:
    """Refuse what is no complete class of a source.

    Raises
    ------
    ConfigError
        Says what is missing.
    """
    if not isinstance(reader, type) or not issubclass(reader, SourceReader):
        raise ConfigError(f"{reader!r} is not a source: give a class of fastdup.SourceReader")
    missing = ", ".join(sorted(reader.__abstractmethods__))
    if missing:
        raise ConfigError(f"the source {reader.__qualname__} has no {missing}: write it")

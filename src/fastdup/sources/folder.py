"""The files of a folder and all folders below it, sorted by path as bytes."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fastdup.errors import SourceError
from fastdup.quantities import counted
from fastdup.sources.long_paths import LONG_PATH, FolderSteps
from fastdup.sources.registry import known_kinds
from fastdup.sources.wanted_files import EVERYTHING, WantedFiles, is_system_folder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FolderListing:
    """A folder, recursive.

    Every file is listed, whatever its name says: what is no image is found out by its content.
    Links are followed, but a link to what the same listing reaches by its own path, or reached
    through an earlier link, is left out, so that no image is taken for a copy of itself.

    Attributes
    ----------
    root : str
        Absolute path of the folder.
    include_hidden : bool
        Whether names that begin with a dot are listed.
    exclude : frozenset of str
        Real paths of files and folders never listed: fastdup's own outputs.
    include_system : bool
        Whether bins and other folders of systems are entered; see `is_system_folder`.
    wanted : WantedFiles
        Folders that it leaves out are not entered; its files are for who asks to choose.
    """

    root: str
    include_hidden: bool = False
    exclude: frozenset[str] = frozenset()
    include_system: bool = False
    wanted: WantedFiles = EVERYTHING

    @property
    def name(self) -> str:
        """The folder's path."""
        return self.root

    def uris(self) -> Iterator[str]:
        """Yield the paths of all files, in the order of their bytes.

        Raises
        ------
        SourceError
            When the folder itself cannot be read.
        """
        try:
            with os.scandir(self.root):
                pass
        except OSError as exc:
            raise SourceError(f"cannot read the folder {self.root}: {exc.strerror}") from exc
        walk = _Walk(self)
        yield from walk.files()
        walk.log_left_out()


class _Entry(NamedTuple):
    """What a folder holds: a file, or a folder to enter."""

    name: str
    is_folder: bool
    is_link: bool


class _Folder(NamedTuple):
    """A folder that is being walked: its path, its path without links, and what is left in it."""

    path: str
    real: str
    is_linked: bool
    entries: Iterator[_Entry]


class _Walk:
    """One pass through a folder: what was seen through links, what was left out."""

    def __init__(self, listing: FolderListing) -> None:
        self._listing = listing
        self._real_root = os.path.realpath(listing.root)
        self._seen_through_links: set[str] = set()
        self._entered: set[tuple[int, int]] = set()
        self._entered_endings = known_kinds().sorted_as_folders
        self._steps = FolderSteps()
        self._n_hidden = 0
        self._n_system = 0
        self._n_excluded = 0
        self._n_links = 0

    def files(self) -> Iterator[str]:
        """Yield all files, and the folders that cannot be read."""
        top = _Entry(self._listing.root, is_folder=True, is_link=False)
        above = _Folder("", "", is_linked=False, entries=iter((top,)))
        stack = [above]  # not a function that calls itself: folders may be nested thousands deep
        with self._steps:
            while stack:
                folder = stack[-1]
                entry = next(folder.entries, None)
                if entry is None:
                    stack.pop()
                elif os.path.join(folder.real, entry.name) in self._listing.exclude:
                    continue
                elif entry.is_folder:
                    path = os.path.join(folder.path, entry.name)
                    try:
                        below = self._entered_folder(path, folder, entry)
                    except OSError as exc:
                        logger.warning("cannot read the folder %s: %s", path, exc.strerror)
                        yield path  # listed, so that it ends among the bad files and is not lost
                        continue
                    if below:
                        stack.append(below)
                elif self._is_first_mention(folder, entry):
                    yield os.path.join(folder.path, entry.name)

    def _entered_folder(self, path: str, above: _Folder, entry: _Entry) -> _Folder | None:
        """Return a folder inside another one, None when it was entered before."""
        is_top = not above.path
        if is_top or entry.is_link:
            real = os.path.realpath(path)
        else:
            real = os.path.join(above.real, entry.name)
        is_linked = above.is_linked or entry.is_link
        if len(path) < LONG_PATH or os.scandir not in os.supports_fd:
            if not self._enter(os.stat(path)):
                return None
            return _Folder(path, real, is_linked, iter(self._sorted_entries(path, path)))
        descriptor = self._steps.open(path)
        try:
            if not self._enter(os.fstat(descriptor)):
                return None
            return _Folder(path, real, is_linked, iter(self._sorted_entries(descriptor, path)))
        finally:
            os.close(descriptor)

    def _is_first_mention(self, folder: _Folder, entry: _Entry) -> bool:
        """Return whether a file is listed nowhere else; it may be in a folder reached by a link."""
        if not folder.is_linked or self._is_new(os.path.join(folder.real, entry.name)):
            return True
        self._n_links += 1
        return False

    def _enter(self, found: os.stat_result) -> bool:
        """Return whether this folder is entered for the first time."""
        identity = (found.st_dev, found.st_ino)
        # Some file systems of Windows number no folders.
        is_new = identity not in self._entered or not found.st_ino
        self._entered.add(identity)
        return is_new

    def log_left_out(self) -> None:
        if self._n_hidden:
            logger.info(
                "%s: %s left out (include_hidden lists them)",
                self._listing.root,
                counted(self._n_hidden, "hidden file or folder", "hidden files or folders"),
            )
        if self._n_system:
            logger.info(
                "%s: %d bins and other folders of the system left out (include_system lists them)",
                self._listing.root,
                self._n_system,
            )
        if self._n_excluded:
            logger.info("%s: %d folders excluded", self._listing.root, self._n_excluded)
        if self._n_links:
            logger.info(
                "%s: %d links to what is listed anyway left out", self._listing.root, self._n_links
            )

    def _sorted_entries(self, opened: str | int, folder: str) -> list[_Entry]:
        """Return (name, is it a folder), sorted as whole paths: a folder as its name and '/'.

        So are archives and data sets, whose images are listed in their place. `opened` is the
        folder's path, or its descriptor.
        """
        with os.scandir(opened) as found:
            entries = [(entry, self._kind(entry, folder)) for entry in found]
            described = _descriptions({entry.name for entry, _ in entries})
            kept = [
                _Entry(entry.name, is_folder, entry.is_symlink())
                for entry, is_folder in entries
                if is_folder is not None and entry.name not in described
            ]
        return sorted(kept, key=self._sort_key)

    def _sort_key(self, entry: _Entry) -> bytes:
        is_entered = entry.is_folder or entry.name.lower().endswith(self._entered_endings)
        return os.fsencode(entry.name) + (b"/" if is_entered else b"")

    def _kind(self, entry: os.DirEntry[str], folder: str) -> bool | None:
        """Return True for a folder to enter, False for a file to list, None to leave out."""
        is_system = is_system_folder(entry.name) and not self._listing.include_system
        if is_system and entry.is_dir(follow_symlinks=False):
            self._n_system += 1
            return None
        if entry.name.startswith(".") and not self._listing.include_hidden:
            self._n_hidden += 1
            return None
        if entry.is_symlink() and not self._is_new_through_link(os.path.join(folder, entry.name)):
            self._n_links += 1
            return None
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link to itself; listed, and found broken when it is read
            return False
        if is_folder and self._is_excluded(os.path.join(folder, entry.name)):
            self._n_excluded += 1
            return None
        return is_folder

    def _is_excluded(self, folder: str) -> bool:
        below_root = folder[len(os.path.join(self._listing.root, "")) :]
        return not self._listing.wanted.enters(below_root)

    def _is_new_through_link(self, path: str) -> bool:
        target = os.path.realpath(path)
        if not os.path.exists(target):
            return True  # a broken link is listed, and found broken when it is read
        if not self._is_new(target):
            return False
        return not self._real_root.startswith(os.path.join(target, ""))  # else it holds the root

    def _is_new(self, target: str) -> bool:
        """Return whether what a link leads to is listed nowhere else."""
        if self._is_listed_by_itself(target) or target in self._seen_through_links:
            return False
        self._seen_through_links.add(target)
        return True

    def _is_listed_by_itself(self, target: str) -> bool:
        if target == self._real_root:
            return True
        inside = os.path.join(self._real_root, "")
        if not target.startswith(inside):
            return False
        parts = Path(target[len(inside) :]).parts
        if not self._listing.include_hidden and any(part.startswith(".") for part in parts):
            return False
        is_system = any(map(is_system_folder, parts[:-1])) and not self._listing.include_system
        return not is_system and self._listing.wanted.takes("/".join(parts))


def _descriptions(names: set[str]) -> frozenset[str]:
    """Return the files by which Hugging Face's library describes a data set saved in a folder."""
    if "dataset_dict.json" in names:
        return frozenset({"dataset_dict.json"})
    is_saved = {"dataset_info.json", "state.json"} <= names
    return frozenset({"dataset_info.json", "state.json"}) if is_saved else frozenset()

"""The files of a folder and all folders below it, sorted by path as bytes."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastdup.errors import SourceError
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
        yield from walk.files(self.root)
        walk.log_left_out()


class _Walk:
    """One pass through a folder: what was seen through links, what was left out."""

    def __init__(self, listing: FolderListing) -> None:
        self._listing = listing
        self._real_root = os.path.realpath(listing.root)
        self._seen_through_links: set[str] = set()
        self._entered: set[tuple[int, int]] = set()
        self._entered_endings = known_kinds().sorted_as_folders
        self._n_hidden = 0
        self._n_system = 0
        self._n_excluded = 0
        self._n_links = 0

    def files(self, folder: str) -> Iterator[str]:
        try:
            if not self._enter(folder):
                return
            entries = self._sorted_entries(folder)
        except OSError as exc:
            logger.warning("cannot read the folder %s: %s", folder, exc.strerror)
            yield folder  # listed, so that it ends among the bad files and is not lost
            return
        real_folder = os.path.realpath(folder) if self._listing.exclude else folder
        for name, is_folder in entries:
            path = os.path.join(folder, name)
            if os.path.join(real_folder, name) in self._listing.exclude:
                continue
            if is_folder:
                yield from self.files(path)
            else:
                yield path

    def _enter(self, folder: str) -> bool:
        """Return whether this folder is entered for the first time."""
        found = os.stat(folder)
        identity = (found.st_dev, found.st_ino)
        # Some file systems of Windows number no folders.
        is_new = identity not in self._entered or not found.st_ino
        self._entered.add(identity)
        return is_new

    def log_left_out(self) -> None:
        if self._n_hidden:
            logger.info(
                "%s: %d hidden files or folders left out (include_hidden lists them)",
                self._listing.root,
                self._n_hidden,
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

    def _sorted_entries(self, folder: str) -> list[tuple[str, bool]]:
        """Return (name, is it a folder), sorted as whole paths: a folder as its name and '/'.

        So are archives and data sets, whose images are listed in their place.
        """
        with os.scandir(folder) as found:
            entries = [(entry.name, self._kind(entry)) for entry in found]
        described = _descriptions({name for name, _ in entries})
        kept = [
            (name, is_folder)
            for name, is_folder in entries
            if is_folder is not None and name not in described
        ]
        return sorted(kept, key=self._sort_key)

    def _sort_key(self, entry: tuple[str, bool]) -> bytes:
        name, is_folder = entry
        is_entered = is_folder or name.lower().endswith(self._entered_endings)
        return os.fsencode(name) + (b"/" if is_entered else b"")

    def _kind(self, entry: os.DirEntry[str]) -> bool | None:
        """Return True for a folder to enter, False for a file to list, None to leave out."""
        is_system = is_system_folder(entry.name) and not self._listing.include_system
        if is_system and entry.is_dir(follow_symlinks=False):
            self._n_system += 1
            return None
        if entry.name.startswith(".") and not self._listing.include_hidden:
            self._n_hidden += 1
            return None
        if entry.is_symlink() and not self._is_new_through_link(entry.path):
            self._n_links += 1
            return None
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link to itself; listed, and found broken when it is read
            return False
        if is_folder and not self._listing.wanted.enters(self._below_root(entry.path)):
            self._n_excluded += 1
            return None
        return is_folder

    def _below_root(self, path: str) -> str:
        return path[len(os.path.join(self._listing.root, "")) :]

    def _is_new_through_link(self, path: str) -> bool:
        target = os.path.realpath(path)
        if not os.path.exists(target):
            return True  # a broken link is listed, and found broken when it is read
        if self._is_listed_by_itself(target) or target in self._seen_through_links:
            return False
        self._seen_through_links.add(target)
        return not self._real_root.startswith(os.path.join(target, ""))  # else it holds the root

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

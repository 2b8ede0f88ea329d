"""The files beside a photo that belong to it: sidecars, raw files, films of live photos.

They have the photo's name, with another ending or with one more, whatever the case of the letters.
A file may belong to several photos: ``IMG_1.XMP`` does to ``IMG_1.JPG`` and to ``IMG_1.HEIC``.
"""

import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from fastdup.sources.kinds import IMAGE_ENDINGS, RAW_ENDINGS


class Kind(StrEnum):
    """What a companion is to its photo; the value names it."""

    RAW = "raw"
    FILM = "film"
    SOUND = "sound"
    SIDECAR = "sidecar"
    EXPORTED = "exported"
    THUMBNAIL = "thumbnail"


#: Raw files, those that cannot be shown too: by GoPro, Phase One, Pentax, Casio and Kodak.
_RAW_ENDINGS = (*RAW_ENDINGS, ".bay", ".cap", ".dcs", ".drf", ".eip", ".gpr", ".k25", ".ptx")
#: XMP; edits by Apple, RawTherapee, darktable, DxO, ON1, Capture One, Nikon and Canon.
_SIDECAR_ENDINGS = (
    ".xmp",
    ".aae",
    ".pp3",
    ".dop",
    ".on1",
    ".onphoto",
    ".cos",
    ".nksc",
    ".vrd",
    ".dr4",
)
_KIND_OF = {
    **dict.fromkeys(_RAW_ENDINGS, Kind.RAW),
    **dict.fromkeys(_SIDECAR_ENDINGS, Kind.SIDECAR),
    **dict.fromkeys((".mov", ".mp4"), Kind.FILM),
    **dict.fromkeys((".wav", ".m4a", ".mp3", ".amr"), Kind.SOUND),
    ".json": Kind.EXPORTED,
    ".thm": Kind.THUMBNAIL,
}
_PHOTO_ENDINGS = frozenset(IMAGE_ENDINGS)
#: What Google Takeout writes after a photo's name, or the beginning of it.
_TAKEOUT = "supplemental-metadata"
#: Google Takeout cuts names to this many characters, then writes ".json".
_TAKEOUT_CUT = 46
_NUMBER = re.compile(r"(.*)(\(\d+\))", re.DOTALL)
#: Apple's record of an edit before the last: IMG_O0001.AAE belongs to IMG_0001.HEIC.
_APPLE_EARLIER = re.compile(r"(img_)o(\d+)")


def is_raw(path: str) -> bool:
    """Return whether a file is a camera's raw file, by its name."""
    return path.lower().endswith(_RAW_ENDINGS)


class Companion(NamedTuple):
    """A file that belongs to a photo.

    Attributes
    ----------
    name : str
        In the photo's folder.
    kind : Kind
    photos : tuple of str
        Names of all photos that it belongs to.
    """

    name: str
    kind: Kind
    photos: tuple[str, ...]

    @property
    def ending(self) -> str:
        """The ending of the name, in small letters."""
        return os.path.splitext(self.name)[1].lower()


class PhotoFolder:
    """The files of one folder, and which belong to which photo.

    Parameters
    ----------
    names : sequence of str
        Its files, without folders.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(map(folded, names))
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._raws: dict[str, list[str]] = {}
        others = []
        for name in sorted(names, key=os.fsencode):
            stem, ending = os.path.splitext(folded(name))
            if ending in _PHOTO_ENDINGS and ending not in _RAW_ENDINGS:
                self._by_name.setdefault(folded(name), []).append(name)
                self._by_stem.setdefault(stem, []).append(name)
            elif ending in _KIND_OF:
                others.append((name, stem, ending))
                if ending in _RAW_ENDINGS:
                    self._raws.setdefault(stem, []).append(name)
        self._sorted = sorted(self._by_name)
        self._of_photo: dict[str, list[Companion]] = {}
        for name, stem, ending in others:
            photos = tuple(dict.fromkeys(self._photos_of(stem, ending)))
            for photo in photos:
                if photo != name:
                    companion = Companion(name, _KIND_OF[ending], photos)
                    self._of_photo.setdefault(photo, []).append(companion)

    def of(self, photo: str) -> Sequence[Companion]:
        """Return the files that belong to the photo with this name, sorted by name."""
        return self._of_photo.get(photo, ())

    def photos_with(self, companion: str) -> Sequence[str]:
        """Return the photos that the file with this name belongs to."""
        found = (one for ones in self._of_photo.values() for one in ones if one.name == companion)
        return next((one.photos for one in found), ())

    def photos_of_raw(self, name: str) -> Sequence[str]:
        """Return the photos that belong with a raw file; none for all else."""
        stem, ending = os.path.splitext(folded(name))
        return self._by_stem.get(stem, ()) if ending in _RAW_ENDINGS else ()

    def _photos_of(self, stem: str, ending: str) -> Iterator[str]:
        """Yield the photos that a file belongs to, by its folded stem and its ending."""
        yield from self._by_name.get(stem, ())  # IMG_1.JPG.xmp
        raw_stem, raw_ending = os.path.splitext(stem)
        if raw_ending in _RAW_ENDINGS:  # IMG_1.CR2.xmp
            yield from self._of_stem(raw_stem)
        yield from self._of_stem(stem)
        if ending == ".aae" and (earlier := _APPLE_EARLIER.fullmatch(stem)):
            yield from self._of_stem("".join(earlier.groups()))
        if ending == ".json":
            yield from self._of_takeout(stem)

    def _of_stem(self, stem: str) -> Sequence[str]:
        """Return the photos with a stem; where there is none, the raw files."""
        return self._by_stem.get(stem, self._raws.get(stem, ()))

    def _of_takeout(self, stem: str) -> Iterator[str]:
        """Yield the photos of a file of Google Takeout: IMG.JPG.suppl.json, IMG.JPG(1).json."""
        number = ""
        if numbered := _NUMBER.fullmatch(stem):
            stem, number = numbered.groups()
        name, _, rest = stem.rpartition(".")
        for whole in (stem, name) if _TAKEOUT.startswith(rest) else (stem,):
            before, ending = os.path.splitext(whole)
            yield from self._by_name.get(f"{before}{number}{ending}", ())
        if len(stem) >= _TAKEOUT_CUT:
            for known in self._sorted[bisect_left(self._sorted, stem) :]:
                if not known.startswith(stem):
                    break
                yield from self._by_name[known]


class PhotoFolders:
    """The folders looked at so far; each is read once."""

    def __init__(self) -> None:
        self._folders: dict[str, PhotoFolder] = {}

    def folder(self, path: str) -> PhotoFolder:
        """Return the folder that a file is in; one that cannot be read is empty."""
        name = os.path.dirname(path)
        if name not in self._folders:
            self._folders[name] = PhotoFolder(_names_in(name))
        return self._folders[name]

    def of(self, path: str) -> Sequence[Companion]:
        """Return the files that belong to the photo with this full path."""
        return self.folder(path).of(os.path.basename(path))


def name_beside(companion: str, photo: str, kept: str) -> str:
    """Return the name that a companion of one photo has beside another one.

    Parameters
    ----------
    companion, photo, kept : str
        Names without folders: ``a.jpg.xmp`` of ``a.jpg`` is ``b.png.xmp`` beside ``b.png``, and
        ``a.xmp`` is ``b.xmp``.
    """
    stem, ending = os.path.splitext(companion)
    if folded(stem) == folded(photo):
        return kept + ending
    raw_ending = os.path.splitext(stem)[1]
    if raw_ending.lower() in _RAW_ENDINGS:
        ending = raw_ending + ending
    return os.path.splitext(kept)[0] + ending


def folded(name: str) -> str:
    """Return a name with neither case nor the two ways to write an accent."""
    return unicodedata.normalize("NFC", name).casefold()


def _names_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder or ".") as entries:
            return [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    except (OSError, ValueError):
        return []

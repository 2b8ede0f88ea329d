"""Makes edited copies of pictures, and knows which is which: something to measure with.

The same pictures, seed and edits give the same copies. Each edit is used equally often.
"""

import csv
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

from fastdup.errors import ConfigError, SourceError

#: The edits that are used if no others are given.
COMMON_EDITS = Path(__file__).with_name("common_edits.py")
#: Copies are made of the picture as a person sees it, at this size at most.
LONGEST_SIDE = 2000
JPEG_QUALITY = 88
TRUTH_HEADER = ("copy", "original", "edit")

Edit = Callable[[Image.Image, random.Random], Image.Image]


class MadeCopy(NamedTuple):
    """An edited copy of a picture.

    Attributes
    ----------
    number : int
        Which copy of its original it is, from 1.
    edit : str
        Name of the edit.
    image : PIL.Image.Image
        Mode RGB.
    """

    number: int
    edit: str
    image: Image.Image

    def save(self, path: Path) -> None:
        """Save it as a JPEG."""
        self.image.save(path, "JPEG", quality=JPEG_QUALITY)


class CopyMaker:
    """Makes copies of one picture after the other; each edit has its turn.

    Parameters
    ----------
    edits : mapping of str to callable
        Name → what makes another picture of a picture and a source of chance.
    seed : str
    per : int
        Copies of each picture, at least 1.
    """

    def __init__(self, edits: Mapping[str, Edit], seed: str, per: int) -> None:
        self._edits, self._seed, self._per = edits, seed, per
        self._turns = in_turn(sorted(edits), seed)

    def copies(self, name: str, picture: Image.Image) -> Iterator[MadeCopy]:
        """Yield the copies of a picture, whose name has a part in their chance."""
        for number in range(1, self._per + 1):
            edit = next(self._turns)
            chance = random.Random(f"{self._seed} {name} {number}")
            made = self._edits[edit](picture.copy(), chance)
            yield MadeCopy(number, edit, made.convert("RGB"))


def load_edits(path: Path) -> dict[str, Edit]:
    """Return the table ``EDITS`` of a Python file: name → (picture, chance) → picture.

    The file is run, so it must be one that you trust.

    Raises
    ------
    ConfigError
        When there is no such file, or no table in it.
    """
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigError(f"there is no Python file {str(path)!r}: give one with a table EDITS")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    edits: dict[str, Edit] = getattr(module, "EDITS", {})
    if not edits:
        raise ConfigError(f"{path} has no table EDITS: name → (picture, chance) → picture")
    return edits


def photos_in(folder: Path, limit: int) -> list[Path]:
    """Return the photos of a folder and those below, sorted; those spread evenly if limited.

    Raises
    ------
    SourceError
        When there are none.
    """
    Image.init()
    photos = sorted(p for p in folder.rglob("*") if p.suffix.lower() in Image.EXTENSION)
    if not photos:
        raise SourceError(f"there are no photos in {folder}")
    return photos[:: max(1, len(photos) // limit)][:limit] if limit else photos


def upright(photo: Path) -> Image.Image:
    """Return the picture as it is shown, in RGB, reduced to `LONGEST_SIDE`."""
    with Image.open(photo) as image:
        return fitted(ImageOps.exif_transpose(image).convert("RGB"))


def fitted(picture: Image.Image) -> Image.Image:
    """Return a picture reduced to `LONGEST_SIDE`."""
    if max(picture.size) > LONGEST_SIDE:
        return ImageOps.contain(picture, (LONGEST_SIDE, LONGEST_SIDE))
    return picture


def names_of(photos: Iterable[Path], folder: Path) -> Iterator[str]:
    """Yield a name for each photo that no other one has: the path below the folder."""
    for photo in photos:
        yield "__".join(photo.relative_to(folder).parts)


def in_turn(names: Sequence[str], seed: str) -> Iterator[str]:
    """Yield the names for ever, in another order each time all had their turn."""
    rng = random.Random(f"order {seed}")
    while True:
        yield from rng.sample(names, len(names))


def plant(out: Path, folder: Path, *, edits: Path, seed: str, per: int, limit: int) -> int:
    """Write ``images/``, photos and copies, and ``truth.csv``; return the number of copies.

    Parameters
    ----------
    out : Path
        A new folder.
    folder : Path
        Of photos, subfolders included.
    edits : Path
        A Python file; see `load_edits`.
    seed : str
    per : int
        Copies of each photo.
    limit : int
        Number of photos, 0 for all.

    Raises
    ------
    ConfigError
        When there are images in `out` already, or no edits.
    SourceError
        When there are no photos.
    """
    maker, photos = CopyMaker(load_edits(edits), seed, per), photos_in(folder, limit)
    images = out / "images"
    if images.exists():
        raise ConfigError(f"{out} has images already: remove it first")
    images.mkdir(parents=True)
    rows = []
    for photo, name in zip(photos, names_of(photos, folder), strict=True):
        shutil.copyfile(photo, images / name)
        for made in maker.copies(name, upright(photo)):
            copy = f"{Path(name).stem}-copy{made.number}-of-{Path(name).suffix[1:]}.jpg"
            made.save(images / copy)
            rows.append((copy, name, made.edit))
    write_truth(out / "truth.csv", rows)  # last: it says that all is there
    return len(rows)


def write_truth(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    """Write which file is a copy of which, by which edit."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TRUTH_HEADER)
        writer.writerows(rows)

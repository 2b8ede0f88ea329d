"""Makes a photographer's folder with copies of every kind, and writes down what each file is.

OUT gets `library/` and `truth.csv` with the columns file, kind, original, may_go. Paths are
relative to `library/`. `may_go` says what a careful person would let go without a look: `yes` for
a lesser copy of the same picture, `no` for originals, edited versions, frames of a burst, and
files that belong to a photo. A copy with a sidecar that its original lacks has `carry`: it stays
unless its sidecar may be moved. Copies in bins have `bin`: a listing leaves them out.

    python benchmarks/photo_library.py OUT PHOTOS --originals 900 --seed 1
"""

import argparse
import csv
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from fastdup.evaluation.planter import photos_in, upright

#: Originals are this long at most, so that the library is made in minutes.
LONGEST = 900
CAMERAS = (("Canon", "EOS 80D", "Firmware 1.0.2"), ("NIKON", "D750", "Ver.1.10"))
PLACES = ("Norway", "Garden", "Birthday", "Lake", "Town", "School", "Hike")
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_MAKE, _MODEL, _SOFTWARE, _MODIFIED = 0x010F, 0x0110, 0x0131, 0x0132
_TAKEN, _SUBSECONDS = 0x9003, 0x9291

Picture = Image.Image
Edit = Callable[[Picture, random.Random], Picture]


@dataclass
class Original:
    """A photo as the camera left it: its file, its picture, when it was taken, by what."""

    path: Path
    picture: Picture
    taken: datetime
    exif: bytes
    quality: int


@dataclass
class Library:
    """The folder as it grows, and the truth about it."""

    root: Path
    rng: random.Random
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def place(self, path: Path, kind: str, original: Path | None, may_go: str) -> Path:
        """Note what a file will be, and make its folder."""
        full = self.root / path
        if full.exists():
            raise FileExistsError(full)
        full.parent.mkdir(parents=True, exist_ok=True)
        self.rows.append((str(path), kind, str(original or ""), may_go))
        return full

    def save(
        self,
        picture: Picture,
        path: Path,
        kind: str,
        original: Path | None,
        may_go: str,
        **options: Any,
    ) -> None:
        """Save a picture there, changed now."""
        picture.save(self.place(path, kind, original, may_go), **options)

    def date(self, path: Path, moment: datetime) -> None:
        """Let a file have been changed at a moment."""
        os.utime(self.root / path, (moment.timestamp(), moment.timestamp()))


# --- originals -------------------------------------------------------------------------------


def add_original(library: Library, photo: Path, number: int) -> Original:
    """Save a photo as a camera would; every third has EXIF."""
    rng = library.rng
    picture = _as_taken(photo)
    taken = datetime(2017, 1, 3, 9) + timedelta(days=number * 2.1, seconds=rng.randint(0, 30_000))
    folder = Path(str(taken.year)) / f"{taken:%Y-%m-%d} {PLACES[number % len(PLACES)]}"
    path = folder / f"{rng.choice(['IMG_', 'DSC_'])}{number:04}.JPG"
    exif = camera_exif(taken, number) if number % 3 == 0 else b""
    quality = rng.choice([90, 93, 95])
    library.save(picture, path, "original", None, "no", quality=quality, exif=exif)
    library.date(path, taken + timedelta(seconds=1))
    return Original(path, picture, taken, exif, quality)


def _as_taken(photo: Path) -> Picture:
    """Return the picture, made smaller if it is long; never enlarged, for no camera does that."""
    picture = upright(photo)
    picture.thumbnail((LONGEST, LONGEST))
    return picture


def camera_exif(taken: datetime, number: int, subsecond: int = 0) -> bytes:
    """Return the EXIF of a camera."""
    make, model, software = CAMERAS[number % len(CAMERAS)]
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL], exif[_SOFTWARE] = make, model, software
    exif[_MODIFIED] = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(_EXIF_IFD)[_TAKEN] = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(_EXIF_IFD)[_SUBSECONDS] = f"{subsecond:02}"
    exif.get_ifd(_GPS_IFD).update({1: "N", 2: (61.0, 30.0, number % 60 * 1.0)})
    return exif.tobytes()


# --- copies that may go ----------------------------------------------------------------------


def add_exact(library: Library, one: Original) -> None:
    """Copy the bytes to a folder with a shorter or a longer path, with a copy's name."""
    rng, name = library.rng, one.path.name
    stem, ending = os.path.splitext(name)
    names = [
        f"Copy of {name}", f"{stem} (1){ending}", f"{stem} - Copy{ending}", f"{stem} copy{ending}",
        f"{stem} - Kopie{ending}", f"Copie de {name}", f"{stem}~2{ending}",
    ]  # fmt: skip
    folder = rng.choice(
        [Path("a"), Path("to sort/old laptop/pictures from the phone"), Path("tmp")]
    )
    path = folder / str(len(library.rows)) / rng.choice(names)
    shutil.copyfile(library.root / one.path, library.place(path, "exact", one.path, "yes"))
    library.date(path, one.taken + timedelta(days=rng.choice([-400, 300])))


def add_in_bin(library: Library, one: Original) -> None:
    """Copy the bytes to the bin of some system."""
    bins = [
        "$RECYCLE.BIN/S-1-5-21", ".Trash-1000/files", "#recycle", "@Recycle", ".Trashes/501",
    ]  # fmt: skip
    path = Path(library.rng.choice(bins)) / f"{len(library.rows)}-{one.path.name}"
    shutil.copyfile(library.root / one.path, library.place(path, "in_bin", one.path, "bin"))


def _lesser(
    kind: str, folder: str, name: str, make: Edit, **options: Any
) -> Callable[[Library, Original], None]:
    def add(library: Library, one: Original) -> None:
        picture = make(one.picture.copy(), library.rng)
        path = Path(folder) / name.format(stem=one.path.stem, number=len(library.rows))
        library.save(picture, path, kind, one.path, "yes", **options)
        library.date(path, one.taken + timedelta(days=library.rng.choice([3, 700])))

    return add


def _scaled(share: float) -> Edit:
    return lambda image, rng: image.resize(
        (max(8, round(image.width * share)), max(8, round(image.height * share))),
        Image.Resampling.BICUBIC,
    )


def _as_it_is(image: Picture, rng: random.Random) -> Picture:
    return image


def add_png(library: Library, one: Original) -> None:
    """Save the JPEG's own pixels without loss: more bytes, nothing more to see."""
    with Image.open(library.root / one.path) as image:
        picture = image.convert("RGB")
    path = Path("export") / f"{one.path.stem}-{len(library.rows)}.png"
    library.save(picture, path, "png_of_jpeg", one.path, "yes")
    library.date(path, one.taken + timedelta(days=30))


def add_stripped(library: Library, one: Original) -> None:
    """Save again at a higher quality, without EXIF: more bytes, less to know."""
    with Image.open(library.root / one.path) as image:
        picture = image.convert("RGB")
    path = Path("web") / f"{one.path.stem}_{len(library.rows)}.jpg"
    library.save(picture, path, "stripped", one.path, "yes", quality=98)
    library.date(path, one.taken + timedelta(days=30))


LESSER: dict[str, Callable[[Library, Original], None]] = {
    "exact": add_exact,
    "in_bin": add_in_bin,
    "half": _lesser("half", "small", "{stem}_small_{number}.jpg", _scaled(0.5), quality=85),
    "messenger": _lesser(
        "messenger", "WhatsApp Images", "IMG-2019{number:04}-WA0003.jpg", _scaled(0.8), quality=40
    ),
    "png_of_jpeg": add_png,
    "enlarged": _lesser(
        "enlarged", "prints", "{stem}-large-{number}.jpg", _scaled(1.6), quality=92
    ),
    "stripped": add_stripped,
    "webp": _lesser("webp", "site", "{stem}-{number}.webp", _as_it_is, quality=80),
}


# --- edited versions, which stay -------------------------------------------------------------


def _watermarked(image: Picture, rng: random.Random) -> Picture:
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=max(12, image.height // 18))
    draw.text(
        (image.width * 0.03, image.height * 0.9),
        "(c) 2019 Studio",
        "white",
        font,
        stroke_width=1,
        stroke_fill="black",
    )
    return image


def _cropped(image: Picture, rng: random.Random) -> Picture:
    width, height = (round(side * rng.uniform(0.7, 0.9)) for side in image.size)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def _phone_screen(image: Picture, rng: random.Random) -> Picture:
    page = Image.new("RGB", (540, 1170), (0, 0, 0))
    shown = ImageOps.contain(image, (540, 800))
    page.paste(shown, (0, (1170 - shown.height) // 2))
    draw = ImageDraw.Draw(page)
    draw.text((24, 14), "9:41", "white", ImageFont.load_default(size=24))
    for button in range(4):
        draw.ellipse((60 + 130 * button, 1090, 90 + 130 * button, 1120), outline="white", width=3)
    return page


EDITED: dict[str, Edit] = {
    "watermarked": _watermarked,
    "framed": lambda image, rng: ImageOps.expand(image, image.width // 12, "white"),
    "grey": lambda image, rng: image.convert("L").convert("RGB"),
    "warmer": lambda image, rng: ImageEnhance.Color(ImageEnhance.Brightness(image).enhance(1.3))
    .enhance(1.6),
    "cropped": _cropped,
    "turned": lambda image, rng: image.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda image, rng: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "screenshot": _phone_screen,
}  # fmt: skip


def add_edited(library: Library, one: Original, kind: str) -> None:
    """Save an edited version, larger in bytes as often as not."""
    picture = EDITED[kind](one.picture.copy(), library.rng)
    if kind == "grey" and _is_grey(one.picture):
        return
    path = Path("edited") / f"{one.path.stem}-edited-{len(library.rows)}.jpg"
    library.save(picture, path, kind, one.path, "no", quality=library.rng.choice([85, 97]))
    library.date(path, one.taken + timedelta(days=library.rng.choice([-2, 40])))


def _is_grey(picture: Picture) -> bool:
    red, green, blue = picture.split()
    return max(np.asarray(ImageChops.difference(red, other)).mean() for other in (green, blue)) < 8


# --- bursts and companions -------------------------------------------------------------------


def add_burst(library: Library, photo: Path, number: int) -> None:
    """Save four frames of one camera, a third of a second apart, held by hand."""
    picture = _as_taken(photo)
    taken = datetime(2021, 5, 1, 12) + timedelta(hours=number)
    for frame in range(4):
        path = Path("2021/2021-05 Bursts") / f"BURST{number:03}_{frame}.JPG"
        exif = camera_exif(taken + timedelta(seconds=frame // 3), number, frame * 33 % 100)
        shown = _held_by_hand(picture, library.rng)
        library.save(shown, path, "burst", None, "no", quality=93, exif=exif)
        library.date(path, taken + timedelta(seconds=frame))


def _held_by_hand(picture: Picture, rng: random.Random) -> Picture:
    """Return what the camera sees a moment later: moved a little, other noise."""
    width, height = (round(side * 0.97) for side in picture.size)
    left = rng.uniform(0, picture.width - width)
    top = rng.uniform(0, picture.height - height)
    turned = picture.rotate(rng.uniform(-0.4, 0.4), Image.Resampling.BICUBIC)
    shown = turned.transform(
        (width, height), Image.Transform.AFFINE, (1, 0, left, 0, 1, top), Image.Resampling.BICUBIC
    )
    shown = shown.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    values = np.asarray(shown, np.float32)
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 3, values.shape)
    return Image.fromarray((values + noise).clip(0, 255).astype(np.uint8))


def add_companion(library: Library, one: Original, number: int) -> Path:
    """Put a file beside a photo that belongs to it, and return where it is."""
    stem = one.path.with_suffix("")
    made = {
        f"{stem}.xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF/></x:xmpmeta>",
        f"{one.path}.json": b'{"title": "IMG", "photoTakenTime": {"timestamp": "1"}}',
        f"{stem}.AAE": b"<?xml version='1.0'?><plist/>",
        f"{stem}.CR2": b"II*\0\x10\0\0\0CR\x02\0" + bytes([number % 256]) * 4_000,
        f"{stem}.MOV": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes([number % 256]) * 4_000,
    }
    name = list(made)[number % len(made)]
    kind = "raw" if name.endswith(".CR2") else "companion"
    library.place(Path(name), kind, one.path, "no").write_bytes(made[name])
    return Path(name)


def add_backup(library: Library, one: Original, number: int) -> None:
    """Copy a photo together with the file that belongs to it."""
    beside = add_companion(library, one, number)
    top = library.rng.choice(["0 Backup", "backup", "Copy of photos", "old disk - Sicherung"])
    folder = Path(top) / one.path.parent
    copy = folder / one.path.name
    shutil.copy2(library.root / one.path, library.place(copy, "backed_up", one.path, "yes"))
    full = library.place(folder / beside.name, "companion_of_copy", copy, "no")
    shutil.copy2(library.root / beside, full)


def add_copy_with_companion(library: Library, one: Original) -> None:
    """Save a smaller copy that has an XMP file of its own."""
    picture = _scaled(0.6)(one.picture, library.rng)
    path = Path("from phone") / f"{one.path.stem}-{len(library.rows)}.jpg"
    library.save(picture, path, "copy_with_companion", one.path, "carry", quality=80)
    beside = path.with_suffix(".xmp")
    full = library.place(beside, "companion_of_copy", path, "no")
    full.write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rating/></x:xmpmeta>")


# --- the whole -------------------------------------------------------------------------------


def make_library(out: Path, photos: Path, n_originals: int, seed: str) -> int:
    """Write the library and the truth about it; return the number of files."""
    library = Library(out / "library", random.Random(seed))
    library.root.mkdir(parents=True)
    n_bursts = max(1, n_originals // 45)
    chosen = photos_in(photos, 0)
    library.rng.shuffle(chosen)
    chosen = [photo for photo in chosen if _is_large(photo)][: n_originals + n_bursts]
    originals = [add_original(library, photo, n) for n, photo in enumerate(chosen[:n_originals])]
    for number, photo in enumerate(chosen[n_originals:]):
        add_burst(library, photo, number)
    kinds = [*LESSER, *EDITED, "companion", "backup", "copy_with_companion", ""]
    for number, one in enumerate(originals):
        kind = kinds[number % len(kinds)]
        if kind in LESSER:
            LESSER[kind](library, one)
        elif kind in EDITED:
            add_edited(library, one, kind)
        elif kind == "companion":
            add_companion(library, one, number)
        elif kind == "backup":
            add_backup(library, one, number)
        elif kind == "copy_with_companion":
            add_copy_with_companion(library, one)
    with (out / "truth.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "kind", "original", "may_go"))
        writer.writerows(library.rows)
    return len(library.rows)


def _is_large(photo: Path) -> bool:
    with Image.open(photo) as image:
        return min(image.size) >= 120


def main() -> None:
    """Read the command line and make the library."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("photos", type=Path, help="folder of photos, subfolders included")
    parser.add_argument("--originals", type=int, default=900)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    n_files = make_library(options.out, options.photos, options.originals, options.seed)
    print(f"{n_files} files: {options.out / 'truth.csv'}")


if __name__ == "__main__":
    main()

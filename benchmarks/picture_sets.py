"""Makes sets of pictures of one kind for speed measurements, from a folder of photos."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

WEB_SIZE, PHONE_SIZE, THUMBNAIL_SIZE = (500, 375), (4000, 3000), (100, 100)
QUALITY = 85
GRAIN_LEVELS = 12
FILES_PER_FOLDER = 1000

Maker = Callable[[Image.Image, Path], None]


def make_set(kind: str, photos: Path, out: Path, n_images: int) -> None:
    """Fill `out` with `n_images` pictures of `kind`, one of `KINDS`, cut from the photos."""
    out.mkdir(parents=True)
    make = KINDS[kind]
    for number, picture in enumerate(islice(_variants(photos), n_images)):
        folder = out / f"{number // FILES_PER_FOLDER:03}"
        folder.mkdir(exist_ok=True)
        make(picture, folder / f"{number:06}")


def _variants(photos: Path) -> Iterator[Image.Image]:
    """Yield the photos; then again mirrored, upside down, and smaller and smaller parts of them."""
    sources = sorted(path for path in photos.iterdir() if path.is_file())
    changes = (lambda image: image, ImageOps.mirror, ImageOps.flip)
    share = 1.0
    while True:
        for change in changes:
            for source in sources:
                with Image.open(source) as image:
                    picture = image.convert("RGB")
                width, height = (max(16, int(side * share)) for side in picture.size)
                yield change(picture.crop((0, 0, width, height)))
        share *= 0.9


def _web(picture: Image.Image, path: Path) -> None:
    ImageOps.fit(picture, WEB_SIZE).save(path.with_suffix(".jpg"), quality=QUALITY)


def _phone(picture: Image.Image, path: Path) -> None:
    """Enlarge to 12 megapixels; grain gives the file the size that a camera's detail gives it."""
    large = np.asarray(ImageOps.fit(picture, PHONE_SIZE, Image.Resampling.BICUBIC), np.int16)
    rng = np.random.default_rng(int(path.name))
    grain = rng.integers(-GRAIN_LEVELS, GRAIN_LEVELS + 1, large.shape[:2], dtype=np.int16)
    pixels = np.clip(large + grain[:, :, None], 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path.with_suffix(".jpg"), quality=QUALITY)


def _mixed(picture: Image.Image, path: Path) -> None:
    """Write every other picture as PNG and as WebP."""
    suffix = ".png" if int(path.name) % 2 == 0 else ".webp"
    ImageOps.fit(picture, WEB_SIZE).save(path.with_suffix(suffix), quality=QUALITY)


def _thumbnail(picture: Image.Image, path: Path) -> None:
    ImageOps.fit(picture, THUMBNAIL_SIZE).save(path.with_suffix(".jpg"), quality=QUALITY)


#: Kind → how a picture of it is made from a photo.
KINDS: dict[str, Maker] = {
    "mix": _mixed,
    "phone": _phone,
    "thumbnail": _thumbnail,
    "web": _web,
}

"""Sets of pictures of one size to measure speed on, made from a folder of photos."""

from pathlib import Path

from PIL import Image, ImageOps

WEB_SIZE = (500, 375)
WEB_QUALITY = 85


def make_web_photos(photos: Path, out: Path, n_images: int) -> None:
    """Fill `out` with `n_images` JPEGs of 500 × 375, cut from the photos to that shape.

    When there are fewer photos, they come again, mirrored and then turned upside down.
    """
    out.mkdir(parents=True)
    sources = sorted(path for path in photos.iterdir() if path.is_file())
    variants = (lambda image: image, ImageOps.mirror, ImageOps.flip)
    for number in range(n_images):
        change = variants[number // len(sources)]
        with Image.open(sources[number % len(sources)]) as image:
            picture = change(ImageOps.fit(image.convert("RGB"), WEB_SIZE))
        picture.save(out / f"{number:05}.jpg", quality=WEB_QUALITY)

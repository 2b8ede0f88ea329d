"""A picture with another thing in one place, and where a page frames what differs."""

from PIL import Image

from pictures import photo

Box = tuple[float, float, float, float]


def patched(picture: Image.Image) -> tuple[Image.Image, Box]:
    """Return the picture with something else at its top right, and where, in unit coordinates."""
    width, height = picture.size
    left, top, right, bottom = 0.7, 0.15, 0.8, 0.3
    size = round((right - left) * width), round((bottom - top) * height)
    copy = picture.copy()
    copy.paste(photo(99, size), (round(left * width), round(top * height)))
    return copy, (left, top, right, bottom)


def framed(stage) -> Box:
    """Return the frame within a stage or pane as seen, in unit coordinates of the picture below."""
    found: list[float] = stage.evaluate(
        """(stage) => {
          const image = stage.querySelector("img, canvas"), around = image.getBoundingClientRect();
          const shape = (image.naturalWidth || image.width) / (image.naturalHeight || image.height);
          const width = Math.min(around.width, around.height * shape), height = width / shape;
          const left = around.left + (around.width - width) / 2;
          const top = around.top + (around.height - height) / 2;
          const line = stage.querySelector(".line").getBoundingClientRect();
          return [(line.left - left) / width, (line.top - top) / height,
            (line.right - left) / width, (line.bottom - top) / height];
        }"""
    )
    return tuple(found)

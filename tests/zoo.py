"""A zoo of image files, good and bad, built by real encoders and a few bytes of our own.

All good files show the same small picture, four coloured quadrants with a gradient, which no turn,
flip, swap of channels or loss of brightness leaves as it is: `expected` holds what `decode` must
make of each. Names have the extension of their format, so that tests may write them to a folder.
"""

import base64
import gzip
import io
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.errors import Reason

WIDTH, HEIGHT = 48, 32
"""Size of the picture that all good files show, but for those named ``tiny``."""

Pixels = NDArray[np.uint8]

TIFF_GREY, TIFF_RGB, TIFF_PALETTE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A good file and what it shows.

    Attributes
    ----------
    data : bytes
        The file.
    pixels : numpy.ndarray
        (H, W, 3) uint8, what `decode` must return.
    tolerance : float
        Largest mean absolute difference per channel value; 0 for lossless formats.
    """

    data: bytes
    pixels: Pixels
    tolerance: float


# --- the picture --------------------------------------------------------------------------------


@cache
def picture() -> Pixels:
    """Return the (HEIGHT, WIDTH, 3) uint8 picture: red, green / blue, yellow, darker to the right.

    Within each quadrant brightness also falls downward, so that blocks have an inner direction.
    """
    colours = np.array([[[230, 20, 30], [20, 190, 60]], [[30, 50, 220], [240, 220, 40]]])
    quadrants = colours.repeat(HEIGHT // 2, axis=0).repeat(WIDTH // 2, axis=1)
    fall = 1 - 0.3 * np.arange(WIDTH)[None, :] / WIDTH - 0.2 * np.arange(HEIGHT)[:, None] / HEIGHT
    return _frozen((quadrants * fall[..., None]).round().astype(np.uint8))


@cache
def grey_picture() -> Pixels:
    """Return the picture in (HEIGHT, WIDTH) uint8 grey."""
    return _frozen(np.asarray(Image.fromarray(picture()).convert("L")))


@cache
def alpha() -> Pixels:
    """Return a (HEIGHT, WIDTH) uint8 opacity: clear at the left edge, opaque at the right."""
    row = np.linspace(0, 255, WIDTH).round().astype(np.uint8)
    return _frozen(np.broadcast_to(row, (HEIGHT, WIDTH)).copy())


@cache
def over_white() -> Pixels:
    """Return the picture with `alpha`, laid over white."""
    return _over_white(picture(), alpha())


def _over_white(colours: Pixels, opacity: Pixels) -> Pixels:
    weight = opacity[..., None] / 255.0
    return _frozen((colours * weight + 255 * (1 - weight)).round().astype(np.uint8))


def _frozen(array: Pixels) -> Pixels:
    array.flags.writeable = False
    return array


def _rgb(grey: Pixels) -> Pixels:
    return _frozen(np.repeat(grey[..., None], 3, axis=2))


def stored_for(orientation: int, upright: Pixels) -> Pixels:
    """Return what a camera stores so that EXIF `orientation` makes it `upright`.

    From the words of Exif 2.32: 6 says, "the 0th row is the visual right-hand side of the image,
    the 0th column is the visual top", and so on.
    """
    turned = upright.swapaxes(0, 1) if orientation >= 5 else upright
    # Which stored axis runs against the upright picture's direction.
    rows_back = orientation in (3, 4, 6, 7)
    columns_back = orientation in (2, 3, 7, 8)
    turned = turned[::-1] if rows_back else turned
    turned = turned[:, ::-1] if columns_back else turned
    return np.ascontiguousarray(turned)


# --- encoders -----------------------------------------------------------------------------------


def encode(pixels: Pixels | Image.Image, kind: str, **options: object) -> bytes:
    """Return a file of Pillow's format `kind`, for example ``"JPEG"``, with its save options."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(orientation: int) -> bytes:
    """Return an EXIF block that holds nothing but the orientation, big-endian."""
    return b"Exif\0\0" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, orientation, 0, 0)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one PNG chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + kind + content + _crc(kind + content)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def png(
    rows: list[bytes],
    *,
    size: tuple[int, int],
    depth: int,
    colour: int,
    before: bytes = b"",
    after: bytes = b"",
    interlaced: bool = False,
) -> bytes:
    """Return a PNG of packed, unfiltered `rows`; `before` and `after` are chunks around IDAT."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, interlaced)
    content = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before
        + png_chunk(b"IDAT", content)
        + after
        + png_chunk(b"IEND", b"")
    )


def add_png_chunk(data: bytes, kind: bytes, content: bytes, *, at_end: bool = False) -> bytes:
    """Return the PNG `data` with one more chunk after IHDR, or before IEND."""
    at = len(data) - 12 if at_end else 33
    return data[:at] + png_chunk(kind, content) + data[at:]


def _interlaced_png(pixels: Pixels) -> bytes:
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2))
    passes += ((1, 0, 2, 1),)
    rows = [row.tobytes() for y, x, dy, dx in passes for row in pixels[y::dy, x::dx]]
    return png(rows, size=(WIDTH, HEIGHT), depth=8, colour=2, interlaced=True)


def tiff(
    pages: list[NDArray[np.generic]],
    *,
    order: str = "<",
    photometric: int = TIFF_RGB,
    extra: dict[int, int] | None = None,
) -> bytes:
    """Return an uncompressed TIFF of arrays (H, W) or (H, W, C), each page's pixels before its IFD.

    `order` is ``"<"`` or ``">"``; `extra` are more fields with one 32-bit number each.
    """
    data = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 42)
    link_at, data = len(data), data + bytes(4)
    for page in pages:
        bits, samples = page.dtype.itemsize * 8, page.shape[2] if page.ndim == 3 else 1
        strip = len(data)
        data += page.astype(page.dtype.newbyteorder(order)).tobytes()
        data += bytes(len(data) % 2)
        bits_at, data = len(data), data + struct.pack(f"{order}{samples}H", *[bits] * samples)
        bits_at = bits_at if samples > 2 else bits << (16 if order == ">" else 0)
        fields = {
            256: (4, 1, page.shape[1]),
            257: (4, 1, page.shape[0]),
            258: (3, samples, bits_at),
            259: (4, 1, 1),
            262: (4, 1, photometric),
            273: (4, 1, strip),
            277: (4, 1, samples),
            278: (4, 1, page.shape[0]),
            279: (4, 1, page.nbytes),
        }
        fields |= {tag: (4, 1, value) for tag, value in (extra or {}).items()}
        data += bytes(len(data) % 2)
        here = len(data)
        data = data[:link_at] + struct.pack(f"{order}I", here) + data[link_at + 4 :]
        data += struct.pack(f"{order}H", len(fields))
        data += b"".join(struct.pack(f"{order}HHII", tag, *fields[tag]) for tag in sorted(fields))
        link_at, data = len(data), data + bytes(4)
    return data


def cmyk() -> Pixels:
    """Return the picture as (HEIGHT, WIDTH, 4) uint8 ink, 255 = full, with black taken out."""
    ink = 255.0 - picture()
    black = ink.min(axis=2, keepdims=True)
    colours = (ink - black) / (255 - black) * 255  # the inverse of r = (255-c)(255-k)/255
    return np.concatenate([colours, black], axis=2).round().astype(np.uint8)


def _ycck_jpeg() -> bytes:
    """Return a JPEG in YCCK, as Photoshop writes it and Pillow cannot.

    Pillow's CMYK file, given YCC instead of CMY, becomes one when its Adobe marker says so.
    """
    inverted = 255 - cmyk()  # as Adobe stores ink
    ycc = np.asarray(Image.fromarray(255 - inverted[..., :3]).convert("YCbCr"))
    planes = 255 - np.concatenate([ycc, inverted[..., 3:]], axis=2)  # Pillow inverts on saving
    data = encode(Image.frombytes("CMYK", (WIDTH, HEIGHT), planes.tobytes()), "JPEG", quality=98)
    transform = data.index(b"Adobe") + 11
    return data[:transform] + b"\x02" + data[transform + 1 :]


def _with_thumbnail(data: bytes) -> bytes:
    """Return the JPEG `data` with a whole small JPEG inside its EXIF."""
    thumbnail = encode(np.zeros((8, 8, 3), np.uint8), "JPEG")
    block = exif(1)[:-4] + struct.pack(">I", 26)
    block += struct.pack(">HHHIIHHII", 2, 513, 4, 1, 56, 514, 4, 1, len(thumbnail)) + bytes(4)
    return add_jpeg_segment(data, 0xE1, block + thumbnail)


def add_jpeg_segment(data: bytes, marker: int, content: bytes) -> bytes:
    """Return the JPEG `data` with one more segment at its beginning."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + data[2:]


def _animation(kind: str, **options: object) -> bytes:
    first = Image.fromarray(picture())
    if kind == "GIF":
        first = first.quantize(255)
    others = [Image.new(first.mode, first.size, n) for n in (1, 90)]
    return encode(first, kind, save_all=True, append_images=others, duration=50, **options)


# --- good files ---------------------------------------------------------------------------------


def good_images() -> dict[str, bytes]:
    """Return good files by name; `expected` holds what each shows."""
    return {name: exhibit.data for name, exhibit in _exhibits().items()}


def expected(name: str) -> tuple[Pixels, float]:
    """Return the upright RGB pixels of the good file `name`, and the mean difference allowed."""
    exhibit = _exhibits()[name]
    return exhibit.pixels, exhibit.tolerance


@cache
def _exhibits() -> dict[str, Exhibit]:
    return (
        _good_jpegs()
        | _good_pngs()
        | _good_simple()
        | _good_tiffs()
        | _good_modern()
        | _good_turned()
        | _good_heics()
        | _good_jpeg_xls()
        | _good_svgs()
        | _good_others()
    )


def _good_jpegs() -> dict[str, Exhibit]:
    rgb, lossy = picture(), {"quality": 95, "subsampling": 0}
    ink = Image.frombytes("CMYK", (WIDTH, HEIGHT), cmyk().tobytes())
    baseline = encode(rgb, "JPEG", **lossy)
    files = {
        "baseline.jpg": baseline,
        "progressive.jpg": encode(rgb, "JPEG", progressive=True, **lossy),
        "restarts.jpg": encode(rgb, "JPEG", restart_marker_blocks=1, **lossy),
        "stored_as_rgb.jpg": encode(rgb, "JPEG", keep_rgb=True, quality=95),
        "cmyk.jpg": encode(ink, "JPEG", **lossy),
        "ycck.jpg": _ycck_jpeg(),
        "thumbnail_inside.jpg": _with_thumbnail(baseline),
        "junk_behind.jpg": baseline + b"\0junk\xff" * 20,
        "fill_bytes.jpg": baseline[:2] + b"\xff\xff\xff" + baseline[2:],
        "wrong_extension.png": baseline,
        "damaged_exif.jpg": add_jpeg_segment(baseline, 0xE1, exif(6)[:20] + b"\xff" * 40),
    }
    exhibits = {name: Exhibit(data, rgb, 3.0) for name, data in files.items()}
    grey = encode(grey_picture(), "JPEG", quality=95)
    return exhibits | {"grey.jpg": Exhibit(grey, _rgb(grey_picture()), 3.0)}


def _good_pngs() -> dict[str, Exhibit]:
    rgb, grey, opacity, size = picture(), grey_picture(), alpha(), (WIDTH, HEIGHT)
    plain = encode(rgb, "PNG")
    rgba, grey_alpha = np.dstack([rgb, opacity]), np.dstack([grey, opacity])
    wide = [row.astype(">u2").tobytes() for row in rgb.astype(np.uint16) * 257]
    bomb = b"Comment\0\0" + zlib.compress(bytes(20_000_000))
    profile = b"profile\0\0" + zlib.compress(bytes(20_000_000))
    same = {
        "rgb.png": plain,
        "rgb_16_bit.png": png(wide, size=size, depth=16, colour=2),
        "interlaced.png": _interlaced_png(rgb),
        "text_bomb.png": add_png_chunk(plain, b"zTXt", bomb),
        "text_bomb_at_end.png": add_png_chunk(plain, b"zTXt", bomb, at_end=True),
        "profile_bomb.png": add_png_chunk(plain, b"iCCP", profile),
        "damaged_profile.png": add_png_chunk(plain, b"iCCP", b"name\0\7junk"),
        "damaged_text.png": plain[:33] + png_chunk(b"tEXt", b"a\0b")[:-4] + bytes(4) + plain[33:],
        "junk_behind.png": plain + bytes(99),
        "animated.png": _animation("PNG"),
    }
    clear = {
        "alpha.png": (encode(rgba, "PNG"), over_white()),
        "grey_alpha.png": (encode(grey_alpha, "PNG"), _over_white(_rgb(grey), opacity)),
        "alpha_16_bit.png": (
            png(
                [row.astype(">u2").tobytes() for row in rgba.astype(np.uint16) * 257],
                size=size,
                depth=16,
                colour=6,
            ),
            over_white(),
        ),
    }
    exhibits = {name: Exhibit(data, rgb, 0.0) for name, data in same.items()}
    exhibits |= {name: Exhibit(data, pixels, 0.51) for name, (data, pixels) in clear.items()}
    return exhibits | _good_grey_pngs() | _good_palettes()


def _good_grey_pngs() -> dict[str, Exhibit]:
    grey, size = grey_picture(), (WIDTH, HEIGHT)
    wide = grey.astype(np.uint16) * 257
    wide_rows = [row.astype(">u2").tobytes() for row in wide]
    key = int(wide[3, 5])
    keyed = np.where(wide == key, 255, grey).astype(np.uint8)
    binary = (grey > 100).astype(np.uint8)
    quarter = grey // 64
    packed = (quarter.reshape(HEIGHT, -1, 4) << np.array([6, 4, 2, 0], np.uint8)).sum(axis=2)
    rows = [row.astype(np.uint8).tobytes() for row in packed]
    clear = png_chunk(b"tRNS", struct.pack(">H", 1))
    quarter_keyed = np.where(quarter == 1, 255, quarter * 85).astype(np.uint8)
    colour = (picture() == picture()[3, 5]).all(axis=2)
    colour_keyed = np.where(colour[..., None], 255, picture()).astype(np.uint8)
    colour_key = struct.pack(">3H", *picture()[3, 5])
    files = {
        "grey.png": (encode(grey, "PNG"), grey),
        "grey_16_bit.png": (png(wide_rows, size=size, depth=16, colour=0), grey),
        "grey_16_bit_colour_key.png": (
            png(
                wide_rows,
                size=size,
                depth=16,
                colour=0,
                before=png_chunk(b"tRNS", struct.pack(">H", key)),
            ),
            keyed,
        ),
        "one_bit.png": (encode(Image.fromarray(binary * 255).convert("1"), "PNG"), binary * 255),
        "two_bit.png": (png(rows, size=size, depth=2, colour=0), quarter * 85),
        "two_bit_colour_key.png": (
            png(rows, size=size, depth=2, colour=0, before=clear),
            quarter_keyed,
        ),
    }
    exhibits = {name: Exhibit(data, _rgb(pixels), 0.0) for name, (data, pixels) in files.items()}
    keyed_file = add_png_chunk(encode(picture(), "PNG"), b"tRNS", colour_key)
    return exhibits | {"rgb_colour_key.png": Exhibit(keyed_file, _frozen(colour_keyed), 0.0)}


def _good_palettes() -> dict[str, Exhibit]:
    palette = Image.fromarray(picture()).quantize(255)
    shown = np.asarray(palette.convert("RGB"))
    indices = np.asarray(palette)
    index = int(indices[3, 5])
    clear = np.where((indices == index)[..., None], 255, shown).astype(np.uint8)
    opacity = np.arange(256, dtype=np.uint8)
    blended = _over_white(shown, opacity[indices])
    return {
        "palette.png": Exhibit(encode(palette, "PNG"), shown, 0.0),
        "palette_clear_colour.png": Exhibit(encode(palette, "PNG", transparency=index), clear, 0.0),
        "palette_opacities.png": Exhibit(
            encode(palette, "PNG", transparency=opacity.tobytes()), blended, 0.51
        ),
        "still.gif": Exhibit(encode(palette, "GIF"), shown, 0.0),
        "clear_colour.gif": Exhibit(encode(palette, "GIF", transparency=index), clear, 0.0),
        "interlaced.gif": Exhibit(encode(palette, "GIF", interlace=1), shown, 0.0),
        "animated.gif": Exhibit(_animation("GIF"), shown, 0.0),
        "palette.bmp": Exhibit(encode(palette, "BMP"), shown, 0.0),
        "palette.tif": Exhibit(encode(palette, "TIFF"), shown, 0.0),
    }


def _good_simple() -> dict[str, Exhibit]:
    rgb, grey = picture(), grey_picture()
    flipped = rgb[::-1, :, ::-1].tobytes()
    core = struct.pack("<2sIII", b"BM", 26 + len(flipped), 0, 26)
    core += struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 24) + flipped
    tiny = np.array([[[10, 200, 90]]], np.uint8)
    return {
        "rgb.bmp": Exhibit(encode(rgb, "BMP"), rgb, 0.0),
        "os2.bmp": Exhibit(core, rgb, 0.0),
        "grey.bmp": Exhibit(encode(grey, "BMP"), _rgb(grey), 0.0),
        "run_length.bmp": Exhibit(_run_length_bmp(), _rgb(grey), 0.0),
        "tiny.png": Exhibit(encode(tiny, "PNG"), tiny, 0.0),
        "tiny.gif": Exhibit(encode(Image.fromarray(tiny).quantize(2), "GIF"), tiny, 0.0),
        "tiny.jpg": Exhibit(encode(tiny, "JPEG", quality=95), tiny, 3.0),
        "box.jp2": Exhibit(encode(rgb, "JPEG2000"), rgb, 0.0),
        "stream.j2k": Exhibit(encode(rgb, "JPEG2000", no_jp2=True), rgb, 0.0),
    }


def _run_length_bmp() -> bytes:
    """Return the grey picture as a BMP in run lengths of one, which Pillow cannot write."""
    rows = [b"".join(bytes([1, value]) for value in row) + b"\0\0" for row in grey_picture()[::-1]]
    body = b"".join(rows)[:-2] + b"\0\1"
    palette = b"".join(bytes([n, n, n, 0]) for n in range(256))
    start = 54 + len(palette)
    head = struct.pack("<2sIII", b"BM", start + len(body), 0, start)
    head += struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(body), 0, 0, 0, 0)
    return head + palette + body


def _good_tiffs() -> dict[str, Exhibit]:
    rgb, grey = picture(), grey_picture()
    wide, grey_wide = rgb.astype(np.uint16) * 257, grey.astype(np.uint16) * 257
    ink = Image.frombytes("CMYK", (WIDTH, HEIGHT), cmyk().tobytes())
    rgba = Image.fromarray(np.dstack([rgb, alpha()]))
    other = np.zeros_like(rgb)
    same = {
        "little_endian.tif": tiff([rgb]),
        "big_endian.tif": tiff([rgb], order=">"),
        "rgb_16_bit.tif": tiff([wide]),
        "rgb_16_bit_big_endian.tif": tiff([wide], order=">"),
        "pages.tif": tiff([rgb, other, other]),
        "lzw.tif": encode(rgb, "TIFF", compression="tiff_lzw"),
        "deflate.tif": encode(rgb, "TIFF", compression="tiff_adobe_deflate"),
        "big.tif": encode(rgb, "TIFF", big_tiff=True),
        "deflate_pages.tif": encode(
            rgb,
            "TIFF",
            compression="tiff_adobe_deflate",
            save_all=True,
            append_images=[Image.fromarray(other)],
        ),
    }
    grey_files = {
        "grey.tif": tiff([grey], photometric=TIFF_GREY),
        "grey_16_bit.tif": tiff([grey_wide], photometric=TIFF_GREY),
        "grey_16_bit_big_endian.tif": tiff([grey_wide], photometric=TIFF_GREY, order=">"),
        "grey_16_bit_white_is_zero.tif": tiff([65535 - grey_wide], photometric=0),
    }
    exhibits = {name: Exhibit(data, rgb, 0.0) for name, data in same.items()}
    exhibits |= {name: Exhibit(data, _rgb(grey), 0.0) for name, data in grey_files.items()}
    return exhibits | {
        "cmyk.tif": Exhibit(encode(ink, "TIFF"), rgb, 1.0),
        "alpha.tif": Exhibit(encode(rgba, "TIFF"), over_white(), 0.51),
        "lost_field.tif": Exhibit(_with_lost_field(tiff([rgb], extra={700: 0})), rgb, 0.0),
        "labels_16_bit.tif": Exhibit(*_labels()),
        "float.tif": _float_tiff(),
        "signed_32_bit.tif": _integer_tiff(),
    }


def _with_lost_field(data: bytes) -> bytes:
    """Return a TIFF file whose XMP leads beyond the end."""
    at = data.index(struct.pack("<HHI", 700, 4, 1))
    return data[:at] + struct.pack("<HHII", 700, 1, 4000, len(data) + 9) + data[at + 12 :]


def _labels() -> tuple[bytes, Pixels, float]:
    """Values below 200 of 16 bits, of which the high byte shows nothing."""
    values = grey_picture().astype(np.uint16)
    low, high = int(values.min()), int(values.max())
    shown = ((values - low) / (high - low) * 255).round().astype(np.uint8)
    return tiff([values], photometric=TIFF_GREY), _rgb(shown), 0.01


def _float_tiff() -> Exhibit:
    """Values around zero, with a hole of NaN that counts as the smallest."""
    values = grey_picture().astype(np.float32) / 7 - 11
    low, high = values.min(), values.max()
    shown = ((values - low) / (high - low) * 255).round().astype(np.uint8)
    values[0, 0] = np.nan
    shown[0, 0] = 0
    return Exhibit(encode(Image.fromarray(values), "TIFF"), _rgb(shown), 0.01)


def _integer_tiff() -> Exhibit:
    values = grey_picture().astype(np.int32) * 100_000 - 3_000_000
    low, high = int(values.min()), int(values.max())
    shown = ((values - low) / (high - low) * 255).round().astype(np.uint8)
    return Exhibit(encode(Image.fromarray(values), "TIFF"), _rgb(shown), 0.01)


def _good_modern() -> dict[str, Exhibit]:
    rgb = picture()
    rgba = np.dstack([rgb, alpha()])
    return {
        "lossy.webp": Exhibit(encode(rgb, "WEBP", quality=95), rgb, 6.0),
        "lossless.webp": Exhibit(encode(rgb, "WEBP", lossless=True), rgb, 0.0),
        "alpha.webp": Exhibit(encode(rgba, "WEBP", lossless=True, exact=True), over_white(), 0.51),
        "animated.webp": Exhibit(_animation("WEBP", lossless=True), rgb, 0.0),
        "still.avif": Exhibit(encode(rgb, "AVIF", quality=95, subsampling="4:4:4"), rgb, 3.0),
        "alpha.avif": Exhibit(
            encode(rgba, "AVIF", quality=95, subsampling="4:4:4"), over_white(), 3.0
        ),
        "animated.avif": Exhibit(_animation("AVIF", quality=95, subsampling="4:4:4"), rgb, 3.0),
    }


def _good_turned() -> dict[str, Exhibit]:
    """Return the picture stored in all eight orientations, in each format that can say so."""
    formats: dict[str, tuple[str, dict[str, object], float]] = {
        "jpg": ("JPEG", {"quality": 95, "subsampling": 0}, 3.0),
        "png": ("PNG", {}, 0.0),
        "webp": ("WEBP", {"lossless": True}, 0.0),
        "avif": ("AVIF", {"quality": 95, "subsampling": "4:4:4"}, 3.0),
    }
    exhibits = {}
    for orientation in range(1, 9):
        stored = stored_for(orientation, picture())
        for extension, (kind, options, tolerance) in formats.items():
            data = encode(stored, kind, exif=exif(orientation), **options)
            exhibits[f"turned_{orientation}.{extension}"] = Exhibit(data, picture(), tolerance)
        data = tiff([stored], extra={274: orientation})
        exhibits[f"turned_{orientation}.tif"] = Exhibit(data, picture(), 0.0)
    return exhibits


def _good_heics() -> dict[str, Exhibit]:
    """Return HEIC files, none where the extra is not installed."""
    try:
        from pillow_heif import from_pillow
    except ImportError:
        return {}

    def heic(pixels: Pixels, **options: object) -> bytes:
        stream = io.BytesIO()
        from_pillow(Image.fromarray(pixels)).save(stream, quality=95, chroma=444, **options)
        return stream.getvalue()

    rgba = np.dstack([picture(), alpha()])
    exhibits = {
        f"turned_{n}.heic": Exhibit(heic(stored_for(n, picture()), exif=exif(n)), picture(), 4.0)
        for n in (1, 3, 6)
    }
    return exhibits | {
        "still.heic": Exhibit(heic(picture()), picture(), 4.0),
        "alpha.heic": Exhibit(heic(rgba), over_white(), 4.0),
    }


def _good_jpeg_xls() -> dict[str, Exhibit]:
    """Return JPEG XL files, none where the extra is not installed."""
    try:
        from imagecodecs import jpegxl_encode
    except ImportError:
        return {}
    rgb, grey = picture(), grey_picture()
    wide = grey.astype(np.uint16) * 257
    return {
        "lossy.jxl": Exhibit(jpegxl_encode(rgb, level=95), rgb, 4.0),
        "boxes.jxl": Exhibit(jpegxl_encode(rgb, lossless=True, usecontainer=True), rgb, 0.0),
        "alpha.jxl": Exhibit(
            jpegxl_encode(np.dstack([rgb, alpha()]), lossless=True), over_white(), 1.0
        ),
        "grey.jxl": Exhibit(jpegxl_encode(grey, lossless=True), _rgb(grey), 0.0),
        "ten_bits.jxl": Exhibit(
            jpegxl_encode(rgb.astype(np.uint16) * 4, lossless=True, bitspersample=10), rgb, 0.0
        ),
        "twelve_bits_of_grey.jxl": Exhibit(
            jpegxl_encode(grey.astype(np.uint16) * 16, lossless=True, bitspersample=12),
            _rgb(grey),
            0.0,
        ),
        "deep_grey.jxl": Exhibit(jpegxl_encode(wide, lossless=True), _rgb(grey), 0.0),
    }


#: Longer side of the picture that a drawing is decoded as.
SVG_SIDE = 768


def _good_svgs() -> dict[str, Exhibit]:
    """Return drawings, none where the extra is not installed."""
    if not find_spec("resvg_py"):
        return {}
    shown = picture().repeat(SVG_SIDE // WIDTH, axis=0).repeat(SVG_SIDE // WIDTH, axis=1)
    content = base64.b64encode(encode(picture(), "PNG")).decode()
    image = f'image width="{WIDTH}" height="{HEIGHT}" style="image-rendering:pixelated" '
    image += f'href="data:image/png;base64,{content}"/>'
    plain = svg(f"<{image}")
    # As Illustrator begins its files.
    entities = f'<!DOCTYPE svg [<!ENTITY ns "{SVG_NAMESPACE}"><!ENTITY note "made here">]>\n'
    files = {
        "cells.svg": svg(svg_cells(picture())).encode(),
        "plain.svg": plain.encode(),
        "byte_order_mark.svg": b"\xef\xbb\xbf" + plain.encode(),
        "wide_characters.svg": plain.encode("utf-16"),
        "compressed.svgz": gzip.compress(plain.encode(), mtime=0),
        "prolog.svg": b"<?xml version='1.0'?>\n<!-- made here -->\n" + plain.encode(),
        "entities.svg": (entities + plain.replace(SVG_NAMESPACE, "&ns;")).encode(),
        "prefix.svg": svg(f"<a:{image}", "a:").encode(),
    }
    return {name: Exhibit(data, _frozen(shown), 0.5) for name, data in files.items()}


SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def svg(content: str, prefix: str = "", size: tuple[int, int] = (WIDTH, HEIGHT)) -> str:
    """Return a drawing of these elements."""
    declared = f'xmlns{prefix and ":"}{prefix.rstrip(":")}="{SVG_NAMESPACE}"'
    return f'<{prefix}svg {declared} width="{size[0]}" height="{size[1]}">{content}</{prefix}svg>'


def svg_cells(pixels: Pixels) -> str:
    """Return an element for each pixel."""
    return "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1" fill="rgb({r},{g},{b})"/>'
        for y, row in enumerate(pixels.tolist())
        for x, (r, g, b) in enumerate(row)
    )


def _good_others() -> dict[str, Exhibit]:
    """Return icons, and what games, scanners and old programs write."""
    rgb, grey = picture(), grey_picture()
    rgba, wide = np.dstack([rgb, alpha()]), grey.astype(">u2") * 257
    small = Image.fromarray(rgb[::2, ::2])
    head = f"{WIDTH} {HEIGHT}\n"
    pam = f"P7\n# made here\nWIDTH {WIDTH}\nHEIGHT {HEIGHT}\nDEPTH 4\nMAXVAL 255\nENDHDR\n".encode()
    floats = (rgb[::-1] / np.float32(255)).astype("<f4")
    span = (rgb - rgb.min()) / (rgb.max() - rgb.min()) * 255
    one_bit = np.packbits(grey < 100, axis=1)
    black = (grey >= 100).astype(np.uint8) * 255
    text = " ".join(map(str, rgb.ravel()))
    same = {
        "png_inside.ico": icon({"PNG": [small, Image.fromarray(rgb)]}),
        "bitmaps.ico": icon({"bitmap": [small, Image.fromarray(rgb)]}),
        "both.ico": icon({"bitmap": [Image.fromarray(rgb)], "PNG": [small]}),
        "arrow.cur": icon({"bitmap": [Image.fromarray(rgb)]}, kind=2),
        "png_inside.icns": icns({b"ic07": encode(rgb, "PNG"), b"ic11": encode(small, "PNG")}),
        "rgb.tga": tga(rgb),
        "run_length.tga": tga(rgb, compression="tga_rle"),
        "footer.tga": encode(rgb, "TGA"),
        "rgb.pcx": encode(rgb, "PCX"),
        "binary.ppm": encode(rgb, "PPM"),
        "text.ppm": f"P3\n# made here\n{head}255\n{text}\n".encode(),
        "uncompressed.dds": encode(rgb, "DDS"),
        "plain.psd": psd(rgb),
        "packed.psd": psd(rgb, is_packed=True),
        "selection.psd": psd(rgba),
        "plain.qoi": encode(rgb, "QOI"),
    }
    palette = Image.fromarray(rgb).quantize(255)
    exhibits = {name: Exhibit(data, rgb, 0.0) for name, data in same.items()}
    return exhibits | {
        "palette.pcx": Exhibit(encode(palette, "PCX"), np.asarray(palette.convert("RGB")), 0.0),
        "grey.tga": Exhibit(tga(grey), _rgb(grey), 0.0),
        "grey.pgm": Exhibit(encode(grey, "PPM"), _rgb(grey), 0.0),
        "deep.pgm": Exhibit(f"P5 {head}65535\n".encode() + wide.tobytes(), _rgb(grey), 0.0),
        "one_bit.pbm": Exhibit(f"P4\n{head}".encode() + one_bit.tobytes(), _rgb(black), 0.0),
        "alpha.psd": Exhibit(psd(rgba, has_opacity=True), over_white(), 0.51),
        "alpha.pam": Exhibit(pam + rgba.tobytes(), over_white(), 0.51),
        "colours.pfm": Exhibit(
            f"PF\n{head}-1.0\n".encode() + floats.tobytes(),
            _frozen(span.round().astype(np.uint8)),
            0.01,
        ),
        "blocks.dds": Exhibit(encode(rgb, "DDS", pixel_format="DXT1"), rgb, 12.0),
    }


def tga(pixels: Pixels, **options: object) -> bytes:
    """Return a Targa file of the first version, which has no signature anywhere."""
    return encode(pixels, "TGA", **options)[:-26]


def icon(pictures: dict[str, list[Image.Image]], kind: int = 1) -> bytes:
    """Return an icon (or a cursor, `kind` 2) of pictures as ``"PNG"`` and as ``"bitmap"``."""
    entries = []
    for form, images in pictures.items():
        for image in images:
            if form == "PNG":
                content = encode(image, "PNG")
            else:
                content = bytearray(encode(image, "DIB"))
                content[8:12] = struct.pack("<i", 2 * image.height)
                content += bytes((image.width + 31) // 32 * 4 * image.height)
            entries.append((image.size, bytes(content)))
    data = struct.pack("<HHH", 0, kind, len(entries))
    offset = 6 + 16 * len(entries)
    for (width, height), content in entries:
        planes, bits = (1, 24) if kind == 1 else (0, 0)
        sides = (width & 255, height & 255)
        data += struct.pack("<4B2H2I", *sides, 0, 0, planes, bits, len(content), offset)
        offset += len(content)
    return data + b"".join(content for _, content in entries)


def icns(elements: dict[bytes, bytes]) -> bytes:
    """Return an icon of Apple's with these elements."""
    body = b"".join(k + struct.pack(">I", 8 + len(v)) + v for k, v in elements.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def psd(
    pixels: Pixels,
    *,
    is_packed: bool = False,
    has_composite: bool = True,
    has_opacity: bool = False,
) -> bytes:
    """Return a Photoshop file without layers; `is_packed` by run lengths, none of which repeats.

    With `has_opacity`, it has a layer without channels, and the composite's last channel is that.
    """
    layer = bytes(18) + b"8BIMnorm" + bytes(4) + struct.pack(">III", 8, 0, 0)
    layers = struct.pack(">IIh", len(layer) + 6, len(layer) + 2, -1) + layer if has_opacity else b""
    height, width, n_channels = pixels.shape
    info = struct.pack(">IB", 1, has_composite) + bytes(8)
    resources = b"8BIM" + struct.pack(">HHI", 1057, 0, len(info)) + info + b"\0"
    rows = [row.tobytes() for row in pixels.transpose(2, 0, 1).reshape(-1, width)]
    if is_packed:
        rows = [bytes([width - 1]) + row for row in rows]
    lengths = b"".join(struct.pack(">H", len(row)) for row in rows) if is_packed else b""
    return (
        b"8BPS" + struct.pack(">H6xHIIHH", 1, n_channels, height, width, 8, 3)
        + struct.pack(">I", 0) + struct.pack(">I", len(resources)) + resources
        + (layers or struct.pack(">I", 0)) + struct.pack(">H", is_packed) + lengths + b"".join(rows)
    )  # fmt: skip


# --- bad files ----------------------------------------------------------------------------------


@cache
def bad_images() -> dict[str, tuple[bytes, Reason]]:
    """Return files that are no usable images, by name, each with the reason `decode` must give."""
    bad = _cut_short() | _huge() | _without_pixels() | _damaged() | _unsupported() | _no_images()
    return bad | _all_clear()


def reasons_in_a_run() -> dict[str, Reason]:
    """Return the reason that a run gives for each of `bad_images`: it sees their names, too."""
    side = dict.fromkeys(("page.html", "document.pdf", "sound.wav"), Reason.SIDE_FILE)
    film = {"clip of a camera": Reason.TRUNCATED}  # known by its content, and opened as a film
    return {name: reason for name, (_, reason) in bad_images().items()} | side | film


#: Good files of formats that need an extra, of which those cut short are bad.
_OF_EXTRAS = ("still.heic", "lossy.jxl", "boxes.jxl", "plain.svg", "compressed.svgz")


def _cut_short() -> dict[str, tuple[bytes, Reason]]:
    sources = [
        "baseline.jpg",
        "progressive.jpg",
        "thumbnail_inside.jpg",
        "cmyk.jpg",
        "rgb.png",
        "animated.png",
        "still.gif",
        "animated.gif",
        "rgb.bmp",
        "run_length.bmp",
        "little_endian.tif",
        "pages.tif",
        "lzw.tif",
        "lossy.webp",
        "lossless.webp",
        "animated.webp",
        "still.avif",
        "animated.avif",
        "box.jp2",
        "stream.j2k",
        "png_inside.ico",
        "bitmaps.ico",
        "arrow.cur",
        "png_inside.icns",
        "rgb.tga",
        "run_length.tga",
        "rgb.pcx",
        "palette.pcx",
        "binary.ppm",
        "text.ppm",
        "one_bit.pbm",
        "alpha.pam",
        "colours.pfm",
        "uncompressed.dds",
        "blocks.dds",
        "plain.psd",
        "packed.psd",
        "plain.qoi",
        *(name for name in _OF_EXTRAS if name in good_images()),
    ]
    cut = {}
    for name in sources:
        data = good_images()[name]
        for share in (50, 90):
            cut[f"cut_at_{share}_percent_{name}"] = data[: len(data) * share // 100]
        cut[f"cut_two_bytes_{name}"] = data[:-2]
    progressive = good_images()["progressive.jpg"]
    scans = [at for at in range(len(progressive)) if progressive.startswith(b"\xff\xda", at)]
    cut["cut_between_scans.jpg"] = progressive[: scans[-1]]
    cut["without_iend.png"] = good_images()["rgb.png"][:-12]
    return {name: (data, Reason.TRUNCATED) for name, data in cut.items()}


def _huge() -> dict[str, tuple[bytes, Reason]]:
    """Return small files whose headers promise 10 000 megapixels, or all that the format can."""
    side = 100_000
    gif = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
    gif += b"\x21\xf9\4\x09\0\0\0\0" + b"," + struct.pack("<4HB", 0, 0, 65535, 65535, 0)
    gif += b"\2\2\x44\1\0;"
    bmp = struct.pack("<2sIII", b"BM", 58, 0, 54)
    bmp += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(4)
    jpeg = good_images()["baseline.jpg"]
    size_at = jpeg.index(b"\xff\xc0") + 5
    canvas = struct.pack("<I", side - 1)[:3] * 2
    webp = b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas + good_images()["lossless.webp"][12:]
    page = tiff([np.zeros((1, 1), np.uint8)], photometric=TIFF_GREY)
    for tag in (256, 257):
        field = struct.pack("<HHII", tag, 4, 1, 1)
        page = page.replace(field, struct.pack("<HHII", tag, 4, 1, side))
    files = {
        "huge.png": png([bytes(9)], size=(side, side), depth=8, colour=0),
        "huge.gif": gif,
        "huge.bmp": bmp,
        "huge.jpg": jpeg[:size_at] + b"\xff" * 4 + jpeg[size_at + 4 :],
        "huge.tif": page,
        "huge.webp": b"RIFF" + struct.pack("<I", len(webp)) + webp,
    }
    return {name: (data, Reason.TOO_LARGE) for name, data in files.items()}


def _without_pixels() -> dict[str, tuple[bytes, Reason]]:
    jpeg = good_images()["baseline.jpg"]
    size_at = jpeg.index(b"\xff\xc0") + 5
    gif = good_images()["still.gif"]
    frame_at = gif.index(b"," + bytes(4) + struct.pack("<HH", WIDTH, HEIGHT))
    empty_frame = gif[:6] + bytes(4) + gif[10 : frame_at + 5] + bytes(4) + gif[frame_at + 9 :]
    files = {
        "no_size.png": png([b""], size=(0, 0), depth=8, colour=0),
        "no_size.jpg": jpeg[:size_at] + bytes(4) + jpeg[size_at + 4 :],
        "no_size.gif": empty_frame,
        "no_size.bmp": struct.pack("<2sIII", b"BM", 54, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 0, 0, 1, 24, 0, 0, 0, 0, 0, 0),
    }
    return {name: (data, Reason.DECODE_ERROR) for name, data in files.items()}


def _damaged() -> dict[str, tuple[bytes, Reason]]:
    flipped = bytearray(good_images()["rgb.png"])
    flipped[len(flipped) // 2] ^= 0x10
    jpeg = good_images()["baseline.jpg"]
    table = jpeg.index(b"\xff\xc4")
    overwritten = jpeg[: table + 4] + b"\xee" * 40 + jpeg[table + 44 :]
    drawn = {"open_element.svg": (svg("<g>").encode(), Reason.DECODE_ERROR)}
    return (drawn if find_spec("resvg_py") else {}) | {
        "flipped_bit.png": (bytes(flipped), Reason.DECODE_ERROR),
        "overwritten_table.jpg": (overwritten, Reason.DECODE_ERROR),
    }


def _all_clear() -> dict[str, tuple[bytes, Reason]]:
    clear = np.dstack([picture(), np.zeros_like(grey_picture())])
    kinds = {"png": "PNG", "webp": "WEBP", "tif": "TIFF"}
    drawn = {"nothing_drawn.svg": (svg("").encode(), Reason.NO_CONTENT)}
    return (drawn if find_spec("resvg_py") else {}) | {
        f"all_clear.{ending}": (encode(clear, kind), Reason.NO_CONTENT)
        for ending, kind in kinds.items()
    }


def _unsupported() -> dict[str, tuple[bytes, Reason]]:
    rgb = picture()
    deep = psd(rgb)
    deep = deep[:22] + b"\0\x10" + deep[24:]
    files = {
        "deep.psd": deep,
        "without_composite.psd": psd(rgb, has_composite=False),
        "large.psb": b"8BPS\0\2" + psd(rgb)[6:],
        "gimp.xcf": b"gimp xcf v011\0" + bytes(60),
        "old.crw": b"II\x1a\0\0\0HEAPCCDR" + bytes(60),
        "adobe.dng": tiff([rgb], extra={0xC612: 0x01040000}),
        "nikon.nef": tiff([rgb], extra={0x00FE: 1, 0x014A: 0}),
        "vector.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    }
    return {name: (data, Reason.UNSUPPORTED) for name, data in files.items()}


def _no_images() -> dict[str, tuple[bytes, Reason]]:
    html = b"<!doctype html>\n<html><body>404 <svg></svg></body></html>"
    files = {
        "text.jpg": "Grüße, ich bin kein Bild.\n".encode() * 9,
        "word.bmp": b"BMW is a car maker, and this is a text that begins like a bitmap.",
        "page.html": html,
        "error_page.jpg": html,
        "random.jpg": Random(5).randbytes(5000),
        "zeros.jpg": bytes(5000),
        "document.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
        "clip of a camera": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(60),
        "sound.wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
        "archive.zip": b"PK\3\4" + bytes(60),
        "one_byte.jpg": b"\xff",
    }
    bad = {name: (data, Reason.NOT_AN_IMAGE) for name, data in files.items()}
    return bad | {"empty.jpg": (b"", Reason.EMPTY)}

"""The table of decoders: what reads a format, what is faster at it, and which are not read.

A decoder is imported on first use.
"""

import pkgutil
import re
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageFile

from fastdup.errors import MISSING_EXTRA, ImageError, MissingExtraError, Reason
from fastdup.images.completeness import gif_frame_size, webp_canvas_size
from fastdup.images.icons import icon_size
from fastdup.images.jpeg_turbo import load_jpeg
from fastdup.images.jpeg_xl import jpeg_xl_size
from fastdup.images.netpbm import netpbm_size
from fastdup.images.png_inflation import with_plain_pixels
from fastdup.images.rasters import dds_size, qoi_size
from fastdup.images.unwrapping import UNWRAPPERS

_NOT_DECODED = " files cannot be decoded"

# The classes themselves, not Image.open: that would try every plugin that the host process has
# loaded, such as EPS with Ghostscript, and apply the host's limit of pixels.
_OPENERS = {
    "AVIF": "PIL.AvifImagePlugin:AvifImageFile",
    "BMP": "PIL.BmpImagePlugin:BmpImageFile",
    "DDS": "fastdup.images.rasters:open_dds",
    "GIF": "PIL.GifImagePlugin:GifImageFile",
    "HEIC": "pillow_heif:HeifImageFile",
    "ICNS": "PIL.IcnsImagePlugin:IcnsImageFile",
    "ICO": "PIL.IcoImagePlugin:IcoImageFile",
    "JPEG": "PIL.JpegImagePlugin:JpegImageFile",
    "JPEG 2000": "PIL.Jpeg2KImagePlugin:Jpeg2KImageFile",
    "JPEG XL": "fastdup.images.jpeg_xl_decoder:open_jpeg_xl",
    "PCX": "PIL.PcxImagePlugin:PcxImageFile",
    "PNG": "PIL.PngImagePlugin:PngImageFile",
    "PNM": "fastdup.images.netpbm:open_netpbm",
    "PSD": "PIL.PsdImagePlugin:PsdImageFile",
    "QOI": "PIL.QoiImagePlugin:QoiImageFile",
    "SVG": "fastdup.images.svg_decoder:open_svg",
    "TGA": "PIL.TgaImagePlugin:TgaImageFile",
    "TIFF": "PIL.TiffImagePlugin:TiffImageFile",
    "WebP": "PIL.WebPImagePlugin:WebPImageFile",
}

#: Format → what returns (width, height), of those whose canvas is allocated when they are opened.
HEADER_SIZES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "DDS": dds_size,
    "GIF": gif_frame_size,
    "ICO": icon_size,
    "JPEG XL": jpeg_xl_size,
    "PNM": netpbm_size,
    "QOI": qoi_size,
    "WebP": webp_canvas_size,
}

#: Format → what decodes the pixels of ordinary files faster, and as the class does.
_LOADERS: dict[str, Callable[[ImageFile.ImageFile, bytes], Image.Image]] = {"JPEG": load_jpeg}

#: Format → what makes of a complete file one that the class decodes faster, with the same pixels.
REPACKERS: dict[str, Callable[[bytes], bytes]] = {"PNG": with_plain_pixels}

#: Format → the extra that has its decoder.
_EXTRAS = {"HEIC": "heic", "JPEG XL": "jxl", "SVG": "svg"}


def require_supported(name: str) -> None:
    """Refuse a format that is known, but not read.

    Raises
    ------
    ImageError
        UNSUPPORTED; the message begins with the name.
    """
    if name not in _OPENERS and name not in UNWRAPPERS:
        raise ImageError(f"{name}{_NOT_DECODED}", reason=Reason.UNSUPPORTED)


def opener(name: str) -> Callable[[BytesIO], ImageFile.ImageFile]:
    """Return the class that reads this format.

    Raises
    ------
    ImageError
        UNSUPPORTED: it is not installed.
    """
    try:
        found: Callable[[BytesIO], ImageFile.ImageFile] = pkgutil.resolve_name(_OPENERS[name])
    except ImportError as exc:
        message = str(MissingExtraError.needed_for(name, extra=_EXTRAS[name]))
        raise ImageError(message, reason=Reason.UNSUPPORTED) from exc
    return found


def load(name: str, image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """Return the pixels of a file that is open, with its `info`; the same object, or one for it.

    Raises
    ------
    Exception
        Whatever its class raises for what it cannot decode.
    """
    if name in _LOADERS:
        return _LOADERS[name](image, data)
    image.load()
    return image


def is_decodable(detail: str) -> bool:
    """Return whether a file could be decoded now that was refused as unsupported before.

    Parameters
    ----------
    detail : str
        The message of that refusal, which begins with the name of the format.
    """
    # Raw files of all kinds that are TIFFs had one name: "camera raw (DNG, NEF, …) files …".
    named = re.match(rf"(.+?)(?: \(.*\))?(?:{_NOT_DECODED}|{MISSING_EXTRA})", detail)
    if named is None or named[1] not in {*_OPENERS, *UNWRAPPERS}:
        return False
    if named[1] in UNWRAPPERS:
        return True
    with suppress(ImageError):
        return bool(opener(named[1]))
    return False

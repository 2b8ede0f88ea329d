"""Detects the format of a file by its signature ("magic number"); extensions are not used."""

from fastdup.images.icons import is_icon
from fastdup.images.netpbm import is_netpbm
from fastdup.images.rasters import is_tga
from fastdup.images.svg_head import is_svg

HEAD_BYTES = 1024
"""How many bytes `sniff` needs; 64 are enough for all but SVG with a long prolog."""

# Of two signatures that begin alike, the longer one comes first.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"CR\x02\x00", "CR2"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"MM\x00+", "TIFF"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"II\xbc\x01", "JPEG XR"),
    (0, b"8BPS\x00", "PSD"),
    (0, b"gimp xcf", "XCF"),
    (0, b"IIRO", "ORF"),
    (0, b"IIRS", "ORF"),
    (0, b"MMOR", "ORF"),
    (0, b"IIU\x00", "RW2"),
    (0, b"FUJIFILMCCD-RAW", "RAF"),
    (6, b"HEAPCCDR", "CRW"),
    (0, b"FOVb", "X3F"),
    (0, b"\x00MRM", "MRW"),
    (0, b"icns", "ICNS"),
    (0, b"DDS ", "DDS"),
    (0, b"qoif", "QOI"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE\n", "Radiance HDR"),
    (0, b"BPG\xfb", "BPG"),
    (0, b"AT&TFORM", "DjVu"),
    (128, b"DICM", "DICOM"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"%!PS-Adobe-", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"\x8aMNG\r\n\x1a\n", "MNG"),
    (0, b"\x8bJNG\r\n\x1a\n", "JNG"),
    (0, b"SDPX", "DPX"),
    (0, b"XPDS", "DPX"),
    (0, b"\x01\xda\0\x01", "SGI"),
    (0, b"\x01\xda\x01\x01", "SGI"),
    (0, b"BLP1", "BLP"),
    (0, b"BLP2", "BLP"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (40, b" EMF\x00", "EMF"),
)

# Brands of the file type box (ISO/IEC 14496-12). All brands of a file are compared with these, in
# this order, because the file's first brand is often only the container's "mif1".
_BRANDS: tuple[tuple[frozenset[bytes], str], ...] = (
    (frozenset({b"avif", b"avis"}), "AVIF"),
    (frozenset({b"crx "}), "CR3"),
    (frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1".split()), "HEIC"),
)

_BMP_HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_PCX_VERSIONS = frozenset({0, 2, 3, 4, 5})
_TGA_FOOTER = b"TRUEVISION-XFILE.\x00"


def sniff(head: bytes) -> str | None:
    """Return the image format of a file that starts with `head`.

    Parameters
    ----------
    head : bytes
        The first bytes of a file, up to `HEAD_BYTES`; 64 are enough for all formats that can be
        decoded.

    Returns
    -------
    str or None
        ``"JPEG"``, ``"PNG"``, ``"GIF"``, ``"BMP"``, ``"TIFF"``, ``"WebP"``, ``"AVIF"``,
        ``"HEIC"``, ``"JPEG 2000"``, ``"PSD"``, …, the name of a format that fastdup knows but
        cannot decode (``"XCF"``, ``"EPS"``, …), or None when no known image format begins so.
    """
    for offset, magic, name in _SIGNATURES:
        if head.startswith(magic, offset):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    return _sniff_weak(head)


def sniff_whole(data: bytes) -> str | None:
    """Return the format of a whole file whose first bytes do not give it, or None."""
    if data.endswith(_TGA_FOOTER):
        return "TGA"
    return "SVG" if is_svg(data) else None


def _sniff_brands(head: bytes) -> str | None:
    """Return the still-image format of an ISO base media file, None for a video."""
    box = head[8 : int.from_bytes(head[:4])]
    # The second word is the minor version, not a brand.
    brands = {box[i : i + 4] for i in range(0, len(box), 4) if i != 4}
    return next((name for known, name in _BRANDS if known & brands), None)


def _sniff_weak(head: bytes) -> str | None:
    """Detect the formats whose signatures are too short to be sure without further checks."""
    bmp_header_size = int.from_bytes(head[14:18], "little")
    if head[:2] == b"BM" and len(head) >= 18 and bmp_header_size in _BMP_HEADER_SIZES:
        return "BMP"
    if head[:1] == b"\n" and len(head) >= 4 and head[1] in _PCX_VERSIONS and head[2] == 1:
        return "PCX"
    if is_netpbm(head):
        return "PNM"
    if is_icon(head):
        return "CUR" if head[2] == 2 else "ICO"
    if is_tga(head):
        return "TGA"
    return "SVG" if is_svg(head) else None

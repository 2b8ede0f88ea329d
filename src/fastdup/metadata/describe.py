"""What the decoder found beside the pixels → `Metadata`."""

from collections.abc import Mapping
from typing import Any

from fastdup.images.header import Header
from fastdup.metadata.capture_time import iso_time
from fastdup.metadata.encoder import encoder_and_quality, sampling_name
from fastdup.metadata.exif import read_exif
from fastdup.metadata.iptc import read_iptc_date
from fastdup.metadata.record import Metadata
from fastdup.metadata.texts import clean_text
from fastdup.metadata.xmp import read_xmp


def describe(header: Header) -> Metadata:
    """Return what a file says of its picture besides the pixels.

    EXIF comes before XMP, XMP before the rest; only the rating is taken from XMP first, where
    programs change it. What makes no sense is left empty; nothing is raised.
    """
    exif = read_exif(header.exif) if header.exif else {}
    is_photo = bool(exif.get("taken") and exif.get("camera"))
    needs_xmp = header.xmp and (not is_photo or b"Rating" in header.xmp)
    xmp = read_xmp(header.xmp, rating_only=is_photo) if needs_xmp else {}
    known = {**_known(xmp), **_known(exif)}
    if xmp.get("rating") is not None:
        known["rating"] = xmp["rating"]
    software = known.get("software") or clean_text(header.texts.get("Software", ""))
    known |= {"software": software, **_taken(header, exif, xmp), **_encoding(header)}
    known["has_thumbnail"] = bool(known.get("has_thumbnail")) or header.has_thumbnail
    known.pop("saved", None)
    return Metadata(**known)


def _known(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in ("", None)}


def _taken(header: Header, exif: Mapping[str, Any], xmp: Mapping[str, Any]) -> dict[str, str]:
    """Return when the picture was taken, and where that is from."""
    if taken := exif.get("taken"):
        return {"taken": taken, "taken_from": "exif"}
    if taken := xmp.get("taken"):
        return {"taken": taken, "taken_from": "xmp"}
    if taken := read_iptc_date(header.iptc):
        return {"taken": taken, "taken_from": "iptc"}
    if taken := exif.get("saved") or iso_time(header.texts.get("Creation Time", "")):
        return {"taken": taken, "taken_from": "saved"}
    return {"taken": "", "taken_from": ""}


def _encoding(header: Header) -> dict[str, Any]:
    known: dict[str, Any] = {
        "bits": header.bits or None,
        "frames": header.n_frames or None,
        "has_alpha": header.has_alpha,
        "has_profile": header.has_profile,
    }
    if header.own_range:
        known["lowest"], known["highest"] = (f"{value:.9g}" for value in header.own_range)
    if header.tables:
        encoder, quality = encoder_and_quality(header.tables)
        known |= {
            "encoder": encoder,
            "quality": quality,
            "subsampling": sampling_name(header.sampling),
            "is_progressive": header.is_progressive,
        }
    return known

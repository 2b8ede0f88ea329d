"""What a copy's file says of its picture and that of the kept one does not: carried to a sidecar.

The sidecar lies beside the kept file, ``a.jpg.xmp`` beside ``a.jpg``. Nothing is written into an
image, and no sidecar is changed: where the kept file has one that does not say it, the copy stays.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastdup import images
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.plan import Plan, Step, beside
from fastdup.actions.state import LeftAlone
from fastdup.errors import ImageError
from fastdup.metadata import Metadata
from fastdup.metadata.capture_time import iso_time
from fastdup.metadata.exif import checked_place
from fastdup.metadata.keywords import distinct, read_keywords, read_xmp_keywords
from fastdup.metadata.texts import clean_text
from fastdup.metadata.xmp import read_xmp
from fastdup.metadata.xmp_packet import FIELDS, xmp_packet

SIDECAR_ENDING = ".xmp"
#: Whence a time of taking is one; that of saving is not.
_TAKEN_FROM = ("exif", "xmp", "iptc")
#: Bytes of a sidecar that are read.
_MOST_BYTES = 2**20

_KEYWORDS = "keywords"
#: How a TIFF begins, and what other files hold that may have keywords; the rest is not decoded.
_TIFF, _MARKS = (b"II", b"MM"), (b"subject", b"Photoshop 3.0")

#: Field of `Metadata`, or ``keywords`` → its value.
Values = Mapping[str, Any]


def with_metadata(plan: Plan, known: Mapping[str, Metadata], folders: PhotoFolders) -> Plan:
    """Return the plan with what each copy has to carry, without the copies that cannot.

    Parameters
    ----------
    plan : Plan
    known : mapping of str to Metadata
        Full path → what the file says.
    folders : PhotoFolders
    """
    copies: dict[str, list[Step]] = {}
    for step in plan.removals():
        if not step.same_bytes and step.path in known and step.kept in known:
            copies.setdefault(step.kept, []).append(step)
    carried: dict[str, Values] = {}
    left_alone: dict[str, LeftAlone] = {}
    for kept, steps in copies.items():
        photos = [kept, *(step.path for step in steps)]
        sidecars = [sidecar for photo in photos for sidecar in _sidecars(photo, folders)]
        there = [_said_by(kept, known), *map(_read_sidecar, sidecars)]
        for step in steps:
            if missing := lacking(_said_by(step.path, known), there):
                if sidecars:
                    left_alone[step.path] = LeftAlone.KEPT_HAS_SIDECAR
                else:
                    carried[step.path] = missing
    steps = [
        dataclasses.replace(step, metadata=carried[step.path]) if step.path in carried else step
        for step in plan.steps
    ]
    return dataclasses.replace(plan, steps=tuple(steps)).leaving(left_alone)


def values_of(metadata: Metadata) -> Values:
    """Return what is known and can be carried; a rating of no stars is none."""
    values = {name: getattr(metadata, name) for name in FIELDS}
    if metadata.taken_from not in _TAKEN_FROM:
        values["taken"] = ""
    return {name: value for name, value in values.items() if value not in ("", None, 0)} | (
        checked_place(metadata.latitude, metadata.longitude)
    )


def lacking(values: Values, there: Iterable[Values]) -> Values:
    """Return those of the values that none of what is there has; a place is one value.

    Keywords add up: where one is lacking, all are returned, as programs read those of the sidecar
    in place of those in the image.
    """
    there = list(there)
    known = {name for one in there for name, value in one.items() if value not in ("", None)}
    missing = {
        name: value for name, value in values.items() if name not in known and name != _KEYWORDS
    }
    keywords = distinct(keyword for one in there for keyword in one.get(_KEYWORDS, ()))
    together = distinct([*keywords, *values.get(_KEYWORDS, ())])
    return missing if together == keywords else {**missing, _KEYWORDS: together}


def sidecar_content(steps: Sequence[Step]) -> bytes:
    """Return the sidecar for what several copies of one file carry; the first of them counts."""
    merged: dict[str, Any] = {}
    for step in steps:
        merged = {**step.metadata, **merged}
    all_of_them = (keyword for step in steps for keyword in step.metadata.get(_KEYWORDS, ()))
    return xmp_packet({**merged, _KEYWORDS: distinct(all_of_them)})


def sidecar_of(path: str) -> str:
    """Return where the sidecar of a photo is written."""
    return path + SIDECAR_ENDING


def to_text(values: Values) -> str:
    """Return values as a cell of the plan; empty where there are none."""
    return json.dumps(dict(values), ensure_ascii=True) if values else ""


def from_text(text: str) -> Values:
    """Return the values in a cell of the plan.

    Raises
    ------
    ValueError
        When they are not as they were written.
    """
    if not text.strip():
        return {}
    try:
        given = json.loads(text)
        return _checked(given)
    except (TypeError, AttributeError, OverflowError, RecursionError) as exc:
        raise ValueError(str(exc)) from exc


def _checked(given: dict[str, Any]) -> Values:
    """Return the values as they would be read from a file; ValueError when one makes no sense."""
    values = {
        "taken": iso_time(given.get("taken", "")),
        "camera": clean_text(given.get("camera", "")),
        "lens": clean_text(given.get("lens", "")),
        **checked_place(given.get("latitude"), given.get("longitude")),
        "rating": given.get("rating"),
        _KEYWORDS: distinct(given.get(_KEYWORDS, ())),
    }
    found = {name: value for name, value in values.items() if value not in ("", None, [])}
    rating = found.get("rating", 0)
    if found != given or type(rating) is not int or not -1 <= rating <= 5:
        raise ValueError("it is not as it was written")
    return found


def _sidecars(path: str, folders: PhotoFolders) -> list[str]:
    return [beside(path, one.name) for one in folders.of(path) if one.ending == SIDECAR_ENDING]


def _read_sidecar(path: str) -> Values:
    """Return what a sidecar says; nothing where it cannot be read."""
    with contextlib.suppress(OSError, ValueError), open(path, "rb") as file:
        packet = file.read(_MOST_BYTES)
        return {**read_xmp(packet), _KEYWORDS: read_xmp_keywords(packet)}
    return {}


def _said_by(path: str, known: Mapping[str, Metadata]) -> Values:
    """Return what a photo's file says that can be carried."""
    keywords = _keywords_in(path)
    return {**values_of(known[path]), **({_KEYWORDS: keywords} if keywords else {})}


def _keywords_in(path: str) -> list[str]:
    """Return the keywords in an image, which the run did not note; none if it cannot be read."""
    with contextlib.suppress(OSError, ImageError):
        with open(path, "rb") as file:
            data = file.read()
        if data.startswith(_TIFF) or any(mark in data for mark in _MARKS):
            return read_keywords(images.decode(data, min_side=1).header)
    return []

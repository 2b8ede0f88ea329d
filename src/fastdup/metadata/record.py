"""The record of what is known of one image besides its pixels."""

import dataclasses
from dataclasses import dataclass
from operator import attrgetter

from fastdup.metadata.capture_time import local_seconds
from fastdup.workdir.csv_files import csv_field


@dataclass(frozen=True, slots=True)
class Metadata:
    """The columns of ``metadata.csv`` after the filename; what is not known is empty or None.

    Attributes
    ----------
    taken : str
        When the picture was taken: ISO 8601, local time, with a fraction and an offset where the
        file has them; the day alone where it has no more.
    taken_from : str
        Where that is from: "exif", "xmp", "iptc"; "saved" where only the time is known at which the
        file was written, which any program may renew.
    camera : str
        Make and model.
    lens : str
        As the camera names it.
    latitude, longitude : float or None
        In degrees, north and east are positive; −90 to 90, −180 to 180.
    rating : int or None
        Stars, 0 to 5; −1: rejected.
    software : str
        The program or the firmware that wrote the file.
    encoder : str
        How a JPEG's quantisation tables are made: "ijg" for those of the Independent JPEG Group,
        which most programs use, else a hash of 8 characters. Cameras have their own.
    quality : int or None
        Of a JPEG, 1 to 100: that of the IJG's tables that are as coarse.
    subsampling : str
        Of a JPEG's colours: "4:4:4", "4:2:2", "4:2:0", …
    is_progressive : bool or None
        Of a JPEG; cameras write none.
    bits : int or None
        Of each channel.
    frames : int or None
        Pictures in the file: frames of an animation, pages, pictures beside the first.
    has_alpha, has_profile, has_thumbnail : bool or None
        Whether the file holds an opacity, a colour profile, a small picture.
    lowest, highest : str
        The values shown black and white, where the picture was scaled by its own range.
    """

    taken: str = ""
    taken_from: str = ""
    camera: str = ""
    lens: str = ""
    latitude: float | None = None
    longitude: float | None = None
    rating: int | None = None
    software: str = ""
    encoder: str = ""
    quality: int | None = None
    subsampling: str = ""
    is_progressive: bool | None = None
    bits: int | None = None
    frames: int | None = None
    has_alpha: bool | None = None
    has_profile: bool | None = None
    has_thumbnail: bool | None = None
    lowest: str = ""
    highest: str = ""

    @property
    def taken_seconds(self) -> float | None:
        """When it was taken, in seconds since 1970 of the local clock; None if only the day is.

        The offset does not count: of two pictures by one camera, often only the clock is known.
        """
        return local_seconds(self.taken)

    def as_csv(self) -> str:
        """Return the columns as a part of a line of CSV, degrees with 6 decimals."""
        return ",".join(map(_field, _VALUES(self)))


_VALUES = attrgetter(*(field.name for field in dataclasses.fields(Metadata)))


def _field(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case float():
            return f"{value:.6f}"
    return csv_field(value)

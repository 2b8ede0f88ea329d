"""What is on offer: actions on copies, kinds of copies, formats of exports. Cheap to import."""

import math
from collections.abc import Collection, Mapping

from fastdup.errors import ConfigError

#: Action → what it does with the copies, in the order in which a person is offered them.
ACTIONS: Mapping[str, str] = {
    "trash": "to the desktop's trash",
    "move": "to another folder",
    "hardlink": "replaced by a hard link to the kept file; exact copies only",
    "symlink": "replaced by a symbolic link to the kept file; exact copies only",
    "reflink": "made to share the kept file's bytes on the disk; exact copies only",
    "delete": "permanent; cannot be undone",
    "list": "only listed",
}
#: Those that put a link in the place of a copy, which must be of the same bytes.
LINK_ACTIONS = ("hardlink", "symlink", "reflink")

#: Format → what it is.
FORMATS: Mapping[str, str] = {
    "csv": "a table, one row per file",
    "parquet": "the same table, for data frames and databases",
    "arrow": "the same, as a file that is mapped to memory",
    "json": "groups of files",
    "list": "names of the copies that can be removed, and of what goes with them, one per line",
    "list0": "the same, each ended by a zero byte, for xargs -0",
    "fiftyone": "a FiftyOne image classification data set",
    "coco": "COCO's object format",
}

#: Those that are no text, and go to a file.
BINARY_FORMATS = ("parquet", "arrow")
#: Of all tables; of the copies, those above.
TABLE_FORMATS = ("csv", *BINARY_FORMATS)

COPIES = "copies"
#: Table that can be exported → what it holds.
TABLES: Mapping[str, str] = {
    COPIES: "the groups of copies, and which file of each stays",
    "similarity": "the pairs",
    "outliers": "the images that stand apart",
    "outlier_scores": "how close each image is to the others",
    "components": "the images of each group of similar ones",
    "component_info": "the groups of similar images",
    "verdicts": "what the pairs were found to be",
    "videos": "the pairs of similar videos",
    "stats": "the statistics of each good image",
    "metadata": "what each good image's file says of it",
    "bad": "the files that could not be used, and why",
    "features": "the features of each good image; not as CSV",
}

#: Format of a file about single images → what it is.
TAG_FORMATS: Mapping[str, str] = {
    "csv": "CSV: a row per image, with its tags, label and split",
    "list": "a list of files, one per line",
    "list0": "a list of files, each ended by a zero byte",
    "fiftyone": "FiftyOne: samples with tags",
    "coco": "COCO: images, tags as categories",
}

PART_OF, BURST = "part_of", "burst"
#: Kind of copy → what it is. Those that go only when they are named.
ALSO: Mapping[str, str] = {
    "turned": "rotated by any angle",
    "mirrored": "left and right swapped",
    "inverted": "negatives",
    "cropped": "showing only a part of the kept picture",
    "framed": "with a frame, or more of the picture, around it",
    "stretched": "with different proportions",
    "bent": "bent, twisted or waved",
    "perspective": "seen at an angle, such as a photographed print",
    "toned": "different colours, brightness or contrast, or grey",
    "blurred": "less sharp",
    "sharpened": "sharper",
    "noisy": "with more or less noise than the kept picture",
    "overlaid": "with something put on it, such as a logo",
    "captioned": "with words put on it",
    PART_OF: "shows a small part of it, or contains it: a page, a collage, a screenshot",
    BURST: "another shot by the same camera, moments apart",
}
#: Stands for all of them.
ALL = "all"

BROKEN, CHOSEN = "broken", "chosen"
#: Flaw → what it is. Files that go for one, copies or not, only when it is named.
FLAWS: Mapping[str, str] = {
    BROKEN: "empty, cut short or damaged",
    "blurry": "little detail for its contrast",
    "dark": "black all over",
    "bright": "white all over",
    "plain": "one tone all over",
    "grey": "black and white, with no visible colour",
    "tiny": "a longer side below 64 pixels",
    "odd_aspect": "one side more than three times as long as the other",
    "odd_size": "sides a tenth of the usual length, or ten times as long",
    "screenshot": "a screenshot, by its name, size and format",
    CHOSEN: "what you decided to remove, even if no copy of it is kept",
}
#: Flaw → beyond which value of `flaws` it is one. The limit of detail was chosen on 1,923 photos
#: and blurred copies of 127. It finds 6 of the former, 2 of them of one colour, and of the latter
#: 35 % at a radius of 0.4 % of the longer side, 84 % at 0.8 %, 96 % at 1.5 %. Of 700 photos, the
#: limits of tone take none: the nearest are at 46 (dark), 201 (bright) and 7.9 (plain). Of
#: 1,500 training photos that of grey takes 86, of which 83 have no colour and 3 hardly any.
LIMITS: Mapping[str, float] = {
    "blurry": 0.02,
    "dark": 12.0,
    "bright": 247.0,
    "plain": 5.0,
    "grey": 0.1,
    "tiny": 64.0,
    "odd_aspect": 3.0,
    "odd_size": 10.0,
    "screenshot": 1.0,
}


def check_also(names: Collection[str]) -> tuple[str, ...]:
    """Return the kinds of copies that may go, `ALL` replaced by each of them.

    Raises
    ------
    ConfigError
        When there is no such kind.
    """
    chosen = dict.fromkeys(name.strip().replace("-", "_") for name in names)
    for name in chosen:
        if name not in ALSO and name != ALL:
            raise ConfigError.not_among("also", name, (*ALSO, ALL), "cropped")
    return tuple(ALSO) if ALL in chosen else tuple(chosen)


def find_limits(what: Collection[str]) -> dict[str, float]:
    """Return flaw → limit, of names such as "blurry" or "blurry=0.05"; NaN where there is none.

    Raises
    ------
    ConfigError
        When there is no such flaw, or a limit is not a number.
    """
    limits = {}
    for text in what:
        name, has_limit, given = (part.strip() for part in text.partition("="))
        name = name.replace("-", "_")
        if name not in FLAWS:
            raise ConfigError.not_among("what", name, FLAWS, BROKEN)
        limits[name] = _limit(name, given) if has_limit else LIMITS.get(name, math.nan)
    return limits


def _limit(name: str, given: str) -> float:
    try:
        limit = float(given)
    except ValueError:
        limit = math.nan
    if name not in LIMITS or not math.isfinite(limit):
        example = name if name in LIMITS else "blurry"
        raise ConfigError(
            f"what='{name}={given}' is not allowed: a limit is a number, and {BROKEN} has none; "
            f"try what='{example}={LIMITS[example]:g}'"
        )
    return limit

"""What is on offer: actions on copies, kinds of copies, formats of exports. Cheap to import."""

from collections.abc import Collection, Mapping

from fastdup.errors import ConfigError

#: Action → what it does with the copies, in the order in which a person is offered them.
ACTIONS: Mapping[str, str] = {
    "trash": "to the desktop's trash",
    "move": "to another folder",
    "hardlink": "replaced by a hard link to the kept file; only if of the same bytes",
    "symlink": "replaced by a symbolic link to the kept file; only if of the same bytes",
    "reflink": "made to share the kept file's bytes on the disk; only if of the same bytes",
    "delete": "deleted for ever; cannot be undone",
    "list": "only listed",
}
#: Those that put a link in the place of a copy, which must be of the same bytes.
LINK_ACTIONS = ("hardlink", "symlink", "reflink")

#: Format → what it is.
FORMATS: Mapping[str, str] = {
    "csv": "a table, one row per file",
    "json": "groups of files",
    "list": "names of the copies that may go, a line each",
    "list0": "the same, each ended by a zero byte, for xargs -0",
    "fiftyone": "a FiftyOne image classification data set",
    "coco": "COCO's object format",
}

PART_OF, BURST = "part_of", "burst"
#: Kind of copy → what it is. Those that go only when they are named.
ALSO: Mapping[str, str] = {
    "turned": "turned by any angle",
    "mirrored": "mirrored",
    "inverted": "negatives",
    "cropped": "cut to a part of the picture that stays",
    "framed": "with a frame or more picture around",
    "stretched": "with other proportions",
    "toned": "other colours, brightness or contrast",
    "blurred": "less sharp",
    "sharpened": "sharpened",
    "noisy": "with noise",
    "overlaid": "with something put on it, such as a logo",
    "captioned": "with words put on it",
    PART_OF: "shows a small part of it, or shows it in a page, a collage or a screenshot",
    BURST: "another shot by the same camera, at another moment",
}
#: Stands for all of them.
ALL = "all"


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

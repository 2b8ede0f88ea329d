"""What is on offer: the actions on copies, and the formats of exports. Cheap to import."""

from collections.abc import Mapping

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

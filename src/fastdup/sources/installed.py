"""Sources that installed packages bring: entry points of the group ``fastdup.sources``.

The name of an entry point is a scheme (``toy``) or, with a dot in front, an ending (``.toy``).
"""

import logging
import os
import sys
from collections.abc import Iterator

from fastdup.sources.kinds import SourceKind

logger = logging.getLogger(__name__)

GROUP = "fastdup.sources"


def kind_of(scheme: str | None, ending: str | None, reader: str, package: str = "") -> SourceKind:
    """Return the kind of a source that is not fastdup's own."""
    return SourceKind(
        name=f"{scheme}://" if scheme else ending or "",
        reader=reader,
        noun=f"a {ending} file" if ending else f"{scheme}://",
        schemes=(scheme,) if scheme else (),
        endings=(ending,) if ending else (),
        distribution=package,
        is_built_in=False,
    )


def installed_kinds() -> list[SourceKind]:
    """Return the kinds that installed packages bring."""
    if not any(map(_names_group, _entry_point_files())):
        return []
    from importlib.metadata import entry_points  # 30 ms, for whoever has such a package

    found = []
    for entry in entry_points(group=GROUP):
        is_ending = entry.name.startswith(".")
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "?"
        scheme, ending = (None, entry.name) if is_ending else (entry.name, None)
        found.append(kind_of(scheme, ending, entry.value.replace(" ", ""), package))
    return found


def _entry_point_files() -> Iterator[str]:
    """Yield where installed packages keep their entry points."""
    for folder in dict.fromkeys(path or os.curdir for path in sys.path):
        try:
            names = os.listdir(folder)
        except OSError:  # a zip file, or no longer there
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                yield os.path.join(folder, name, "entry_points.txt")


def _names_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return f"[{GROUP}]".encode() in file.read()
    except OSError:
        return False

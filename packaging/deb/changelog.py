"""Prints CHANGELOG.md as a Debian changelog.

usage: changelog.py VERSION MAINTAINER SECONDS < CHANGELOG.md
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from textwrap import fill

WIDTH = 78


def debian_changelog(markdown: str, version: str, maintainer: str, time: datetime) -> str:
    """Return one entry with the items of the newest section.

    Parameters
    ----------
    markdown : str
        The text of CHANGELOG.md.
    version, maintainer : str
        Values for the first and last line of the entry.
    time : datetime
        When it was released, with a time zone.
    """
    items = [
        fill(item, WIDTH, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False)
        for item in _newest_items(markdown)
    ]
    head = f"fastdup ({version}) unstable; urgency=medium"
    return "\n".join([head, "", *items, "", f" -- {maintainer}  {format_datetime(time)}", ""])


def _newest_items(markdown: str) -> Iterator[str]:
    section = markdown.split("\n## ")[1]
    item = ""
    for line in section.splitlines()[1:]:
        if line.startswith("- "):
            yield from [item] if item else []
            item = line[2:]
        elif line.startswith("  "):
            item += f" {line.strip()}"
    yield from [item] if item else []


if __name__ == "__main__":
    version, maintainer, seconds = sys.argv[1:]
    when = datetime.fromtimestamp(int(seconds), UTC)
    sys.stdout.write(debian_changelog(sys.stdin.read(), version, maintainer, when))

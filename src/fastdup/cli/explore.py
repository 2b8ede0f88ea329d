"""``fastdup explore``: a local web page to run, and to look at results, until Ctrl-C."""

import argparse
import sys
from typing import TYPE_CHECKING

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import line_start

if TYPE_CHECKING:
    from fastdup.explorer import Explorer
    from fastdup.window import Window


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Open the results in WORK_DIR as a page in the browser, which only this machine can see: "
        "groups at any threshold, pairs, outliers, quality, a map, search, and a plan of what to "
        "remove. Without WORK_DIR, the page lets you choose folders, runs, and shows the results."
    )
    parser.set_defaults(act=_explore)
    parser.add_argument(
        "work_dir", metavar="WORK_DIR", nargs="?", help="the work folder of a run (default: choose)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port of the page (default: a free one)"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )


def _explore(options: argparse.Namespace) -> None:
    try:
        with _page(options.work_dir, options.port) as page:
            print(f"{page.url}\nonly this machine can open it; press Ctrl-C to stop", flush=True)
            if options.browser:
                page.open_browser()
            page.wait()
    except KeyboardInterrupt:  # at any moment of it
        print(f"{line_start(sys.stdout)}stopped")


def _page(work_dir: str | None, port: int) -> "Explorer | Window":
    if work_dir is None:
        from fastdup.window import Window

        return Window(port)
    from fastdup.explorer import Explorer

    return Explorer(work_dir, port)

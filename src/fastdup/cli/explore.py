"""``fastdup explore``: a local web page to run, and to look at results, until Ctrl-C."""

import argparse
from typing import TYPE_CHECKING

from fastdup.cli.parser import CommandParser

if TYPE_CHECKING:
    from fastdup.explorer import Explorer
    from fastdup.window import Window


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Serve a page over the results in WORK_DIR, on this machine alone, and open it: groups at "
        "any threshold, pairs, outliers, quality, a map, search, and a plan of what to remove. "
        "Without WORK_DIR the page begins with folders to choose, runs, and then shows the results."
    )
    parser.set_defaults(act=_explore)
    parser.add_argument(
        "work_dir", metavar="WORK_DIR", nargs="?", help="the work folder of a run (default: choose)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="where to serve (default: a free one)"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )


def _explore(options: argparse.Namespace) -> None:
    try:
        with _page(options.work_dir, options.port) as page:
            print(f"{page.url}\nserved on this machine alone until Ctrl-C", flush=True)
            if options.browser:
                page.open_browser()
            page.wait()
    except KeyboardInterrupt:  # at any moment of it
        print("stopped")


def _page(work_dir: str | None, port: int) -> "Explorer | Window":
    if work_dir is None:
        from fastdup.window import Window

        return Window(port)
    from fastdup.explorer import Explorer

    return Explorer(work_dir, port)

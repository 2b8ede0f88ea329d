"""The command that serves the explorer until it is told to stop."""

import argparse
from typing import Any

#: Its options, for near misses.
OPTION_NAMES = ("port", "no-browser")


def add_command(commands: Any) -> None:
    """Add the command to the parser's."""
    explore = commands.add_parser(
        "explore",
        help="look through the results in WORK_DIR and choose, in a browser",
        description="Serve a page over the results in WORK_DIR, on this machine alone, and open "
        "it: groups at any threshold, pairs, outliers, quality, a map, search, and a plan of "
        "what to remove.",
        allow_abbrev=False,
    )
    explore.set_defaults(act=_explore)
    explore.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    explore.add_argument(
        "--port", type=int, default=0, metavar="N", help="where to serve (default: a free one)"
    )
    explore.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    explore.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _explore(options: argparse.Namespace) -> None:
    from fastdup.explorer import Explorer

    try:
        with Explorer(options.work_dir, options.port) as explorer:
            print(f"{explorer.url}\nserved on this machine alone until Ctrl-C", flush=True)
            if options.browser:
                explorer.open_browser()
            explorer.wait()
    except KeyboardInterrupt:  # at any moment of it
        print("stopped")

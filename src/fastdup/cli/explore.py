"""``fastdup explore``: a local web page over the results, served until Ctrl-C."""

import argparse

from fastdup.cli.parser import CommandParser


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Serve a page over the results in WORK_DIR, on this machine alone, and open it: groups at "
        "any threshold, pairs, outliers, quality, a map, search, and a plan of what to remove."
    )
    parser.set_defaults(act=_explore)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="where to serve (default: a free one)"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )


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

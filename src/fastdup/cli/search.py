"""``fastdup search``: the images of a finished run that are most similar to new ones."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import filterfalse
from typing import TYPE_CHECKING

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import write_lines

if TYPE_CHECKING:
    from fastdup.image_search import Answer

#: Exit code when all else was searched for, and some files could not be used.
SOME_UNUSABLE = 3
_FORMATS = ("csv", "json", "list", "list0")


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Print, as CSV, which images of the finished run in WORK_DIR are most similar to each "
        "image QUERY; with --new-only, which queries have no copy there. A file that cannot be "
        "used is reported on standard error, and the search goes on. Exit code: 0 all were "
        f"searched for; {SOME_UNUSABLE} some could not be used; 1 failed; 2 bad usage."
    )
    parser.set_defaults(act=_search)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "queries", metavar="QUERY", nargs="*", help="image files, or folders of them"
    )
    parser.add_argument(
        "--text",
        action="append",
        metavar="WORDS",
        help="list the images that show this, such as 'a red car' (repeatable), instead of QUERY; "
        "needs a run with --content-model clip-vit-b-32 and the extra text",
    )
    parser.add_argument(
        "-k",
        "--neighbors",
        "--neighbours",
        dest="k",
        type=int,
        default=5,
        metavar="K",
        help="images to list for each query (default: 5)",
    )
    parser.add_argument(
        "--by",
        choices=("copies", "content"),
        default="copies",
        help="what to look for: possible copies, or images of the same kind; by content, the "
        "similarity is the cosine of both rows of an image (default: copies)",
    )
    parser.add_argument(
        "--new-only",
        action="store_true",
        help="list only the images that have no copy in the collection, each with the nearest one",
    )
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        default="csv",
        metavar="|".join(_FORMATS),
        help="with --new-only: csv (default), json (an object per line), list (names, a line "
        "each), list0 (names, each ended by a zero byte, for xargs -0)",
    )


def _search(options: argparse.Namespace) -> int:
    from fastdup.errors import ConfigError
    from fastdup.image_search import look_up

    if options.text:
        if options.queries or options.new_only:
            raise ConfigError("--text cannot be combined with QUERY or --new-only")
        return _by_text(options.work_dir, options.text, options.k)
    if not options.queries:
        raise ConfigError("there is nothing to search for: name images, or give --text")
    queries = list(_listed(options.queries))
    if options.format != "csv" and not options.new_only:
        raise ConfigError(f"--format {options.format} goes with --new-only: add that")
    if not options.new_only:
        return _nearest(options.work_dir, queries, options.k, options.by)
    if options.by != "copies":
        raise ConfigError("--new-only lists what has no copy: leave out --by content")
    unusable = 0
    if options.format == "csv":
        write_lines([_row("query", "nearest", "similarity")])
    for answer in look_up(options.work_dir, queries):
        if answer.problem:
            unusable += 1
            _warn(answer)
        elif not answer.copies:
            write_lines([_line(answer, options.format)])
    return SOME_UNUSABLE if unusable else 0


def _nearest(work_dir: str, queries: list[str], k: int, by: str) -> int:
    from fastdup.image_search import search_images
    from fastdup.scale import decimal

    hits = search_images(work_dir, queries, k, by)
    write_lines([_row("query", "image", "similarity")])
    write_lines(_row(hit.query, hit.path, decimal(hit.similarity)) for hit in hits)
    return SOME_UNUSABLE if hits and {hit.query for hit in hits} < set(queries) else 0


def _by_text(work_dir: str, texts: list[str], k: int) -> int:
    from fastdup.scale import decimal
    from fastdup.text_search import search_texts

    hits = search_texts(work_dir, texts, k)
    write_lines([_row("query", "image", "similarity")])
    write_lines(_row(hit.query, hit.path, decimal(hit.similarity)) for hit in hits)
    return 0


def _listed(queries: Iterable[str]) -> Iterator[str]:
    """Yield the files that are named, and what may be an image in the folders that are."""
    from fastdup.config import RunConfig
    from fastdup.sources import list_images
    from fastdup.sources.side_files import is_side_name

    for query in queries:
        if os.path.isdir(query):
            yield from filterfalse(is_side_name, list_images(RunConfig(input_dir=query)))
        else:
            yield query


def _line(answer: "Answer", form: str) -> bytes:
    import json

    from fastdup.scale import decimal

    nearest = answer.nearest
    if form in ("list", "list0"):
        from fastdup.actions.export import name_list

        return name_list([answer.query], null=form == "list0")
    if form == "json":
        value = None if nearest is None else round(nearest.similarity, 6)
        found = {"query": answer.query, "nearest": nearest and nearest.path, "similarity": value}
        return json.dumps(found).encode() + b"\n"
    if nearest is None:
        return _row(answer.query, "", "")
    return _row(answer.query, nearest.path, decimal(nearest.similarity))


def _row(*fields: object) -> bytes:
    from fastdup.workdir.csv_files import csv_line

    return csv_line(fields)


def _warn(answer: "Answer") -> None:
    from fastdup.printable import printable

    line = f"fastdup: cannot search for {answer.query!r}: {answer.problem}"
    print(printable(line), file=sys.stderr)

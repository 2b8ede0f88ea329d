"""``fastdup evaluate``: how well copies are found."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Measure how well copies are found. With --truth, INPUT is the work folder of a run, whose "
        "pairs are compared with known ones. Without, edited copies of N pictures of INPUT are "
        "made in a temporary folder, and a run must find them; the pictures are only read. Prints "
        "micro-AP, recall at a precision, precision and recall at the threshold, and the kinds of "
        "copies, the worst first."
    )
    parser.set_defaults(act=_evaluate)
    parser.add_argument(
        "input_dir",
        metavar="INPUT",
        nargs="+",
        help="pictures, as for fastdup run; with --truth a work folder",
    )
    parser.add_argument(
        "--truth",
        metavar="CSV",
        help="known copies: columns copy,original or from,to, with edit or kind if you like; or "
        "filename,group. With a column same of 1 and 0, only the listed pairs count",
    )
    _add_planting(parser)
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="SIMILARITY",
        help="similarity at which precision and recall are given (default: 0.85, or the run's)",
    )
    parser.add_argument(
        "--output",
        "-o",
        action="append",
        default=[],
        metavar="FILE",
        help="write a page (.html), all numbers (.json), the kinds (.csv) or the chart (.svg)",
    )


def _add_planting(parser: CommandParser) -> None:
    parser.add_argument(
        "-n",
        type=int,
        default=200,
        metavar="N",
        help="pictures to make copies of, spread evenly; 0: all (default: 200)",
    )
    parser.add_argument(
        "--per", type=int, default=2, metavar="N", help="copies of each picture (default: 2)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the edits (default: 1)")
    parser.add_argument(
        "--edits", metavar="FILE", help="Python file with a table EDITS of your own; it is run"
    )
    parser.add_argument(
        "--model-path", help="ONNX file or preset to measure (default: the built-in model)"
    )
    parser.add_argument(
        "--verify",
        choices=("auto", "all", "none"),
        default="auto",
        help="which pairs the run looks at; none: features alone (default: auto)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="pairs of your own pictures that the run takes for the same picture are wrong, too",
    )
    parser.add_argument(
        "--keep", metavar="DIR", help="new folder that keeps the copies, their truth and the run"
    )


def _evaluate(options: argparse.Namespace) -> None:
    from fastdup.errors import ConfigError
    from fastdup.evaluation import evaluate
    from fastdup.progress import choose_progress

    given = options.input_dir
    if options.truth is not None and len(given) > 1:
        raise ConfigError("--truth goes with one work folder")
    found = evaluate(
        given[0] if len(given) == 1 else given,
        options.truth,
        n=options.n,
        per=options.per,
        seed=options.seed,
        edits=options.edits,
        model_path=options.model_path,
        verify=options.verify,
        threshold=options.threshold,
        strict=options.strict,
        keep=options.keep,
        progress=choose_progress(),
    )
    for line in found.lines():
        print_line(line)
    for path in options.output:
        print_line(f"written: {found.write(path)}")

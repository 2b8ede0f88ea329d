"""The option of the commands that put images into clusters, or choose from them."""

from fastdup.cli.parser import CommandParser


def add_rows_option(parser: CommandParser) -> None:
    """Add ``--by``: by which rows images are compared."""
    parser.add_argument(
        "--by",
        choices=("copies", "content"),
        default="copies",
        help="by what images are compared: the features that find copies, or these and the rows "
        "for content (default: copies)",
    )

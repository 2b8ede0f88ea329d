"""The option of the commands that put images into clusters, or choose from them."""

from fastdup.cli.parser import CommandParser


def add_rows_option(parser: CommandParser) -> None:
    """Add ``--by``: by which rows images are compared."""
    parser.add_argument(
        "--by",
        choices=("copies", "content"),
        default="copies",
        help="how images are compared: by the features that find copies, or by these and the rows "
        "for content (default: copies)",
    )

"""``python -m cli_pages OUT``: write the man page and the completions below the folder OUT.

``python -m cli_pages --markdown``: print the reference of the command line as Markdown.
"""

import sys
from pathlib import Path

from cli_pages.markdown import markdown_page
from cli_pages.write import write_pages
from fastdup.cli import build_parser


def main() -> None:
    """Do what the module says."""
    (word,) = sys.argv[1:]
    if word == "--markdown":
        sys.stdout.write(markdown_page(build_parser()))
        return
    for path in write_pages(Path(word)).values():
        print(path)


if __name__ == "__main__":
    main()

"""Writing the man page and the completions where a package's data files lie."""

from pathlib import Path

from cli_pages.completion import PLACES, completion
from cli_pages.man import man_page
from fastdup import __version__
from fastdup.cli import build_parser


def write_pages(out: Path) -> dict[str, Path]:
    """Write all below the folder `out` and return place below ``share`` → file."""
    texts = {"man/man1/fastdup.1": man_page(build_parser(), __version__)}
    texts |= {place: completion(build_parser(), shell) for shell, place in PLACES.items()}
    written = {place: out / place for place in texts}
    for place, path in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[place], encoding="utf-8")
    return written

"""A page of figures and tables: one HTML file that needs nothing else and runs no script."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from fastdup.errors import ConfigError
from fastdup.workdir.csv_files import write_atomically

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
figure { margin: 1rem 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid #8886; }
th:first-child, td:first-child, .words td, .words th { text-align: left; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class PageTable:
    """A table of a page.

    Attributes
    ----------
    head : sequence of str
    rows : sequence of sequences of str
    of_words : bool
        Whether all columns are words, not numbers.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    of_words: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title : str
    paragraphs : sequence of str
    figure : str
        An SVG document of our own; "" for none.
    table : PageTable or None
    """

    title: str
    paragraphs: Sequence[str] = ()
    figure: str = ""
    table: PageTable | None = None


def figure_page(title: str, sections: Sequence[Section]) -> str:
    """Return the HTML of a page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"
    body = "\n".join(part for section in sections for part in _parts(section))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="generator" content="fastdup">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _parts(section: Section) -> Iterator[str]:
    if section.title:
        yield f"<h2>{escape(section.title)}</h2>"
    for paragraph in section.paragraphs:
        yield f"<p>{escape(paragraph)}</p>"
    if section.figure:
        yield f"<figure>{section.figure}</figure>"
    if section.table is not None:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in section.table.head)
        kind = "wide words" if section.table.of_words else "wide"
        yield f'<div class="{kind}" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>'
        for row in section.table.rows:
            yield "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>"
        yield "</tbody></table></div>"


def write_by_ending(
    path: str | os.PathLike[str], texts: Mapping[str, Callable[[], str | bytes]]
) -> str:
    """Write a file of the kind that its ending names, and return its path.

    Parameters
    ----------
    path : path
    texts : mapping of str to callable
        Ending, such as ".html" → what makes the file.

    Raises
    ------
    ConfigError
        When the ending is none of these.
    WorkDirError
        When it cannot be written.
    """
    name = os.fspath(path)
    ending = os.path.splitext(name)[1].lower()
    if ending not in texts:
        raise ConfigError(f"cannot write {name!r}: the name must end in {', '.join(texts)}")
    text = texts[ending]()
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    write_atomically(name, lambda file: file.write(data))
    return name

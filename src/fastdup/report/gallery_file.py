"""The path of a page that was made; in a notebook it displays itself."""

import os
from html import escape
from pathlib import Path

from fastdup.report.wording import plain

SavePath = str | os.PathLike[str]


class Gallery(str):
    """The path of a gallery's HTML file; in a notebook it displays itself.

    It is a str in every other way: compare it, open it, print it.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, so that neither its style nor its script leaks."""
        try:
            page = Path(self).read_text(encoding="utf-8")
        except OSError as exc:
            return f"<p>Cannot show {escape(plain(self))}: {escape(exc.strerror or str(exc))}.</p>"
        return (
            f'<iframe srcdoc="{escape(page)}" title="{escape(plain(self))}" '
            'sandbox="allow-scripts allow-popups" '
            'style="width:100%;height:46rem;max-height:88vh;border:0;border-radius:8px"></iframe>'
        )

"""The explorer as an object: a server on this machine alone, and its address."""

from html import escape

from fastdup.explorer.local_server import LocalPage, require_web_library
from fastdup.report.wording import plain


class Explorer(LocalPage):
    """A local page over the results of a run, served until `stop` is called.

    In a notebook it shows a link to itself, or the page. As a context manager it stops at the end.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    port : int
        0: any free one.
    inline : bool
        Whether a notebook shows the page in a frame; else a link to it.

    Attributes
    ----------
    url : str
        The address to open, with the token that lets one in.

    Raises
    ------
    ConfigError
        When the port is out of range or taken.
    MissingExtraError
        When the web library is not installed.
    WorkDirError
        When there is no finished run.
    """

    def __init__(self, work_dir: str, port: int = 0, *, inline: bool = False) -> None:
        require_web_library()
        from fastdup.explorer.app import create_app
        from fastdup.explorer.handlers import Handlers

        handlers = Handlers(work_dir)
        super().__init__(create_app(handlers), handlers, port, framed=inline)
        self._work_dir = work_dir
        self._is_inline = inline

    def __repr__(self) -> str:
        return f"<explorer of {self._work_dir!r} at {self.url}; .stop() ends it>"

    def _repr_html_(self) -> str:
        link = (
            f'<p><a href="{escape(self.url)}" target="_blank" rel="noopener">Open the explorer</a> '
            f"of {escape(plain(self._work_dir))}; <code>.stop()</code> ends it.</p>"
        )
        if not self._is_inline:
            return link
        return (
            f'<iframe src="{escape(self._server.frame_url)}" title="fastdup explorer" '
            'style="width:100%;height:52rem;max-height:88vh;border:0;border-radius:8px"></iframe>'
            f"{link}"
        )

"""The first page as an object: a server on this machine alone, its run, and its address."""

from typing import Self

from fastdup.explorer.local_server import LocalServer, require_web_library
from fastdup.window.state_folder import state_folder


class Window:
    """A local page to choose folders, run and look at results, served until `stop` is called.

    A run that is at work stops with it, and can go on later. As a context manager it stops at the
    end.

    Parameters
    ----------
    port : int
        0: any free one.

    Attributes
    ----------
    url : str
        The address to open, with the token that lets one in.

    Raises
    ------
    ConfigError
        When the port is out of range or taken, or the user has no home folder.
    MissingExtraError
        When the web library is not installed.
    """

    def __init__(self, port: int = 0) -> None:
        require_web_library()
        from fastdup.window.opened_results import OpenedResults
        from fastdup.window.start_handlers import StartHandlers
        from fastdup.window.window_app import create_window_app

        results = OpenedResults()
        self._handlers = StartHandlers(state_folder(), results)
        self._server = LocalServer(create_window_app(self._handlers, results), port)
        self.url = self._server.url

    def open_browser(self) -> bool:
        """Open the page in the person's browser; return whether there is one."""
        return self._server.open_browser()

    def wait(self) -> None:
        """Return when the server has stopped."""
        self._server.wait()

    def stop(self) -> None:
        """Stop serving, and stop the run."""
        self._server.stop()
        self._handlers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<start page of fastdup at {self.url}; .stop() ends it>"

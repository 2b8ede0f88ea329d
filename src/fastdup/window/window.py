"""The first page as an object: a server on this machine alone, its run, and its address."""

from fastdup.explorer.local_server import LocalPage, require_web_library
from fastdup.window.state_folder import state_folder


class Window(LocalPage):
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
        handlers = StartHandlers(state_folder(), results)
        super().__init__(create_window_app(handlers, results), handlers, port)

    def __repr__(self) -> str:
        return f"<start page of fastdup at {self.url}; .stop() ends it>"

"""Reads files of web servers, as the client of object stores reads those of stores.

It is our own, as that client follows redirects wherever they lead.
"""

import datetime
import email.utils
import http.client
import string
import time
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from fastdup.errors import ImageError, Reason
from fastdup.sources.objects.stores import Patience, Retries
from fastdup.sources.objects.web_connection import (
    CheckedConnection,
    Nearness,
    named_nearness,
    open_connection,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta

_REDIRECTS, _MOST_REDIRECTS = frozenset({301, 302, 303, 307, 308}), 10
_PIECE_BYTES, _MOST_BESIDE_BYTES = 2**18, 2**14
#: Characters of a key that have a meaning in no path.
_AS_THEY_ARE = "/-_.~!$&'()*+,;=:@"
#: What is taken of an answer that does not say how long it is.
_MOST_UNSAID_BYTES = 2**28
_PASSING = frozenset({408, 425, 429})
_UNTIMED = datetime.datetime.fromtimestamp(0, datetime.UTC)


class WebStatusError(OSError):
    """The server answers with something else than the file."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"status code: {status} {reason}")
        self.status = status


class WebStore:
    """The files of a web server; safe to use from several threads.

    Parameters
    ----------
    root : str
        ``https://host``; or the whole address of one file, whose path is then empty.
    patience : Patience
        How long to wait.
    """

    def __init__(self, root: str, patience: Patience) -> None:
        self._root = root
        self._patience = patience
        self._idle = deque[_Idle]()
        weakref.finalize(self, _close_all, self._idle)

    def head(self, path: str) -> "ObjectMeta":
        """Return size and time of a file.

        Raises
        ------
        OSError
            When there is no answer, or another one.
        ImageError
            NO_ACCESS: it was redirected to where it must not lead.
        """
        return self._ask("HEAD", path, {}).meta

    def get(self, path: str, *, options: Mapping[str, Any] | None = None) -> "WebAnswer":
        """Return an answer whose bytes are to come; ``range`` in `options`: (start, stop).

        Raises
        ------
        OSError, ImageError
            As `head`.
        """
        headers, wanted = {}, (options or {}).get("range")
        if wanted:
            headers["Range"] = f"bytes={wanted[0]}-{wanted[1] - 1}"
        answer = self._ask("GET", path, headers)
        if wanted and answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            raise OSError("a non-partial response")
        return answer

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> "WebAnswer":
        """Return the answer; ask again when there is none, or a passing refusal."""
        retries = Retries(self._patience.retry_s)
        for n_left in range(self._patience.n_retries, -1, -1):
            try:
                return self._followed(method, path, headers)
            except (OSError, http.client.HTTPException) as exc:
                status = exc.status if isinstance(exc, WebStatusError) else 500
                is_passing = status >= 500 or status in _PASSING
                if not (is_passing and n_left and retries.wait()):
                    raise _as_os_error(exc) from exc
        raise AssertionError("the last try returns or raises")

    def _followed(self, method: str, path: str, headers: dict[str, str]) -> "WebAnswer":
        """Return the answer of the server that it was redirected to in the end."""
        url = f"{self._root}/{quote(path, safe=_AS_THEY_ARE)}" if path else self._root
        most_near = Nearness.OWN
        for n_redirects in range(_MOST_REDIRECTS + 1):
            answer = self._answer(method, url, headers, most_near)
            target = answer.header("Location")
            if answer.status not in _REDIRECTS or not target:
                break
            if not n_redirects:  # no nearer than the server that was named
                most_near = answer.nearness
            answer.pass_over()
            url = urljoin(url, target)
            if not url.lower().startswith(("http://", "https://")):
                raise _refusal(
                    f"it was redirected to something that is not a web address: {url[:100]!r}"
                )
        else:
            raise _refusal(f"it was redirected more than {_MOST_REDIRECTS} times")
        if not 200 <= answer.status < 300:
            raise WebStatusError(answer.status, f"{answer.reason}\n{answer.pass_over()}")
        answer.begin()
        return answer

    def _answer(
        self, method: str, url: str, headers: dict[str, str], most_near: Nearness
    ) -> "WebAnswer":
        """Return the answer of one server, by a connection that is still open if there is one."""
        place = urlsplit(url)
        target = quote(place.path or "/", safe=string.punctuation)
        if place.query:
            target += "?" + quote(place.query, safe=string.punctuation)
        while True:
            connection = self._idle_connection(place, most_near)
            is_new = connection is None
            connection = connection or open_connection(
                place, most_near, self._patience.connect_s, self._patience.silence_s
            )
            try:
                connection.request(method, target, headers={"User-Agent": "fastdup", **headers})
                response = connection.getresponse()
            except ConnectionError:  # while it was idle, the server may have closed it
                connection.close()
                if is_new:
                    raise
            except BaseException:
                connection.close()
                raise
            else:
                deadline_s = time.monotonic() + self._patience.answer_s
                return WebAnswer(self, place, connection, response, deadline_s)

    def put_back(self, server: str, connection: http.client.HTTPConnection) -> None:
        """Let another request have a connection."""
        self._idle.append((server, connection))

    def _idle_connection(
        self, place: SplitResult, most_near: Nearness
    ) -> http.client.HTTPConnection | None:
        """Return a connection to a server that nobody uses, if there is one."""
        for _ in range(len(self._idle)):
            try:
                server, connection = self._idle.popleft()
            except IndexError:  # another thread was faster
                break
            if server == _server(place) and _nearness(connection, place) <= most_near:
                return connection
            self._idle.append((server, connection))
        return None


class WebAnswer:
    """An answer whose bytes are to come.

    Attributes
    ----------
    meta : dict
        Size, time of change and ETag of the file, which may be more than this answer has.
    status, reason : int, str
        What the server says.
    nearness : Nearness
        Of the server.
    """

    def __init__(
        self,
        store: WebStore,
        place: SplitResult,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
        deadline_s: float,
    ) -> None:
        self._store = store
        self._server = _server(place)
        self._connection = connection
        self._response = response
        self._deadline_s = deadline_s
        self._unsaid: bytes | None = None
        self.status, self.reason = response.status, response.reason
        self.nearness = _nearness(connection, place)

    def __del__(self) -> None:
        if not self._response.isclosed():
            self._connection.close()

    def header(self, name: str) -> str | None:
        """Return a header, None where there is none."""
        return self._response.getheader(name)

    def pass_over(self) -> str:
        """Return what is said beside a redirect or a refusal."""
        said = b""
        try:
            said = self._response.read(_MOST_BESIDE_BYTES)
        except (OSError, http.client.HTTPException):
            self._connection.close()
        self._release()
        return said.decode("utf-8", "replace")

    def begin(self) -> None:
        """Find out what the file is.

        Raises
        ------
        OSError
            When it does not say how long it is, and does not end.
        """
        size = self.header("Content-Length")
        total = (self.header("Content-Range") or "").rpartition("/")[2]
        if size is None and not total and not self._response.isclosed():
            self._unsaid = self._read(_MOST_UNSAID_BYTES + 1)
            if len(self._unsaid) > _MOST_UNSAID_BYTES:
                raise _refusal("the server does not say how long it is")
            size = str(len(self._unsaid))
        self.meta: ObjectMeta = {
            "path": "",
            "size": int(total if total.isdecimal() else size or 0),
            "last_modified": _time_of(self.header("Last-Modified")),
            "e_tag": self.header("ETag"),
            "version": None,
        }
        if self._response.length == 0:  # as of every answer to HEAD
            self._response.read()
            self._release()

    def stream(self, n_bytes: int) -> Iterator[bytes]:
        """Yield pieces of `n_bytes`; see `bytes`."""
        if self._unsaid is not None:
            yield from (self._unsaid[i : i + n_bytes] for i in range(0, len(self._unsaid), n_bytes))
            return
        while piece := self._read(n_bytes):
            yield piece

    def _read(self, n_most: int | None) -> bytes:
        pieces, n_bytes = list[bytes](), 0
        try:
            while n_most is None or n_bytes < n_most:
                if time.monotonic() > self._deadline_s:
                    raise TimeoutError("the answer takes too long")
                left = _PIECE_BYTES if n_most is None else min(n_most - n_bytes, _PIECE_BYTES)
                piece = self._response.read(left)
                if not piece:
                    if self._response.length:
                        raise ConnectionError("the answer breaks off")
                    break
                pieces.append(piece)
                n_bytes += len(piece)
        except (OSError, http.client.HTTPException) as exc:
            self._connection.close()
            raise _as_os_error(exc) from exc
        self._release()
        return b"".join(pieces)

    def _release(self) -> None:
        """Let another request have the connection once the answer is whole."""
        if self._response.isclosed() and self._connection.sock is not None:
            self._store.put_back(self._server, self._connection)

    def bytes(self) -> bytes:
        """Return all bytes.

        Raises
        ------
        OSError
            When they break off, or do not come in time.
        """
        return self._read(None) if self._unsaid is None else self._unsaid


_Idle = tuple[str, http.client.HTTPConnection]


def _close_all(idle: "deque[_Idle]") -> None:
    while idle:
        idle.pop()[1].close()


def _server(place: SplitResult) -> str:
    return f"{place.scheme}://{place.netloc}".lower()


def _nearness(connection: http.client.HTTPConnection, place: SplitResult) -> Nearness:
    if isinstance(connection, CheckedConnection):
        return connection.nearness
    return named_nearness(place.hostname or "")


def _time_of(text: str | None) -> datetime.datetime:
    try:
        found = email.utils.parsedate_to_datetime(text or "")
    except (ValueError, TypeError):
        return _UNTIMED
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _as_os_error(exc: Exception) -> OSError:
    if isinstance(exc, OSError):
        return exc
    return ConnectionError(" ".join(str(exc).split()) or type(exc).__name__)


def _refusal(detail: str) -> ImageError:
    return ImageError(detail, reason=Reason.NO_ACCESS)

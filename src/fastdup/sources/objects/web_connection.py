"""Connections to web servers that know how near they lead.

A server may redirect a request to where only this machine, or only its network, gets. So the
address is looked at that is really connected to, and a name cannot mean another one a moment later.
"""

import base64
import contextlib
import http.client
import ipaddress
import socket
import ssl
from enum import IntEnum
from functools import cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from fastdup.errors import ImageError, Reason

#: Addresses of version 6 with one of version 4 in their last, or in these, four bytes.
_NAT64, _6TO4, _6TO4_AT = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), 2


class Nearness(IntEnum):
    """Who reaches an address: everyone, one network, one machine or its neighbours on the wire."""

    GLOBAL = 0
    PRIVATE = 1
    OWN = 2


def nearness_of(address: str) -> Nearness:
    """Return how near an IP address is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        within = ip.packed[_6TO4_AT : _6TO4_AT + 4] if ip in _6TO4 else ip.packed[-4:]
        if ip.ipv4_mapped or ip in _NAT64 or ip in _6TO4:
            ip = ipaddress.IPv4Address(within)
    if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast:
        return Nearness.OWN
    return Nearness.GLOBAL if ip.is_global else Nearness.PRIVATE


class CheckedConnection(http.client.HTTPConnection):
    """A connection that is made to no nearer address than allowed.

    Attributes
    ----------
    nearness : Nearness
        Of the address that it leads to; known once it is connected.
    most_near : Nearness
        The nearest that is allowed: where only nearer ones are, connecting raises an ImageError.
    silence_s : float
        Seconds between two pieces of an answer.
    """

    nearness = Nearness.GLOBAL
    most_near = Nearness.OWN
    silence_s = 20.0

    def connect(self) -> None:
        """Connect to the first address that answers."""
        failure: Exception = OSError(f"{self.host} has no address")
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, place in found:
            nearness = nearness_of(str(place[0]))
            if nearness > self.most_near:
                failure = _too_near(self.host, str(place[0]))
                continue
            try:
                self.sock = _connected(family, kind, protocol, place, self.timeout)
            except OSError as exc:
                failure = exc
                continue
            self.nearness = nearness
            self.sock.settimeout(self.silence_s)
            return
        raise failure


class CheckedTlsConnection(http.client.HTTPSConnection, CheckedConnection):
    """The same by TLS, which is spoken once it is connected."""


class ProxiedConnection(http.client.HTTPConnection):
    """A connection to a proxy, which is asked for whole addresses."""

    def __init__(
        self, host: str, port: int, root: str, headers: dict[str, str], timeout: float
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self._root = root
        self._headers = headers

    def putrequest(self, method: str, url: str, *given: Any, **options: Any) -> None:
        """Begin a request."""
        super().putrequest(method, self._root + url, *given, **options)
        for name, value in self._headers.items():
            self.putheader(name, value)


def open_connection(
    url: SplitResult, most_near: Nearness, connect_s: float, silence_s: float
) -> CheckedConnection | http.client.HTTPConnection:
    """Return a connection to a server, not connected yet: by the system's proxy, if it has one.

    A proxy resolves names itself, so only addresses written as numbers can be looked at.

    Raises
    ------
    ImageError
        NO_ACCESS: the address is nearer than allowed.
    """
    host, is_tls = url.hostname or "", url.scheme == "https"
    options: dict[str, Any] = {"timeout": connect_s}
    if is_tls:
        options["context"] = _tls()
    proxy = getproxies().get(url.scheme)
    if proxy and not proxy_bypass(url.netloc):
        if named_nearness(host) > most_near:
            raise _too_near(host, host)
        return _by_proxy(proxy, url, options)
    kind = CheckedTlsConnection if is_tls else CheckedConnection
    connection = kind(host, url.port, **options)
    connection.most_near, connection.silence_s = most_near, silence_s
    return connection


def named_nearness(host: str) -> Nearness:
    """Return how near a host is by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return Nearness.OWN
    try:
        return nearness_of(host)
    except ValueError:
        return Nearness.GLOBAL


def _by_proxy(proxy: str, url: SplitResult, options: dict[str, Any]) -> http.client.HTTPConnection:
    place = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    host, port, headers = place.hostname or "", place.port or 80, {}
    if place.username:
        secret = f"{unquote(place.username)}:{unquote(place.password or '')}".encode()
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
    if "context" not in options:
        return ProxiedConnection(host, port, f"{url.scheme}://{url.netloc}", headers, **options)
    connection = http.client.HTTPSConnection(host, port, **options)
    connection.set_tunnel(url.hostname or "", url.port or connection.default_port, headers)
    return connection


def _connected(family: int, kind: int, protocol: int, place: Any, timeout: Any) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.settimeout(timeout)
        made.connect(place)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:  # a Python that does not know the system's
        with contextlib.suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def _too_near(host: str, address: str) -> ImageError:
    place = host if host == address else f"{host}, which is {address}"
    detail = f"it was redirected to {place}: only an address that you name may lead there"
    return ImageError(detail, reason=Reason.NO_ACCESS)

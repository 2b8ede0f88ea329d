"""Files of web servers: what is read, what is asked for again, and where redirects may lead."""

import http.server
import os
import socket
import threading

import pytest

import fastdup
from fastdup.errors import ImageError, Reason
from fastdup.sources.objects.stores import Patience
from fastdup.sources.objects.web_connection import Nearness, nearness_of
from fastdup.sources.objects.web_store import WebStatusError, WebStore
from fastdup.workdir.csv_files import read_table

pytest.importorskip("obstore")

HASTY = Patience(connect_s=2, silence_s=0.5, answer_s=5, n_retries=2, retry_s=2)
BODY = bytes(range(256)) * 2000
CHANGED = "Mon, 05 Jan 2026 10:00:00 GMT"


class WebServer(http.server.ThreadingHTTPServer):
    """Answers as `answers` says: path → what is done with the request."""

    daemon_threads = True

    def __init__(self, host):
        self.answers, self.asked, self.n_connections = {}, [], 0
        super().__init__((host, 0), _Handler)
        self.root = f"http://{host}:{self.server_port}"

    def process_request(self, *given):
        self.n_connections += 1
        super().process_request(*given)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.answers.get(self.path, missing)(self)

    def do_HEAD(self):
        self.do_GET()

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def missing(request):
    request.answer(404, b"<Code>NoSuchKey</Code>")


def file_of(body, **headers):
    def answer(request):
        wanted = request.headers["Range"]
        if not wanted:
            return request.answer(200, body, Last_Modified=CHANGED, ETag='"tag"', **headers)
        start, stop = map(int, wanted.removeprefix("bytes=").split("-"))
        said = f"bytes {start}-{stop}/{len(body)}"
        return request.answer(206, body[start : stop + 1], Content_Range=said)

    return answer


def moved(to, status=302):
    return lambda request: request.answer(status, b"elsewhere", Location=to)


def in_turn(*answers):
    left = list(answers)
    return lambda request: left.pop(0)(request)


def cut(request):
    request.answer(200, BODY[:1000], Content_Length=str(len(BODY)))
    request.close_connection = True


@pytest.fixture
def near():
    with WebServer("127.0.0.1") as server:
        server.answers["/a b.bin"] = server.answers["/a%20b.bin"] = file_of(BODY)
        yield server


@pytest.fixture
def private(near):
    """Return a server at an address of this machine that other machines reach, too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # nothing is sent
            address = asked.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no address but its own")
    if nearness_of(address) is Nearness.OWN:
        pytest.skip("this machine has no address but its own")
    with WebServer(address) as server:
        server.answers["/a.bin"] = file_of(BODY)
        yield server


def test_a_file_comes_with_size_time_and_tag_by_one_connection(near):
    store = WebStore(near.root, HASTY)
    for _ in range(3):
        answer = store.get("a b.bin")
        assert answer.meta["size"] == store.head("a b.bin").__getitem__("size") == len(BODY)
        assert answer.meta["last_modified"].timestamp() == 1767607200
        assert answer.meta["e_tag"] == '"tag"'
        assert answer.bytes() == BODY
    part = store.get("a b.bin", options={"range": (300, 700)})
    assert (part.meta["size"], part.bytes()) == (len(BODY), BODY[300:700])
    assert near.n_connections == 2  # an answer was held open while another was asked for


def test_the_first_bytes_are_read_without_the_rest(near):
    answer = WebStore(near.root, HASTY).get("a b.bin")
    assert next(answer.stream(700)) == BODY[:700]


def test_an_answer_that_does_not_say_how_long_it_is_is_read(near):
    def without_length(request):
        request.answer(200, BODY, Content_Length=None, Connection="close")

    near.answers["/c"] = without_length
    answer = WebStore(near.root, HASTY).get("c")
    assert answer.meta["size"] == len(BODY)
    assert answer.bytes() == BODY
    assert list(answer.stream(300_000)) == [BODY[:300_000], BODY[300_000:]]


def test_a_server_that_is_busy_is_asked_again(near):
    busy = [lambda request, status=status: request.answer(status) for status in (503, 429)]
    near.answers["/c"] = in_turn(*busy, file_of(BODY))
    assert WebStore(near.root, HASTY).get("c").bytes() == BODY
    assert near.asked == ["/c"] * 3


def test_a_refusal_is_not_asked_again_and_says_why(near):
    with pytest.raises(WebStatusError, match="404"):
        WebStore(near.root, HASTY).get("none")
    assert near.asked == ["/none"]


def test_a_body_that_breaks_off_is_no_file(near):
    near.answers["/c"] = cut
    with pytest.raises(OSError):
        WebStore(near.root, HASTY).get("c").bytes()


def test_a_connection_that_was_closed_in_between_is_made_anew(near):
    def and_close(request):
        file_of(BODY)(request)
        request.close_connection = True

    near.answers["/c"] = and_close
    store = WebStore(near.root, HASTY)
    assert [store.get("c").bytes() == BODY for _ in range(3)] == [True] * 3


def test_a_named_server_of_this_machine_may_redirect_within_it(near):
    near.answers["/c"] = moved("/d?x=1", 308)
    near.answers["/d?x=1"] = moved(f"{near.root}/a%20b.bin")
    assert WebStore(f"{near.root}/c", HASTY).get("").bytes() == BODY


def test_a_server_elsewhere_may_not_redirect_to_this_machine(near, private):
    places = ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "169.254.169.254")
    for to in (f"http://{place}:{near.server_port}/a%20b.bin" for place in places):
        private.answers["/c"] = moved(to)
        with pytest.raises(ImageError) as failure:
            WebStore(private.root, HASTY).get("c")
        assert failure.value.reason is Reason.NO_ACCESS
        assert "redirected to" in str(failure.value)
    assert not near.asked


def test_a_server_elsewhere_may_redirect_as_far_away_as_it_is(private):
    private.answers["/c"] = moved(f"{private.root}/a.bin", 301)
    assert WebStore(private.root, HASTY).get("c").bytes() == BODY


def test_a_name_that_means_another_address_a_moment_later_leads_nowhere(near, private, monkeypatch):
    look_up = socket.getaddrinfo
    addresses = ["127.0.0.1", private.server_address[0]]

    def rebind(host, port, *given, **options):
        if host == "photos.example":
            host = addresses.pop()
            port = private.server_port if addresses else near.server_port
        return look_up(host, port, *given, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    private.answers["/c"] = lambda request: request.answer(
        302, Location="http://photos.example/a%20b.bin", Connection="close"
    )
    with pytest.raises(ImageError, match=r"photos\.example, which is 127\.0\.0\.1"):
        WebStore("http://photos.example", HASTY).get("c")
    assert not near.asked


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://host/a.jpg", "data:,x"])
def test_a_redirect_to_what_is_no_web_address_is_refused(near, to):
    near.answers["/c"] = moved(to)
    with pytest.raises(ImageError, match="not a web address"):
        WebStore(near.root, HASTY).get("c")


def test_redirects_without_end_are_given_up(near):
    near.answers["/c"] = moved("/c")
    with pytest.raises(ImageError, match="more than 10 times"):
        WebStore(near.root, HASTY).get("c")


def test_the_systems_proxy_is_asked_and_leads_to_no_number_nearer(near, monkeypatch):
    monkeypatch.setenv("http_proxy", near.root.replace("//", "//me:p%40ss@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    given = []

    def remember(request):
        given.append((request.headers["Host"], request.headers["Proxy-Authorization"]))
        file_of(BODY)(request)

    near.answers["http://photos.example/a%20b.bin"] = remember
    near.answers["http://photos.example/c"] = moved("http://10.0.0.1/d")
    store = WebStore("http://photos.example", HASTY)
    assert store.get("a b.bin").bytes() == BODY
    assert given == [("photos.example", "Basic bWU6cEBzcw==")]
    with pytest.raises(ImageError, match=r"redirected to 10\.0\.0\.1"):
        store.get("c")


def test_the_systems_proxy_makes_a_tunnel_for_tls(near, monkeypatch):
    monkeypatch.setenv("https_proxy", near.root)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    asked = []

    def refuse(request):
        asked.append(request.path)
        request.answer(403)

    monkeypatch.setattr(_Handler, "do_CONNECT", refuse, raising=False)
    with pytest.raises(OSError, match="403"):
        WebStore("https://photos.example", Patience(n_retries=0)).get("a.jpg")
    assert asked == ["photos.example:443"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", Nearness.GLOBAL),
        ("2606:2800:220:1::1", Nearness.GLOBAL),
        ("10.1.2.3", Nearness.PRIVATE),
        ("172.16.0.1", Nearness.PRIVATE),
        ("192.168.1.1", Nearness.PRIVATE),
        ("100.64.0.1", Nearness.PRIVATE),
        ("fd00::1", Nearness.PRIVATE),
        ("127.9.9.9", Nearness.OWN),
        ("0.0.0.0", Nearness.OWN),
        ("169.254.169.254", Nearness.OWN),
        ("fe80::1%eth0", Nearness.OWN),
        ("::1", Nearness.OWN),
        ("::ffff:127.0.0.1", Nearness.OWN),
        ("64:ff9b::a9fe:a9fe", Nearness.OWN),
        ("2002:7f00:1::", Nearness.OWN),
        ("2002:5db8:d822::", Nearness.GLOBAL),
    ],
)
def test_addresses_are_near_or_far_however_they_are_written(address, expected):
    assert nearness_of(address) is expected


def test_a_redirect_that_is_refused_costs_its_image_alone(near, private, photos, tmp_path):
    paths = sorted(photos.iterdir())
    for path in paths:
        private.answers[f"/{path.name}"] = file_of(path.read_bytes())
    near.answers["/secret.jpg"] = file_of(paths[0].read_bytes())
    private.answers["/evil.jpg"] = moved(f"{near.root}/secret.jpg")
    lines = [f"{private.root}/{name}" for name in (*(p.name for p in paths), "evil.jpg")]
    (tmp_path / "list.txt").write_text("\n".join(lines))
    assert fastdup.run(tmp_path / "list.txt", tmp_path / "out", turi_param="ccthreshold=0.9") == 0
    _, *bad = read_table(os.path.join(tmp_path, "out", "features.bad.csv"))
    assert [row[1] for row in bad] == ["no_access"]
    assert "127.0.0.1" in bad[0][2]
    assert not near.asked

import hashlib
import pickle
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import fastdup
from command import fastdup_command
from fastdup.errors import ImageError, Reason
from fastdup.sources.signed import SignedAddresses, without_secrets
from fastdup.workdir.csv_files import read_table

HIDDEN = [
    ("X-Amz-Algorithm=A&X-Amz-Credential=C%2F1&X-Amz-Signature=ab12", "C%2F1", "ab12"),
    ("X-Amz-Security-Token=tok/en==&id=7", "tok/en=="),
    ("Expires=1&Signature=s%2B&Key-Pair-Id=K1&Policy=P_", "s%2B", "K1", "P_"),
    ("sv=2024&sig=abc%3D&se=2030", "abc%3D"),
    ("GoogleAccessId=me@x&x-goog-signature=77aa", "me@x", "77aa"),
    ("access_token=t0p&api_key=k3y&KEY=q", "t0p", "k3y", "=q"),
]


@pytest.mark.parametrize(("query", "secrets"), [(case[0], case[1:]) for case in HIDDEN])
def test_what_gives_access_is_no_part_of_a_name(query, secrets):
    name = without_secrets(f"https://host/a.jpg?{query}#part")
    assert not [secret for secret in secrets if secret in name]
    assert [pair.partition("=")[0] for pair in name.partition("?")[2].split("&")] == [
        pair.partition("=")[0] for pair in query.split("&")
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("https://host/a.jpg", "http://host/image?id=1&monkey=2", "https://host/key=1/sig=2.jpg"),
        *("s3://bucket/a?sig=1&token=2", "/photos/a?token=1.jpg"),
    ],
)
def test_all_other_names_stay_as_they_are(name):
    assert without_secrets(name) == name


class SigningServer(ThreadingHTTPServer):
    """A web server that answers GET, and only with the query that it signed."""

    def __init__(self, files):
        self.files, self.asked = files, []
        super().__init__(("127.0.0.1", 0), _Answer)
        self.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def signed(self, name, salt=""):
        """Return the address of a file, with a signature that holds what is quoted in queries."""
        signature = hashlib.sha256(f"{salt}{name}".encode()).hexdigest()
        return f"{self.endpoint}/{name}?id=1&X-Amz-Signature={signature}%2F%3D+{salt}&v="


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, name = self.server, self.path.partition("?")[0][1:]
        server.asked.append(self.path)
        salts = ("", "other")
        if f"{server.endpoint}{self.path}" not in [server.signed(name, salt) for salt in salts]:
            return self.answer(403, b"<Code>SignatureDoesNotMatch</Code><Message>No</Message>")
        if name not in server.files:
            return self.answer(404, b"")
        return self.answer(200, server.files[name])

    def do_HEAD(self):  # what is signed for GET is not for HEAD
        self.answer(403, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
        self.send_header("Last-Modified", "Mon, 05 Jan 2026 10:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def web(photos, s3):
    files = {f"dir/{path.name}": path.read_bytes() for path in sorted(photos.iterdir())}
    with SigningServer({**files, "dir/a%20b.jpg": next(iter(files.values()))}) as server:
        yield server


def secrets_in(out, web):
    words = [web.signed(name).partition("Signature=")[2][:20].encode() for name in web.files]
    files = [path for path in out.iterdir() if path.is_file()]
    return [path for path in files for word in words if word in path.read_bytes()]


def test_signed_addresses_are_read_and_their_names_hide_the_signature(web, photos, tmp_path):
    lines = [web.signed(name) for name in web.files]
    wrong = web.signed("dir/00.jpg").replace("id=1", "id=2")
    lines += [web.signed("dir/none.jpg"), wrong, lines[0].replace(web.endpoint, "https://")]
    (tmp_path / "files.txt").write_text("\n".join(lines))
    assert fastdup.run(photos, tmp_path / "local") == 0
    for given in (tmp_path / "files.txt", lines):
        out = tmp_path / type(given).__name__
        assert fastdup.run(given, out) == 0
        paths, features = fastdup.load_binary_feature(out)
        hidden = [f"{web.endpoint}/{name}?id=1&X-Amz-Signature=…&v=" for name in web.files]
        assert list(paths) == hidden
        assert np.array_equal(features[:-1], fastdup.load_binary_feature(tmp_path / "local")[1])
        _, *bad = read_table(str(out / "features.bad.csv"))
        assert [row[1:] for row in bad] == [
            ["not_found", "no such object"],
            ["no_access", "SignatureDoesNotMatch: No"],
            ["unsupported", bad[2][2]],
        ]
        assert "does not name a store: write https://bucket/folder/" in bad[2][2]
        assert not secrets_in(out, web)


def test_signed_anew_they_are_the_same_images(web, tmp_path, monkeypatch):
    lines = [web.signed(name) for name in web.files]
    assert fastdup.run(lines, tmp_path / "out") == 0
    again = [web.signed(name, "other") for name in web.files]
    assert not set(again) & set(lines)
    monkeypatch.setattr("fastdup.extract.prepare.Preparer.prepare", None)
    assert fastdup.run(again, tmp_path / "out") == 0
    assert web.asked[-1].endswith("+other&v=")


def test_one_signed_address_alone_is_read(web, tmp_path):
    assert fastdup.run(web.signed("dir/00.jpg"), tmp_path / "out") == 0
    assert len(fastdup.load_binary_feature(tmp_path / "out")[0]) == 1
    assert not secrets_in(tmp_path / "out", web)
    done = fastdup_command("run", web.signed("dir/00.jpg") + "x", "-w", tmp_path / "out")
    assert done.returncode == 1
    name = f"{web.endpoint}/dir/00.jpg?id=1&X-Amz-Signature=…&v=x"
    message = f"fastdup: there is nothing to read at {name}: SignatureDoesNotMatch: No\n"
    assert done.stderr.endswith(message)


def test_a_signed_address_may_name_a_part_of_its_picture(web, tmp_path):
    part = web.signed("dir/00.jpg") + "#xywh=2,3,64,48"
    assert fastdup.run([part, web.signed("dir/01.jpg")], tmp_path / "out") == 0
    paths, _ = fastdup.load_binary_feature(tmp_path / "out")
    assert paths[0] == f"{web.endpoint}/dir/00.jpg?id=1&X-Amz-Signature=…&v=#xywh=2,3,64,48"


def test_addresses_that_differ_only_in_the_secret_are_distinguished():
    signed = SignedAddresses()
    lines = [f"https://h/get?token={secret}&w=5" for secret in "abca"]
    names = [signed.name(line) for line in lines]
    expected = [f"https://h/get?token={mark}&w=5" for mark in ("…", "…2", "…3", "…")]
    assert names == expected
    assert [signed.address(name) for name in names] == lines
    copy = pickle.loads(pickle.dumps(signed))
    assert [copy.address(name) for name in names] == lines
    assert signed.name("https://h/a?id=1#x") == "https://h/a?id=1#x"
    assert signed.address("/plain/path") == "/plain/path"


def test_copies_of_a_source_in_other_processes_know_the_addresses(web, opened):
    source = opened([web.signed("dir/00.jpg")])
    (name,) = source.uris()
    copy = pickle.loads(pickle.dumps(source.reader))
    assert copy.read(name) == web.files["dir/00.jpg"]
    copy.close()


def test_what_was_stored_without_its_secret_says_so(web, opened):
    source = opened([f"{web.endpoint}/dir/00.jpg?X-Amz-Signature=…"])
    with pytest.raises(ImageError, match="name the whole address anew") as caught:
        source.read(next(source.uris()))
    assert caught.value.reason == Reason.NO_ACCESS

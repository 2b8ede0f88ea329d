"""Downloads from a real server on the loopback interface."""

import errno
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest

import fastdup
from fastdup import cli
from fastdup.errors import ModelError
from fastdup.models import download, find_calibration, load_spec
from fastdup.models.download import download_preset
from fastdup.models.presets import PRESETS, Preset
from onnx_models import make_model
from pictures import jpeg, scene


class Handler(BaseHTTPRequestHandler):
    """Answers by the path of the request; `server.content` is the model."""

    def do_GET(self):
        self.server.requests.append(self.path)
        content = self.server.content
        answer = {
            "/model.onnx": lambda: self.send(content),
            "/cut-short": lambda: self.send(content[:-1], length=len(content)),
            "/announced-too-large": lambda: self.send(content, length=10**12),
            "/endless": lambda: self.send(content * 5, length=None),
            "/page": lambda: self.send(b"<html>Please log in</html>"),
            "/moved": lambda: self.redirect("/model.onnx"),
            "/elsewhere": lambda: self.redirect("http://example.invalid/model.onnx"),
            "/file": lambda: self.redirect("file:///etc/passwd"),
            "/broken-chunks": self.break_chunks,
        }.get(self.path)
        return answer() if answer else self.send_error(404)

    def send(self, content, length=0):
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def redirect(self, url):
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def break_chunks(self):
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"ff\r\nonly a few")
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    content = make_model(tmp_path / "original.onnx").read_bytes()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content, server.requests = content, []
        server.handle_error = lambda *args: None  # a client that hangs up is part of the tests
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The folder of downloaded models."""
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


@pytest.fixture
def offer(server, models, monkeypatch):
    """Make the preset ``tiny``, its file at the given path of the server."""

    def offer(path="/model.onnx", **changes):
        settings = {
            "name": "tiny",
            "url": f"http://127.0.0.1:{server.server_port}{path}",
            "sha256": hashlib.sha256(server.content).hexdigest(),
            "n_bytes": len(server.content),
            "licence": "CC0-1.0",
            "dim": 16,
            "side": 32,
            "mean": (0.5, 0.5, 0.5),
            "std": (0.25, 0.25, 0.25),
        }
        preset = Preset(**settings | changes)
        monkeypatch.setitem(PRESETS, "tiny", preset)
        return preset

    return offer


def test_a_download_is_verified_and_stored_with_its_card(offer, models, server):
    preset = offer()
    assert download_preset(preset) == preset.sha256
    assert sorted(path.name for path in models.iterdir()) == ["tiny.json", "tiny.onnx"]
    assert preset.path.read_bytes() == server.content
    assert json.loads((models / "tiny.json").read_text()) == preset.card(preset.sha256)
    spec = load_spec("tiny")
    assert (spec.name, spec.sha256, spec.dim) == ("tiny", preset.sha256, 16)


def test_a_redirect_on_the_same_host_is_followed(offer, server):
    download_preset(offer("/moved"))
    assert server.requests == ["/moved", "/model.onnx"]


def test_what_is_already_there_is_not_fetched_again(offer, models, server):
    preset = offer()
    download_preset(preset)
    download_preset(preset)
    assert len(server.requests) == 1
    (models / "tiny.json").write_text("{")
    download_preset(preset)
    assert len(server.requests) == 2
    load_spec("tiny")


def test_without_a_pinned_hash_the_card_remembers_what_came(offer, server):
    preset = offer(sha256=None)
    sha256 = download_preset(preset)
    assert sha256 == hashlib.sha256(server.content).hexdigest()
    assert load_spec("tiny").sha256 == sha256
    preset.path.write_bytes(server.content + b"\0")
    with pytest.raises(ModelError, match="not the file that was downloaded"):
        load_spec("tiny")


@pytest.mark.parametrize(
    ("path", "changes", "message"),
    [
        ("/model.onnx", {"sha256": "0" * 64}, "is not the file that was expected"),
        ("/model.onnx", {"n_bytes": 10}, "larger than the 20 bytes allowed"),
        ("/model.onnx", {"side": 64}, "no usable model: the card of .* says height 64"),
        ("/announced-too-large", {}, r"broke off after .* of 1,000,000,000,000 bytes"),
        ("/broken-chunks", {}, "broke off: IncompleteRead"),
        ("/cut-short", {}, "broke off after"),
        ("/elsewhere", {}, "leads to http://example.invalid/model.onnx, which is not https"),
        ("/endless", {}, "larger than the"),
        ("/file", {}, "the server answers 302"),
        ("/none", {}, "the server answers 404"),
        ("/page", {"sha256": None}, "no usable model: cannot load"),
        ("", {"url": "http://example.invalid/model.onnx"}, "is not https"),
        ("", {"url": "file:///etc/passwd"}, "is not https"),
        ("", {"url": "http://127.0.0.1:9/model.onnx"}, "cannot reach 127.0.0.1:9: .* refused"),
    ],
)
def test_a_failure_is_one_line_and_leaves_nothing(offer, models, path, changes, message):
    with pytest.raises(ModelError, match=message) as refusal:
        download_preset(offer(path, **changes))
    assert "\n" not in str(refusal.value)
    assert not models.is_dir() or list(models.iterdir()) == []


def row_of(name, listing):
    """Return the row of `name` in what ``fastdup models`` printed, single-spaced."""
    (row,) = [" ".join(line.split()) for line in listing.splitlines() if line.split()[0] == name]
    return row


class Interruption:
    """A user who presses Ctrl-C at the first bytes."""

    def start(self, stage, total=None):
        pass

    def advance(self, steps=1):
        raise KeyboardInterrupt

    def finish(self):
        pass


def test_an_interruption_leaves_nothing_half_and_keeps_what_was_there(offer, models, server):
    for expected in ([], ["tiny.json", "tiny.onnx"]):
        with pytest.raises(KeyboardInterrupt):
            download_preset(offer(sha256=None), Interruption())
        assert sorted(path.name for path in models.iterdir()) == expected
        download_preset(offer(sha256=None))
    assert load_spec("tiny").sha256 == hashlib.sha256(server.content).hexdigest()


def test_a_full_disk_is_one_line_and_leaves_nothing(offer, models, monkeypatch):
    def fsync(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.os, "fsync", fsync)
    with pytest.raises(ModelError, match=r"cannot write to .*models: No space left on device$"):
        download_preset(offer())
    assert list(models.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(offer, models, server):
    models.parent.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="cannot write to"):
        download_preset(offer())
    assert server.requests == []


def test_the_progress_is_counted_in_bytes(offer, server):
    steps_and_stages = []
    progress = SimpleNamespace(
        start=lambda stage, total: steps_and_stages.append((stage, total)),
        advance=steps_and_stages.append,
        finish=lambda: steps_and_stages.append("done"),
    )
    download_preset(offer(), progress)
    first, *steps, last = steps_and_stages
    assert (first, last) == (("downloading tiny", len(server.content)), "done")
    assert sum(steps) == len(server.content)


def test_only_the_word_download_reaches_for_the_network(offer, server, models, tmp_path, capsys):
    preset = offer()
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(6):
        (photos / f"{i}.jpg").write_bytes(jpeg(scene(i)))
    (photos / "copy.jpg").write_bytes(jpeg(scene(0), quality=60))
    work = tmp_path / "out"
    words = ["run", str(photos), "-w", str(work), "--model-path", "tiny", "--threshold", "0.99"]

    assert cli.main(["models"]) == 0
    assert cli.main(words) == 1
    captured = capsys.readouterr()
    assert "CC0-1.0 not downloaded" in row_of("tiny", captured.out)
    assert "the preset tiny is not downloaded: fastdup models download tiny" in captured.err
    assert server.requests == []
    assert not models.exists()

    assert cli.main(["models", "download", "tiny"]) == 0
    assert preset.sha256 in capsys.readouterr().out
    assert server.requests == ["/model.onnx"]

    assert cli.main(["models"]) == 0
    assert cli.main(words) == 0
    assert "CC0-1.0 downloaded" in row_of("tiny", capsys.readouterr().out)
    assert server.requests == ["/model.onnx"]
    _, rows = fastdup.load_binary_feature(work)
    assert rows.shape == (7, 16)
    assert np.isfinite(rows).all()
    assert "copy.jpg" in (work / "similarity.csv").read_text()
    assert preset.sha256 in (work / "config.json").read_text()
    # The stored features can be searched again, and even without the model.
    assert cli.main([*words, "--run-mode", "2"]) == 0
    preset.path.unlink()
    assert cli.main([*words, "--run-mode", "2"]) == 0
    assert find_calibration(preset.sha256, "tiny") is None


def test_the_list_says_what_is_pinned_and_what_has_changed(offer, server, capsys):
    def row():
        assert cli.main(["models"]) == 0
        return row_of("tiny", capsys.readouterr().out)

    sha256 = hashlib.sha256(server.content).hexdigest()
    preset = offer(sha256=None)
    assert row().endswith("not downloaded hash not pinned")
    download_preset(preset)
    assert row().endswith(f" downloaded {sha256} (hash not pinned)")
    offer(sha256="0" * 64)
    assert row().endswith(f" changed {sha256}")


def test_the_list_names_the_built_in_model_and_every_preset(models, capsys):
    assert cli.main(["models"]) == 0
    listing = capsys.readouterr().out
    assert row_of("built-in", listing).endswith(f"Apache-2.0 built-in {load_spec().sha256}")
    for preset in PRESETS.values():
        assert f" {preset.licence} not downloaded " in row_of(preset.name, listing)


def test_an_unknown_name_is_answered_with_the_nearest(models, capsys):
    assert cli.main(["models", "download", "dinov2"]) == 1
    assert "did you mean dinov2-base?" in capsys.readouterr().err

"""The explorer as a thing to start and stop, on the command line and in Python."""

import contextlib
import http.client
import re
import signal
import socket
import subprocess
import sys

import pytest

import fastdup
from command import fastdup_command
from explored import Asker
from fastdup.errors import ConfigError, MissingExtraError, WorkDirError
from fastdup.explorer import Explorer


def answers(explorer) -> bool:
    with contextlib.suppress(OSError):
        return Asker(explorer.url).call("summary")["images"] == 13
    return False


def test_it_answers_until_it_is_stopped(work):
    explorer = fastdup.create(work_dir=work).explore()
    assert answers(explorer)
    explorer.stop()
    assert not answers(explorer)
    explorer.stop()


def test_an_open_connection_does_not_keep_it_from_stopping(work):
    with Explorer(str(work)) as explorer:
        asker = Asker(explorer.url)
        connection = http.client.HTTPConnection(asker.host, timeout=60)
        connection.request("GET", "/", headers={"cookie": asker.cookie})
        assert connection.getresponse().status == 200
    assert not answers(explorer)
    connection.close()


def test_a_port_may_be_chosen_and_every_explorer_has_a_token_of_its_own(work):
    with Explorer(str(work)) as first:
        port = int(re.search(r":(\d+)/", first.url)[1])
        with pytest.raises(ConfigError, match=rf"cannot serve on port {port}: .*try port=0"):
            Explorer(str(work), port)
    with Explorer(str(work), port) as second:
        assert f":{port}/" in second.url
        assert Asker(second.url).token != Asker(first.url).token
        assert answers(second)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range_is_refused(work, port):
    with pytest.raises(ConfigError, match=f"port={port} is not allowed: .*try port=0"):
        Explorer(str(work), port)


def test_without_a_finished_run_it_says_so(tmp_path):
    with pytest.raises(WorkDirError, match="there is no finished run"):
        Explorer(str(tmp_path))


def test_in_a_notebook_it_is_a_link(work):
    with Explorer(str(work)) as explorer:
        shown = explorer._repr_html_()
        assert f'href="{explorer.url}"' in shown
        assert ".stop()" in shown
        assert explorer.url in repr(explorer)


def test_without_the_web_library_it_names_the_line_to_type(work, monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(MissingExtraError, match=r"pip install starlette uvicorn"):
        Explorer(str(work))


def test_the_command_prints_the_address_and_stops_at_ctrl_c(work):
    command = [sys.executable, "-W", "error", "-m", "fastdup", "explore", str(work), "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        asker = Asker(run.stdout.readline().strip())
        assert asker.call("summary")["images"] == 13
        run.send_signal(signal.SIGINT)
        out, errors = run.communicate(timeout=60)
    assert (run.returncode, errors) == (0, "")
    assert out.splitlines()[-1] == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER is a command of Unix")
def test_the_command_opens_the_browser(work, tmp_path):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "fastdup", "explore", str(work)]
    environment = {
        "BROWSER": f"{browser} %s",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        url = run.stdout.readline().strip()
        assert answers_at(url)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
    assert opened.read_text().strip() == url


def answers_at(url: str) -> bool:
    return Asker(url).call("summary")["images"] == 13


def test_bad_usage_of_explore_is_one_line(tmp_path):
    done = fastdup_command("explore", tmp_path, "--no-browser")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    done = fastdup_command("explore", tmp_path, "--port", "x")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def half_a_request(asker: Asker) -> socket.socket:
    """Return a connection that has sent the first half of a request."""
    host, port = asker.host.split(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    connection.sendall(
        f"POST /api/search HTTP/1.1\r\nhost: {asker.host}\r\norigin: http://{asker.host}\r\n"
        f"cookie: {asker.cookie}\r\ncontent-length: 1000\r\n\r\nhalf".encode()
    )
    return connection


def test_a_request_that_is_cut_short_leaves_it_answering(work):
    with Explorer(str(work)) as explorer:
        half_a_request(Asker(explorer.url)).close()
        assert answers(explorer)


def test_a_request_that_never_ends_neither_keeps_it_from_stopping_nor_is_reported(work, caplog):
    with Explorer(str(work)) as explorer:
        connection = half_a_request(Asker(explorer.url))
        assert answers(explorer)
    assert not answers(explorer)
    assert caplog.records == []
    connection.close()

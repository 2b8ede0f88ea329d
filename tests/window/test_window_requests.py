"""What the first page may ask for, over HTTP, and what is refused."""

import json
import os

import pytest

PATHS = ["/", "/static/start.js", "/api/places", "/api/recent", "/api/progress", "/results/1/"]
CHANGES = ["folders", "check", "run", "go-on", "stop", "open", "forget"]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_answered(asker, path):
    assert asker.ask("GET", path).status == 403
    assert asker.ask("GET", path, cookie=asker.cookie, host="evil.example").status == 403
    assert asker.ask("GET", path, cookie=asker.cookie, origin="http://evil.example").status == 403
    site = asker.ask("GET", path, cookie=asker.cookie, sec_fetch_site="cross-site")
    assert site.status == 403


@pytest.mark.parametrize("name", CHANGES)
def test_what_runs_or_lists_must_be_posted_from_here(asker, name):
    path = f"/api/{name}"
    assert asker.ask("POST", path, b"{}", cookie=asker.cookie).status == 403
    assert asker.ask("POST", path, b"{}", origin=f"http://{asker.host}").status == 403
    evil = asker.ask("POST", path, b"{}", cookie=asker.cookie, origin="http://evil.example")
    assert evil.status == 403
    assert asker.get(path).status == 405


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"3", b"null", b"\xff\xfe", b"[" * 100_000, b"NaN",
        b'{"path": 3, "folders": 3, "work_dir": 3}',
        b'{"path": [], "folders": [[]], "work_dir": {}}',
        b'{"path": "\\ud800", "folders": ["\\ud800"], "work_dir": "\\ud800"}',
        b'{"path": "/\\u0000", "folders": ["/\\u0000"], "work_dir": "/\\u0000"}',
        b'{"path": "../..", "folders": ["../.."], "work_dir": "../.."}',
        b'{"path": "~none-such/x", "folders": ["~none-such"], "work_dir": "~none-such/x"}',
    ],
)  # fmt: skip
def test_a_body_of_any_kind_is_refused_in_one_line(asker, name, body):
    answer = asker.post(name, body)
    is_harmless = name == "stop" and body.startswith(b'{"')
    assert answer.status == (200 if is_harmless else 400)
    assert is_harmless or "\n" not in str(answer.json["error"])


@pytest.mark.parametrize("name", CHANGES)
def test_paths_of_any_length_and_kind_are_never_a_failure_of_the_server(asker, name):
    for path in ("/" + "x" * 5000, "/dev/null", "/proc/1/root", "/" + "a/" * 3000, "//", "/\n"):
        given = {"path": path, "folders": [path], "work_dir": path, "reference": path}
        answer = asker.post(name, given)
        assert answer.status in (200, 400), (path, answer)


def test_a_body_too_large_is_refused(asker):
    assert asker.post("check", b" " * (2**20 + 1)).status == 413


@pytest.mark.parametrize(
    "path",
    [
        "/results/", "/results/0/", "/results/1", "/results/-1/", "/results/99999999999/",
        "/results/1/api/summary", "/results/x/", "/static/", "/static/../window_app.py",
        "/static/%2e%2e%2fwindow.py", "/api/none", "/image/0?side=320", "/api/summary",
        "/results/1/../../etc/passwd", "/results/%31%30/",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_lead_nowhere(asker, path):
    assert asker.get(path).status == 404


def test_from_results_that_are_not_open_a_link_leads_to_the_start_page(asker):
    page = asker.get("/results/1/")
    assert page.status == 404
    assert 'href="/">Start page</a>' in page.body.decode()
    assert "start page" in asker.get("/results/1/api/summary").body.decode()


def test_every_answer_says_how_to_treat_it(asker):
    for path in [*PATHS, "/none"]:
        headers = asker.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    page = asker.get("/").body.decode()
    assert "style=" not in page
    assert page.count("<script") == 1


def test_folders_are_listed_and_hostile_names_stay_data(asker, tmp_path):
    hostile = "<script>alert(1)<script>\n\u202e"
    (tmp_path / "list" / hostile).mkdir(parents=True)
    answer = asker.post("folders", {"path": str(tmp_path / "list")})
    (folder,) = answer.json["folders"]
    assert folder["path"] == str(tmp_path / "list" / hostile)
    assert [r"\n", 1] in [[text, int(escaped)] for text, escaped in folder["name"]]
    assert answer.headers["content-type"] == "application/json"
    assert asker.post("folders", {"path": folder["path"]}).json["folders"] == []


def test_a_name_that_is_no_text_goes_there_and_back(asker, tmp_path):
    os.makedirs(os.fsencode(tmp_path) + b"/list/caf\xe9/in")
    (folder,) = asker.post("folders", {"path": str(tmp_path / "list")}).json["folders"]
    found = asker.post("folders", json.dumps({"path": folder["path"]}).encode())
    assert [item["name"] for item in found.json["folders"]] == ["in"]


def test_a_folder_that_cannot_be_listed_is_one_clear_line(asker, tmp_path):
    answer = asker.post("folders", {"path": str(tmp_path / "none")})
    assert answer.status == 400
    assert answer.json["error"].startswith("cannot list the folder")


def test_results_among_the_images_need_a_yes(asker, photos):
    given = {"folders": [str(photos)], "work_dir": str(photos / "out")}
    assert "among the images" in asker.post("check", given).json["question"]
    answer = asker.post("run", given)
    assert answer.status == 400
    assert "among the images" in answer.json["error"]
    assert not (photos / "out").exists()


def test_what_was_no_run_cannot_be_opened(asker, photos, tmp_path):
    for work_dir in (str(photos), str(tmp_path / "none"), ""):
        assert asker.post("open", {"work_dir": work_dir}).status == 400
    assert asker.post("go-on", {"work_dir": str(photos)}).status == 400
    assert asker.call("recent") == {"runs": []}

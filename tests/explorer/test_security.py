"""Who gets an answer, and who does not."""

import socket
from urllib.parse import urlsplit

import pytest

from explored import Asker

PATHS = ["/", "/static/main.js", "/api/summary", "/image/0?side=320", "/plan.csv", "/nothing"]
CHANGES = ["search", "rule", "decide", "plan", "apply"]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_answered(asker, path):
    for headers in ({}, {"cookie": f"fastdup-1={asker.token}"}, {"cookie": asker.cookie + "x"}):
        answer = asker.ask("GET", path, **headers)
        assert (answer.status, answer.body[:4]) == (403, b"403:")


@pytest.mark.parametrize("path", ["/?token=", "/?token=wrong", "/?token=%ff%fe", "/?token"])
def test_a_wrong_token_lets_nobody_in(asker, path):
    answer = asker.ask("GET", path)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_the_address_leads_in_and_the_cookie_stays_with_this_page(asker):
    answer = asker.ask("GET", f"/?token={asker.token}")
    assert answer.status == 200
    assert answer.headers["set-cookie"] == f"{asker.cookie}; Path=/; HttpOnly; SameSite=Strict"
    assert asker.ask("GET", "/", cookie=asker.cookie).status == 200
    assert "set-cookie" not in asker.ask("GET", "/", cookie=asker.cookie).headers


def test_only_the_first_page_takes_the_token_from_the_address(asker):
    assert asker.ask("GET", f"/api/summary?token={asker.token}").status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "[::1]:{port}"]
)
def test_another_name_that_points_here_is_refused(asker, host):
    host = host.format(port=asker.host.split(":")[1])
    assert asker.ask("GET", "/api/summary", host=host, cookie=asker.cookie).status == 403


def test_the_machine_may_be_called_localhost(asker):
    host = asker.host.replace("127.0.0.1", "localhost")
    assert asker.ask("GET", "/api/summary", host=host, cookie=asker.cookie).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_a_page_of_another_origin_is_refused(asker, origin):
    for method, path in (("GET", "/api/summary"), ("POST", "/api/rule")):
        answer = asker.ask(method, path, cookie=asker.cookie, origin=origin)
        assert answer.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_from_another_site_is_refused_except_the_way_in(asker, site):
    refused = asker.ask("GET", "/api/summary", cookie=asker.cookie, sec_fetch_site=site)
    assert refused.status == 403
    assert asker.ask("GET", "/", cookie=asker.cookie, sec_fetch_site=site).status == 403
    assert asker.ask("GET", f"/?token={asker.token}", sec_fetch_site=site).status == 200


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_something_must_be_posted_from_here(asker, name):
    path = f"/api/{name}"
    assert asker.ask("POST", path, b"{}", cookie=asker.cookie).status == 403
    assert asker.ask("POST", path, b"{}", origin=f"http://{asker.host}").status == 403
    assert asker.get(path).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fcli.py",
        "/static//etc/passwd",
        "/image/../../etc/passwd",
        "/image/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/image/-1?side=320",
        "/image/99?side=320",
        "/image/0?side=100000",
        f"/image/{'9' * 5000}?side=320",
        "/static/",
    ],
)
def test_paths_that_lead_elsewhere_lead_nowhere(asker, path):
    assert asker.ask("GET", path, cookie=asker.cookie).status == 404


@pytest.mark.parametrize("path", [*PATHS, "/image/0?side=x"])
def test_every_answer_says_how_to_treat_it(asker, path):
    for cookie in (asker.cookie, ""):
        headers = asker.ask("GET", path, cookie=cookie).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_the_page_has_no_script_or_style_of_its_own(asker):
    page = asker.get("/").body.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert (
        page.count("<script")
        == page.count('<script type="module" src="static/main.js"></script>')
        == 1
    )


def test_it_is_served_on_this_machine_alone(explorer):
    address = urlsplit(explorer.url)
    assert address.hostname == "127.0.0.1"
    socket.create_connection(("127.0.0.1", address.port), timeout=10).close()
    # A server on all addresses of this machine would answer on this one too.
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", address.port), timeout=10):
        pass


def test_only_an_inline_explorer_may_be_framed_and_takes_the_token_from_the_path(work):
    from fastdup.explorer import Explorer

    with Explorer(str(work), inline=True) as explorer:
        asker = Asker(explorer.url)
        begin = f"/~{asker.token}"
        page = asker.ask("GET", f"{begin}/", sec_fetch_site="cross-site")
        assert page.status == 200
        assert "x-frame-options" not in page.headers
        assert "set-cookie" not in page.headers
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors http://127.0.0.1:* http://localhost:*" in policy
        assert asker.ask("GET", f"{begin}/api/summary", sec_fetch_site="same-origin").status == 200
        for path in ("/~/", "/~wrong/", begin, f"{begin}x/", f"/x{begin}/", f"//{begin}/"):
            assert asker.ask("GET", path).status == 403, path
        refused = asker.ask("GET", f"{begin}/api/summary", sec_fetch_site="cross-site")
        assert refused.status == 403
        assert asker.ask("POST", f"{begin}/api/rule", b"{}").status == 403
        assert asker.get("/").headers["x-frame-options"] == "DENY"


def test_without_being_asked_for_it_no_token_in_the_path_lets_in(asker):
    assert asker.ask("GET", f"/~{asker.token}/").status == 403
    assert asker.ask("GET", f"/~{asker.token}/", cookie=asker.cookie).status == 404

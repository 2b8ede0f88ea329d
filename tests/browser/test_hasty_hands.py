"""What happens when a person is faster than the server, or goes away in between."""

from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 60_000
#: What each key asks the server for.
CALLS = {"x": "/api/decide", "u": "/api/decide", "z": "/api/undo", "n": "/api/remember"}


@pytest.fixture
def faults():
    """Errors of the script, which fail the test."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def open_page(browser, fresh, faults):
    """Opens a page of the explorer over `fresh`, and its server."""
    from fastdup.explorer import Explorer

    expect.set_options(timeout=PATIENCE)
    opened = []

    def open_(view: str = "groups"):
        explorer = Explorer(str(fresh)).__enter__()
        page = browser.new_page()
        opened.append((explorer, page))
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{explorer.url}#{view}")
        page.locator("#main[aria-busy=false]").wait_for()
        return page, explorer

    yield open_
    for explorer, page in opened:
        page.close()
        explorer.stop()


class Held:
    """The first request of a name, which is on its way until it is let go.

    Parameters
    ----------
    page : Page
    name : str
        Of a call of the page.
    """

    def __init__(self, page, name: str) -> None:
        self._page, self._routes = page, []
        page.route(f"**/api/{name}*", lambda route: self._routes.append(route), times=1)

    def let_go(self) -> None:
        """Send it on, once the page has asked."""
        while not self._routes:
            self._page.wait_for_timeout(10)
        self._routes[0].continue_()


def set_slider(page, value: float) -> None:
    page.locator("#threshold").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def press_at_once(page, *keys: str) -> None:
    """Press keys where the focus is, before the page can do anything in between."""
    page.evaluate(
        """(keys) => {
          const at = document.activeElement;
          const press = (key) => new KeyboardEvent("keydown", { key, bubbles: true });
          for (const key of keys) at.dispatchEvent(press(key));
        }""",
        keys,
    )


def look_closer(page, name: str):
    page.get_by_role("button", name=f"Look closer at {name}", exact=True).first.click()
    return page.locator("#viewer")


def n_decided(work: Path) -> int:
    return (work / "decisions.csv").read_text().count("\n") - 1


@pytest.mark.parametrize("second", ["u", "z"])
def test_decisions_reach_the_server_in_the_order_of_the_keys(open_page, fresh, second):
    page, _ = open_page()
    page.locator("button.stage").first.focus()
    held = Held(page, "decide")
    page.keyboard.press("x")
    with page.expect_response(f"**{CALLS[second]}"):
        page.keyboard.press(second)
        held.let_go()
    steps = {"u": "Undo 2", "z": "Undo"}[second]
    expect(page.locator("#undo")).to_have_text(steps)
    expect(page.locator("[data-decision][aria-pressed=true]")).to_have_count(0)
    assert n_decided(fresh) == 0


@pytest.mark.parametrize("key", ["x", "n"])
def test_a_key_pressed_twice_at_once_skips_nothing(open_page, key):
    page, _ = open_page("pairs")
    answers = []
    page.on("requestfinished", lambda request: answers.append(request.url))
    dialog = look_closer(page, "01-same.jpg")
    page.keyboard.press("s")
    expect(dialog.locator("strong").first).to_have_text("Pair 2")
    press_at_once(page, key, key)
    while sum(url.endswith(CALLS[key]) for url in answers) < 2:
        page.wait_for_timeout(10)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(dialog.locator("strong").first).to_have_text("Pair 3")


def test_an_answer_that_comes_late_does_not_open_again_what_was_closed(open_page):
    page, _ = open_page("pairs")
    dialog = look_closer(page, "01-same.jpg")
    held = Held(page, "decide")
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    held.let_go()
    expect(page.locator("#decided-line")).to_contain_text("1 to remove")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("is_closer", [False, True])
def test_a_key_held_down_decides_once(open_page, fresh, is_closer):
    page, _ = open_page("pairs")
    page.locator("button.stage").first.focus()
    if is_closer:
        page.keyboard.press("Enter")
        expect(page.locator("#viewer strong").first).to_have_text("Pair 1")
    for _ in range(2):
        with page.expect_response("**/api/decide"):
            page.keyboard.down("x")
        for _ in range(5):
            page.keyboard.down("x")
        page.keyboard.up("x")
    expect(page.locator("#undo")).to_have_text("Undo 2")
    assert n_decided(fresh) == 2


def test_the_way_back_closes_what_is_looked_at(open_page):
    page, _ = open_page()
    page.get_by_role("link", name="Pairs").click()
    dialog = look_closer(page, "01-same.jpg")
    expect(dialog).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Groups")).to_have_attribute("aria-current", "page")
    expect(dialog).to_be_hidden()


def test_a_plan_does_not_have_what_was_set_while_it_was_written(open_page):
    page, _ = open_page("plan")
    held = Held(page, "plan")
    page.get_by_role("button", name="Write the plan").click()
    expect(page.get_by_text("Writing the plan")).to_be_visible()
    set_slider(page, 0.9)
    held.let_go()
    expect(page.get_by_text("settings have changed")).to_be_visible()
    expect(page.get_by_role("button", name="Do it now")).to_be_disabled()


def test_all_of_a_group_are_those_that_are_shown_wherever_the_slider_is_by_now(open_page):
    page, _ = open_page()
    set_slider(page, 0.99)
    group = page.locator(".card", has_text="00-small.jpg")
    expect(group.locator(".tile")).to_have_count(3)
    held = Held(page, "groups")
    set_slider(page, 0.75)
    with page.expect_response("**/api/decide"):
        group.get_by_role("button", name="Remove all").click()
    held.let_go()
    expect(group.locator(".tile")).to_have_count(4)
    expect(group.locator("[data-decision=remove][aria-pressed=true]")).to_have_count(3)


def test_of_a_file_that_is_gone_the_closer_view_says_so(open_page, fresh):
    page, _ = open_page()
    small = page.locator(".tile", has_text="00-small.jpg").locator("img")
    small.evaluate("(image) => image.decode()")  # it is there
    (fresh.parent / "photos" / "copies" / "00-small.jpg").unlink()
    dialog = look_closer(page, "00-small.jpg")
    for key in "2341":
        page.keyboard.press(key)
        expect(dialog.get_by_text("The file is gone")).to_be_visible()


def test_where_the_server_is_gone_that_is_said_and_nothing_else_fails(open_page):
    page, explorer = open_page("map")
    explorer.stop()
    set_slider(page, 0.9)
    expect(page.get_by_role("alert")).to_contain_text("does not answer")


def test_a_failure_is_seen_above_the_closer_view(open_page, fresh):
    page, _ = open_page()
    dialog = look_closer(page, "00-small.jpg")
    dialog.locator("img").last.evaluate("(image) => image.decode()")
    (fresh.parent / "photos" / "copies" / "00-small.jpg").unlink()
    page.keyboard.press("x")
    expect(page.locator("#failure")).to_contain_text("00-small.jpg': No such file")
    expect(dialog).to_be_visible()
    # Only what is in the top layer is above a dialog that is.
    assert page.locator("#failure:popover-open").count() == 1

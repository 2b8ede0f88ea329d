"""The page to begin with, in a browser: by keyboard alone, by touch, reloaded and stopped."""

import shutil

import pytest

from browser_faults import axe_faults
from explored import HOSTILE
from runs_watched import long_album

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 90_000
#: More than there is to step through on the page.
MOST_STEPS = 80
#: Pixels that a finger needs.
TOUCH = 44


@pytest.fixture
def window(tmp_path, monkeypatch):
    """The page, for a person whose home folder is empty."""
    from fastdup.window import Window

    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    with Window() as window:
        yield window


@pytest.fixture
def home(tmp_path, photos):
    """The home folder with photos in it, and beside them a folder with a hostile name."""
    shutil.move(photos, tmp_path / "home" / "photos")
    (tmp_path / "home" / HOSTILE).mkdir()
    (tmp_path / "home" / ".hidden").mkdir()
    return tmp_path / "home"


@pytest.fixture
def open_page(browser, window):
    """Opens the page; whatever it loads from elsewhere or complains about fails the test."""
    expect.set_options(timeout=PATIENCE)
    contexts, complaints = [], []
    here = window.url.split("?")[0]

    def open_(**options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((here, "data:", f"blob:{here}"))
                or complaints.append(request.url)
            ),
        )
        page.goto(window.url)
        page.locator("#main[aria-busy=false]").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def focused(page) -> str:
    return page.evaluate(
        """() => {
          const here = document.activeElement;
          if (here === document.body) return "";
          return [here.getAttribute("aria-label"), here.innerText, here.value].join(" ");
        }"""
    )


def step_to(page, words: str, key: str = "Tab") -> None:
    """Press a key until what is focused has these words."""
    for _ in range(MOST_STEPS):
        if words in focused(page):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{words!r} cannot be reached by {key}")


def small_targets(page, within: str) -> list[str]:
    """Return what can be touched there and is too small for a finger; a tick by its label."""
    return page.locator(within).evaluate(
        """(element, least) => [...element.querySelectorAll("button, label.tick, summary, input")]
          .filter((target) => target.checkVisibility() && !target.closest("label.tick > *"))
          .filter((target) => target.getBoundingClientRect().height < least)
          .map((target) => target.outerHTML)""",
        TOUCH,
    )


def sideways(page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")


def test_by_keyboard_alone_from_folders_to_results_and_back(open_page, home):
    page = open_page()
    step_to(page, "Add a folder")
    page.keyboard.press("Enter")
    expect(page.locator(".entry", has_text=HOSTILE)).to_be_focused()
    expect(page.locator("#picker")).to_contain_text("1 hidden")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="photos", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".current")).to_have_text(str(home / "photos"))
    step_to(page, "‹ up", "Shift+Tab")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".entry", has_text=HOSTILE)).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Choose this folder")).to_be_focused()
    page.keyboard.press("Enter")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_focused()
    expect(page.locator("#folders")).to_contain_text(str(home / "photos"))
    step_to(page, "edited", "Shift+Tab")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".command")).to_contain_text("--threshold 0.98")
    step_to(page, "Start")
    page.keyboard.press("Enter")
    page.wait_for_url("**/results/**")
    expect(page.locator(".card")).to_have_count(2)
    step_to(page, "‹ Start")
    page.keyboard.press("Enter")
    expect(page.locator("#stage")).to_contain_text("4 pictures in 2 groups of copies")
    step_to(page, "Open: ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/results/**")
    expect(page.locator(".card")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(scheme, open_page, home):
    page = open_page(color_scheme=scheme, bypass_csp=True)
    faults = axe_faults(page, "start")
    page.get_by_role("button", name="Add a folder").click()
    expect(page.locator(".entry", has_text=HOSTILE)).to_be_focused()
    faults += axe_faults(page, "picker")
    page.get_by_role("button", name="Choose this folder").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/results/**")
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Forget")).to_be_visible()
    assert faults + axe_faults(page, "earlier runs") == []


def test_by_touch_on_a_phone_nothing_is_small_or_beyond_the_edge(open_page, home):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Add a folder").tap()
    page.get_by_role("button", name="photos", exact=True).tap()
    expect(page.locator(".current")).to_have_text(str(home / "photos"))
    assert small_targets(page, "#picker") == []
    page.get_by_role("button", name="Choose this folder").tap()
    page.get_by_text("Exact copies").tap()
    page.get_by_text("The same on the command line").tap()
    expect(page.locator(".command")).to_contain_text("--threshold 1")
    assert (small_targets(page, "main"), sideways(page)) == ([], 0)
    page.get_by_role("button", name="Start", exact=True).tap()
    page.wait_for_url("**/results/**")
    page.get_by_role("link", name="Start").tap()
    expect(page.locator("#stage")).to_contain_text("no copies, among 14 pictures")
    assert (small_targets(page, "main"), sideways(page)) == ([], 0)
    page.get_by_role("button", name="Forget").tap()
    expect(page.get_by_role("button", name="Forget")).to_have_count(0)


def test_a_folder_cannot_be_chosen_before_it_is_seen(open_page, home):
    page = open_page()
    page.get_by_role("button", name="Add a folder").click()
    choose = page.get_by_role("button", name="Choose this folder")
    expect(choose).to_be_enabled()
    held = []
    page.route("**/folders", lambda route: held.append(route))
    page.get_by_role("button", name="photos", exact=True).click()
    expect(choose).to_be_disabled()
    held[0].continue_()
    choose.click()
    expect(page.locator("#folders")).to_contain_text(str(home / "photos"))


def test_a_run_outlives_a_reload_and_goes_on_after_a_stop(open_page, tmp_path):
    album = long_album(tmp_path / "home" / "album")
    page = open_page()
    page.get_by_role("button", name="Add a folder").click()
    expect(page.locator(".current")).not_to_be_empty()  # else its answer may come while one types
    page.locator("#picker-path").fill(str(album))
    page.locator("#picker-path").press("Enter")
    expect(page.locator(".current")).to_have_text(str(album))
    page.get_by_role("button", name="Choose this folder").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="Running")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    expect(page.locator("#recent")).to_contain_text("Unfinished")
    page.locator(".run").get_by_role("button", name="Resume").click()
    page.wait_for_url("**/results/**")
    expect(page.locator(".card")).to_have_count(1)


def test_results_among_the_photos_need_a_tick(open_page, home):
    page = open_page()
    page.get_by_role("button", name="Add a folder").click()
    page.get_by_role("button", name="photos", exact=True).click()
    page.get_by_role("button", name="Choose this folder").click()
    page.get_by_label("Results go to this folder").fill(str(home / "photos" / "out"))
    page.get_by_label("Results go to this folder").press("Tab")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_disabled()
    page.get_by_label("among the images. Put the results there?").check()
    expect(start).to_be_enabled()
    page.get_by_label("Results go to this folder").fill("")
    page.get_by_label("Results go to this folder").press("Tab")
    expect(page.get_by_label("among the images")).to_be_hidden()
    expect(start).to_be_enabled()


def test_when_the_server_is_gone_the_page_says_what_to_do(browser, window, tmp_path):
    expect.set_options(timeout=PATIENCE)
    album = long_album(tmp_path / "home" / "album")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(window.url)
    page.get_by_role("button", name="Add a folder").click()
    page.get_by_role("button", name=album.name, exact=True).click()
    page.get_by_role("button", name="Choose this folder").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Stop").wait_for()
    window.stop()
    expect(page.get_by_role("alert")).to_contain_text("Start it again: the run resumes")
    page.close()

"""Every view is laid out well; its screenshot is kept where ``FASTDUP_SCREENSHOTS`` says."""

import os
from pathlib import Path

import pytest

from explored import finished_run
from fastdup.run_report.report_page import create_report
from layout_faults import is_painted, layout_faults

pytest.importorskip("playwright.sync_api")
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

VIEWS = (
    "groups", "pairs", "outliers", "quality", "bad", "map", "search", "plan", "decided", "sets",
)  # fmt: skip
#: Milliseconds: the machine may be busy.
PATIENCE = 60_000
DESK, LAPTOP, PHONE, NARROW = (1280, 800), (900, 600), (390, 844), (320, 640)
WINDOWS = [("light", DESK), ("dark", LAPTOP), ("light", PHONE), ("dark", NARROW)]


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory):
    """The folder of the screenshots."""
    chosen = os.environ.get("FASTDUP_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run."""
    return finished_run(tmp_path_factory.mktemp("seen"))


@pytest.fixture
def open_window(browser):
    """Opens a page in a window of some scheme and size."""
    pages = []

    def open_(url, scheme, size):
        width, height = size
        page = browser.new_page(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            has_touch=width < LAPTOP[0],
        )
        page.set_default_timeout(PATIENCE)
        pages.append(page)
        page.goto(url)
        return page

    yield open_
    for page in pages:
        page.close()


def shoot(page, folder, name, scheme, size) -> list[str]:
    """Save a screenshot, and return what is wrong on the page."""
    page.wait_for_load_state("networkidle")
    path = folder / f"{name}-{scheme}-{size[0]}.png"
    page.screenshot(path=path)
    faults = layout_faults(page)
    return [f"{path.stem}: {fault}" for fault in faults] + (
        [] if is_painted(path) else [f"{path.stem}: nothing to see"]
    )


@pytest.mark.parametrize(("scheme", "size"), WINDOWS)
def test_every_view_is_laid_out_well(scheme, size, work, open_window, screenshots):
    from fastdup.explorer import Explorer

    faults = []
    with Explorer(str(work)) as explorer:
        page = open_window(explorer.url, scheme, size)
        for view in VIEWS:
            page.evaluate("(view) => { location.hash = view; }", view)
            page.locator(f"nav [aria-current][data-view={view}]").wait_for()
            page.locator("#main[aria-busy=false]").wait_for()
            faults += shoot(page, screenshots, view, scheme, size)
        page.evaluate("() => { location.hash = 'plan'; }")
        page.get_by_role("button", name="Write the plan").click()
        page.locator(".command").wait_for()
        faults += shoot(page, screenshots, "planned", scheme, size)
        page.get_by_role("button", name="Do it now").click()
        page.locator("#confirm").wait_for()
        faults += shoot(page, screenshots, "confirm", scheme, size)
        page.keyboard.press("Escape")
        page.evaluate("() => { location.hash = 'groups'; }")
        page.locator("#main .card").first.wait_for()
        page.locator("#main button.stage").first.click()
        page.locator("#viewer img").first.wait_for()
        faults += shoot(page, screenshots, "compare", scheme, size)
    assert faults == []


@pytest.mark.parametrize(("scheme", "size"), WINDOWS)
def test_the_start_page_is_laid_out_well(
    scheme, size, tmp_path, monkeypatch, open_window, screenshots
):
    from fastdup.window import Window

    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path))
    with Window() as window:
        page = open_window(window.url, scheme, size)
        page.locator("#main[aria-busy=false]").wait_for()
        faults = shoot(page, screenshots, "start", scheme, size)
        page.get_by_role("button", name="Add a folder").click()
        page.locator("#picker-path").wait_for()
        faults += shoot(page, screenshots, "picker", scheme, size)
    assert faults == []


@pytest.mark.parametrize(("scheme", "size"), WINDOWS)
def test_report_and_gallery_are_laid_out_well(scheme, size, work, open_window, screenshots):
    import fastdup

    pages = {
        "report": create_report(work, work / "report.html"),
        "gallery": fastdup.create_duplicates_gallery(str(work), str(work)),
    }
    faults = []
    for name, path in pages.items():
        page = open_window(Path(str(path)).resolve().as_uri(), scheme, size)
        page.locator("img, svg").first.wait_for()
        faults += shoot(page, screenshots, name, scheme, size)
    assert faults == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p style="width: 900px">wide</p>', "scrolls sideways"),
        ('<p style="position: relative; left: 380px">beyond</p>', "reaches beyond the window"),
        ('<p style="width: 3em; overflow: hidden; white-space: nowrap">cut words</p>', "cut off"),
        ('<button>one</button><button style="margin-left: -2em">two</button>', "lie on each other"),
    ],
)
def test_what_is_laid_out_badly_is_noticed(body, fault, open_window, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(f"<!DOCTYPE html><body>{body}")
    page = open_window(path.as_uri(), "light", PHONE)
    assert any(found.startswith(fault) for found in layout_faults(page))
    page.screenshot(path=tmp_path / "page.png")
    assert not is_painted(tmp_path / "page.png")

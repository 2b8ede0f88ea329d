"""Quality, bad files, data sets, search and the map of the explorer in a browser."""

import pytest

from explored import finished_run

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 60_000


@pytest.fixture
def open_run(browser):
    """Opens a view of a work folder's explorer; a complaint of the page fails the test."""
    from fastdup.explorer import Explorer

    expect.set_options(timeout=PATIENCE)
    explorers, pages, complaints = [], [], []

    def open_(work, view, **options):
        explorers.append(Explorer(str(work)))
        page = browser.new_page(**options)
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{explorers[-1].url}#{view}")
        page.locator("#main[aria-busy=false]").wait_for()
        return page

    yield open_
    for page in pages:
        page.close()
    for explorer in explorers:
        explorer.stop()
    assert complaints == []


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run."""
    return finished_run(tmp_path_factory.mktemp("explored"))


def test_an_issue_shows_its_images_and_its_limit_can_be_moved(open_run, work):
    page = open_run(work, "quality")
    page.get_by_label("Show").select_option("issue:tiny")
    expect(page.locator("#count")).to_have_text("0 images of 13")
    expect(page.locator("#plan-issue")).to_be_disabled()
    slider = page.locator("#limit")
    slider.fill("112")
    expect(page.locator(".tile .name")).to_have_text(["noise.png"])
    expect(page.locator(".tile")).to_contain_text("longer side 100, below 112")
    slider.press("ArrowRight")
    expect(page.locator(".tile .name")).to_have_text(["noise.png", "00-small.jpg"])
    page.locator("#plan-issue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clean up")
    expect(page.get_by_label("tiny")).to_be_checked()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".plan h2")).to_contain_text("2 files for their flaws would be removed")
    page.get_by_label("tiny").uncheck()


def test_bad_files_are_chosen_by_reason_and_the_broken_ones_planned(open_run, work):
    page = open_run(work, "bad")
    page.get_by_label("Only").select_option(label="The file is cut short (1)")
    expect(page.locator(".card h2")).to_have_text(["cut-short.jpg"])
    page.locator("#plan-issue").click()
    expect(page.get_by_label("broken")).to_be_checked()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".tile.goes .name")).to_have_text("cut-short.jpg")

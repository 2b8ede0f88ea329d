"""Photos in the explorer: shown with, and looked for by, their camera and day."""

import pytest

import fastdup
from camera_files import camera_photo

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 60_000


@pytest.fixture
def page(browser, tmp_path):
    """The groups of an explorer over two pairs by two cameras, taken in 2015 and 2016."""
    from fastdup.explorer import Explorer

    (tmp_path / "album").mkdir()
    for number in range(4):
        data = camera_photo(
            number // 2,
            taken=f"{2016 - number // 2}:07:14 12:33:0{number}",
            model=f"<i>Model {number // 2}</i>",
            fraction=None,
        )
        (tmp_path / "album" / f"{number}.jpg").write_bytes(data)
    assert fastdup.run(str(tmp_path / "album"), str(tmp_path / "out")) == 0
    expect.set_options(timeout=PATIENCE)
    with Explorer(str(tmp_path / "out")) as explorer:
        page, complaints = browser.new_page(), []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{explorer.url}#groups")
        expect(page.locator(".card")).to_have_count(2)
        yield page
        page.close()
    assert complaints == []


def test_groups_are_looked_for_by_camera_and_day(page):
    first = page.locator(".tile").first
    expect(first.locator(".measures")).to_contain_text("2016-07-14 12:33:00")
    expect(first.locator(".measures")).to_contain_text("NIKON CORPORATION <i>Model 0</i>")
    page.get_by_label("Order").select_option("taken")
    expect(first.locator(".measures")).to_contain_text("2015-07-14")
    page.get_by_label("Camera").select_option(index=1)
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("To", exact=True).fill("2016-01-01")
    page.get_by_label("Camera").select_option("")
    expect(first.locator(".name")).to_have_text("2.jpg")
    expect(page.locator(".card")).to_have_count(1)
    page.evaluate("location.hash = 'pairs'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pairs")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("To", exact=True).fill("")
    expect(page.locator(".card")).to_have_count(2)
    page.locator(".stage").first.click()
    expect(page.locator("dialog .measures").nth(1)).to_contain_text("12:33:01")


def test_images_are_listed_by_time_and_bad_files_not_by_camera(page):
    page.evaluate("location.hash = 'quality'")
    page.get_by_label("Show").select_option("earliest")
    expect(page.locator(".tile .name").first).to_have_text("2.jpg")
    expect(page.locator(".tile .chip")).to_have_count(0)
    page.evaluate("location.hash = 'bad'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bad files")
    expect(page.get_by_label("Camera")).to_have_count(0)

"""Quality, bad files, data sets, search and the map of the explorer in a browser."""

import json

import pytest

import fastdup
from explored import SEEDS, finished_run
from pictures import jpeg, photo, scene

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 30_000
SIZE = (320, 240)


@pytest.fixture
def open_run(browser):
    """Opens a view of a work folder's explorer; a complaint of the page fails the test.

    Chromium logs each answer of 400; a test that asks for one expects it.
    """
    from fastdup.explorer import Explorer

    expect.set_options(timeout=PATIENCE)
    explorers, pages, complaints = [], [], []

    def open_(work, view, *, expected="nothing", **options):
        explorers.append(Explorer(str(work)))
        page = browser.new_page(**options)
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on(
            "console",
            lambda message: expected in message.text or complaints.append(message.text),
        )
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


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """The work folder of two splits with classes by folder, a leak and a conflict."""
    folder = tmp_path_factory.mktemp("labelled")
    pictures = {
        "train/cat/0.jpg": photo(0, SIZE),
        "train/cat/1.jpg": photo(1, SIZE),
        "train/dog/2.jpg": photo(2, SIZE),
        "test/cat/0-again.jpg": photo(0, SIZE).resize((160, 120)),
        "train/<b>dog/1-same.jpg": photo(1, SIZE),
        "test/dog/3.jpg": photo(3, SIZE),
    }
    for name, picture in pictures.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(picture))
    assert fastdup.run(folder / "in", folder / "out", threshold=0.8) == 0
    return folder / "out"


def test_splits_leaks_and_conflicts_are_shown_and_exported(open_run, labelled, tmp_path):
    page = open_run(labelled, "sets")
    expect(page.locator("table.splits tbody tr")).to_have_text(
        ["train41 (25.0 %)", "test21 (50.0 %)"]
    )
    expect(page.locator(".card .name")).to_have_text(["0-again.jpg", "0.jpg"])
    page.locator("#list").select_option("conflicts")
    expect(page.locator(".card .name")).to_have_text(["1-same.jpg", "1.jpg"])
    expect(page.locator(".card .chip.label").first).to_have_text("<b>dog")
    page.get_by_label("Format").first.select_option("coco")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this list").click()
    download.value.save_as(tmp_path / "list.json")
    assert len(json.loads((tmp_path / "list.json").read_text())["images"]) == 2
    page.locator("#list").select_option("images")
    page.locator("#label").select_option("<b>dog")
    expect(page.locator(".card .name")).to_have_text(["1-same.jpg"])


def test_many_files_are_answered_each_with_its_copies_or_the_nearest(open_run, work, tmp_path):
    page = open_run(work, "search", expected="status of 400")
    files = {
        "copy.jpg": jpeg(scene(SEEDS[1]), quality=70),
        "new.jpg": jpeg(scene(77)),
        "<i>bad.jpg": b"no picture",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    page.locator("#file").set_input_files([tmp_path / name for name in files])
    expect(page.locator("main [role=status]").first).to_have_text("1 here · 1 new · 1 not readable")
    verdicts = ["No copy here", "Yes, 2 copies", "Not readable"]
    expect(page.locator(".results .card h2")).to_have_text(verdicts)
    expect(page.locator(".results .card .head .name").last).to_have_text("<i>bad.jpg")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the list of 1 new file").click()
    download.value.save_as(tmp_path / "new.txt")
    assert (tmp_path / "new.txt").read_text() == "new.jpg\n"


def test_images_on_the_map_are_selected_with_the_lasso_and_by_keys(open_run, work):
    page = open_run(work, "map", viewport={"width": 1280, "height": 1000})
    expect(page.locator("#tools .count")).to_have_text("13 images")
    expect(page.locator(".legend li").first).to_contain_text("no similar image")
    canvas = page.locator("canvas")
    box = canvas.bounding_box()
    left, top = box["x"] + 20, box["y"] + 8  # within the round corners
    right, bottom = box["x"] + box["width"] - 20, box["y"] + box["height"] - 8
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(*corner, steps=3)
    page.mouse.up()
    expect(page.locator(".selection h2")).to_have_text("13 images selected")
    page.get_by_role("button", name="Clear", exact=True).click()
    canvas.press("ArrowRight")
    expect(page.locator("aside .tile .name")).to_be_visible()
    canvas.press(" ")
    expect(page.locator(".selection h2")).to_have_text("1 image selected")
    page.locator(".selection").get_by_role("button", name="Remove").click()
    expect(page.locator(".selection [role=status]")).to_have_text("1 image: remove.")
    page.get_by_label("Colours").select_option("issue")
    expect(page.locator(".legend li").nth(1)).to_contain_text("blurry")
    for _ in range(8):
        canvas.press("+")
    expect(canvas).not_to_have_attribute("data-pictures", "0")
    page.get_by_role("button", name="Whole map").click()
    expect(canvas).to_have_attribute("data-pictures", "0")
    page.get_by_role("button", name="Zoom in").click(click_count=4)
    expect(canvas).not_to_have_attribute("data-pictures", "0")
